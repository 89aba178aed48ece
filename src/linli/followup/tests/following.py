"""What the tests of following up share: closed cases with a reporter, people who call, decide and draw."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.words import Answer, State
from linli.followup.actions import Said
from linli.followup.words import Outcome, Solved
from linli.kernel.access import SYSTEM
from linli.people import actions as people
from tests.world import AT, Town

REACHED = Said(Outcome.REACHED, Solved.YES, Answer.SATISFIED, "已经清掉了")
NOBODY = Said(Outcome.NO_ANSWER)
UNSOLVED = Said(Outcome.REACHED, Solved.NO, Answer.UNSATISFIED, "还是一堆垃圾")


def closed(town: Town, at: datetime = AT, resident: UUID | None = None, **changes: Any) -> Case:
    """A case that was closed a little before `at` and waits for the call."""
    return loop.in_state(State.CLOSED, town, at, reporter_id=resident or town.resident, **changes)


def resident(number: int, at: datetime = AT) -> UUID:
    """Another resident with a telephone."""
    return people.register_resident(phone=f"161000{number:05d}", by=SYSTEM, at=at).id


def write_id() -> UUID:
    """A client's id of a write."""
    return uuid4()
