"""Calling reporters back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from linli.cases import queries as cases
from linli.followup import actions, queries
from linli.followup.actions import Said
from linli.followup.api.shapes import CallOut, CallsOut, ResultIn, SheetOut
from linli.followup.models import Call
from linli.followup.queries.calling import ACTION
from linli.kernel import access, clock
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_ALLOWED, Problem
from linli.kernel.ids import uuid7
from linli.kernel.schemas import REFUSED, TextOut
from linli.kernel.text import Text
from linli.people.queries import signed_in, with_a_post
from linli.ui.words import TOWN

router = Router(tags=["calls"], auth=signed_in)
SHEET: dict[Any, Any] = {200: SheetOut, **REFUSED}


@router.get("/followup/calls", response={200: CallsOut, **REFUSED}, summary="What waits to be called")
def calls(request: HttpRequest) -> Any:
    """How much waits for this caller, and the case that they have taken. Cases are given out one by one: see `next`."""
    return _load(_caller(request), clock.now())


@router.post("/followup/calls/next", response=SHEET, summary="Take the next case")
def take_next(request: HttpRequest) -> Any:
    """Take the case with the earliest deadline; the one that they hold already, if any. Afterwards it is the caller's for
    the rulebook's minutes. `followup.nothing-to-call` when there is none."""
    by, at = _caller(request), clock.now()
    return _sheet(actions.take_next(by=by, at=at), by, at)


@router.get("/followup/calls/{uuid:case_id}", response=SHEET, summary="One case for calling")
def sheet(request: HttpRequest, case_id: UUID) -> Any:
    """What a caller needs about a case: script, tries, what the reporter was told. The telephone is not in it."""
    return _for_caller(case_id, signed_in(request), clock.now())


@router.post("/followup/calls/{uuid:case_id}/take", response=SHEET, summary="Take a case")
def take(request: HttpRequest, case_id: UUID) -> Any:
    """Take this case for calling, or prolong one's own time. Afterwards no other caller gets it for the rulebook's
    minutes; `followup.taken` while another one is on it."""
    by, at = signed_in(request), clock.now()
    return _sheet(actions.take(case_id, by=by, at=at), by, at)


@router.post(
    "/followup/calls/{uuid:case_id}/back", response={200: CallsOut, **REFUSED}, summary="Put it back"
)
def back(request: HttpRequest, case_id: UUID) -> Any:
    """Leave the case to others; nothing happens when it is not (or no longer) one's own."""
    by, at = signed_in(request), clock.now()
    actions.put_back(case_id, by=by, at=at)
    return _load(by, at)


@router.post("/followup/calls/{uuid:case_id}/welcome", response=SHEET, summary="Calls are welcome again")
def welcome(request: HttpRequest, case_id: UUID) -> Any:
    """The reporter of this case may be called again, about later matters."""
    by, at = signed_in(request), clock.now()
    actions.welcome_calls(case_id, by=by, at=at)
    return _for_caller(case_id, by, at)


@router.post(
    "/followup/calls/{uuid:case_id}/results",
    response={200: CallOut, 201: CallOut, **REFUSED},
    summary="Note how a call went",
)
def result(request: HttpRequest, case_id: UUID, body: ResultIn) -> Any:
    """Note how a call went. 201 when it was noted, 200 with the same answer when it had been received before.

    Afterwards what the reporter said is the case's rating, or it waits for the next try, or nobody calls any more.
    """
    by, at = signed_in(request), clock.now()
    said = Said(
        body.outcome, body.solved, body.answer, body.words.strip(), body.reopen, body.reopen_reason.strip(),
        body.no_more_calls,
    )  # fmt: skip
    made = actions.log_call(case_id, said, id=body.id or uuid7(at), by=by, at=at)
    return Status(201 if made.at == at else 200, _call(made))


def _caller(request: HttpRequest) -> Actor:
    by = with_a_post(request)
    if not queries.may_call(by):
        raise Problem(NOT_ALLOWED)
    return by


def _load(by: Actor, at: datetime) -> dict[str, Any]:
    found, mine = queries.load(by, at), queries.mine(by, at)
    return {
        "waiting": found.waiting, "later": found.later, "today": found.today, "minutes": queries.minutes(),
        "mine": {"case": mine.id, "kind": TextOut.of(_kind(mine)), "due": mine.next_due_at} if mine else None,
    }  # fmt: skip


def _kind(case: cases.Case) -> Text:
    kind = cases.kind_of(case)
    code = case.source_kind or case.kind
    return kind.name if kind else Text(code, code)


def _for_caller(case_id: UUID, by: Actor, at: datetime) -> dict[str, Any]:
    case = cases.case_for(by, case_id)
    access.require(by, ACTION, cases.subject_of(case))
    return _sheet(case, by, at)


def _sheet(case: cases.Case, by: Actor, at: datetime) -> dict[str, Any]:
    found = queries.sheet(case, by, at, TOWN)
    script, held = found.script, queries.held(found.turn, by, at)
    tries, days, halves = found.missing
    return {
        "case": case.id, "number": found.number, "kind": TextOut.of(found.kind), "open": found.open, "held": held,
        "place": TextOut.of(found.place) if found.place else None,
        "until": found.turn.until if found.turn and held else None,
        "script": {
            "code": script.code, "opening": TextOut.of(script.opening), "closing": TextOut.of(script.closing),
            "questions": [TextOut.of(each) for each in script.questions], "source": script.source,
        },
        "told": [TextOut.of(each) for each in found.told], "calls": [_call(each) for each in found.calls],
        "missing": {"tries": tries, "days": days, "halves": halves}, "next_try": found.next_try,
        "no_calls_until": found.opt_out.until if found.opt_out else None,
        "reopen_to": TextOut.of(found.reopen_to) if found.reopen_to else None, "may_reopen": found.may_reopen,
    }  # fmt: skip


def _call(made: Call) -> dict[str, Any]:
    return {
        "id": made.id, "case": made.case_id, "at": made.at, "outcome": made.outcome, "solved": made.solved or None,
        "answer": made.answer or None,
    }  # fmt: skip
