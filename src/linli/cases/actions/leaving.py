"""What leaves the town's loop: to an emergency line, a petition office, another legal way, another level."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from linli.cases.actions.charging import release
from linli.cases.actions.reasons import reason_of
from linli.cases.actions.step import EVERY, finish, take
from linli.cases.events import CaseTransferred
from linli.cases.models import Case
from linli.kernel.access import Actor


@transaction.atomic
def transfer_out(
    case_id: UUID, *, by: Actor, at: datetime, reason: str, note: str = "",
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Pass it to whoever is competent outside the town's loop, for a reason of the rulebook. The reporter is told
    who has it now and how to reach them."""
    step = take("transfer_out", case_id, by=by, at=at, id=id, version=version, reason=reason, note=note)
    if step.repeated:
        return step.case
    label = reason_of("transfer_out", reason)
    release(case_id, at)
    return finish(step, CaseTransferred(reason, label.zh, label.en, note.strip()), stop=EVERY, closed_at=at)
