"""Whistles: blowing, approving, reporting in, minutes, problems."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router, Status

from linli.cases import queries as cases
from linli.joint import actions, queries, rules
from linli.joint.actions import Decided
from linli.joint.api.parts import whole_out
from linli.joint.api.shapes import (
    ArrivalIn,
    AskedIn,
    CandidateOut,
    IssueIn,
    IssueOut,
    MeetingIn,
    MeetingOut,
    PartWholeOut,
    RefuseIn,
    SettleIn,
    SpotOut,
    TemplateOut,
    WhistleIn,
    WhistlesOut,
    WhistleWholeOut,
)
from linli.joint.models import Issue, Meeting, Whistle
from linli.joint.words import Asked, Chosen, Stand
from linli.kernel import clock, paging
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_ALLOWED, Problem
from linli.kernel.schemas import REFUSED, After, Code, TextOut, WriteIn
from linli.kernel.text import Text
from linli.people.queries import signed_in, with_a_post

router = Router(tags=["whistles"], auth=signed_in)
SHOWN = 50
MADE: dict[Any, Any] = {200: WhistleWholeOut, 201: WhistleWholeOut, **REFUSED}


@router.get("/whistles", response={200: WhistlesOut, **REFUSED}, summary="Whistles")
def listed(request: HttpRequest, stand: Stand | None = None, after: After = "") -> Any:
    """The whistles on the cases that one sees as staff, the newest first, page by page."""
    by = with_a_post(request)
    if not cases.watches(by):
        raise Problem(NOT_ALLOWED)
    found, further = paging.page(queries.whistles(by, stand), "asked_at", after, SHOWN)
    return {"whistles": [_row(each) for each in found], "after": further}


@router.get(
    "/cases/{uuid:case_id}/whistles/templates",
    response={200: list[TemplateOut], **REFUSED},
    summary="How one may whistle",
)
def templates(request: HttpRequest, case_id: UUID) -> Any:
    """The templates by which the one who asks may whistle for this case; NOT_ALLOWED when there is none."""
    return [_template(each) for each in _startable(signed_in(request), case_id)[1]]


@router.get(
    "/cases/{uuid:case_id}/whistles/candidates",
    response={200: list[CandidateOut], **REFUSED},
    summary="Whom one may call",
)
def candidates(request: HttpRequest, case_id: UUID, template: Code) -> Any:
    """Who can be called to this case by a template, the proposed first: departments and posts, each with why."""
    case, _ = _startable(signed_in(request), case_id)
    found = queries.candidates(case, queries.template(template), clock.now())
    return [
        {
            **_taker(each.key), "name": TextOut.of(each.name), "chosen": each.chosen,
            "why": TextOut.of(each.why) if each.why else None,
        }
        for each in found
    ]  # fmt: skip


@router.post("/cases/{uuid:case_id}/whistles", response=MADE, summary="Blow the whistle")
def whistle(request: HttpRequest, case_id: UUID, body: WhistleIn) -> Any:
    """Call departments and posts to help with a case, each to a task, by a template that is offered for it. 201 when it
    was blown, 200 with the same answer when it had been received before.

    Afterwards the helpers' limits run and they are told; where the template says so, it waits for another's approval
    first.
    """
    by, at = signed_in(request), clock.now()
    case = cases.case_for(by, case_id)
    known = {each.key: each.chosen for each in queries.candidates(case, queries.template(body.template), at)}
    made = actions.whistle(
        case_id, template=body.template, helpers=[_asked(each, known) for each in body.helpers],
        reason=body.reason, place=body.place, by=by, at=at, id=body.id, version=body.version,
    )  # fmt: skip
    return Status(201 if made.asked_at == at else 200, _whole(made.id, by, at))


@router.get("/whistles/{uuid:whistle_id}", response={200: WhistleWholeOut, **REFUSED}, summary="One whistle")
def one(request: HttpRequest, whistle_id: UUID) -> Any:
    """A whistle on a case that one sees as staff, with its helpers, minutes and problems."""
    return _whole(whistle_id, with_a_post(request), clock.now())


@router.post(
    "/whistles/{uuid:whistle_id}/approve", response={200: WhistleWholeOut, **REFUSED}, summary="Approve it"
)
def approve(request: HttpRequest, whistle_id: UUID, body: WriteIn) -> Any:
    """Approve a whistle that waits; never one's own. Afterwards its helpers are called and their limits run."""
    by, at = with_a_post(request), clock.now()
    actions.approve(whistle_id, by=by, at=at, id=body.id)
    return _whole(whistle_id, by, at)


@router.post(
    "/whistles/{uuid:whistle_id}/refuse",
    response={200: WhistleWholeOut, **REFUSED},
    summary="Refuse or withdraw it",
)
def refuse(request: HttpRequest, whistle_id: UUID, body: RefuseIn) -> Any:
    """Do not approve a whistle that waits, and say why; or withdraw one's own. Afterwards nobody is called by it."""
    by, at = with_a_post(request), clock.now()
    actions.refuse(whistle_id, reason=body.reason, by=by, at=at, id=body.id)
    return _whole(whistle_id, by, at)


@router.get(
    "/whistles/{uuid:whistle_id}/code", response={200: SpotOut, **REFUSED}, summary="The code of the spot"
)
def code(request: HttpRequest, response: HttpResponse, whistle_id: UUID) -> Any:
    """The code to be shown where the helpers meet, for whoever called or the centre; another one every few seconds."""
    by, at = with_a_post(request), clock.now()
    found = queries.spot_for(by, whistle_id)
    shown = queries.code_at(found.id, at)
    response.headers["Cache-Control"] = "no-store"
    return {
        "code": shown,
        "seconds": rules.seconds_left(at, queries.code_seconds()),
        "address": f"{settings.SITE_ADDRESS}{reverse('joint:report-in', args=[found.id])}?code={shown}",
    }


@router.post(
    "/whistles/{uuid:whistle_id}/report-in", response={200: PartWholeOut, **REFUSED}, summary="Report in"
)
def report_in(request: HttpRequest, whistle_id: UUID, body: ArrivalIn) -> Any:
    """Report in on the spot with the code that is shown there, for one's department or post. However far away one is,
    it is never refused. Afterwards the part has arrived; wrong codes are counted by account and hour."""
    by, at = with_a_post(request), clock.now()
    there = actions.report_in(
        whistle_id, code=body.code, by=by, at=at, lng=body.lng, lat=body.lat, id=body.id
    )
    return whole_out(queries.part_view(cases.part_for(by, there.id), by, at))


@router.post(
    "/whistles/{uuid:whistle_id}/meetings",
    response={200: MeetingOut, 201: MeetingOut, **REFUSED},
    summary="Keep minutes",
)
def hold(request: HttpRequest, whistle_id: UUID, body: MeetingIn) -> Any:
    """Keep the minutes of a joint meeting; by whoever called, or the centre. 201 when they were kept, 200 with the same
    answer when they had been received before.

    Afterwards what was decided is a part of its own, unless that helper has an open one or leads.
    """
    by, at = with_a_post(request), clock.now()
    made = actions.hold_meeting(
        whistle_id, held_at=body.held_at, place=body.place, minutes=body.minutes, came=body.came,
        decisions=[Decided(each.department, each.post, each.task) for each in body.decisions], by=by, at=at,
        id=body.id,
    )  # fmt: skip
    return Status(201 if made.written_at == at else 200, _meeting(queries.meeting_for(by, made.id)))


@router.get("/meetings/{uuid:meeting_id}", response={200: MeetingOut, **REFUSED}, summary="Minutes")
def meeting(request: HttpRequest, meeting_id: UUID) -> Any:
    """The minutes of a joint meeting on a case that one sees as staff."""
    return _meeting(queries.meeting_for(with_a_post(request), meeting_id))


@router.post(
    "/whistles/{uuid:whistle_id}/problems",
    response={200: IssueOut, 201: IssueOut, **REFUSED},
    summary="Note a problem",
)
def note_problem(request: HttpRequest, whistle_id: UUID, body: IssueIn) -> Any:
    """Put on the list what stands in the way; by whoever works on the whistle. 201 when it was noted, 200 with the same
    answer when it had been received before."""
    by, at = with_a_post(request), clock.now()
    made = actions.note_problem(whistle_id, text_=body.text, part=body.part, by=by, at=at, id=body.id)
    return Status(201 if made.raised_at == at else 200, _issue(queries.issue_for(by, whistle_id, made.id)))


@router.post(
    "/whistles/{uuid:whistle_id}/problems/{uuid:issue_id}/settle",
    response={200: IssueOut, **REFUSED},
    summary="Settle a problem",
)
def settle(request: HttpRequest, whistle_id: UUID, issue_id: UUID, body: SettleIn) -> Any:
    """Take a problem off the list, with how it was solved; by whoever works on the whistle."""
    by, at = with_a_post(request), clock.now()
    queries.issue_for(by, whistle_id, issue_id)
    actions.settle_problem(issue_id, solution=body.solution, by=by, at=at, id=body.id)
    return _issue(queries.issue_for(by, whistle_id, issue_id))


def _startable(by: Actor, case_id: UUID) -> tuple[cases.Case, list[Any]]:
    case = cases.case_for(by, case_id)
    found = queries.startable(by, case)
    if not found:
        raise Problem(NOT_ALLOWED)
    return case, found


def _asked(one: AskedIn, known: dict[str, Chosen]) -> Asked:
    key = f"d-{one.department}" if one.department else f"p-{one.post}"
    return Asked(one.department, one.post, one.task, known.get(key, Chosen.HAND))


def _taker(key: str) -> dict[str, UUID | None]:
    sort, _, value = key.partition("-")
    return {"department": UUID(value) if sort == "d" else None, "post": UUID(value) if sort == "p" else None}


def _template(each: Any) -> dict[str, Any]:
    limits = {name: TextOut.of(limit.label) for name, limit in each.limits.items()}
    return {
        "code": each.code, "name": TextOut.of(each.name), "about": TextOut.of(each.about),
        "task": TextOut.of(each.task), "approve": each.approve, "limits": limits, "source": each.source,
    }  # fmt: skip


def _row(found: Whistle) -> dict[str, Any]:
    row = queries.rows([found])[0]
    return {
        "id": row.id, "case": row.case_id, "number": row.number, "kind": TextOut.of(row.kind),
        "template": found.template, "name": TextOut.of(row.name), "unit": TextOut.of(row.unit), "called_by": row.who,
        "reason": row.reason, "stand": row.stand, "asked": row.asked_at, "parts": row.parts,
        "open_parts": row.open_parts,
    }  # fmt: skip


def _whole(whistle_id: UUID, by: Actor, at: datetime) -> dict[str, Any]:
    found = queries.whistle_for(by, whistle_id)
    parts = cases.parts_of(found.case_id)
    return {
        **_row(found),
        "place": found.place, "decided": found.decided_at, "decision": found.decision,
        "decided_by": found.decided_by.name if found.decided_by else "",
        "invited": [] if parts else [
            {"to": TextOut.of(to), "task": task} for to, task in queries.invited_names(found)
        ],
        "helpers": [whole_out(view) for view in queries.views_of(parts, found.case, by, at)],
        "meetings": [_meeting(each) for each in queries.meetings_of(found)],
        "problems": [_issue(each) for each in queries.issues_of(found)],
        "steps": queries.steps_of(by, found, parts),
    }  # fmt: skip


def _meeting(found: Meeting) -> dict[str, Any]:
    return {
        "id": found.id, "whistle": found.whistle_id, "held": found.held_at, "place": found.place,
        "minutes": found.minutes, "called": found.called, "came": found.came, "written": found.written_at,
        "written_by": found.written_by.name,
        "decisions": [
            {"to": TextOut.of(Text(one["to_zh"], one["to_en"])), "task": one["task"], "part": one["part"] or None}
            for one in found.decisions
        ],
    }  # fmt: skip


def _issue(found: Issue) -> dict[str, Any]:
    return {
        "id": found.id, "whistle": found.whistle_id, "text": found.text, "part": found.part_id,
        "raised": found.raised_at, "raised_by": found.raised_by.name, "settled": found.settled_at,
        "solution": found.solution,
    }  # fmt: skip
