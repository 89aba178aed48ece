"""When several have a hand in a matter: returns and rulings, requests, supervision, merging, passing it out of town."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from linli.cases.events.loop import NOBODY, because, said
from linli.cases.words import Card, Wish
from linli.kernel.clock import local
from linli.kernel.journal import Fact
from linli.kernel.text import Text
from linli.kernel.worktime import Limit


@dataclass(frozen=True, slots=True)
class CaseReturned(Fact):
    """Whoever was charged says that it is not theirs, and by which entry of the duty list."""

    KIND: ClassVar[str] = "cases.CaseReturned"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})
    by_zh: str
    by_en: str
    department: UUID | None
    post: UUID | None
    reason: str
    basis: str
    reason_code: str = ""
    reason_zh: str = ""
    reason_en: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        head = because(
            f"{self.by_zh}退单",
            f"Returned by {self.by_en}",
            Text(self.reason_zh, self.reason_en),
            self.reason,
        )
        return Text(f"{head.zh}(依据:{self.basis})", f"{head.en} (basis: {self.basis})")


@dataclass(frozen=True, slots=True)
class RulingMade(Fact):
    """The duty chief said who answers for it; nobody may return it after that, and the next one is shown it."""

    KIND: ClassVar[str] = "cases.RulingMade"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    ruling: UUID
    to_zh: str
    to_en: str
    department: UUID | None
    post: UUID | None
    reason: str
    due: datetime
    provisional: bool

    def sentence(self) -> Text:
        """How the history reads."""
        return said(f"职责裁定:由{self.to_zh}承办", f"Ruled: {self.to_en} handles it", self.reason)


@dataclass(frozen=True, slots=True)
class ReporterContacted(Fact):
    """Whoever handles it spoke with the reporter before the work was done (先行联系)."""

    KIND: ClassVar[str] = "cases.ReporterContacted"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"text"})
    text: str

    def sentence(self) -> Text:
        """How the history reads."""
        return said("已联系诉求人", "Spoke with the reporter", self.text)


def _until(moment: datetime | None) -> Text:
    """Behind what was asked or granted: until when, to the minute, as it is read on other days too."""
    if moment is None:
        return Text("", "")
    here = local(moment)
    if (here.hour, here.minute) == (0, 0):  # the end of the day before
        day = f"{here - timedelta(days=1):%Y-%m-%d}"
        return Text(f"(至 {day} 24:00)", f" (until the end of {day})")
    return Text(f"(至 {here:%Y-%m-%d %H:%M})", f" (until {here:%Y-%m-%d %H:%M})")


@dataclass(frozen=True, slots=True)
class WishAsked(Fact):
    """Somebody asks for more time, for a suspension, or that being late be not counted."""

    KIND: ClassVar[str] = "cases.WishAsked"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})
    request: UUID
    wish: str
    reason: str
    amount: str = ""
    until: datetime | None = None

    def sentence(self) -> Text:
        """How the history reads."""
        label, more = Wish(self.wish).label, self._how_much()
        return said(f"提出{label.zh}{more.zh}", f"Asked for: {label.en}{more.en}", self.reason)

    def _how_much(self) -> Text:
        if self.amount:
            asked = Limit.parse(self.amount).label
            return Text(f"({asked.zh})", f" ({asked.en})")
        return _until(self.until)


@dataclass(frozen=True, slots=True)
class WishHeard(Fact):
    """One of several who have to agree agreed."""

    KIND: ClassVar[str] = "cases.WishHeard"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"note"})
    request: UUID
    wish: str
    note: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        label = Wish(self.wish).label
        return said(f"{label.zh}:一人同意,待另一人审核", f"{label.en}: one agreed, another has to", self.note)


@dataclass(frozen=True, slots=True)
class WishGranted(Fact):
    """It was agreed to. `was` and `due` are the handling deadline before and after; `until` ends a suspension."""

    KIND: ClassVar[str] = "cases.WishGranted"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"note"})
    request: UUID
    wish: str
    note: str = ""
    was: datetime | None = None
    due: datetime | None = None
    provisional: bool = False
    until: datetime | None = None

    def sentence(self) -> Text:
        """How the history reads."""
        label, until = Wish(self.wish).label, _until(self.until or self.due)
        return said(f"同意{label.zh}{until.zh}", f"Granted: {label.en}{until.en}", self.note)


@dataclass(frozen=True, slots=True)
class WishRefused(Fact):
    """It was not agreed to."""

    KIND: ClassVar[str] = "cases.WishRefused"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})
    request: UUID
    wish: str
    reason: str

    def sentence(self) -> Text:
        """How the history reads."""
        label = Wish(self.wish).label
        return said(f"不同意{label.zh}", f"Refused: {label.en}", self.reason)


@dataclass(frozen=True, slots=True)
class WishLapsed(Fact):
    """The matter went on before anybody decided."""

    KIND: ClassVar[str] = "cases.WishLapsed"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    request: UUID
    wish: str

    def sentence(self) -> Text:
        """How the history reads."""
        label = Wish(self.wish).label
        return Text(f"{label.zh}未及审批,自行失效", f"{label.en}: nobody decided in time; it lapsed")


@dataclass(frozen=True, slots=True)
class CaseResumed(Fact):
    """A suspended matter goes on; the limit runs on with what was left of it."""

    KIND: ClassVar[str] = "cases.CaseResumed"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"note"})
    was: datetime | None
    due: datetime | None
    provisional: bool = False
    note: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        return said("挂账结束,恢复办理", "The suspension ended; handling goes on", self.note)


@dataclass(frozen=True, slots=True)
class SupervisionRaised(Fact):
    """A card was shown to whoever is charged; they answer by `reply_due`."""

    KIND: ClassVar[str] = "cases.SupervisionRaised"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"text"})
    card: str
    text: str
    reply_due: datetime

    def sentence(self) -> Text:
        """How the history reads."""
        label = Card(self.card).label
        return said(f"{label.zh}督办", f"Supervised: {label.en}", self.text)


@dataclass(frozen=True, slots=True)
class SupervisionAnswered(Fact):
    """What whoever is charged answers."""

    KIND: ClassVar[str] = "cases.SupervisionAnswered"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"text"})
    text: str

    def sentence(self) -> Text:
        """How the history reads."""
        return said("督办答复", "Answer to the supervision", self.text)


@dataclass(frozen=True, slots=True)
class SupervisionLifted(Fact):
    """The card was taken back; by itself, because whoever had to answer it returned the matter (`returned`) or
    another was charged with it instead (`moved`)."""

    KIND: ClassVar[str] = "cases.SupervisionLifted"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"note"})
    note: str = ""
    returned: bool = False
    moved: bool = False

    def sentence(self) -> Text:
        """How the history reads."""
        if self.moved:
            return Text(
                "已改派,原承办单位的督办解除,可对新承办单位重新督办",
                "The supervision was lifted because another is charged now, who may be supervised anew",
            )
        if self.returned:
            return Text(
                "因退单解除督办,派遣后可重新督办",
                "The supervision was lifted because the matter was returned; it may be supervised anew after the dispatch",
            )
        return said("解除督办", "The supervision was lifted", self.note)


@dataclass(frozen=True, slots=True)
class CaseMerged(Fact):
    """It is the same matter as another and goes on there; its reporter hears what happens to that one."""

    KIND: ClassVar[str] = "cases.CaseMerged"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"note"})
    into: UUID
    number: str
    note: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        return said(f"并入 {self.number}", f"Merged into {self.number}", self.note)


@dataclass(frozen=True, slots=True)
class CaseJoined(Fact):
    """Another case was merged into this one; of two limits of a kind the earlier one holds."""

    KIND: ClassVar[str] = "cases.CaseJoined"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    case: UUID
    number: str
    was: datetime | None = None
    due: datetime | None = None

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"{self.number} 并入本件", f"{self.number} was merged into this case")


@dataclass(frozen=True, slots=True)
class CaseParted(Fact):
    """A case that was merged into this one goes its own way again."""

    KIND: ClassVar[str] = "cases.CaseParted"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    case: UUID
    number: str
    due: datetime | None = None

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"{self.number} 与本件分开办理", f"{self.number} is handled apart from this case again")


@dataclass(frozen=True, slots=True)
class MergeUndone(Fact):
    """It goes its own way again, with the limits that it had."""

    KIND: ClassVar[str] = "cases.MergeUndone"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})
    number: str
    reason: str
    due: datetime | None = None

    def sentence(self) -> Text:
        """How the history reads."""
        return said(f"撤销与 {self.number} 的并案", f"The merge with {self.number} was undone", self.reason)


@dataclass(frozen=True, slots=True)
class CaseTransferred(Fact):
    """It was passed to somebody outside the town's loop: an emergency line, a petition office, a court."""

    KIND: ClassVar[str] = "cases.CaseTransferred"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"note"})
    reason: str
    reason_zh: str
    reason_en: str
    note: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        return said(f"转出:{self.reason_zh}", f"Transferred out: {self.reason_en}", self.note)
