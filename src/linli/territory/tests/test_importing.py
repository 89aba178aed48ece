"""Importing units: previewed, explained, all or nothing, and nothing the second time."""

from __future__ import annotations

import json
from dataclasses import replace

import openpyxl
import pytest
import shapely

from linli.kernel import journal
from linli.kernel.access import ANONYMOUS, SYSTEM, Actor, HeldPost
from linli.kernel.errors import Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.territory import actions, queries
from linli.territory.models import Boundary, Unit
from linli.territory.rules.plan import Trouble
from linli.territory.shapes import wgs84_to_gcj02
from linli.territory.tests.making import AT, LATER, SIDE, SOUTH, WEST, feature, geojson_file, square, town
from linli.territory.words import Crs, Severity

pytestmark = pytest.mark.django_db

DIVISIONS = """code,name,kind,town_code,town,county_code,county,city,province
310199001002,三村居委会,居/社区,310199001,河东街道,310199,禾泾区,市辖区,上海市
310199001003,四村居委会,居/社区,310199001,河东街道,310199,禾泾区,市辖区,上海市
310199102200,新河村村委会,村,310199102,禾泾镇,310199,禾泾区,市辖区,上海市
"""


def written(folder, text, encoding="utf-8", name="units.csv"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def take(path, **options):
    plan = actions.plan_import(path, **options)
    actions.apply_plan(plan, by=SYSTEM, at=AT)
    return plan


def troubles(plan, severity=None):
    return [(f.line, f.field, f.trouble) for f in plan.findings if severity in (None, f.severity)]


def refused(path, **options):
    """The plan has errors, and applying it writes nothing."""
    plan = actions.plan_import(path, **options)
    before = Unit.objects.count()
    with pytest.raises(Problem) as refusal:
        actions.apply_plan(plan, by=SYSTEM, at=AT)
    assert refusal.value.error.code == "territory.import-blocked"
    assert Unit.objects.count() == before
    return plan


def test_the_divisions_layout_builds_county_towns_and_villages(tmp_path):
    plan = take(written(tmp_path, DIVISIONS))
    assert (len(plan.new), plan.findings) == (6, [])
    tree = queries.snapshot()
    assert tree.path_text(tree.by_code("310199102200").id).zh == "禾泾区 / 禾泾镇 / 新河村村委会"
    ranks = [(u.code, u.rank, u.kind) for u in tree.units]
    assert ranks[0] == ("310199000000", "county", "")
    assert ranks[1] == ("310199001000", "town", "")
    assert ranks[2] == ("310199001002", "village", "community")
    assert ranks[-1] == ("310199102200", "village", "village")


def test_importing_the_same_file_again_adds_nothing(tmp_path):
    path = written(tmp_path, DIVISIONS)
    take(path)
    token = queries.snapshot().version
    plan = take(path)
    assert (plan.empty, plan.unchanged, Unit.objects.count()) == (True, 6, 6)
    assert queries.snapshot().version == token


@pytest.mark.parametrize("county", ["620299,嘉岭市,嘉岭市", "620299,,嘉岭市", ",,"])
def test_a_city_without_counties_is_taken(tmp_path, county):
    head, *_ = DIVISIONS.splitlines()
    plan = take(
        written(tmp_path, f"{head}\n620299001001,福民社区,居/社区,620299001,雄河街道,{county},甘肃省\n")
    )
    assert not plan.findings
    tree = queries.snapshot()
    way = [u.rank for u in tree.chain(tree.by_code("620299001001").id)]
    assert way == (["town", "village"] if county == ",," else ["city", "town", "village"])


def test_a_county_that_is_its_own_town_is_one_unit(tmp_path):
    path = written(
        tmp_path, "code,name,county_code,county\n350527000,金河县,350527,金河县\n350528001,甲镇,350528,乙县\n"
    )
    plan = take(path)
    assert sorted(row.code for row in plan.new) == ["350527000000", "350528000000", "350528001000"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_files_in_the_encodings_that_excel_writes_are_read(tmp_path, encoding):
    assert len(actions.plan_import(written(tmp_path, DIVISIONS, encoding)).new) == 6


def test_plain_tables_with_chinese_titles_and_grid_codes_are_read(tmp_path):
    take(written(tmp_path, "代码,名称\n310199101,禾泾镇\n310199101001,西村\n"))
    text = "网格编码;网格名称;户数\n310199101001-A01;第1网格;410\n310199101001-A01-M03;微网格3;38\n"
    take(written(tmp_path, text))
    tree = queries.snapshot()
    micro = tree.by_code("310199101001-A01-M03")
    assert (micro.rank, micro.households) == ("micro", 38)
    assert [u.rank for u in tree.chain(micro.id)] == ["town", "village", "area", "micro"]


def test_excel_sheets_are_read_and_their_numbers_are_named(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["code", "name"])
    book.active.append([310199101000, "禾泾镇"])
    book.save(tmp_path / "units.xlsx")
    assert [row.code for row in actions.plan_import(tmp_path / "units.xlsx").new] == ["310199101000"]


@pytest.mark.parametrize(
    ("code", "severity", "taken"),
    [
        ("3.1e11", Severity.ERROR, None),
        ("3.10199E+11", Severity.ERROR, None),
        ("3.10199101000E+11", Severity.WARNING, "310199101000"),
        ("310199101000.0", Severity.WARNING, "310199101000"),
        ("31019910100", Severity.ERROR, None),
        ("", Severity.ERROR, None),
        ("'310199101000", None, "310199101000"),
        ('="310199101000"', None, "310199101000"),
        ("310199101000", None, "310199101000"),
        ("x" * 65, Severity.ERROR, None),
        ("<script>", Severity.ERROR, None),
    ],
)
def test_codes_that_a_spreadsheet_damaged_are_named_with_their_line(tmp_path, code, severity, taken):
    quoted = '"' + code.replace('"', '""') + '"'
    plan = actions.plan_import(written(tmp_path, f"code,name\n{quoted},禾泾镇\n"))
    found = [(f.line, f.field, f.severity) for f in plan.findings]
    assert found == ([(2, "code", severity)] if severity else [])
    assert [row.code for row in plan.new] == ([taken] if taken else [])


def test_duplicates_orphans_circles_and_missing_names_block_and_are_named(tmp_path):
    text = "code,name,parent\nA,甲,\nA,甲二,\nB,乙,NOWHERE\nC,丙,D\nD,丁,C\nE,,A\n310199101001,没有上级的村,\nA,甲,\n"
    plan = refused(written(tmp_path, text))
    assert troubles(plan, Severity.ERROR) == [
        (3, "code", Trouble.DUPLICATE),
        (4, "parent", Trouble.ORPHAN),
        (5, "parent", Trouble.CYCLE),
        (7, "name", Trouble.NAME),
        (8, "parent", Trouble.ORPHAN),
    ]
    assert troubles(plan, Severity.WARNING) == [(9, "code", Trouble.DUPLICATE)]
    lines = actions.describe(plan)
    assert lines[0].zh.endswith("错误 5、提醒 1")
    assert str(lines[1]).startswith("第 3 行 code 错误:")
    assert lines[1].en.startswith("line 3 code error: ")


def test_a_parent_can_be_named_for_rows_that_name_none(tmp_path):
    town()
    take(written(tmp_path, "code,name\nX1,巡查一片\n"), parent="310199101", rank="area")
    tree = queries.snapshot()
    unit = tree.by_code("X1")
    assert (tree.unit(unit.parent_id).code, unit.rank) == ("310199101000", "area")
    with pytest.raises(Problem):
        actions.plan_import(written(tmp_path, "code,name\nX2,二片\n"), parent="999")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\xff\xfe\x93\xfa",
        b"[1,",
        b"PK\x03\x04 nothing",
        b"no,header\n1,2\n",
        b"{}",
        b"\x1f\x8b broken",
    ],
)
def test_a_file_that_is_none_is_refused_in_words(tmp_path, content):
    path = tmp_path / "units.csv"
    path.write_bytes(content)
    refusal = None
    try:
        refused(path)
    except Problem as problem:
        refusal = problem
    assert refusal is None or refusal.error.code == "territory.file-unreadable"


def test_a_missing_file_is_refused_in_words(tmp_path):
    with pytest.raises(Problem):
        actions.plan_import(tmp_path / "none.csv")


def test_geojson_gives_boundaries_to_known_units_and_creates_others(tmp_path):
    town()
    path = geojson_file(
        tmp_path,
        feature("310199101002-A01", square(2, 0, 1, 2), name="东村第1网格"),
        feature("310199101002", square(2, 0, 2, 2)),
    )
    plan = take(path)
    assert [row.code for row in plan.new] == ["310199101002-A01"]
    assert [s.code for s in plan.shapes] == ["310199101002-A01"]
    assert queries.snapshot().locate(WEST + 2.5 * SIDE, SOUTH + SIDE).unit.code == "310199101002-A01"
    assert queries.snapshot().locate(WEST + 3.5 * SIDE, SOUTH + SIDE).unit.code == "310199101002"
    assert take(path).empty


def test_property_names_can_be_declared(tmp_path):
    path = geojson_file(tmp_path, feature("x", square(0, 0), DIST="A1", TITLE="第一区"))
    plan = take(path, code_from="DIST", name_from="TITLE", rank="area")
    assert [(r.code, r.name, r.rank) for r in plan.new] == [("A1", "第一区", "area")]


def test_a_declared_coordinate_system_is_converted(tmp_path):
    moved = shapely.transform(
        square(0, 0), lambda xy: __import__("numpy").column_stack(wgs84_to_gcj02(*xy.T))
    )
    take(geojson_file(tmp_path, feature("A", moved, name="甲")), crs=Crs.GCJ02)
    (shape,) = Boundary.objects.values_list("shape", flat=True)
    assert shapely.hausdorff_distance(shapely.from_wkb(bytes(shape)), square(0, 0)) < 1e-7


def test_an_undeclared_system_inside_china_is_pointed_out_and_an_unknown_one_refused(tmp_path):
    plan = actions.plan_import(geojson_file(tmp_path, feature("A", square(0, 0), name="甲")))
    assert troubles(plan) == [(0, "crs", Trouble.COORDINATES)]
    known = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    assert not actions.plan_import(
        geojson_file(tmp_path, feature("A", square(0, 0), name="甲"), crs=known)
    ).findings
    other = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    refused(geojson_file(tmp_path, feature("A", square(0, 0), name="甲"), crs=other))


@pytest.mark.parametrize(
    ("shape", "trouble"),
    [
        (shapely.transform(square(0, 0), lambda xy: xy[:, ::-1]), Trouble.COORDINATES),
        (shapely.transform(square(0, 0), lambda xy: xy * 100_000), Trouble.COORDINATES),
        (shapely.Point(WEST, SOUTH), Trouble.GEOMETRY),
        (shapely.Polygon([(WEST, SOUTH), (WEST, SOUTH), (WEST, SOUTH)]), Trouble.GEOMETRY),
    ],
)
def test_impossible_shapes_block(tmp_path, shape, trouble):
    plan = refused(geojson_file(tmp_path, feature("A", shape, name="甲")), crs=Crs.WGS84)
    assert troubles(plan) == [(1, "geometry", trouble)]


def test_an_invalid_shape_is_repaired_and_reported(tmp_path):
    x, y = WEST, SOUTH
    bow = shapely.Polygon([(x, y), (x + 0.01, y + 0.01), (x + 0.01, y), (x, y + 0.01)])
    plan = take(geojson_file(tmp_path, feature("A", bow, name="甲")), crs=Crs.WGS84)
    assert troubles(plan, Severity.WARNING) == [(1, "geometry", Trouble.GEOMETRY)]


def test_overlaps_gaps_and_units_outside_their_parent_are_found_before_anything_is_written(tmp_path):
    town()
    path = geojson_file(
        tmp_path,
        feature("310199101002-A01", square(2, 0, 1, 2), name="一"),
        feature("310199101002-A02", square(2.95, 0, 0.5, 2), name="二"),
        feature("310199101002-A03", square(3.9, 0, 0.5, 2), name="三"),
        feature("310199101002-A04", square(8, 8), name="四"),
    )
    plan = refused(path, crs=Crs.WGS84)
    found = [(f.line, f.trouble, f.severity) for f in plan.findings]
    assert found == [
        (0, Trouble.GAP, Severity.WARNING),
        (2, Trouble.OVERLAP, Severity.WARNING),
        (3, Trouble.OUTSIDE, Severity.WARNING),
        (4, Trouble.OUTSIDE, Severity.ERROR),
    ]
    overlap = next(f for f in plan.findings if f.trouble is Trouble.OVERLAP)
    assert "310199101002-A01" in overlap.text.zh


def test_units_that_only_touch_have_no_findings(tmp_path):
    town()
    path = geojson_file(
        tmp_path,
        feature("310199101002-A01", square(2, 0, 1, 2), name="一"),
        feature("310199101002-A02", square(3, 0, 1, 2), name="二"),
    )
    assert actions.plan_import(path, crs=Crs.WGS84).findings == []


def test_a_unit_that_covers_its_neighbour_blocks(tmp_path):
    town()
    path = geojson_file(tmp_path, feature("310199101003", square(2, 0, 2, 2), name="又一个东村"))
    assert (1, "geometry", Trouble.OVERLAP) in troubles(refused(path, crs=Crs.WGS84), Severity.ERROR)


def test_a_changed_boundary_ends_the_old_one_and_is_recorded(tmp_path):
    tree = town()
    unit = tree.by_code("310199101002")
    plan = actions.plan_import(
        geojson_file(tmp_path, feature(unit.code, square(2, 0, 1.5, 2))), crs=Crs.WGS84
    )
    actions.apply_plan(plan, by=SYSTEM, at=LATER)
    first, second = queries.boundary_spans(unit.id)
    assert (first.valid_to, second.valid_from, second.valid_to) == (LATER.date(), LATER.date(), None)
    assert queries.boundary_on(unit.id, AT.date()).equals(square(2, 0, 2, 2))
    assert queries.boundary_on(unit.id, LATER.date()).equals(square(2, 0, 1.5, 2))
    kinds = [entry.kind for entry in journal.history(unit.id)]
    assert kinds[-1] == "territory.BoundaryChanged"


def test_names_and_parents_change_and_old_names_stay_in_the_journal(tmp_path):
    tree = town()
    text = "code,name,parent\n310199101002,东禾村村委会,310199101\n310199101001-A02,划入东村的网格,310199101002\n"
    plan = take(written(tmp_path, text))
    assert len(plan.changed) == 2
    unit = queries.snapshot().by_code("310199101001-A02")
    assert queries.snapshot().path_text(unit.id).zh == "禾泾镇 / 东禾村村委会 / 划入东村的网格"
    (fact,) = [e.fact for e in journal.history(tree.by_code("310199101002").id) if e.kind.endswith("Renamed")]
    assert str(fact.sentence()) == "东村村委会 更名为 东禾村村委会"


def test_units_that_a_full_list_no_longer_names_are_closed_on_request_only(tmp_path):
    town()
    path = written(tmp_path, "code,name,parent\n310199101002,东村村委会,310199101000\n")
    assert actions.plan_import(path).closing == []
    take(path, close_missing=True)
    tree = queries.snapshot()
    closed = [u.code for u in tree.units if not u.open]
    assert closed == ["310199101001", "310199101001-A01", "310199101001-A02"]
    assert tree.locate(WEST + 0.5 * SIDE, SOUTH + SIDE).unit.code == "310199101000"
    again = actions.plan_import(written(tmp_path, "code,name\n310199101001,西村\n"))
    assert troubles(again) == [(2, "code", Trouble.CLOSED)]


def test_a_plan_made_before_another_change_is_not_written(tmp_path):
    tree = town()
    plan = actions.plan_import(written(tmp_path, "code,name\n310199101003,南村\n"))
    actions.rename_unit(tree.by_code("310199101001").id, name="老西村", by=SYSTEM, at=LATER)
    with pytest.raises(Problem) as refusal:
        actions.apply_plan(plan, by=SYSTEM, at=LATER)
    assert refusal.value.error.code == "territory.plan-stale"


def test_only_who_manages_the_place_may_import_there(tmp_path):
    tree = town()
    west = tree.by_code("310199101001")
    post = HeldPost(uuid7(AT), "administrator", west.id, None, Text("管理员", "Administrator"))
    manager = Actor("account", uuid7(AT), name="王", posts=(post,))
    inside = actions.plan_import(written(tmp_path, "code,name\n310199101001-A09,新网格\n"))
    with pytest.raises(Problem):
        actions.apply_plan(inside, by=ANONYMOUS, at=AT)
    actions.apply_plan(inside, by=manager, at=AT)
    for text in ("code,name\n310199101002-A09,别村的网格\n", "code,name\n310199109,新镇\n"):
        with pytest.raises(Problem) as refusal:
            actions.apply_plan(actions.plan_import(written(tmp_path, text)), by=manager, at=AT)
        assert refusal.value.error.status == 403


def test_one_fact_tells_of_the_whole_import(tmp_path):
    take(written(tmp_path, DIVISIONS))
    root = queries.snapshot().roots()[0]
    (entry,) = journal.history(root.id)
    assert str(entry.fact.sentence()) == "从 units.csv 导入:新增 6、变更 0、撤销 0、边界 0"


def test_the_map_gets_the_boundaries_below_a_unit():
    tree = town()
    data = json.loads(queries.geojson(parent=tree.roots()[0].id))
    assert [f["properties"]["name"] for f in data["features"]] == ["西村村委会", "东村村委会"]
    assert data["features"][0]["geometry"]["type"] == "Polygon"
    areas = json.loads(queries.geojson(rank="area"))
    assert len(areas["features"]) == 2
    past = json.loads(queries.geojson(rank="area", on=AT.date()))
    assert len(past["features"]) == 2
    lines = queries.units_table(tree.roots()[0].id)
    assert [(line.unit.name, line.below, line.rank.zh) for line in lines] == [
        ("西村村委会", 2, "村居"),
        ("东村村委会", 0, "村居"),
    ]
    assert lines[0].area_km2 == pytest.approx(4.25, abs=0.02)


def test_text_that_no_table_takes_does_not_get_in(tmp_path):
    odd = feature("A", square(0, 0), name="甲\x00\ud800", kind="\x00", name_en={"deep": 1}, households="-3")
    plan = take(geojson_file(tmp_path, odd), crs=Crs.WGS84)
    assert [(r.name, r.kind, r.name_en, r.households) for r in plan.new] == [("甲", "", "", None)]


def test_a_row_object_can_be_planned_without_a_file():
    row = actions.Row(1, "Z1", "一区", rank="area")
    plan = actions.plan_rows([row, replace(row, line=2, code="Z2", name="二区")], source="hand")
    actions.apply_plan(plan, by=SYSTEM, at=AT)
    assert [u.code for u in queries.snapshot().units] == ["Z1", "Z2"]
