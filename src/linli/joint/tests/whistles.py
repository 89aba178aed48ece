"""What the tests of this room share: a whistle on a case that is being handled, and its parts."""

from __future__ import annotations

from typing import Any

from linli.cases import queries as cases
from linli.cases.models import Assignment, Case
from linli.cases.tests.loop import in_state
from linli.cases.words import State
from linli.joint import actions
from linli.joint.models import Whistle
from linli.joint.words import Asked
from tests.world import AT, Town, actor

TASK, REASON = "到场联合查看", "占道经营屡劝不改,请联合处理"


def asked(town: Town, *codes: str, task: str = TASK) -> list[Asked]:
    """These departments, each with the task."""
    return [Asked(department=town.departments[code], task=task) for code in codes]


def blown(
    town: Town, *codes: str, case: Case | None = None, who: str = "zhou", template: str = "advance", at: Any = AT, **more: Any
) -> Whistle:  # fmt: skip
    """A whistle on a case of the sanitation office, by default for urban management and the safety office."""
    case = case or in_state(State.HANDLING, town, at)
    return actions.whistle(
        case.id, template=template, helpers=asked(town, *(codes or ("CG", "PA"))), reason=REASON,
        by=actor(town, who, at), at=at, **more,
    )  # fmt: skip


def part(whistle: Whistle, town: Town, code: str) -> Assignment:
    """The part of this department."""
    return next(p for p in cases.parts_of(whistle.case_id) if p.department_id == town.departments[code])
