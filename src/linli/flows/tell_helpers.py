"""Whoever is called to help hears of it and when a limit is near; those above hear who did not come."""

from __future__ import annotations

from datetime import datetime

from linli.cases import queries as cases
from linli.cases.events import PartMissed, PartNear, PartsCalled, PartsReleased
from linli.kernel import jobs
from linli.kernel.journal import Recorded
from linli.notices import actions as notices
from linli.notices.words import To


@jobs.story("tell-helpers", PartsCalled, PartNear, PartMissed, PartsReleased)
def tell_helpers(line: Recorded, at: datetime) -> None:
    """Queue a message to each of them."""
    for told in cases.part_messages_for(line, at):
        notices.tell(
            told.template, to=To(account_id=told.account_id), params=told.params, at=at, about=line.about
        )
