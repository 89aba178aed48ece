"""The joint meeting: writing its minutes, and the minutes as a sheet to print."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from linli.cases import queries as cases
from linli.joint import actions, queries
from linli.joint.actions import Decided
from linli.joint.forms import MeetingForm
from linli.joint.models import Meeting, Whistle
from linli.joint.web.asking import for_staff, fresh_id, tried, uuids, words, write_id
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import MALFORMED, Problem
from linli.kernel.text import Text

WRITTEN = Text(
    "纪要已保存,议定事项已列入任务清单", "The minutes are kept; what was decided is on the list of tasks"
)
LINES = 6


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def new(request: HttpRequest, actor: Actor, whistle_id: UUID) -> HttpResponse:
    """Write the minutes of a joint meeting: who came, what was said, who is to do what."""
    at = clock.now()
    found = queries.spot_for(actor, whistle_id)
    desk, status = _Minutes(request, actor, found, at), 200
    if request.method == "POST":
        problem = desk.write()
        if problem is None:
            return redirect("joint:meeting", meeting_id=desk.made[0].id)
        status = problem.error.status
    return render(request, "joint/meeting_new.html", desk.context(), status=status)


@dataclass(slots=True)
class _Minutes:
    """The form of one meeting with what was ticked and typed."""

    request: HttpRequest
    actor: Actor
    whistle: Whistle
    at: datetime
    made: list[Meeting] = field(default_factory=list)
    form: Form | None = None

    def write(self) -> Problem | None:
        self.form = MeetingForm(self.request.POST)
        return tried(self.request, self.form, self._hold, WRITTEN)

    def _hold(self, data: dict[str, Any]) -> None:
        self.made.append(actions.hold_meeting(
            self.whistle.id, held_at=data["held_at"], place=data["place"], minutes=data["minutes"],
            came=uuids(self.request.POST, "came"), decisions=self._decisions(), by=self.actor, at=self.at,
            id=write_id(self.request.POST),
        ))  # fmt: skip

    def _decisions(self) -> list[Decided]:
        found = []
        for line in range(1, LINES + 1):
            who, task = words(self.request.POST, f"who-{line}"), words(self.request.POST, f"task-{line}")
            if who or task:
                found.append(_decided(who, task))
        return found

    def context(self) -> dict[str, Any]:
        parts = cases.parts_of(self.whistle.case_id)
        given = self.request.POST
        came = set(given.getlist("came"))
        lines = [
            {"n": line, "who": given.get(f"who-{line}", ""), "task": given.get(f"task-{line}", "")}
            for line in range(1, LINES + 1)
        ]
        place = self.whistle.place or self.whistle.case.address
        return {
            "row": queries.rows([self.whistle])[0], "whistle": self.whistle,
            "form": self.form or MeetingForm(initial={"held_at": self.at, "place": place}),
            "helpers": [
                {"id": part.id, "name": cases.part_name(part),
                 "ticked": str(part.id) in came if given else part.arrived_at is not None}
                for part in parts
            ],
            "takers": queries.takers(self.whistle, self.at), "lines": lines,
            "write_id": given.get("id") or fresh_id(), "now": self.at,
        }  # fmt: skip


def _decided(who: str, task: str) -> Decided:
    sort, _, value = who.partition("-")
    if not who:
        return Decided(task=task)
    try:
        found = UUID(value)
    except ValueError:
        raise Problem(MALFORMED) from None
    return Decided(found, None, task) if sort == "d" else Decided(None, found, task)


@require_safe
@for_staff
def page(request: HttpRequest, actor: Actor, meeting_id: UUID) -> HttpResponse:
    """The minutes of one meeting, to read and to print."""
    found = queries.meeting_for(actor, meeting_id)
    names = {str(part.id): cases.part_name(part) for part in cases.parts_of(found.whistle.case_id)}
    context = {
        "meeting": found,
        # In full: a printed sheet is read on another day.
        "held": f"{clock.local(found.held_at):%Y-%m-%d %H:%M}",
        "written": f"{clock.local(found.written_at):%Y-%m-%d %H:%M}",
        "row": queries.rows([found.whistle])[0],
        "called": [names[each] for each in found.called if each in names],
        "came": [names[each] for each in found.came if each in names],
        "decisions": [
            {"to": Text(one["to_zh"], one["to_en"]), "task": one["task"]} for one in found.decisions
        ],
        "now": clock.now(),
    }
    return render(request, "joint/meeting.html", context)
