"""What happens when a helper's limit is nearly used or runs out: those above the helper are told, higher each time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from linli.cases import queries, rules
from linli.cases.events import PartMissed, PartNear
from linli.cases.models import Assignment, Case
from linli.cases.part_words import PART_CLOCKS
from linli.cases.words import State
from linli.kernel import clocks as kernel_clocks
from linli.kernel import journal, worktime
from linli.kernel.access import SYSTEM
from linli.kernel.clocks import Clock, Moment
from linli.people import queries as people
from linli.people.words import Responsible
from linli.territory import queries as territory


def heard(clock: Clock, moment: Moment, at: datetime) -> datetime | None:
    """Warn the helper at the rulebook's share of the limit; when it runs out, raise it to whoever is above them.

    A department's own unit first, for a post the unit above it; while it stays unheeded, one unit higher each
    time. The case itself is not raised: it is not late.
    """
    part = Assignment.objects.filter(pk=clock.about, done_at=None).first()
    if part is None:
        return None
    # As the moves do: the case first, then the part as it is under the lock.
    case = Case.objects.select_for_update(of=("self",)).get(pk=part.case_id)
    part = Assignment.objects.filter(pk=clock.about, done_at=None).first()
    if part is None or State(case.state) not in rules.RUNNING:
        return None
    if moment == "warning":
        near = PartNear(part.id, *_name(part), *_named(clock), clock.due_at)
        journal.record(near, about=case.id, by=SYSTEM, at=clock.warn_at or at)
        return None
    return _raise(case, part, clock, at)


def _raise(case: Case, part: Assignment, clock: Clock, at: datetime) -> datetime | None:
    line = _line(part, at)
    above = line[max(len(line) - 1 - max(clock.step - 1, 0), 0)] if line else None
    path = territory.snapshot().path_text(above) if above else None
    missed = PartMissed(
        part.id, *_name(part), *_named(clock), clock.due_at, above, path.zh if path else "", path.en if path else ""
    )  # fmt: skip
    journal.record(missed, about=case.id, by=SYSTEM, at=at)
    if above is None or above == line[0]:
        return None
    return worktime.deadline(at, queries.limit("raise_again"), worktime.default_calendar()).due


def _line(part: Assignment, at: datetime) -> tuple[UUID, ...]:
    """The units to which it can be raised, the top first: for a department its own unit and those above, for a post
    those above it (the top itself when it sits there)."""
    if part.department_id:
        unit = people.named_taker(part.department_id, None, at).unit_id
        return territory.snapshot().ancestors(unit) if unit else ()
    line = territory.snapshot().ancestors(part.post.unit_id) if part.post else ()
    return line[:-1] or line


def _name(part: Assignment) -> tuple[str, str]:
    return people.taker_name(Responsible(part.department_id, part.post_id, (), None, ()))


def _named(clock: Clock) -> tuple[str, str, str]:
    name = clock.name.removeprefix("cases.")
    label = PART_CLOCKS[name]
    return name, label.zh, label.en


def listen() -> None:
    """Hear every clock of the parts; called once when the program starts."""
    for name in PART_CLOCKS:
        kernel_clocks.on(f"cases.{name}", alone=True)(heard)  # it locks the part's case
