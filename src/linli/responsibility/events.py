"""What happens to chiefs, contracts and squads, as facts about the place, the contract, the squad."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from linli.kernel.journal import Fact
from linli.kernel.text import Text

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ChiefNamed(Fact):
    """A post answers for a place from a day on."""

    KIND: ClassVar[str] = "responsibility.ChiefNamed"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    place_zh: str
    place_en: str
    post: UUID
    title_zh: str
    title_en: str
    since: date

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            f"{self.title_zh}自 {self.since} 起担任{self.place_zh}责任长",
            f"{self.title_en} is chief of {self.place_en} from {self.since}",
        )


@dataclass(frozen=True, slots=True)
class ChiefEnded(Fact):
    """A post no longer answers for a place."""

    KIND: ClassVar[str] = "responsibility.ChiefEnded"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})
    chief: UUID
    until: date
    reason: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            f"责任长自 {self.until} 起卸任:{self.reason}", f"The chief left on {self.until}: {self.reason}"
        )


@dataclass(frozen=True, slots=True)
class ContractSigned(Fact):
    """A firm's lawyer advises units by contract."""

    KIND: ClassVar[str] = "responsibility.ContractSigned"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"lawyer"})
    firm: str
    lawyer: str
    units: tuple[UUID, ...]
    starts: date
    ends: date
    renews: UUID | None

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            f"{self.firm}签约担任 {len(self.units)} 个村居的法律顾问,{self.starts} 至 {self.ends}",
            f"{self.firm} advises {len(self.units)} villages from {self.starts} to {self.ends}",
        )


@dataclass(frozen=True, slots=True)
class ContractEnded(Fact):
    """A contract was ended before its last day."""

    KIND: ClassVar[str] = "responsibility.ContractEnded"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})
    ended_on: date
    reason: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            f"合同自 {self.ended_on} 起终止:{self.reason}",
            f"The contract ended on {self.ended_on}: {self.reason}",
        )


@dataclass(frozen=True, slots=True)
class SquadSet(Fact):
    """A squad was formed, or has other units or leaders."""

    KIND: ClassVar[str] = "responsibility.SquadSet"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    name: str
    units: tuple[UUID, ...]
    posts: tuple[UUID, ...]
    formed: bool

    def sentence(self) -> Text:
        """How the history reads."""
        zh, en = ("组建", "was formed") if self.formed else ("调整", "was changed")
        return Text(
            f"{zh}网格治理中队{self.name},含 {len(self.units)} 个网格",
            f"Squad {self.name} {en}, with {len(self.units)} units",
        )


@dataclass(frozen=True, slots=True)
class SquadDissolved(Fact):
    """A squad is no more; its units stand on their own again."""

    KIND: ClassVar[str] = "responsibility.SquadDissolved"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})
    reason: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"撤销中队:{self.reason}", f"The squad was dissolved: {self.reason}")


@dataclass(frozen=True, slots=True)
class SquadClaimed(Fact):
    """A member claimed a case for the squad."""

    KIND: ClassVar[str] = "responsibility.SquadClaimed"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    case: UUID

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("中队领办一件任务", "The squad claimed a task")
