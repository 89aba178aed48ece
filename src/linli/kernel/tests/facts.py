"""Facts, actors and moments for the kernel's own tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

from linli.kernel.access import Actor, HeldPost
from linli.kernel.journal import Fact
from linli.kernel.text import Text

AT = datetime(2026, 3, 2, 1, 30, 0, 123456, tzinfo=UTC)
POST = HeldPost(UUID(int=7), "dispatcher", UUID(int=8), None, Text("派遣员", "Dispatcher"))
CLERK = Actor("account", account_id=UUID(int=1), name="王芳", posts=(POST,))
RESIDENT = Actor("resident", resident_id=UUID(int=2), name="李四")


class Colour(Enum):
    """A closed set."""

    RED = "red"


@dataclass(frozen=True, slots=True)
class Spot:
    """A value inside a fact."""

    x: Decimal
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Noted(Fact):
    """Something with a personal text."""

    KIND: ClassVar[str] = "kerneltests.Noted"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"words", "phones"})
    number: int
    words: str = ""
    phones: tuple[str, ...] = ()

    def sentence(self) -> Text:
        """How it reads."""
        return Text("记下 {n}", "Noted {n}").fill(n=self.number)


@dataclass(frozen=True, slots=True)
class Everything(Fact):
    """Every type that a fact may hold."""

    KIND: ClassVar[str] = "kerneltests.Everything"
    who: UUID
    when: datetime
    day: date
    amount: Decimal
    colour: Colour
    spot: Spot
    ids: tuple[UUID, ...]
    pair: tuple[int, str]
    maybe: UUID | None
    late: datetime | None
    extra: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Heard(Fact):
    """What the story of the tests hears."""

    KIND: ClassVar[str] = "kerneltests.Heard"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"words"})
    number: int
    words: str = ""
