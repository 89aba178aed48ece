"""Whoever reported a matter hears where it is: passed on, declined, done, taken up again."""

from __future__ import annotations

from datetime import datetime

from linli.cases import queries as cases
from linli.cases.events import CaseClosed, CaseDeclined, CaseDispatched, CaseReopened, CaseSettled
from linli.kernel import jobs
from linli.kernel.journal import Recorded
from linli.notices import actions as notices
from linli.notices.words import To


@jobs.story("tell-reporter", CaseDispatched, CaseDeclined, CaseClosed, CaseSettled, CaseReopened)
def tell_reporter(line: Recorded, at: datetime) -> None:
    """Queue the reporter's message; nothing when nobody left a number."""
    told = cases.message_to_reporter(line, at)
    if told is not None:
        notices.tell(
            told.template, to=To(resident_id=told.resident_id), params=told.params, at=at, about=line.about
        )
