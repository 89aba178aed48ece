"""The panel of a case's page: who helps, how far each is, what the two sides said of each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from linli.cases import queries as cases
from linli.cases.queries import Case, PartRow
from linli.joint import rules
from linli.joint.models import Rating, Whistle
from linli.joint.queries.whistles import may_call_for, rows, side_of, whistles
from linli.joint.words import Mark, Side
from linli.kernel import access
from linli.kernel.access import Actor
from linli.kernel.text import Text


@dataclass(frozen=True, slots=True)
class RatingView:
    """One side's rating as it is shown."""

    side: Side
    mark: Mark
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PartView:
    """A part with what the reader may do with it and the ratings that they may see. `rates` is the side for which they
    may rate now, if any; `steps` names what they may do as programs call it, and tells a helper's own `report-in` from
    the `arrive` with which whoever called confirms it."""

    row: PartRow
    moves: tuple[Text, ...]
    ratings: tuple[RatingView, ...]
    rates: Side | None
    steps: tuple[str, ...] = ()


def panel(case: Case, actor: Actor, at: datetime) -> dict[str, Any]:
    """The values of `joint/_panel.html`. Without parts it costs one query."""
    found = list(whistles(actor).filter(case_id=case.id))
    parts = cases.parts_of(case.id) if case.parts else []
    return {
        "parts": views(parts, case, actor, at, found) if parts else [],
        "whistles": rows(found),
        "may_call": may_call_for(actor, case),
        "open": case.open_parts,
        "case_id": case.id,
    }


def part_view(part: Any, actor: Actor, at: datetime) -> PartView:
    """One part with what the reader may do with it."""
    found = list(whistles(actor).filter(case_id=part.case_id))
    return views([part], part.case, actor, at, found)[0]


def views_of(parts: Sequence[Any], case: Case, actor: Actor, at: datetime) -> list[PartView]:
    """These parts of one case."""
    return views(parts, case, actor, at, list(whistles(actor).filter(case_id=case.id))) if parts else []


def views(
    parts: Sequence[Any], case: Case, actor: Actor, at: datetime, found: Sequence[Whistle]
) -> list[PartView]:
    """These parts of one case; two queries, however many there are."""
    by_part = _ratings([part.id for part in parts])
    callers = cases.callers_of(case.id)
    watches = access.may(actor, "case.supervise", cases.subject_of(case))
    return [
        _view(part, case, actor, at, whistle_of(part, found), by_part, callers, watches) for part in parts
    ]


def whistle_of(part: Any, found: Sequence[Whistle]) -> Whistle | None:
    """The whistle that called this part: the last one decided before it was assigned."""
    before = [each for each in found if each.decided_at is not None and each.decided_at <= part.assigned_at]
    return max(before, key=lambda each: (each.decided_at, each.id), default=None)


def _view(
    part: Any, case: Case, actor: Actor, at: datetime, whistle: Whistle | None,
    by_part: Mapping[UUID, list[Rating]], callers: Mapping[UUID, UUID | None], watches: bool,
) -> PartView:  # fmt: skip
    side = side_of(actor, part, whistle)
    given = by_part.get(part.id, [])
    shown = given if rules.shows_rating(side, watches=watches) else []
    rated = {each.side for each in given}
    may_rate = side is not None and part.done_at is not None and side.value not in rated
    moves = cases.part_moves(part, case, actor, callers)
    confirms = cases.may_release(actor, part, case, callers)
    return PartView(
        row=cases.part_row(part, at),
        moves=tuple(move.label for move in moves),
        ratings=tuple(RatingView(Side(each.side), Mark(each.mark), each.comment, each.at) for each in shown),
        rates=side if may_rate else None,
        steps=tuple("report-in" if m.name == "arrive" and not confirms else m.name for m in moves),
    )


def _ratings(parts: Sequence[UUID]) -> dict[UUID, list[Rating]]:
    found: dict[UUID, list[Rating]] = {}
    for each in Rating.objects.filter(part_id__in=parts).order_by("at"):
        found.setdefault(each.part_id, []).append(each)
    return found
