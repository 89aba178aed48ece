"""Squads: a member's tasks to claim; forming, changing and dissolving them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_ALLOWED, NOT_SIGNED_IN, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people import queries as people
from linli.responsibility import actions, queries
from linli.responsibility.squad_forms import ReasonForm, SquadForm
from linli.responsibility.web import asking
from linli.responsibility.words import RULED_FIXED, TAKEN

CLAIMED = Text("已领办,任务在“处置”里", "Claimed; the task is at your desk for handling")
SAVED, GONE = Text("中队已保存", "The squad is saved"), Text("中队已撤销", "The squad is dissolved")


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """My squads with what waits to be claimed, and the squads' counts as a whole."""
    return _mine(request, member(request))


@require_POST
def claim(request: HttpRequest, squad_id: UUID, case_id: UUID) -> HttpResponse:
    """Take a task for the squad; when somebody was faster, the list again with why."""
    actor, at = member(request), clock.now()
    try:
        id = asking.write_id(request)
        actions.claim(squad_id=squad_id, case_id=case_id, by=actor, at=at, id=id)
    except Problem as problem:
        if problem.error not in {TAKEN, RULED_FIXED}:
            raise
        return _mine(request, actor, problem)
    asking.tell(request, CLAIMED)
    return redirect("responsibility:squad-mine")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every squad in the reader's units: who leads, which units, the counts of the squad as a whole."""
    actor, at = asking.reader(request), clock.now()
    managed = queries.managed_units(actor)
    context = {
        "squads": [(row, set(row.units) <= managed) for row in queries.squads_for(actor, at)],
        "may_edit": queries.may_edit(actor), "tabs": asking.tabs("squads", actor), "now": at,
    }  # fmt: skip
    return render(request, "responsibility/squads.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Form a squad."""
    return _edit(request, asking.editor(request), None)


@require_http_methods(["GET", "HEAD", "POST"])
def squad(request: HttpRequest, squad_id: UUID) -> HttpResponse:
    """Change a squad, or dissolve it."""
    actor = asking.editor(request)
    return _edit(request, actor, queries.squad_for(actor, squad_id, clock.now()))


def member(request: HttpRequest) -> Actor:
    """The actor, who holds a post of the sort that squads pool."""
    actor = people.actor_of(request)
    if not queries.may_join(actor):
        raise Problem(NOT_SIGNED_IN if actor.kind == "anonymous" else NOT_ALLOWED)
    return actor


def _mine(request: HttpRequest, actor: Actor, problem: Problem | None = None) -> HttpResponse:
    at = clock.now()
    squads = [
        (row, [(task, uuid7(at)) for task in queries.tasks(row, actor)])
        for row in queries.squads_of(actor, at)
    ]
    context = {"squads": squads, "refusal": asking.said(problem) if problem else None, "now": at}
    return render(
        request, "responsibility/squad_mine.html", context, status=problem.error.status if problem else 200
    )


def _edit(request: HttpRequest, actor: Actor, row: queries.SquadRow | None) -> HttpResponse:
    at, status = clock.now(), 200
    units, posts = queries.unit_choices(actor, row.units if row else ()), queries.leader_choices(actor, at)
    form, ending = SquadForm(units=units, posts=posts, row=row), ReasonForm()
    if request.method == "POST" and request.POST.get("do") == "dissolve" and row:
        ending, status = ReasonForm(request.POST), 422
        try:
            if ending.is_valid():
                actions.dissolve_squad(squad_id=row.id, reason=ending.cleaned_data["reason"], by=actor, at=at)
                asking.tell(request, GONE)
                return redirect("responsibility:squads")
        except Problem as problem:
            status = asking.refused(ending, problem)
    elif request.method == "POST":
        form, status = SquadForm(request.POST, units=units, posts=posts, row=row), 422
        try:
            if form.is_valid():
                actions.set_squad(**form.given(), squad_id=row.id if row else None, by=actor, at=at)
                asking.tell(request, SAVED)
                return redirect("responsibility:squads")
        except Problem as problem:
            status = asking.refused(form, problem)
    context = {
        "form": form,
        "ending": ending if row else None,
        "squad": row,
        "tabs": asking.tabs("squads", actor),
    }
    return render(request, "responsibility/squad.html", context, status=status)
