"""The handling deadline of a case worked out again from its record: what was limited, from when, what stood still.

Whoever doubts a deadline can follow it: nothing here reads the deadline that the record names, except where it
came from another case (merging) or from a calendar that was published later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from linli.cases import events
from linli.cases.words import Wish
from linli.kernel.journal import Fact
from linli.kernel.worktime import Calendar, Limit, deadline, resumed

READ = (
    events.CaseDispatched, events.WishAsked, events.WishGranted, events.CaseResumed, events.CaseReopened,
    events.CaseJoined, events.CaseParted, events.DeadlineSettled, events.CaseImported,
)  # fmt: skip
"""The facts on which a deadline rests; every other fact may be left out."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A deadline as it stood after some facts. `limit` is the original one, `paused` since when it stands still;
    `provisional` when it rests on a calendar that is not published."""

    due: datetime | None = None
    provisional: bool = False
    limit: Limit | None = None
    paused: datetime | None = None
    asked: dict[UUID, Limit] = field(default_factory=dict)


def replay(facts: Iterable[tuple[Fact, datetime]], calendar: Calendar) -> Replayed:
    """The deadline after these facts of one case, oldest first, each with its moment."""
    state = Replayed()
    for fact, at in facts:
        state = after(state, fact, at, calendar)
    return state


def after(state: Replayed, fact: Fact, at: datetime, calendar: Calendar) -> Replayed:
    """The deadline after one more fact.

    The first dispatch of a round begins the limit and no later one resets it; an extension is counted from the
    deadline that was; a suspension leaves as much as there was left (domain reference §1.5).
    """
    if isinstance(fact, events.CaseDispatched) and state.due is None:
        limit = Limit.parse(fact.limit)
        due, provisional = deadline(at, limit, calendar)
        return replace(state, due=due, provisional=provisional, limit=limit)
    if isinstance(fact, events.WishAsked) and fact.amount:
        return replace(state, asked={**state.asked, fact.request: Limit.parse(fact.amount)})
    if isinstance(fact, events.WishGranted):
        return _granted(state, fact, at, calendar)
    if isinstance(fact, events.CaseResumed) and state.due and state.paused and state.limit:
        due, provisional = resumed(state.due, state.paused, at, state.limit.unit, calendar)
        return replace(state, due=due, provisional=provisional, paused=None)
    if isinstance(fact, events.CaseReopened):
        return Replayed(asked=state.asked)
    if isinstance(fact, events.CaseJoined | events.CaseParted | events.DeadlineSettled | events.CaseImported):
        return replace(state, due=fact.due)
    return state


def _granted(state: Replayed, fact: events.WishGranted, at: datetime, calendar: Calendar) -> Replayed:
    if fact.wish == Wish.SUSPENSION:
        return replace(state, paused=at)
    more = state.asked.get(fact.request)
    if fact.wish == Wish.EXTENSION and more is not None and state.due is not None:
        due, provisional = deadline(state.due, more, calendar)
        return replace(state, due=due, provisional=provisional)
    return state
