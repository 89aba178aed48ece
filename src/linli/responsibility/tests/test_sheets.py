"""The four sheets: what they say, that they are documents, who gets them, and that no name can break them."""

from __future__ import annotations

import io

import pytest
import shapely
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from linli.cases.tests import loop
from linli.cases.tests.loop import in_state, signed_in
from linli.cases.words import State
from linli.kernel import clock
from linli.kernel.access import SYSTEM
from linli.kernel.errors import Problem
from linli.responsibility import printing, queries
from linli.responsibility.rules.drawing import Spot, draw
from linli.responsibility.tests.responsible import to_look_at
from tests.world import AT, Town, actor

HOSTILE = '张#三 $x$ "引号" <b>&\\ {{7*7}} {% raw %} 😀' + "长" * 300


@pytest.mark.django_db
def test_the_sheets_tell_of_the_unit_its_posts_its_matters_and_the_steps(town: Town) -> None:
    in_state(State.CLOSED, town)
    loop.opened(town)
    said = queries.sheets(actor(town, "qian"), town.unit("001"), 2026, AT)
    assert [said.map["title"], said.book["title"], said.items["title"], said.flow["title"]] == [
        "一张总览图", "一本责任册", "一张明细单", "一张流程表",
    ]  # fmt: skip
    assert "<svg" in said.map["svg"]
    assert any("网格员" in row[1] for row in said.book["posts"])
    rows = {row[0]: row[2:] for row in said.items["rows"]}
    assert rows["环卫所"] == ["1", "1", "0", "0"]
    assert rows["尚未派遣"] == ["1", "0", "0", "1"]
    steps = {row[0]: row for row in said.flow["rows"]}
    assert "工作日" in steps["退单"][3]
    assert "domain" not in str(said.flow)
    last_year = queries.sheets(actor(town, "qian"), town.unit("001"), 2025, AT)
    assert last_year.items["rows"][0][0] == "——"


@pytest.mark.django_db
def test_what_was_settled_on_the_spot_is_not_listed_as_waiting_for_dispatch(town: Town) -> None:
    case = loop.opened(town)
    loop.make("settle", case.id, actor(town, "chen"), AT)
    loop.opened(town)
    rows = {row[0]: row[2:] for row in queries.sheets(SYSTEM, town.unit("001"), 2026, AT).items["rows"]}
    assert rows["网格现场处置(未派遣)"] == ["1", "1", "0", "0"]
    assert rows["尚未派遣"] == ["1", "0", "0", "1"]


@pytest.mark.django_db
def test_the_book_names_the_chiefs_of_places_and_the_advisers_of_villages(town: Town) -> None:
    to_look_at(town, AT)
    posts = queries.sheets(SYSTEM, town.root, 2026, AT).book["posts"]
    assert ["禾苑社区", "法律顾问(禾泾律师事务所)", "宋律师"] in posts
    assert any(row[1].startswith("河长(") and row[2] == "周国平" for row in posts)
    other = queries.sheets(SYSTEM, town.unit("201"), 2026, AT).book["posts"]
    assert not any("河长" in row[1] or "法律顾问" in row[1] for row in other)


@pytest.mark.django_db
def test_a_matter_excused_on_appeal_does_not_count_as_late(town: Town) -> None:
    case = in_state(State.HANDLING, town)
    assert case.due_at is not None
    late = case.due_at + loop.HOUR
    for who, move in (("ma", "hand_in"), ("gu", "pass_check"), ("shen", "close")):
        loop.make(move, case.id, actor(town, who, late), late)
    rows = queries.sheets(SYSTEM, town.unit("001"), 2026, late).items["rows"]
    assert rows[0][2:] == ["1", "0", "1", "0"]
    type(case).objects.filter(pk=case.id).update(excused=True)
    rows = queries.sheets(SYSTEM, town.unit("001"), 2026, late).items["rows"]
    assert rows[0][2:] == ["1", "1", "0", "0"]


@pytest.mark.django_db
def test_pdf_and_word_come_out_whole_or_one_sheet_alone(town: Town) -> None:
    said = queries.sheets(SYSTEM, town.unit("001"), 2026, AT).plain()
    whole, alone = printing.pdf(said), printing.pdf(said, ("flow",))
    assert whole.startswith(b"%PDF")
    assert len(alone) < len(whole)
    texts = _words(printing.word(said))
    assert "一张总览图" in texts
    assert "网格员" in texts
    assert "{{" not in texts
    assert "一张总览图" not in _words(printing.word(said, ("flow",)))


@pytest.mark.django_db
def test_no_name_is_anything_but_a_name(town: Town) -> None:
    said = queries.sheets(SYSTEM, town.unit("001"), 2026, AT).plain()
    said["book"]["posts"] = [[HOSTILE, HOSTILE, HOSTILE]]
    said["title"] = said["subtitle"] = HOSTILE
    assert printing.pdf(said, ("book",)).startswith(b"%PDF")
    assert HOSTILE in _words(printing.word(said, ("book",)))


def _words(document: bytes) -> str:
    paper = Document(io.BytesIO(document))
    cells = (cell.text for table in paper.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in paper.paragraphs), *cells])


@pytest.mark.django_db
def test_only_who_may_read_the_unit_gets_its_sheets_and_only_for_years_that_began(town: Town) -> None:
    for who, unit, year in (("chen", "201", 2026), ("qian", "001", 2027), ("qian", "001", 1999)):
        with pytest.raises(Problem) as caught:
            queries.sheets(actor(town, who), town.unit(unit), year, AT)
        assert caught.value.error.status == 404


@pytest.mark.django_db
def test_the_page_and_the_files_are_served(town: Town) -> None:
    browser, year = signed_in(town, "qian"), clock.local(clock.now()).year
    unit = town.unit("001")
    page = browser.get("/desk/responsibility/sheets/", {"unit": str(unit)})
    assert page.status_code == 200
    assert "一张明细单" in page.content.decode()
    base = f"/desk/responsibility/sheets/{unit}/{year}/four"
    assert browser.get(f"{base}.pdf")["Content-Type"] == "application/pdf"
    assert browser.get(f"{base}.pdf", {"only": "map"}).status_code == 200
    assert browser.get(f"{base}.docx").status_code == 200
    for wrong in (f"{base}.pdf?only=all", f"/desk/responsibility/sheets/{unit}/1990/four.pdf",
                  "/desk/responsibility/sheets/?year=20a6", "/desk/responsibility/sheets/?year=99999"):  # fmt: skip
        assert browser.get(wrong).status_code == 404, wrong


points = st.tuples(st.floats(-179, 179), st.floats(-85, 85))


@given(
    box=st.tuples(points, st.floats(1e-5, 3), st.floats(1e-5, 3)),
    spots=st.lists(st.tuples(st.text(max_size=9), st.sampled_from(["river", "x<y"]), points), max_size=5),
)
def test_whatever_there_is_to_draw_it_is_a_drawing_inside_the_sheet(box, spots) -> None:
    (west, south), wide, high = box
    shape = shapely.box(west, south, west + wide, south + high)
    drawn = draw(shape, [("<东村>", shape)], [Spot(name, kind, *at) for name, kind, at in spots])
    assert "<东村>" not in drawn.svg
    assert sum(number for _, _, number in drawn.legend) == len(spots)
    assert draw(None, [], []).legend == []
    assert "暂无" in draw(None, [], []).svg
