"""The pages of responsibility: who may see and change what, nothing typed is lost, few queries."""

from __future__ import annotations

import io
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from linli.cases.tests import loop
from linli.kernel import clock
from linli.kernel.access import SYSTEM
from linli.people import queries as people
from linli.responsibility.models import Proposal
from linli.territory import actions as territory
from linli.territory import queries as territory_queries
from linli.territory.actions import NewPlace
from tests.world import Town

MATRIX = "/desk/responsibility/"
HEAD = "单元代码,事项代码,分工,部门或角色,依据\n"


@pytest.fixture
def guan(town: Town) -> Client:
    return loop.signed_in(town, "guan")


def cell(**given: object) -> str:
    return f"{MATRIX}cell/?{urlencode(given)}"


def upload(text: str, name: str = "清单.csv") -> dict[str, object]:
    return {"file": SimpleUploadedFile(name, text.encode())}


def code(town: Town) -> str:
    unit = territory_queries.snapshot().unit(town.root)
    assert unit
    return unit.code


def test_the_matrix_shows_its_own_and_inherited_values_with_where_they_come_from(
    town: Town, guan: Client
) -> None:
    office = town.departments["CG"]
    where = {"unit": town.unit("001"), "kind": "E06", "part": "lead"}
    assert "环卫所" in guan.get(f"{MATRIX}?class=E06").text
    answer = guan.post(cell(**where), {"takers": f"d:{office}", "source": "镇办发3号", "do": "save"})
    assert answer.status_code == 302
    assert answer["Location"].endswith("#E06-lead")
    assert "<strong>城管中队</strong>" in guan.get(answer["Location"]).text
    below = guan.get(f"{MATRIX}?unit={town.unit('001-1')}").text
    assert "← 禾苑社区 · E06" in below
    assert "本地责任清单规定,禾苑社区的这类事项由城管中队负责(依据:镇办发3号)" in str(
        people.responsible_for(town.unit("001-1"), "HW", clock.now(), "E06010").why
    )
    guan.post(cell(**where), {"takers": "", "do": "save"})
    assert people.matrix_rows() == ()


def test_several_help_and_a_place_has_rules_of_its_own(town: Town, guan: Client) -> None:
    river = territory.add_place(
        NewPlace(name="试验河", kind="river", unit_id=town.unit("001")), by=SYSTEM, at=clock.now()
    )
    given = {"takers": ["r:grid_lead", f"d:{town.departments['LH']}"], "do": "save"}
    guan.post(cell(place=river, kind="", part="help"), given)
    assert {row.place_id for row in people.matrix_rows()} == {river}
    shown = guan.get(f"{MATRIX}?place={river}").text
    assert "试验河" in shown
    assert "<strong>绿化水务站</strong>" in shown
    piece = guan.get(cell(place=river, kind="", part="help"), headers={"HX-Request": "true"}).text
    assert "<html" not in piece
    assert piece.count("checked") == 2


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"part": "boss"}, 404),
        ({"unit": "nonsense"}, 404),
        ({"unit": loop.UNKNOWN}, 404),
        ({"place": loop.UNKNOWN}, 404),
        ({"kind": "E 06"}, 422),
        ({"kind": "E" * 30}, 422),
    ],
)
def test_an_address_of_a_cell_that_is_not_there_is_told(
    town: Town, guan: Client, given: dict[str, str], status: int
) -> None:
    address = cell(**{"unit": town.root, "kind": "E06", "part": "lead", **given})
    assert guan.post(address, {"takers": "r:grid_lead", "do": "save"}).status_code == status
    assert people.matrix_rows() == ()


@pytest.mark.parametrize("takers", ["r:king", "d:1", "x", f"d:{loop.UNKNOWN}", "r:"])
def test_a_taker_that_is_none_is_refused_and_what_was_typed_stays(
    town: Town, guan: Client, takers: str
) -> None:
    address = cell(unit=town.root, kind="E06", part="lead")
    answer = guan.post(address, {"takers": takers, "source": "我写的依据", "do": "save"})
    assert answer.status_code == 422
    assert "我写的依据" in answer.text
    assert people.matrix_rows() == ()


def test_a_file_is_sent_previewed_and_put_in_force(town: Town, guan: Client) -> None:
    sent = guan.post(f"{MATRIX}send/", upload(HEAD + f"{code(town)},E06,牵头,CG,\n{code(town)},E06,牵头,HW,"))
    shown = guan.get(sent["Location"])
    assert "第 2 行已为同一格指定牵头" in shown.text
    assert "确认生效" not in shown.text
    assert guan.post(sent["Location"], {"do": "apply"}).status_code == 422
    sent = guan.post(f"{MATRIX}send/", upload(HEAD + f"{code(town)},E06,牵头,CG,依据甲"))
    shown = guan.get(sent["Location"]).text
    assert "新增 1" in shown
    assert "城管中队(依据甲)" in shown
    assert guan.post(sent["Location"], {"do": "apply"}).status_code == 302
    assert [row.source for row in people.matrix_rows()] == ["依据甲"]
    assert guan.post(sent["Location"], {"do": "apply"}).status_code == 409
    assert guan.post(sent["Location"], {"do": "nonsense"}).status_code == 422


@pytest.mark.parametrize("content", ["", "\x00\x01", "颜色\n红", "单元代码\n1"])
def test_a_file_that_is_no_matrix_is_refused_on_its_page(town: Town, guan: Client, content: str) -> None:
    for about in ("", "?about=duties"):
        answer = guan.post(f"{MATRIX}send/{about}", upload(content))
        assert answer.status_code == 422
        assert "ui" in answer.text
    assert not Proposal.objects.exists()
    assert guan.post(f"{MATRIX}send/", {}).status_code == 422


def test_the_exported_file_is_excel_with_chinese_headings(town: Town, guan: Client) -> None:
    guan.post(cell(unit=town.root, kind="E06", part="lead"), {"takers": "r:grid_lead", "do": "save"})
    for address, heading in (("export/", "单元代码"), ("duties/export/", "履职类别")):
        answer = guan.get(MATRIX + address)
        sheet = load_workbook(io.BytesIO(answer.content)).active
        assert sheet is not None
        assert heading in [each.value for each in sheet[1]]
        assert sheet.max_row >= 2


def test_one_cell_can_be_asked_what_it_would_move(town: Town, guan: Client) -> None:
    at = clock.now() - timedelta(hours=2)
    case = loop.in_state(loop.State.DISPATCHED, town, at)
    given = {"takers": f"d:{town.departments['CG']}", "do": "what_if"}
    answer = guan.post(cell(unit=town.root, kind="E06", part="lead"), given)
    shown = guan.get(answer["Location"])
    assert "1 件会派给别人" in shown.text
    assert str(case.id) in shown.text
    assert people.matrix_rows() == ()
    for query, status in (("since=2020-01-01", 422), ("since=x", 422), ("until=2020-13-01", 422), ("", 200)):
        assert guan.get(f"{answer['Location']}?{query}").status_code == status
    early = guan.get(f"{answer['Location']}?since=2026-01-01&until=2026-01-31").text
    assert "共派遣 0 件" in early


def test_the_duty_list_is_changed_row_by_row_as_editions(town: Town, guan: Client) -> None:
    row = f"{MATRIX}duties/row/"
    fine = {
        "code": "E05009", "standing": "withdrawn", "lead_zh": "区文旅局", "lead_en": "", "source_zh": "清单第9项",
        "source_en": "", "do": "save",
    }  # fmt: skip
    assert guan.get(f"{row}?code=E05009").status_code == 200
    for wrong in ({"lead_zh": ""}, {"standing": "ours"}, {"code": "ZZZ"}, {"source_zh": ""}, {"code": "E06"}):
        answer = guan.post(f"{row}?code=E05009", {**fine, **wrong, "lead_en": "Typed"})
        assert answer.status_code == 422, wrong
        assert "Typed" in answer.text
    assert guan.post(f"{row}?code=E05009", fine).status_code == 302
    assert people.duty("E05009", clock.now()).lead.zh == "区文旅局"
    assert "区文旅局" in guan.get(f"{MATRIX}duties/").text
    assert guan.post(f"{row}?code=E05009", {"do": "drop"}).status_code == 302
    assert people.duty("E05009", clock.now()).lead.zh == ""
    assert guan.get(f"{row}?code=E05009").status_code == 404


def test_who_sees_cases_reads_their_own_units_and_changes_nothing(town: Town) -> None:
    zhou, outside = loop.signed_in(town, "zhou"), loop.signed_in(town, "lin")
    own, other = town.unit("001"), town.unit("201")
    page = zhou.get(MATRIX)
    assert page.status_code == 200
    assert "part=lead" not in page.text
    assert zhou.get(f"{MATRIX}?unit={other}").status_code == 404
    assert zhou.get(f"{MATRIX}?unit={town.root}").status_code == 404
    for address in (
        cell(unit=own, kind="E06", part="lead"), f"{MATRIX}send/", f"{MATRIX}send/?about=duties",
        f"{MATRIX}duties/row/",
    ):  # fmt: skip
        assert zhou.get(address).status_code == 403
        assert zhou.post(address, {"takers": "r:grid_lead"}).status_code == 403
    for address in ("", "findings/", "findings/units.geojson", "duties/", "export/", "duties/export/"):
        assert zhou.get(MATRIX + address).status_code == 200
        assert outside.get(MATRIX + address).status_code == 403
        assert Client().get(MATRIX + address).status_code in (302, 401)


@pytest.mark.parametrize("address", ["?class=E06", "findings/", "findings/units.geojson", "duties/"])
def test_a_page_asks_the_same_few_questions_however_large_the_matrix(
    town: Town, guan: Client, address: str
) -> None:
    def asked() -> int:
        guan.get(MATRIX + address)
        with CaptureQueriesContext(connection) as found:
            guan.get(MATRIX + address)
        # Inside a test's transaction every question of the posts looks for changes first.
        return len([query for query in found if "people_revision" not in query["sql"]])

    first = asked()
    for kind in ("E06010", "E06011", "E06012", "E07", "E08", "L90"):
        guan.post(cell(unit=town.root, kind=kind, part="lead"), {"takers": "r:grid_lead", "do": "save"})
    assert asked() <= first + 2  # what is kept in memory asks now and then whether it is still so
    assert first < 15
