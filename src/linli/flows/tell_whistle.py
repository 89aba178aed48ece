"""Whoever may approve a whistle hears that one waits; whoever blew it hears the answer."""

from __future__ import annotations

from datetime import datetime

from linli.joint import queries as joint
from linli.joint.events import WhistleApproved, WhistleBlown, WhistleRefused
from linli.kernel import jobs
from linli.kernel.journal import Recorded
from linli.notices import actions as notices
from linli.notices.words import To


@jobs.story("tell-whistle", WhistleBlown, WhistleApproved, WhistleRefused)
def tell_whistle(line: Recorded, at: datetime) -> None:
    """Queue a message to each of them."""
    for told in joint.told(line, at):
        notices.tell(
            told.template, to=To(account_id=told.account_id), params=told.params, at=at, about=line.about
        )
