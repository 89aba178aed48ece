"""Asking for opinions on a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from linli.cases import queries as cases
from linli.cases.words import number_of
from linli.consultation import actions, queries
from linli.consultation.forms import AskForm
from linli.consultation.web.common import papers, private, staff, tried, uploads
from linli.consultation.words import ASK
from linli.kernel import access, clock
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text

ASKED = Text("已发出,各方会收到消息", "Asked; everybody gets a message")


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Whom to ask, what, and what they may see of the case."""
    actor, at = staff(request), clock.now()
    case = cases.case_for(actor, case_id)
    if not cases.sees_as_staff(actor, case):
        raise Problem(NOT_FOUND)
    access.require(actor, ASK, cases.subject_of(case))
    pictures = [item.file_id for items in cases.evidence(case.id).values() for item in items]
    offered: dict[str, Any] = {
        "advisers": queries.advisers(case, at, without=actor.account_id),
        "departments": queries.departments(case, at),
        "pictures": pictures,
    }
    form, status = AskForm(initial={"id": uuid7(at), "risk": "yellow"}, **offered), 200
    if request.method == "POST":
        form = AskForm(request.POST, **offered)
        problem = tried(request, form, lambda: _ask(request, form, case_id, actor, at), ASKED)
        if problem is None:
            return redirect("consultation:page", consultation_id=form.cleaned_data["id"])
        status = problem.error.status
    context = {
        "form": form,
        "case": case,
        "number": number_of(case.serial, case.reported_at),
        "pictures": pictures,
        "chosen": [str(each) for each in form["pictures"].value() or ()],
        "sent": bool(request.FILES),
        "papers": papers(),
        "days": queries.bound("see_days"),
        "now": at,
    }
    return private(render(request, "consultation/ask.html", context, status=status))


def _ask(request: HttpRequest, form: AskForm, case_id: UUID, actor: Actor, at: datetime) -> None:
    given = form.cleaned_data
    actions.ask(
        case_id, by=actor, at=at, question=given["question"], topic=given["topic"],
        risk=given["risk"], accounts=given["accounts"], departments=given["departments"],
        pictures=given["pictures"], documents=uploads(request), id=given["id"],
    )  # fmt: skip
