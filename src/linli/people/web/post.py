"""One post, for administrators: who holds it; appoint, end a tenure, close the post."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import MALFORMED, NOT_ALLOWED, NOT_FOUND, Problem
from linli.kernel.text import Text
from linli.people import actions, queries
from linli.people.forms import AppointForm, HireForm, ReasonForm
from linli.people.queries import PostRow
from linli.people.web.asking import staff, starts, tried

APPOINTED = Text("已任命", "The appointment is made")
ENDED, CLOSED = Text("任期已结束", "The tenure has ended"), Text("岗位已撤销", "The post is closed")
WORDS_MOST = 60


@dataclass(slots=True)
class _Desk:
    """The post's page with what is asked of it."""

    request: HttpRequest
    actor: Actor
    row: PostRow
    at: datetime
    words: str
    found: list[tuple[str, str]] = field(default_factory=list)
    forms: dict[str, Form] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.found = [(str(a.id), f"{a.name} ({a.username})") for a in queries.candidates(self.words)]
        self.forms = {
            "appoint": AppointForm(found=self.found, auto_id="appoint-%s"),
            "hire": HireForm(auto_id="hire-%s"),
            "close": ReasonForm(auto_id="close-%s"),
        }

    def ends(self) -> list[dict[str, Any]]:
        """A form for the end of each tenure; the one that was sent keeps what was typed."""
        return [
            {"holder": h, "form": self.forms.get(f"end-{h.tenure_id}") or _reason(f"end-{h.tenure_id}")}
            for h in self.row.holders
        ]

    def appoint(self) -> Problem | None:
        form = self.forms["appoint"] = AppointForm(self.request.POST, found=self.found, auto_id="appoint-%s")
        return tried(self.request, form, self._appoint, APPOINTED)

    def _appoint(self, data: dict[str, Any]) -> None:
        actions.appoint(
            post_id=self.row.id,
            holder_id=data["holder"],
            starts=starts(data["since"]),
            by=self.actor,
            at=self.at,
        )

    def hire(self) -> Problem | None:
        form = self.forms["hire"] = HireForm(self.request.POST, auto_id="hire-%s")
        return tried(self.request, form, self._hire, APPOINTED)

    def _hire(self, data: dict[str, Any]) -> None:
        actions.hire(
            post_id=self.row.id,
            username=data["username"],
            name=data["name"],
            password=data["password"] or None,
            starts=starts(data["since"]),
            by=self.actor,
            at=self.at,
        )

    def end(self) -> Problem | None:
        tenure_id = next(
            (h.tenure_id for h in self.row.holders if str(h.tenure_id) == self.request.POST.get("tenure")),
            None,
        )
        if tenure_id is None:
            raise Problem(NOT_FOUND)
        form = self.forms[f"end-{tenure_id}"] = _reason(f"end-{tenure_id}", self.request.POST)
        return tried(
            self.request,
            form,
            lambda data: actions.end_tenure(
                tenure_id=tenure_id, reason=data["reason"], by=self.actor, at=self.at
            ),
            ENDED,
        )

    def close(self) -> Problem | None:
        form = self.forms["close"] = _reason("close", self.request.POST)
        return tried(
            self.request,
            form,
            lambda data: actions.close_post(
                post_id=self.row.id, reason=data["reason"], by=self.actor, at=self.at
            ),
            CLOSED,
        )


def _reason(name: str, data: Any = None) -> ReasonForm:
    return ReasonForm(data, auto_id=f"{name}-%s")


@require_http_methods(["GET", "HEAD", "POST"])
def post(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """Who holds the post; appoint somebody (found by name, or new), end a tenure, close the post."""
    actor, at = staff(request), clock.now()
    row = queries.post_row(post_id, at)
    if row is None:
        raise Problem(NOT_FOUND)
    if not queries.may_manage_post(actor, post_id):
        raise Problem(NOT_ALLOWED)
    given = request.POST if request.method == "POST" else request.GET
    desk, status = _Desk(request, actor, row, at, given.get("q", "").replace("\x00", "")[:WORDS_MOST]), 200
    do = request.POST.get("do", "")
    if request.method == "POST":
        doing: dict[str, Callable[[], Problem | None]] = {
            "appoint": desk.appoint, "hire": desk.hire, "end": desk.end, "close": desk.close,
        }  # fmt: skip
        if do not in doing:
            raise Problem(MALFORMED)
        problem = doing[do]()
        if problem is None:
            return (
                redirect("people:posts-of", unit_id=row.unit_id)
                if do == "close"
                else redirect("people:post", post_id=post_id)
            )
        status = problem.error.status
    context = {
        "row": row,
        "forms": desk.forms,
        "ends": desk.ends(),
        "words": desk.words,
        "found": desk.found,
        "done": do,
        "now": at,
    }
    return render(request, "people/post.html", context, status=status)
