"""Moments as people say them: 今天 14:20, 周四 14:20, 3月5日 14:20; and how much time is left."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from linli.kernel.clock import local
from linli.kernel.text import Text

_WEEKDAYS = (
    Text("周一", "Mon"), Text("周二", "Tue"), Text("周三", "Wed"), Text("周四", "Thu"),
    Text("周五", "Fri"), Text("周六", "Sat"), Text("周日", "Sun"),
)  # fmt: skip
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NEAR_DAYS = {0: Text("今天", "today"), -1: Text("昨天", "yesterday"), 1: Text("明天", "tomorrow")}


def day(moment: datetime, at: datetime) -> Text:
    """The day as seen at `at`, in the town's zone: 今天, 昨天, 明天, 周四 (of this week), 3月5日, 2025年3月5日."""
    here, today = local(moment).date(), local(at).date()
    days = (here - today).days
    if days in _NEAR_DAYS:
        return _NEAR_DAYS[days]
    if here.isocalendar()[:2] == today.isocalendar()[:2]:
        return _WEEKDAYS[here.weekday()]
    if here.year == today.year:
        return Text(f"{here.month}月{here.day}日", f"{here.day} {_MONTHS[here.month - 1]}")
    return Text(
        f"{here.year}年{here.month}月{here.day}日", f"{here.day} {_MONTHS[here.month - 1]} {here.year}"
    )


def human(moment: datetime, at: datetime) -> Text:
    """The day and the minute as seen at `at`: 今天 14:20."""
    return Text("{day} {time}", "{day} {time}").fill(day=day(moment, at), time=f"{local(moment):%H:%M}")


def by(moment: datetime, at: datetime) -> Text:
    """A deadline as people say it: 今天 17:00 前; 周四 24:00 前 when the whole day counts, because 明天前 is read as
    before tomorrow."""
    if local(moment).time().replace(microsecond=0) == time(23, 59, 59):
        return Text("{day} 24:00 前", "by the end of {day}").fill(day=day(moment, at))
    return Text("{moment} 前", "by {moment}").fill(moment=human(moment, at))


def exact(moment: datetime) -> str:
    """The moment to the second as the town's clocks show it, for a hover: 2026-03-05 14:20:09."""
    return f"{local(moment):%Y-%m-%d %H:%M:%S}"


def machine(moment: datetime) -> str:
    """The moment for `<time datetime>`: ISO 8601 in UTC to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def span(length: timedelta) -> Text:
    """A length of time in its two largest units at most, rounded down; never negative: 2天3小时, 45分钟."""
    minutes = int(abs(length).total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days >= 3 or (days and not hours):
        return Text(f"{days}天", f"{days} d")
    if days:
        return Text(f"{days}天{hours}小时", f"{days} d {hours} h")
    if hours and rest and hours < 3:
        return Text(f"{hours}小时{rest}分", f"{hours} h {rest} min")
    if hours:
        return Text(f"{hours}小时", f"{hours} h")
    return Text(f"{minutes}分钟", f"{minutes} min") if minutes else Text("不到1分钟", "under 1 min")


def left(due: datetime, at: datetime) -> Text:
    """How much time is left, or by how much it is over: 还剩2天3小时, 超时5小时."""
    if due >= at:
        return Text("还剩{span}", "{span} left").fill(span=span(due - at))
    return Text("超时{span}", "{span} over").fill(span=span(at - due))
