"""Why this limit: which limit runs, from when, what counts, until when, in words."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from linli.cases import queries
from linli.cases.words import CLOCK_NAMES
from linli.kernel import worktime
from linli.kernel.clock import local
from linli.kernel.clocks import Clock
from linli.kernel.text import Text
from linli.kernel.worktime import Limit, Unit
from linli.ui import dates

DAYS_SHOWN = 12
WEEKEND = Text("周末", "weekend")


def clock_name(clock: Clock) -> Text:
    """What the limit is for."""
    return CLOCK_NAMES.get(clock.name.removeprefix("cases."), Text(clock.name, clock.name))


def limit_of(clock: Clock) -> Limit | None:
    """The limit with which the clock was started; None when it was started without one."""
    if clock.amount is None or clock.unit not in {unit.value for unit in Unit}:
        return None
    amount = float(clock.amount)
    return Limit(int(amount) if amount.is_integer() else amount, Unit(clock.unit))


def why_limit(clock: Clock, case: queries.Case, at: datetime) -> list[Text]:
    """The limit of a running clock, sentence by sentence."""
    limit = limit_of(clock)
    if limit is None:
        return []
    until = Text("从 {start} 起算,{due}到期。", "It runs from {start} and ends {due}.").fill(
        start=dates.human(clock.started_at, at), due=dates.human(clock.due_at, at)
    )
    found = [_source(clock, case, limit), until, *_extended(clock, case), *_counting(clock, limit)]
    if clock.provisional:
        found.append(
            Text(
                "该年度放假安排尚未公布,到期时间为暂定,公布后重新计算。",
                "The holidays of that year are not published yet: the end is provisional and will be computed again.",
            )
        )
    return found


def _source(clock: Clock, case: queries.Case, limit: Limit) -> Text:
    condition = queries.condition_of(case)
    if clock.name == "cases.handle" and condition is not None:
        return Text(
            "处置时限 {limit}:立案条件“{condition}”的规定。",
            "Handling limit {limit}: set by the condition “{condition}”.",
        ).fill(limit=limit.label, condition=condition.text)
    return Text(
        "{name}时限 {limit}:规则库的环节时限。", "Limit to {name}, {limit}: a stage limit of the rulebook."
    ).fill(name=clock_name(clock), limit=limit.label)


def _extended(clock: Clock, case: queries.Case) -> list[Text]:
    if clock.name != "cases.handle" or not case.extensions:
        return []
    said = Text("其中已含批准的延期 {n} 次。", "Extensions that were granted are in it: {n}.")
    return [said.fill(n=case.extensions)]


def _counting(clock: Clock, limit: Limit) -> list[Text]:
    if limit.unit is Unit.URGENT_HOUR:
        return [Text("紧急工作时昼夜连续计算,节假日不停。", "Urgent hours run day and night, holidays too.")]
    if limit.unit is Unit.NATURAL_DAY:
        return [Text("自然日连续计算,包括休息日。", "Calendar days run on, days off included.")]
    if limit.unit is Unit.WORK_HOUR:
        hours = [f"{a:%H:%M}–{b:%H:%M}" for a, b in worktime.default_calendar().hours]
        return [
            Text(
                f"只计上班时间 {'、'.join(hours)},休息日不计。",
                f"Only office hours count ({', '.join(hours)}), not days off.",
            )
        ]
    return _days(clock)


def _days(clock: Clock) -> list[Text]:
    """Which days count and which do not, with the holiday's name."""
    calendar = worktime.default_calendar()
    first, last = local(clock.started_at).date(), local(clock.due_at).date()
    days = [first + timedelta(days=n) for n in range(1, min((last - first).days, 60) + 1)]
    worked = [day for day in days if calendar.is_workday(day)]
    free = [day for day in days if not calendar.is_workday(day)]
    found = [
        Text(
            f"起算日的次日开始计,计入:{'、'.join(map(_zh, worked[:DAYS_SHOWN]))}。",
            f"Counting begins the day after; these count: {', '.join(map(_en, worked[:DAYS_SHOWN]))}.",
        )
    ]
    if free:
        names = [(day, _name(day)) for day in free[:DAYS_SHOWN]]
        found.append(
            Text(
                f"不计:{'、'.join(f'{_zh(day)}({name.zh})' for day, name in names)}。",
                f"These do not: {', '.join(f'{_en(day)} ({name.en})' for day, name in names)}.",
            )
        )
    return found


def _name(day: date) -> Text:
    exception = worktime.default_calendar().exceptions.get(day)
    return exception.name if exception is not None else WEEKEND


def _zh(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _en(day: date) -> str:
    return f"{day:%d %b}".lstrip("0")
