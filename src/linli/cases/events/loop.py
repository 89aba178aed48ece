"""The plain loop, from the report to the reporter's answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from linli.cases.words import SOURCE_LABELS, Answer, Source
from linli.kernel.journal import Fact
from linli.kernel.text import Text

NOBODY: frozenset[str] = frozenset()


def said(zh: str, en: str, text: str) -> Text:
    """A heading, and what somebody said under it, if anything."""
    return Text(f"{zh}:{text}", f"{en}: {text}") if text else Text(zh, en)


def because(zh: str, en: str, label: Text, note: str) -> Text:
    """A heading, the reason's words and what somebody added, as far as each is there."""
    return Text(
        ":".join(part for part in (zh, label.zh, note) if part),
        ": ".join(part for part in (en, label.en, note) if part),
    )


@dataclass(frozen=True, slots=True)
class CaseReported(Fact):
    """A matter came in through one of the doors and was located."""

    KIND: ClassVar[str] = "cases.CaseReported"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"text"})
    source: str
    kind: str
    catalogue: int
    unit: str
    located: str
    text: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        return SOURCE_LABELS[Source(self.source)]


@dataclass(frozen=True, slots=True)
class VerificationAsked(Fact):
    """A clerk asked the nearest grid worker to look before the matter is accepted."""

    KIND: ClassVar[str] = "cases.VerificationAsked"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("请网格员到现场核实", "A grid worker was asked to verify on the spot")


@dataclass(frozen=True, slots=True)
class CaseVerified(Fact):
    """Somebody went and looked."""

    KIND: ClassVar[str] = "cases.CaseVerified"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"finding"})
    finding: str
    photos: tuple[str, ...] = ()

    def sentence(self) -> Text:
        """How the history reads."""
        return said("核实", "Verified", self.finding)


@dataclass(frozen=True, slots=True)
class CaseAccepted(Fact):
    """The matter is the town's to handle."""

    KIND: ClassVar[str] = "cases.CaseAccepted"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    kind: str
    placed: UUID | None = None

    def sentence(self) -> Text:
        """How the history reads."""
        if self.placed:
            return Text("已受理,并由受理员确定所在网格", "Accepted, and placed in its unit by the clerk")
        return Text("已受理", "Accepted")


@dataclass(frozen=True, slots=True)
class CaseDeclined(Fact):
    """The matter is not taken, for a reason of the rulebook, and the reporter is told where to turn."""

    KIND: ClassVar[str] = "cases.CaseDeclined"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"note"})
    reason: str
    reason_zh: str
    reason_en: str
    note: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        note = f"({self.note})" if self.note else ""
        return Text(f"不予受理:{self.reason_zh}{note}", f"Declined: {self.reason_en}{note}")


@dataclass(frozen=True, slots=True)
class CaseRegistered(Fact):
    """The matter is registered under a condition of the catalogue, which sets its limit."""

    KIND: ClassVar[str] = "cases.CaseRegistered"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    condition: str
    condition_zh: str
    condition_en: str
    limit: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"立案:{self.condition_zh}", f"Registered: {self.condition_en}")


@dataclass(frozen=True, slots=True)
class CaseDispatched(Fact):
    """A post or department is charged with it, by a deadline, for a reason."""

    KIND: ClassVar[str] = "cases.CaseDispatched"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"note"})
    to_zh: str
    to_en: str
    department: UUID | None
    post: UUID | None
    due: datetime
    provisional: bool
    limit: str
    why_zh: tuple[str, ...] = ()
    why_en: tuple[str, ...] = ()
    note: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        return said(f"派给{self.to_zh}", f"Dispatched to {self.to_en}", self.note)


@dataclass(frozen=True, slots=True)
class CaseSigned(Fact):
    """The one charged has seen it and begins."""

    KIND: ClassVar[str] = "cases.CaseSigned"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("已签收,开始处置", "Signed for; handling began")


@dataclass(frozen=True, slots=True)
class ProgressNoted(Fact):
    """A word on how the work goes."""

    KIND: ClassVar[str] = "cases.ProgressNoted"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"text"})
    text: str
    photos: tuple[str, ...] = ()

    def sentence(self) -> Text:
        """How the history reads."""
        return said("进展", "Progress", self.text)


@dataclass(frozen=True, slots=True)
class CaseHandedIn(Fact):
    """The work is reported as done, with its evidence."""

    KIND: ClassVar[str] = "cases.CaseHandedIn"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"result"})
    result: str
    photos: tuple[str, ...] = ()

    def sentence(self) -> Text:
        """How the history reads."""
        return said("处置完成", "Handled", self.result)


@dataclass(frozen=True, slots=True)
class CaseSettled(Fact):
    """A small matter of the micro-grid was settled on the spot by who found it."""

    KIND: ClassVar[str] = "cases.CaseSettled"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"result"})
    result: str
    photos: tuple[str, ...] = ()

    def sentence(self) -> Text:
        """How the history reads."""
        return said("现场自处置即办", "Settled on the spot", self.result)


@dataclass(frozen=True, slots=True)
class CheckTaken(Fact):
    """Somebody other than the handler goes to check."""

    KIND: ClassVar[str] = "cases.CheckTaken"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("已领取核查任务", "The check was taken up")


@dataclass(frozen=True, slots=True)
class CheckPassed(Fact):
    """The work was found done."""

    KIND: ClassVar[str] = "cases.CheckPassed"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"note"})
    note: str = ""
    photos: tuple[str, ...] = ()

    def sentence(self) -> Text:
        """How the history reads."""
        return said("核查通过", "Check passed", self.note)


@dataclass(frozen=True, slots=True)
class RedoOrdered(Fact):
    """The work was found wanting and goes back to the handler; the deadline stays.

    `reason` is what was written; `reason_code` with its words the rulebook's reason, if one was chosen.
    """

    KIND: ClassVar[str] = "cases.RedoOrdered"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})
    reason: str
    photos: tuple[str, ...] = ()
    raised_to: UUID | None = None
    reason_code: str = ""
    reason_zh: str = ""
    reason_en: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        label = Text(self.reason_zh, self.reason_en)
        return because("退回返工", "Sent back for redoing", label, self.reason)


@dataclass(frozen=True, slots=True)
class CaseClosed(Fact):
    """The closing standard is met."""

    KIND: ClassVar[str] = "cases.CaseClosed"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    standard_zh: str
    standard_en: str
    verdict: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"结案:{self.standard_zh}", f"Closed: {self.standard_en}")


@dataclass(frozen=True, slots=True)
class ReporterAsked(Fact):
    """The reporter was called; what came of the call."""

    KIND: ClassVar[str] = "cases.ReporterAsked"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"text"})
    text: str

    def sentence(self) -> Text:
        """How the history reads."""
        return said("回访", "Reporter called", self.text)


@dataclass(frozen=True, slots=True)
class CaseRated(Fact):
    """The reporter's answer."""

    KIND: ClassVar[str] = "cases.CaseRated"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"comment"})
    answer: str
    comment: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        label = Answer(self.answer).label
        return said(f"诉求人评价:{label.zh}", f"Reporter's answer: {label.en}", self.comment)


@dataclass(frozen=True, slots=True)
class CaseReopened(Fact):
    """The reporter is not content; it is handled again, one level up. The reason as in RedoOrdered."""

    KIND: ClassVar[str] = "cases.CaseReopened"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})
    reason: str
    raised_to: str
    reason_code: str = ""
    reason_zh: str = ""
    reason_en: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        return because("重开", "Reopened", Text(self.reason_zh, self.reason_en), self.reason)


@dataclass(frozen=True, slots=True)
class CaseVoided(Fact):
    """It was no matter at all (a test, a slip); it stays on record."""

    KIND: ClassVar[str] = "cases.CaseVoided"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"note"})
    reason: str
    reason_zh: str
    reason_en: str
    note: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        note = f"({self.note})" if self.note else ""
        return Text(f"作废:{self.reason_zh}{note}", f"Void: {self.reason_en}{note}")


@dataclass(frozen=True, slots=True)
class DeadlineNear(Fact):
    """Four fifths of a limit are used."""

    KIND: ClassVar[str] = "cases.DeadlineNear"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    clock: str
    clock_zh: str
    clock_en: str
    due: datetime

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            f"{self.clock_zh}时限将到,已提醒", f"The limit to {self.clock_en} is near; a warning was given"
        )


@dataclass(frozen=True, slots=True)
class DeadlineMissed(Fact):
    """A limit ran out; the matter is raised to the unit above."""

    KIND: ClassVar[str] = "cases.DeadlineMissed"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
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
            f"{self.clock_zh}超过时限,升级至{self.raised_zh}",
            f"The limit to {self.clock_en} ran out; raised to {self.raised_en}",
        )


@dataclass(frozen=True, slots=True)
class DeadlineSettled(Fact):
    """The year's calendar was published: a deadline that was provisional is now certain."""

    KIND: ClassVar[str] = "cases.DeadlineSettled"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    was: datetime
    due: datetime

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            "工作日历已公布,处置时限已确定", "The calendar was published; the deadline is now certain"
        )


@dataclass(frozen=True, slots=True)
class ReporterRevealed(Fact):
    """Somebody looked at the reporter's telephone number, and why."""

    KIND: ClassVar[str] = "cases.ReporterRevealed"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    reason: str

    def sentence(self) -> Text:
        """How the history reads."""
        return said("查看了诉求人电话", "Looked at the reporter's number", self.reason)


@dataclass(frozen=True, slots=True)
class CaseImported(Fact):
    """A matter that another system handled was taken over with its recorded times."""

    KIND: ClassVar[str] = "cases.CaseImported"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    source: str
    number: str
    kind: str
    unit: str
    due: datetime | None
    closed: datetime | None

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            f"从其他系统导入(原编号 {self.number})",
            f"Imported from another system (its number {self.number})",
        )
