"""Whoever reported a matter hears where it is: passed on, declined, done, taken up again."""

from __future__ import annotations

from datetime import datetime

from linli.cases import queries as cases
from linli.cases.events import (
    CaseClosed,
    CaseDeclined,
    CaseDispatched,
    CaseMerged,
    CaseReopened,
    CaseSettled,
    CaseTransferred,
    MergeUndone,
    RulingMade,
)
from linli.kernel import jobs
from linli.kernel.journal import Recorded
from linli.notices import actions as notices
from linli.notices.words import To


@jobs.story(
    "tell-reporter", CaseDispatched, RulingMade, CaseDeclined, CaseTransferred, CaseMerged, MergeUndone, CaseClosed,
    CaseSettled, CaseReopened,
)  # fmt: skip
def tell_reporter(line: Recorded, at: datetime) -> None:
    """Queue the message of its reporter, and of those whose cases were merged into it; nothing to who left no number."""
    for told in cases.messages_to_reporters(line, at):
        notices.tell(
            told.template, to=To(resident_id=told.resident_id), params=told.params, at=at, about=told.about
        )
