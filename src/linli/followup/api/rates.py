"""The three rates with what is left out of them, and the cases behind each figure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from linli.cases import queries as cases
from linli.cases.words import number_of
from linli.followup import queries
from linli.followup.api.shapes import BehindPageOut, GroundOut, RatesOut
from linli.followup.queries import Scope
from linli.followup.queries.rates import ALL
from linli.followup.rules.rates import Rates
from linli.followup.words import Rate
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_ALLOWED, NOT_FOUND, Problem
from linli.kernel.schemas import REFUSED, After, Code, TextOut
from linli.kernel.text import Text
from linli.people.queries import signed_in, with_a_post
from linli.territory import queries as territory

router = Router(tags=["rates"], auth=signed_in)
NO_UNIT = Text("没有这个网格", "There is no such unit")
TOTAL = Text("合计", "Total")


class ScopeIn(Schema):
    """Which cases: closed from a day to a day, both included (the last thirty days when not given), in a unit, of a
    department; `by` what the lines are."""

    since: date | None = None
    until: date | None = None
    unit: UUID | None = None
    department: UUID | None = None
    by: Literal["unit", "department"] = "unit"


@router.get("/followup/rates", response={200: RatesOut, **REFUSED}, summary="The three rates")
def rates(request: HttpRequest, asked: Query[ScopeIn]) -> Any:
    """The rates of what was closed in a period, of the cases that one sees, line by line; what stands in neither half of
    a fraction is counted by its ground."""
    by, at = _watcher(request), clock.now()
    first, last, scope = _scope(asked, at)
    found = queries.table(by, scope, at)
    return {
        "since": first, "until": last, "as_of": at, "total": _line(None, TOTAL, found.total),
        "lines": [_line(row.key, row.label, row.rates) for row in found.rows], "grounds": _grounds(),
    }  # fmt: skip


@router.get(
    "/followup/rates/cases", response={200: BehindPageOut, **REFUSED}, summary="The cases behind a figure"
)
def behind(
    request: HttpRequest, asked: Query[ScopeIn], figure: Code = ALL, line: Code = "", after: After = ""
) -> Any:
    """The cases that a figure counts, the latest closed first, page by page. `figure` is `all`, a rate (`response`,
    `resolution`, `satisfaction`), `response-part`, `solved-…`, `answer-…` or `out-` and a ground; `line` the key of a
    line, or `none` for the line of none."""
    by, at = _watcher(request), clock.now()
    label = queries.figures().get(figure)
    if label is None:
        raise Problem(NOT_FOUND)
    scope = _scope(asked, at)[2]
    found, further = queries.page_of(queries.behind(queries.chosen_line(by, scope, line), figure), after)
    return {"figure": TextOut.of(label), "cases": [_case(each) for each in found], "after": further}


@router.get("/followup/grounds", response={200: list[GroundOut], **REFUSED}, summary="Grounds of exclusion")
def grounds(request: HttpRequest) -> Any:
    """The rulebook's grounds for which a case is left out of rates."""
    with_a_post(request)
    return _grounds()


def _watcher(request: HttpRequest) -> Actor:
    by = with_a_post(request)
    if not cases.watches(by):
        raise Problem(NOT_ALLOWED)
    return by


def _scope(asked: ScopeIn, at: datetime) -> tuple[date, date, Scope]:
    usual = queries.usual_days(at)
    first, last = asked.since or usual[0], asked.until or usual[1]
    wrong = queries.wrong_days(first, last)
    if wrong is not None:
        raise Problem(INVALID, fields={"until": wrong})
    if asked.unit is not None and territory.snapshot().unit(asked.unit) is None:
        raise Problem(INVALID, fields={"unit": NO_UNIT})
    return first, last, Scope(*queries.span(first, last), asked.unit, asked.department, asked.by)


def _line(key: UUID | None, label: Text, found: Rates) -> dict[str, Any]:
    shares = {
        rate: {"part": share.part, "whole": share.whole, "value": share.value}
        for rate, share in found.shares.items()
    }
    return {
        "key": key, "label": TextOut.of(label), "closed": found.total, "shares": shares,
        "answers": dict(found.answers), "solved": dict(found.solved), "excluded": dict(found.excluded),
    }  # fmt: skip


def _grounds() -> list[dict[str, Any]]:
    law, asked = queries.rates_law(), queries.asked_grounds()
    return [
        {
            "code": code, "name": TextOut.of(name), "asked": code in asked,
            "leaves_out": [rate for rate in Rate if rate in law.leaves_out[code]],
        }
        for code, name in queries.grounds().items()
    ]  # fmt: skip


def _case(case: Any) -> dict[str, Any]:
    kind, place = cases.kind_of(case), cases.unit_name(case.unit_id)
    code = case.source_kind or case.kind
    return {
        "id": case.id, "number": number_of(case.serial, case.reported_at),
        "kind": TextOut.of(kind.name if kind else Text(code, code)), "place": TextOut.of(place) if place else None,
        "closed": case.closed_at, "solved": case.solved or None, "answer": case.answer or None, "ground": case.ground,
    }  # fmt: skip
