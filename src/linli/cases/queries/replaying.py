"""Every deadline worked out again from the journal, beside the one that the case shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from linli.cases.models import Case
from linli.cases.rules.replay import READ, replay
from linli.cases.words import number_of
from linli.kernel import journal, worktime
from linli.kernel.journal import Fact

AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Compared:
    """A case with the deadline that it shows and the one that follows from its record."""

    id: UUID
    number: str
    shown: datetime | None
    replayed: datetime | None

    @property
    def agrees(self) -> bool:
        """Whether both are the same moment."""
        return self.shown == self.replayed


def deadlines_replayed() -> Iterator[Compared]:
    """Every case once, in the order of their ids; some queries a few hundred cases, whatever their number."""
    kinds = [kind.KIND for kind in READ]
    calendar = worktime.default_calendar()
    last: UUID | None = None
    while True:
        found = (
            Case.objects.order_by("id") if last is None else Case.objects.filter(id__gt=last).order_by("id")
        )
        cases = list(found.only("id", "serial", "reported_at", "due_at")[:AT_ONCE])
        if not cases:
            return
        facts: defaultdict[UUID, list[tuple[Fact, datetime]]] = defaultdict(list)
        for line in journal.of_many([case.id for case in cases], kinds):
            facts[line.about].append((line.fact, line.at))
        for case in cases:
            due = replay(facts[case.id], calendar).due
            yield Compared(case.id, number_of(case.serial, case.reported_at), case.due_at, due)
        last = cases[-1].id
