"""What the tests of this room share: who is asked, a consultation on a case, opinions of each level."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from linli.cases import queries as cases
from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.words import State
from linli.consultation import actions
from linli.consultation.models import Consultation, Dossier, Opinion, Verdict
from linli.consultation.words import Level, Risk, Upload, Weighing
from linli.kernel import files
from tests.world import AT, Town, actor

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
QUESTION = "商户在消防通道摆摊,能不能直接清理?联系人电话 13812345678。"
TEXT = "可以责令限期改正,逾期依法清理。"
SAID = ("公开意见:可以清理。", "参与人可看:建议先劝离。", "只给值班长:该户有历史纠纷。")
WORDS = (
    QUESTION,
    QUESTION.replace("13812345678", "138****5678"),
    TEXT,
    *SAID,
    "占道经营的执法依据",
    "二次的研判",
    "三次的研判",
    "消防通道被占,我的电话 13812345678",
    "消防通道被占,我的电话 138****5678",
    "责令改正后清理。",
    "与现行规定不一致",
    "材料.pdf",
    "法律意见书.pdf",
    "区城运中心",
    "超出镇级权限",
)
"""Everything that these helpers write in the name of people."""


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
        said(town, consultation, "lawyer", Level.OPEN, at, text=SAID[0]),
        said(town, consultation, "expert", Level.INVOLVED, at, text=SAID[1]),
        said(town, consultation, "cg-1", Level.CHIEF, at, text=SAID[2]),
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


def settled(town: Town, consultation: Consultation, at: datetime = AT) -> Verdict:
    """Everybody answers, and it is decided."""
    opinions = all_said(town, consultation, at)
    given = {"text": "责令改正后清理。", "weighed": weighed(opinions)}
    return actions.decide(consultation.id, by=actor(town, "qian", at), at=at, **given)


def handed_up(town: Town, case: Case, at: datetime = AT, **changes: Any) -> Dossier:
    """The dossier of a case for the district."""
    given = {"to": "区城运中心", "reason_given": "超出镇级权限"} | changes
    return actions.hand_up(case.id, by=actor(town, "qian", at), at=at, **given)


def to_look_at(town: Town, at: datetime) -> dict[str, UUID]:
    """A consultation of the lawyer and the urban management team on a case of its own, with a confidential opinion,
    a document, a picture and a dossier: what stands in the addresses of this room."""
    case = hard_case(town, at)
    pictures = [item.file_id for items in cases.evidence(case.id).values() for item in items]
    made = asked(
        town, case, at=at, accounts=[town.accounts["lawyer"]], pictures=pictures, documents=[paper()]
    )
    opinion = said(town, made, "lawyer", Level.INVOLVED, at)
    dossier = handed_up(town, case, at)
    return {
        "consultation_id": made.id, "opinion_id": opinion.id, "document_id": made.documents.get().id,
        "dossier_id": dossier.id,
    }  # fmt: skip
