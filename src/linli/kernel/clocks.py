"""Time limits that run: warned, due, late; each moment fires exactly once, with any number of workers.

A clock is started, paused, resumed and stopped by the action that changes its subject, in that action's
transaction. The scheduler (`fire_due`) takes all that is due, oldest first. It leases a batch in a short
transaction of its own and holds no lock on a clock while a handler works, so that it locks in the same
order as the actions do: subject first, clock afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Literal
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import QuerySet

from linli.kernel import composed
from linli.kernel import rows as sql
from linli.kernel.ids import uuid7
from linli.kernel.jobs import wait_after
from linli.kernel.models import ClockRow

log = logging.getLogger(__name__)

Moment = Literal["warning", "due", "late"]
LEASE = timedelta(seconds=60)
WARNING, DUE, LATE = 0, 1, 2  # steps; from the last on the clock is late


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock as it stood when it was read. `amount` and `unit` are the limit it was started with."""

    id: UUID
    about: UUID
    name: str
    started_at: datetime
    due_at: datetime
    warn_at: datetime | None
    amount: Decimal | None
    unit: str
    provisional: bool
    step: int
    next_at: datetime | None
    warned_at: datetime | None
    fired_at: datetime | None
    stopped_at: datetime | None
    paused_at: datetime | None

    @property
    def lates(self) -> int:
        """How many `late` moments have fired."""
        return max(0, self.step - 2)


class Over(Enum):
    """What a handler answers when the clock has no more to do: it is stopped with the moment that fired."""

    OVER = "over"


OVER = Over.OVER
Handler = Callable[[Clock, Moment, datetime], datetime | Over | None]
_handlers: dict[str, Handler] = {}
_alone: set[str] = set()


def on(name: str, *, alone: bool = False) -> Callable[[Handler], Handler]:
    """Register `f(clock, moment, at)` for the clocks of this name.

    It runs in the transaction that marks the moment as fired, and may run again when that is undone: its only
    effects are in the database. It locks its subject, if it does, like the actions do. For "due" and "late" it may answer with the
    next "late" moment; None ends the clock's moments (it stays running until it is stopped); OVER stops it. A handler
    does not stop the clock it hears by itself: that would look as if somebody else had. `alone` for a handler that
    locks something other than its clock's subject: each of its moments has a transaction of its own, because in one
    with others the locks would be taken in no order.
    """

    def register(function: Handler) -> Handler:
        if name in _handlers:
            raise ValueError(f"the clock {name} has two handlers")
        _handlers[name] = function
        if alone:
            _alone.add(name)
        return function

    return register


def rows_for_start(
    *,
    about: UUID,
    name: str,
    due_at: datetime,
    started_at: datetime,
    warn_at: datetime | None = None,
    amount: Decimal | int | None = None,
    unit: str = "",
    provisional: bool = False,
    id: UUID | None = None,
) -> list[sql.Row]:
    """The rows that `start` would write, for the hot path and the importer. What is due before it starts fires at once."""
    values: dict[str, Any] = {
        "id": id or uuid7(started_at),
        "about": about,
        "name": name,
        "started_at": started_at,
        "limit_amount": None if amount is None else Decimal(amount),
        "limit_unit": unit,
        "due_at": due_at,
        "warn_at": warn_at,
        "provisional": provisional,
        "step": DUE if warn_at is None else WARNING,
        "next_at": max(due_at, started_at) if warn_at is None else min(warn_at, due_at),
    }
    return [(ClockRow, values)]


def start(
    *,
    about: UUID,
    name: str,
    due_at: datetime,
    started_at: datetime,
    warn_at: datetime | None = None,
    amount: Decimal | int | None = None,
    unit: str = "",
    provisional: bool = False,
) -> UUID:
    """Start a clock and give its id. One clock of a name runs on a subject at a time: a second start
    without a stop is refused by the database (IntegrityError)."""
    written = rows_for_start(
        about=about, name=name, due_at=due_at, started_at=started_at, warn_at=warn_at,
        amount=amount, unit=unit, provisional=provisional,
    )  # fmt: skip
    sql.insert(written)
    identity: UUID = written[0][1]["id"]
    return identity


def _running(about: UUID, name: str | None) -> QuerySet[ClockRow]:
    found = ClockRow.objects.filter(about=about, stopped_at=None)
    return found if name is None else found.filter(name=name)


def stop(about: UUID, *names: str, at: datetime) -> int:
    """Stop the subject's running clocks of these names (all, without a name); give how many were running."""
    which: dict[str, Any] = {"about": about, "stopped_at": None}
    return composed.change(ClockRow, which | {"name": names} if names else which, stopped_at=at, next_at=None)


def stop_many(abouts: Iterable[UUID], name: str | None = None, *, at: datetime) -> int:
    """`stop` for many subjects in few statements."""
    ids, stopped = list(abouts), 0
    for begin in range(0, len(ids), 500):
        found = ClockRow.objects.filter(about__in=ids[begin : begin + 500], stopped_at=None)
        stopped += (found if name is None else found.filter(name=name)).update(stopped_at=at, next_at=None)
    return stopped


def pause(about: UUID, name: str | None = None, *, at: datetime) -> int:
    """Hold the running clocks: nothing fires until `resume`. How many were not paused before."""
    return _running(about, name).filter(paused_at=None).update(paused_at=at, next_at=None)


def resume(
    about: UUID, name: str, *, due_at: datetime, warn_at: datetime | None = None, at: datetime
) -> bool:
    """Let a paused clock run on to a new due time, which the caller's rule worked out; whether it was paused.

    A warning that was given before the pause is not given again.
    """
    found = _running(about, name).filter(paused_at__isnull=False).first()
    if found is None:
        return False
    warning = warn_at if found.warned_at is None else None
    return _reset(found, due_at, warn_at, warning, found.provisional, at)


def move(
    about: UUID,
    name: str,
    *,
    due_at: datetime,
    warn_at: datetime | None = None,
    provisional: bool = False,
    at: datetime,
    anew: bool = True,
) -> bool:
    """Give a running clock another due time (an extension; the year's calendar has come); whether one ran.

    The moments of the new limit fire anew; a warning that lies before `at` is left out. A paused clock stays
    paused. Without `anew`, what had run out and has run out by the new due time as well is not fired again: only
    the time changes.
    """
    found = _running(about, name).first()
    if found is None:
        return False
    if not anew and found.fired_at is not None and due_at <= at:
        still = ClockRow.objects.filter(id=found.id, stopped_at=None)
        return bool(still.update(due_at=due_at, warn_at=warn_at, provisional=provisional))
    warning = warn_at if warn_at is not None and warn_at > at else None
    return _reset(found, due_at, warn_at, warning, provisional, at, keep_paused=True)


def _reset(
    found: ClockRow,
    due_at: datetime,
    warn_at: datetime | None,
    warning: datetime | None,
    provisional: bool,
    at: datetime,
    *,
    keep_paused: bool = False,
) -> bool:
    held = keep_paused and found.paused_at is not None
    changed = ClockRow.objects.filter(id=found.id, stopped_at=None, paused_at=found.paused_at).update(
        due_at=due_at,
        warn_at=warn_at,
        provisional=provisional,
        step=DUE if warning is None else WARNING,
        next_at=None if held else warning or due_at,
        paused_at=found.paused_at if held else None,
        fired_at=None,
        attempts=0,
        lease_until=None,
    )
    return bool(changed)


def running(about: UUID) -> list[Clock]:
    """The subject's clocks that are not stopped, next due first."""
    return [_clock(row) for row in composed.every(ClockRow, ("due_at",), about=about, stopped_at=None)]


def of(about: UUID) -> list[Clock]:
    """All clocks of the subject, in the order of their start."""
    return [_clock(row) for row in ClockRow.objects.filter(about=about).order_by("started_at", "id")]


def _clock(row: ClockRow) -> Clock:
    return Clock(
        id=row.id, about=row.about, name=row.name, started_at=row.started_at, due_at=row.due_at,
        warn_at=row.warn_at, amount=row.limit_amount, unit=row.limit_unit, provisional=row.provisional,
        step=row.step, next_at=row.next_at, warned_at=row.warned_at, fired_at=row.fired_at,
        stopped_at=row.stopped_at, paused_at=row.paused_at,
    )  # fmt: skip


def next_due() -> datetime | None:
    """When the scheduler has something to do next."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT MIN(next_at) FROM kernel_clock WHERE next_at IS NOT NULL")
        found: datetime | None = ClockRow._meta.get_field("next_at").to_python(cursor.fetchone()[0])
    # SQLite keeps moments as text without a zone, in UTC.
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def fire_due(at: datetime, *, batch: int = 100, worker: str = "scheduler", lease: timedelta = LEASE) -> int:
    """Fire every moment that is due at `at`, oldest first, until none is left; give how many fired.

    Each fires exactly once: the handler's effects and the mark that it fired are one transaction. A handler
    that fails is tried again later (10 s, doubling up to 1 h), and does not hold up the others.
    """
    total = 0
    # Looked for first: a look needs no lock, and mostly nothing is due.
    while (first := next_due()) is not None and first <= at:
        claimed = _claim(at, batch, f"{worker[:40]}:{uuid4().hex}", lease)
        if not claimed:
            break
        total += _fire(claimed, at)
    return total


def _claim(at: datetime, batch: int, token: str, lease: timedelta) -> list[ClockRow]:
    skip = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    moment = connection.ops.adapt_datetimefield_value(at)
    until = connection.ops.adapt_datetimefield_value(at + lease)
    claim = f"""
        UPDATE kernel_clock SET lease_until = %s, lease_by = %s
        WHERE id IN (
            SELECT id FROM kernel_clock
            WHERE next_at <= %s AND (lease_until IS NULL OR lease_until <= %s)
            ORDER BY next_at LIMIT %s {skip})
        RETURNING id
    """  # noqa: S608 - the only variable part is the constant above
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(claim, [until, token, moment, moment, batch])
        ids = [row[0] for row in cursor.fetchall()]
    # By subject: whoever locks several subjects does so in the order of their ids.
    found = composed.every(ClockRow, id=tuple(ids), lease_by=token) if ids else []
    return sorted(found, key=lambda row: (row.about, row.next_at or at))


class _Taken(Exception):
    """The clock was stopped, moved or fired by somebody else meanwhile."""


def _fire(claimed: list[ClockRow], at: datetime) -> int:
    """What has to be alone by itself, the rest together."""
    together = [row for row in claimed if row.name not in _alone]
    return _fire_together(together, at) + sum(_fire_one(row, at) for row in claimed if row.name in _alone)


def _fire_together(claimed: list[ClockRow], at: datetime) -> int:
    """All in one transaction, which is fast. If any fails, that is undone and each gets its own: the fault of
    one handler must not stop the others."""
    if not claimed:
        return 0
    try:
        with transaction.atomic():
            _mark([_call(row, at) for row in claimed])
        return len(claimed)
    except Exception as error:
        log.info("a batch of %s clocks is taken one by one", len(claimed), exc_info=error)
    return sum(_fire_one(row, at) for row in claimed)


def _fire_one(row: ClockRow, at: datetime) -> int:
    try:
        with transaction.atomic():
            _mark([_call(row, at)])
    except _Taken:
        return 0
    except Exception as error:
        log.warning("clock %s of %s failed", row.name, row.about, exc_info=error)
        _postpone(row, at, error)
        return 0
    return 1


@dataclass(frozen=True, slots=True)
class _Fired:
    """A moment whose handler has run, and what becomes of the clock."""

    row: ClockRow
    warned_at: datetime | None
    fired_at: datetime | None
    next_at: datetime | None
    stopped_at: datetime | None = None


def _call(row: ClockRow, at: datetime) -> _Fired:
    handler = _handlers.get(row.name)
    if handler is None:
        raise LookupError(f"no handler for the clock {row.name}")
    moment: Moment = "warning" if row.step == WARNING else "due" if row.step == DUE else "late"
    following = handler(_clock(row), moment, at)
    if moment == "warning":
        return _Fired(row, at, row.fired_at, row.due_at)
    if following is OVER:
        return _Fired(row, row.warned_at, at if moment == "due" else row.fired_at, None, at)
    if following is not None and row.next_at is not None and following <= row.next_at:
        raise ValueError(
            f"the moment after {row.next_at} of the clock {row.name} lies before it: {following}"
        )
    return _Fired(row, row.warned_at, at if moment == "due" else row.fired_at, following)


def _mark(fired: list[_Fired]) -> None:
    """Write down what fired, if every clock still waits for the moment that was claimed; else `_Taken`."""
    stored = connection.ops.adapt_datetimefield_value
    key = ClockRow._meta.pk.get_db_prep_value
    marks = [
        (
            *(stored(moment) for moment in (f.warned_at, f.fired_at, f.next_at, f.stopped_at)),
            key(f.row.id, connection), stored(f.row.next_at), f.row.step, f.row.lease_by,
        )
        for f in fired
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE kernel_clock SET warned_at = %s, fired_at = %s, next_at = %s, stopped_at = %s, step = step + 1, attempts = 0,"
            " last_error = '', lease_until = NULL, lease_by = ''"
            " WHERE id = %s AND next_at = %s AND step = %s AND lease_by = %s",
            marks,
        )
        if cursor.rowcount != len(marks):
            raise _Taken


def _postpone(row: ClockRow, at: datetime, error: Exception) -> None:
    ours = ClockRow.objects.filter(id=row.id, next_at=row.next_at, step=row.step, lease_by=row.lease_by)
    ours.update(
        attempts=row.attempts + 1,
        last_error=f"{type(error).__name__}: {error}"[:2000],
        next_at=at + wait_after(row.attempts + 1),
        lease_until=None,
        lease_by="",
    )
