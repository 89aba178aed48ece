"""The only place that reads the wall clock. Everything else is given `at=`."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.conf import settings


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one reader of the wall clock


def town_zone() -> ZoneInfo:
    """The zone in which the town reads its clocks."""
    return ZoneInfo(settings.TIME_ZONE)


def local(moment: datetime) -> datetime:
    """The same moment as the town's clocks show it."""
    return moment.astimezone(town_zone())
