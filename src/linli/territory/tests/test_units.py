"""Units and places one at a time: opened, renamed, closed, named in addresses."""

from __future__ import annotations

import pytest

from linli.kernel import journal
from linli.kernel.access import ANONYMOUS, SYSTEM
from linli.kernel.errors import Problem
from linli.territory import actions, queries
from linli.territory.actions import NewPlace
from linli.territory.tests.making import AT, LATER, SIDE, SOUTH, WEST, square, town
from linli.territory.words import How

pytestmark = pytest.mark.django_db


def code_of(refusal):
    return refusal.value.error.code


def test_a_unit_is_opened_below_another_and_located_at_once():
    tree = town()
    east = tree.by_code("310199101002")
    unit = actions.open_unit(
        code="310199101002-A01", name="东村第1网格", rank="area", parent=east.id, by=SYSTEM, at=AT
    )
    actions.set_boundary(unit, square(2, 0, 2, 2), by=SYSTEM, at=AT)
    assert queries.snapshot().locate(WEST + 3 * SIDE, SOUTH + SIDE).unit_id == unit
    assert [str(e.fact.sentence()) for e in journal.history(unit)] == [
        "设立 东村第1网格(310199101002-A01)",
        "划定边界(4.25 km²)",
    ]


def test_a_code_is_used_once():
    town()
    with pytest.raises(Problem) as refusal:
        actions.open_unit(code="310199101", name="又一个镇", rank="town", by=SYSTEM, at=AT)
    assert code_of(refusal) == "territory.code-taken"


@pytest.mark.parametrize(
    ("code", "name", "rank", "field"),
    [
        ("1e11", "甲", "town", "code"),
        ("A", " ", "town", "name"),
        ("A", "甲", "galaxy", "rank"),
        ("A", "甲\x00", "town", "name"),
    ],
)
def test_a_wrong_field_is_named(code, name, rank, field):
    with pytest.raises(Problem) as refusal:
        actions.open_unit(code=code, name=name, rank=rank, by=SYSTEM, at=AT)
    assert field in refusal.value.fields


def test_only_who_manages_may_change_units():
    tree = town()
    with pytest.raises(Problem) as refusal:
        actions.rename_unit(tree.roots()[0].id, name="新名", by=ANONYMOUS, at=AT)
    assert refusal.value.error.status == 401


def test_a_closed_unit_keeps_its_history_and_takes_no_points():
    tree = town()
    west, grid = tree.by_code("310199101001"), tree.by_code("310199101001-A01")
    with pytest.raises(Problem) as refusal:
        actions.close_unit(west.id, by=SYSTEM, at=LATER)
    assert code_of(refusal) == "territory.has-children"
    actions.close_unit(grid.id, by=SYSTEM, at=LATER)
    tree = queries.snapshot()
    assert tree.locate(WEST + 0.5 * SIDE, SOUTH + SIDE).unit.code == "310199101001"
    assert tree.unit(grid.id).closed_on == LATER.date()
    assert grid.id not in {u.id for u in tree.children(west.id)}
    assert grid.id in {u.id for u in tree.children(west.id, closed=True)}
    assert tree.ancestors(grid.id)[1] == west.id
    with pytest.raises(Problem) as refusal:
        actions.rename_unit(grid.id, name="新名", by=SYSTEM, at=LATER)
    assert code_of(refusal) == "territory.unit-closed"


def test_a_boundary_can_be_given_as_geojson_and_impossible_ones_are_refused():
    tree = town()
    unit = tree.by_code("310199101002").id
    x, y = WEST, SOUTH
    ring = [[x, y], [x + SIDE, y], [x + SIDE, y + SIDE], [x, y]]
    actions.set_boundary(unit, {"type": "Polygon", "coordinates": [ring]}, by=SYSTEM, at=LATER)
    assert len(queries.boundary_spans(unit)) == 2
    for bad in (
        {"type": "Polygon", "coordinates": [[[200, 5], [201, 5], [201, 6], [200, 5]]]},
        {"type": "Nothing"},
    ):
        with pytest.raises(Problem) as refusal:
            actions.set_boundary(unit, bad, by=SYSTEM, at=LATER)
        assert refusal.value.error.status == 422


def test_an_address_is_found_by_units_places_and_aliases():
    tree = town()
    east, grid = tree.by_code("310199101002"), tree.by_code("310199101001-A02")
    actions.add_places(
        [
            NewPlace(
                "禾泾小区", "compound", grid.id, WEST + 1.5 * SIDE, SOUTH + SIDE, aliases=("老造纸厂宿舍",)
            ),
            NewPlace("河滨路", "road", east.id),
        ],
        by=SYSTEM,
        at=AT,
    )
    actions.add_alias("钱家浜", unit_id=east.id, by=SYSTEM, at=AT)
    tree = queries.snapshot()
    for address, code in {
        "禾泾镇西村12号": "310199101001",
        "上海市 禾泾镇 河滨路 88 弄": "310199101002",
        "老造纸厂宿舍3幢": "310199101001-A02",
        "钱家浜5号": "310199101002",
        "禾泾镇中心": "310199101000",
    }.items():
        found = tree.locate_address(address)
        assert (found.unit.code, found.how) == (code, How.ADDRESS), address
    assert tree.locate_address("老造纸厂宿舍3幢").place.lng == pytest.approx(WEST + 1.5 * SIDE)
    for nothing in ("", "月球背面", "x" * 10_000):
        assert tree.locate_address(nothing).unit is None


def test_an_address_that_fits_two_units_goes_to_the_unit_above_both():
    tree = town()
    for code in ("310199101001", "310199101002"):
        place = NewPlace("文化广场", "square", tree.by_code(code).id)
        actions.add_place(place, by=SYSTEM, at=AT)
    tree = queries.snapshot()
    assert tree.locate_address("文化广场").unit.code == "310199101000"
    assert tree.locate_address("东村文化广场").unit.code == "310199101002"


def test_a_place_is_known_once_and_needs_a_whole_point():
    tree = town()
    unit = tree.roots()[0].id
    actions.add_place(NewPlace("禾泾中学", "school", unit), by=SYSTEM, at=AT)
    for place in (NewPlace("禾泾中学", "school", unit), NewPlace("半点", "shop", unit, lng=121.3),
                  NewPlace("反了", "shop", unit, lng=30.8, lat=121.3)):  # fmt: skip
        with pytest.raises(Problem):
            actions.add_place(place, by=SYSTEM, at=AT)


def test_what_others_wrote_is_seen_when_the_version_changed(monkeypatch):
    from linli.territory.models import TerritoryVersion
    from linli.territory.queries import tree as module

    before = town()
    assert queries.snapshot() is before
    # another process: its write is in the tables, and this process was not told
    monkeypatch.setattr(module, "RECHECK_SECONDS", 0.0)
    queries.forget()
    assert queries.snapshot() is before
    TerritoryVersion.objects.update(token="00000000-0000-0000-0000-000000000001")
    assert queries.snapshot() is not before
