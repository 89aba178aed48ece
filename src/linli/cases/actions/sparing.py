"""Nobody is to call the reporter any more; what they say by themselves still counts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from linli.cases.actions.step import demand, finish, take
from linli.cases.events import ReporterAsked
from linli.cases.models import Case
from linli.cases.words import Desk
from linli.kernel.access import Actor


@transaction.atomic
def spare_call(
    case_id: UUID, *, by: Actor, at: datetime, text: str, id: UUID | None = None, version: int | None = None
) -> Case:
    """Take a closed case off the call-back desk without an answer, and stop its limit, saying why.

    The case stays closed: the reporter may still rate it, or ask for reopening, by themselves.
    """
    step = take("ask", case_id, by=by, at=at, id=id, version=version, text=text)
    if step.repeated:
        return step.case
    demand(text=text)
    return finish(
        step, ReporterAsked(text.strip()), stop=["call_back"], desk=Desk.DONE.value, next_due_at=None
    )
