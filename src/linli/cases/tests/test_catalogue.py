"""The shipped catalogue, its reading and searching, and its way through Excel and CSV."""

from __future__ import annotations

import csv
import io
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from linli.cases import catalogue_files, catalogue_import, catalogue_store
from linli.cases.catalogue import CHECKING, EVIDENCE, Catalogue, Finding, Kind
from linli.kernel import clock, editions, rulebook
from linli.kernel.access import SYSTEM
from linli.kernel.text import Text
from linli.kernel.worktime import Limit, Unit

AT = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
Rows = dict[str, Any]


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    """The catalogue of the shipped files."""
    return parsed(rulebook.table("catalogue"))


def parsed(rows: Rows) -> Catalogue:
    made = Catalogue.parse(rows["kinds"], rows["conditions"])
    assert isinstance(made, Catalogue), made
    return made


def small() -> Rows:
    """Two kinds with their conditions, to be spoilt."""
    table = rulebook.table("catalogue")
    chosen = ("E06010", "E06013")
    return {
        "kinds": [dict(row) for row in table["kinds"] if row["code"] in chosen],
        "conditions": [dict(row) for row in table["conditions"] if row["kind"] in chosen],
    }


def findings(rows: Rows) -> list[Finding]:
    made = Catalogue.parse(rows["kinds"], rows["conditions"])
    assert isinstance(made, list)
    return made


# The national classification: numbers that are missing in the runs of each class (GB/T 47678.5-2026).
NATIONAL = {
    "01": (77, {16}), "02": (44, set()), "03": (16, set()), "04": (14, set()),
    "05": (9, {1, 4, 5, 6, 7, 8}), "06": (52, {31}), "07": (8, {5}), "08": (16, set()), "09": (22, {7}),
    "10": (2, set()),
}  # fmt: skip


def test_all_403_national_codes_are_there_and_no_other(shipped: Catalogue) -> None:
    numbers = [
        f"{m}{n:03d}" for m, (last, gaps) in NATIONAL.items() for n in range(1, last + 1) if n not in gaps
    ]
    expected = {f"E{n}" for n in numbers} | {f"C{n}" for n in numbers if n < "06"}
    assert len(expected) == 403
    assert {k.code for k in shipped.kinds.values() if k.scheme == "gbt47678.5-2026"} == expected


def test_a_matter_of_a_component_is_named_after_it(shipped: Catalogue) -> None:
    for kind in shipped.kinds.values():
        if kind.component:
            matter = shipped.kind("E" + kind.code[1:])
            assert matter is not None
            assert matter.name.zh == kind.name.zh + "异常"


def test_every_row_of_the_source_is_represented() -> None:
    refs = {ref for row in rulebook.table("catalogue")["conditions"] for ref in row["source_ref"].split(";")}
    expected = {f"YC-C{n:03d}" for n in range(1, 376)} | {f"YC-E{n:03d}" for n in range(1, 148)}
    assert {ref for ref in refs if ref.startswith("YC-")} == expected
    assert all(re.fullmatch("linli|《[^《》]+》(第[0-9]+条)?", ref) for ref in refs - expected)


# Checked by hand against the source: old number, words of our condition, limit.
SAMPLE = [
    ("C01-01", "盖板丢失", 2, Unit.URGENT_HOUR),
    ("C01-01", "25平方厘米", 4, Unit.WORK_HOUR),
    ("C01-01", "踩压有响声", 2, Unit.WORK_DAY),
    ("C01-10", "3厘米", 5, Unit.WORK_DAY),
    ("C01-04", "三分之一", 1, Unit.WORK_DAY),
    ("C01-37", "一盏灯不亮", 2, Unit.WORK_DAY),
    ("C01-37", "开关灯不按时", 2, Unit.WORK_HOUR),
    ("C01-28", "设备或护栏损坏", 4, Unit.WORK_DAY),
    ("C01-54", "弃用未拆", 10, Unit.WORK_DAY),
    ("C01-78", "所写内容有误", 1, Unit.URGENT_HOUR),
    ("C02-07", "积水成片", 2, Unit.URGENT_HOUR),
    ("C02-11", "歪倒或折断", 4, Unit.URGENT_HOUR),
    ("C02-84", "砖块松动", 7, Unit.WORK_DAY),
    ("C03-05", "箱体歪倒", 1, Unit.WORK_DAY),
    ("C04-02", "缺株", 15, Unit.WORK_DAY),
    ("C05-04", "气味刺鼻", 2, Unit.URGENT_HOUR),
    ("01-01", "正在施工", 48, Unit.URGENT_HOUR),
    ("01-01", "已经建成", 15, Unit.WORK_DAY),
    ("01-02", "装修店面", 24, Unit.URGENT_HOUR),
    ("01-10", "容器外", 4, Unit.WORK_HOUR),
    ("01-11", "久堆不运", 5, Unit.WORK_DAY),
    ("01-12", "散落垃圾", 2, Unit.WORK_HOUR),
    ("01-22", "砍树", 1, Unit.URGENT_HOUR),
    ("01-98", "正在施工", 48, Unit.URGENT_HOUR),
    ("02-03", "立柱", 5, Unit.WORK_DAY),
    ("04-05", "门外", 2, Unit.URGENT_HOUR),
    ("04-96", "消防通道", 2, Unit.WORK_HOUR),
    ("05-02", "燃气泄漏", 1, Unit.URGENT_HOUR),
    ("05-06", "100平方米", 2, Unit.URGENT_HOUR),
    ("06-98", "设施损坏", 5, Unit.WORK_DAY),
]


@pytest.mark.parametrize(("number", "words", "amount", "unit"), SAMPLE)
def test_limits_are_those_of_the_source(
    shipped: Catalogue, number: str, words: str, amount: int, unit: Unit
) -> None:
    [kind] = shipped.by_legacy(number)
    [found] = [c for c in kind.conditions if words in c.text.zh]
    assert found.limit == Limit(amount, unit)


def test_every_limit_of_the_source_is_counted_in_its_unit() -> None:
    """Distinct source rows by limit: 天 is a working day, 小时 a work hour, 紧急工作日 24 urgent hours."""
    rows = {}
    for row in rulebook.table("catalogue")["conditions"]:
        if row["source_ref"].startswith("YC-"):
            rows[row["source_ref"]] = f"{row['limit']} {row['unit']}"
    counted = {limit: list(rows.values()).count(limit) for limit in set(rows.values())}
    assert counted == {
        "1 work_day": 143, "5 work_day": 86, "3 work_day": 84, "2 work_day": 82, "4 work_hour": 39,
        "2 urgent_hour": 32, "2 work_hour": 22, "7 work_day": 9, "1 urgent_hour": 6, "15 work_day": 5,
        "4 urgent_hour": 4, "48 urgent_hour": 3, "10 work_day": 2, "4 work_day": 1, "24 urgent_hour": 1,
    }  # fmt: skip


def test_every_kind_can_be_handled_as_it_stands(shipped: Catalogue) -> None:
    known = {"CG", "HW", "SZ", "LH", "GA", "PA", "grid_lead", "grid_worker"}
    for kind in shipped.kinds.values():
        assert {kind.responsible, *kind.helpers} <= known
        assert kind.responsible not in kind.helpers
        assert kind.checking in CHECKING
        assert kind.evidence in EVIDENCE
        assert kind.default in kind.conditions


def test_every_text_is_in_its_language(shipped: Catalogue) -> None:
    han = re.compile("[㐀-鿿]")
    for kind in shipped.kinds.values():
        texts = [kind.name, kind.major.name]
        texts += [text for c in kind.conditions for text in (c.text, c.closing)]
        texts += [*kind.handling, *kind.checklist]
        for text in texts:
            assert han.search(text.zh), text
            assert not han.search(text.en), text
            assert text.en[0].isupper() or text.en[0].isdigit(), text


def test_conditions_of_a_kind_can_be_told_apart(shipped: Catalogue) -> None:
    for kind in shipped.kinds.values():
        assert len({c.text.zh for c in kind.conditions}) == len(kind.conditions), kind.code
        assert len({c.code for c in kind.conditions}) == len(kind.conditions), kind.code


def test_residents_can_choose_matters_but_no_components(shipped: Catalogue) -> None:
    public = shipped.matters(public=True)
    assert 174 <= len(public) <= 300
    assert all(kind.public and not kind.component for kind in public)


def test_the_tree_holds_every_matter_once(shipped: Catalogue) -> None:
    tree = shipped.tree()
    assert [kind for kinds in tree.values() for kind in kinds].sort(key=lambda k: k.code) is None
    assert sum(map(len, tree.values())) == len(shipped.matters())
    assert {major.code for major in tree} >= {"E01", "E06", "E10", "L90"}
    assert [major.code for major in shipped.tree(components=True)] == ["C01", "C02", "C03", "C04", "C05"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("E06010", "E06010"), ("06010", "E06010"), ("01-10", "E06010"), ("暴露垃圾", "E06010"), ("垃圾", "E06010"),
        ("路口的垃圾桶满了没人收", "E06042"), ("路灯不亮", "E01037"), ("邻居半夜很吵", "L90001"),
        ("楼道堆物", "E06036"), ("消防通道被车堵了", "E09012"), ("有人在路上摆摊卖菜", "E09006"),
        ("下水道堵了污水外溢", "L10903"), ("Rubbish", "E06010"), ("the street light is out", "E01037"),
        ("potholes in the road", "E06013"), ("unpaid wages", "L90007"), ("煤气味很重", "L10902"),
    ],
)  # fmt: skip
def test_words_suggest_the_kind_that_people_mean(shipped: Catalogue, text: str, code: str) -> None:
    assert shipped.search(text)[0].code == code


def test_suggestions_keep_to_their_number_and_to_what_residents_may_choose(shipped: Catalogue) -> None:
    assert len(shipped.search("路", 3)) <= 3
    assert all(kind.public for kind in shipped.search("广告牌", public=True))
    assert any(not kind.public for kind in shipped.search("广告牌"))


@given(st.text(max_size=400))
def test_no_text_breaks_the_search(text: str) -> None:
    found = catalogue_store.load(0).search(text)
    assert len(found) <= 8
    assert all(isinstance(kind, Kind) for kind in found)


def test_words_that_mean_nothing_suggest_nothing(shipped: Catalogue) -> None:
    assert shipped.search("") == shipped.search("  ") == shipped.search("zzz qqq") == []


def test_the_catalogue_is_read_in_a_moment() -> None:
    table = rulebook.table("catalogue")
    took = []
    for _ in range(5):
        start = time.process_time()
        parsed(table)
        took.append(time.process_time() - start)
    assert min(took) < 0.15  # about 30 ms, whatever else the machine does


def test_codes_lead_to_kinds_and_conditions(shipped: Catalogue) -> None:
    condition = shipped.condition("E06010-1")
    assert condition is not None
    assert condition.limit == Limit(4, Unit.WORK_HOUR)
    assert shipped.kind("E99999") is shipped.condition("E06010-9") is shipped.condition("nothing") is None
    assert {kind.code for kind in shipped.by_legacy("C01-81")} == {"E06051", "E06052"}


SPOILT = [
    ("kinds", "code", "06010!", 2, "不合规则"),
    ("kinds", "name_en", "  ", 2, "不能为空"),
    ("kinds", "name_zh", "很" * 121, 2, "最多 120 字"),
    ("kinds", "name_zh", "两\n行", 2, "控制字符"),
    ("kinds", "checking", "maybe", 2, "photo"),
    ("kinds", "evidence", "", 2, "不能为空"),
    ("kinds", "settle", "yes", 2, "可选值"),
    ("kinds", "public", "2", 2, "可选值"),
    ("kinds", "responsible", "城管 队", 2, "部门或岗位代码"),
    ("kinds", "helpers", "CG;!", 2, "部门或岗位代码"),
    ("kinds", "default_condition", "E06013-1", 2, "默认条件"),
    ("conditions", "code", "E06010-1x", 2, "不合规则"),
    ("conditions", "code", "E06013-9", 2, "E06010-"),
    ("conditions", "kind", "E99999", 2, "E99999"),
    ("conditions", "limit", "0", 2, "时限"),
    ("conditions", "limit", "-3", 2, "时限"),
    ("conditions", "limit", "many", 2, "时限"),
    ("conditions", "unit", "weeks", 2, "时限"),
    ("conditions", "closing_zh", "", 2, "不能为空"),
]


@pytest.mark.parametrize(("sheet", "column", "value", "line", "words"), SPOILT)
def test_a_bad_cell_is_told_with_line_column_and_reason(
    sheet: str, column: str, value: str, line: int, words: str
) -> None:
    rows = small()
    rows[sheet][0][column] = value
    found = [f for f in findings(rows) if (f.sheet, f.line, f.field) == (sheet, line, column)]
    assert any(words in finding.reason.zh for finding in found), findings(rows)
    assert all(finding.reason.en for finding in found)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    rows = small()
    rows["kinds"][1]["settle"] = "?"
    rows["conditions"][0]["limit"] = "?"
    rows["conditions"][2]["unit"] = "?"
    assert [(f.sheet, f.line) for f in findings(rows)][-3:] == [
        ("kinds", 3),
        ("conditions", 2),
        ("conditions", 4),
    ]


def test_a_code_that_is_there_twice_is_told_at_its_second_line() -> None:
    rows = small()
    rows["kinds"].append(dict(rows["kinds"][0]))
    assert [(f.line, f.field) for f in findings(rows)] == [(4, "code")]


def test_a_kind_without_condition_a_class_with_two_names_and_a_missing_column_are_told() -> None:
    rows = small()
    rows["conditions"] = rows["conditions"][1:]
    assert [f.reason.zh for f in findings(rows)] == ["没有立案条件"]
    rows = small()
    rows["kinds"][1]["major_zh"] = "别的"
    assert "市容环境类" in findings(rows)[0].reason.zh
    rows = small()
    for row in rows["conditions"]:
        del row["unit"]
    assert ("conditions", 1, "unit") in {(f.sheet, f.line, f.field) for f in findings(rows)}


def test_an_empty_table_is_no_catalogue() -> None:
    assert [f.reason.zh for f in findings({"kinds": [], "conditions": []})] == ["表中没有事项"]


@given(st.dictionaries(st.sampled_from(["limit", "unit", "code", "kind", "text_zh"]), st.text(max_size=30)))
def test_no_cells_break_the_reading(cells: dict[str, str]) -> None:
    rows = small()
    rows["conditions"][0] |= cells
    Catalogue.parse(rows["kinds"], rows["conditions"])


def sheets_of(rows: Rows) -> Rows:
    return {name: [dict(row) for row in rows[name]] for name in catalogue_files.COLUMNS}


@pytest.mark.parametrize("form", ["town.xlsx", "town"])
def test_what_is_written_is_read_back_unchanged(tmp_path: Path, form: str) -> None:
    rows = rulebook.table("catalogue")
    path = tmp_path / form
    if path.suffix:
        catalogue_files.write_excel(rows, path)
    else:
        catalogue_files.write_csv(rows, path)
    sheets = catalogue_files.read(path)
    assert sheets.findings == []
    assert sheets.rows == sheets_of(rows)


NASTY = [
    "=1+1",
    "+86",
    "-1",
    "@cmd",
    "'=1",
    "''",
    "'",
    '=HYPERLINK("http://x")',
    "0012",
    "1e5",
    "TRUE",
    "a'b",
]


@pytest.mark.parametrize("form", ["town.xlsx", "town"])
def test_a_cell_is_text_whatever_it_begins_with(tmp_path: Path, form: str) -> None:
    rows = small()
    first = rows["kinds"][0]
    rows["kinds"] = [{**first, "code": f"E{n:05d}", "name_zh": value} for n, value in enumerate(NASTY)]
    path = tmp_path / form
    if path.suffix:
        catalogue_files.write_excel(rows, path)
        cells = [row[6] for row in load_workbook(path).worksheets[0].iter_rows(min_row=2)]
        assert [cell.data_type for cell in cells] == ["s"] * len(NASTY)
    else:
        catalogue_files.write_csv(rows, path)
        text = (path / "kinds.csv").read_text("utf-8-sig")
        names = [row["name_zh"] for row in csv.DictReader(io.StringIO(text))]
        assert not any(name[0] in "=+-@" for name in names)
    assert [row["name_zh"] for row in catalogue_files.read(path).rows["kinds"]] == NASTY


def test_numbers_of_excel_and_headings_in_any_language_are_understood(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(
        ["事项代码", "Code", "text_zh", "立案条件英文", "时限", "单位", "结案标准", "结案标准英文", "来源"]
    )
    sheet.append(["E06010", "E06010-1", "垃圾", "Rubbish", 3, "工作日", "已清", "Cleared", None])
    sheet.append([None] * 9)
    sheet.append(
        ["E06010", "E06010-2", "很多垃圾", "Much rubbish", 1.5, "work_hour", "已清", "Cleared", None]
    )
    book.save(tmp_path / "conditions.xlsx")
    sheets = catalogue_files.read(tmp_path / "conditions.xlsx")
    assert sheets.lines == {"conditions": [2, 4]}
    base = small() | {"kinds": small()["kinds"][:1]}
    _, made = catalogue_files.catalogue_of(sheets, base)
    assert isinstance(made, Catalogue), made
    kind = made.kind("E06010")
    assert kind is not None
    assert [c.limit for c in kind.conditions] == [Limit(3, Unit.WORK_DAY), Limit(1.5, Unit.WORK_HOUR)]


def test_a_csv_file_that_chinese_excel_saved_is_read(tmp_path: Path) -> None:
    text = catalogue_files.csv_text(small()["kinds"], "kinds")
    (tmp_path / "kinds.csv").write_bytes(text.encode("gb18030"))
    assert catalogue_files.read(tmp_path / "kinds.csv").rows["kinds"] == small()["kinds"]


BAD_FILES: list[tuple[str, bytes, Text]] = [
    ("a.xlsx", b"no workbook", catalogue_files.UNREADABLE),
    ("a.csv", b'code,name_zh\n"open', catalogue_files.UNREADABLE),
    ("a.csv", b"x,y\n1,2\n", catalogue_files.NO_SHEET),
    ("a.csv", b"", catalogue_files.NO_SHEET),
    ("a.pdf", b"%PDF", catalogue_files.UNKNOWN_FORM),
    ("a.csv", b"code,name_zh,surprise\nE1,x,y\n", Text("surprise", "surprise")),
    ("a.csv", b"code,name_zh\nE1,x,y\n", catalogue_files.TOO_MANY_CELLS),
]


@pytest.mark.parametrize(("name", "content", "reason"), BAD_FILES)
def test_a_file_that_is_no_catalogue_is_told_why(
    tmp_path: Path, name: str, content: bytes, reason: Text
) -> None:
    (tmp_path / name).write_bytes(content)
    sheets = catalogue_files.read(tmp_path / name)
    assert any(reason.zh in found.reason.zh for found in sheets.findings), sheets.findings


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert catalogue_files.read(tmp_path / "x.csv").findings[0].reason == catalogue_files.NOT_FOUND


@pytest.mark.django_db
def test_without_an_edition_the_files_hold() -> None:
    assert catalogue_store.load().version == 0
    assert catalogue_store.load().kind("E06010") is not None


@pytest.mark.django_db
def test_an_import_is_previewed_then_published_and_old_cases_keep_their_edition(tmp_path: Path) -> None:
    editions.sync_files(clock.now() - timedelta(days=1))
    catalogue_store.forget()
    rows = sheets_of(catalogue_store.rows())
    next(row for row in rows["conditions"] if row["code"] == "E06010-1")["limit"] = "2"
    catalogue_files.write_excel(rows, tmp_path / "town.xlsx")

    seen = catalogue_import.import_file(tmp_path / "town.xlsx", by=SYSTEM, at=clock.now(), dry_run=True)
    assert [(c.sheet, c.key, c.fields) for c in seen.changes] == [
        ("conditions", "E06010-1", {"limit": ("4", "2")})
    ]
    assert catalogue_store.load().version == 1

    done = catalogue_import.import_file(tmp_path / "town.xlsx", by=SYSTEM, at=clock.now())
    assert done.edition is not None
    limits = [
        condition.limit.amount
        for version in (1, 2, None)
        if (condition := catalogue_store.load(version).condition("E06010-1"))
    ]
    assert limits == [4, 2, 2]
    again = catalogue_import.import_file(tmp_path / "town.xlsx", by=SYSTEM, at=clock.now())
    assert (again.changes, again.edition) == ([], None)


@pytest.mark.django_db
def test_a_file_with_one_bad_line_changes_nothing(tmp_path: Path) -> None:
    rows = small()
    rows["conditions"][1]["limit"] = "soon"
    catalogue_files.write_csv(rows, tmp_path / "town")
    result = catalogue_import.import_file(tmp_path / "town", by=SYSTEM, at=AT)
    assert [(f.sheet, f.line, f.field) for f in result.findings] == [("conditions", 3, "limit")]
    assert editions.newest("catalogue") is None


@pytest.mark.django_db
def test_an_export_can_be_imported_without_a_change(tmp_path: Path) -> None:
    for name in ("out.xlsx", "out"):
        catalogue_import.export_file(tmp_path / name)
        assert catalogue_import.import_file(tmp_path / name, by=SYSTEM, at=AT).changes == []


@pytest.mark.django_db
def test_an_edition_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        catalogue_store.load(99)
