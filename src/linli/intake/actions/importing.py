"""Taking over the cases of another system from a file: the whole file in one transaction, or nothing of it.

What a recorded matter becomes here is said, and written, in `cases.actions.importing`; this room reads the
file, judges every line, finds its place, and tells why a line cannot be taken.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from django.db import transaction

from linli.cases.actions.importing import PastCases
from linli.cases.words import Verdict
from linli.intake import reading
from linli.intake.mapping import CaseMapping
from linli.intake.placing import Place, Placing
from linli.intake.rows import Rows, Taken
from linli.intake.words import Refusal, Refused
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_ALLOWED, Problem
from linli.kernel.text import Text

CHUNK = 5_000
TWICE = Text("此编号在文件前面已经出现", "stands in an earlier line already")
CONFLICT = Text(
    "此编号先前已导入,但内容不同;没有改动", "was imported before with other content; nothing was changed"
)


@dataclass(slots=True)
class Agreement:
    """How often our answer is the recorded one, of the lines where the file has one."""

    compared: int = 0
    differing: int = 0

    @property
    def share(self) -> float:
        """From 0 to 1; 1 when nothing was compared."""
        return 1 - self.differing / self.compared if self.compared else 1.0


@dataclass(slots=True)
class Outcome:
    """What became of the lines. `taken` were (in a dry run: would be) written; `already` were here before."""

    lines: int = 0
    taken: int = 0
    already: int = 0
    refused: int = 0
    open: int = 0
    closed: int = 0
    overdue: int = 0
    located: dict[str, int] = field(default_factory=dict)
    ontime: Agreement = field(default_factory=Agreement)
    unit: Agreement = field(default_factory=Agreement)
    checks: tuple[str, ...] = ()


class Listener(NamedTuple):
    """Who hears about refused lines, and how far it is: bytes read, bytes in all, lines read."""

    refused: Callable[[Refusal], None]
    progress: Callable[[int, int, int], None]


def import_cases(
    path: Path, mapping: CaseMapping, *, by: Actor, at: datetime, listener: Listener, dry_run: bool = False
) -> Outcome:
    """Import what can be taken, in one transaction; every other line goes to `listener.refused`.

    A file that cannot be read to its end, or whose heading does not fit, leaves nothing (FILE_UNREADABLE,
    HEADER_WRONG); so does any interruption. `dry_run` reads and judges every line and writes none. Only the
    operator may (NOT_ALLOWED). Memory does not grow with the file, except in a dry run by its numbers.
    """
    if by.kind != "system":
        raise Problem(NOT_ALLOWED)
    with reading.table(path, mapping) as table:
        columns = reading.columns(table.header, mapping)
        rows = Rows(mapping, columns, len(table.header), at)
        job = _Import(mapping, rows, by, at, listener, dry_run)
        job.outcome.checks = tuple(name for name in ("check_ontime", "check_unit") if columns[name])
        with no_garbage():
            if dry_run:
                job.run(table)
            else:
                with transaction.atomic():
                    job.past.one_at_a_time()
                    job.run(table)
    return job.outcome


@contextmanager
def no_garbage() -> Iterator[None]:
    """Without the search for cycles, of which a million tuples have none: it costs an eighth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Import:
    """One run over a file. Holds what is the same for every line."""

    def __init__(
        self, mapping: CaseMapping, rows: Rows, by: Actor, at: datetime, listener: Listener, dry_run: bool
    ) -> None:
        self.mapping = mapping
        self.rows = rows
        self.listener = listener
        self.dry_run = dry_run
        self.outcome = Outcome()
        self.placing = Placing()
        self.past = PastCases(mapping.source, by=by, at=at)
        self.seen: set[str] = set()

    def run(self, table: reading.Table) -> None:
        while lines := list(islice(table.lines, CHUNK)):
            self.outcome.lines += len(lines)
            self._chunk(self._new(list(self._taken(lines))))
            self.listener.progress(table.position(), table.size, self.outcome.lines)

    def _taken(self, lines: list[reading.Line]) -> Iterator[Taken]:
        take, check = self.rows.take, self.placing.check if "unit" in self.mapping.columns else None
        for line, cells in lines:
            try:
                if isinstance(cells, Refused):
                    raise cells
                row = take(line, cells)
                if check:
                    check(row)
                yield row
            except Refused as refused:
                number = "" if isinstance(cells, Refused) else self.rows.number_of(cells)
                self._refuse(line, number, refused)

    def _refuse(self, line: int, number: str, refused: Refused) -> None:
        self.outcome.refused += 1
        self.listener.refused(Refusal(line, number, refused.field, refused.value, refused.reason))

    def _new(self, rows: list[Taken]) -> list[Taken]:
        """The lines whose number is neither here already nor earlier in the file."""
        known = self.past.known([row.key for row in rows])
        found = []
        for row in rows:
            before = known.get(row.key)
            if before is None and row.key not in self.seen:
                known[row.key] = ("", True)
                found.append(row)
            elif before is None or before[1]:
                self._refuse(row.line, row.number, Refused("number", row.number, TWICE))
            elif before[0] == row.fingerprint:
                self.outcome.already += 1
            else:
                self._refuse(row.line, row.number, Refused("number", row.number, CONFLICT))
        if self.dry_run:
            self.seen.update(row.key for row in found)
        return found

    def _chunk(self, rows: list[Taken]) -> None:
        if not rows:
            return
        places = self.placing.of(rows)
        for row, place in zip(rows, places, strict=True):
            self._count(row, place)
        if not self.dry_run:
            self.past.write(rows, places)

    def _count(self, row: Taken, place: Place) -> None:
        outcome = self.outcome
        outcome.taken += 1
        outcome.located[place[1]] = outcome.located.get(place[1], 0) + 1
        if self.past.is_open(row):
            outcome.open += 1
        else:
            outcome.closed += 1
        verdict = self.past.verdict(row)
        if verdict is Verdict.OVERDUE:
            outcome.overdue += 1
        if row.recorded_ontime is not None and row.due is not None and row.handled is not None:
            outcome.ontime.compared += 1
            outcome.ontime.differing += (verdict is Verdict.ON_TIME) is not row.recorded_ontime
        if row.recorded_unit:
            outcome.unit.compared += 1
            outcome.unit.differing += not self.placing.agrees(place, row.recorded_unit)
