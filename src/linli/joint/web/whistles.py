"""Whistles: the list, blowing one on a case, and one whistle with its approval, helpers, meetings and problems."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from linli.cases import queries as cases
from linli.cases.words import number_of
from linli.joint import actions, queries
from linli.joint.forms import ProblemForm, ReasonForm, SolutionForm, WhistleForm
from linli.joint.models import Whistle
from linli.joint.queries import Candidate
from linli.joint.queries.whistles import SHOWN_AT_MOST
from linli.joint.web.asking import for_staff, fresh_id, tried, uuid, words, write_id
from linli.joint.words import Asked, Chosen, Stand, Template
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import MALFORMED, NOT_ALLOWED, NOT_FOUND, Problem
from linli.kernel.text import Text

BLOWN = Text("已吹哨,协办单位已收到通知", "The whistle is blown; the helpers are told")
WAITS = Text("已吹哨,待值班长批准", "The whistle is blown and waits for approval")
APPROVED, REFUSED = Text("已批准", "Approved"), Text("已退回", "Not approved")
NOTED, SETTLED = (
    Text("已列入问题清单", "Put on the list of problems"),
    Text("问题已解决", "The problem is settled"),
)
TABS = (None, Stand.WAITING, Stand.CALLED, Stand.REFUSED)


@require_safe
@for_staff
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The whistles on the cases that one sees, newest first."""
    if not cases.watches(actor):
        raise Problem(NOT_ALLOWED)
    asked = request.GET.get("stand", "")
    stand = Stand(asked) if asked in set(Stand) else None
    found = list(queries.whistles(actor, stand)[:SHOWN_AT_MOST])
    tabs = [
        {
            "label": tab.label if tab else Text("全部", "All"),
            "url": reverse("joint:whistles") + (f"?stand={tab.value}" if tab else ""),
            "active": tab is stand,
        }
        for tab in TABS
    ]
    context = {
        "rows": queries.rows(found),
        "tabs": tabs,
        "now": clock.now(),
        "helps": cases.takes_parts(actor),
    }
    return render(request, "joint/whistles.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def new(request: HttpRequest, actor: Actor, case_id: UUID) -> HttpResponse:
    """Blow the whistle on a case: choose the template, then whom to call."""
    at = clock.now()
    case = cases.case_for(actor, case_id)
    offered = queries.startable(actor, case)
    if not offered:
        raise Problem(NOT_ALLOWED)
    code = (request.POST if request.method == "POST" else request.GET).get("template", "")
    chosen = next((each for each in offered if each.code == code), None)
    if chosen is None:
        context = {
            "case": case,
            "kind": _kind(case),
            "number": _number(case),
            "templates": offered,
            "now": at,
        }
        return render(request, "joint/choose.html", context)
    desk = _Blowing(request, actor, case, chosen, at, queries.candidates(case, chosen, at))
    status = 200
    if request.method == "POST":
        problem = desk.blow()
        if problem is None:
            return redirect("joint:whistle", whistle_id=desk.made[0].id)
        status = problem.error.status
    return render(request, "joint/new.html", desk.context(), status=status)


@dataclass(slots=True)
class _Blowing:
    """The form of one whistle with what was ticked and typed."""

    request: HttpRequest
    actor: Actor
    case: Any
    template: Template
    at: datetime
    candidates: list[Candidate]
    form: Form = field(default_factory=WhistleForm)
    made: list[Whistle] = field(default_factory=list)

    def blow(self) -> Problem | None:
        self.form = WhistleForm(self.request.POST)
        said = WAITS if self.template.approve else BLOWN
        return tried(self.request, self.form, self._write, said)

    def _write(self, data: dict[str, Any]) -> None:
        self.made.append(actions.whistle(
            self.case.id, template=self.template.code, helpers=self._asked(), reason=data["reason"],
            place=data["place"], by=self.actor, at=self.at, id=write_id(self.request.POST),
        ))  # fmt: skip

    def _asked(self) -> list[Asked]:
        ticked = self.request.POST.getlist("helper")
        known = {each.key: each for each in self.candidates}
        # A repeated sending names helpers who meanwhile have an open part and are no candidates any more.
        return [_asked_by(key, known.get(key), words(self.request.POST, f"task-{key}")) for key in ticked]

    def context(self) -> dict[str, Any]:
        posted = self.request.POST if self.request.method == "POST" else None
        ticked = set(posted.getlist("helper")) if posted else {c.key for c in self.candidates if c.proposed}
        rows = [
            {
                "who": each,
                "ticked": each.key in ticked,
                "task": posted.get(f"task-{each.key}", "") if posted else str(self.template.task),
            }
            for each in self.candidates
        ]
        return {
            "case": self.case, "kind": _kind(self.case), "number": _number(self.case), "template": self.template,
            "rows": rows, "form": self.form, "write_id": self.request.POST.get("id") or fresh_id(), "now": self.at,
            "limits": limits_of(self.template),
        }  # fmt: skip


def _asked_by(key: str, known: Candidate | None, task: str) -> Asked:
    sort, _, value = key.partition("-")
    try:
        found = UUID(value)
    except ValueError:
        raise Problem(MALFORMED) from None
    chosen = known.chosen if known else Chosen.HAND
    if sort == "d":
        return Asked(department=found, task=task, chosen=chosen)
    if sort == "p":
        return Asked(post=found, task=task, chosen=chosen)
    raise Problem(MALFORMED)


def limits_of(template: Template) -> list[dict[str, Text]]:
    """What the template asks for by when, as facts."""
    return [
        {"label": label, "value": template.limits[name.removeprefix("part_")].label}
        for name, label in cases.STEPS.items()
        if name.removeprefix("part_") in template.limits
    ]


def _kind(case: Any) -> Text:
    kind = cases.kind_of(case)
    return kind.name if kind else Text(case.kind, case.kind)


def _number(case: Any) -> str:
    return number_of(case.serial, case.reported_at)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def page(request: HttpRequest, actor: Actor, whistle_id: UUID) -> HttpResponse:
    """One whistle; approve or refuse it, note and settle problems."""
    at = clock.now()
    found = queries.whistle_for(actor, whistle_id)
    parts = cases.parts_of(found.case_id)
    desk, status = _Whistle(request, actor, found, at, parts), 200
    if request.method == "POST":
        problem = desk.do(request.POST.get("do", ""))
        if problem is None:
            return redirect("joint:whistle", whistle_id=whistle_id)
        status = problem.error.status
    return render(request, "joint/whistle.html", desk.context(), status=status)


@dataclass(slots=True)
class _Whistle:
    """One whistle's page with what is asked of it."""

    request: HttpRequest
    actor: Actor
    whistle: Whistle
    at: datetime
    parts: list[Any]
    forms: dict[str, Form] = field(default_factory=dict)

    def do(self, name: str) -> Problem | None:
        doing = {
            "approve": self._approve,
            "refuse": self._refuse,
            "problem": self._problem,
            "settle": self._settle,
        }
        if name not in doing:
            raise Problem(MALFORMED)
        return doing[name]()

    def _approve(self) -> Problem | None:
        form = self.forms["approve"] = Form(self.request.POST)
        return tried(self.request, form, lambda data: actions.approve(
            self.whistle.id, by=self.actor, at=self.at, id=write_id(self.request.POST)), APPROVED)  # fmt: skip

    def _refuse(self) -> Problem | None:
        form = self.forms["refuse"] = ReasonForm(self.request.POST, auto_id="refuse-%s")
        return tried(self.request, form, lambda data: actions.refuse(
            self.whistle.id, reason=data["reason"], by=self.actor, at=self.at, id=write_id(self.request.POST)
        ), REFUSED)  # fmt: skip

    def _problem(self) -> Problem | None:
        form = self.forms["problem"] = self._problem_form(self.request.POST)
        return tried(self.request, form, lambda data: actions.note_problem(
            self.whistle.id, text_=data["text"], part=UUID(data["part"]) if data["part"] else None, by=self.actor,
            at=self.at, id=write_id(self.request.POST)), NOTED)  # fmt: skip

    def _settle(self) -> Problem | None:
        issue = uuid(self.request.POST, "issue")
        if issue is None:
            raise Problem(NOT_FOUND)
        queries.issue_for(self.actor, self.whistle.id, issue)
        form = self.forms[f"settle-{issue}"] = SolutionForm(self.request.POST, auto_id=f"settle-{issue}-%s")
        return tried(self.request, form, lambda data: actions.settle_problem(
            issue, solution=data["solution"], by=self.actor, at=self.at, id=write_id(self.request.POST)), SETTLED)  # fmt: skip

    def _problem_form(self, data: Any = None) -> ProblemForm:
        named = [(str(part.id), str(cases.part_name(part))) for part in self.parts]
        return ProblemForm(data, parts=named, auto_id="problem-%s")

    def context(self) -> dict[str, Any]:
        whistle, actor, case = self.whistle, self.actor, self.whistle.case
        template = queries.template(whistle.template)
        works = queries.may_note(actor, whistle)
        calls = queries.shows_code(actor, whistle)
        own = queries.own_part(actor, whistle, self.parts)
        return {
            "row": queries.rows([whistle])[0], "whistle": whistle, "case": case, "template": template,
            "limits": limits_of(template), "views": queries.views_of(self.parts, case, actor, self.at),
            "invited": [] if self.parts else queries.invited_names(whistle),
            "may_approve": queries.may_approve(actor, whistle),
            "own_to_approve": whistle.stand == Stand.WAITING and actor.account_id == whistle.called_by_id,
            "refuse": self.forms.get("refuse") or ReasonForm(auto_id="refuse-%s"),
            "failed": self.forms.get("approve"), "meetings": queries.meetings_of(whistle),
            "issues": [
                {"issue": each, "form": self.forms.get(f"settle-{each.id}") or SolutionForm(auto_id=f"settle-{each.id}-%s")}
                for each in queries.issues_of(whistle)
            ],
            "problem": self.forms.get("problem") or self._problem_form(), "works": works, "calls": calls,
            "own": own, "open": whistle.stand == Stand.CALLED, "write_id": fresh_id(), "now": self.at,
        }  # fmt: skip
