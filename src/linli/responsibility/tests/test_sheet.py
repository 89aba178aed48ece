"""The matrix as a file: what it says is what was written, and what is wrong is told with its line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people.words import Entry, Part, Role
from linli.responsibility import files
from linli.responsibility.rules import gaps, sheet, shift
from linli.responsibility.rules.sheet import Known, Office
from linli.responsibility.words import Line

TOWN, EAST, WEST = (uuid7() for _ in range(3))
RIVER, SPORTS, STREET = (uuid7() for _ in range(3))
OFFICES = [
    Office(uuid7(), "HW", TOWN, Text("环卫所", "Sanitation")),
    Office(uuid7(), "JW", EAST, Text("东村居委", "East committee")),
    Office(uuid7(), "JW", WEST, Text("西村居委", "West committee")),
]
KINDS = {code: Text(code, code) for code in ("E06010", "E06", "E0", "E", "L90002", "L90")}
KNOWN = Known(
    units={"1": (TOWN, True), "1-1": (EAST, True), "1-2": (WEST, False)},
    names={TOWN: Text("镇", "town"), EAST: Text("东村", "East"), WEST: Text("西村", "West")},
    ways={TOWN: (TOWN,), EAST: (EAST, TOWN), WEST: (WEST, TOWN)},
    managed=frozenset({TOWN, EAST, WEST}),
    places={EAST: [(RIVER, "东塘", "river"), (STREET, "东塘", "road")], TOWN: [(SPORTS, "体育场", "park")]},
    offices={"HW": OFFICES[:1], "JW": OFFICES[1:]},
    kinds=KINDS,
    office_by_id={office.id: office for office in OFFICES},
)
HEAD = files.MATRIX_HEADINGS

where = st.sampled_from(
    ((TOWN, None), (EAST, None), (WEST, None), (EAST, RIVER), (EAST, STREET), (TOWN, SPORTS))
)
who = st.one_of(
    st.sampled_from([str(role) for role in Role]).map(lambda role: (role, None)),
    st.sampled_from([office.id for office in OFFICES]).map(lambda id: ("", id)),
)
source = st.text("依据镇办发3号'=+-@ab,;\"", max_size=12).map(str.strip)


@st.composite
def matrices(draw: st.DrawFn) -> list[Entry]:
    rows: dict[object, Entry] = {}
    for _ in range(draw(st.integers(0, 12))):
        unit, place = draw(where)
        kind, part = draw(st.sampled_from(("", *KINDS, "ZZ9"))), draw(st.sampled_from(list(Part)))
        role, office = draw(who)
        row = Entry(kind, unit, place, part, role, office, draw(source))
        rows[row.cell if part is Part.LEAD else (row.cell, row.taker)] = row
    return list(rows.values())


@settings(max_examples=80)
@given(matrices())
def test_what_is_exported_as_excel_and_sent_back_is_the_same_matrix(rows: list[Entry]) -> None:
    data = files.write(Text("责任清单", "matrix"), HEAD, sheet.write(rows, KNOWN))
    lines, form = files.read(data, HEAD, sheet.NEEDED)
    again, findings = sheet.read(lines, KNOWN)
    assert form == []
    assert [finding for finding in findings if not finding.warning] == []
    assert sorted(map(repr, again)) == sorted(map(repr, rows))


FINE = {"unit": "1", "kind": "E06", "part": "牵头", "taker": "HW", "source": ""}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"unit": ""}, "unit"),
        ({"unit": "9"}, "unit"),
        ({"kind": ""}, "kind"),
        ({"kind": "E 6"}, "kind"),
        ({"kind": "E" * 25}, "kind"),
        ({"part": ""}, "part"),
        ({"part": "老大"}, "part"),
        ({"taker": ""}, "taker"),
        ({"taker": "没有的部门"}, "taker"),
        ({"taker": "JW"}, "taker"),
        ({"taker": "HW@1-1"}, "taker"),
        ({"taker": "HW@"}, None),
        ({"place": "没有的河"}, "place"),
        ({"place_kind": "river"}, "place"),
        ({"unit": "1-1", "place": "东塘"}, "place"),
        ({"unit": "1-1", "place": "东塘", "place_kind": "river"}, None),
        ({"source": "字" * 201}, "source"),
        ({"source": "a\x00b"}, "source"),
        ({"taker": "网格长"}, None),
        ({"taker": "Grid lead", "part": "LEADS"}, None),
        ({"taker": "JW@1-1"}, None),
    ],
)
def test_a_line_that_cannot_be_taken_is_told_with_its_number_and_column(
    changed: dict[str, str], field: str | None
) -> None:
    rows, findings = sheet.read([Line(7, {**FINE, **changed})], KNOWN)
    wrong = [(each.line, each.field) for each in findings if not each.warning]
    assert wrong == ([(7, field)] if field else [])
    assert len(rows) == (0 if field else 1)


def test_a_second_lead_of_a_cell_and_a_row_said_twice_name_the_line_that_was_first() -> None:
    lines = [Line(2, FINE), Line(3, {**FINE, "taker": "网格长"}), Line(4, FINE), Line(5, {**FINE, "part": "配合"})]  # fmt: skip
    rows, findings = sheet.read(lines, KNOWN)
    assert [(each.line, each.field) for each in findings] == [(3, "part"), (4, "taker")]
    assert "2" in findings[0].reason.zh
    assert len(rows) == 2


def test_an_unknown_kind_and_a_closed_unit_are_told_but_do_not_stop_the_file() -> None:
    rows, findings = sheet.read([Line(2, {**FINE, "unit": "1-2", "kind": "Z99"})], KNOWN)
    assert len(rows) == 1
    assert {(each.field, each.warning) for each in findings} == {("kind", True), ("unit", True)}


def test_a_unit_that_one_does_not_administer_is_refused() -> None:
    narrow = Known(
        **{**{name: getattr(KNOWN, name) for name in Known.__slots__}, "managed": frozenset({EAST})}
    )
    rows, findings = sheet.read([Line(2, FINE)], narrow)
    assert (rows, [each.field for each in findings]) == ([], ["unit"])


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"", "file"),
        (b"PK\x03\x04broken", "file"),
        ("单元代码,事项代码\n1,E06".encode(), "分工"),
        ("单元代码,事项代码,分工,部门或角色,颜色\n1,E06,牵头,HW,红".encode(), "颜色"),
        ("单元代码,单元代码,事项代码,分工,部门或角色\n1,1,E06,牵头,HW".encode(), "单元代码"),
        ("unit,kind,part,taker\n1,E06,lead,HW,更多".encode(), ""),
        ("unit,kind,part,taker\n1,E06,lead,HW".encode("gb18030"), None),
        ("单元代码;事项代码;分工;部门或角色\n1;E06;牵头;HW".encode("gb18030"), None),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_of_ours_says_what_is_wrong(data: bytes, wrong: str | None) -> None:
    lines, findings = files.read(data, HEAD, sheet.NEEDED)
    assert [each.field for each in findings][:1] == ([] if wrong is None else [wrong])
    if wrong is None:
        assert sheet.read(lines, KNOWN)[1] == []


def test_a_number_that_excel_made_of_a_code_is_read_as_the_code() -> None:
    assert files._plain(310199100.0) == "310199100"


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.randoms())
def test_a_gap_is_told_once_at_the_highest_unit_and_counts_the_smallest_units_in_it(
    depths: list[int], random: object
) -> None:
    tree = _tree(depths)
    missing = {index for index, _ in tree if random.random() < 0.6}  # type: ignore[attr-defined]  # a Random
    found = gaps.tops(tree, missing.__contains__, {index for index, _ in tree})
    leaves = [index for index, end in tree if end == index + 1]
    ends = dict(tree)
    inside = [leaf for index, _, _ in found for leaf in leaves if index <= leaf < ends[index]]
    assert sorted(inside) == [leaf for leaf in leaves if leaf in missing]
    assert [count for _, _, count in found] == [
        sum(index <= leaf < ends[index] for leaf in leaves) for index, _, _ in found
    ]
    for index, first, _ in found:
        above = [other for other, end in tree if other < index < end]
        assert index <= first < ends[index]
        assert not above or any(leaf not in missing for leaf in leaves if above[-1] <= leaf < ends[above[-1]])


def _tree(depths: list[int]) -> list[tuple[int, int]]:
    levels = [0]
    for depth in depths[1:]:
        levels.append(min(depth, levels[-1] + 1))
    return [
        (n, next((m for m in range(n + 1, len(levels)) if levels[m] <= level), len(levels)))
        for n, level in enumerate(levels)
    ]


NAMES = [Text(name, name) for name in "甲乙丙"]


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=40))
def test_what_some_lose_others_gain(pairs: list[tuple[Text, Text]]) -> None:
    found = shift.flows(pairs)
    each = shift.balances(found)
    assert sum(one.lost for one in each) == sum(one.gained for one in each) == sum(a != b for a, b in pairs)
    assert sum(one.net for one in each) == 0
