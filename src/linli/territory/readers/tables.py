"""Tables: CSV and Excel, plain (code, name, parent …) or the divisions layout with towns and counties."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from python_calamine import CalamineError, CalamineWorkbook

from linli.kernel.text import Text
from linli.territory.readers.common import (
    COLUMNS,
    CONTROL,
    LONGEST_NAME,
    Choices,
    Reading,
    plain,
    rank_word,
    short,
    unreadable,
)  # fmt: skip
from linli.territory.rules.codes import read_code
from linli.territory.rules.plan import Row, Trouble
from linli.territory.words import Rank, Severity

KINDS = {
    "村": "village",
    "居/社区": "community",
    "居": "community",
    "社区": "community",
    "类似村/园区": "zone",
}


def from_csv(text: str, choices: Choices) -> Reading:
    """The rows of a CSV text."""
    return _table(_csv(text), choices)


def from_sheet(data: bytes, choices: Choices) -> Reading:
    """The rows of the first sheet of an Excel file."""
    return _table(_sheet(data), choices)


def _csv(text: str) -> Iterator[tuple[int, Sequence[object]]]:
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        line = reader.line_num
        raise unreadable(Text(f"第 {line} 行不是有效的 CSV", f"Line {line} is not valid CSV")) from error


def _sheet(data: bytes) -> Iterator[tuple[int, Sequence[object]]]:
    try:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    except CalamineError as error:
        raise unreadable(Text("Excel 文件已损坏", "The Excel file is damaged")) from error
    for number, cells in enumerate(rows, start=1):
        if any(str(cell).strip() for cell in cells):
            yield number, cells


def _header(cells: Sequence[object], choices: Choices) -> dict[str, int]:
    """Where each known column is; the columns that the importer named win."""
    titles = [re.sub(r"\s+", "", plain(cell)).casefold() for cell in cells]
    named = {
        "code": choices.code_from, "name": choices.name_from,
        "parent": choices.parent_from, "rank": choices.rank_from,
    }  # fmt: skip
    where: dict[str, int] = {}
    for column, known in COLUMNS.items():
        wanted = (named[column].casefold(),) if named.get(column) else known
        found = next((titles.index(title) for title in wanted if title in titles), None)
        if found is not None:
            where[column] = found
    return where


_NO_HEADER = Text(
    "首行没有“code/代码”和“name/名称”两列,无法识别", "The first line has no columns “code” and “name”"
)


def _table(lines: Iterator[tuple[int, Sequence[object]]], choices: Choices) -> Reading:
    reading = Reading()
    first = next(lines, None)
    if first is None:
        reading.note(0, "file", Trouble.FILE, Severity.ERROR, Text("文件是空的", "The file is empty"))
        return reading
    where = _header(first[1], choices)
    if "code" not in where or not ("name" in where or choices.code_from):
        reading.note(first[0], "header", Trouble.FILE, Severity.ERROR, _NO_HEADER)
        return reading
    table = _Table(reading, where)
    for line, cells in lines:
        table.take(line, cells)
    return reading


_CONFLICT = Text(
    "{code} 在第 {line} 行叫“{one}”,此处叫“{other}”或上级不同",
    "{code} is “{one}” in line {line}, but here “{other}” or under another parent",
)


class _Table:
    """Turns the lines of one table into rows; the divisions layout also into its towns and counties."""

    def __init__(self, reading: Reading, where: dict[str, int]) -> None:
        self._reading = reading
        self._where = where
        self._divisions = "town_code" in where or "county_code" in where
        self._above: dict[str, Row] = {}

    def take(self, line: int, cells: Sequence[object]) -> None:
        code = self._code(line, "code", self._raw(cells, "code"))
        name = self._text(line, "name", cells)
        if not code or name is None:
            return
        parent = self._division_parent(line, cells) if self._divisions else self._parent(line, cells)
        # a county without towns (金门县 350527) is listed as its own town
        if parent is None or (self._divisions and parent == code):
            return
        kind = short(self._raw(cells, "kind"), 30)
        row = Row(
            line, code, name=name, name_en=short(self._raw(cells, "name_en"), 200),
            rank=rank_word(self._reading, line, plain(self._raw(cells, "rank"))), kind=KINDS.get(kind, kind),
            parent=parent, households=self._households(line, cells),
        )  # fmt: skip
        self._reading.rows.append(row)

    def _raw(self, cells: Sequence[object], column: str) -> object:
        at = self._where.get(column)
        return cells[at] if at is not None and at < len(cells) else ""

    def _text(self, line: int, column: str, cells: Sequence[object]) -> str | None:
        text = plain(self._raw(cells, column))
        if len(text) > LONGEST_NAME or CONTROL.search(text):
            problem = Text("名称过长或含有控制字符", "The name is too long or has control characters")
            self._reading.note(line, column, Trouble.NAME, Severity.ERROR, problem)
            return None
        return text

    def _code(self, line: int, column: str, value: object) -> str:
        read = read_code(value)
        if read.severity is not None and read.text is not None:
            self._reading.note(line, column, Trouble.CODE, read.severity, read.text)
            if read.severity is Severity.ERROR:
                return ""
        return read.code

    def _parent(self, line: int, cells: Sequence[object]) -> str | None:
        """The stated parent's code, "" when none is stated, None when it is unusable."""
        value = self._raw(cells, "parent")
        if not plain(value):
            return ""
        return self._code(line, "parent", value) or None

    def _households(self, line: int, cells: Sequence[object]) -> int | None:
        text = plain(self._raw(cells, "households")).removesuffix(".0")
        if not text:
            return None
        if text.isascii() and text.isdigit() and len(text) <= 7:
            return int(text)
        problem = Text("户数 {value} 不是数字", "Households {value} is not a number").fill(value=text[:20])
        self._reading.note(line, "households", Trouble.FIELD, Severity.ERROR, problem)
        return None

    def _division_parent(self, line: int, cells: Sequence[object]) -> str | None:
        """The code of the row's town, after making sure that its town and county are rows themselves.

        A city without counties repeats its own name as the county's, or leaves it empty.
        """
        city = plain(self._raw(cells, "city"))
        county = plain(self._raw(cells, "county")) or city
        rank = Rank.CITY if county and county == city else Rank.COUNTY
        county_code = self._level(line, cells, "county_code", county, rank, "")
        if county_code is None or "town_code" not in self._where:
            return county_code
        return self._level(line, cells, "town_code", plain(self._raw(cells, "town")), Rank.TOWN, county_code)

    def _level(
        self, line: int, cells: Sequence[object], column: str, name: str, rank: Rank, parent: str
    ) -> str | None:
        raw = plain(self._raw(cells, column))
        if not raw:
            return parent
        known = self._above.get(raw)
        if known is None:
            code = self._code(line, column, raw.ljust(12, "0") if len(raw) == 4 and raw.isdigit() else raw)
            if not code or code == parent:
                return parent if code else None
            known = self._above[raw] = Row(line, code, name=name, rank=str(rank), parent=parent)
            if name:
                self._reading.rows.append(known)
        elif known.name != name or known.parent != parent:
            text = _CONFLICT.fill(code=known.code, line=known.line, one=known.name, other=name)
            self._reading.note(line, column, Trouble.DUPLICATE, Severity.ERROR, text)
            return None
        return known.code
