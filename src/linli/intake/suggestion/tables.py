"""Labelled texts out of a CSV or Excel file, and suggestions into one."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from linli.intake import reading
from linli.intake.suggestion import deciding
from linli.intake.suggestion.fitting import Labelled
from linli.intake.suggestion.model import Model
from linli.intake.suggestion.words import NOTHING_TO_LEARN, TABLE_UNREADABLE
from linli.intake.words import FILE_UNREADABLE, Refused
from linli.kernel.errors import Problem
from linli.kernel.text import Text

NO_VALUE: Final = frozenset({"", "nan", "none", "null", "n/a", "#n/a"})
_NAMED = 30  # columns that are named in a refusal
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Plain:
    """A file of which nothing is said beforehand."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a file in order: line, text, label. A row that cannot be read has an empty text.

    `label` is empty where the file has none.
    """

    lines: list[int]
    texts: list[str]
    labels: list[str]


def read(path: Path, text: Sequence[str], label: str = "") -> Rows:
    """The named columns of the file; several text columns are joined by a blank.

    Raises TABLE_UNREADABLE when the file is none, is empty, or lacks a column.
    """
    try:
        with reading.table(path, Plain()) as table:
            places = _places(table.header, [*text, *([label] if label else [])])
            return _rows(table.lines, places[: len(text)], places[len(text)] if label else None)
    except Problem as problem:
        if problem.error is FILE_UNREADABLE:
            raise Problem(TABLE_UNREADABLE, fields=problem.fields) from problem
        raise


def labelled(rows: Rows) -> tuple[Labelled, int]:
    """The rows that have both a text and a label, and how many have not. Raises NOTHING_TO_LEARN without any."""
    kept = [place for place, text in enumerate(rows.texts) if text and _is_value(rows.labels[place])]
    if not kept:
        raise Problem(NOTHING_TO_LEARN, fields={"rows": NO_ROWS})
    data = Labelled([rows.texts[place] for place in kept], [rows.labels[place] for place in kept])
    return data, len(rows.texts) - len(kept)


def write(
    path: Path, model: Model, rows: Rows, *, shown: int, words: tuple[int, int] | None, threshold: float
) -> int:
    """Write a line for each row: its best kinds with their scores, and whether a desk would show them.

    `words`: how many pieces of the text that decided are written beside each, and how long they may be; None:
    none. Gives the number of rows that a desk would show something for. The file appears whole or not at all.
    """
    head = ["row", "line", "shown"]
    for number in range(1, shown + 1):
        head += [f"kind_{number}", f"score_{number}", *([f"words_{number}"] if words else [])]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    spoken = 0
    for start in range(0, len(rows.texts), _AT_ONCE):
        part = rows.texts[start : start + _AT_ONCE]
        for place, best in enumerate(model.best(part, shown), start):
            loud = bool(best) and best[0][1] >= threshold
            spoken += loud
            cells: list[object] = [place + 1, rows.lines[place], "yes" if loud else "no"]
            told = (
                deciding.words(model, rows.texts[place], [kind for kind, _ in best], *words) if words else []
            )
            for number, (kind, score) in enumerate(best):
                cells += [kind, f"{score:.4f}", *([" ".join(told[number])] if words else [])]
            writer.writerow(cells + [""] * (len(head) - len(cells)))
    _put(path, text.getvalue())
    return spoken


def _put(path: Path, text: str) -> None:
    try:
        handle, fresh = tempfile.mkstemp(dir=path.parent, suffix=".part")
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8-sig", errors="replace", newline="") as file:
            file.write(text)
        os.chmod(fresh, 0o644)
        os.replace(fresh, path)
    except OSError as error:
        Path(fresh).unlink(missing_ok=True)
        raise unwritable(path, error) from error


def keep_apart(target: Path, *sources: Path | None) -> None:
    """Refuse to write a result over a file that it is made of: the town may have no other copy."""
    if any(one is not None and one.exists() and target.exists() and target.samefile(one) for one in sources):
        raise Problem(TABLE_UNREADABLE, fields={"out": OVERWRITES})


def unwritable(path: Path, error: OSError) -> Problem:
    """The refusal to write where nothing can be written."""
    reason = error.strerror or type(error).__name__
    said = Text(f"写不了 {path}:{reason}", f"{path} cannot be written: {reason}")
    return Problem(TABLE_UNREADABLE, fields={"out": said})


def _places(header: Sequence[str], names: Sequence[str]) -> list[int]:
    wrong: dict[str, Text] = {}
    known = ", ".join(name for name in header[:_NAMED] if name)
    for name in names:
        if header.count(name) != 1:
            reason = TWICE if name in header else MISSING
            wrong[name] = reason.fill(known=known)
    if wrong:
        raise Problem(TABLE_UNREADABLE, fields=wrong)
    return [header.index(name) for name in names]


def _rows(lines: Iterable[reading.Line], text: Sequence[int], label: int | None) -> Rows:
    rows = Rows([], [], [])
    for line, cells in lines:
        sound = [] if isinstance(cells, Refused) else cells
        rows.lines.append(line)
        rows.texts.append(" ".join(_values(sound, text)))
        rows.labels.append(next(_values(sound, (label,)), "") if label is not None else "")
    if not rows.lines:
        raise Problem(TABLE_UNREADABLE, fields={"file": NO_ROWS})
    return rows


def _values(cells: Sequence[str], places: Sequence[int]) -> Iterator[str]:
    for place in places:
        value = cells[place].strip() if place < len(cells) else ""
        if _is_value(value):
            yield value


def _is_value(text: str) -> bool:
    return text.lower() not in NO_VALUE


OVERWRITES = Text("结果不能写进原文件", "the result cannot be written into the file that it is made of")
NO_ROWS = Text("文件中没有可用的行", "the file has no row that can be used")
MISSING = Text("没有这一列;文件中有:{known}", "there is no such column; the file has: {known}")
TWICE = Text(
    "这一列出现了多次;文件中有:{known}", "this column is there more than once; the file has: {known}"
)
