"""Periods as people name them: days, both included."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from linli.followup.queries.rates import longest_days
from linli.kernel.clock import local
from linli.kernel.text import Text
from linli.people import queries as people

FIRST_YEAR, LAST_YEAR = 2000, 2200
DAYS_BACK = 30


def usual_days(at: datetime) -> tuple[date, date]:
    """The last thirty days up to today."""
    today = local(at).date()
    return today - timedelta(days=DAYS_BACK - 1), today


def span(since: date, until: date) -> tuple[datetime, datetime]:
    """Two days, both included, as moments: from the first's midnight to the midnight after the last."""
    return people.midnight(since), people.midnight(until + timedelta(days=1))


def wrong_days(since: date, until: date) -> Text | None:
    """Why nothing can be counted or drawn from one day to another; None when it can."""
    longest = longest_days()
    if until < since:
        return Text("结束日期早于开始日期", "The end comes before the beginning")
    if since.year < FIRST_YEAR or until.year > LAST_YEAR:
        return Text("请填写实际的日期", "Give days that are in a calendar")
    if (until - since).days >= longest:
        return Text(f"最多 {longest} 天", f"At most {longest} days")
    return None
