"""The catalogue in files that a town clerk opens: Excel with two sheets, CSV, or a folder of two CSV files.

Headings may be the columns' names or their Chinese or English labels. Nothing is changed here: `read` gives
rows and what is wrong, `preview` what would change.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from python_calamine import CalamineError, CalamineWorkbook

from linli.kernel import rulebook
from linli.kernel.rulebook import Change
from linli.kernel.text import Text

from .catalogue import CONDITION_COLUMNS, KIND_COLUMNS, LATER, Catalogue, Finding

COLUMNS = {"kinds": KIND_COLUMNS, "conditions": CONDITION_COLUMNS}
SHEETS = {"kinds": Text("事项类别", "Kinds"), "conditions": Text("立案条件", "Conditions")}
HEADINGS = {
    "code": Text("代码", "Code"),
    "scheme": Text("分类标准", "Classification"),
    "legacy": Text("旧代码", "Former number"),
    "major": Text("大类代码", "Class"),
    "major_zh": Text("大类名称", "Class name (Chinese)"),
    "major_en": Text("大类英文名", "Class name (English)"),
    "name_zh": Text("名称", "Name (Chinese)"),
    "name_en": Text("英文名", "Name (English)"),
    "keywords_zh": Text("关键词", "Keywords (Chinese)"),
    "keywords_en": Text("英文关键词", "Keywords (English)"),
    "responsible": Text("责任部门或岗位", "Responsible"),
    "helpers": Text("协办", "Helpers"),
    "checking": Text("核查方式", "Checking"),
    "evidence": Text("证据要求", "Evidence"),
    "settle": Text("可自处置", "May be settled on the spot"),
    "public": Text("居民可选", "Open to residents"),
    "default_condition": Text("默认条件", "Default condition"),
    "stages": Text("环节时限", "Limits of stages"),
    "handling_zh": Text("处置要求", "What handling must do (Chinese)"),
    "handling_en": Text("处置要求英文", "What handling must do (English)"),
    "checklist_zh": Text("结案核对", "To be checked before closing (Chinese)"),
    "checklist_en": Text("结案核对英文", "To be checked before closing (English)"),
    "kind": Text("事项代码", "Kind"),
    "text_zh": Text("立案条件", "Condition (Chinese)"),
    "text_en": Text("立案条件英文", "Condition (English)"),
    "limit": Text("时限", "Limit"),
    "unit": Text("单位", "Unit"),
    "closing_zh": Text("结案标准", "Closing standard (Chinese)"),
    "closing_en": Text("结案标准英文", "Closing standard (English)"),
    "source_ref": Text("来源", "Source"),
}
_NAMES = {label: name for name, text in HEADINGS.items() for label in (name, text.zh, text.en.lower())}
_EXCEL = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"})
_BYTES_MOST = 20 * 1024 * 1024
_ROWS_MOST = 20_000
# A spreadsheet runs a cell that begins with one of these; a quote before it makes it text.
_FORMULA = "=+-@\t\r"

UNREADABLE = Text("文件读不懂:请用 Excel 或 CSV(UTF-8 或 GB 18030)", "the file cannot be read: use Excel, or CSV in UTF-8 or GB 18030")  # fmt: skip
NOT_FOUND = Text("没有这个文件", "there is no such file")
TOO_BIG = Text("文件太大", "the file is too big")
UNKNOWN_FORM = Text("请用 Excel 或 CSV 文件", "use an Excel or CSV file")
NO_SHEET = Text("没有找到事项类别表或立案条件表", "neither a sheet of kinds nor one of conditions was found")
TOO_MANY_CELLS = Text("这一行的单元格比表头多", "this line has more cells than the head")
UNKNOWN_COLUMN = Text("不认识的列“{name}”", "unknown column “{name}”")


@dataclass(slots=True)
class Sheets:
    """What a file holds. A sheet that is not in the file is None; lines are those of the file."""

    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read(path: Path) -> Sheets:
    """The rows of an Excel file, a CSV file or a folder of CSV files, and what is wrong with its form."""
    sheets = Sheets()
    if path.is_dir():
        for name in COLUMNS:
            if (path / f"{name}.csv").is_file():
                _read_csv(path / f"{name}.csv", sheets)
    elif not path.is_file():
        sheets.findings.append(Finding("", 0, "", NOT_FOUND))
    elif path.stat().st_size > _BYTES_MOST:
        sheets.findings.append(Finding("", 0, "", TOO_BIG))
    elif path.suffix.lower() in _EXCEL:
        _read_excel(path, sheets)
    elif path.suffix.lower() in {".csv", ".txt"}:
        _read_csv(path, sheets)
    else:
        sheets.findings.append(Finding("", 0, "", UNKNOWN_FORM))
    if not sheets.rows and not sheets.findings:
        sheets.findings.append(Finding("", 0, "", NO_SHEET))
    return sheets


def catalogue_of(sheets: Sheets, base: Mapping[str, Any]) -> tuple[dict[str, Any], Catalogue | list[Finding]]:
    """The table that the file makes of `base`, with its catalogue or what is wrong with it.

    A sheet that the file does not hold stays as it is in `base`; one that it holds replaces the old one. Of
    columns that older files do not have, what `base` says of the kind stays.
    """
    rows = {**base, **sheets.rows}
    if "kinds" in sheets.rows:
        rows["kinds"] = _with_later(sheets.rows["kinds"], base.get("kinds", []))
    if sheets.findings:
        return rows, sheets.findings
    lines = tuple(sheets.lines.get(name, range(2, len(rows[name]) + 2)) for name in COLUMNS)
    return rows, Catalogue.parse(rows["kinds"], rows["conditions"], lines=(lines[0], lines[1]))


def _with_later(rows: Sequence[Mapping[str, str]], base: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    known = {row["code"]: row for row in base}
    missing = [column for column in KIND_COLUMNS if column in LATER and rows and column not in rows[0]]
    kept = [
        {column: known.get(row.get("code", ""), {}).get(column, "") for column in missing} for row in rows
    ]
    return [{**row, **more} for row, more in zip(rows, kept, strict=True)]


def preview(rows: Mapping[str, Any], base: Mapping[str, Any]) -> list[Change]:
    """What would change in the sheets if the rows took the place of `base`."""
    return rulebook.diff(
        {name: base.get(name, []) for name in COLUMNS}, {name: rows[name] for name in COLUMNS}
    )


def write_excel(rows: Mapping[str, Sequence[Mapping[str, str]]], path: Path) -> None:
    """An Excel file with Chinese headings. Every cell is text, whatever it begins with."""
    book = Workbook(write_only=True)
    for name, columns in COLUMNS.items():
        sheet = book.create_sheet(SHEETS[name].zh)
        sheet.freeze_panes = "A2"
        for line in (_heads(columns), *([row.get(c, "") for c in columns] for row in rows[name])):
            sheet.append([_text_cell(sheet, value) for value in line])
    book.save(path)


def csv_text(rows: Sequence[Mapping[str, str]], sheet: str) -> str:
    """The sheet as CSV under the columns' names; cells that a spreadsheet would run are quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS[sheet])
    writer.writerows([_quoted(row.get(column, "")) for column in COLUMNS[sheet]] for row in rows)
    return out.getvalue()


def write_csv(rows: Mapping[str, Sequence[Mapping[str, str]]], folder: Path) -> None:
    """`kinds.csv` and `conditions.csv` in the folder, marked as UTF-8 so that Excel reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in COLUMNS:
        (folder / f"{name}.csv").write_text(csv_text(rows[name], name), "utf-8-sig")


def _heads(columns: Sequence[str]) -> list[str]:
    return [HEADINGS[column].zh for column in columns]


def _text_cell(sheet: Any, value: str) -> Any:
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    return cell


def _quoted(value: str) -> str:
    return f"'{value}" if value[:1] and value[0] in _FORMULA + "'" else value


def _unquoted(value: str) -> str:
    return value[1:] if value[:1] == "'" and value[1:2] and value[1] in _FORMULA + "'" else value


def _read_excel(path: Path, sheets: Sheets) -> None:
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            tables = [book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in book.sheet_names]
    except (CalamineError, OSError):
        sheets.findings.append(Finding("", 0, "", UNREADABLE))
        return
    for table in tables:
        _take([(number, [_plain(cell) for cell in row]) for number, row in enumerate(table, start=1)], sheets)


def _read_csv(path: Path, sheets: Sheets) -> None:
    lines: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(_decoded(path.read_bytes()), newline=""), strict=True)
    try:
        for row in reader:
            lines.append((reader.line_num, [_unquoted(cell.strip()) for cell in row]))
    except csv.Error:
        sheets.findings.append(Finding("", reader.line_num, "", UNREADABLE))
        return
    _take(lines, sheets)


def _decoded(raw: bytes) -> str:
    """UTF-8, or what a Chinese Excel writes when it is not told otherwise."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


def _plain(cell: Any) -> str:
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _take(table: list[tuple[int, list[str]]], sheets: Sheets) -> None:
    """Put a table under the sheet that its head belongs to; a table with another head is not ours."""
    table = [(line, cells) for line, cells in table if any(cells)]
    if not table:
        return
    head_line, head = table[0]
    columns = [_NAMES.get(cell, _NAMES.get(cell.lower(), "")) for cell in head]
    name = "conditions" if "limit" in columns else "kinds" if "name_zh" in columns else ""
    if not name:
        return
    for cell, column in zip(head, columns, strict=True):
        if cell and column not in COLUMNS[name]:
            sheets.findings.append(Finding(name, head_line, cell[:40], UNKNOWN_COLUMN.fill(name=cell[:40])))
    if len(table) > _ROWS_MOST:
        sheets.findings.append(Finding(name, _ROWS_MOST, "", TOO_BIG))
        return
    rows: list[dict[str, str]] = []
    for line, cells in table[1:]:
        if any(cells[len(columns) :]):
            sheets.findings.append(Finding(name, line, "", TOO_MANY_CELLS))
        padded = [*cells, *[""] * len(columns)]
        rows.append({column: cell for column, cell in zip(columns, padded, strict=False) if column})
    sheets.rows[name] = rows
    sheets.lines[name] = [line for line, _ in table[1:]]
