"""One consultation: the file, the question, what was said, and what its reader may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from linli.consultation import actions, queries, rules
from linli.consultation.forms import AnswerForm, AskMoreForm, DecideForm, DeclineForm, WithdrawForm
from linli.consultation.models import Consultation
from linli.consultation.queries import AskedShown, OpinionShown, Shown
from linli.consultation.web.common import papers, private, staff, tried, uploads
from linli.consultation.words import Asked, Stage
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import MALFORMED, NOT_FOUND, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text

SAID = {
    "answer": Text("意见已提交并签名", "The opinion is given and signed"),
    "decline": Text("已记录,不再等待您的意见", "Noted; your opinion is not waited for"),
    "decide": Text("决定已记录", "The decision is on record"),
    "withdraw": Text("已撤回", "Withdrawn"),
    "more": Text("已增加,对方会收到消息", "Asked too; they get a message"),
}


@dataclass(slots=True)
class _Desk:
    """The page with what is asked of it."""

    request: HttpRequest
    actor: Actor
    found: Consultation
    shown: Shown
    at: datetime
    forms: dict[str, Form] = field(default_factory=dict)

    def offer(self) -> None:
        """A form for each thing that may be done; the one that was sent keeps what was typed."""
        steps, first = self.shown.steps, {"id": uuid7(self.at)}
        if "opinions" in steps:
            self.forms.setdefault("answer", AnswerForm(initial=first, auto_id="answer-%s"))
        if "decline" in steps:
            self.forms.setdefault("decline", DeclineForm(initial=first, auto_id="decline-%s"))
        if self.shown.may_decide:
            self.forms.setdefault("decide", self.decide_form())
        if self.shown.may_ask_more:
            self.forms.setdefault("more", self.more_form())
        if self.shown.may_withdraw:
            self.forms.setdefault("withdraw", WithdrawForm(initial=first, auto_id="withdraw-%s"))

    def decide_form(self, data: Any = None) -> DecideForm:
        """The form of a decision over the opinions that are current now."""
        current: list[tuple[AskedShown, OpinionShown]] = [
            (asked, opinion) for asked in self.shown.asked for opinion in asked.opinions if opinion.current
        ]
        waiting = self.shown.stage is Stage.OPEN and any(
            each.stage is Asked.WAITING for each in self.shown.asked
        )
        return DecideForm(
            data,
            opinions=current,
            waiting=waiting,
            people=queries.at_the_table(self.found, self.at, without=self.actor.account_id),
            initial={"id": uuid7(self.at), "supersedes": self.found.decisions},
            auto_id="decide-%s",
        )

    def more_form(self, data: Any = None) -> AskMoreForm:
        """The form that asks others too: of those who can be asked, whoever was not asked yet."""
        there = self.found.invitations.all()
        asked = {each.account_id for each in there} | {each.department_id for each in there}
        case, nobody = self.found.case, {*asked, self.found.asked_by_id}
        people = queries.advisers(case, self.at, without=self.actor.account_id)
        return AskMoreForm(
            data,
            advisers=[each for each in people if each.id not in nobody],
            departments=[each for each in queries.departments(case, self.at) if each.id not in nobody],
            initial={"id": uuid7(self.at)},
            auto_id="more-%s",
        )

    def do(self, name: str) -> Problem | None:
        """Try what was sent."""
        sent = self.request.POST
        made: dict[str, Callable[[], Form]] = {
            "answer": lambda: AnswerForm(sent, auto_id="answer-%s"),
            "decline": lambda: DeclineForm(sent, auto_id="decline-%s"),
            "decide": lambda: self.decide_form(sent),
            "withdraw": lambda: WithdrawForm(sent, auto_id="withdraw-%s"),
            "more": lambda: self.more_form(sent),
        }
        if name not in made:
            raise Problem(MALFORMED)
        form = self.forms[name] = made[name]()
        write: Callable[[], object] = getattr(self, f"_{name}")
        return tried(self.request, form, write, SAID[name])

    def _answer(self) -> None:
        given = self.forms["answer"].cleaned_data
        actions.answer(
            self.found.id, by=self.actor, at=self.at, text=given["text"], level=given["level"],
            documents=uploads(self.request), id=given["id"],
        )  # fmt: skip

    def _decline(self) -> None:
        given = self.forms["decline"].cleaned_data
        actions.decline(
            self.found.id, by=self.actor, at=self.at, ground=given["ground"], reason_given=given["reason"], id=given["id"]
        )  # fmt: skip

    def _decide(self) -> None:
        form = self.forms["decide"]
        assert isinstance(form, DecideForm)
        given = form.cleaned_data
        actions.decide(
            self.found.id, by=self.actor, at=self.at, text=given["text"], weighed=form.weighed(),
            supersedes=given["supersedes"], meeting=given["meeting"], waived=given.get("waived", ""), id=given["id"],
        )  # fmt: skip

    def _more(self) -> None:
        given = self.forms["more"].cleaned_data
        actions.ask_more(
            self.found.id, by=self.actor, at=self.at, accounts=given["accounts"], departments=given["departments"],
            id=given["id"],
        )  # fmt: skip

    def _withdraw(self) -> None:
        given = self.forms["withdraw"].cleaned_data
        actions.withdraw(
            self.found.id, by=self.actor, at=self.at, reason_given=given["reason"], id=given["id"]
        )


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, consultation_id: UUID) -> HttpResponse:
    """The consultation as its reader may see it; answering, declining, deciding and withdrawing."""
    actor, at = staff(request), clock.now()
    found = queries.consultation_for(actor, consultation_id, at)
    desk = _Desk(request, actor, found, queries.shown(found, actor, at), at)
    name, status = request.POST.get("do", ""), 200
    if request.method == "POST":
        problem = desk.do(name)
        if problem is None:
            gone = name == "decline" and not desk.shown.standing.views
            return (
                redirect("consultation:list")
                if gone
                else redirect("consultation:page", consultation_id=found.id)
            )
        status = problem.error.status
        found = queries.consultation_for(actor, consultation_id, at)
        desk.found, desk.shown = found, queries.shown(found, actor, at)
    return private(render(request, "consultation/page.html", _context(desk, name), status=status))


def _context(desk: _Desk, tried_now: str = "") -> dict[str, Any]:
    desk.offer()
    return {
        "shown": desk.shown,
        "consultation": desk.found,
        "file": queries.file_of(desk.found),
        "question": rules.mask(desk.shown.question),
        "forms": desk.forms,
        "tried": tried_now,
        "sent": bool(desk.request.FILES),
        "papers": papers(),
        "now": desk.at,
    }


@require_POST
def opinion(request: HttpRequest, consultation_id: UUID, opinion_id: UUID) -> HttpResponse:
    """The words of a confidential opinion; the look goes on the case's record."""
    actor, at = staff(request), clock.now()
    consultation = queries.consultation_for(actor, consultation_id, at)
    found, text, papers = actions.read_opinion(opinion_id, by=actor, at=at)
    if found.invitation.consultation_id != consultation.id:
        raise Problem(NOT_FOUND)
    invitation = found.invitation
    context = {
        "consultation": consultation,
        "opinion": found,
        "who": Text(invitation.name_zh, invitation.name_en),
        "text": text,
        "documents": papers,
        "now": at,
    }
    return private(render(request, "consultation/opinion.html", context))
