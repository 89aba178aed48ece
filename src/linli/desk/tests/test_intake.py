"""Taking in a matter for somebody, and settling one in the same step."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile

from linli.cases import queries
from linli.cases.words import number_of
from linli.desk.tests.conftest import Desk, jpeg
from linli.kernel.access import SYSTEM
from linli.kernel.ids import uuid7


def sent(desk: Desk, unit: str = "001-1", **more: Any) -> dict[str, Any]:
    lng, lat = desk.town.point_in(unit)
    plain = {"id": str(uuid7()), "source": "walk_in", "text": "路口堆了垃圾", "kind": "E06010"}
    return plain | {"lng": f"{lng:.6f}", "lat": f"{lat:.6f}"} | more


def all_cases(desk: Desk) -> list[queries.Case]:
    return list(queries.visible_to(SYSTEM))


def test_a_clerk_takes_in_a_matter_with_photo_and_telephone(desk: Desk) -> None:
    browser = desk.client("shen")
    picture = SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg")
    answer = browser.post("/desk/new/", sent(desk, phone="13800001234", name="王秀英", photos=picture))
    assert answer.status_code == 302
    (case,) = all_cases(desk)
    assert case.reporter_id is not None
    assert case.source == "walk_in"
    assert queries.evidence(case.id)
    assert "已登记" in browser.get(answer["Location"]).content.decode()


def test_sending_it_twice_opens_one_case(desk: Desk) -> None:
    browser, form = desk.client("shen"), sent(desk, source="hotline", source_number="SH1")
    assert browser.post("/desk/new/", form)["Location"] == browser.post("/desk/new/", form)["Location"]
    assert len(all_cases(desk)) == 1
    other = browser.post("/desk/new/", form | {"text": "别的事"})
    assert other.status_code == 409
    assert "别的事" in other.content.decode()
    assert form["id"] not in other.content.decode()


def test_a_ticket_number_of_another_matter_is_a_conflict(desk: Desk) -> None:
    browser = desk.client("shen")
    assert browser.post("/desk/new/", sent(desk, source="hotline", source_number="SH1")).status_code == 302
    (first,) = all_cases(desk)
    number = number_of(first.serial, first.reported_at)
    second = sent(desk, source="hotline", source_number="SH1", text="另一件")
    answer = browser.post("/desk/new/", second)
    assert answer.status_code == 409
    said = answer.content.decode()
    assert f"这个来源编号已登记为 {number}" in said
    assert f"/desk/search/?q={number}" in said
    assert "另一件" in said
    assert browser.post("/desk/new/", second | {"source": "police"}).status_code == 302


def test_a_name_without_a_telephone_is_not_silently_lost(desk: Desk) -> None:
    browser = desk.client("shen")
    answer = browser.post("/desk/new/", sent(desk, name="老李"))
    assert answer.status_code == 422
    assert "没有电话请清空称呼" in answer.content.decode()
    assert "老李" in answer.content.decode()
    assert all_cases(desk) == []


def test_what_is_passed_on_is_charged_to_nobody_on_the_way(desk: Desk) -> None:
    browser = desk.client("shen")
    form = sent(desk, kind="E06005", transfer="petition")  # a kind that goes straight to the grid's worker
    assert browser.post("/desk/new/", form).status_code == 302
    (case,) = all_cases(desk)
    assert (case.state, case.post_id) == ("transferred", None)


def test_what_is_wrong_is_named_and_what_was_typed_stays(desk: Desk) -> None:
    browser = desk.client("shen")
    for wrong, status in (
        ({"text": ""}, 422),
        ({"kind": ""}, 422),
        ({"kind": "E99999"}, 422),
        ({"lng": "200", "lat": "30"}, 422),
        ({"lng": "abc"}, 400),
        ({"lng": "", "lat": "", "address": ""}, 422),
        ({"source": "moon"}, 422),
        ({"phone": "12"}, 422),
        ({"id": "x"}, 400),
    ):
        answer = browser.post("/desk/new/", sent(desk, address="中心路") | wrong)
        assert answer.status_code == status, (wrong, answer.status_code)
        if "address" not in wrong:
            assert "中心路" in answer.content.decode(), wrong
    assert not all_cases(desk)


def test_each_door_is_a_page_of_its_own_and_grid_posts_have_only_theirs(desk: Desk) -> None:
    browser = desk.client("shen")
    html = browser.get("/desk/new/").content.decode()
    assert 'name="source" value="phone"' in html
    for door in ("walk_in", "hotline", "police", "letter", "media"):
        assert f'name="source" value="{door}"' in browser.get("/desk/new/", {"door": door}).content.decode()
    assert 'name="source" value="phone"' in browser.get("/desk/new/", {"door": "window"}).content.decode()
    grid = desk.client("chen").get("/desk/new/").content.decode()
    assert 'name="source" value="grid"' in grid
    assert "door=police" not in grid


def test_whoever_takes_a_call_sees_what_the_number_reported_before(desk: Desk) -> None:
    browser = desk.client("shen")
    browser.post("/desk/new/", sent(desk, phone="13800001234", name="王秀英"))
    (case,) = all_cases(desk)
    html = browser.post("/desk/new/caller/", {"phone": "138 0000 1234"}).content.decode()
    assert f"/desk/case/{case.id}/" in html
    assert "王**" in html
    assert "王秀英" not in html
    assert "13800001234" not in html
    assert "没有反映过" in browser.post("/desk/new/caller/", {"phone": "13900000000"}).content.decode()
    assert browser.post("/desk/new/caller/", {"phone": "12"}).content.decode().strip() == ""
    assert desk.client("chen").post("/desk/new/caller/", {"phone": "13800001234"}).status_code == 403


def test_how_many_numbers_a_clerk_looks_up_in_an_hour_is_bounded(desk: Desk) -> None:
    browser = desk.client("shen")
    for _ in range(queries.bound("lookups_per_hour")):
        assert browser.post("/desk/new/caller/", {"phone": "13800001234"}).status_code == 200
    assert browser.post("/desk/new/caller/", {"phone": "13800001234"}).status_code == 429


def test_a_second_call_about_the_same_matter_is_merged_as_it_is_taken_in(desk: Desk) -> None:
    browser = desk.client("shen")
    browser.post("/desk/new/", sent(desk, phone="13800001234"))
    (first,) = all_cases(desk)
    fields = {name: sent(desk)[name] for name in ("text", "kind", "lng", "lat")}
    assert f'value="{first.id}"' in browser.post("/desk/similar/", fields).content.decode()
    form = sent(desk, phone="13800005678", into=str(first.id))
    assert browser.post("/desk/new/", form).status_code == 302
    assert browser.post("/desk/new/", form).status_code == 302
    second = queries.case_for(SYSTEM, UUID(form["id"]))
    assert (second.state, second.merged_into_id) == ("merged", first.id)
    assert len(all_cases(desk)) == 2
    wrong = browser.post("/desk/new/", sent(desk, into=str(uuid7()), text="还是那堆垃圾"))
    assert wrong.status_code == 404 or "还是那堆垃圾" in wrong.content.decode()
    assert len(all_cases(desk)) == 2


def test_what_is_not_the_towns_is_passed_on_as_it_is_taken_in(desk: Desk) -> None:
    browser = desk.client("shen")
    assert browser.post("/desk/new/", sent(desk, transfer="119")).status_code == 302
    (case,) = all_cases(desk)
    assert case.state == "transferred"
    assert browser.post("/desk/new/", sent(desk, transfer="999")).status_code == 422


def test_a_matter_is_found_by_the_number_of_its_source(desk: Desk) -> None:
    browser = desk.client("shen")
    for source, number in (
        ("hotline", "SH20261123001"),
        ("police", "J110-77"),
        ("letter", "信2026-5"),
        ("media", "M1"),
    ):
        browser.post("/desk/new/", sent(desk, source=source, source_number=number))
        assert number in browser.get("/desk/search/", {"q": number}).content.decode()


def test_a_grid_worker_reports_and_settles_in_one_step(desk: Desk) -> None:
    browser = desk.client("chen")
    form = sent(desk, source="grid", settle="on", result="当场清走", after_kept=str(desk.photo("chen")))
    answer = browser.post("/desk/new/", form)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    (case,) = all_cases(desk)
    assert (case.state, case.settled) == ("closed", True)
    assert browser.post("/desk/new/", form)["Location"] == answer["Location"]


def test_what_may_not_be_settled_is_not_opened_either(desk: Desk) -> None:
    browser = desk.client("chen")
    without = sent(desk, source="grid", settle="on", result="当场清走")
    assert browser.post("/desk/new/", without).status_code == 422
    photo = str(desk.photo("chen"))
    elsewhere = sent(desk, "201-1", source="grid", settle="on", result="当场清走", after_kept=photo)
    assert browser.post("/desk/new/", elsewhere).status_code in {403, 404}
    hard = sent(desk, source="grid", settle="on", result="修好了", kind="C01002", after_kept=photo)
    assert browser.post("/desk/new/", hard).status_code == 422
    assert not all_cases(desk)


def test_who_may_not_take_in_matters_is_told_so(desk: Desk) -> None:
    assert desk.client("ma").get("/desk/new/").status_code == 403
    page = desk.client("chen").get("/desk/new/").content.decode()
    assert 'name="source" value="grid"' in page
