"""Tables that leave the house as CSV or Excel: no cell of them is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from openpyxl import Workbook

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe(value: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe is put before those that it could."""
    return f"'{value}" if value.startswith(FORMULA) else value


def csv_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The rows as CSV, in pieces, with the mark by which Excel knows UTF-8; every cell is `safe`."""
    yield "\ufeff"
    for chunk in _chunks(rows):
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerows([[safe(cell) for cell in row] for row in chunk])
        yield text.getvalue()


def workbook(title: str, rows: Iterable[Sequence[str]]) -> bytes:
    """The rows as an Excel file with one sheet; every cell is a `safe` text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    for row in rows:
        sheet.append([safe(cell) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _chunks(rows: Iterable[Sequence[str]], size: int = 1_000) -> Iterator[list[Sequence[str]]]:
    chunk: list[Sequence[str]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
