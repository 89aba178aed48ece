"""Files of the matrix and of the duty list: sent, previewed, put in force; and what they would move."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from linli.kernel import clock
from linli.kernel.errors import INVALID, Problem
from linli.kernel.text import Text
from linli.people import queries as people
from linli.responsibility import actions, files, queries
from linli.responsibility.forms import UploadForm, WindowForm
from linli.responsibility.web import asking
from linli.responsibility.words import About

IN_FORCE = Text("已生效:{n} 处变动", "In force: {n} changes")
GONE = Text("方案已放弃", "The proposal is given up")
RENEWED = Text("已按最新清单重新比较", "Compared with the list in force anew")


@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    """Send a file of the matrix, or of the duty list; a preview follows."""
    about = About.DUTIES if request.GET.get("about") == About.DUTIES else About.MATRIX
    actor = asking.list_keeper(request) if about is About.DUTIES else asking.editor(request)
    form, status = UploadForm(), 200
    if request.method == "POST":
        form, status = UploadForm(request.POST, request.FILES), 422
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                made = actions.propose_file(
                    about=about, name=file.name or "", data=file.read(), by=actor, at=clock.now()
                )
                return redirect("responsibility:proposal", made.id)
            except Problem as problem:
                status = asking.refused(form, problem)
    context = {
        "form": form, "about": about, "label": about.label, "proposals": queries.proposals_of(actor, about),
        "tabs": asking.tabs("duties" if about is About.DUTIES else "matrix", actor),
    }  # fmt: skip
    return render(request, "responsibility/send.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def proposal(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """What a proposal would change, with everything that is wrong in it; put it in force or give it up."""
    actor, at = asking.editor(request), clock.now()
    found = queries.proposal_for(actor, proposal_id)
    about = About(found.about)
    refusal: Problem | None = None
    if request.method == "POST":
        try:
            return _decide(request, proposal_id, about)
        except Problem as problem:
            if problem.error.status in {401, 403, 404}:
                raise
            refusal = problem
    plan = queries.plan_of(found, actor, at)
    context = {
        "proposal": found,
        "plan": plan,
        "more": plan.total - len(plan.changes),
        "wrong": _lines(plan, warning=False),
        "doubts": _lines(plan, warning=True),
        "counts": {what: plan.counts.get(what, 0) for what in ("added", "changed", "removed")},
        "is_matrix": about is About.MATRIX,
        "label": about.label,
        "refusal": asking.said(refusal) if refusal else None,
        "tabs": asking.tabs("duties" if about is About.DUTIES else "matrix", actor),
        "now": at,
    }
    return render(
        request, "responsibility/proposal.html", context, status=refusal.error.status if refusal else 200
    )


def _lines(plan: queries.Plan, *, warning: bool) -> list[dict[str, Any]]:
    """The errors, or the warnings, with the column as the file heads it."""
    headings = files.DUTY_HEADINGS if plan.about is About.DUTIES else files.MATRIX_HEADINGS
    return [
        {"line": each.line, "column": headings.get(each.field, each.field), "reason": each.reason}
        for each in plan.findings
        if each.warning is warning
    ]


def _decide(request: HttpRequest, proposal_id: UUID, about: About) -> HttpResponse:
    actor, at = asking.editor(request), clock.now()
    do = request.POST.get("do")
    if do == "give_up":
        actions.give_up(proposal_id=proposal_id, by=actor)
        asking.tell(request, GONE)
    elif do == "renew":
        actions.renew(proposal_id=proposal_id, by=actor, at=at)
        asking.tell(request, RENEWED)
        return redirect("responsibility:proposal", proposal_id)
    elif do == "apply":
        number = actions.put_in_force(proposal_id=proposal_id, by=actor, at=at)
        asking.tell(request, IN_FORCE.fill(n=number))
    else:
        raise Problem(INVALID)
    return redirect("responsibility:duties" if about is About.DUTIES else "responsibility:matrix")


@require_safe
def what_if(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Which cases of some days a proposal of the matrix would have sent elsewhere."""
    actor, at = asking.editor(request), clock.now()
    found = queries.proposal_for(actor, proposal_id)
    plan = queries.plan_of(found, actor, at)
    form = WindowForm(request.GET or None)
    status, shift, since, until = 200, None, None, None
    days: dict[str, Any] = form.cleaned_data if form.is_bound and form.is_valid() else {}
    try:
        if form.is_bound and not form.is_valid():
            raise Problem(INVALID)
        since, until = queries.window(at, _begins(days.get("since")), _ends(days.get("until"), at))
        if plan.about is About.MATRIX and not plan.blocked:
            shift = queries.what_if(actor, plan.rows, since, until)
    except Problem as problem:
        if not form.is_bound:
            raise
        status = problem.error.status if form.errors else asking.refused(form, problem)
    if not form.is_bound and since and until:
        form = WindowForm(initial={"since": clock.local(since).date(), "until": clock.local(until).date()})
    context = {
        "proposal": found, "plan": plan, "form": form, "shift": shift, "since": since, "until": until,
        "tabs": asking.tabs("matrix", actor), "now": at,
    }  # fmt: skip
    return render(request, "responsibility/what_if.html", context, status=status)


def _begins(day: date | None) -> datetime | None:
    return people.midnight(day) if day else None


def _ends(day: date | None, at: datetime) -> datetime | None:
    return min(people.midnight(day + timedelta(days=1)), at) if day else None
