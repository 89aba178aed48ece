"""The rows of another system's file, each with the other rows that are probably about the same matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from linli.intake import reading
from linli.intake.duplicates.index import Hit, Index
from linli.intake.duplicates.rules import Law, Matter
from linli.intake.mapping import CaseMapping
from linli.intake.rows import Rows, Taken
from linli.intake.words import Refusal, Refused

_COMPARED = ("number", "reported", "closed", "kind", "text", "address", "lng", "lat", "unit")
_NEEDED = ("number", "reported")
_UNKNOWN = "?"


class Listener(NamedTuple):
    """Who hears about rows that cannot be read, mapped columns that the file lacks, and how far it is (of all)."""

    refused: Callable[[Refusal], None]
    missing: Callable[[str], None]
    progress: Callable[[int, int], None]


class Compared(NamedTuple):
    """A row of the file, in the file's order, and its candidates, best first."""

    number: str
    hits: list[Hit]


def rows_compared(
    path: Path,
    mapping: CaseMapping,
    law: Law,
    *,
    at: datetime,
    earlier: bool,
    listener: Listener,
) -> Iterator[Compared]:
    """Every row that can be read, with the rows of the whole file most like it.

    With `earlier` only those that had come before it, as when each was taken in. A row that cannot be read goes to
    `listener.refused` (and comes without candidates when it has a number); a column that the file lacks takes no part,
    but there must be a number and a time. Raises FILE_UNREADABLE or HEADER_WRONG. The rows are held in memory: about
    2 KB each.
    """
    read = list(_read(path, _narrowed(mapping), at, listener))
    matters = sorted((one for _, one in read if one is not None), key=lambda one: (one.at, one.key))
    found: dict[int, list[Hit]] = {}
    index = Index(law)
    if not earlier:
        index.extend(matters)
    for done, matter in enumerate(matters, start=1):
        found[id(matter)] = index.query(matter)
        if earlier:
            index.add(matter)
        if not done % 1000:
            listener.progress(done, len(matters))
    listener.progress(len(matters), len(matters))
    for number, one in read:
        yield Compared(number, [] if one is None else found[id(one)])


def _narrowed(mapping: CaseMapping) -> CaseMapping:
    """Only the fields that are compared, and no category is unknown: its own name tells enough."""
    columns = {name: mapping.columns[name] for name in _COMPARED if name in mapping.columns}
    if mapping.compared:
        columns["text"] = mapping.compared
    return replace(
        mapping,
        columns=columns,
        optional=frozenset(
            name for field, names in columns.items() if field not in _NEEDED for name in names
        ),
        default_kind=mapping.default_kind or _UNKNOWN,
        check_unit="",
        check_ontime="",
    )


def _read(
    path: Path, mapping: CaseMapping, at: datetime, listener: Listener
) -> Iterator[tuple[str, Matter | None]]:
    with reading.table(path, mapping) as table:
        columns = _columns(table.header, mapping, listener)
        rows = Rows(mapping, columns, len(table.header), at)
        bare = Rows(mapping, {**columns, "closed": ()}, len(table.header), at)
        for line, cells in table.lines:
            try:
                if isinstance(cells, Refused):
                    raise cells
                yield _matter(_taken(rows, bare, line, cells))
            except Refused as reason:
                number = "" if isinstance(cells, Refused) else rows.number_of(cells)
                listener.refused(Refusal(line, number, reason.field, reason.value, reason.reason))
                if number:
                    yield number, None


def _columns(header: list[str], mapping: CaseMapping, listener: Listener) -> dict[str, tuple[int, ...]]:
    for name in dict.fromkeys(chain.from_iterable(mapping.columns.values())):
        if name not in header:
            listener.missing(name)
    columns = reading.columns(header, mapping)
    if not columns.get("lng") or not columns.get("lat"):
        columns |= {"lng": (), "lat": ()}
    return columns


def _taken(rows: Rows, bare: Rows, line: int, cells: list[str]) -> Taken:
    try:
        return rows.take(line, cells)
    except Refused as reason:
        if reason.field != "closed":
            raise
        return bare.take(line, cells)  # a wrong time of closing takes nothing from comparing


def _matter(row: Taken) -> tuple[str, Matter]:
    return row.number, Matter(
        key=row.number,
        kind=row.source_kind or row.kind,
        group=row.kind,
        text=row.text,
        address=row.address,
        lng=row.lng,
        lat=row.lat,
        unit=row.unit,
        at=row.reported.timestamp(),
        ended=row.closed.timestamp() if row.closed else None,
    )
