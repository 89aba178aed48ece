"""The named test world: a small 禾泾镇 with everybody in it, built by the town's own actions.

Ask for the fixture `town`, or call `build_town(at, small=True)` where a test needs another moment.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest

from linli.kernel.access import Actor
from linli.people import queries as people
from linli.project.demo.world import Town, build_town

__all__ = ["AT", "OPENED", "Town", "actor", "build_town", "town"]

OPENED = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
"""When the town was opened: a Monday, 08:00 in the town."""
AT = OPENED + timedelta(days=8, hours=2)
"""A working moment: Tuesday 10 March 2026, 10:00 in the town."""


@pytest.fixture
def town(db: None) -> Town:
    """Villages 001 and 201, four area grids (201-2 is vacant), eight micro-grids, all roles and departments."""
    return build_town(OPENED, small=True)


def actor(town: Town, username: str, at: datetime = AT) -> Actor:
    """Somebody of the town (`chen`, `shen`, `lu`, `ma`, `gu`, `yao`, `qian`, `lin` …) as they act at this moment."""
    return people.actor_for(town.accounts[username], at)


def stateful() -> tuple[int, int]:
    """How many runs of how many steps a random test of a machine makes; `LINLI_STATEFUL=300x50` for a long one."""
    runs, steps = os.environ.get("LINLI_STATEFUL", "20x20").split("x")
    return int(runs), int(steps)
