"""How often something may be asked for, and how long one has to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from linli.kernel import errors, throttle, web
from linli.kernel.errors import Problem

pytestmark = pytest.mark.django_db
HOUR = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


def held(at: datetime, most: int = 1) -> Problem:
    with pytest.raises(Problem) as refused:
        throttle.hold("track", "203.0.113.7", most, at=at)
    assert refused.value.error is errors.TOO_MANY
    return refused.value


def test_who_is_held_up_hears_when_the_hour_is_over() -> None:
    throttle.hold("track", "203.0.113.7", 1, at=HOUR)
    assert web.as_json(held(HOUR)).headers["Retry-After"] == "3600"
    assert web.as_json(held(HOUR + timedelta(minutes=59, seconds=59.5))).headers["Retry-After"] == "1"
    throttle.hold("track", "203.0.113.7", 1, at=HOUR + timedelta(hours=1))


def test_another_sender_and_another_purpose_are_counted_apart() -> None:
    throttle.hold("track", "203.0.113.7", 1, at=HOUR)
    throttle.hold("track", "203.0.113.8", 1, at=HOUR)
    throttle.hold("report", "203.0.113.7", 1, at=HOUR)
    held(HOUR)
