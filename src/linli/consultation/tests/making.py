"""What the tests of this room share: who is asked, a consultation on a case, opinions of each level."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.words import State
from linli.consultation import actions
from linli.consultation.models import Consultation, Opinion
from linli.consultation.words import Level, Risk, Upload, Weighing
from linli.kernel import files
from linli.kernel.access import SYSTEM
from linli.people import actions as people
from linli.people.words import Role
from tests.world import AT, Town, actor

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
QUESTION = "商户在消防通道摆摊,能不能直接清理?联系人电话 13812345678。"
TEXT = "可以责令限期改正,逾期依法清理。"


def seated(town: Town, username: str, role: Role, at: datetime = AT) -> UUID:
    """Somebody with a post of this role at the town's centre."""
    made = people.create_account(username=username, name=f"{username}老师", by=SYSTEM, at=at)
    post = people.open_post(
        role=role, unit_id=town.root, title=role.label.zh, title_en=role.label.en, by=SYSTEM, at=at
    )
    people.appoint(post_id=post.id, holder_id=made.id, by=SYSTEM, at=at)
    town.accounts[username] = made.id
    return made.id


def advisers(town: Town, at: datetime = AT) -> None:
    """A lawyer and an expert."""
    seated(town, "lawyer", Role.LEGAL_ADVISER, at)
    seated(town, "expert", Role.EXPERT, at)


def hard_case(town: Town, at: datetime = AT, **changes: Any) -> Case:
    """A case that is being handled, with a picture of the report."""
    lin = actor(town, "lin", at)
    return loop.in_state(
        State.HANDLING, town, at, reporter_id=town.resident, by=lin, photos=(loop.picture(lin, at),),
        text="消防通道被占,我的电话 13812345678", **changes,
    )  # fmt: skip


def asked(town: Town, case: Case, *, who: str = "qian", at: datetime = AT, **changes: Any) -> Consultation:
    """The lawyer, the expert and the urban management team are asked."""
    given: dict[str, Any] = {
        "question": QUESTION, "topic": "占道经营的执法依据", "risk": Risk.ORANGE, "id": uuid4(),
        "accounts": [town.accounts["lawyer"], town.accounts["expert"]], "departments": [town.departments["CG"]],
    }  # fmt: skip
    return actions.ask(case.id, by=actor(town, who, at), at=at, **(given | changes))


def said(
    town: Town, consultation: Consultation, who: str, level: Level = Level.OPEN, at: datetime = AT, **changes: Any
) -> Opinion:  # fmt: skip
    """An opinion of somebody who was asked."""
    given: dict[str, Any] = {"text": TEXT, "level": level, "id": uuid4()}
    return actions.answer(consultation.id, by=actor(town, who, at), at=at, **(given | changes))


def all_said(town: Town, consultation: Consultation, at: datetime = AT) -> list[Opinion]:
    """The lawyer openly, the expert for those involved, the team for the chief alone."""
    return [
        said(town, consultation, "lawyer", Level.OPEN, at, text="公开意见:可以清理。"),
        said(town, consultation, "expert", Level.INVOLVED, at, text="参与人可看:建议先劝离。"),
        said(town, consultation, "cg-1", Level.CHIEF, at, text="只给值班长:该户有历史纠纷。"),
    ]


def weighed(opinions: list[Opinion]) -> list[Weighing]:
    """The first is followed, the others are not."""
    return [
        Weighing(each.id, number == 0, "" if number == 0 else "与现行规定不一致")
        for number, each in enumerate(opinions)
    ]


def paper(name: str = "法律意见书.pdf", more: bytes = b"") -> Upload:
    """A small PDF."""
    return Upload(name, PDF[:9] + more + PDF[9:])


def photo(by: Any, at: datetime, size: tuple[int, int]) -> UUID:
    """A stored photo of this size, as noisy as a camera's."""
    import io

    from PIL import Image

    written = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(written, "JPEG", quality=85)
    return files.take_picture(written.getvalue(), "photo.jpg", "image/jpeg", by=by.account_id, at=at).id
