"""The desks' pages under bad input: a clear answer, what was typed stays, and nothing changes."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.tests.loop import UNKNOWN, each, in_state, jpeg, make, opened, signed_in
from linli.cases.words import State
from linli.kernel import clock
from linli.kernel.access import SYSTEM
from linli.kernel.models import FactRow
from linli.people import actions as people
from tests.world import AT, Town, actor

pytestmark = pytest.mark.django_db
TYPED = "清理了一半,明天继续"

MOVES: list[tuple[str, dict[str, Any], int]] = [
    ("hand_in", {"result": TYPED}, 422),
    ("hand_in", {"result": TYPED, "photos": SimpleUploadedFile("p.png", b"no picture", "image/png")}, 415),
    ("hand_in", {"result": TYPED, "photos_kept": UNKNOWN}, 422),
    ("hand_in", {"result": TYPED, "photos_kept": "x"}, 400),
    ("note", {"text": TYPED, "version": "1"}, 409),
    ("note", {"text": TYPED, "version": "9" * 30}, 400),
    ("note", {"text": TYPED, "id": "seven"}, 400),
    ("accept", {"note": TYPED}, 403),
    ("nonsense", {"text": TYPED}, 404),
]


@each(("move", "fields", "status"), MOVES)
def test_a_refused_move_changes_nothing_and_keeps_what_was_typed(
    town: Town, move: str, fields: dict[str, Any], status: int
) -> None:
    case = in_state(State.HANDLING, town)
    before = (Case.objects.get(pk=case.id).version, FactRow.objects.count())
    answer = signed_in(town, "ma").post(f"/desk/case/{case.id}/move/{move}/", fields)
    assert answer.status_code == status
    assert (Case.objects.get(pk=case.id).version, FactRow.objects.count()) == before
    if status in {409, 415, 422}:
        assert TYPED in answer.content.decode()


def test_who_comes_second_sees_what_happened_meanwhile(town: Town) -> None:
    case = in_state(State.DISPATCHED, town)
    browser = signed_in(town, "ma")
    make("sign", case.id, actor(town, "hw-2"), clock.now())
    answer = browser.post(f"/desk/case/{case.id}/move/sign/", {"version": str(case.version)})
    assert answer.status_code == 409
    assert "处置中" in answer.content.decode()


@each(
    "path",
    [
        "/desk/nowhere/", "/desk/receive/?after=x", "/desk/receive/?unit=x", f"/desk/receive/?unit={UNKNOWN}",
        f"/desk/receive/?case={UNKNOWN}", "/desk/receive/?case=x", "/desk/receive/?due=never", "/desk/receive/?source=oracle",
        "/desk/receive/?after=0001-01-01T00:00:00%2B14:00~" + UNKNOWN, "/desk/receive/?q=" + "9" * 24,
        "/desk/receive/?q=%25_%27%22", "/desk/search/?q=%00", "/desk/search/?q=" + "长" * 3000, f"/desk/case/{UNKNOWN}/",
        "/desk/case/x/", "/desk/catalogue/E99999/", f"/desk/units/{UNKNOWN}/", f"/files/{UNKNOWN}/",
        "/desk/map/cases.geojson?box=x", "/desk/map/cases.geojson?box=nan,nan,nan,nan",
        "/desk/map/cases.geojson?box=-1e999,0,1,1", "/desk/map/units.geojson?rank=moon", "/desk/receive/fresh/?mark=x",
        "/desk/receive/fresh/?mark=" + "9" * 40, "/desk/?x=" + "y" * 5000, "/desk/new/kinds/?q=%ED%A0%80",
    ],
)  # fmt: skip
def test_an_odd_address_is_no_fault(town: Town, path: str) -> None:
    opened(town)
    for who in ("shen", "chen", "ma"):
        assert signed_in(town, who).get(path).status_code < 500


@each(
    "fields",
    [
        {}, {"cases": "x"}, {"cases": [UNKNOWN] * 300}, {"cases": UNKNOWN, "id": "x"}, {"all": "1"},
        {"case": ["x", "y"], "reason_code": "beyond"},
    ],
)  # fmt: skip
def test_a_bulk_move_of_nonsense_moves_nothing(town: Town, fields: dict[str, Any]) -> None:
    case = opened(town)
    browser = signed_in(town, "shen")
    for move in ("accept", "close", "nonsense", "void"):
        assert browser.post(f"/desk/receive/bulk/{move}/", fields).status_code < 500
    assert Case.objects.get(pk=case.id).version == 1


def test_a_case_of_others_and_one_that_is_none_look_alike(town: Town) -> None:
    lng, lat = town.point_in("201-1-1")
    case = opened(town, lng=lng, lat=lat, kind=loop.OFFICE_ONLY)
    browser = signed_in(town, "chen")
    for path in ("/desk/case/{}/", "/desk/case/{}/move/settle/", "/desk/case/{}/reporter/"):
        for send in (browser.get, browser.post):
            real, none = send(path.format(case.id)), send(path.format(uuid4()))
            assert real.status_code == none.status_code
            assert real.status_code in {302, 404, 405}


def test_a_page_takes_no_write_without_its_token(town: Town) -> None:
    case = in_state(State.DISPATCHED, town)
    browser = signed_in(town, "ma", enforce_csrf_checks=True)
    answer = browser.post(f"/desk/case/{case.id}/move/sign/", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert Case.objects.get(pk=case.id).state == State.DISPATCHED


def test_the_session_of_a_closed_account_is_nobodys_at_the_next_page(town: Town) -> None:
    case, browser = opened(town), signed_in(town, "shen")
    assert browser.get(f"/desk/case/{case.id}/").status_code == 200
    people.close_account(account_id=town.accounts["shen"], reason="离职", by=SYSTEM, at=AT)
    assert browser.get(f"/desk/case/{case.id}/").status_code in {302, 401}
    assert browser.post(f"/desk/case/{case.id}/move/accept/").status_code in {302, 401}
    assert Case.objects.get(pk=case.id).state == State.REPORTED


def test_the_sign_in_leads_on_only_within_the_house(town: Town) -> None:
    people.set_password(account_id=town.accounts["shen"], password="Lang-9-Enough!", by=SYSTEM, at=AT)
    for wanted in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        answer = Client().post(
            f"/accounts/login/?next={wanted}", {"login": "shen", "password": "Lang-9-Enough!", "next": wanted}
        )
        assert answer.status_code in {200, 302, 400}
        assert "evil" not in answer.headers.get("Location", "")


def test_a_picture_is_served_as_a_picture_and_nothing_else(town: Town) -> None:
    case = in_state(State.HANDLED, town)
    from linli.cases.models import Evidence

    answer = signed_in(town, "gu").get(f"/files/{Evidence.objects.get(case=case).file_id}/")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert jpeg() not in answer.content
