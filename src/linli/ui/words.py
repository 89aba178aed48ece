"""Labels that several rooms share, and the shapes that the page shells are given."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from linli.kernel.text import Text

TOWN = Text("禾泾镇", "Hejing Town")
THEME_COOKIE = "linli_theme"
THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the desk's navigation; `icon` is a name from frontend/icons.txt."""

    label: Text
    url: str
    icon: str = ""
    active: bool = False
    count: int | None = None


class TimeState(StrEnum):
    """What a deadline means right now; the only four meanings that colour carries."""

    ON_TIME = "on_time"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    PAUSED = "paused"


TIME_LABELS = {
    TimeState.ON_TIME: Text("按时", "On time"),
    TimeState.DUE_SOON: Text("快到期", "Due soon"),
    TimeState.OVERDUE: Text("已超时", "Overdue"),
    TimeState.PAUSED: Text("已暂停", "Paused"),
}
TIME_ICONS = {
    TimeState.ON_TIME: "circle-check",
    TimeState.DUE_SOON: "clock-exclamation",
    TimeState.OVERDUE: "alarm",
    TimeState.PAUSED: "player-pause",
}
PROVISIONAL = Text("暂定", "provisional")
PROVISIONAL_WHY = Text(
    "国务院尚未公布该年度的放假安排,公布后会重新计算。",
    "The holiday calendar of that year is not published yet; the date will be computed again when it is.",
)
NO_DEADLINE = Text("不限时", "No deadline")
