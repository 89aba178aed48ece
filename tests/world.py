"""The named test world: a small 禾泾镇 with everybody in it, built by the town's own actions.

Ask for the fixture `town`, or call `build_town(at, small=True)` where a test needs another moment.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from pytest_django import DjangoDbBlocker

from linli.kernel.access import Actor
from linli.people import queries as people
from linli.people.queries import staffing
from linli.project.demo.world import Town, build_town
from tests.kept import Kept, keep

__all__ = ["AT", "OPENED", "Town", "actor", "build_town", "keep_town", "open_town", "town"]

OPENED = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
"""When the town was opened: a Monday, 08:00 in the town."""
AT = OPENED + timedelta(days=8, hours=2)
"""A working moment: Tuesday 10 March 2026, 10:00 in the town."""


def keep_town(opened: datetime, blocker: DjangoDbBlocker) -> Kept[Town]:
    """The small town as it was opened at this moment. For fixtures of the session: nothing must be written yet."""
    with blocker.unblock():
        return keep(lambda: build_town(opened, small=True))


def open_town(kept: Kept[Town]) -> Town:
    """The town in this test's tables, as if the test's own transaction had built it: who works where is asked anew
    at every look, so that a page costs the same queries however long the test takes."""
    town = kept.put()
    staffing.changed_here()
    return town


@pytest.fixture(scope="session")
def _kept_town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Kept[Town]:
    return keep_town(OPENED, django_db_blocker)


@pytest.fixture
def town(_kept_town: Kept[Town], db: None) -> Town:
    """Villages 001 and 201, four area grids (201-2 is vacant), eight micro-grids, all roles and departments."""
    return open_town(_kept_town)


def actor(town: Town, username: str, at: datetime = AT) -> Actor:
    """Somebody of the town (`chen`, `shen`, `lu`, `ma`, `gu`, `yao`, `qian`, `lin` …) as they act at this moment."""
    return people.actor_for(town.accounts[username], at)


def stateful() -> settings:
    """How a random test of a machine runs: 20 runs of 20 steps; `LINLI_STATEFUL=300x50` for a long one."""
    runs, steps = os.environ.get("LINLI_STATEFUL", "20x20").split("x")
    return settings(
        max_examples=int(runs),
        stateful_step_count=int(steps),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        derandomize=settings().derandomize,
        database=None,
        phases=[Phase.generate],  # shrinking on a database takes minutes
    )
