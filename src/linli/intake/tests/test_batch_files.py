"""Files and cells as people send them: what is read, what is refused and why. No case is opened here."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from linli.intake.batches import columns, judging, parts, sheet
from linli.intake.batches.rows import Reader, plain_time
from linli.intake.batches.words import NO_ROWS, TOO_BIG, Field
from linli.intake.words import FILE_UNREADABLE, Refused
from linli.kernel import sheets
from linli.kernel.errors import Problem
from linli.kernel.fields import Unreadable
from linli.kernel.ids import uuid7

AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
LIMITS = {"most_bytes": 10_000, "most_unpacked": 200_000, "most_rows": 5, "most_columns": 6, "chunk_rows": 2}
HEAD = "编号,内容,地址\n"


def read(data: bytes, name: str = "x.csv") -> sheet.Sheet:
    return sheet.read(SimpleUploadedFile(name, data), LIMITS)


def packed(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/"), data)
    return made.getvalue()


def book(*rows: list[Any]) -> bytes:
    made, written = Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(row)
    made.save(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", FILE_UNREADABLE),
        (b"\n\n", FILE_UNREADABLE),
        (b"\xef\xbb\xbf", FILE_UNREADABLE),
        (HEAD.encode(), NO_ROWS),
        (HEAD.encode() + b"\n,,\n , ,\n", NO_ROWS),
        (b"x" * 10_001, TOO_BIG),
        ((HEAD + "1,a,b\n" * 6).encode(), TOO_BIG),
        (b"a,b,c,d,e,f,g\n1,2,3,4,5,6,7\n", TOO_BIG),
        (b"1,2,3\n4,5,6\n", FILE_UNREADABLE),
        (b"just one column\nrow\n", FILE_UNREADABLE),
        (b"%PDF-1.7\n1 0 obj\n", FILE_UNREADABLE),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", FILE_UNREADABLE),
        (b"\x1f\x8b\x08\0rest", FILE_UNREADABLE),
        (b"PK\x03\x04 broken", FILE_UNREADABLE),
        (packed(word__document=b"x"), FILE_UNREADABLE),
        (packed(xl__workbook=b"x"), FILE_UNREADABLE),
        (packed(xl__huge=b"0" * 200_001), TOO_BIG),
        (b"\xd0\xcf\x11\xe0 not really", FILE_UNREADABLE),
        (book(["编号", "内容"]), NO_ROWS),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_and_said_why(data: bytes, code: Any) -> None:
    with pytest.raises(Problem) as refused:
        read(data)
    assert refused.value.error is code
    assert refused.value.fields["file"].zh


def test_columns_of_the_same_name_are_told_apart_and_empty_ones_have_a_place() -> None:
    found = read("地址,内容,地址,\n1,2,3,4\n".encode())
    assert found.header == ["地址", "内容", "地址 (2)", "#4"]


def test_short_lines_are_filled_and_long_ones_refused_when_they_say_more() -> None:
    found = read((HEAD + "1,a\n2,a,b,,\n3,a,b,c\n").encode())
    assert found.lines[0] == (2, ["1", "a", ""])
    assert found.lines[1] == (3, ["2", "a", "b"])
    assert isinstance(found.lines[2][1], tuple)


def test_a_cell_over_several_lines_keeps_the_numbers_of_lines_right() -> None:
    found = read((HEAD + '1,"a\nb",c\n2,d,e\n').encode())
    assert [line for line, _ in found.lines] == [2, 4]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_usual_encodings_are_told_apart(encoding: str) -> None:
    found = read((HEAD + "1,路口垃圾没人清,禾苑路\n").encode(encoding))
    assert found.lines == [(2, ["1", "路口垃圾没人清", "禾苑路"])]


def test_days_and_whole_numbers_of_a_workbook_are_read_as_they_are_meant() -> None:
    found = read(book(["编号", "时间"], [20261123001, AT.replace(hour=8, tzinfo=None)]))
    assert found.lines == [(2, ["20261123001", "2026-11-23 08:00:00"])]


@given(
    st.lists(
        st.tuples(
            st.integers(2, 10**6),
            st.one_of(st.lists(st.text(), min_size=2, max_size=2), st.tuples(st.text(), st.text())),
        ),
        max_size=5,
    )
)
def test_a_part_opens_as_it_was_closed(lines: list[Any]) -> None:
    batch_id = uuid7(AT)
    assert parts.open_(batch_id, 3, parts.close(batch_id, 3, lines)) == lines


def test_a_part_opens_in_its_own_place_only() -> None:
    data = parts.close(uuid7(AT), 0, [(2, ["a"])])
    with pytest.raises(Unreadable):
        parts.open_(uuid7(AT), 0, data)


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        (
            "工单编号 诉求内容 地址 诉求类别 来电时间 联系电话 诉求人",
            "number text address kind received phone name",
        ),
        (
            "序列号 问题描述 事发地点 分类 受理时间 来电号码 来电人",
            "number text address kind received phone name",
        ),
        ("工单编号* 诉求标题 诉求内容(必填) 经度 纬度 要求办结时间", "number title text lng lat wanted"),
        ("接警单号 警情内容 警情地址 警情类别 接警时间", "number text address kind received"),
        ("Ticket Description Address Category Phone", "number text address kind phone"),
        ("备注 其他 说明", ""),
    ],
)
def test_the_heading_tells_which_column_is_what(heading: str, expected: str) -> None:
    labels = heading.split()
    found = columns.propose(labels, {})
    assert {label: found_field for found_field, label in found.items()} == dict(
        zip(labels, expected.split(), strict=False)
    )


@given(st.lists(st.sampled_from([name for names in columns.NAMES.values() for name in names]), max_size=12))
def test_no_column_is_proposed_twice_and_what_is_proposed_is_there(heading: list[str]) -> None:
    labels = columns.labels(heading)
    found = columns.propose(labels, {})
    assert len(set(found.values())) == len(found)
    assert set(found.values()) <= set(labels)
    assert not [text for field, text in columns.wrong(found, labels).items() if text is columns.NO_COLUMN]


def test_what_a_source_renamed_is_told_by_its_new_name_and_what_was_left_out_stays_out() -> None:
    saved = {"number": "编号", "text": "诉求", "phone": "电话"}
    found = columns.propose(["编号", "诉求内容", "手机号码", "地址"], saved)
    assert found == {"number": "编号", "text": "诉求内容", "phone": "手机号码"}


ALL = {field: place for place, field in enumerate(Field)}


def reader(**changes: Any) -> Reader:
    given: dict[str, Any] = {
        "kind_of": lambda theirs: "", "zone": ZoneInfo("Asia/Shanghai"), "at": AT, "oldest_days": 366,
    } | changes  # fmt: skip
    return Reader(ALL, **given)


def cells(**values: str) -> list[str]:
    usual = {"number": "1", "text": "有事", "address": "禾苑路"} | values
    return [usual.get(field.value, "") for field in Field]


@pytest.mark.parametrize(
    ("values", "field", "zh"),
    [
        ({"text": ""}, "text", "缺少"),
        ({"text": " \u3000 "}, "text", "缺少"),
        ({"text": "x" * 4001}, "text", "超过"),
        ({"number": "9" * 65}, "number", "超过"),
        ({"address": "路" * 201}, "address", "超过"),
        ({"kind": "类" * 121}, "kind", "超过"),
        ({"received": "昨天"}, "received", "不是可读的时间"),
        ({"received": "2026-02-30 08:00"}, "received", "不是可读的时间"),
        ({"received": "99999"}, "received", "不是可读的时间"),
        ({"received": "2025-01-01"}, "received", "早于 366 天"),
        ({"received": "0001-01-01 00:00"}, "received", "不是可读的时间"),
        ({"wanted": "尽快"}, "wanted", "不是可读的时间"),
        ({"lng": "121.1"}, "lat", "只有一个"),
        ({"lat": "31.1"}, "lng", "只有一个"),
        ({"lng": "abc", "lat": "31"}, "lng", "不是数字"),
        ({"lng": "nan", "lat": "31"}, "lng", "不可能"),
        ({"lng": "181", "lat": "31"}, "lng", "不可能"),
        ({"lng": "121", "lat": "1e400"}, "lat", "不可能"),
        ({"text": "a\0b"}, "text", "字节"),
        ({"name": "王\ud800"}, "name", "字节"),
    ],
)
def test_a_line_that_cannot_be_taken_says_where_and_why(values: dict[str, str], field: str, zh: str) -> None:
    with pytest.raises(Refused) as refused:
        reader().take(7, cells(**values))
    assert refused.value.field == field
    assert zh in refused.value.reason.zh
    assert "\0" not in refused.value.value
    refused.value.value.encode()


def test_a_refusal_repeats_nothing_personal() -> None:
    for field in ("name", "phone", "text"):
        with pytest.raises(Refused) as refused:
            reader().take(2, cells(**{field: "16100000011\0"}))
        assert refused.value.value == ""


@pytest.mark.parametrize(
    "written",
    ["2026-11-23 08:00", "2026/11/23 8:00", "2026年11月23日8时00分", "2026-11-23T08:00:00+08:00", "46349.3333333333",
     "20261123080000", "202611230800", "2026.11.23 8:00:00"],
)  # fmt: skip
def test_a_time_is_read_in_every_usual_form(written: str) -> None:
    row = reader(at=AT).take(2, cells(received=written))
    assert row.received == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def test_a_time_in_the_future_is_not_believed() -> None:
    assert reader().take(2, cells(received="2026-11-23 13:00")).received is None


def test_title_and_text_are_joined_unless_the_text_says_both() -> None:
    assert reader().take(2, cells(title="路灯", text="坏了三天")).text == "路灯\n坏了三天"
    assert reader().take(2, cells(title="路灯", text="路灯坏了")).text == "路灯坏了"
    assert reader().take(2, cells(title="路灯坏了", text="")).text == "路灯坏了"


@given(st.text())
def test_any_text_in_a_time_is_a_time_or_is_refused(written: str) -> None:
    try:
        row = reader().take(2, cells(received=written))
    except Refused:
        return
    assert row.received is None or AT - timedelta(days=366) <= row.received <= AT


@given(st.lists(st.text(max_size=30), min_size=len(Field), max_size=len(Field)))
def test_any_cells_are_a_row_or_are_refused(given_cells: list[str]) -> None:
    try:
        row = reader().take(2, given_cells)
    except Refused:
        return
    assert row.text
    row.text.encode()


def test_plain_times_are_left_alone() -> None:
    for text in ("2026-11-23", "12345", "昨天", "12026"):
        assert plain_time(text) == text


@pytest.mark.parametrize(
    ("numbers", "twice"),
    [
        ([], {}),
        ([(2, "a"), (3, "b"), (4, "a"), (9, "a")], {"4": 2, "9": 2}),
        ([(2, ""), (3, "")], {}),
    ],
)
def test_lines_with_the_number_of_an_earlier_line_are_found(
    numbers: list[tuple[int, str]], twice: dict[str, int]
) -> None:
    assert judging.find_twice(numbers, {}) == twice


def test_numbers_are_found_twice_across_parts_as_in_one() -> None:
    lines = [(2, "A"), (3, "B"), (4, "A"), (5, ""), (6, "B"), (7, "C"), (8, "A")]
    whole = judging.find_twice(lines, {})
    for cut in range(len(lines) + 1):
        first: dict[str, int] = {}
        parts = [judging.find_twice(part, first) for part in (lines[:cut], lines[cut:])]
        assert parts[0] | parts[1] == whole


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-1", "@SUM", "\t=1", "\r=1"])
def test_no_cell_of_a_sheet_that_leaves_is_a_formula(cell: str) -> None:
    assert sheets.safe(cell) == f"'{cell}"
    assert "".join(sheets.csv_lines([[cell]])).lstrip('\ufeff"').startswith("'")


def test_other_cells_leave_as_they_are() -> None:
    assert sheets.safe("禾苑路 8 号 -- 东") == "禾苑路 8 号 -- 东"
    assert "".join(sheets.csv_lines([["a", "b,c"]])) == '\ufeffa,"b,c"\r\n'
