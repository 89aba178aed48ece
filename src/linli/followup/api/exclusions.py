"""Leaving a case out of rates: asking, deciding, appealing."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from linli.cases import queries as cases
from linli.followup import actions, queries
from linli.followup.api.shapes import (
    AppealExclusionIn,
    AskExclusionIn,
    DecideExclusionIn,
    ExclusionsOut,
    ExclusionWholeOut,
)
from linli.followup.queries import ExclusionRow
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_ALLOWED, Problem
from linli.kernel.ids import uuid7
from linli.kernel.journal import Recorded
from linli.kernel.schemas import REFUSED, After, TextOut
from linli.people.queries import signed_in, with_a_post

router = Router(tags=["exclusions"], auth=signed_in)
WHOLE: dict[Any, Any] = {200: ExclusionWholeOut, **REFUSED}
Standing = Literal["", "waits", "granted", "refused", "appealed"]


@router.get("/followup/exclusions", response={200: ExclusionsOut, **REFUSED}, summary="Exclusions")
def listed(request: HttpRequest, show: Standing = "", after: After = "") -> Any:
    """The exclusions of cases that one sees, the newest first, all or those that stand as chosen; page by page."""
    by = with_a_post(request)
    if not cases.watches(by):
        raise Problem(NOT_ALLOWED)
    found, further = queries.exclusions_page(by, show, after)
    return {"exclusions": [_row(each) for each in found], "after": further}


@router.post(
    "/cases/{uuid:case_id}/exclusions",
    response={200: ExclusionWholeOut, 201: ExclusionWholeOut, **REFUSED},
    summary="Ask for an exclusion",
)
def ask(request: HttpRequest, case_id: UUID, body: AskExclusionIn) -> Any:
    """Ask that a closed case be left out of the rates, as its department. 201 when it was asked for, 200 with the same
    answer when it had been received before. Afterwards the case counts until somebody else grants it."""
    by, at = signed_in(request), clock.now()
    made = actions.ask_exclusion(
        case_id, reason=body.reason, words=body.words, id=body.id or uuid7(at), by=by, at=at
    )
    return Status(201 if made.asked_at == at else 200, _whole(made.id, by))


@router.get("/followup/exclusions/{uuid:exclusion_id}", response=WHOLE, summary="One exclusion")
def one(request: HttpRequest, exclusion_id: UUID) -> Any:
    """An exclusion of a case that one sees as staff, with what was said about it."""
    return _whole(exclusion_id, with_a_post(request))


@router.post("/followup/exclusions/{uuid:exclusion_id}/decide", response=WHOLE, summary="Decide it")
def decide(request: HttpRequest, exclusion_id: UUID, body: DecideExclusionIn) -> Any:
    """Grant or refuse it, or settle the appeal, whichever is due; never by whoever asked, nor an appeal by whoever
    decided or appealed. Afterwards the case counts, or does not, as decided."""
    by = with_a_post(request)
    actions.decide_exclusion(exclusion_id, granted=body.granted, words=body.words, by=by, at=clock.now())
    return _whole(exclusion_id, by)


@router.post("/followup/exclusions/{uuid:exclusion_id}/appeal", response=WHOLE, summary="Appeal against it")
def appeal(request: HttpRequest, exclusion_id: UUID, body: AppealExclusionIn) -> Any:
    """Appeal against a decision, once. Afterwards what was decided stands until another settles the appeal."""
    by = with_a_post(request)
    actions.appeal_exclusion(exclusion_id, words=body.words, by=by, at=clock.now())
    return _whole(exclusion_id, by)


def _row(row: ExclusionRow) -> dict[str, Any]:
    one = row.exclusion
    return {
        "id": row.id, "case": row.case.id, "number": row.number, "kind": TextOut.of(row.kind), "ground": one.reason,
        "ground_name": TextOut.of(row.ground), "standing": row.standing, "standing_name": TextOut.of(row.label),
        "asked": one.asked_at, "granted": one.granted, "decided": one.decided_at, "appealed": one.appealed_at,
        "appeal_granted": one.appeal_granted, "settled": one.settled_at, "stands": one.stands,
    }  # fmt: skip


def _whole(exclusion_id: UUID, by: Actor) -> dict[str, Any]:
    row = queries.exclusion_for(by, exclusion_id)
    may = {
        "decide": queries.may_decide(by, row.exclusion, row.case),
        "appeal": queries.may_appeal(by, row.exclusion, row.case),
    }
    return {
        **_row(row),
        "said": said(queries.words_of(row.exclusion)),
        "steps": [name for name, allowed in may.items() if allowed],
    }


def said(lines: list[Recorded]) -> list[dict[str, Any]]:
    """Steps as the record has them."""
    return [
        {"at": line.at, "sentence": TextOut.of(line.fact.sentence()), "by": line.by_label or ""}
        for line in lines
    ]
