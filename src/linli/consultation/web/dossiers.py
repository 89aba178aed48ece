"""Handing a case up with its whole file, and taking the file."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from linli.cases import queries as cases
from linli.cases.words import number_of
from linli.consultation import actions, documents, queries
from linli.consultation.actions import Choice
from linli.consultation.forms import HandUpForm
from linli.consultation.web.common import private, staff, tried
from linli.consultation.words import HAND_UP, Level
from linli.kernel import access, clock, seal
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text

MADE = Text("卷宗已生成并签名", "The dossier is made and signed")


@require_http_methods(["GET", "HEAD", "POST"])
def hand_up(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """For whom, why, and what goes along."""
    actor, at = staff(request), clock.now()
    case = cases.case_for(actor, case_id)
    if not cases.sees_as_staff(actor, case):
        raise Problem(NOT_FOUND)
    access.require(actor, HAND_UP, cases.subject_of(case))
    form, status = HandUpForm(initial={"id": uuid7(at)}), 200
    if request.method == "POST":
        form = HandUpForm(request.POST)
        problem = tried(request, form, lambda: _hand_up(form, case_id, actor, at), MADE)
        if problem is None:
            return redirect("consultation:dossier", dossier_id=form.cleaned_data["id"])
        status = problem.error.status
    context = {
        "form": form,
        "case": case,
        "number": number_of(case.serial, case.reported_at),
        "dossiers": queries.dossiers_of(case.id),
        "days": queries.bound("dossier_days"),
        "now": at,
    }
    return render(request, "consultation/hand_up.html", context, status=status)


def _hand_up(form: HandUpForm, case_id: UUID, actor: Actor, at: datetime) -> None:
    given = form.cleaned_data
    levels = frozenset({Level.OPEN, *(Level(each) for each in given["levels"])})
    actions.hand_up(
        case_id, by=actor, at=at, to=given["to"], reason_given=given["reason"],
        choice=Choice(levels, given["unmasked_reason"]), id=given["id"],
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def dossier(request: HttpRequest, dossier_id: UUID) -> HttpResponse:
    """What the dossier holds and how it is checked; POST downloads it, which goes on the case's record."""
    actor, at = staff(request), clock.now()
    found = queries.dossier_for(actor, dossier_id)
    case = found.case
    number = number_of(case.serial, case.reported_at)
    if request.method == "POST":
        taken = actions.take_dossier(dossier_id, by=actor, at=at)
        data = documents.dossier_path(taken.sha256).read_bytes()
        answer = HttpResponse(data, content_type="application/zip")
        answer.headers["Content-Disposition"] = f'attachment; filename="dossier-{number}.zip"'
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return private(answer)
    context = {
        "dossier": found, "case": case, "number": number, "key": str(seal.signer().verifier),
        "there": found.removed_at is None and documents.dossier_path(found.sha256).exists(), "now": at,
    }  # fmt: skip
    return private(render(request, "consultation/dossier_page.html", context))
