"""Files that a town clerk opens: Excel or CSV with Chinese headings, read as lines with what is wrong with their form."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from python_calamine import CalamineError, CalamineWorkbook

from linli.kernel import rulebook, sheets
from linli.kernel.text import Text
from linli.responsibility.words import Finding, Line

MATRIX_HEADINGS: dict[str, Text] = {
    "unit": Text("单元代码", "Unit"),
    "unit_name": Text("单元名称", "Unit name"),
    "place": Text("点位", "Place"),
    "place_kind": Text("点位类别", "Kind of place"),
    "kind": Text("事项代码", "Kind"),
    "kind_name": Text("事项名称", "Kind name"),
    "part": Text("分工", "Part"),
    "taker": Text("部门或角色", "Department or role"),
    "taker_name": Text("部门或角色名称", "Name of department or role"),
    "source": Text("依据", "Source"),
}
DUTY_HEADINGS: dict[str, Text] = {
    "code": Text("事项代码", "Kind"),
    "standing": Text("履职类别", "Standing"),
    "lead_zh": Text("上级部门", "Department above"),
    "lead_en": Text("上级部门英文名", "Department above (English)"),
    "source_zh": Text("依据", "Source"),
    "source_en": Text("依据英文", "Source (English)"),
}
_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

UNREADABLE = Text("文件读不懂:请用 Excel 或 CSV(UTF-8 或 GB 18030)", "the file cannot be read: use Excel, or CSV in UTF-8 or GB 18030")  # fmt: skip
TOO_BIG = Text("文件太大", "the file is too big")
EMPTY = Text("文件里没有内容", "the file is empty")
NO_COLUMN = Text("首行没有“{name}”这一列", "the first line has no column “{name}”")
UNKNOWN_COLUMN = Text("不认识的列“{name}”", "unknown column “{name}”")
TWICE = Text("这一列出现了两次", "this column is there twice")
TOO_MANY_CELLS = Text("这一行的单元格比首行多", "this line has more cells than the first")

Cells = tuple[int, list[str]]


def write(title: Text, headings: Mapping[str, Text], rows: Iterable[Mapping[str, str]]) -> bytes:
    """An Excel file with Chinese headings; every cell is text, whatever it begins with."""
    body = ([_kept(row.get(column, "")) for column in headings] for row in rows)
    return sheets.workbook(title.zh, [[label.zh for label in headings.values()], *body])


def _kept(cell: str) -> str:
    """An apostrophe of its own is doubled, because reading takes off the one that `sheets.safe` puts there."""
    return f"'{cell}" if cell.startswith("'") else cell


def read(
    data: bytes, headings: Mapping[str, Text], needed: Sequence[str]
) -> tuple[list[Line], list[Finding]]:
    """The lines by column, and what is wrong with the file's form; headings may be in either language."""
    limits = rulebook.table("responsibility")["file"]
    if len(data) > limits["bytes_most"]:
        return [], [Finding(0, "file", TOO_BIG)]
    try:
        table = _excel(data) if data[:4] in _EXCEL else _csv(data)
    except (CalamineError, csv.Error, UnicodeError):
        return [], [Finding(0, "file", UNREADABLE)]
    if not table:
        return [], [Finding(0, "file", EMPTY)]
    if len(table) > limits["rows_most"]:
        return [], [Finding(0, "file", TOO_BIG)]
    return _lines(table, headings, needed)


def _csv(data: bytes) -> list[Cells]:
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    return [(reader.line_num, found) for row in reader if any(found := [_plain(cell) for cell in row])]


def _excel(data: bytes) -> list[Cells]:
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    return [
        (number, found)
        for number, row in enumerate(rows, start=1)
        if any(found := [_plain(cell) for cell in row])
    ]


def _lines(
    table: list[Cells], headings: Mapping[str, Text], needed: Sequence[str]
) -> tuple[list[Line], list[Finding]]:
    words = {word.casefold(): name for name, label in headings.items() for word in (name, *label)}
    first, head = table[0]
    columns = [words.get(cell.casefold(), "") for cell in head]
    findings = [
        Finding(first, cell[:40], UNKNOWN_COLUMN.fill(name=cell[:40]))
        for cell, column in zip(head, columns, strict=True)
        if cell and not column
    ]
    findings += [Finding(first, headings[c].zh, TWICE) for c in headings if columns.count(c) > 1]
    findings += [
        Finding(first, headings[column].zh, NO_COLUMN.fill(name=headings[column]))
        for column in needed
        if column not in columns
    ]
    if findings:
        return [], findings
    lines = []
    for number, cells in table[1:]:
        if any(cells[len(columns) :]):
            findings.append(Finding(number, "", TOO_MANY_CELLS))
        padded = [*cells, *[""] * len(columns)]
        lines.append(Line(number, {c: cell for c, cell in zip(columns, padded, strict=False) if c}))
    return lines, findings


def _plain(cell: object) -> str:
    """A cell as text: whole numbers without a point, days as dates, and without the apostrophe of `sheets.safe`."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()[:10]
    text = str(cell if cell is not None else "").strip().strip("\ufeff")
    return text[1:] if text[:1] == "'" and text[1:].startswith((*sheets.FORMULA, "'")) else text
