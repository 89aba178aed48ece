"""Whoever asked not to be called is not called when their next matter closes."""

from __future__ import annotations

from datetime import datetime

from linli.cases.events import CaseClosed, CaseSettled
from linli.followup import actions as followup
from linli.kernel import jobs
from linli.kernel.access import SYSTEM
from linli.kernel.journal import Recorded


@jobs.story("spare-calls", CaseClosed, CaseSettled)
def spare_calls(line: Recorded, at: datetime) -> None:
    """Take the case off the call-back desk; nothing when its reporter may be called."""
    followup.spare(line.about, by=SYSTEM, at=at)
