"""The joint meeting with its minutes, and the list of problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from linli.cases import queries as cases
from linli.cases.actions import parts
from linli.cases.actions.parts import Helper, PartLimits
from linli.joint import queries
from linli.joint.actions.common import TASK_MOST, account_of, before, fingerprint, once, task_of, text
from linli.joint.events import MeetingHeld, ProblemNoted, ProblemSettled
from linli.joint.models import Invitation, Issue, Meeting, Whistle
from linli.joint.words import NOT_CALLED, SETTLED_ALREADY, Chosen, Stand
from linli.kernel import access, journal
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_ALLOWED, NOT_FOUND, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import Responsible

MINUTES_MOST, PLACE_MOST = 8000, 200
LATER = Text("会议时间不能晚于现在", "A meeting cannot lie in the future")
TASK_SHOWN = 20
FOR_WHOM = Text("“{task}”由谁来办?请选择", "Who is to do “{task}”? Choose somebody")
NOT_HELPING = Text("请从协办单位中选择", "Choose from the helpers")


@dataclass(frozen=True, slots=True)
class Decided:
    """What a meeting decided: who is to do what."""

    department: UUID | None = None
    post: UUID | None = None
    task: str = ""


def hold_meeting(
    whistle_id: UUID, *, held_at: datetime, place: str, minutes: str, came: Sequence[UUID] = (),
    decisions: Sequence[Decided] = (), by: Actor, at: datetime, id: UUID | None = None,
) -> Meeting:  # fmt: skip
    """Keep the minutes of a joint meeting, as the side that called, or the centre. `came` are the parts whose helpers
    were there.

    What was decided becomes a part of its own, with the template's limits, unless that helper has an open part
    already, or is the lead: then it stands in the minutes and on the list of tasks.
    """
    digest = fingerprint(
        "meeting", whistle=whistle_id, held_at=held_at, place=place, minutes=minutes, came=list(came),
        decisions=list(decisions),
    )  # fmt: skip

    def work() -> Meeting:
        found = queries.whistle_for(by, whistle_id)
        if earlier := before(id, MeetingHeld.KIND, digest, found.case_id):
            return Meeting.objects.get(pk=earlier)
        access.require(by, "case.whistle", cases.subject_of(found.case))
        if not queries.shows_code(by, found):
            raise Problem(NOT_ALLOWED)
        _must_be_called(found)
        if held_at > at + timedelta(minutes=1):
            raise Problem(INVALID, fields={"held_at": LATER})
        called = cases.parts_of(found.case_id)
        if not set(came) <= {part.id for part in called}:
            raise Problem(INVALID, fields={"came": NOT_HELPING})
        made = Meeting(
            id=id or uuid7(at), whistle=found, held_at=held_at, place=text("place", place, PLACE_MOST),
            minutes=text("minutes", minutes, MINUTES_MOST), called=[str(part.id) for part in called],
            came=[str(each) for each in dict.fromkeys(came)], written_by_id=account_of(by), written_at=at,
        )  # fmt: skip
        made.decisions = _carry_out(found, decisions, called, by, at)
        made.save(force_insert=True)
        names = [cases.part_name(part) for part in called if part.id in set(came)]
        fact = MeetingHeld(
            made.id, held_at, made.place, tuple(n.zh for n in names), tuple(n.en for n in names), made.minutes,
            tuple(one["task"] for one in made.decisions),
        )  # fmt: skip
        journal.record(fact, about=found.case_id, by=by, at=at, id=made.id, fingerprint=digest)
        return made

    return once(work)


def _carry_out(
    found: Whistle, decisions: Sequence[Decided], called: Sequence[Any], by: Actor, at: datetime
) -> list[dict[str, str]]:
    """Call whoever got a task and has none yet; what is written down of each decision."""
    busy = {(part.department_id, part.post_id) for part in called if part.done_at is None}
    busy.add((found.case.department_id, found.case.post_id))
    limits = PartLimits(**queries.template(found.template).limits)
    helpers: list[Helper] = []
    written: list[dict[str, str]] = []
    for one in decisions:
        if (one.department is None) == (one.post is None):
            raise Problem(INVALID, fields={"decisions": FOR_WHOM.fill(task=one.task[:TASK_SHOWN])})
        people.named_taker(one.department, one.post, at)
        task = task_of(one.department, one.post, one.task)
        key = (one.department, one.post)
        part = "" if key in busy else str(uuid7(at))
        if part:
            helpers.append(Helper(one.department, one.post, task, limits, UUID(part)))
            busy.add(key)
        name = people.taker_name(Responsible(one.department, one.post, (), None, ()))
        written.append({"to_zh": name.zh, "to_en": name.en, "task": task, "part": part})
    if helpers:
        parts.call(found.case_id, helpers=helpers, by=by, at=at, caller=found.called_by_id)
        Invitation.objects.bulk_create(
            [
                Invitation(
                    id=one.id, whistle=found, department_id=one.department, post_id=one.post, task=one.task,
                    chosen=Chosen.HAND,
                )
                for one in helpers
            ]
        )  # fmt: skip
    return written


def note_problem(
    whistle_id: UUID, *, text_: str, part: UUID | None = None, by: Actor, at: datetime, id: UUID | None = None
) -> Issue:
    """Put on the list what stands in the way; by whoever works on the whistle."""
    digest = fingerprint("problem", whistle=whistle_id, text=text_, part=part)

    def work() -> Issue:
        found = queries.whistle_for(by, whistle_id)
        if earlier := before(id, ProblemNoted.KIND, digest, found.case_id):
            return Issue.objects.get(pk=earlier)
        if not queries.may_note(by, found):
            raise Problem(NOT_ALLOWED)
        if part is not None and part not in {each.id for each in cases.parts_of(found.case_id)}:
            raise Problem(INVALID, fields={"part": NOT_HELPING})
        made = Issue.objects.create(
            id=id or uuid7(at), whistle=found, part_id=part, text=text("text", text_, TASK_MOST),
            raised_by_id=account_of(by), raised_at=at,
        )  # fmt: skip
        fact = ProblemNoted(made.id, made.text)
        journal.record(fact, about=found.case_id, by=by, at=at, id=made.id, fingerprint=digest)
        return made

    return once(work)


def settle_problem(
    issue_id: UUID, *, solution: str, by: Actor, at: datetime, id: UUID | None = None
) -> Issue:
    """Take it off the list, with how it was solved."""
    digest = fingerprint("settled", issue=issue_id, solution=solution)

    def work() -> Issue:
        issue = Issue.objects.filter(pk=issue_id).first()
        if issue is None:
            raise Problem(NOT_FOUND)
        found = queries.whistle_for(by, issue.whistle_id)
        if before(id, ProblemSettled.KIND, digest, found.case_id):
            return issue
        if not queries.may_note(by, found):
            raise Problem(NOT_ALLOWED)
        said = text("solution", solution, TASK_MOST)
        waiting = Issue.objects.filter(pk=issue_id, settled_at=None)
        if waiting.update(settled_at=at, settled_by_id=by.account_id, solution=said) != 1:
            raise Problem(SETTLED_ALREADY)
        issue.settled_at, issue.settled_by_id, issue.solution = at, by.account_id, said
        fact = ProblemSettled(issue.id, said)
        journal.record(fact, about=found.case_id, by=by, at=at, id=id, fingerprint=digest)
        return issue

    return once(work)


def _must_be_called(found: Whistle) -> None:
    if found.stand != Stand.CALLED:
        raise Problem(NOT_CALLED)
