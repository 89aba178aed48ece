"""Search, the map, the catalogue, responsibility."""

from __future__ import annotations

from linli.cases import queries
from linli.cases.words import number_of
from linli.desk.tests.conftest import Desk
from linli.kernel.access import SYSTEM
from linli.kernel.ids import uuid7


def test_a_case_is_found_by_our_number_the_sources_number_and_words(desk: Desk) -> None:
    case = desk.report(text="河边有一堆旧轮胎", source_number="20261111000099")
    found = queries.case_for(SYSTEM, case)
    browser = desk.client("shen")
    for words in (number_of(found.serial, found.reported_at), "20261111000099", "旧轮胎"):
        assert str(case) in browser.get("/desk/search/", {"q": words}).content.decode(), words
    assert "没有找到" in browser.get("/desk/search/", {"q": "月亮"}).content.decode()
    assert str(case) not in desk.client("ma").get("/desk/search/", {"q": "旧轮胎"}).content.decode()
    assert browser.get("/desk/search/", {"q": "长" * 200}).status_code == 422


def test_the_map_shows_what_one_may_see_inside_the_box(desk: Desk) -> None:
    near, far = desk.report("001-1"), desk.report("201-1")
    lng, lat = desk.town.point_in("001-1")
    box = f"{lng - 0.0005},{lat - 0.0005},{lng + 0.0005},{lat + 0.0005}"

    def urls(who: str, **query: str) -> str:
        answer = desk.client(who).get("/desk/map/cases.geojson", query)
        return " ".join(each["properties"]["url"] for each in answer.json()["features"])

    assert str(near) in urls("shen", bbox=box)
    assert str(far) not in urls("shen", bbox=box)
    assert str(far) in urls("shen")
    assert str(far) not in urls("chen")
    assert urls("shen", show="ended") == ""


def test_a_box_that_is_none_is_refused(desk: Desk) -> None:
    browser = desk.client("shen")
    for box in ("1,2,3", "a,b,c,d", "3,0,1,0", "nan,nan,nan,nan", "1e999,0,1,0"):
        assert browser.get("/desk/map/cases.geojson", {"bbox": box}).status_code == 422, box


def test_the_map_page_lists_the_same_cases_for_those_who_see_no_map(desk: Desk) -> None:
    case = desk.report()
    browser = desk.client("shen")
    assert str(case) in browser.get("/desk/map/").content.decode()
    assert browser.get("/desk/map/units.geojson").json()["features"]
    assert browser.get("/desk/map/units.geojson", {"parent": str(desk.town.unit("001"))}).json()["features"]
    assert "features" in browser.get("/desk/map/places.geojson").json()


def test_the_catalogue_is_browsed_by_class_and_by_words(desk: Desk) -> None:
    browser = desk.client("shen")
    assert "暴露垃圾" in browser.get("/desk/catalogue/").content.decode()
    assert "污水井盖" in browser.get("/desk/catalogue/?show=components").content.decode()
    assert "E06010" in browser.get("/desk/catalogue/", {"q": "垃圾没人收"}).content.decode()
    page = browser.get("/desk/catalogue/E06010/").content.decode()
    for words in ("环卫所", "立案条件", "结案标准", "处置前、后照片"):
        assert words in page, words
    assert browser.get("/desk/catalogue/E99999/").status_code == 404


def test_a_units_page_says_who_is_responsible_and_why(desk: Desk) -> None:
    browser = desk.client("shen")
    page = browser.get(f"/desk/units/{desk.town.unit('001-1')}/").content.decode()
    assert "环卫所" in page
    assert "岗位与人员" in page
    assert browser.get(f"/desk/units/{uuid7()}/").status_code == 404
