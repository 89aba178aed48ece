"""Exclusions: the list, asking for one, deciding, appealing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from linli.cases import queries as cases
from linli.cases.words import number_of
from linli.followup import actions, queries
from linli.followup.forms import AppealForm, DecisionForm, ExclusionForm
from linli.followup.queries.exclusions import STANDINGS
from linli.followup.web.asking import staff, tabs, tried
from linli.kernel import access, clock
from linli.kernel.errors import MALFORMED, NOT_ALLOWED, NOT_FOUND, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text

ASKED = Text("剔除申请已提交,审定前仍计入", "It is asked for; until it is decided the case counts")
DECIDED, APPEALED = Text("已审定", "Decided"), Text("申诉已提交", "The appeal is on record")


@require_safe
def exclusions(request: HttpRequest) -> HttpResponse:
    """What is asked to be left out, and what was decided."""
    actor, at = staff(request), clock.now()
    if not cases.watches(actor):
        raise Problem(NOT_ALLOWED)
    chosen = request.GET.get("show", "")
    if chosen and chosen not in STANDINGS:
        raise Problem(NOT_FOUND)
    here = reverse("followup:exclusions")
    shown = [{"label": Text("全部", "All"), "url": here, "active": not chosen}]
    shown += [
        {"label": label, "url": f"{here}?show={code}", "active": code == chosen}
        for code, label in STANDINGS.items()
    ]
    context = {
        "tabs": tabs(actor, "followup:exclusions"),
        "shown": shown,
        "rows": queries.exclusions_for(actor, chosen),
        "now": at,
    }
    return render(request, "followup/exclusions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Ask that a closed case be left out of the rates."""
    actor, at = staff(request), clock.now()
    case = cases.case_for(actor, case_id)
    access.require(actor, "followup.exclude", cases.subject_of(case))
    earlier = queries.exclusion_of(case)
    if earlier is not None and request.method != "POST":
        return redirect("followup:exclusion", exclusion_id=earlier.id)
    form, status = ExclusionForm(initial={"id": uuid7(at)}), 200
    if request.method == "POST":
        form = ExclusionForm(request.POST)
        data: Callable[[str], Any] = lambda name: form.cleaned_data[name]  # noqa: E731 - read when it is valid
        problem = tried(
            request, form,
            lambda: actions.ask_exclusion(
                case_id, reason=data("reason"), words=data("words"), id=data("id"), by=actor, at=at
            ),
            ASKED,
        )  # fmt: skip
        if problem is None:
            return redirect("followup:exclusion", exclusion_id=data("id"))
        status = problem.error.status
    context = {
        "tabs": tabs(actor, "followup:exclusions"),
        "case": case,
        "number": number_of(case.serial, case.reported_at),
        "form": form,
        "now": at,
    }
    return render(request, "followup/exclusion_new.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def exclusion(request: HttpRequest, exclusion_id: UUID) -> HttpResponse:
    """One exclusion: what was said, and what the reader may do now."""
    actor, at = staff(request), clock.now()
    row = queries.exclusion_for(actor, exclusion_id)
    decision, appeal, status = DecisionForm(auto_id="decide-%s"), AppealForm(auto_id="appeal-%s"), 200
    if request.method == "POST":
        do = request.POST.get("do", "")
        form: Form
        if do == "decide":
            form = decision = DecisionForm(request.POST, auto_id="decide-%s")
        elif do == "appeal":
            form = appeal = AppealForm(request.POST, auto_id="appeal-%s")
        else:
            raise Problem(MALFORMED)

        def write() -> None:
            given = form.cleaned_data
            if do == "appeal":
                actions.appeal_exclusion(exclusion_id, words=given["words"], by=actor, at=at)
                return
            actions.decide_exclusion(
                exclusion_id, granted=given["granted"] == "yes", words=given["words"], by=actor, at=at
            )

        problem = tried(request, form, write, APPEALED if do == "appeal" else DECIDED)
        if problem is None:
            return redirect("followup:exclusion", exclusion_id=exclusion_id)
        status = problem.error.status
        row = queries.exclusion_for(actor, exclusion_id)
    context = {
        "tabs": tabs(actor, "followup:exclusions"),
        "row": row,
        "lines": queries.words_of(row.exclusion),
        "decision": decision
        if queries.may_decide(actor, row.exclusion, row.case) or decision.is_bound
        else None,
        "appeal": appeal if queries.may_appeal(actor, row.exclusion, row.case) or appeal.is_bound else None,
        "now": at,
    }
    return render(request, "followup/exclusion.html", context, status=status)
