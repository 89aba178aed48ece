"""Which days are worked and at which hours: calendars from the rulebook, with make-up workdays (调休).

A calendar is immutable. It keeps the edges of its working days and opening hours as sorted whole
microseconds since 1970, so that `kernel.worktime` finds a deadline by bisection; the lists are built at
first use and grow when a later or earlier year is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from linli.kernel import rulebook
from linli.kernel.text import Text

# Years that can be reckoned with; outside them a date is a slip of the keyboard. All edges begin with the
# first one, so that an index or a sum stays right when later years are added.
FIRST_YEAR, LAST_YEAR = 1969, 2200
_USUAL_LAST_YEAR = 2040
_DAY_US = 86_400_000_000
Span = tuple[int, int]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def stamp(moment: datetime) -> int:
    """An aware moment as whole microseconds since 1970, exactly."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment_of(microseconds: int) -> datetime:
    """The moment (UTC) of whole microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)


class DayException(NamedTuple):
    """A day that differs from the plain week: a holiday, or a day off that is worked."""

    is_workday: bool
    name: Text
    source: str


class Edges(NamedTuple):
    """Edges of the years up to `last_year`, as sorted microseconds since 1970.

    `worked_before[i]` is the working time from the first edge to `opens[i]`, and `worked_after[i]` to
    `closes[i]`. No published calendar covers `published_until` or what follows it.
    """

    last_year: int
    published_until: int
    day_starts: list[int]
    day_ends: list[int]
    opens: list[int]
    closes: list[int]
    worked_before: list[int]
    worked_after: list[int]


@dataclass(frozen=True, eq=False, slots=True)
class Calendar:
    """A town's working days and hours.

    `exceptions` holds the days that differ from the week; days after `last_published` are guessed from the
    week alone, and every deadline that touches one is provisional. `weekend` counts Monday as 1. An opening
    that ends at 00:00 ends at midnight.
    """

    version: str
    zone: ZoneInfo
    hours: tuple[tuple[time, time], ...]
    exceptions: Mapping[date, DayException]
    last_published: date
    source: str
    weekend: frozenset[int] = frozenset({6, 7})
    day_ends: time = time(23, 59, 59)
    _edges: list[Edges] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        flat = [clock for opening in _openings(self.hours) for clock in opening]
        if not flat or any(a >= b for a, b in pairwise(flat)):
            raise ValueError("opening hours must be given in order and must not touch")

    def is_workday(self, day: date) -> bool:
        """Whether the day is worked; make-up workdays are, holidays are not."""
        exception = self.exceptions.get(day)
        return day.isoweekday() not in self.weekend if exception is None else exception.is_workday

    def edges(self, last_year: int) -> Edges:
        """The edges of the years up to `last_year` at least, clipped to the years that we reckon with."""
        last = min(last_year, LAST_YEAR)
        if self._edges and last <= self._edges[0].last_year:
            return self._edges[0]
        built = self._build(max(last, _USUAL_LAST_YEAR))
        # One assignment, so that another thread sees either the old lists or the new ones.
        self._edges[:] = [built]
        return built

    def _build(self, last_year: int) -> Edges:
        published_until = self._at(self.last_published, _DAY_US)
        edges = Edges(last_year, published_until, [], [], [], [], [], [])
        day_ends, openings = _since_midnight(self.day_ends), _openings(self.hours)
        worked = 0
        for number in range(date(FIRST_YEAR, 1, 1).toordinal(), date(last_year + 1, 1, 1).toordinal()):
            day = date.fromordinal(number)
            if not self.is_workday(day):
                continue
            start, end, spans = self._day(day, day_ends, openings)
            edges.day_starts.append(start)
            edges.day_ends.append(end)
            for opens, closes in spans:
                edges.opens.append(opens)
                edges.closes.append(closes)
                edges.worked_before.append(worked)
                worked += closes - opens
                edges.worked_after.append(worked)
        return edges

    def _day(self, day: date, day_ends: int, openings: list[Span]) -> tuple[int, int, list[Span]]:
        """A working day's start, end and openings; an hour that the clock skips is not worked."""
        start = self._at(day, 0)
        if self._at(day, _DAY_US) - start == _DAY_US:
            return start, start + day_ends, [(start + opens, start + closes) for opens, closes in openings]
        spans = [(self._at(day, opens), self._at(day, closes, last=True)) for opens, closes in openings]
        return start, self._at(day, day_ends, last=True), [span for span in spans if span[0] < span[1]]

    def _at(self, day: date, clock: int, *, last: bool = False) -> int:
        """The moment of a local time; `last` takes the second of two when the clock goes back over it."""
        local = datetime(day.year, day.month, day.day) + timedelta(microseconds=clock)  # noqa: DTZ001 - the zone is attached next
        return stamp(local.replace(tzinfo=self.zone, fold=int(last)))


def _since_midnight(clock: time) -> int:
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond


def _openings(hours: tuple[tuple[time, time], ...]) -> list[Span]:
    return [(_since_midnight(opens), _since_midnight(closes) or _DAY_US) for opens, closes in hours]


def load_calendar(*folders: Path) -> Calendar:
    """The calendar of one or more rulebook folders (not of the town); what a later folder says wins.

    Its table is `calendar`: `hours.toml` (zone, hours, weekend, work_day_ends, last_published) and
    `exceptions.csv` (code: the date, is_workday, name_zh, name_en, source). Raises rulebook.BadTable.
    """
    return calendar_of(rulebook.read("calendar", folders or (rulebook.DEFAULT,)))


def calendar_of(table: Mapping[str, Any]) -> Calendar:
    """The calendar that a rulebook table describes. Raises rulebook.BadTable, which says what is wrong."""
    exceptions: dict[date, DayException] = {}
    for row in table.get("exceptions", ()):
        try:
            is_workday = {"0": False, "1": True}[row["is_workday"]]
            name = Text(row["name_zh"], row["name_en"])
            exceptions[date.fromisoformat(row["code"])] = DayException(is_workday, name, row["source"])
        except (KeyError, TypeError, ValueError) as error:
            raise rulebook.BadTable(f"calendar/exceptions.csv, {row}: {error!r}") from error
    try:
        hours = table["hours"]
        return Calendar(
            version=table["version"],
            zone=ZoneInfo(hours["zone"]),
            hours=tuple((_clock(opens), _clock(closes)) for opens, closes in hours["hours"]),
            exceptions=exceptions,
            last_published=hours["last_published"],
            source=table["source"],
            weekend=frozenset(hours["weekend"]),
            day_ends=_clock(hours["work_day_ends"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise rulebook.BadTable(f"calendar/hours.toml: {error!r}") from error


def _clock(text: str) -> time:
    return time() if text == "24:00" else time.fromisoformat(text)


@cache
def default_calendar() -> Calendar:
    """The town's calendar: China's working days as published by the State Council, and the town's overlay."""
    return calendar_of(rulebook.table("calendar"))
