"""Helping: one's parts, those of a case, and the steps of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from linli.cases import queries as cases
from linli.cases.actions import parts as steps
from linli.joint import actions, queries
from linli.joint.api.shapes import (
    ContactIn,
    FinishIn,
    PartsOut,
    PartWholeOut,
    RateIn,
    RatingOut,
    ReasonIn,
)
from linli.joint.queries import PartView
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.schemas import REFUSED, TextOut, WriteIn
from linli.people.queries import signed_in, with_a_post

router = Router(tags=["parts"], auth=signed_in)


@router.get("/parts", response={200: PartsOut, **REFUSED}, summary="One's own parts")
def mine(request: HttpRequest, ended: bool = False) -> Any:
    """What the departments and posts of the one who asks have to help with, what ends first on top; with `ended`, where
    they helped before, the last first. At most 200, and 50."""
    by, at = with_a_post(request), clock.now()
    found = cases.own_ended_parts(by) if ended else cases.own_open_parts(by)
    rows = [cases.part_row(part, at) for part in found]
    if not ended:
        rows.sort(key=lambda row: (row.next_due is None, row.next_due or at, row.called_at))
    return {"parts": [part_out(row) for row in rows]}


@router.get("/cases/{uuid:case_id}/parts", response={200: list[PartWholeOut], **REFUSED}, summary="Who helps")
def of_case(request: HttpRequest, case_id: UUID) -> Any:
    """Everybody who was called to help with a case that one sees as staff, in the order of the calls."""
    by, at = signed_in(request), clock.now()
    case = cases.case_for(by, case_id)
    if not cases.sees_as_staff(by, case):
        raise Problem(NOT_FOUND)
    return [whole_out(view) for view in queries.views_of(cases.parts_of(case.id), case, by, at)]


@router.get("/parts/{uuid:part_id}", response={200: PartWholeOut, **REFUSED}, summary="One part")
def part(request: HttpRequest, part_id: UUID) -> Any:
    """A part of a case that one sees as staff, with the steps that are open to the one who asks."""
    return _whole(part_id, with_a_post(request), clock.now())


@router.post("/parts/{uuid:part_id}/sign", response={200: PartWholeOut, **REFUSED}, summary="Sign for a part")
def sign(request: HttpRequest, part_id: UUID, body: WriteIn) -> Any:
    """See the call, as a helper. Afterwards whoever signed holds the part, and its first limit is kept."""
    by, at = with_a_post(request), clock.now()
    steps.sign(part_id, by=by, at=at, id=body.id)
    return _whole(part_id, by, at)


@router.post("/parts/{uuid:part_id}/contact", response={200: PartWholeOut, **REFUSED}, summary="Make contact")
def contact(request: HttpRequest, part_id: UUID, body: ContactIn) -> Any:
    """Note what was agreed with whoever called; by a helper who has signed. Afterwards that limit is kept."""
    by, at = with_a_post(request), clock.now()
    steps.contact(part_id, text=body.text, by=by, at=at, id=body.id)
    return _whole(part_id, by, at)


@router.post(
    "/parts/{uuid:part_id}/arrive", response={200: PartWholeOut, **REFUSED}, summary="Confirm an arrival"
)
def arrive(request: HttpRequest, part_id: UUID, body: WriteIn) -> Any:
    """Confirm that the helpers came; by whoever called them, or the centre. Helpers themselves report in with the code
    of the spot. Afterwards the limits to sign, to make contact and to arrive are kept."""
    by, at = with_a_post(request), clock.now()
    actions.confirm_arrival(part_id, by=by, at=at, id=body.id)
    return _whole(part_id, by, at)


@router.post("/parts/{uuid:part_id}/finish", response={200: PartWholeOut, **REFUSED}, summary="Finish a part")
def finish(request: HttpRequest, part_id: UUID, body: FinishIn) -> Any:
    """Hand the part in with what came of it, as a helper who has signed. Afterwards its limits have ended and the case
    waits for one part less."""
    by, at = with_a_post(request), clock.now()
    steps.finish(
        part_id, result=body.result, absence=body.absence, photos=tuple(body.photos), by=by, at=at, id=body.id
    )
    return _whole(part_id, by, at)


@router.post(
    "/parts/{uuid:part_id}/release", response={200: PartWholeOut, **REFUSED}, summary="Release a helper"
)
def release(request: HttpRequest, part_id: UUID, body: ReasonIn) -> Any:
    """Need the helper no more, and say why; by whoever called them, or the centre. Afterwards the part has ended."""
    by, at = with_a_post(request), clock.now()
    steps.release(part_id, reason=body.reason, by=by, at=at, id=body.id)
    return _whole(part_id, by, at)


@router.post(
    "/parts/{uuid:part_id}/ratings", response={200: RatingOut, 201: RatingOut, **REFUSED}, summary="Rate"
)
def rate(request: HttpRequest, part_id: UUID, body: RateIn) -> Any:
    """Say how the other side worked with one's own, once the part has ended. Once a side; it does not change. 201 when
    it was noted, 200 with the same answer when it had been received before."""
    by, at = with_a_post(request), clock.now()
    made = actions.rate(part_id, mark=body.mark, comment=body.comment, by=by, at=at, id=body.id)
    kept = {"side": made.side, "mark": made.mark, "comment": made.comment, "at": made.at}
    return Status(201 if made.at == at else 200, kept)


def _whole(part_id: UUID, by: Actor, at: datetime) -> dict[str, Any]:
    return whole_out(queries.part_view(cases.part_for(by, part_id), by, at))


def whole_out(view: PartView) -> dict[str, Any]:
    """The part with what its reader may do, as the interface shows it."""
    return {
        **part_out(view.row),
        "steps": list(view.steps),
        "ratings": [
            {"side": one.side, "mark": one.mark, "comment": one.comment, "at": one.at} for one in view.ratings
        ],
        "rates": view.rates,
    }


def part_out(row: cases.PartRow) -> dict[str, Any]:
    """The part as the interface shows it."""
    return {
        "id": row.id, "case": row.case_id, "number": row.number, "kind": TextOut.of(row.kind), "to": TextOut.of(row.to),
        "department": row.department_id, "post": row.post_id, "holder": row.holder, "task": row.task,
        "called": row.called_at, "stage": TextOut.of(row.stage), "next_due": row.next_due, "ended": row.ended_at,
        "ending": row.ending, "absence": row.absence, "suspended": row.suspended,
        "limits": [
            {
                "name": each.name, "label": TextOut.of(each.label), "due": each.due, "kept": each.kept_at,
                "verdict": each.verdict,
            }
            for each in row.timed
        ],
    }  # fmt: skip
