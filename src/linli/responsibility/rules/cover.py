"""Whether contracts cover a unit on a day, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from linli.kernel.text import Text

DAY = timedelta(days=1)


class Cover(StrEnum):
    """How a unit stands on a day."""

    GAP = "gap"
    EXPIRING = "expiring"
    COVERED = "covered"

    @property
    def label(self) -> Text:
        """As the page says it."""
        return _LABELS[self]


_LABELS = {
    Cover.GAP: Text("无顾问", "No adviser"),
    Cover.EXPIRING: Text("即将到期", "Expires soon"),
    Cover.COVERED: Text("已覆盖", "Covered"),
}


class Span(NamedTuple):
    """From which day to which a contract holds, both included."""

    first: date
    last: date


def covered_until(spans: Iterable[Span], day: date) -> date | None:
    """The last day of the unbroken time in which some contract holds, as it runs on `day`; None: none does."""
    last = day - DAY
    for span in sorted(spans):
        if span.first <= last + DAY and span.last > last:
            last = span.last
    return last if last >= day else None


def standing(spans: Iterable[Span], day: date, warn_days: int) -> tuple[Cover, date | None]:
    """How it stands on `day`, with the last covered day. It expires soon when that is at most `warn_days` off."""
    until = covered_until(spans, day)
    if until is None:
        return Cover.GAP, None
    return (Cover.EXPIRING if until - day <= timedelta(days=warn_days) else Cover.COVERED), until
