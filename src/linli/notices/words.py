"""Channels and states of a notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from linli.kernel.errors import declare
from linli.kernel.text import Text


class Channel(StrEnum):
    """How a notice reaches its person."""

    SMS = "sms"
    IN_APP = "in_app"

    @property
    def label(self) -> Text:
        """What people call it."""
        return CHANNEL_LABELS[self]


CHANNEL_LABELS = {
    Channel.SMS: Text("短信", "Text message"),
    Channel.IN_APP: Text("站内消息", "In the app"),
}


@dataclass(frozen=True, slots=True)
class To:
    """Who is told: a resident, an account, or a telephone (E.164) that is nobody's yet. Exactly one."""

    resident_id: UUID | None = None
    account_id: UUID | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A notice as its reader sees it. `about` is the case or code that it belongs to."""

    id: UUID
    template: str
    body: Text
    about: UUID | None
    at: datetime
    unread: bool


@dataclass(frozen=True, slots=True)
class DemoMessage:
    """A message as the demo page shows it in place of a telephone; `to` is masked or a name."""

    at: datetime
    to: str
    template: str
    body: Text


NO_SMS = declare(
    "notices.no-sms", 409, Text("本地尚未开通短信", "Text messages are not set up here"),
    Text(
        "请改用账号登录,或联系镇管理员开通短信。",
        "Sign in with an account, or ask the town's administrator to set up text messages.",
    ),
)  # fmt: skip
