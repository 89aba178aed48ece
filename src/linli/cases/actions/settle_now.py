"""Reporting a small matter and settling it, in one step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from linli.cases.actions import moves, opening
from linli.cases.actions.opening import Opened, Report
from linli.cases.models import Case
from linli.kernel.access import Actor


@transaction.atomic
def open_and_settle(
    report: Report, *, result: str, photos: Sequence[UUID], by: Actor, at: datetime
) -> Opened:
    """Open the case and settle it on the spot: both happen, or neither.

    `report.photos` show it before, `photos` afterwards. Sent again with the same content it is harmless. Raises
    what `opening.open_case` and `moves.settle` raise: NOT_SETTLED_HERE when the kind may not be settled by
    the grid, EVIDENCE_MISSING, NOT_ALLOWED outside one's own grid.
    """
    opened = opening.open_case(report, by=by, at=at)
    if opened.repeated:
        return opened
    moves.settle(opened.id, by=by, at=at, result=result, photos=photos)
    return opening.opened_of(Case.objects.get(pk=opened.id))
