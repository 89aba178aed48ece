"""The lines of a CSV (also gzipped) or Excel file, one by one, as texts with their line numbers."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, Protocol, cast

from python_calamine import CalamineError, CalamineWorkbook

from linli.intake.mapping import CaseMapping
from linli.intake.words import FILE_UNREADABLE, HEADER_WRONG, Refused
from linli.kernel.errors import Problem
from linli.kernel.text import Text

GZIP, ZIP, OLE = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_PROBE = 1 << 18
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

Line = tuple[int, list[str] | Refused]
"""The physical line on which a record begins (the heading is 1), and its cells or why it cannot be read."""


class Form(Protocol):
    """What is known of a file's form; an empty text: nothing."""

    @property
    def encoding(self) -> str:
        """The name of its encoding."""

    @property
    def delimiter(self) -> str:
        """What stands between its cells."""

    @property
    def sheet(self) -> str:
        """Which sheet of a workbook."""


@dataclass(slots=True)
class Table:
    """An open file: its heading, its further lines, and how far it has been read (bytes; None for Excel)."""

    header: list[str]
    lines: Iterator[Line]
    size: int
    _file: IO[bytes] | None = None

    def position(self) -> int:
        """Bytes of the file on disk that have been read."""
        return self._file.tell() if self._file is not None and not self._file.closed else 0


@contextmanager
def table(path: Path, mapping: Form) -> Iterator[Table]:
    """Open the file, told apart by content. Raises FILE_UNREADABLE; also while the lines are read."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
            start, size = file.read(4), path.stat().st_size
            file.seek(0)
            if start in (ZIP, OLE):
                lines = _sheet(file, mapping.sheet)
            elif start[:2] == GZIP:
                lines = _csv(cast("IO[bytes]", stack.enter_context(gzip.open(file))), mapping)
            else:
                lines = _csv(file, mapping)
        except OSError as error:
            raise _broken(error) from error
        whole = _to_the_end(lines)
        stack.callback(whole.close)
        first = next(whole, (0, []))[1]
        if isinstance(first, Refused) or not any(first):
            raise unreadable("文件是空的,或首行读不懂", "is empty, or its heading cannot be read")
        header = [cell.strip().strip("\ufeff") for cell in first]
        yield Table(header, whole, size, None if start in (ZIP, OLE) else file)


def _to_the_end(lines: Iterator[Line]) -> Generator[Line, None, None]:
    try:
        yield from lines
    except (OSError, EOFError, zlib.error) as error:
        raise _broken(error) from error


def _broken(error: Exception) -> Problem:
    detail = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return unreadable(f"打不开或不完整:{detail}", f"cannot be opened or is cut short: {detail}")


def unreadable(zh: str, en: str) -> Problem:
    """The refusal of the whole file."""
    return Problem(FILE_UNREADABLE, fields={"file": Text(zh, en)})


def _csv(file: IO[bytes], mapping: Form) -> Iterator[Line]:
    encoding = mapping.encoding or _encoding_of(file)
    # A byte that the encoding does not know becomes a lone surrogate: its line is refused, not the file.
    text = io.TextIOWrapper(file, encoding=encoding, errors="surrogateescape", newline="")
    try:
        yield from _records(csv.reader(text, delimiter=mapping.delimiter or ",", strict=False))
    except UnicodeError as error:
        raise unreadable(f"不是 {encoding} 编码", f"is not in {encoding}") from error
    finally:
        text.detach()  # whoever opened the file closes it


def _records(reader: Any) -> Iterator[Line]:
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            last = reader.line_num
            reason = Text(
                f"第 {line} 至 {last} 行读不懂,可能少了引号",
                f"lines {line} to {last} cannot be read; perhaps a quote is missing",
            )
            yield line, Refused("", "", reason)
            continue
        if cells:
            yield line, cells


def _encoding_of(file: IO[bytes]) -> str:
    """By its mark; else UTF-8, unless most of its characters are not; then GB 18030, as Chinese Excel saves it."""
    start = file.read(_PROBE)
    file.seek(0)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    beyond = [char for char in start.decode("utf-8", "surrogateescape") if char > "\x7f"]
    stray = sum("\udc80" <= char <= "\udcff" for char in beyond)
    return "gb18030" if stray * 2 > len(beyond) else "utf-8"


def _sheet(file: IO[bytes], name: str) -> Iterator[Line]:
    try:
        book = CalamineWorkbook.from_filelike(file)
        if name and name not in book.sheet_names:
            raise unreadable(f"没有工作表“{name}”", f"has no sheet “{name}”")
        sheet = book.get_sheet_by_name(name) if name else book.get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except CalamineError as error:
        raise unreadable("Excel 文件已损坏", "is a damaged Excel file") from error
    for number, cells in enumerate(rows, start=1):
        texts = [cell if type(cell) is str else _text(cell) for cell in cells]
        if any(texts):
            yield number, texts


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")  # as CSV files write it, so that both give the same cases
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def columns(header: list[str], mapping: CaseMapping) -> dict[str, tuple[int, ...]]:
    """Where each mapped field's columns are; `check_unit` and `check_ontime` too when the file has them.

    Raises HEADER_WRONG when a mapped column that is not optional is missing, or stands there twice.
    """
    wrong: dict[str, Text] = {}

    def index(name: str) -> int | None:
        if header.count(name) > 1:
            wrong[name] = Text("这一列出现了多次", "this column is there more than once")
        return header.index(name) if name in header else None

    found: dict[str, tuple[int, ...]] = {}
    for field, names in mapping.columns.items():
        places = {name: index(name) for name in names}
        for name, place in places.items():
            if place is None and name not in mapping.optional:
                wrong[name] = Text("文件中没有这一列", "the file has no such column")
        found[field] = tuple(place for place in places.values() if place is not None)
    for field, name in (("check_unit", mapping.check_unit), ("check_ontime", mapping.check_ontime)):
        place = index(name) if name else None
        found[field] = () if place is None else (place,)
    if wrong:
        raise Problem(HEADER_WRONG, fields=wrong)
    return found
