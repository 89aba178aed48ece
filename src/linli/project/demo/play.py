"""What a plot holds of its case: the moment, the people, and how to act."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from linli.cases.actions import moves
from linli.kernel.access import Actor

if TYPE_CHECKING:
    from .history import History, Matter


@dataclass(slots=True)
class Play:
    """A plot's case and its moment."""

    history: History
    matter: Matter
    at: datetime

    @property
    def id(self) -> UUID:
        """The case."""
        return self.matter.id

    def before_end(self, hours: float) -> datetime:
        """So many hours before the visitor comes."""
        return self.history.end - timedelta(hours=hours)

    def actor(self, username: str) -> Actor:
        """Somebody, at this moment."""
        return self.history.actor(username, self.at)

    @property
    def handler(self) -> Actor:
        """Whoever has it in hand."""
        return self.actor(self.matter.handler)

    def office(self, code: str) -> UUID:
        """A department."""
        return self.history.town.departments[code]

    def person(self, username: str) -> UUID:
        """An account."""
        return self.history.town.accounts[username]

    def sign(self) -> None:
        """Whoever is charged signs."""
        moves.sign(self.id, by=self.handler, at=self.at)

    def go_on(self, step: str) -> None:
        """From here on as every case, in ordinary time."""
        arrival = self.matter.arrival
        arrival.stop, arrival.fast = "end", False
        self.history.then(self.at + timedelta(minutes=7), getattr(self.history, step), self.matter)


Plot = Callable[[Play], Iterator[datetime]]
