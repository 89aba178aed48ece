"""Which limits run on a case, and the rows that start them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from linli.kernel import clocks, rows, worktime
from linli.kernel.worktime import Deadline, Limit

from . import queries
from .catalogue import Kind
from .words import CLOCK_NAMES

NAMES = CLOCK_NAMES


@dataclass(frozen=True, slots=True)
class Started:
    """A limit that begins to run: its name, what it is, when it ends. `raised`: its end has been missed and raised to
    the unit above already; that is done again only when the next such interval has passed."""

    name: str
    limit: Limit
    deadline: Deadline
    raised: bool = False


def begin(name: str, limit: Limit, at: datetime) -> Started:
    """The limit from `at`, by the town's calendar."""
    return Started(name, limit, worktime.deadline(at, limit, worktime.default_calendar()))


def stage(name: str, at: datetime, kind: Kind | None = None) -> Started:
    """A stage limit from `at`: the kind's own where the catalogue gives it one, else the rulebook's."""
    return begin(name, kind.stages[name] if kind and name in kind.stages else queries.limit(name), at)


def of_the_charged(at: datetime, kind: Kind | None, *, contact: bool) -> list[Started]:
    """The limits that begin with every charge: to sign for it and, when `contact`, to speak with its reporter, whom
    nobody has spoken with before."""
    return [stage(name, at, kind) for name in (("sign", "contact") if contact else ("sign",))]


def warning(started: Started, at: datetime) -> datetime | None:
    """When the rulebook's share of a limit that began at `at` is used; None when there is no time to warn."""
    share = queries.limits()["bounds"]["warn_share"]
    calendar = worktime.default_calendar()
    moment = worktime.share_of(at, started.deadline.due, share, started.limit.unit, calendar)
    return moment if moment > at else None


def start_rows(case_id: UUID, started: Started, at: datetime) -> list[rows.Row]:
    """The rows that make it run: it warns when the rulebook's share of the limit is used, then ends."""
    name = "dispatch" if started.name.startswith("dispatch") else started.name
    found = clocks.rows_for_start(
        about=case_id,
        name=f"cases.{name}",
        started_at=at,
        due_at=started.deadline.due,
        warn_at=warning(started, at),
        amount=Decimal(str(started.limit.amount)),
        unit=started.limit.unit.value,
        provisional=started.deadline.provisional,
    )
    if started.raised:
        again = worktime.deadline(at, queries.limit("raise_again"), worktime.default_calendar()).due
        for _, values in found:
            values |= {"step": clocks.LATE, "fired_at": started.deadline.due, "next_at": again}
    return found


def raised_before(case_id: UUID, name: str, due: datetime) -> bool:
    """Whether an earlier clock of this name ran out at this moment, and that was raised."""
    return any(
        clock.name == f"cases.{name}" and clock.due_at == due and clock.fired_at is not None
        for clock in clocks.of(case_id)
    )
