"""Taking in a matter for somebody, and settling one in the same step."""

from __future__ import annotations

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from linli.cases import queries
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
    second = sent(desk, source="hotline", source_number="SH1", text="另一件")
    assert browser.post("/desk/new/", second).status_code == 409


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


def test_kinds_are_suggested_while_one_types(desk: Desk) -> None:
    browser = desk.client("shen")
    assert "E06010" in browser.get("/desk/new/kinds/", {"text": "垃圾堆在路口"}).content.decode()
    assert "写下情况后" in browser.get("/desk/new/kinds/").content.decode()


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
    assert re.search(r'<option value="grid" selected', page)
