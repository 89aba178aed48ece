"""Taking a matter in and doing the next thing at once: settling it, joining it to another, passing it on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from linli.cases.actions import leaving, merging, moves, opening
from linli.cases.actions.opening import Opened, Report
from linli.cases.events import CaseMerged, CaseSettled, CaseTransferred
from linli.cases.models import Case
from linli.kernel import journal
from linli.kernel.access import Actor
from linli.kernel.errors import RETRY_DIFFERS, Problem
from linli.kernel.journal import Fact


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
        return _again(opened, CaseSettled, result=result.strip())
    moves.settle(opened.id, by=by, at=at, result=result, photos=photos)
    return opening.opened_of(Case.objects.get(pk=opened.id))


@transaction.atomic
def open_and_merge(report: Report, *, into: UUID, by: Actor, at: datetime) -> Opened:
    """Open the case and merge it into the matter that it turned out to be: both reporters hear what happens."""
    opened = opening.open_case(report, by=by, at=at)
    if opened.repeated:
        return _again(opened, CaseMerged, into=into)
    merging.merge(opened.id, by=by, at=at, into=into)
    return opening.opened_of(Case.objects.get(pk=opened.id))


@transaction.atomic
def open_and_transfer(report: Report, *, reason: str, by: Actor, at: datetime) -> Opened:
    """Open the case, so that the call is on record, and pass it to whoever outside the town is competent. Nobody in
    the town is charged with it on the way, whatever its kind."""
    opened = opening.open_case(report, by=by, at=at, held=True)
    if opened.repeated:
        return _again(opened, CaseTransferred, reason=reason)
    leaving.transfer_out(opened.id, by=by, at=at, reason=reason)
    return opening.opened_of(Case.objects.get(pk=opened.id))


def _again(opened: Opened, then: type[Fact], **content: object) -> Opened:
    """The first answer, if the report was sent for the same end the first time too. RETRY_DIFFERS otherwise: it must
    not look as if what was asked for now had been done."""
    done = [line.fact for line in journal.history(opened.id) if isinstance(line.fact, then)]
    if any(all(getattr(fact, name) == value for name, value in content.items()) for fact in done):
        return opened
    raise Problem(RETRY_DIFFERS)
