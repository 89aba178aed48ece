"""Deadlines agree with what a clerk finds on a paper calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from linli.kernel import rulebook, worktime
from linli.kernel.errors import Problem
from linli.kernel.text import Text
from linli.kernel.worktime import Calendar, DayException, Limit, Unit, deadline, due_line, load_calendar

CHINA = worktime.default_calendar()
SHANGHAI = ZoneInfo("Asia/Shanghai")
BOSTON = Calendar(
    version="test", zone=ZoneInfo("America/New_York"), hours=((time(0), time(12)), (time(13), time(0))),
    exceptions={date(2025, 7, 4): DayException(False, Text("独立日", "Independence Day"), "5 U.S.C. 6103")},
    last_published=date(2026, 12, 31), source="test",
)  # fmt: skip

# Reckoned by hand with the State Council's notices of the years.
BY_HAND = [
    # A Friday evening: the weekend does not count.
    ("2025-06-13 20:07:00", "1", "work_day", "2025-06-16 23:59:59"),
    # Two working days from Wednesday 24 January 2024.
    ("2024-01-24 00:00:00", "2", "work_day", "2024-01-26 23:59:59"),
    # Sunday 4 February 2024 is a make-up workday for Spring Festival, and Sunday 18 February another.
    ("2024-02-03 09:00:00", "1", "work_day", "2024-02-04 23:59:59"),
    ("2024-02-09 17:00:00", "1", "work_day", "2024-02-18 23:59:59"),
    # 1 to 8 October 2025 are off; Sunday 28 September and Saturday 11 October are worked.
    ("2025-09-27 12:00:00", "3", "work_day", "2025-09-30 23:59:59"),
    ("2025-09-30 12:00:00", "3", "work_day", "2025-10-11 23:59:59"),
    # Friday 31 January 2020 was a working day until the holiday was prolonged.
    ("2020-01-23 18:00:00", "1", "work_day", "2020-02-03 23:59:59"),
    # The break, the evening and the holiday do not run.
    ("2025-06-11 11:00:00", "2", "work_hour", "2025-06-11 14:30:00"),
    ("2025-06-11 12:30:00", "4", "work_hour", "2025-06-11 17:30:00"),
    ("2025-06-11 17:30:00", "0.5", "work_hour", "2025-06-12 09:30:00"),
    ("2025-09-30 17:00:00", "1", "work_hour", "2025-10-09 09:30:00"),
    # Urgent hours run through the night and the holiday; natural days keep the time of day.
    ("2025-09-30 23:30:00", "2", "urgent_hour", "2025-10-01 01:30:00"),
    ("2025-09-30 23:30:00", "1.5", "紧急工作时", "2025-10-01 01:00:00"),
    ("2024-02-28 08:15:30", "2", "natural_day", "2024-03-01 08:15:30"),
    ("2026-12-31T16:30:00+00:00", "1", "urgent_hour", "2027-01-01 01:30:00"),
    # 2027 is not published.
    ("2026-12-30 10:00:00", "1", "work_day", "2026-12-31 23:59:59"),
    ("2026-12-31 10:00:00", "2", "work_day", "2027-01-04 23:59:59 (暂定 provisional)"),
    ("2026-12-31 16:30:00", "1", "work_hour", "2026-12-31 17:30:00"),
    ("2026-12-31 16:30:01", "1", "work_hour", "2027-01-01 09:00:01 (暂定 provisional)"),
]

MOMENTS = st.datetimes(datetime(2004, 1, 1), datetime(2027, 6, 1), timezones=st.just(SHANGHAI))  # noqa: DTZ001 - bounds; the zone is drawn
UNITS = st.sampled_from(Unit)
LIMITS = st.builds(Limit, st.integers(1, 60), UNITS) | st.builds(
    Limit, st.integers(1, 400).map(lambda n: n / 10), st.sampled_from([Unit.URGENT_HOUR, Unit.WORK_HOUR])
)


def shanghai(text: str) -> datetime:
    """A moment that the town's clocks show."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(("start", "amount", "unit", "expected"), BY_HAND)
def test_deadlines_agree_with_a_paper_calendar(start: str, amount: str, unit: str, expected: str) -> None:
    assert due_line(start, amount, unit, CHINA) == expected


def test_every_published_day_agrees_with_chinesecalendar() -> None:
    day = date(2004, 1, 1)
    while day <= CHINA.last_published:
        assert CHINA.is_workday(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)
    for day, exception in CHINA.exceptions.items():
        assert exception.is_workday != (day.isoweekday() <= 5), f"{day} does not differ from its week"
        assert all((exception.name.zh, exception.name.en, exception.source))


def is_open(moment: datetime) -> bool:
    """Whether the town's offices are open in the minute that begins here, read from the rule itself."""
    local = moment.astimezone(SHANGHAI)
    return CHINA.is_workday(local.date()) and any(a <= local.time() < b for a, b in CHINA.hours)


@given(
    st.datetimes(datetime(2004, 1, 1), datetime(2026, 12, 1), timezones=st.just(SHANGHAI)),  # noqa: DTZ001 - bounds; the zone is drawn
    st.integers(1, 1200),
)
def test_working_hours_agree_with_walking_minute_by_minute(start: datetime, minutes: int) -> None:
    start = start.replace(second=0, microsecond=0)
    walk, left = start, minutes
    while left:
        left -= is_open(walk)
        walk += timedelta(minutes=1)
    assert deadline(start, Limit(minutes / 60, Unit.WORK_HOUR), CHINA).due == walk


@given(MOMENTS, st.integers(1, 40))
def test_working_days_agree_with_walking_day_by_day(start: datetime, days: int) -> None:
    day, left = start.date(), days
    while left:
        day += timedelta(days=1)
        left -= CHINA.is_workday(day)
    due = deadline(start, Limit(days, Unit.WORK_DAY), CHINA)
    assert due.due == datetime.combine(day, time(23, 59, 59), SHANGHAI)
    assert due.provisional == (day > CHINA.last_published)


@given(MOMENTS, MOMENTS, LIMITS)
def test_a_later_start_never_ends_earlier(one: datetime, other: datetime, limit: Limit) -> None:
    early, late = sorted((one, other))
    assert deadline(early, limit, CHINA).due <= deadline(late, limit, CHINA).due


@given(MOMENTS, LIMITS, st.integers(1, 60))
def test_a_longer_limit_never_ends_earlier(start: datetime, limit: Limit, more: int) -> None:
    longer = Limit(limit.amount + more, limit.unit)
    assert start < deadline(start, limit, CHINA).due < deadline(start, longer, CHINA).due


@given(MOMENTS, LIMITS)
def test_a_deadline_is_provisional_exactly_when_it_needs_an_unpublished_day(
    start: datetime, limit: Limit
) -> None:
    result = deadline(start, limit, CHINA)
    on_calendar = limit.unit in {Unit.WORK_DAY, Unit.WORK_HOUR}
    unpublished = result.due.astimezone(SHANGHAI).date() > CHINA.last_published
    assert result.provisional == (on_calendar and unpublished)
    assert result.due.tzinfo is UTC


@given(MOMENTS, st.integers(1, 400))
def test_working_hours_end_inside_the_opening_hours(start: datetime, tenths: int) -> None:
    due = deadline(start, Limit(tenths / 10, Unit.WORK_HOUR), CHINA).due.astimezone(SHANGHAI)
    assert CHINA.is_workday(due.date())
    assert any(opens < due.time() <= closes for opens, closes in CHINA.hours)


@given(MOMENTS, LIMITS)
def test_the_warning_comes_between_start_and_deadline(start: datetime, limit: Limit) -> None:
    due = deadline(start, limit, CHINA).due
    warning = worktime.share_of(start, due, 0.8, limit.unit, CHINA)
    assert start < warning < due
    if limit.unit is Unit.WORK_HOUR:
        exact = deadline(start, Limit(limit.amount * 0.8, limit.unit), CHINA).due
        assert abs(warning - exact) <= timedelta(microseconds=1)
    else:
        assert abs((warning - start) / (due - start) - 0.8) < 1e-6


def test_a_work_hour_limit_warns_when_80_percent_of_its_hours_have_run() -> None:
    start = shanghai("2025-06-11 09:00:00")
    due = deadline(start, Limit(5, Unit.WORK_HOUR), CHINA).due
    assert worktime.share_of(start, due, 0.8, Unit.WORK_HOUR, CHINA) == shanghai("2025-06-11 14:30:00")


@pytest.mark.parametrize(
    ("unit", "amount", "start", "paused", "at", "due"),
    [
        # 2 of 4 hours were used on Wednesday; the clock runs again from Friday 16:30.
        ("work_hour", 4, "2025-06-11 09:00", "2025-06-11 11:00", "2025-06-13 16:30", "2025-06-16 10:00"),
        # Paused inside the break: nothing runs there anyway.
        ("work_hour", 4, "2025-06-11 09:00", "2025-06-11 12:10", "2025-06-11 13:20", "2025-06-11 14:30"),
        ("urgent_hour", 2, "2025-06-11 23:00", "2025-06-11 23:30", "2025-06-12 03:00", "2025-06-12 04:30"),
        ("natural_day", 1, "2025-06-11 23:00", "2025-06-12 22:00", "2025-06-14 22:00", "2025-06-14 23:00"),
        # Monday to Wednesday: Tuesday and Wednesday began during the pause.
        ("work_day", 2, "2025-06-06 09:00", "2025-06-09 10:00", "2025-06-11 08:00", "2025-06-12 23:59:59"),
        # A pause within one day, or over a weekend, costs no working day.
        ("work_day", 2, "2025-06-06 09:00", "2025-06-09 10:00", "2025-06-09 18:00", "2025-06-10 23:59:59"),
        ("work_day", 1, "2025-06-06 09:00", "2025-06-06 10:00", "2025-06-08 18:00", "2025-06-09 23:59:59"),
    ],
)
def test_a_paused_clock_stands_still(
    unit: str, amount: int, start: str, paused: str, at: str, due: str
) -> None:
    limit = Limit(amount, Unit(unit))
    before = deadline(shanghai(start), limit, CHINA).due
    after = worktime.resumed(before, shanghai(paused), shanghai(at), limit.unit, CHINA)
    assert after.due == shanghai(due)


@given(MOMENTS, LIMITS, st.integers(0, 60_000), st.integers(0, 60_000))
def test_what_was_left_before_a_pause_is_left_after_it(
    start: datetime, limit: Limit, minutes: int, pause: int
) -> None:
    paused = start.astimezone(UTC) + timedelta(minutes=minutes)
    at = paused + timedelta(minutes=pause)
    due = deadline(start, limit, CHINA).due
    left = worktime.remaining(start, paused, limit, CHINA)
    after = worktime.resumed(due, paused, at, limit.unit, CHINA)
    assert after.due >= due
    if limit.unit is Unit.WORK_DAY:
        if left >= 1:
            assert after == deadline(at, Limit(int(left), limit.unit), CHINA)
        return
    assume(left > 0.001)
    assert abs(worktime.remaining(at, at, Limit(left, Unit.WORK_HOUR), CHINA) - left) < 1e-9
    again = worktime.used(at, after.due, limit.unit, CHINA)
    assert again == pytest.approx(left, abs=1e-6)


def test_a_clock_that_had_run_out_stays_run_out() -> None:
    due, paused = shanghai("2025-06-11 10:00:00"), shanghai("2025-06-11 10:00:01")
    for unit in Unit:
        assert worktime.resumed(due, paused, paused + timedelta(days=9), unit, CHINA).due == due


def test_used_and_remaining_count_in_the_limits_own_unit() -> None:
    start, at = shanghai("2025-06-06 16:30:00"), shanghai("2025-06-09 10:00:00")
    assert worktime.used(start, at, Unit.WORK_HOUR, CHINA) == 2
    assert worktime.used(start, at, Unit.WORK_DAY, CHINA) == 1
    assert worktime.used(start, at, Unit.URGENT_HOUR, CHINA) == 65.5
    assert worktime.remaining(start, at, Limit(3, Unit.WORK_HOUR), CHINA) == 1
    assert worktime.remaining(start, at, Limit(1, Unit.NATURAL_DAY), CHINA) == 0
    assert worktime.used(at, start, Unit.WORK_HOUR, CHINA) == 0


@pytest.mark.parametrize(
    ("start", "unit", "amount", "due"),
    [
        # 9 March 2025 has 23 hours, 2 November 25: urgent hours are hours, a natural day keeps the clock.
        ("2025-03-08T12:00:00-05:00", Unit.URGENT_HOUR, 24, "2025-03-09T13:00:00-04:00"),
        ("2025-03-08T12:00:00-05:00", Unit.NATURAL_DAY, 1, "2025-03-09T12:00:00-04:00"),
        ("2025-11-01T12:00:00-04:00", Unit.NATURAL_DAY, 1, "2025-11-02T12:00:00-05:00"),
        ("2025-03-07T20:00:00-05:00", Unit.WORK_DAY, 1, "2025-03-10T23:59:59-04:00"),
        ("2025-10-31T20:00:00-04:00", Unit.WORK_DAY, 1, "2025-11-03T23:59:59-05:00"),
        ("2025-07-03T23:00:00-04:00", Unit.WORK_HOUR, 2, "2025-07-07T01:00:00-04:00"),
    ],
)
def test_summer_time_neither_loses_nor_gains_an_hour(start: str, unit: Unit, amount: int, due: str) -> None:
    result = deadline(datetime.fromisoformat(start), Limit(amount, unit), BOSTON)
    assert result.due == datetime.fromisoformat(due)


def test_a_working_day_on_which_the_clock_changes_has_the_hours_that_passed() -> None:
    sundays = Calendar("test", BOSTON.zone, BOSTON.hours, {}, date(2026, 12, 31), "", frozenset())
    spring, autumn = datetime(2025, 3, 9, tzinfo=BOSTON.zone), datetime(2025, 11, 2, tzinfo=BOSTON.zone)
    for start, hours in ((spring, 22), (autumn, 24)):
        due = deadline(start, Limit(hours, Unit.WORK_HOUR), sundays).due.astimezone(BOSTON.zone)
        assert due.replace(tzinfo=None) == start.replace(tzinfo=None) + timedelta(days=1)


def test_an_overlay_publishes_a_year_and_changes_the_hours(tmp_path: Path) -> None:
    sheets = tmp_path / "calendar"
    sheets.mkdir()
    (sheets / "about.toml").write_text('version = "town-1"')
    (sheets / "hours.toml").write_text('last_published = 2027-12-31\nhours = [["08:00", "24:00"]]', "utf-8")
    (sheets / "exceptions.csv").write_text(
        "code,is_workday,name_zh,name_en,source\n2027-01-01,0,元旦,New Year's Day,测试\n", "utf-8"
    )
    town = load_calendar(rulebook.DEFAULT, tmp_path)
    assert town.version == "town-1"
    assert town.zone == SHANGHAI
    assert not town.is_workday(date(2027, 1, 1))
    assert not town.is_workday(date(2026, 10, 1))
    assert due_line("2026-12-31 10:00:00", "1", "work_day", town) == "2027-01-04 23:59:59"
    assert due_line("2026-12-31 23:00:00", "2", "work_hour", town) == "2027-01-04 09:00:00"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("exceptions.csv", "code,is_workday,name_zh,name_en,source\n2027-02-30,0,a,b,c\n"),
        ("exceptions.csv", "code,is_workday,name_zh,name_en,source\n2027-02-03,maybe,a,b,c\n"),
        ("hours.toml", 'hours = [["09:00", "12:00"], ["11:00", "17:00"]]'),
        ("hours.toml", 'zone = "Mars/Olympus"'),
        ("hours.toml", "hours = nine to five"),
    ],
)
def test_a_rulebook_that_cannot_be_read_names_its_file(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / "calendar").mkdir()
    (tmp_path / "calendar" / name).write_text(content, "utf-8")
    with pytest.raises(ValueError, match=name):
        load_calendar(rulebook.DEFAULT, tmp_path)


@pytest.mark.parametrize(
    "start", ["", "tomorrow", "2026-02-30", "2026-13-01 00:00:00", "0001-01-01", "9999-12-31", "1e9", "１月"]
)
def test_a_start_that_is_no_time_is_refused(start: str) -> None:
    with pytest.raises(Problem) as refusal:
        due_line(start, "1", "work_day", CHINA)
    assert refusal.value.error is worktime.BAD_START


@pytest.mark.parametrize(
    ("amount", "unit"),
    [("0", "work_day"), ("-1", "work_day"), ("1.5", "work_day"), ("nan", "work_hour"), ("inf", "work_hour"),
     ("1e3", "work_hour"), ("99999", "work_day"), ("2", "fortnight"), ("", "work_day"), ("二", "work_day")],
)  # fmt: skip
def test_a_limit_that_is_none_is_refused(amount: str, unit: str) -> None:
    with pytest.raises(Problem) as refusal:
        due_line("2026-03-10 02:31:00", amount, unit, CHINA)
    assert refusal.value.error is worktime.BAD_LIMIT


def test_the_longest_limits_still_have_an_answer() -> None:
    assert due_line("2150-12-31 10:00:00", "10000", "work_day", CHINA).startswith("2189-")
    assert due_line("2026-03-10 10:00:00", "20000", "work_hour", CHINA).startswith("2037-")


def test_a_calendar_without_a_working_day_refuses_instead_of_searching_for_ever() -> None:
    never = Calendar("test", SHANGHAI, CHINA.hours, {}, date(2026, 12, 31), "", frozenset(range(1, 8)))
    for unit in (Unit.WORK_DAY, Unit.WORK_HOUR):
        with pytest.raises(Problem):
            deadline(shanghai("2025-06-11 10:00:00"), Limit(1, unit), never)


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("2 work_day", "2 个工作日", "2 working days"),
        ("1工作日", "1 个工作日", "1 working day"),
        ("2个紧急工作时", "2 个紧急工作时", "2 urgent hours"),
        ("1.5 work_hour", "1.5 个工作时", "1.5 working hours"),
        ("15 自然日", "15 个自然日", "15 calendar days"),
    ],
)
def test_a_limit_reads_in_both_languages(text: str, zh: str, en: str) -> None:
    limit = Limit.parse(text)
    assert limit.label == Text(zh, en)
    assert Limit.parse(str(limit)) == limit
    assert Limit.parse(limit.label.zh) == limit


@pytest.mark.parametrize(
    ("left", "zh", "en"),
    [
        (timedelta(hours=3, minutes=20), "还剩 3 小时 20 分", "3 h 20 min left"),
        (timedelta(days=2, hours=3, minutes=20), "还剩 2 天 3 小时", "2 d 3 h left"),
        (timedelta(days=2, minutes=20), "还剩 2 天", "2 d left"),
        (timedelta(seconds=40), "还剩不到 1 分", "under 1 min left"),
        (timedelta(), "还剩不到 1 分", "under 1 min left"),
        (timedelta(days=-2), "已超 2 天", "2 d overdue"),
        (timedelta(minutes=-75), "已超 1 小时 15 分", "1 h 15 min overdue"),
    ],
)
def test_time_left_reads_in_both_languages(left: timedelta, zh: str, en: str) -> None:
    at = shanghai("2025-06-11 10:00:00")
    assert worktime.spent_words(at + left, at) == Text(zh, en)
