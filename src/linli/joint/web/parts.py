"""Helping: what one's department or post has to help with, one part with its steps, and how limits are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from linli.cases import queries as cases
from linli.cases.actions import parts as steps
from linli.cases.words import Verdict
from linli.joint import actions, queries
from linli.joint.forms import ContactForm, FinishAwayForm, FinishForm, RateForm, ReasonForm
from linli.joint.web.asking import for_staff, fresh_id, pictures, show, tried, write_id
from linli.joint.words import Mark
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import MALFORMED, NOT_ALLOWED, Problem
from linli.kernel.text import Text

DONE = {
    "sign": Text("已签收", "Signed for"), "contact": Text("联系情况已记录", "The contact is on record"),
    "arrive": Text("已确认到场", "The arrival is confirmed"), "finish": Text("协办已完成", "The part is done"),
    "release": Text("已解除协办", "The helper is released"), "rate": Text("评价已记录,谢谢", "Thank you for rating"),
}  # fmt: skip
ICONS = {"sign": "signature", "contact": "phone", "arrive": "map-pin", "finish": "check", "release": "x"}
FORMS: dict[str, type[Form]] = {"contact": ContactForm, "finish": FinishForm, "release": ReasonForm}
PERIODS = (30, 90, 365)
LISTED = 200
COUNTED_AT_MOST = 20_000


@require_safe
@for_staff
def mine(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What the actor's departments and posts have to help with, what ends first on top; and where they helped."""
    at = clock.now()
    rows = [cases.part_row(part, at) for part in cases.own_open_parts(actor)]
    rows.sort(key=lambda row: (row.next_due is None, row.next_due or at, row.called_at))
    ended = [cases.part_row(part, at) for part in cases.own_ended_parts(actor)]
    context = {"rows": rows, "ended": ended, "takes": cases.takes_parts(actor), "now": at}
    return render(request, "joint/mine.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def page(request: HttpRequest, actor: Actor, part_id: UUID) -> HttpResponse:
    """One part: its limits, the steps that one may make, and the rating of each side."""
    at = clock.now()
    part = cases.part_for(actor, part_id)
    desk, status = _Part(request, actor, part, at), 200
    if request.method == "POST":
        problem = desk.do(request.POST.get("do", ""))
        if problem is None:
            return redirect("joint:part", part_id=part_id)
        status = problem.error.status
    return render(request, "joint/part.html", desk.context(), status=status)


@dataclass(slots=True)
class _Part:
    """One part's page with what is asked of it."""

    request: HttpRequest
    actor: Actor
    part: Any
    at: datetime
    tried: str = ""
    kept: list[UUID] = field(default_factory=list)
    forms: dict[str, Form] = field(default_factory=dict)

    def do(self, name: str) -> Problem | None:
        if name not in DONE:
            raise Problem(MALFORMED)
        self.tried = name
        form = (
            RateForm(self.request.POST, auto_id="rate-%s")
            if name == "rate"
            else self._form(name, self.request.POST)
        )
        self.forms[name] = form
        if name == "finish" and not form.is_valid():
            # What was photographed is kept as well, or the second try would go without it.
            try:
                self.kept = pictures(self.request, self.actor, self.at)
            except Problem as problem:
                show(form, problem)
        return tried(self.request, form, lambda data: self._write(name, data), DONE[name])

    def _write(self, name: str, data: dict[str, Any]) -> None:
        given: dict[str, Any] = {"by": self.actor, "at": self.at, "id": write_id(self.request.POST)}
        if name == "rate":
            actions.rate(self.part.id, mark=Mark(data["mark"]), comment=data["comment"], **given)
        elif name == "sign":
            steps.sign(self.part.id, **given)
        elif name == "contact":
            steps.contact(self.part.id, text=data["text"], **given)
        elif name == "arrive":
            actions.confirm_arrival(self.part.id, **given)
        elif name == "finish":
            self.kept = pictures(self.request, self.actor, self.at)
            absence = data.get("absence", "")
            steps.finish(self.part.id, result=data["result"], absence=absence, photos=self.kept, **given)
        else:
            steps.release(self.part.id, reason=data["reason"], **given)

    def _form(self, name: str, data: Any = None) -> Form:
        # Whoever finished once and sends it again is shown the same form as then.
        away = name == "finish" and (cases.must_explain(self.part) or bool(self.part.absence))
        return (FinishAwayForm if away else FORMS.get(name, Form))(data, auto_id=f"{name}-%s")

    def context(self) -> dict[str, Any]:
        view = queries.part_view(self.part, self.actor, self.at)
        caller = cases.may_release(self.actor, self.part, self.part.case)
        found = list(queries.whistles(self.actor).filter(case_id=self.part.case_id))
        whistle = queries.whistle_of(self.part, found)
        moves = [
            {
                "name": move.name, "label": self._label(move), "icon": ICONS[move.name],
                "form": self.forms.get(move.name) or self._form(move.name), "dangerous": move.name == "release",
                "open": self.tried == move.name or (not self.tried and number == 0), "write_id": fresh_id(),
            }
            for number, move in enumerate(
                move for move in cases.part_moves(self.part, self.part.case, self.actor)
                if move.name != "arrive" or caller
            )
        ]  # fmt: skip
        names = {move["name"] for move in moves}
        # A step that is no longer open still shows why, and what was typed.
        lost = self.forms.get(self.tried) if self.tried and self.tried not in names | {"rate"} else None
        helps = any(move.name == "arrive" for move in cases.part_moves(self.part, self.part.case, self.actor))
        return {
            "view": view, "row": view.row, "moves": moves, "lost": lost, "whistle": whistle, "kept": self.kept,
            "to_report": whistle if helps and not caller else None, "case": self.part.case,
            "rate_form": self.forms.get("rate") or RateForm(auto_id="rate-%s"), "write_id": fresh_id(),
            "contacted": self.part.contacted_at, "now": self.at,
        }  # fmt: skip

    @staticmethod
    def _label(move: Any) -> Text:
        return Text("确认已到场", "Confirm that they came") if move.name == "arrive" else move.label


@require_safe
@for_staff
def figures(request: HttpRequest, actor: Actor) -> HttpResponse:
    """How each department and post keeps its limits as a helper; every number opens to the parts behind it."""
    if not cases.watches(actor):
        raise Problem(NOT_ALLOWED)
    at = clock.now()
    days = next((each for each in PERIODS if str(each) == request.GET.get("days", "")), PERIODS[0])
    parts = list(
        cases.helped_parts(actor, at - timedelta(days=days), at + timedelta(minutes=1))[:COUNTED_AT_MOST]
    )
    helper, step, verdict = (request.GET.get(name, "") for name in ("helper", "step", "verdict"))
    chosen = [
        part for part in parts
        if helper and cases.helper_key(part) == helper
        and (step not in cases.STEPS or verdict not in set(Verdict) or cases.part_verdict(part, step, at) == verdict)
    ]  # fmt: skip
    rows = cases.helper_figures(parts, at)
    context = {
        "rows": [
            {"one": one, "kept": [{"step": key, "name": cases.STEPS[key], "kept": one.kept[key]} for key in cases.STEPS]}
            for one in rows
        ],
        "steps": list(cases.STEPS.values()), "days": days, "now": at, "total": len(parts), "chosen_helper": helper,
        "capped": len(parts) == COUNTED_AT_MOST,
        "tabs": [
            {"label": Text("近 {n} 天", "Last {n} days").fill(n=each), "active": each == days,
             "url": f"{reverse('joint:figures')}?days={each}"}
            for each in PERIODS
        ],
        "chosen": [cases.part_row(part, at) for part in chosen[:LISTED]] if helper else None,
    }  # fmt: skip
    return render(request, "joint/figures.html", context)
