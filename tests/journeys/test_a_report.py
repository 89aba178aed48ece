"""One matter through the whole house, over HTTP: reported with a photo, late, redone, closed, reopened, solved."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.cases.models import Case
from linli.cases.tests.loop import OFFICE_MATTER, jpeg, signed_in
from linli.cases.words import State, Verdict
from linli.kernel import clock, clocks, jobs, journal
from linli.notices.models import Notice
from linli.people.queries import RESIDENT_IN_SESSION
from tests.contracts.test_texts import SAME, SPOKEN, Spoken
from tests.world import Town

pytestmark = pytest.mark.django_db
SAID = "路口垃圾没人清 7788"
CHINESE = re.compile(r"[\u3400-\u9fff]+")
WORD = re.compile(r"[A-Za-z]{3,}")
# What people and the land are called, what was typed, and names that are the same in both languages.
DATA = re.compile(
    r"E\d{5}(-\d+)?|[A-Z2-7]{10}|[\w.-]+\.png|127\.0\.0\.1|testserver|https?://\S+|Esc|Enter|Tabler|AED"
)


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.png", jpeg(), "image/png")


class Heard(Spoken):
    """Everything that a page says."""

    def hear(self, text: str) -> None:
        self.found.append((0, text))


def says(page: bytes) -> str:
    heard = Heard()
    heard.feed(page.decode())
    heard.close()
    assert SPOKEN
    return SAME.sub("", DATA.sub("", "\n".join(text for _, text in heard.found)))


class Walk:
    """Somebody's way through the pages; each page is read in both languages."""

    def __init__(self, browser: Client, typed: tuple[str, ...]) -> None:
        self.browser, self.typed = browser, typed

    def reads(self, path: str) -> str:
        """The page in Chinese; the English one has no Chinese left, the Chinese one no English."""
        shown = {}
        for language, odd in (("zh-hans", WORD), ("en", CHINESE)):
            self.browser.cookies["django_language"] = language
            answer = self.browser.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            text = says(answer.content)
            for own in self.typed:
                text = text.replace(own, "")
            left = sorted(set(odd.findall(text)))
            assert not left, f"{path} in {language} says {left}"
            shown[language] = answer.content.decode()
        self.browser.cookies["django_language"] = "zh-hans"
        return shown["zh-hans"]

    def sends(self, path: str, status: int = 302, **fields: Any) -> str:
        answer = self.browser.post(path, fields)
        assert answer.status_code == status, (path, answer.status_code, says(answer.content)[:1500])
        return answer.headers.get("Location", "")


@pytest.fixture
def names(town: Town) -> tuple[str, ...]:
    """Proper names, which are the same in both languages: people, and what was typed."""
    from linli.people.models import Account

    return (
        *Account.objects.values_list("name", flat=True),
        SAID,
        "又堆满了",
        "已清运",
        "还有一半",
        "还没有清",
        "只办了一部分",
        "林",
    )


def test_a_report_goes_through_all_hands_and_back_to_who_made_it(town: Town, names: tuple[str, ...]) -> None:
    lin = Walk(Client(), names)
    session = lin.browser.session
    session[RESIDENT_IN_SESSION] = str(town.resident)
    session.save()

    lin.reads("/")
    lin.reads("/report/")
    assert lin.sends("/report/", text=SAID, photos=[photo(), photo()]) == "/report/where/"
    lng, lat = town.point_in("001-1-1")
    lin.reads("/report/where/")
    assert lin.sends("/report/where/", lng=lng, lat=lat, address="") == "/report/kind/"
    assert OFFICE_MATTER in lin.reads("/report/kind/")
    assert lin.sends("/report/kind/", kind=OFFICE_MATTER) == "/report/send/"
    lin.reads("/report/send/")
    tracking = lin.sends("/report/send/").partition("?")[0]
    case = Case.objects.get()
    assert (case.state, case.reporter_id, len(journal.history(case.id))) == (State.REPORTED, town.resident, 1)
    assert SAID in lin.reads(tracking)
    lin.reads("/me/")

    desks = {
        name: Walk(signed_in(town, name), names) for name in ("shen", "lu", "ma", "gu", "yao", "qian", "chen")
    }

    def move(who: str, name: str, status: int = 302, **fields: Any) -> Case:
        desks[who].reads(f"/desk/case/{case.id}/")
        desks[who].sends(f"/desk/case/{case.id}/move/{name}/", status, **fields)
        case.refresh_from_db()
        return case

    desks["shen"].reads("/desk/receive/")
    assert move("shen", "accept", kind=OFFICE_MATTER).state == State.ACCEPTED
    assert move("shen", "register").state == State.REGISTERED
    desks["lu"].reads("/desk/dispatch/")
    assert move("lu", "dispatch").state == State.DISPATCHED
    due = case.due_at
    assert case.department_id == town.departments["HW"]
    assert due is not None

    # Nobody signs for it: the limit runs out, it is raised to the unit above, and those above are told.
    late = case.next_due_at + timedelta(minutes=1)
    assert clocks.fire_due(late) > 0
    while jobs.work_once(late):
        pass
    case.refresh_from_db()
    assert case.escalations >= 1
    assert case.raised_to_id in {town.unit("001"), town.unit("001-1"), town.root}
    assert Notice.objects.filter(template="escalated", about=case.id).exists()
    lin.reads(tracking)
    desks["qian"].reads("/desk/")

    desks["ma"].reads("/desk/handle/")
    assert move("ma", "sign").state == State.HANDLING
    assert move("ma", "hand_in", 422, result="已清运").state == State.HANDLING
    assert move("ma", "hand_in", result="已清运", photos=[photo()]).state == State.HANDLED
    move("ma", "pass_check", 403)
    desks["gu"].reads("/desk/check/")
    assert move("gu", "redo", reason_code="half_done", reason="还有一半").state == State.HANDLING
    assert case.due_at == due
    assert move("ma", "hand_in", result="已清运", photos=[photo()]).state == State.HANDLED
    assert move("gu", "pass_check").state == State.CHECKED
    assert move("shen", "close").state == State.CLOSED
    lin.reads(tracking)

    lin.sends(f"{tracking}rate/", answer="unsatisfied", comment="还没有清")
    lin.sends(f"{tracking}reopen/", reason="又堆满了")
    case.refresh_from_db()
    assert (case.state, case.reopens, case.due_at, case.answer) == (State.REGISTERED, 1, None, "")
    lin.reads(tracking)

    for who, name, fields in (
        ("lu", "dispatch", {}), ("ma", "sign", {}), ("ma", "hand_in", {"result": "已清运", "photos": [photo()]}),
        ("gu", "take_check", {}), ("gu", "pass_check", {}), ("qian", "close", {}),
    ):  # fmt: skip
        move(who, name, **fields)
    desks["yao"].reads("/desk/call_back/")
    lin.sends(f"{tracking}rate/", answer="satisfied")
    case.refresh_from_db()
    assert (case.state, case.answer) == (State.FOLLOWED_UP, "satisfied")
    assert clocks.running(case.id) == []

    at = clock.now()
    while jobs.work_once(at):
        pass
    told = Notice.objects.filter(about=case.id, to_resident=town.resident).order_by("created_at")
    count = {
        name: list(told.values_list("template", flat=True)).count(name)
        for name in set(told.values_list("template", flat=True))
    }
    assert count == {"received": 1, "dispatched": 2, "closed-please-rate": 2, "reopened": 1}
    history = [line.kind.removeprefix("cases.") for line in journal.history(case.id)]
    assert history[-1] == "CaseRated"
    assert history.count("CaseClosed") == 2
    assert {line.fact.verdict for line in journal.history(case.id) if line.kind == "cases.CaseClosed"} <= set(
        Verdict
    )
    assert isinstance(case.id, UUID)


def test_a_small_matter_is_settled_on_the_spot_and_the_reporter_asked(
    town: Town, names: tuple[str, ...]
) -> None:
    resident = Client()
    lng, lat = town.point_in("001-1-1")
    for path, fields in (
        ("/report/", {"text": SAID}), ("/report/where/", {"lng": lng, "lat": lat}), ("/report/kind/", {"kind": "E06005"}),
    ):  # fmt: skip
        assert resident.post(path, fields).status_code == 302
    tracking = resident.post("/report/send/").headers["Location"].partition("?")[0]
    case = Case.objects.get()
    assert case.state == State.DISPATCHED
    chen = Walk(signed_in(town, "chen"), names)
    chen.reads("/desk/")
    chen.reads(f"/desk/case/{case.id}/")
    chen.sends(f"/desk/case/{case.id}/move/settle/", result="已清运", photos=[photo()])
    case.refresh_from_db()
    assert (case.state, case.settled, case.reporter_id) == (State.CLOSED, True, None)
    anonymous = Walk(resident, names)
    anonymous.reads(tracking)
    anonymous.sends(f"{tracking}rate/", answer="mostly")
    case.refresh_from_db()
    assert case.state == State.FOLLOWED_UP
