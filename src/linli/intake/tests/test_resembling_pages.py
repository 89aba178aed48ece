"""The fragment beside the form that shows matters like the one typed in, and the page of what keeps coming back."""

from __future__ import annotations

from linli.cases.tests import loop
from linli.cases.tests.loop import DAY, HOUR
from linli.kernel import clock
from tests.world import Town

RUBBISH = loop.OFFICE_MATTER


def test_the_fragment_shows_the_matter_with_why_and_a_link(town: Town) -> None:
    now = clock.now()
    case = loop.opened(town, now - HOUR)
    lng, lat = town.point_in(loop.HERE)
    page = loop.signed_in(town, "shen").post(
        "/desk/similar/", {"text": "垃圾没人清", "kind": RUBBISH, "lng": lng, "lat": lat}
    )
    said = page.content.decode()
    assert page.status_code == 200
    assert f"/desk/case/{case.id}/" in said
    assert "同一地点" in said
    assert "待受理" in said


@loop.each(
    "given",
    [
        {"lng": "abc"}, {"lng": "inf", "lat": "30"}, {"lng": "181", "lat": "30"}, {"lat": "nan", "lng": "1"},
        {"unit": "not-a-uuid"}, {"exclude": "1"},
    ],
)  # fmt: skip
def test_what_no_form_sends_is_refused(town: Town, given: dict[str, str]) -> None:
    assert loop.signed_in(town, "shen").post("/desk/similar/", given).status_code == 400


@loop.each(
    "given",
    [
        {}, {"text": "\x00" * 10}, {"text": "垃" * 5000}, {"text": "<script>"}, {"kind": "X" * 300},
        {"lng": "121.1"}, {"unit": loop.UNKNOWN}, {"address": "路" * 1000}, {"text": "\ud83d\ude00🚮"},
        {"lng": "179.999", "lat": "89.999", "text": "x"},
    ],
)  # fmt: skip
def test_what_is_half_typed_is_taken(town: Town, given: dict[str, str]) -> None:
    given = {name: value.encode("utf-8", "replace").decode() for name, value in given.items()}
    assert loop.signed_in(town, "shen").post("/desk/similar/", given).status_code == 200


def test_only_who_takes_matters_in_is_shown_the_fragment(town: Town) -> None:
    assert loop.signed_in(town, "ma").post("/desk/similar/", {"text": "x"}).status_code == 403


def test_the_page_lists_groups_with_links_and_trend(town: Town) -> None:
    now = clock.now()
    for number in range(3):
        last = loop.opened(town, now - DAY - number * HOUR)
    page = loop.signed_in(town, "shen").get("/desk/recurring/")
    said = page.content.decode()
    assert page.status_code == 200
    assert f"/desk/case/{last.id}/" in said
    assert "比前一期(0 件)多 3 件" in said


@loop.each("days", ["", "7", "90", "8", "-1", "abc", "7" * 50, "٣", "³"])
def test_any_span_that_is_asked_for_gives_a_page(town: Town, days: str) -> None:
    assert loop.signed_in(town, "shen").get("/desk/recurring/", {"days": days}).status_code == 200
