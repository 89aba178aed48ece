"""Cases over JSON. Thin: parse, call the same actions as the pages, show."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, File, Router, Schema, Status, UploadedFile
from pydantic import AwareDatetime, StringConstraints

from linli.kernel import access, clock, files, throttle
from linli.kernel.access import Actor, Subject
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.ids import uuid7
from linli.kernel.schemas import REFUSED, TextOut, WriteIn, clean
from linli.people.queries import caller

from . import queries
from .actions import bounds, calls, opening
from .catalogue import Kind
from .models import Case
from .words import Desk, Source, State, number_of

router = Router(tags=["cases"])
Line = Annotated[str, StringConstraints(max_length=200), clean]
Long = Annotated[str, StringConstraints(max_length=4000), clean]
Code = Annotated[str, StringConstraints(max_length=64), clean]


class ReportIn(Schema):
    """A matter to be opened. `id` is made by the client (UUIDv7), so that sending twice opens one case."""

    id: UUID | None = None
    source: Source = Source.RESIDENT
    kind: Code
    text: Annotated[str, StringConstraints(min_length=1, max_length=4000), clean]
    lng: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    accuracy: Annotated[float, Field(ge=0, le=100_000)] | None = None
    address: Line = ""
    unit: UUID | None = None
    photos: Annotated[list[UUID], Field(max_length=9)] = []
    source_number: Code | None = None


class OpenedOut(Schema):
    """What a report became."""

    id: UUID
    number: str
    tracking: str
    state: State
    due: datetime | None
    provisional: bool
    why: list[TextOut]
    repeated: bool


class CaseOut(Schema):
    """A case as staff see it. The reporter's telephone is never part of it."""

    id: UUID
    number: str
    version: int
    state: State
    desk: Desk
    source: Source
    source_number: str | None
    kind: str
    kind_name: TextOut | None
    condition: str
    text: str
    address: str
    lng: float | None
    lat: float | None
    located: str
    unit: UUID | None
    unit_name: TextOut | None
    reported: datetime
    registered: datetime | None
    dispatched: datetime | None
    handled: datetime | None
    closed: datetime | None
    due: datetime | None
    provisional: bool
    next_due: datetime | None
    answer: str
    why: list[TextOut]
    moves: list[str] = []


class QueueOut(Schema):
    """A page of a desk's queue; `after` asks for the next."""

    cases: list[CaseOut]
    after: str


class StoryOut(Schema):
    """What a reporter sees of their matter."""

    number: str
    state: State
    state_name: TextOut
    kind_name: TextOut | None
    reported: datetime
    due: datetime | None
    closed: datetime | None
    history: list[HistoryOut]


class HistoryOut(Schema):
    """One line of the history."""

    at: datetime
    sentence: TextOut
    by: TextOut | None


class KindOut(Schema):
    """An entry of the catalogue."""

    code: str
    name: TextOut
    major: TextOut
    responsible: str
    evidence: str
    settle: bool
    conditions: list[ConditionOut]


class ConditionOut(Schema):
    """A condition of registration with its limit and closing standard."""

    code: str
    text: TextOut
    limit: str
    closing: TextOut


class FileOut(Schema):
    """A stored picture."""

    id: UUID
    width: int
    height: int
    size: int


class MoveIn(WriteIn):
    """What a move needs; which of it, the state machine's table says under `requires`."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    kind: Code = ""
    unit: UUID | None = None
    condition: Code = ""
    department: UUID | None = None
    post: UUID | None = None
    reason: Annotated[str, StringConstraints(max_length=2000), clean] = ""
    reason_code: Code = ""
    note: Annotated[str, StringConstraints(max_length=2000), clean] = ""
    text: Annotated[str, StringConstraints(max_length=2000), clean] = ""
    finding: Annotated[str, StringConstraints(max_length=2000), clean] = ""
    result: Annotated[str, StringConstraints(max_length=2000), clean] = ""
    answer: Code = ""
    basis: Annotated[str, StringConstraints(max_length=2000), clean] = ""
    into: UUID | None = None
    amount: Annotated[int, Field(ge=0, le=10_000)] | None = None
    until: AwareDatetime | None = None
    card: Code = ""
    photos: Annotated[list[UUID], Field(max_length=9)] = []


StoryOut.model_rebuild()
KindOut.model_rebuild()


@router.post("/cases", response={200: OpenedOut, 201: OpenedOut, **REFUSED}, summary="Open a case")
def open_case(request: HttpRequest, body: ReportIn) -> HttpResponse:
    """Report a matter. 201 when it was opened, 200 with the same answer when it had been received before."""
    by, at = caller(request), clock.now()
    bounds.hold_report(by=by, sender=request.META.get("REMOTE_ADDR", ""), at=at)
    report = opening.Report(
        id=body.id or uuid7(at),
        source=body.source,
        kind=body.kind,
        text=body.text,
        lng=body.lng,
        lat=body.lat,
        accuracy=body.accuracy,
        address=body.address,
        unit_id=body.unit,
        photos=tuple(body.photos),
        reporter_id=by.resident_id if body.source is Source.RESIDENT else None,
        source_number=body.source_number if body.source is not Source.RESIDENT else None,
    )
    opened = opening.open_case(report, by=by, at=at)
    # The one answer that is written by hand: the busiest door is spared a second validation.
    answer = {
        "id": str(opened.id),
        "number": opened.number,
        "tracking": opened.tracking,
        "state": opened.state.value,
        "due": opened.due_at.isoformat() if opened.due_at else None,
        "provisional": opened.provisional,
        "why": [{"zh": zh, "en": en} for zh, en in opened.why],
        "repeated": opened.repeated,
    }
    status = 200 if opened.repeated else 201
    return HttpResponse(
        json.dumps(answer, ensure_ascii=False), status=status, content_type="application/json"
    )


@router.get("/cases", response={200: QueueOut, **REFUSED}, summary="A desk's queue")
def queue(
    request: HttpRequest,
    desk: Desk,
    unit: UUID | None = None,
    kind: Code = "",
    source: Annotated[str, StringConstraints(max_length=12)] = "",
    due: Annotated[str, StringConstraints(pattern="^(overdue|soon)?$")] = "",
    mine: bool = False,
    after: Annotated[str, StringConstraints(max_length=100)] = "",
) -> Any:
    """The cases that wait at this desk for the one who asks, earliest deadline first."""
    by, at = caller(request), clock.now()
    if desk not in queries.desks_of(by):
        access.require(by, "case.view", Subject(units=frozenset(post.unit_id for post in by.posts)))
    chosen = queries.Filter(unit=unit, kind=kind, source=source, due=due, mine=mine)
    page = queries.queue(by, desk, chosen, at=at, after=after)
    return {"cases": [case_out(case) for case in page.cases], "after": page.after}


@router.get("/cases/{uuid:case_id}", response={200: CaseOut, **REFUSED}, summary="One case")
def case(request: HttpRequest, case_id: UUID) -> Any:
    """The case, with the moves that the one who asks may make now."""
    by = caller(request)
    found = queries.case_for(by, case_id)
    return case_out(found, by, clock.now())


@router.get(
    "/cases/{uuid:case_id}/history", response={200: list[HistoryOut], **REFUSED}, summary="Its history"
)
def history(request: HttpRequest, case_id: UUID) -> Any:
    """Everything that happened to it, oldest first; its reporter reads what reporters are told, no staff notes."""
    by = caller(request)
    found = queries.case_for(by, case_id)
    return _history(found, public=not queries.sees_as_staff(by, found))


@router.post("/cases/{uuid:case_id}/moves/{name}", response={200: CaseOut, **REFUSED}, summary="Make a move")
def move(request: HttpRequest, case_id: UUID, name: str, body: MoveIn) -> Any:
    """Move the case on. With the client's `id` a retry is harmless; with `version` nothing is overwritten."""
    by, at = caller(request), clock.now()
    found = calls.call(name, case_id, body.model_dump(), by=by, at=at)
    return case_out(found, by, at)


@router.get("/track/{number}", response={200: StoryOut, **REFUSED}, summary="Follow one's own matter")
def track(request: HttpRequest, number: str, code: Annotated[str, StringConstraints(max_length=20)]) -> Any:
    """The story of a matter, for whoever holds its number and tracking code."""
    found = bounds.follow(number, code, sender=request.META.get("REMOTE_ADDR", ""), at=clock.now())
    kind = queries.kind_of(found)
    return {
        "number": number_of(found.serial, found.reported_at),
        "state": found.state,
        "state_name": TextOut.of(State(found.state).label),
        "kind_name": TextOut.of(kind.name) if kind else None,
        "reported": found.reported_at,
        "due": found.due_at,
        "closed": found.closed_at,
        "history": _history(found, public=True),
    }


@router.get("/kinds", response={200: list[KindOut], **REFUSED}, summary="Search the catalogue")
def kinds(
    request: HttpRequest, q: Annotated[str, StringConstraints(min_length=1, max_length=200), clean]
) -> Any:
    """The kinds of matter that fit these words best, at most eight."""
    return [_kind_out(kind) for kind in queries.catalogue(None).search(q, limit=8)]


@router.get("/kinds/{code}", response={200: KindOut, **REFUSED}, summary="One kind")
def kind(request: HttpRequest, code: str) -> Any:
    """The kind with its conditions, limits and closing standards."""
    found = queries.catalogue(None).kind(code)
    if found is None:
        raise Problem(NOT_FOUND)
    return _kind_out(found)


@router.post("/files", response={201: FileOut, **REFUSED}, summary="Upload a picture")
def upload(request: HttpRequest, file: File[UploadedFile]) -> Any:
    """Keep a picture for a report or a move; unused pictures are forgotten after a day."""
    by, at = caller(request), clock.now()
    if by.kind == "anonymous":
        throttle.hold("upload", request.META.get("REMOTE_ADDR", ""), queries.bound("uploads_per_hour"), at=at)
    stored = files.take_upload(file, by=by.account_id, at=at)
    kept = {"id": stored.id, "width": stored.width, "height": stored.height, "size": stored.size}
    return Status(201, kept)


def case_out(found: Case, by: Actor | None = None, at: datetime | None = None) -> dict[str, Any]:
    """The case as the interface shows it."""
    kind_found = queries.kind_of(found)
    name = queries.unit_name(found.unit_id)
    return {
        **{
            key: getattr(found, key)
            for key in ("id", "version", "state", "desk", "source", "kind", "condition")
        },
        **{
            key: getattr(found, key)
            for key in ("text", "address", "lng", "lat", "located", "answer", "source_number")
        },
        "number": number_of(found.serial, found.reported_at),
        "kind_name": TextOut.of(kind_found.name) if kind_found else None,
        "unit": found.unit_id,
        "unit_name": TextOut.of(name) if name else None,
        "reported": found.reported_at,
        "registered": found.registered_at,
        "dispatched": found.dispatched_at,
        "handled": found.handled_at,
        "closed": found.closed_at,
        "due": found.due_at,
        "provisional": found.due_provisional,
        "next_due": found.next_due_at,
        "why": [TextOut(zh=zh, en=en) for zh, en in found.why],
        "moves": [each.name for each in queries.moves_for(found, by, at)] if by and at else [],
    }


def _history(found: Case, *, public: bool = False) -> list[dict[str, Any]]:
    if public:
        told = queries.own_story(found)
        return [{"at": each.at, "sentence": TextOut.of(text), "by": None} for each, text in told]
    lines = []
    for each in queries.history(found.id):
        by = TextOut(zh=each.by_label, en=each.by_label) if each.by_label else None
        lines.append({"at": each.at, "sentence": TextOut.of(each.fact.sentence()), "by": by})
    return lines


def _kind_out(found: Kind) -> dict[str, Any]:
    return {
        "code": found.code,
        "name": TextOut.of(found.name),
        "major": TextOut.of(found.major.name),
        "responsible": found.responsible,
        "evidence": found.evidence,
        "settle": found.settle,
        "conditions": [
            {
                "code": c.code,
                "text": TextOut.of(c.text),
                "limit": str(c.limit),
                "closing": TextOut.of(c.closing),
            }
            for c in found.conditions
        ],
    }
