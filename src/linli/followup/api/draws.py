"""The random re-inspection: committing, drawing, publishing; inspections and what they find."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from linli.followup import actions, queries
from linli.followup.api.exclusions import said
from linli.followup.api.shapes import (
    CommitIn,
    DrawsOut,
    DrawWholeOut,
    FindingIn,
    InspectionsOut,
    InspectionWholeOut,
    PublishedOut,
)
from linli.followup.queries import DrawRow, InspectionRow
from linli.followup.queries.drawing import INSPECT
from linli.kernel import access, clock
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_ALLOWED, Problem
from linli.kernel.ids import uuid7
from linli.kernel.schemas import REFUSED, After, TextOut
from linli.people.queries import signed_in, with_a_post

router = Router(tags=["draws"], auth=signed_in)
DRAW: dict[Any, Any] = {200: DrawWholeOut, **REFUSED}
INSPECTION: dict[Any, Any] = {200: InspectionWholeOut, **REFUSED}


@router.get("/followup/draws", response={200: DrawsOut, **REFUSED}, summary="Draws")
def listed(request: HttpRequest, after: After = "") -> Any:
    """Every draw with what it found so far, the newest first, page by page; for whoever works for the town, as a draw
    names no person."""
    with_a_post(request)
    found, further = queries.draws_page(after)
    return {"draws": [_draw(each) for each in found], "after": further}


@router.post(
    "/followup/draws", response={200: DrawWholeOut, 201: DrawWholeOut, **REFUSED}, summary="Commit to a draw"
)
def commit(request: HttpRequest, body: CommitIn) -> Any:
    """Freeze what was closed in a unit from a day to a day, and publish the hashes of it and of a seed. 201 when it was
    committed, 200 with the same answer when it had been received before. Afterwards nobody can choose what is drawn."""
    by, at = with_a_post(request), clock.now()
    if not queries.may_draw(by):
        raise Problem(NOT_ALLOWED)
    wrong = queries.wrong_days(body.since, body.until)
    if wrong is not None:
        raise Problem(INVALID, fields={"until": wrong})
    since, until = queries.span(body.since, body.until)
    made = actions.commit_draw(
        id=body.id or uuid7(at), unit=body.unit, since=since, until=until, size=body.size, by=by, at=at
    )
    return Status(201 if made.committed_at == at else 200, _whole(made.id, by, at))


@router.get("/followup/draws/{uuid:draw_id}", response=DRAW, summary="One draw")
def one(request: HttpRequest, draw_id: UUID) -> Any:
    """A draw; once it is drawn, with its seed and the drawn cases that one sees."""
    return _whole(draw_id, with_a_post(request), clock.now())


@router.get(
    "/followup/draws/{uuid:draw_id}/published",
    response={200: PublishedOut, **REFUSED},
    summary="What is published",
)
def published(request: HttpRequest, draw_id: UUID) -> Any:
    """What is needed to draw again: the whole population by id, and once it is drawn the seed and the sample."""
    with_a_post(request)
    return queries.published(queries.whole_draw(draw_id))


@router.post("/followup/draws/{uuid:draw_id}/draw", response=DRAW, summary="Draw")
def draw(request: HttpRequest, draw_id: UUID) -> Any:
    """Show the seed and draw with it: at once by another person than who committed, else after the rulebook's minutes.
    Afterwards each drawn case is somebody's to inspect; drawing again changes nothing."""
    by, at = with_a_post(request), clock.now()
    actions.draw(draw_id, by=by, at=at)
    return _whole(draw_id, by, at)


@router.get("/followup/inspections", response={200: InspectionsOut, **REFUSED}, summary="What to inspect")
def inspections(request: HttpRequest) -> Any:
    """What the one who asks has to look at again, and what nobody has taken yet; at most 100 of each."""
    by = with_a_post(request)
    if not any(True for _ in access.reach(by, INSPECT)):
        raise Problem(NOT_ALLOWED)
    rows = [_inspection(row, by) for row in queries.inspections_for(by)]
    return {
        "mine": [row for row in rows if row["mine"]],
        "free": [row for row in rows if not row["mine"]],
    }


@router.get("/followup/inspections/{uuid:inspection_id}", response=INSPECTION, summary="One inspection")
def inspection(request: HttpRequest, inspection_id: UUID) -> Any:
    """A drawn case, when one sees it as staff, with what was found."""
    return _inspected(inspection_id, with_a_post(request), clock.now())


@router.post("/followup/inspections/{uuid:inspection_id}/take", response=INSPECTION, summary="Take it over")
def take(request: HttpRequest, inspection_id: UUID) -> Any:
    """Take over an inspection that is not done yet; by one who neither handled nor checked the case. Afterwards it is
    theirs."""
    by, at = with_a_post(request), clock.now()
    actions.take_inspection(inspection_id, by=by, at=at)
    return _inspected(inspection_id, by, at)


@router.post(
    "/followup/inspections/{uuid:inspection_id}/findings", response=INSPECTION, summary="Say what was found"
)
def find(request: HttpRequest, inspection_id: UUID, body: FindingIn) -> Any:
    """Say what was found; by the one whose inspection it is. Afterwards it counts in the draw's result; the same said
    again changes nothing."""
    by, at = with_a_post(request), clock.now()
    actions.inspect(
        inspection_id, found=body.found, words=body.words, photos=tuple(body.photos), by=by, at=at
    )
    return _inspected(inspection_id, by, at)


@router.post(
    "/followup/inspections/{uuid:inspection_id}/reopen", response=INSPECTION, summary="Reopen the case"
)
def reopen(request: HttpRequest, inspection_id: UUID) -> Any:
    """Reopen a case that was found not solved, one level up; by whoever may reopen cases. Doing it again changes
    nothing."""
    by, at = with_a_post(request), clock.now()
    actions.reopen_found(inspection_id, by=by, at=at)
    return _inspected(inspection_id, by, at)


def _draw(row: DrawRow) -> dict[str, Any]:
    one, result = row.draw, row.result
    low, high = result.interval or (None, None)
    return {
        "id": one.id, "unit": one.unit_id, "unit_name": TextOut.of(row.unit), "closed_since": one.since,
        "closed_until": one.until, "population": one.population, "population_sha256": one.population_sha256,
        "size": one.size, "commitment": one.commitment, "committed": one.committed_at, "seed": one.seed,
        "drawn": one.drawn_at,
        "result": {
            "drawn": result.drawn, "done": result.done, "solved": result.solved, "not_solved": result.not_solved,
            "unclear": result.unclear, "share": result.share, "low": low, "high": high,
            "confidence": result.confidence,
        },
    }  # fmt: skip


def _whole(draw_id: UUID, by: Actor, at: datetime) -> dict[str, Any]:
    one = queries.draw_at(draw_id)
    ready = queries.drawable_from(one, by)
    may = one.drawn_at is None and at >= ready and queries.may_draw(by, one.unit_id)
    sample = queries.inspections_of(one, by) if one.drawn_at else []
    return {
        **_draw(queries.draw_row(one)), "sample": [_inspection(row, by) for row in sample], "drawable_from": ready,
        "steps": ["draw"] if may else [],
    }  # fmt: skip


def _inspection(row: InspectionRow, by: Actor) -> dict[str, Any]:
    one = row.inspection
    return {
        "id": one.id, "draw": one.draw_id, "case": row.case.id, "number": row.number, "kind": TextOut.of(row.kind),
        "place": TextOut.of(row.place) if row.place else None, "position": one.position,
        "checker": one.checker.name if one.checker else "",
        "mine": one.checker_id is not None and one.checker_id == by.account_id, "found": one.found or None,
        "inspected": one.inspected_at, "reopened": one.reopened_at,
    }  # fmt: skip


def _inspected(inspection_id: UUID, by: Actor, at: datetime) -> dict[str, Any]:
    row = queries.inspection_for(by, inspection_id)
    return {
        **_inspection(row, by), "said": said(queries.inspection_lines(row.inspection)),
        "pictures": queries.pictures_of(row.inspection), "steps": list(queries.inspection_steps(row, by, at)),
    }  # fmt: skip
