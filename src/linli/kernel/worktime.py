"""Deadlines: the four units of the field, working calendars, pauses, and how they read.

| unit | runs | a limit of N ends |
|---|---|---|
| urgent hour 紧急工作时 | always, nights and holidays included | N × 60 minutes later |
| work hour 工作时 | inside the calendar's opening hours | when N hours of them have run |
| work day 工作日 | – | at 23:59:59 of the N-th working day after the starting day |
| natural day 自然日 | always | at the same time of day, N days later |

Pure: time is passed in, moments are aware, results are in UTC. A deadline that needs a day after the last
published calendar is marked provisional.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from linli.kernel.errors import Problem, declare
from linli.kernel.text import Text
from linli.kernel.workcalendar import (
    LAST_YEAR,
    Calendar,
    DayException,
    Edges,
    default_calendar,
    load_calendar,
    moment_of,
    stamp,
)

__all__ = [
    "BAD_LIMIT", "BAD_START", "Calendar", "DayException", "Deadline", "Limit", "Unit", "deadline",
    "default_calendar", "due_line", "load_calendar", "parse_start", "remaining", "resumed", "share_of",
    "spent_words", "used",
]  # fmt: skip

BAD_START = declare(
    "worktime.bad-start", 422, Text("开始时间无法识别", "The starting time cannot be read"),
    Text(
        "请写成 2026-03-10 02:31:00,或带时区的 ISO 8601 时间,年份在 1970 至 2150 之间。",
        "Write it like 2026-03-10 02:31:00 or as ISO 8601 with a zone, in the years 1970 to 2150.",
    ),
)  # fmt: skip
BAD_LIMIT = declare(
    "worktime.bad-limit", 422, Text("时限无法识别", "The limit cannot be read"),
    Text(
        "请写正数和单位(紧急工作时、工作时、工作日、自然日),日数须为整数,例如 2 work_day。",
        "Give a positive number and urgent_hour, work_hour, work_day or natural_day; days in whole numbers.",
    ),
)  # fmt: skip

_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US
_FIRST_START_YEAR, _LAST_START_YEAR = 1970, 2150
_MOST_HOURS, _MOST_DAYS = 20_000, 10_000
_AMOUNT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?")


class Unit(StrEnum):
    """How a limit is counted."""

    URGENT_HOUR = "urgent_hour"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"
    NATURAL_DAY = "natural_day"

    @property
    def label(self) -> Text:
        """The unit's name."""
        return _LABELS[self]


_LABELS = {
    Unit.URGENT_HOUR: Text("紧急工作时", "urgent hours"),
    Unit.WORK_HOUR: Text("工作时", "working hours"),
    Unit.WORK_DAY: Text("工作日", "working days"),
    Unit.NATURAL_DAY: Text("自然日", "calendar days"),
}
_UNITS = {str(unit): unit for unit in Unit} | {label.zh: unit for unit, label in _LABELS.items()}
_IN_DAYS = frozenset({Unit.WORK_DAY, Unit.NATURAL_DAY})


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount of time: positive, and whole when counted in days. Raises BAD_LIMIT otherwise."""

    amount: int | float
    unit: Unit

    def __post_init__(self) -> None:
        in_days = self.unit in _IN_DAYS
        if not 0 < self.amount <= (_MOST_DAYS if in_days else _MOST_HOURS):
            raise Problem(BAD_LIMIT)
        if in_days and self.amount != int(self.amount):
            raise Problem(BAD_LIMIT)

    @classmethod
    def parse(cls, text: str) -> Limit:
        """The limit that "2 work_day", "2 工作日" or "2个工作日" means."""
        parts = re.fullmatch(r"\s*([0-9.]+)\s*个?\s*(\w+)\s*", text)
        if parts is None:
            raise Problem(BAD_LIMIT)
        return cls.of(parts[1], parts[2])

    @classmethod
    def of(cls, amount: str, unit: str) -> Limit:
        """The limit of an amount and a unit that somebody typed."""
        if unit not in _UNITS or not _AMOUNT.fullmatch(amount):
            raise Problem(BAD_LIMIT)
        number = float(amount)
        return cls(int(number) if number.is_integer() else number, _UNITS[unit])

    def __str__(self) -> str:
        return f"{self.amount:g} {self.unit}"

    @property
    def label(self) -> Text:
        """The limit in words: "2 个工作日" / "2 working days"."""
        en = self.unit.label.en.removesuffix("s") if self.amount == 1 else self.unit.label.en
        return Text(f"{self.amount:g} 个{self.unit.label.zh}", f"{self.amount:g} {en}")


class Deadline(NamedTuple):
    """When a limit ends (aware, UTC), and whether the calendar that says so is not yet published."""

    due: datetime
    provisional: bool


def deadline(start: datetime, limit: Limit, calendar: Calendar) -> Deadline:
    """When a limit that starts at `start` ends. Never before `start`, and never earlier for a later start.

    (In a zone with summer time, a limit in natural days that ends inside the skipped hour ends up to an hour
    later.) Raises BAD_START outside the years 1970 to 2150.
    """
    unit = limit.unit
    if unit is Unit.URGENT_HOUR:
        _checked(start)
        return Deadline(start.astimezone(UTC) + timedelta(hours=limit.amount), False)
    if unit is Unit.NATURAL_DAY:
        _checked(start)
        later = start.astimezone(calendar.zone) + timedelta(days=limit.amount)
        return Deadline(later.astimezone(UTC), False)
    if unit is Unit.WORK_DAY:
        return _work_days_later(stamp(start), _edges(start, calendar), int(limit.amount), calendar)
    return _work_time_later(stamp(start), _edges(start, calendar), round(limit.amount * _HOUR_US), calendar)


def share_of(start: datetime, due: datetime, share: float, unit: Unit, calendar: Calendar) -> datetime:
    """The moment at which `share` (0 to 1) of the time from `start` to `due` is used: 0.8 to warn.

    Work hours count by opening hours, the other units by elapsed time. With `due` before `start` it is `due`.
    """
    if due <= start:
        return due
    first, last = stamp(start), stamp(due)
    if unit is Unit.WORK_HOUR:
        edges = _edges(start, calendar, until=due)
        span = _worked(last, edges) - _worked(first, edges)
        if span > 0:
            return _work_time_later(first, edges, max(round(span * share), 1), calendar).due
    return moment_of(first + round((last - first) * share))


def used(start: datetime, at: datetime, unit: Unit, calendar: Calendar) -> float:
    """How much of a limit has gone from `start` to `at`, in its own unit; never negative.

    For work days: how many working days after the starting day have begun.
    """
    if at <= start:
        return 0.0
    first, last = stamp(start), stamp(at)
    if unit is Unit.WORK_HOUR:
        edges = _edges(start, calendar, until=at)
        return (_worked(last, edges) - _worked(first, edges)) / _HOUR_US
    if unit is Unit.WORK_DAY:
        edges = _edges(start, calendar, until=at)
        return float(bisect_right(edges.day_starts, last) - bisect_right(edges.day_starts, first))
    return (last - first) / (_HOUR_US if unit is Unit.URGENT_HOUR else _DAY_US)


def remaining(start: datetime, at: datetime, limit: Limit, calendar: Calendar) -> float:
    """How much of a limit is left at `at`, in its own unit; zero when it has run out."""
    return max(limit.amount - used(start, at, limit.unit, calendar), 0.0)


def resumed(due: datetime, paused: datetime, at: datetime, unit: Unit, calendar: Calendar) -> Deadline:
    """The new deadline of a clock that was due at `due`, stood still from `paused` and runs again from `at`.

    What was left is left again: elapsed time for urgent hours and natural days, opening hours for work hours;
    for work days, as many working days are added as began during the pause. A clock that had run out
    before the pause stays run out.
    """
    end, first, last = stamp(due), stamp(paused), max(stamp(at), stamp(paused))
    if unit in (Unit.URGENT_HOUR, Unit.NATURAL_DAY):
        return Deadline(due.astimezone(UTC) if end <= first else moment_of(end + last - first), False)
    edges = _edges(paused, calendar, until=max(due, at))
    if end <= first:
        return Deadline(due.astimezone(UTC), end >= edges.published_until)
    if unit is Unit.WORK_HOUR:
        left = _worked(end, edges) - _worked(first, edges)
        return _work_time_later(last, edges, max(left, 1), calendar)
    began = bisect_right(edges.day_starts, last) - bisect_right(edges.day_starts, first)
    if began == 0:
        return Deadline(due.astimezone(UTC), end >= edges.published_until)
    day = max(bisect_right(edges.day_starts, end) - 1, 0)
    shift = end - edges.day_ends[day]
    later = stamp(_nth_day_end(edges, day + began, calendar)) + shift
    return Deadline(moment_of(later), later >= edges.published_until)


def spent_words(due: datetime, at: datetime) -> Text:
    """How long until `due`, or since: 还剩 3 小时 20 分 / 3 h 20 min left; 已超 2 天 / 2 d overdue."""
    seconds = round((due - at).total_seconds())
    minutes = abs(seconds) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "天", "d"), (hours, "小时", "h"), (minutes, "分", "min")]
    while len(parts) > 1 and parts[0][0] == 0:
        parts.pop(0)
    shown = [part for part in parts[:2] if part[0]]
    zh = "".join(f" {n} {unit}" for n, unit, _ in shown) or "不到 1 分"
    en = " ".join(f"{n} {unit}" for n, _, unit in shown) or "under 1 min"
    return Text(f"还剩{zh}", f"{en} left") if seconds >= 0 else Text(f"已超{zh}", f"{en} overdue")


def parse_start(text: str, calendar: Calendar) -> datetime:
    """The moment (UTC) that somebody typed: local to the calendar's zone unless it names its own."""
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=calendar.zone)
        return _checked(moment.astimezone(UTC))
    except (ValueError, OverflowError) as error:
        raise Problem(BAD_START) from error


def due_line(start: str, amount: str, unit: str, calendar: Calendar) -> str:
    """What `linli due START AMOUNT UNIT` prints: the deadline on the calendar's clocks."""
    result = deadline(parse_start(start, calendar), Limit.of(amount, unit), calendar)
    shown = result.due.astimezone(calendar.zone).replace(tzinfo=None).isoformat(" ", "seconds")
    return f"{shown} (暂定 provisional)" if result.provisional else shown


def _checked(start: datetime) -> datetime:
    if not _FIRST_START_YEAR <= start.year <= _LAST_START_YEAR:
        raise Problem(BAD_START)
    return start


def _edges(start: datetime, calendar: Calendar, until: datetime | None = None) -> Edges:
    """Edges that cover both moments and some time after, so that most deadlines need no second look."""
    _checked(start)
    return calendar.edges((until or start).year + 2)


def _worked(moment: int, edges: Edges) -> int:
    """Working time (µs) from the start of the edges to a moment."""
    span = bisect_right(edges.opens, moment) - 1
    if span < 0:
        return 0
    return edges.worked_before[span] + min(moment, edges.closes[span]) - edges.opens[span]


def _work_time_later(start: int, edges: Edges, amount: int, calendar: Calendar) -> Deadline:
    target = _worked(start, edges) + amount
    while not edges.worked_after or edges.worked_after[-1] < target:
        edges = _wider(edges, calendar)
    span = bisect_left(edges.worked_after, target)
    due = edges.closes[span] - (edges.worked_after[span] - target)
    return Deadline(moment_of(due), due >= edges.published_until)


def _work_days_later(start: int, edges: Edges, days: int, calendar: Calendar) -> Deadline:
    due = _nth_day_end(edges, bisect_right(edges.day_starts, start) + days - 1, calendar)
    return Deadline(due, stamp(due) >= edges.published_until)


def _nth_day_end(edges: Edges, index: int, calendar: Calendar) -> datetime:
    while index >= len(edges.day_ends):
        edges = _wider(edges, calendar)
    return moment_of(edges.day_ends[index])


def _wider(edges: Edges, calendar: Calendar) -> Edges:
    """The same edges and more years after them; refuses a limit that no reckonable year can hold."""
    if edges.last_year >= LAST_YEAR:
        raise Problem(BAD_LIMIT)
    return calendar.edges(edges.last_year + 10)
