"""What happens after closing, as facts about the case or about the draw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from linli.followup.words import Found, Solved
from linli.kernel.journal import Fact
from linli.kernel.text import Text

NOBODY: frozenset[str] = frozenset()


def _said(zh: str, en: str, words: str) -> Text:
    return Text(f"{zh}({words})", f"{en} ({words})") if words else Text(zh, en)


@dataclass(frozen=True, slots=True)
class CallAnswered(Fact):
    """The reporter was reached and said whether it is solved; how content they are is the case's own fact."""

    KIND: ClassVar[str] = "followup.CallAnswered"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    solved: str

    def sentence(self) -> Text:
        """How the history reads."""
        label = Solved(self.solved).label
        return Text(f"回访接通,诉求人认为:{label.zh}", f"Reached; the reporter says: {label.en}")


@dataclass(frozen=True, slots=True)
class CallsDeclined(Fact):
    """The reporter asked not to be called after closing, until a date."""

    KIND: ClassVar[str] = "followup.CallsDeclined"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    until: datetime

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("诉求人要求不再回访", "The reporter asked not to be called")


@dataclass(frozen=True, slots=True)
class CallsWelcome(Fact):
    """The reporter may be called again."""

    KIND: ClassVar[str] = "followup.CallsWelcome"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("诉求人同意恢复回访", "The reporter may be called again")


@dataclass(frozen=True, slots=True)
class ExclusionAsked(Fact):
    """A department asks that the case be left out of rates, for a reason of the rulebook."""

    KIND: ClassVar[str] = "followup.ExclusionAsked"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"words"})
    exclusion: UUID
    reason: str
    reason_zh: str
    reason_en: str
    words: str

    def sentence(self) -> Text:
        """How the history reads."""
        return _said(
            f"申请从三率中剔除:{self.reason_zh}",
            f"Exclusion from the rates asked: {self.reason_en}",
            self.words,
        )


@dataclass(frozen=True, slots=True)
class ExclusionDecided(Fact):
    """Somebody other than the asker granted or refused it."""

    KIND: ClassVar[str] = "followup.ExclusionDecided"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"words"})
    exclusion: UUID
    granted: bool
    words: str

    def sentence(self) -> Text:
        """How the history reads."""
        if self.granted:
            return _said("同意剔除", "The exclusion was granted", self.words)
        return _said("不同意剔除", "The exclusion was refused", self.words)


@dataclass(frozen=True, slots=True)
class ExclusionAppealed(Fact):
    """The decision was appealed against, which is possible once."""

    KIND: ClassVar[str] = "followup.ExclusionAppealed"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"words"})
    exclusion: UUID
    words: str

    def sentence(self) -> Text:
        """How the history reads."""
        return _said("对剔除结论提出申诉", "The decision on the exclusion was appealed against", self.words)


@dataclass(frozen=True, slots=True)
class ExclusionSettled(Fact):
    """The appeal was decided: this is final."""

    KIND: ClassVar[str] = "followup.ExclusionSettled"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"words"})
    exclusion: UUID
    granted: bool
    words: str

    def sentence(self) -> Text:
        """How the history reads."""
        if self.granted:
            return _said("申诉审定:剔除", "After the appeal: left out", self.words)
        return _said("申诉审定:不剔除", "After the appeal: it counts", self.words)


@dataclass(frozen=True, slots=True)
class DrawCommitted(Fact):
    """A sample will be drawn from these cases with a seed whose hash is published now, before anybody can know it."""

    KIND: ClassVar[str] = "followup.DrawCommitted"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    unit: UUID
    since: datetime
    until: datetime
    population: int
    population_sha256: str
    size: int
    commitment: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            f"复查抽样承诺:总体 {self.population} 件,抽 {self.size} 件,种子哈希 {self.commitment}",
            f"Draw committed: {self.size} of {self.population} cases, hash of the seed {self.commitment}",
        )


@dataclass(frozen=True, slots=True)
class DrawRevealed(Fact):
    """The seed was shown and the sample drawn with it."""

    KIND: ClassVar[str] = "followup.DrawRevealed"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    seed: str
    sample: tuple[str, ...]

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            f"公开种子并抽出 {len(self.sample)} 件", f"The seed was shown and {len(self.sample)} cases drawn"
        )


@dataclass(frozen=True, slots=True)
class InspectionAssigned(Fact):
    """Somebody who neither handled nor checked the case is to look at it again."""

    KIND: ClassVar[str] = "followup.InspectionAssigned"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    inspection: UUID
    checker: UUID | None

    def sentence(self) -> Text:
        """How the history reads."""
        if self.checker is None:
            return Text("抽中复查,等待接手", "Drawn for re-inspection; nobody has taken it yet")
        return Text("抽中复查,已指定复查人", "Drawn for re-inspection; a checker has it")


@dataclass(frozen=True, slots=True)
class CaseInspected(Fact):
    """What the re-inspection found on the spot."""

    KIND: ClassVar[str] = "followup.CaseInspected"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"words"})
    inspection: UUID
    found: str
    words: str
    pictures: tuple[str, ...] = ()

    def sentence(self) -> Text:
        """How the history reads."""
        label = Found(self.found).label
        return _said(f"复查:{label.zh}", f"Re-inspection: {label.en}", self.words)
