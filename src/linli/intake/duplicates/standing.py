"""All open matters in memory, for work that asks thousands of times: batches. Kept a process, brought up to date.

What is read is never older than the last call. Matters that have ended since stay in memory until the index is made
anew; whoever asks leaves them out (`queries.rows_alike`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from linli.intake.duplicates.index import Hit, Index
from linli.intake.duplicates.rules import Law, Matter

RENEW_SECONDS = 900.0
BEHIND = 2_000
"""So many numbers are read again each time: a matter with a lower number can be committed after one with a higher."""
Read = Callable[[int], Iterator[tuple[int, Matter]]]
"""Gives the number and the matter of every open one whose number is higher."""


@dataclass(frozen=True, slots=True)
class _Known:
    index: Index
    keys: set[str]
    since: float


class Standing:
    """The index of open matters. For several threads: one at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: _Known | None = None
        self._last = 0

    def forget(self) -> None:
        """Read everything again at the next use."""
        with self._lock:
            self._known, self._last = None, 0

    def ask(
        self, asked: list[Matter], law: Law, *, at: datetime, read: Read, most: int, least: float
    ) -> list[list[Hit]]:
        """For each of these the open matters most like it, best first."""
        with self._lock:
            known = self._renewed(law, at.timestamp())
            for serial, matter in read(self._last - BEHIND):
                self._last = max(self._last, serial)
                if matter.key not in known.keys:
                    known.keys.add(matter.key)
                    known.index.add(matter)
            return [known.index.query(each, most=most, least=least) for each in asked]

    def _renewed(self, law: Law, now: float) -> _Known:
        known = self._known
        if known is None or known.index.law != law or not 0 <= now - known.since < RENEW_SECONDS:
            known = self._known = _Known(Index(law), set(), now)
            self._last = 0
        return known


OPEN = Standing()
