"""What happens in a consultation, as facts.

Facts about the case say that something happened and by whom, and hold no words of anybody: everybody who sees the
case reads them. The words stand in facts about the consultation, which only this room reads, as personal text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from linli.consultation.words import GROUND_LABELS, LEVEL_LABELS, RISK_LABELS, Ground, Level, Risk
from linli.kernel.journal import Fact
from linli.kernel.text import Text

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ConsultationAsked(Fact):
    """Opinions were asked for on a case."""

    KIND: ClassVar[str] = "consultation.ConsultationAsked"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    consultation: UUID
    risk: str
    asked_zh: tuple[str, ...]
    asked_en: tuple[str, ...]
    due: datetime
    documents: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("征求意见:{who},风险等级{risk}", "Opinions were asked of {who}; risk level: {risk}").fill(
            who=Text("、".join(self.asked_zh), ", ".join(self.asked_en)), risk=RISK_LABELS[Risk(self.risk)]
        )


@dataclass(frozen=True, slots=True)
class MoreAsked(Fact):
    """Others were asked too while the consultation was open; their limit runs from this moment."""

    KIND: ClassVar[str] = "consultation.MoreAsked"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    consultation: UUID
    asked_zh: tuple[str, ...]
    asked_en: tuple[str, ...]
    due: datetime

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("增加征求意见:{who}", "Opinions were asked of {who} too").fill(
            who=Text("、".join(self.asked_zh), ", ".join(self.asked_en))
        )


@dataclass(frozen=True, slots=True)
class OpinionGiven(Fact):
    """Somebody who was asked gave an opinion, or a new version of it. `digest` is that of the signed note."""

    KIND: ClassVar[str] = "consultation.OpinionGiven"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    consultation: UUID
    opinion: UUID
    who_zh: str
    who_en: str
    version: int
    level: str
    digest: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            "{who}提交意见(第 {n} 版,可见范围:{level})", "{who} gave an opinion (version {n}; for: {level})"
        ).fill(who=Text(self.who_zh, self.who_en), n=self.version, level=LEVEL_LABELS[Level(self.level)])


@dataclass(frozen=True, slots=True)
class OpinionDeclined(Fact):
    """Somebody who was asked will not answer; the reason is with the consultation."""

    KIND: ClassVar[str] = "consultation.OpinionDeclined"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    consultation: UUID
    who_zh: str
    who_en: str
    ground: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("{who}不提供意见:{ground}", "{who} gives no opinion: {ground}").fill(
            who=Text(self.who_zh, self.who_en), ground=GROUND_LABELS[Ground(self.ground)]
        )


@dataclass(frozen=True, slots=True)
class OpinionRead(Fact):
    """Somebody looked at an opinion that is not open to everybody who sees the case."""

    KIND: ClassVar[str] = "consultation.OpinionRead"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    consultation: UUID
    opinion: UUID
    who_zh: str
    who_en: str
    version: int

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            "查看了{who}的保密意见(第 {n} 版)", "Looked at the confidential opinion of {who} (version {n})"
        ).fill(who=Text(self.who_zh, self.who_en), n=self.version)


@dataclass(frozen=True, slots=True)
class AnswerNear(Fact):
    """The rulebook's share of the limit to answer is used."""

    KIND: ClassVar[str] = "consultation.AnswerNear"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    consultation: UUID
    who_zh: str
    who_en: str
    due: datetime

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("{who}的意见即将到期", "The opinion of {who} is due soon").fill(
            who=Text(self.who_zh, self.who_en)
        )


@dataclass(frozen=True, slots=True)
class AnswerMissed(Fact):
    """The limit to answer ran out without an answer."""

    KIND: ClassVar[str] = "consultation.AnswerMissed"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    consultation: UUID
    who_zh: str
    who_en: str
    due: datetime

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("{who}没有按时答复", "{who} did not answer in time").fill(
            who=Text(self.who_zh, self.who_en)
        )


@dataclass(frozen=True, slots=True)
class ConsultationDecided(Fact):
    """It was decided, with every opinion weighed. `digest` is that of the signed note."""

    KIND: ClassVar[str] = "consultation.ConsultationDecided"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    consultation: UUID
    decision: UUID
    version: int
    followed: int
    not_followed: int
    meeting: tuple[str, ...]
    digest: str

    def sentence(self) -> Text:
        """How the history reads."""
        again = Text("", "") if self.version == 1 else Text("重新", "anew ")
        return Text(
            "研判{again}决定:采纳 {yes} 条意见,未采纳 {no} 条",
            "Decided {again}after consultation: {yes} opinions followed, {no} not",
        ).fill(again=again, yes=self.followed, no=self.not_followed)


@dataclass(frozen=True, slots=True)
class ConsultationWithdrawn(Fact):
    """The asking was taken back; the reason is with the consultation."""

    KIND: ClassVar[str] = "consultation.ConsultationWithdrawn"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    consultation: UUID

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("撤回征求意见", "The asking for opinions was withdrawn")


@dataclass(frozen=True, slots=True)
class CaseHandedUp(Fact):
    """The whole file was put together for the level above. `sha256` is that of the archive."""

    KIND: ClassVar[str] = "consultation.CaseHandedUp"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason", "unmasked_reason"})
    dossier: UUID
    to: str
    sha256: str
    size: int
    files: int
    opinions: int
    withheld: int
    unmasked: bool
    reason: str = ""
    unmasked_reason: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        shown = (
            Text(",号码未遮盖:{why}", ", numbers unmasked: {why}").fill(why=self.unmasked_reason)
            if self.unmasked
            else Text("", "")
        )
        return Text(
            "卷宗报送{to}({n} 个文件,不含 {m} 条保密意见{shown})",
            "The dossier was made for {to} ({n} files, without {m} confidential opinions{shown})",
        ).fill(to=self.to, n=self.files, m=self.withheld, shown=shown)


@dataclass(frozen=True, slots=True)
class DossierTaken(Fact):
    """Somebody downloaded a dossier."""

    KIND: ClassVar[str] = "consultation.DossierTaken"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    dossier: UUID
    sha256: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("下载了卷宗", "The dossier was downloaded")


@dataclass(frozen=True, slots=True)
class QuestionAsked(Fact):
    """About the consultation: what was asked."""

    KIND: ClassVar[str] = "consultation.QuestionAsked"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"question"})
    question: str

    def sentence(self) -> Text:
        """What it is."""
        return Text("征求意见的问题", "The question")


@dataclass(frozen=True, slots=True)
class OpinionWritten(Fact):
    """About the consultation: the words of an opinion, with the salt of the digest that its note states."""

    KIND: ClassVar[str] = "consultation.OpinionWritten"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"text", "salt"})
    opinion: UUID
    version: int
    text: str
    salt: str

    def sentence(self) -> Text:
        """What it is."""
        return Text("意见正文(第 {n} 版)", "The words of an opinion (version {n})").fill(n=self.version)


@dataclass(frozen=True, slots=True)
class DecisionWritten(Fact):
    """About the consultation: the words of a decision, and why each opinion was followed or not."""

    KIND: ClassVar[str] = "consultation.DecisionWritten"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"text", "reasons", "salt"})
    decision: UUID
    version: int
    text: str
    reasons: dict[str, str]
    salt: str

    def sentence(self) -> Text:
        """What it is."""
        return Text("决定正文(第 {n} 版)", "The words of a decision (version {n})").fill(n=self.version)


@dataclass(frozen=True, slots=True)
class ReasonWritten(Fact):
    """About the consultation: why somebody declined (`of` is their invitation), why it was withdrawn or
    why nobody waited any longer (`of` is the consultation)."""

    KIND: ClassVar[str] = "consultation.ReasonWritten"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"text"})
    of: UUID
    text: str

    def sentence(self) -> Text:
        """What it is."""
        return Text("理由", "A reason")
