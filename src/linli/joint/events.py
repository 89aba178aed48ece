"""What happens around a whistle, as facts about the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from linli.kernel.journal import Fact
from linli.kernel.text import Text

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WhistleBlown(Fact):
    """A community or the centre blew the whistle: by which template, for whom, why; `waits` for an approval."""

    KIND: ClassVar[str] = "joint.WhistleBlown"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})
    template: str
    name_zh: str
    name_en: str
    to_zh: tuple[str, ...]
    to_en: tuple[str, ...]
    reason: str
    waits: bool = False

    def sentence(self) -> Text:
        """How the history reads."""
        zh, en = ("(待批准)", " (waits for approval)") if self.waits else ("", "")
        return Text(f"吹哨:{self.name_zh}{zh}:{self.reason}", f"Whistle: {self.name_en}{en}: {self.reason}")


@dataclass(frozen=True, slots=True)
class WhistleApproved(Fact):
    """Another than the whistler approved it; the helpers are called."""

    KIND: ClassVar[str] = "joint.WhistleApproved"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    whistle: UUID

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("吹哨已批准", "The whistle was approved")


@dataclass(frozen=True, slots=True)
class WhistleRefused(Fact):
    """It was not approved, or withdrawn by the whistler; nobody is called."""

    KIND: ClassVar[str] = "joint.WhistleRefused"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})
    whistle: UUID
    reason: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"吹哨未批准:{self.reason}", f"The whistle was not approved: {self.reason}")


@dataclass(frozen=True, slots=True)
class MeetingHeld(Fact):
    """A joint meeting: when, where, which helpers came, what was written and decided."""

    KIND: ClassVar[str] = "joint.MeetingHeld"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"minutes", "tasks"})
    meeting: UUID
    held_at: datetime
    place: str
    came_zh: tuple[str, ...]
    came_en: tuple[str, ...]
    minutes: str
    tasks: tuple[str, ...] = ()

    def sentence(self) -> Text:
        """How the history reads."""
        zh, en = "、".join(self.came_zh) or "无", ", ".join(self.came_en) or "nobody"
        return Text(f"召开联席会商({self.place}),到会:{zh}", f"Joint meeting ({self.place}); present: {en}")


@dataclass(frozen=True, slots=True)
class ProblemNoted(Fact):
    """Something stands in the way of the joint work (问题清单)."""

    KIND: ClassVar[str] = "joint.ProblemNoted"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"text"})
    issue: UUID
    text: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"列入问题清单:{self.text}", f"Put on the list of problems: {self.text}")


@dataclass(frozen=True, slots=True)
class ProblemSettled(Fact):
    """It stands in the way no more."""

    KIND: ClassVar[str] = "joint.ProblemSettled"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"solution"})
    issue: UUID
    solution: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"问题已解决:{self.solution}", f"A problem was settled: {self.solution}")


@dataclass(frozen=True, slots=True)
class PartRated(Fact):
    """One side said how the other worked with it. The mark is for the two sides, the duty chief and the auditor: the
    history names it not."""

    KIND: ClassVar[str] = "joint.PartRated"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"comment"})
    part: UUID
    to_zh: str
    to_en: str
    side: str
    mark: str
    comment: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        if self.side == "helper":
            return Text(f"{self.to_zh}评价了吹哨方", f"{self.to_en} rated the caller")
        return Text(f"吹哨方评价了{self.to_zh}", f"The caller rated {self.to_en}")
