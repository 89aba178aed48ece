"""One case: its page, its moves, its reporter."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.cases import queries
from linli.cases.actions import calls, moves
from linli.cases.words import number_of
from linli.desk import asking, matter, moveforms
from linli.desk.asking import for_staff
from linli.kernel import clock, files
from linli.kernel.access import Actor
from linli.kernel.errors import INTERNAL, NOT_FOUND, Problem
from linli.kernel.text import Text

GONE = frozenset({401, 404})


@require_safe
@for_staff
def page(request: HttpRequest, actor: Actor, case_id: UUID) -> HttpResponse:
    """The case; asked for by a queue (htmx), only what goes beside the list."""
    at = clock.now()
    case = queries.case_for(actor, case_id)
    context = matter.context(case, actor, at, back=asking.back(request.GET, ""))
    beside = request.headers.get("HX-Request") == "true"
    answer = render(request, "desk/_beside.html" if beside else "desk/case.html", context)
    answer.headers["Vary"] = "HX-Request"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def move(request: HttpRequest, actor: Actor, case_id: UUID, name: str) -> HttpResponse:
    """Make a move. What is refused comes back with all that was typed, and with what happened meanwhile."""
    if request.method != "POST":
        return redirect("desk:case", case_id=case_id)
    at = clock.now()
    case = queries.case_for(actor, case_id)
    if name not in moveforms.DONE:
        raise Problem(NOT_FOUND)
    kept: list[UUID] = []
    try:
        kept = asking.pictures(request, actor, at)
        given = moveforms.given(name, request.POST, actor) | {"photos": kept}
        made = calls.call(name, case_id, given, by=actor, at=at)
    except Problem as problem:
        if problem.error.status in GONE or problem.error is INTERNAL:
            raise
        return _again(request, actor, case.id, name, problem, kept)
    said = Text("{done}:{number}", "{done}: {number}").fill(
        done=moveforms.DONE[name], number=number_of(case.serial, case.reported_at)
    )
    messages.success(request, str(said))
    # Whoever returned it or passed it on may not see it any more.
    here = reverse("desk:case", args=[case_id]) if queries.may_see(actor, made) else reverse("desk:home")
    return redirect(asking.back(request.POST, here))


def _again(
    request: HttpRequest, actor: Actor, case_id: UUID, name: str, problem: Problem, kept: list[UUID]
) -> HttpResponse:
    case = queries.case_for(actor, case_id)
    lost = problem.error in {files.GONE, files.TOO_MANY_FILES}
    context = matter.context(
        case,
        actor,
        clock.now(),
        back=asking.back(request.POST, ""),
        tried=name,
        typed=request.POST,
        problem=problem,
        kept=() if lost else kept,
        seen=asking.whole(request.POST, "mark"),
    )
    return render(request, "desk/case.html", context, status=problem.error.status)


@require_POST
@for_staff
def reporter(request: HttpRequest, actor: Actor, case_id: UUID) -> HttpResponse:
    """Show the reporter's number, for a reason that goes on the case's record."""
    at = clock.now()
    case = queries.case_for(actor, case_id)
    context = {"number": number_of(case.serial, case.reported_at), "case": case}
    try:
        reason = asking.text(request.POST, "reason", 200)
        context["phone"] = moves.reveal_reporter(case_id, by=actor, at=at, reason=reason)
    except Problem as problem:
        if not problem.fields:
            raise
        context |= {"error": next(iter(problem.fields.values()))}
        return render(request, "desk/reporter.html", context, status=problem.error.status)
    answer = render(request, "desk/reporter.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer
