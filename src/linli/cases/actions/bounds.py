"""What one sender may do how often: reports without a known reporter, a resident's reports, guesses of a code."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from linli.cases import queries
from linli.cases.models import Case
from linli.kernel import throttle
from linli.kernel.access import Actor
from linli.kernel.errors import TOO_MANY, Problem

DAY = timedelta(days=1)


def hold_report(*, by: Actor, sender: str, at: datetime) -> None:
    """Refuse with TOO_MANY when this network address (nobody known) or this resident reported too often.

    `sender` is the address of the connection, never one that the request claims. Staff are not bounded.
    """
    if by.kind == "anonymous":
        throttle.hold("report", sender, queries.bound("anonymous_per_hour"), at=at)
    elif by.resident_id is not None and not by.posts:
        recent = queries.own_cases(by.resident_id).filter(reported_at__gt=at - DAY, reported_at__lte=at)
        most = queries.bound("reports_per_day")
        times = list(recent.values_list("reported_at", flat=True)[:most])
        if len(times) == most:
            # The oldest of the last so many has to be a day old first.
            raise Problem(TOO_MANY, seconds=ceil((times[-1] + DAY - at).total_seconds()))


def follow(number: str, code: str, *, sender: str, at: datetime) -> Case:
    """The case whose number and tracking code both fit; NOT_FOUND otherwise, TOO_MANY after too many guesses.

    Only wrong guesses are counted, so that following one's own matter is never held up.
    """
    try:
        return queries.tracked(number, code)
    except Problem:
        throttle.hold("track", sender, queries.bound("tracks_per_hour"), at=at)
        raise
