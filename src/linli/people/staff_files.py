"""Staff files: CSV (UTF-8 or as Chinese Excel saves it) or Excel, read as rows with what is wrong with the form.

Reads files, no database. One line is one post; with a sign-in name also one holder of it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from linli.kernel.text import Text
from linli.people.rules.staff_plan import Finding, Row

HEADINGS: dict[str, Text] = {
    "unit": Text("单位代码", "unit"),
    "role": Text("角色", "role"),
    "department": Text("部门代码", "department"),
    "department_name": Text("部门名称", "department name"),
    "department_en": Text("部门英文名", "department name (English)"),
    "title": Text("岗位名称", "title"),
    "title_en": Text("岗位英文名", "title (English)"),
    "username": Text("用户名", "username"),
    "name": Text("姓名", "name"),
    "since": Text("任职日期", "since"),
}
_ALSO = {
    "网格代码": "unit", "单元代码": "unit", "unit code": "unit", "登录名": "username", "user name": "username",
    "department code": "department", "department_name_en": "department_en", "岗位": "title",
}  # fmt: skip
_FIELDS = {
    **{word: name for name, label in HEADINGS.items() for word in (name, label.zh, label.en.casefold())},
    **_ALSO,
}
NEEDED = ("unit", "role")
BYTES_MOST = 20 * 1024 * 1024
ROWS_MOST = 50_000
_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

UNREADABLE = Text("文件读不懂:请用 Excel 或 CSV(UTF-8 或 GB 18030)", "the file cannot be read: use Excel, or CSV in UTF-8 or GB 18030")  # fmt: skip
TOO_BIG = Text("文件太大", "the file is too big")
NO_COLUMN = Text("首行没有“{name}”这一列", "the first line has no column “{name}”")
UNKNOWN_COLUMN = Text("不认识的列“{name}”", "unknown column “{name}”")
TWICE = Text("这一列出现了两次", "this column is there twice")
TOO_MANY_CELLS = Text("这一行的单元格比首行多", "this line has more cells than the first")

Lines = Iterator[tuple[int, Sequence[object]]]


def read(path: Path) -> tuple[list[Row], list[Finding]]:
    """The rows with their line numbers (the headings are line 1), and what is wrong with the file's form."""
    try:
        data = path.read_bytes()
    except OSError:
        return [], [Finding(0, "file", UNREADABLE)]
    if len(data) > BYTES_MOST:
        return [], [Finding(0, "file", TOO_BIG)]
    try:
        lines = list(_sheet(data) if data[:4] in _EXCEL else _csv(data))
    except (CalamineError, csv.Error, UnicodeError):
        return [], [Finding(0, "file", UNREADABLE)]
    if len(lines) > ROWS_MOST:
        return [], [Finding(0, "file", TOO_BIG)]
    return _rows(lines)


def _csv(data: bytes) -> Lines:
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _sheet(data: bytes) -> Lines:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    for number, cells in enumerate(rows.to_python(skip_empty_area=False), start=1):
        if any(str(cell).strip() for cell in cells):
            yield number, cells


def _rows(lines: list[tuple[int, Sequence[object]]]) -> tuple[list[Row], list[Finding]]:
    where, findings = _where(lines[0][1] if lines else ())
    if findings:
        return [], findings
    rows = []
    for line, cells in lines[1:]:
        if any(_plain(cell) for cell in cells[len(lines[0][1]) :]):
            findings.append(Finding(line, "", TOO_MANY_CELLS))
        given = {name: _plain(cells[at]) for name, at in where.items() if at < len(cells)}
        rows.append(Row(line, **{"unit": "", "role": ""} | given))
    return rows, findings


def _where(head: Sequence[object]) -> tuple[dict[str, int], list[Finding]]:
    where: dict[str, int] = {}
    findings = []
    for at, cell in enumerate(head):
        title = re.sub(r"\s+", " ", _plain(cell))
        if not title:
            continue
        name = _FIELDS.get(title.casefold())
        if name is None:
            findings.append(Finding(1, title[:40], UNKNOWN_COLUMN.fill(name=title[:40])))
        elif name in where:
            findings.append(Finding(1, title, TWICE))
        else:
            where[name] = at
    for name in NEEDED:
        if name not in where:
            findings.append(Finding(1, name, NO_COLUMN.fill(name=HEADINGS[name])))
    return where, findings


def _plain(cell: object) -> str:
    """A cell as text: whole numbers without a point, dates as days."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()[:10]
    return str(cell if cell is not None else "").strip().strip("\ufeff")
