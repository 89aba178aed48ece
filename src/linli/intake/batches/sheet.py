"""From an uploaded file to the cells of its lines."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from linli.intake import reading
from linli.intake.batches import columns
from linli.intake.batches.words import NO_ROWS, TOO_BIG
from linli.intake.words import Refused
from linli.kernel.errors import Problem
from linli.kernel.text import Text

Cells = list[str]
Unread = tuple[str, str]
"""Why a line cannot be read, in both languages."""
Line = tuple[int, Cells | Unread]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that has been read: its columns by name, and its further lines with their numbers."""

    sha256: str
    header: list[str]
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Plain:
    """A file of which nothing is said beforehand."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


def read(file: UploadedFile, limits: dict[str, Any]) -> Sheet:
    """The whole file. Raises TOO_BIG, NO_ROWS, FILE_UNREADABLE with the reason at the field `file`."""
    if (file.size or 0) > limits["most_bytes"]:
        most = limits["most_bytes"] >> 20
        raise _too_big(f"最大 {most} MB", f"At most {most} MB")
    if not file.size:
        raise reading.unreadable("文件是空的", "is empty")
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(prefix="linli-batch-") as copy:
        for chunk in file.chunks():
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        path = Path(copy.name)
        _be_a_table(path, limits)
        with reading.table(path, Plain()) as table:
            lines = list(_lines(table.lines, len(table.header), limits))
            header = table.header
    _be_a_heading(header, limits)
    if not lines:
        raise Problem(NO_ROWS, fields={"file": NO_ROWS.title})
    return Sheet(digest.hexdigest(), columns.labels(header), lines)


def _be_a_table(path: Path, limits: dict[str, Any]) -> None:
    """Refuse what only looks like a table: a packed file that is none or too large, and anything binary."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(reading.ZIP):
        try:
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(each.file_size for each in archive.infolist())
                names = archive.namelist()
        except (zipfile.BadZipFile, ValueError) as error:
            raise reading.unreadable("Excel 文件已损坏", "is a damaged Excel file") from error
        if not any(name.startswith("xl/") for name in names):
            raise reading.unreadable("不是 Excel 或 CSV 文件", "is neither an Excel file nor CSV")
        if unpacked > limits["most_unpacked"]:
            raise _too_big("解压后过大", "It is too large when unpacked")
    elif start.startswith(reading.GZIP):
        raise reading.unreadable("请先解压", "is packed; unpack it first")
    elif not start.startswith(reading.OLE) and b"\0" in start and start[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        raise reading.unreadable("不是 Excel 或 CSV 文件", "is neither an Excel file nor CSV")


def _be_a_heading(header: list[str], limits: dict[str, Any]) -> None:
    named = [cell for cell in header if cell]
    if len(named) < 2 or all(_is_number(cell) for cell in named):
        raise reading.unreadable("首行不是列名", "has no heading in its first line")
    if len(header) > limits["most_columns"]:
        raise _too_big(f"最多 {limits['most_columns']} 列", f"At most {limits['most_columns']} columns")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _lines(found: Iterable[reading.Line], width: int, limits: dict[str, Any]) -> Iterator[Line]:
    count = 0
    for line, cells in found:
        if not isinstance(cells, Refused) and not any(map(str.strip, cells)):
            continue
        count += 1
        if count > limits["most_rows"]:
            raise _too_big(f"最多 {limits['most_rows']} 行", f"At most {limits['most_rows']:,} rows")
        yield line, (cells.reason.zh, cells.reason.en) if isinstance(cells, Refused) else _fit(cells, width)


WIDE = Text("列数比首行多", "has more columns than the heading")


def _fit(cells: list[str], width: int) -> Cells | Unread:
    """As wide as the heading: what spreadsheets leave out at the end is empty, what they add there is too."""
    if len(cells) == width:
        return cells
    if len(cells) < width:
        return cells + [""] * (width - len(cells))
    return (WIDE.zh, WIDE.en) if any(cells[width:]) else cells[:width]


def _too_big(zh: str, en: str) -> Problem:
    return Problem(TOO_BIG, fields={"file": Text(zh, en)})
