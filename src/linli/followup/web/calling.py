"""The caller's pages: what waits, one case with its script, how the call went."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.cases import queries as cases
from linli.cases.words import Answer
from linli.followup import actions, queries
from linli.followup.actions.calling import REASON
from linli.followup.forms import CallForm
from linli.followup.web.asking import staff, tabs, tried
from linli.followup.words import NOTHING_TO_CALL, Outcome
from linli.kernel import access, clock
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_ALLOWED, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.ui.words import TOWN

NOTED = Text("本次电话已记录", "The call is on record")
GIVEN_UP = Text("已按规则认定无法联系", "By the rules the reporter counts as not reachable")
BACK = Text("已放回队列", "It is back in the queue")


@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """What waits to be called, and the case one has taken."""
    actor, at = _caller(request), clock.now()
    context = {
        "tabs": tabs(actor, "followup:calls"),
        "load": queries.load(actor, at),
        "mine": _line(queries.mine(actor, at)),
        "minutes": queries.minutes(),
        "law": queries.law(),
        "now": at,
    }
    return render(request, "followup/calls.html", context)


def _line(case: cases.Case | None) -> dict[str, Any] | None:
    if case is None:
        return None
    kind = cases.kind_of(case)
    return {"id": case.id, "kind": kind.name if kind else case.kind, "due": case.next_due_at}


@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """Take the case with the earliest deadline."""
    actor, at = _caller(request), clock.now()
    try:
        case = actions.take_next(by=actor, at=at)
    except Problem as problem:
        if problem.error is not NOTHING_TO_CALL:
            raise
        messages.info(request, str(problem.title))
        return redirect("followup:calls")
    return redirect("followup:call", case_id=case.id)


@require_http_methods(["GET", "HEAD", "POST"])
def call(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """One case for calling: script, tries, and a form for how the call went. What is refused keeps what was typed."""
    actor, at = _caller(request), clock.now()
    case = cases.case_for(actor, case_id)
    access.require(actor, "followup.call", cases.subject_of(case))
    form, status = CallForm(initial={"id": uuid7(at)}), 200
    if request.method == "POST":
        form = CallForm(request.POST)
        made: list[Any] = []

        def write() -> None:
            made.append(actions.log_call(case_id, form.said(), id=form.cleaned_data["id"], by=actor, at=at))

        problem = tried(request, form, write, None)
        if problem is None:
            given_up = made[0].answer == Answer.UNREACHABLE
            messages.success(request, str(GIVEN_UP if given_up else NOTED))
            return redirect("followup:calls")
        status = problem.error.status
    return _page(request, actor, case_id, form, at, status)


def _page(
    request: HttpRequest, actor: Actor, case_id: UUID, form: CallForm, at: datetime, status: int = 200
) -> HttpResponse:
    case = cases.case_for(actor, case_id)
    sheet = queries.sheet(case, actor, at, TOWN)
    turn = sheet.turn
    held = queries.held(turn, actor, at)
    context = {
        "tabs": tabs(actor, "followup:calls"),
        "sheet": sheet,
        "case": case,
        "form": form,
        "mine": held == "mine",
        "others": held == "others",
        "until": turn.until if turn is not None and held else None,
        "tries": [(each, Outcome(each.outcome).label) for each in sheet.calls],
        "reason": REASON,
        "now": at,
    }
    return render(request, "followup/call.html", context, status=status)


@require_POST
def take(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Take this case for calling."""
    actions.take(case_id, by=_caller(request), at=clock.now())
    return redirect("followup:call", case_id=case_id)


@require_POST
def number(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show the reporter's number for the call; the look goes on the case's record. Asked for by the page (htmx), only
    the number."""
    actor, at = _caller(request), clock.now()
    phone = actions.show_number(case_id, by=actor, at=at)
    context = {"phone": phone, "case_id": case_id, "tabs": tabs(actor, "followup:calls"), "now": at}
    beside = request.headers.get("HX-Request") == "true"
    answer = render(request, "followup/_number.html" if beside else "followup/number.html", context)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Vary"] = "HX-Request"
    return answer


@require_POST
def back(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Leave the case to others."""
    actions.put_back(case_id, by=_caller(request), at=clock.now())
    messages.success(request, str(BACK))
    return redirect("followup:calls")


@require_POST
def welcome(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The reporter may be called again."""
    actions.welcome_calls(case_id, by=_caller(request), at=clock.now())
    return redirect("followup:call", case_id=case_id)


def _caller(request: HttpRequest) -> Actor:
    actor = staff(request)
    if not queries.may_call(actor):
        raise Problem(NOT_ALLOWED)
    return actor
