"""Calling reporters back: take a case, note how the call went, put it back, respect who wants no calls."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Q

from linli.cases import queries as cases
from linli.cases.actions import moves
from linli.cases.actions.sparing import spare_call
from linli.cases.queries import Case
from linli.cases.words import Answer, Desk, State
from linli.followup import queries
from linli.followup.events import CallAnswered, CallsDeclined, CallsWelcome
from linli.followup.models import Call, OptOut, Turn
from linli.followup.queries.calling import ACTION
from linli.followup.rules import calling as rules
from linli.followup.words import (
    CALLS_DECLINED,
    NOT_WAITING,
    NOTHING_TO_CALL,
    TAKEN,
    Outcome,
    Solved,
)
from linli.kernel import access, composed, journal, rulebook
from linli.kernel.access import Actor
from linli.kernel.errors import CONFLICT, INVALID, NOT_FOUND, RETRY_DIFFERS, Problem
from linli.kernel.fields import blind_index
from linli.kernel.ids import uuid7
from linli.kernel.text import Text

LONGEST = 1000
LOOKED = 20
"""So many of the next cases are tried for the one that nobody else takes at the same moment."""
REASON = "回访"
SPARED = "诉求人此前要求不回访"


@dataclass(frozen=True, slots=True)
class Said:
    """How a call went: the reporter's answers when they were reached, their words, and what they wish."""

    outcome: Outcome
    solved: Solved | None = None
    answer: Answer | None = None
    words: str = ""
    reopen: bool = False
    reopen_reason: str = ""
    no_more_calls: bool = False


def take_next(*, by: Actor, at: datetime) -> Case:
    """Give the caller the case that waits with the earliest deadline (the one they hold already, if any); it is theirs
    for the rulebook's minutes. NOTHING_TO_CALL when there is none."""
    if not queries.may_call(by):
        access.require(by, ACTION)
    held = queries.mine(by, at)
    if held is not None:
        return held
    for case in queries.waiting(by, at)[:LOOKED]:
        if _take(case.id, by, at):
            return case
    raise Problem(NOTHING_TO_CALL)


def take(case_id: UUID, *, by: Actor, at: datetime) -> Case:
    """Take this case for calling, or prolong one's own time. TAKEN while another caller is on it."""
    case = _for_caller(case_id, by)
    _still_waits(case, at)
    if not _take(case.id, by, at):
        raise Problem(TAKEN)
    return case


@transaction.atomic
def _take(case_id: UUID, by: Actor, at: datetime) -> bool:
    """One conditional update decides between two callers, whatever they saw before."""
    Turn.objects.bulk_create([Turn(case_id=case_id)], ignore_conflicts=True)
    free = Q(by=None) | Q(until__lte=at) | Q(by=by.account_id)
    until = at + timedelta(minutes=queries.minutes())
    return Turn.objects.filter(free, case_id=case_id).update(by=by.account_id, until=until) == 1


def put_back(case_id: UUID, *, by: Actor, at: datetime) -> None:
    """Leave it to others; nothing happens when it is not (or no longer) one's own."""
    case = _for_caller(case_id, by)
    Turn.objects.filter(case_id=case.id, by=by.account_id).update(by=None, until=None)


def show_number(case_id: UUID, *, by: Actor, at: datetime) -> str:
    """The reporter's number for the call; the look is on the case's record, as every other."""
    case = take(case_id, by=by, at=at)
    return moves.reveal_reporter(case.id, by=by, at=at, reason=REASON)


def log_call(case_id: UUID, said: Said, *, id: UUID, by: Actor, at: datetime) -> Call:
    """Note how a call went, and do what follows from it, all or nothing.

    Reached: the answer is the case's rating, and on the reporter's wish it is reopened one level up. Not reached: it
    comes back at the next suggested time, or ends as "cannot be reached" once the rulebook's tries are made. Refused:
    nobody calls again about it, and with `no_more_calls` about no other matter either until the rulebook's date.
    The same `id` with the same content changes nothing again.
    """
    digest = _fingerprint(case_id, said)
    try:
        return _earlier(id, digest, by) or _log(case_id, said, id, digest, by, at)
    except Problem as problem:
        # Of two sendings at the same moment the second waits for the first, and finds the case called about.
        found = _earlier(id, digest, by) if problem.error.status == CONFLICT.status else None
        if found is None:
            raise
        return found


def _earlier(id: UUID, digest: str, by: Actor) -> Call | None:
    """The call of an earlier sending of the same; RETRY_DIFFERS when the id was used for something else."""
    found = Call.objects.filter(pk=id).first()
    if found is not None and (found.fingerprint != digest or found.by_id != by.account_id):
        raise Problem(RETRY_DIFFERS)
    return found


@transaction.atomic
def _log(case_id: UUID, said: Said, id: UUID, digest: str, by: Actor, at: datetime) -> Call:
    case = _for_caller(case_id, by)
    _check(said)
    _still_waits(case, at)
    if not _take(case.id, by, at):
        raise Problem(TAKEN)
    made = [*queries.calls_of(case), Call(outcome=said.outcome.value, at=at)]
    given_up = said.outcome is not Outcome.REACHED and rules.unreachable(queries.tries(made), queries.law())
    answer = said.answer if said.outcome is Outcome.REACHED else Answer.UNREACHABLE if given_up else None
    call = Call(
        id=id, case_id=case.id, round=case.reopens, by_id=by.account_id, at=at, outcome=said.outcome.value,
        solved=(said.solved or "") if said.outcome is Outcome.REACHED else "", answer=answer or "",
        fingerprint=digest,
    )  # fmt: skip
    _insert(call)
    if answer is None:
        _note(case, said, call, by, at)
    else:
        _rated(case, said, call, answer, by, at)
    return call


def _insert(call: Call) -> None:
    try:
        with transaction.atomic():
            call.save(force_insert=True)
    except IntegrityError:
        # The same id, or another result of this round, at the same moment.
        if Call.objects.filter(pk=call.id).exists():
            raise Problem(RETRY_DIFFERS) from None
        raise Problem(CONFLICT) from None


def _rated(case: Case, said: Said, call: Call, answer: Answer, by: Actor, at: datetime) -> None:
    if said.outcome is Outcome.REACHED:
        journal.record(CallAnswered(call.solved), about=case.id, by=by, at=at)
    words = said.words if said.outcome is Outcome.REACHED else _note_of(said)
    moves.rate(case.id, by=by, at=at, answer=answer, comment=words, id=uuid5(call.id, "rate"))
    if said.reopen:
        reason = said.reopen_reason.strip() or said.words.strip()
        moves.reopen(case.id, by=by, at=at, reason=reason, id=uuid5(call.id, "reopen"))
    Turn.objects.filter(case_id=case.id).delete()


def _note(case: Case, said: Said, call: Call, by: Actor, at: datetime) -> None:
    note, write = _note_of(said), uuid5(call.id, "note")
    if said.outcome is Outcome.REFUSED:
        spare_call(case.id, by=by, at=at, text=note, id=write)
        Turn.objects.filter(case_id=case.id).delete()
        if said.no_more_calls and case.reporter_id is not None:
            _decline(case, case.reporter_id, by, at)
        return
    moves.record_call(case.id, by=by, at=at, text=note, id=write)
    later = queries.next_try(queries.tries(queries.calls_of(case)), at)
    Turn.objects.filter(case_id=case.id).update(by=None, until=None, not_before=later)


def _decline(case: Case, reporter: UUID, by: Actor, at: datetime) -> None:
    """The reporter is not called about any matter until the rulebook's date; what waits already is taken off."""
    until = at + timedelta(days=rulebook.table("followup")["calling"]["opt_out_days"])
    OptOut.objects.filter(resident_id=reporter, ended_at=None).update(ended_at=at)
    OptOut.objects.create(id=uuid7(at), resident_id=reporter, since=at, until=until)
    journal.record(CallsDeclined(until), about=case.id, by=by, at=at)
    others = cases.visible_to(by, ACTION).filter(
        reporter_id=reporter, desk=Desk.CALL_BACK.value, state=State.CLOSED.value
    )
    for other in others.exclude(pk=case.id):
        spare_call(other.id, by=by, at=at, text=SPARED)
        Turn.objects.filter(case_id=other.id).delete()


@transaction.atomic
def welcome_calls(case_id: UUID, *, by: Actor, at: datetime) -> None:
    """The reporter of this case may be called again, about later matters."""
    case = _for_caller(case_id, by)
    if case.reporter_id is None:
        return
    holds = OptOut.objects.filter(resident_id=case.reporter_id, ended_at=None, until__gt=at)
    if holds.update(ended_at=at):
        journal.record(CallsWelcome(), about=case.id, by=by, at=at)


def spare(case_id: UUID, *, by: Actor, at: datetime) -> bool:
    """Take a case that was just closed off the call-back desk when its reporter wants no calls; whether it was done."""
    case = composed.one(Case, id=case_id)
    if case is None or case.state != State.CLOSED or case.desk != Desk.CALL_BACK:
        return False
    if queries.opted_out(case.reporter_id, at) is None:
        return False
    spare_call(case.id, by=by, at=at, text=SPARED)
    return True


def _for_caller(case_id: UUID, by: Actor) -> Case:
    case = composed.one(Case, id=case_id)
    if case is None or not cases.may_see(by, case):
        raise Problem(NOT_FOUND)
    access.require(by, ACTION, cases.subject_of(case))
    return case


def _still_waits(case: Case, at: datetime) -> None:
    if case.state != State.CLOSED or case.desk != Desk.CALL_BACK or case.reporter_id is None:
        raise Problem(NOT_WAITING)
    if queries.opted_out(case.reporter_id, at) is not None:
        raise Problem(CALLS_DECLINED)


def _check(said: Said) -> None:
    """Refuse what no call can have been."""
    wrong: dict[str, Text] = {}
    if said.outcome is Outcome.REACHED:
        if said.solved is None:
            wrong["solved"] = Text("请问清是否解决", "Ask whether it is solved")
        if said.answer is None or said.answer is Answer.UNREACHABLE:
            wrong["answer"] = Text("请问清是否满意", "Ask how satisfied they are")
        if said.reopen and not (said.reopen_reason.strip() or said.words.strip()):
            wrong["reopen_reason"] = Text("请写明重开的理由", "Say why it is reopened")
    elif said.reopen:
        wrong["reopen"] = Text(
            "没有问到诉求人,不能代为申请重开", "Nobody asked for it: the reporter was not reached"
        )
    for name in ("words", "reopen_reason"):
        if len(getattr(said, name)) > LONGEST:
            wrong[name] = Text(f"最多 {LONGEST} 字", f"At most {LONGEST} characters")
    if wrong:
        raise Problem(INVALID, fields=wrong)


def _note_of(said: Said) -> str:
    label, words = said.outcome.label.zh, said.words.strip()
    return f"{label}:{words}" if words else label


def _fingerprint(case_id: UUID, said: Said) -> str:
    content: dict[str, Any] = {name: getattr(said, name) for name in Said.__slots__}
    return blind_index("write", json.dumps([str(case_id), content], default=str, sort_keys=True))
