"""What the tests of following up share: closed cases with a reporter, people who call, decide and draw."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.words import Answer, State
from linli.followup import actions
from linli.followup.actions import Said
from linli.followup.models import Inspection
from linli.followup.words import Outcome, Solved
from linli.kernel.access import SYSTEM
from linli.people import actions as people
from tests.world import AT, Town, actor

REACHED = Said(Outcome.REACHED, Solved.YES, Answer.SATISFIED, "已经清掉了")
NOBODY = Said(Outcome.NO_ANSWER)
UNSOLVED = Said(Outcome.REACHED, Solved.NO, Answer.UNSATISFIED, "还是一堆垃圾")


def closed(town: Town, at: datetime = AT, resident: UUID | None = None, **changes: Any) -> Case:
    """A case that was closed a little before `at` and waits for the call."""
    return loop.in_state(State.CLOSED, town, at, reporter_id=resident or town.resident, **changes)


def resident(number: int, at: datetime = AT) -> UUID:
    """Another resident with a telephone."""
    return people.register_resident(phone=f"161000{number:05d}", by=SYSTEM, at=at).id


def to_look_at(town: Town, at: datetime) -> dict[str, UUID]:
    """An exclusion that waits, and a drawn case: what the table of who may see what is made with."""
    case = closed(town, at - timedelta(days=1))
    one = actions.ask_exclusion(
        case.id, reason="beyond", words="不是本单位的职责", id=uuid4(), by=actor(town, "ma", at), at=at
    )
    drawn = actions.commit_draw(
        id=uuid4(),
        unit=town.root,
        since=at - timedelta(days=2),
        until=at,
        size=1,
        by=actor(town, "jian", at),
        at=at,
    )
    actions.draw(drawn.id, by=actor(town, "qian", at), at=at)
    inspection = Inspection.objects.get(draw=drawn)
    # Whoever the draw gave it to, among those who may: afterwards always the same.
    actions.take_inspection(inspection.id, by=actor(town, "chen", at), at=at)
    return {"exclusion_id": one.id, "draw_id": drawn.id, "inspection_id": inspection.id}
