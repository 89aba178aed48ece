"""What becomes of a message that leaves the house, as facts about the matter that it tells of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from linli.kernel.journal import Fact
from linli.kernel.text import Text


@dataclass(frozen=True, slots=True)
class NoticeSent(Fact):
    """A provider took the message."""

    KIND: ClassVar[str] = "notices.NoticeSent"
    PERSONAL: ClassVar[frozenset[str]] = frozenset()
    notice: UUID
    template: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("已发送短信通知", "A text message was sent")


@dataclass(frozen=True, slots=True)
class NoticeExpired(Fact):
    """The message could not be sent before it was out of date."""

    KIND: ClassVar[str] = "notices.NoticeExpired"
    PERSONAL: ClassVar[frozenset[str]] = frozenset()
    notice: UUID
    template: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("短信未能及时发出", "A text message could not be sent in time")
