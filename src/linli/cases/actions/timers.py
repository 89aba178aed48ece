"""What happens when a limit of a case is nearly used, runs out, or stays unheeded."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from linli.cases import queries
from linli.cases.actions import wishes
from linli.cases.actions.moves import unit_above
from linli.cases.clocks import NAMES, Started, begin, warning
from linli.cases.events import CaseDispatched, CaseReopened, DeadlineMissed, DeadlineNear, DeadlineSettled
from linli.cases.models import Case, Supervision
from linli.cases.rules.replay import replay
from linli.cases.words import ENDED, Card, State
from linli.kernel import clocks as kernel_clocks
from linli.kernel import composed, journal, worktime
from linli.kernel.access import SYSTEM
from linli.kernel.clocks import Clock, Moment
from linli.kernel.worktime import Deadline
from linli.territory import queries as territory

OF_THE_CENTRE = frozenset({"cases.dispatch", "cases.close", "cases.call_back"})


def heard(clock: Clock, moment: Moment, at: datetime) -> datetime | kernel_clocks.Over | None:
    """Warn at the rulebook's share of the limit; when it runs out, raise the case to the unit above.

    While it stays unheeded it is raised again, one unit higher each time, until it is at the top. Everything
    is in the journal; the time that is recorded is the one that the limit says.
    """
    case = composed.one(Case, lock=True, id=clock.about)
    if case is not None and clock.name == "cases.suspend":
        return _rested(case, clock, moment, at)
    if case is None or (State(case.state) in ENDED and clock.name != "cases.call_back"):
        return None
    if moment == "warning":
        _record(case, DeadlineNear(*_named(clock), clock.due_at), clock.warn_at or at)
        return None
    return _raise(case, clock, at)


def _rested(case: Case, clock: Clock, moment: Moment, at: datetime) -> kernel_clocks.Over | None:
    """The day has come until which a suspended matter was to rest: it goes on by itself."""
    if moment == "warning":
        _record(case, DeadlineNear(*_named(clock), clock.due_at), clock.warn_at or at)
        return None
    wishes.resume_by_clock(case.id, at=at)
    return kernel_clocks.OVER


def _sharpen(case: Case) -> None:
    """A card that nobody answered in time is a red one."""
    Case.objects.filter(pk=case.id).update(supervised=Card.RED.value)
    Supervision.objects.filter(case_id=case.id, lifted_at=None).update(card=Card.RED.value)


def _raise(case: Case, clock: Clock, at: datetime) -> datetime | None:
    tree = territory.snapshot()
    above = unit_above(case, at)
    if clock.name in OF_THE_CENTRE and case.unit_id:  # the centre sits at the top: nobody below it can help
        above = tree.ancestors(case.unit_id)[0]
    path = tree.path_text(above) if above else None
    fact = DeadlineMissed(
        *_named(clock), clock.due_at, above, path.zh if path else "", path.en if path else ""
    )
    # The version stays: a clock that runs out must not turn somebody's work in hand into a conflict.
    composed.change(Case, {"id": case.id}, raised_to_id=above, escalations=case.escalations + 1)
    _record(case, fact, at)
    if clock.name == "cases.reply":
        _sharpen(case)
    if above is None or tree.depth(above) == 0:
        return None
    return worktime.deadline(at, queries.limit("raise_again"), worktime.default_calendar()).due


def settle_provisional(at: datetime, most: int = 1000) -> int:
    """Make provisional deadlines certain whose calendar has been published meanwhile; how many.

    Each is counted anew from its record: where its limit began (the first dispatch, or the first since it was
    reopened), with what was granted since. Its clock follows, and both times are in the journal.
    """
    waiting = Case.objects.filter(due_provisional=True, dispatched_at__isnull=False).order_by("due_at")
    return sum(_settle(case_id, at) for case_id in waiting.values_list("id", flat=True)[:most])


@transaction.atomic
def _settle(case_id: UUID, at: datetime) -> bool:
    case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
    condition = queries.condition_of(case)
    if not case.due_provisional or condition is None or case.dispatched_at is None or case.due_at is None:
        return False
    began = _began(case.id) or case.dispatched_at
    fresh = _counted_anew(case.id) or begin("handle", condition.limit, began).deadline
    if fresh.provisional:
        return False
    due, was = fresh.due, case.due_at
    changes: dict[str, Any] = {"due_at": due, "due_provisional": False}
    if case.next_due_at == was:
        changes["next_due_at"] = due
    Case.objects.filter(pk=case.id).update(**changes)
    kernel_clocks.move(
        case.id,
        "cases.handle",
        due_at=due,
        warn_at=warning(Started("handle", condition.limit, fresh), began),
        at=at,
    )
    journal.record(DeadlineSettled(was, due), about=case.id, by=SYSTEM, at=at)
    return True


def _counted_anew(case_id: UUID) -> Deadline | None:
    """The deadline by its record and the calendar as it is now; None when it came from another system."""
    lines = [(line.fact, line.at) for line in journal.history(case_id)]
    found = replay(lines, worktime.default_calendar())
    return Deadline(found.due, found.provisional) if found.due is not None and found.limit else None


def _began(case_id: UUID) -> datetime | None:
    """When the handling limit began: a later dispatch of the same round does not reset it."""
    began: datetime | None = None
    for line in journal.history(case_id):
        if isinstance(line.fact, CaseReopened):
            began = None
        elif isinstance(line.fact, CaseDispatched) and began is None:
            began = line.at
    return began


def _record(case: Case, fact: DeadlineNear | DeadlineMissed, at: datetime) -> None:
    journal.record(fact, about=case.id, by=SYSTEM, at=at)


def _named(clock: Clock) -> tuple[str, str, str]:
    name = clock.name.removeprefix("cases.")
    label = NAMES[name]
    return name, label.zh, label.en


def listen() -> None:
    """Hear every clock of the loop; called once when the program starts."""
    for name in NAMES:
        kernel_clocks.on(f"cases.{name}")(heard)
