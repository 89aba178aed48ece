"""Recorded times to moments: local times of the other system's zone, in the forms that are met.

A time without an offset is read in the mapping's zone. When the clocks go back an hour happens twice: the
first is meant. When they go forward an hour does not exist (a deadline reckoned on the wall clock may still
name it): it is read with the offset that held before, that is one hour later on the new clock. Both are
Python's fold=0, for all columns alike, so that an order that held on the wall clock holds here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1900, 9000
_CHINESE = re.compile(
    r"(\d{4})[年/.](\d{1,2})[月/.](\d{1,2})日?(?:[ T]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})秒?|分)?)?"
)


def reader(zone: ZoneInfo, forms: tuple[str, ...] = ()) -> Callable[[str], datetime]:
    """A function from text to an aware moment in UTC; it raises ValueError for what is no time.

    `forms` are strptime forms; without any, ISO 8601 (also with an offset) and 2024/3/5 8:30 or 2024年3月5日8时30分.
    Fast for ISO: the zone's offset is looked up once a day, unless the clocks change on it.
    """
    offsets: dict[str, timedelta | None] = {}

    def day_offset(day: datetime) -> timedelta | None:
        start = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a local time, on purpose
        first, last = (at.replace(tzinfo=zone).utcoffset() for at in (start, start + timedelta(days=1)))
        return first if first == last else None

    def moment(text: str) -> datetime:
        known = offsets.get(text[:10])  # of every form above the first ten characters tell the day
        if known is not None:
            try:
                return datetime.fromisoformat(f"{text}Z") - known
            except ValueError:
                return slowly(text)
        return slowly(text)

    def slowly(text: str) -> datetime:
        if forms:
            local = _by_form(text, forms)
            return (_bounded(local) if local.tzinfo else _bounded(local).replace(tzinfo=zone)).astimezone(UTC)
        try:
            local = datetime.fromisoformat(text)
        except ValueError:
            local = _chinese(text)
        if local.tzinfo is not None:
            return _bounded(local).astimezone(UTC)
        if text[:10] not in offsets:
            offsets[text[:10]] = day_offset(_bounded(local))
        return local.replace(tzinfo=zone).astimezone(UTC)

    return moment


def _bounded(moment: datetime) -> datetime:
    if FIRST_YEAR <= moment.year <= LAST_YEAR:
        return moment
    raise ValueError(f"the year {moment.year} is out of range")


def _by_form(text: str, forms: tuple[str, ...]) -> datetime:
    for form in forms:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is put on by the caller
        except ValueError:
            continue
    raise ValueError(text)


def _chinese(text: str) -> datetime:
    found = _CHINESE.fullmatch(text)
    if not found:
        raise ValueError(text)
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - local; the caller puts the zone on
