"""When somebody counts as not reachable, when to try again, what to say. Times here are the town's local times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from linli.followup.words import Outcome
from linli.kernel.text import Text

FAILED = frozenset({Outcome.NO_ANSWER, Outcome.BUSY, Outcome.OFF})
"""Tries that count towards "cannot be reached"."""
LOOK_AHEAD = 30
"""Days within which a working day to try again is looked for."""


@dataclass(frozen=True, slots=True)
class Half:
    """A part of the day in which people are called."""

    code: str
    begins: time
    ends: time


@dataclass(frozen=True, slots=True)
class CallingLaw:
    """The rulebook's numbers of calling. `halves`, in the order of the day, are where calls are made; the half of a
    moment is the last that has begun by then (the first before the day begins)."""

    attempts: int
    days: int
    different_halves: int
    halves: tuple[Half, ...]

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> CallingLaw:
        """From `[calling]` of the rulebook."""
        halves = (
            Half(row["code"], time.fromisoformat(row["begins"]), time.fromisoformat(row["ends"]))
            for row in table["half"]
        )
        ordered = tuple(sorted(halves, key=lambda half: half.begins))
        return cls(table["attempts"], table["days"], min(table["halves"], len(ordered)), ordered)

    def half_of(self, moment: time) -> Half:
        """In which half of the day this time lies."""
        begun = [half for half in self.halves if half.begins <= moment]
        return begun[-1] if begun else self.halves[0]


@dataclass(frozen=True, slots=True)
class Try:
    """One call that was made: how it went, and when on the town's clocks."""

    outcome: Outcome
    at: datetime


def unreachable(tries: Iterable[Try], law: CallingLaw) -> bool:
    """Whether "cannot be reached" may stand: a wrong number at once, else enough failed tries on enough different
    days in enough different halves of the day."""
    made = list(tries)
    if any(each.outcome is Outcome.WRONG for each in made):
        return True
    failed = [each.at for each in made if each.outcome in FAILED]
    days = {moment.date() for moment in failed}
    halves = {law.half_of(moment.time()).code for moment in failed}
    return len(failed) >= law.attempts and len(days) >= law.days and len(halves) >= law.different_halves


def still_missing(tries: Iterable[Try], law: CallingLaw) -> tuple[int, int, int]:
    """How many tries, days and halves are still wanting before `unreachable`; never negative."""
    failed = [each.at for each in tries if each.outcome in FAILED]
    days = {moment.date() for moment in failed}
    halves = {law.half_of(moment.time()).code for moment in failed}
    return (
        max(0, law.attempts - len(failed)),
        max(0, law.days - len(days)),
        max(0, law.different_halves - len(halves)),
    )


def next_try(
    tries: Sequence[Try], law: CallingLaw, is_workday: Callable[[date], bool], at: datetime
) -> datetime:
    """When to try again, on the town's clocks: the next half of a working day that begins after `at` and that has not
    been tried more often than another one. Never before `at`."""
    counted = {half.code: 0 for half in law.halves}
    for each in tries:
        counted[law.half_of(each.at.time()).code] += 1
    least = min(counted.values())
    for ahead in range(LOOK_AHEAD):
        day = at.date() + timedelta(days=ahead)
        if not is_workday(day):
            continue
        for half in law.halves:
            begins = datetime.combine(day, half.begins, at.tzinfo)
            if begins > at and counted[half.code] == least:
                return begins
    return at + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Script:
    """What the caller says: how to begin, what to ask in this order, how to end, and where it is from."""

    code: str
    opening: Text
    questions: tuple[Text, ...]
    closing: Text
    source: str


def script_for(rows: Iterable[Mapping[str, Any]], *, source: str, major: str) -> Script:
    """The script that fits best: one for source and major, then for the major, then for the source, then the general
    one (which names neither). Among equals the first."""
    best, fit = None, -1
    for row in rows:
        sources, majors = row.get("sources", ()), row.get("majors", ())
        if (sources and source not in sources) or (majors and major not in majors):
            continue
        points = 2 * bool(majors) + bool(sources)
        if points > fit:
            best, fit = row, points
    if best is None:
        raise ValueError("the rulebook needs one script without sources and majors")
    return Script(
        best["code"],
        Text(best["opening_zh"], best["opening_en"]),
        tuple(Text(each["zh"], each["en"]) for each in best["question"]),
        Text(best["closing_zh"], best["closing_en"]),
        best.get("source", ""),
    )
