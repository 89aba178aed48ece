"""What a handler asks for and others decide: more time, a suspension, that being late be not counted.

Sources: domain reference §1.5 (延期: only before the limit, at most twice, each at most the original limit; 挂账:
once, bounded, the clock stands still; 超时申诉: once, decided by two, the raw times stay).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from linli.cases import clocks, queries
from linli.cases.actions import parts
from linli.cases.actions.reasons import condition_in
from linli.cases.actions.step import Step, demand, finish, next_due, take
from linli.cases.events import CaseResumed, WishAsked, WishGranted, WishHeard, WishRefused
from linli.cases.models import Case, Decision, Request
from linli.cases.words import WAITING_ALREADY, Wish
from linli.kernel import clocks as kernel_clocks
from linli.kernel import worktime
from linli.kernel.access import SYSTEM, Actor
from linli.kernel.clocks import Clock
from linli.kernel.errors import INVALID, NOT_ALLOWED, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.kernel.worktime import Deadline, Limit, Unit

HANDLE, CONTACT = "cases.handle", "cases.contact"


@transaction.atomic
def ask_extension(
    case_id: UUID, *, by: Actor, at: datetime, amount: int, reason: str,
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Ask for more time: `amount` units of the condition's limit, at most the limit itself."""
    step = take("ask_extension", case_id, by=by, at=at, id=id, version=version, amount=amount, reason=reason)
    if step.repeated:
        return step.case
    demand(reason=reason)
    limit = condition_in(step.case, step.case.condition).limit
    if not 0 < amount <= limit.amount:
        most = Text(f"最少 1,最多延长 {limit.label.zh}", f"At least 1, at most {limit.label.en}")
        raise Problem(INVALID, fields={"amount": most})
    return _ask(step, Wish.EXTENSION, reason, amount=Limit(amount, limit.unit))


@transaction.atomic
def ask_suspension(
    case_id: UUID, *, by: Actor, at: datetime, until: datetime | None, reason: str,
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Ask that it rests until a moment, at most the rulebook's days from now; nothing is handled meanwhile."""
    step = take("ask_suspension", case_id, by=by, at=at, id=id, version=version, until=until, reason=reason)
    if step.repeated:
        return step.case
    demand(reason=reason)
    most = queries.bound("suspend_days")
    if until is None or not at < until <= at + timedelta(days=most):
        wrong = Text(f"请选择今后 {most} 天内的日期", f"Choose a day within the next {most} days")
        raise Problem(INVALID, fields={"until": wrong})
    return _ask(step, Wish.SUSPENSION, reason, until=until)


@transaction.atomic
def appeal(
    case_id: UUID, *, by: Actor, at: datetime, reason: str, id: UUID | None = None, version: int | None = None
) -> Case:
    """Ask that being late be not counted; whatever is decided, the times stay as they are."""
    step = take("appeal", case_id, by=by, at=at, id=id, version=version, reason=reason)
    if step.repeated:
        return step.case
    demand(reason=reason)
    return _ask(step, Wish.APPEAL, reason)


@transaction.atomic
def grant_extension(
    case_id: UUID,
    *,
    by: Actor,
    at: datetime,
    note: str = "",
    id: UUID | None = None,
    version: int | None = None,
) -> Case:
    """Agree to more time: counted by the calendar from the deadline that was, whose clock moves."""
    step = take("grant_extension", case_id, by=by, at=at, id=id, version=version, note=note)
    if step.repeated:
        return step.case
    case, request = step.case, _waiting(step.case, Wish.EXTENSION)
    was = case.due_at or at
    unit = condition_in(case, case.condition).limit.unit
    more = Limit(_whole(request), unit)
    fresh = clocks.begin("handle", more, was)
    due, provisional = fresh.deadline
    _decide(step, request, granted=True)
    kernel_clocks.move(
        case.id, HANDLE, due_at=due, warn_at=clocks.warning(fresh, was), provisional=provisional, at=at
    )
    fact = WishGranted(request.id, Wish.EXTENSION.value, note.strip(), was, due, provisional)
    return finish(
        step, fact, due_at=due, due_provisional=provisional, next_due_at=next_due(case.id), extensions=case.extensions + 1,
        wishes=case.wishes - 1,
    )  # fmt: skip


@transaction.atomic
def grant_suspension(
    case_id: UUID,
    *,
    by: Actor,
    at: datetime,
    note: str = "",
    id: UUID | None = None,
    version: int | None = None,
) -> Case:
    """Let it rest: the clocks of the handling and of the first contact stand still until the day that was asked for, when it runs on by itself."""
    step = take("grant_suspension", case_id, by=by, at=at, id=id, version=version, note=note)
    if step.repeated:
        return step.case
    case, request = step.case, _waiting(step.case, Wish.SUSPENSION)
    until = request.until
    assert until is not None
    _decide(step, request, granted=True)
    for name in (HANDLE, CONTACT):
        kernel_clocks.pause(case.id, name, at=at)
    parts.pause(case.id, at)
    days = max(1, -(-(until - at) // timedelta(days=1)))
    rest = clocks.Started("suspend", Limit(days, Unit.NATURAL_DAY), Deadline(until, False))
    fact = WishGranted(request.id, Wish.SUSPENSION.value, note.strip(), was=case.due_at, until=until)
    return finish(step, fact, start=[rest], suspensions=case.suspensions + 1, wishes=case.wishes - 1)


@transaction.atomic
def resume(
    case_id: UUID,
    *,
    by: Actor,
    at: datetime,
    note: str = "",
    id: UUID | None = None,
    version: int | None = None,
) -> Case:
    """Go on with a suspended matter; what was left of its limit is left again."""
    step = take("resume", case_id, by=by, at=at, id=id, version=version, note=note)
    return step.case if step.repeated else _go_on(step, note, stop=["suspend"])


@transaction.atomic
def resume_by_clock(case_id: UUID, *, at: datetime) -> Case:
    """Go on because the day has come. For the handler of the clock, which is stopped by what it answers."""
    step = take("resume", case_id, by=SYSTEM, at=at, id=None, version=None)
    return _go_on(step, "", stop=[])


def _go_on(step: Step, note: str, stop: list[str]) -> Case:
    case, at = step.case, step.at
    running = {clock.name: clock for clock in kernel_clocks.running(case.id)}
    held, contact = running.get(HANDLE), running.get(CONTACT)
    due, provisional = case.due_at, case.due_provisional
    if held is not None and held.paused_at is not None and due is not None:
        limit = condition_in(case, case.condition).limit
        calendar = worktime.default_calendar()
        due, provisional = worktime.resumed(due, held.paused_at, at, limit.unit, calendar)
        warn = clocks.warning(clocks.Started("handle", limit, Deadline(due, provisional)), at)
        kernel_clocks.resume(case.id, HANDLE, due_at=due, warn_at=warn, at=at)
    ends = [due] if due is not None else []
    if contact is not None and contact.paused_at is not None:
        ends.append(_run_on(contact, at))
    parts.resume(case.id, at)
    fact = CaseResumed(case.due_at, due, provisional, note.strip())
    return finish(
        step, fact, stop=stop, next_due=min(ends, default=None), due_at=due, due_provisional=provisional
    )


def _run_on(contact: Clock, at: datetime) -> datetime:
    """Let the limit of the first contact run on with what was left of it; when it ends."""
    assert contact.paused_at is not None
    unit, calendar = Unit(contact.unit), worktime.default_calendar()
    deadline = Deadline(*worktime.resumed(contact.due_at, contact.paused_at, at, unit, calendar))
    limit = Limit(float(contact.amount or 0), unit)
    warn = clocks.warning(clocks.Started("contact", limit, deadline), at)
    kernel_clocks.resume(contact.about, CONTACT, due_at=deadline.due, warn_at=warn, at=at)
    return deadline.due


@transaction.atomic
def grant_appeal(
    case_id: UUID,
    *,
    by: Actor,
    at: datetime,
    note: str = "",
    id: UUID | None = None,
    version: int | None = None,
) -> Case:
    """Uphold an appeal. When the rulebook's number of people did, the case is left out of the figures of what
    was late; due and finished times stay."""
    step = take("grant_appeal", case_id, by=by, at=at, id=id, version=version, note=note)
    if step.repeated:
        return step.case
    request = _waiting(step.case, Wish.APPEAL)
    said = Decision.objects.filter(request=request).count() + 1
    if said < queries.bound("appeal_voices"):
        _speak(step, request, granted=True)
        return finish(step, WishHeard(request.id, Wish.APPEAL.value, note.strip()))
    _decide(step, request, granted=True)
    fact = WishGranted(request.id, Wish.APPEAL.value, note.strip())
    return finish(step, fact, excused=True, wishes=step.case.wishes - 1)


def refuse_extension(case_id: UUID, *, by: Actor, at: datetime, reason: str, **write: Any) -> Case:
    """Do not agree to more time."""
    return _refuse("refuse_extension", Wish.EXTENSION, case_id, by=by, at=at, reason=reason, **write)


def refuse_suspension(case_id: UUID, *, by: Actor, at: datetime, reason: str, **write: Any) -> Case:
    """Do not agree to let it rest."""
    return _refuse("refuse_suspension", Wish.SUSPENSION, case_id, by=by, at=at, reason=reason, **write)


def refuse_appeal(case_id: UUID, *, by: Actor, at: datetime, reason: str, **write: Any) -> Case:
    """Dismiss an appeal; one voice is enough."""
    return _refuse("refuse_appeal", Wish.APPEAL, case_id, by=by, at=at, reason=reason, **write)


@transaction.atomic
def _refuse(
    name: str, wish: Wish, case_id: UUID, *, by: Actor, at: datetime, reason: str,
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    step = take(name, case_id, by=by, at=at, id=id, version=version, reason=reason)
    if step.repeated:
        return step.case
    demand(reason=reason)
    request = _waiting(step.case, wish)
    _decide(step, request, granted=False)
    fact = WishRefused(request.id, wish.value, reason.strip())
    return finish(step, fact, wishes=step.case.wishes - 1)


def _ask(
    step: Step, wish: Wish, reason: str, *, amount: Limit | None = None, until: datetime | None = None
) -> Case:
    try:
        with transaction.atomic():
            request = Request.objects.create(
                id=uuid7(step.at), case_id=step.case.id, wish=wish.value, asked_by_id=step.by.account_id,
                asked_at=step.at, amount=amount.amount if amount else None, until=until,
            )  # fmt: skip
    except IntegrityError:
        raise Problem(WAITING_ALREADY) from None
    fact = WishAsked(request.id, wish.value, reason.strip(), str(amount or ""), until)
    return finish(step, fact, wishes=step.case.wishes + 1)


def _waiting(case: Case, wish: Wish) -> Request:
    return Request.objects.get(case_id=case.id, wish=wish.value, granted=None)


def _whole(request: Request) -> int | float:
    amount = float(request.amount or 0)
    return int(amount) if amount.is_integer() else amount


def _speak(step: Step, request: Request, *, granted: bool) -> None:
    """Keep what one person says; nobody speaks twice, and it is always somebody."""
    if step.by.account_id is None:
        raise Problem(NOT_ALLOWED)
    Decision.objects.create(
        id=uuid7(step.at), request=request, by_id=step.by.account_id, granted=granted, at=step.at
    )


def _decide(step: Step, request: Request, *, granted: bool) -> None:
    _speak(step, request, granted=granted)
    Request.objects.filter(pk=request.id, granted=None).update(granted=granted, decided_at=step.at)
