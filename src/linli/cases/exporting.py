"""One line a case, for others to check us with."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import TextIO
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from linli.cases import rules
from linli.cases.models import Case
from linli.cases.words import Source, State
from linli.kernel import clock
from linli.kernel.sheets import safe
from linli.territory import queries as territory

COLUMNS = (
    "number", "source_number", "kind", "unit", "state", "reported", "registered", "due", "closed", "verdict", "handled",
)  # fmt: skip
"""`number` is ours, `source_number` the other system's own; times are ISO 8601 in the town's zone with offset.
`verdict` is `on_time`, `overdue` or `open`: the end of handling (`handled`) against `due`. A case that another
system recorded with one ending has it in both `handled` and `closed`."""
_FIELDS = (
    "serial", "source", "source_number", "kind", "unit_id", "state", "reported_at", "registered_at", "due_at",
    "closed_at", "handled_at",
)  # fmt: skip
BATCH = 5_000


def export_cases(file: TextIO, source: str = "") -> int:
    """Write the cases as CSV, oldest number first, and give how many.

    `source` is one of our doors (`resident`, `hotline`, `imported`, …) or the name under which another system's
    file was imported. The rows come from the database as they are written, so memory does not grow with them,
    and are those of one moment.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    with transaction.atomic():
        for line in _lines(source):
            writer.writerow(line)
            count += 1
    return count


def knows(source: str) -> bool:
    """Whether there can be cases of this source: a door of ours, or a system that was imported from."""
    return source in list(Source) or Case.objects.filter(_of(source)).exists()


def _of(source: str) -> Q:
    if not source:
        return Q()
    if source in list(Source):
        return Q(source=source)
    # "0" follows "/": a range, which both engines find by the index of (source, source_number)
    return Q(source=Source.IMPORTED.value, source_number__gte=f"{source}/", source_number__lt=f"{source}0")


def _lines(source: str) -> Iterator[list[str]]:
    zone = clock.town_zone()
    codes: dict[UUID | None, str] = {unit.id: unit.code for unit in territory.snapshot().units}
    found = Case.objects.filter(_of(source)).order_by("serial").values_list(*_FIELDS)
    for row in found.iterator(chunk_size=BATCH):
        serial, door, number, kind, unit, state, reported, registered, due, closed, handled = row
        yield [
            f"{reported.astimezone(zone):%Y%m%d}{serial:06d}",
            safe(plain_number(door, number)),
            safe(kind),
            safe(codes.get(unit, "")),
            state,
            *(_time(moment, zone) for moment in (reported, registered, due, closed)),
            rules.verdict(due, handled or closed, State(state)).value,
            _time(handled, zone),
        ]


def plain_number(door: str, number: str | None) -> str:
    """The source's own number: that of an imported case is kept behind the name of its system."""
    return (number or "").partition("/")[2] if door == Source.IMPORTED.value else number or ""


def _time(moment: datetime | None, zone: ZoneInfo) -> str:
    return "" if moment is None else moment.astimezone(zone).isoformat()
