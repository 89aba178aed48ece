"""Bounds on how often something may be asked for, counted in the database so that all processes agree."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from django.db import connection

from linli.kernel.errors import TOO_MANY, Problem
from linli.kernel.fields import blind_index

WINDOW = timedelta(hours=1)


def hold(name: str, who: str, most: int, *, at: datetime) -> None:
    """Count one use of `name` by `who` and refuse with 429 once there were more than `most` in this hour.

    The refusal's `seconds` say how long until the hour is over.

    `who` is kept only as a keyed digest. One statement, in autocommit: a refusal later on does not undo it.
    """
    key = blind_index("throttle", f"{name}|{who}")[:40]
    hour = int(at.timestamp() // WINDOW.total_seconds())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_throttle (key, hour, uses) VALUES (%s, %s, 1) "
            "ON CONFLICT (key, hour) DO UPDATE SET uses = kernel_throttle.uses + 1 RETURNING uses",
            [key, hour],
        )
        uses = cursor.fetchone()[0]
    if uses > most:
        length = WINDOW.total_seconds()
        raise Problem(TOO_MANY, seconds=ceil(length - at.timestamp() % length))


def tidy(at: datetime) -> int:
    """Forget the counts of hours that are over."""
    hour = int(at.timestamp() // WINDOW.total_seconds())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_throttle WHERE hour < %s", [hour - 1])
        return int(cursor.rowcount)
