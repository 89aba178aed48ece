"""Which whistle fits, who may blow it, the code of the spot, how far somebody is. Pure: time is passed in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import asin, cos, radians, sin, sqrt

from linli.joint.words import Side, Template
from linli.territory.words import EARTH, Rank


def fits(template: Template, kind: str) -> bool:
    """Whether the template is meant for this kind of matter."""
    return not template.kinds or any(kind.startswith(prefix) for prefix in template.kinds)


def may_start(template: Template, ranks: Iterable[Rank]) -> bool:
    """Whether one of the units from which somebody can whistle is of a rank that may blow this one."""
    return not template.starts.isdisjoint(ranks)


def window(at: datetime, seconds: int) -> int:
    """The number of the code's window in which this moment lies."""
    return int(at.timestamp()) // seconds


def digits(mac: str, count: int) -> str:
    """A code of so many digits from a keyed digest in hex."""
    return f"{int(mac[:15], 16) % 10**count:0{count}d}"


def seconds_left(at: datetime, seconds: int) -> int:
    """How long the present code is shown still, at least one second."""
    return max(seconds - int(at.timestamp()) % seconds, 1)


def metres(lng: float, lat: float, other_lng: float, other_lat: float) -> int:
    """The distance of two points of WGS-84 along the ground (haversine), rounded to metres."""
    one, two = radians(lat), radians(other_lat)
    half = sin((two - one) / 2) ** 2 + cos(one) * cos(two) * sin(radians(other_lng - lng) / 2) ** 2
    return round(2 * EARTH * asin(min(sqrt(half), 1.0)))


def side_of(*, helps: bool, calls: bool) -> Side | None:
    """For which side somebody speaks; for the helper, when they could be both; None for a bystander."""
    if helps:
        return Side.HELPER
    return Side.CALLER if calls else None


def shows_rating(side: Side | None, *, watches: bool) -> bool:
    """Whether a rating is shown: to the two sides, and to those who watch over both (duty chief, auditor)."""
    return side is not None or watches
