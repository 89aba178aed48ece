"""Many hands on one matter: who was called to help, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from linli.kernel.journal import Fact
from linli.kernel.text import Text

NOBODY: frozenset[str] = frozenset()


def _said(zh: str, en: str, text: str) -> Text:
    return Text(f"{zh}:{text}", f"{en}: {text}") if text else Text(zh, en)


@dataclass(frozen=True, slots=True)
class PartsCalled(Fact):
    """Helpers were called: `parts`, `to_*` and `tasks` go together, one place a helper; `timed`, `clocks` and `dues`
    likewise, one place a limit. `caller` is the account that asked for it, which may be another than the one that
    approved and so recorded it."""

    KIND: ClassVar[str] = "cases.PartsCalled"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"tasks"})
    parts: tuple[UUID, ...]
    to_zh: tuple[str, ...]
    to_en: tuple[str, ...]
    timed: tuple[UUID, ...]
    clocks: tuple[str, ...]
    dues: tuple[datetime, ...]
    tasks: tuple[str, ...] = ()
    caller: UUID | None = None

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"召集协办:{'、'.join(self.to_zh)}", f"Called to help: {', '.join(self.to_en)}")


@dataclass(frozen=True, slots=True)
class PartSigned(Fact):
    """A helper has seen the call."""

    KIND: ClassVar[str] = "cases.PartSigned"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    part: UUID
    to_zh: str
    to_en: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"{self.to_zh}已签收协办任务", f"{self.to_en} signed for their part")


@dataclass(frozen=True, slots=True)
class PartContacted(Fact):
    """A helper spoke with whoever called: when, with whom, what will be done, by when (四要素)."""

    KIND: ClassVar[str] = "cases.PartContacted"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"text"})
    part: UUID
    to_zh: str
    to_en: str
    text: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        return _said(f"{self.to_zh}已联系", f"{self.to_en} made contact", self.text)


@dataclass(frozen=True, slots=True)
class PartArrived(Fact):
    """A helper reported in on the spot. `how`: by code, or confirmed by whoever called; `metres` from the matter's
    place, when the position was given: shown, never a reason to refuse."""

    KIND: ClassVar[str] = "cases.PartArrived"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    part: UUID
    to_zh: str
    to_en: str
    how: str = ""
    metres: int | None = None

    def sentence(self) -> Text:
        """How the history reads."""
        by_hand = self.how == "hand"
        zh = f"{self.to_zh}已到场报到" + ("(由吹哨方确认)" if by_hand else "")
        en = f"{self.to_en} reported in on the spot" + (" (confirmed by the caller)" if by_hand else "")
        if self.metres is None:
            return Text(zh, en)
        return Text(f"{zh},距案件位置约 {self.metres} 米", f"{en}, about {self.metres} m from the place")


@dataclass(frozen=True, slots=True)
class PartFinished(Fact):
    """A helper's part is done. `absence`: why nobody came, when that was asked and nobody did."""

    KIND: ClassVar[str] = "cases.PartFinished"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"result", "absence"})
    part: UUID
    to_zh: str
    to_en: str
    result: str
    photos: tuple[str, ...] = ()
    absence: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        said = _said(f"{self.to_zh}完成协办", f"{self.to_en} finished their part", self.result)
        if not self.absence:
            return said
        return Text(f"{said.zh}(未到场:{self.absence})", f"{said.en} (did not come: {self.absence})")


@dataclass(frozen=True, slots=True)
class PartsReleased(Fact):
    """Helpers are needed no more: one, or all when the matter ends or goes elsewhere; `leads`: one that was charged
    with the matter itself."""

    KIND: ClassVar[str] = "cases.PartsReleased"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})
    parts: tuple[UUID, ...]
    to_zh: tuple[str, ...]
    to_en: tuple[str, ...]
    reason: str = ""
    leads: bool = False

    def sentence(self) -> Text:
        """How the history reads."""
        if self.leads:
            return Text(
                f"{'、'.join(self.to_zh)}改为牵头,原协办任务解除",
                f"{', '.join(self.to_en)} leads it now; their part was released",
            )
        return _said(f"解除协办:{'、'.join(self.to_zh)}", f"Released: {', '.join(self.to_en)}", self.reason)


@dataclass(frozen=True, slots=True)
class PartsMoved(Fact):
    """The limits of open parts that stood still while the matter was suspended run on: part, clock and new end."""

    KIND: ClassVar[str] = "cases.PartsMoved"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    parts: tuple[UUID, ...]
    clocks: tuple[str, ...]
    dues: tuple[datetime, ...]

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("协办任务的时限已顺延", "The limits of the parts were moved on")


@dataclass(frozen=True, slots=True)
class PartNear(Fact):
    """A helper's limit is nearly used."""

    KIND: ClassVar[str] = "cases.PartNear"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    part: UUID
    to_zh: str
    to_en: str
    clock: str
    clock_zh: str
    clock_en: str
    due: datetime

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            f"{self.to_zh}的{self.clock_zh}时限将到,已提醒",
            f"{self.to_en}: the limit to {self.clock_en} is near; a warning was given",
        )


@dataclass(frozen=True, slots=True)
class PartMissed(Fact):
    """A helper's limit ran out (部门不报到升级): those above the helper are told."""

    KIND: ClassVar[str] = "cases.PartMissed"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    part: UUID
    to_zh: str
    to_en: str
    clock: str
    clock_zh: str
    clock_en: str
    due: datetime
    raised_to: UUID | None
    raised_zh: str = ""
    raised_en: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            f"{self.to_zh}{self.clock_zh}超过时限,升级至{self.raised_zh}",
            f"{self.to_en}: the limit to {self.clock_en} ran out; raised to {self.raised_en}",
        )
