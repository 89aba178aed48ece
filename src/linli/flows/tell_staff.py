"""Whoever is charged with a matter hears of it and when its limit is near; whoever is above, when it ran out."""

from __future__ import annotations

from datetime import datetime

from linli.cases import queries as cases
from linli.cases.events import CaseDispatched, DeadlineMissed, DeadlineNear, RulingMade, SupervisionRaised
from linli.kernel import jobs
from linli.kernel.journal import Recorded
from linli.notices import actions as notices
from linli.notices.words import To


@jobs.story("tell-staff", CaseDispatched, RulingMade, SupervisionRaised, DeadlineNear, DeadlineMissed)
def tell_staff(line: Recorded, at: datetime) -> None:
    """Queue a message to each of them."""
    for told in cases.messages_to_staff(line, at):
        notices.tell(
            told.template, to=To(account_id=told.account_id), params=told.params, at=at, about=line.about
        )
