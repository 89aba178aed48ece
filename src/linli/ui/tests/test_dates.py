"""Moments as people say them, in the town's zone (Asia/Shanghai, eight hours before UTC's clock)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.ui import dates

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # Wednesday, noon in town


@pytest.mark.parametrize(
    ("moment", "zh", "en"),
    [
        (datetime(2026, 3, 4, 6, 20, tzinfo=UTC), "今天 14:20", "today 14:20"),
        (datetime(2026, 3, 3, 6, 20, tzinfo=UTC), "昨天 14:20", "yesterday 14:20"),
        (datetime(2026, 3, 4, 16, 0, tzinfo=UTC), "明天 00:00", "tomorrow 00:00"),
        (datetime(2026, 3, 6, 6, 20, tzinfo=UTC), "周五 14:20", "Fri 14:20"),
        (datetime(2026, 3, 9, 6, 20, tzinfo=UTC), "3月9日 14:20", "9 Mar 14:20"),
        (datetime(2025, 3, 5, 6, 20, tzinfo=UTC), "2025年3月5日 14:20", "5 Mar 2025 14:20"),
    ],
)
def test_a_moment_is_said_as_people_say_it(moment: datetime, zh: str, en: str) -> None:
    assert dates.human(moment, NOW) == (zh, en)


def test_a_deadline_at_the_end_of_a_day_says_that_the_day_is_whole() -> None:
    assert dates.by(datetime(2026, 3, 5, 15, 59, 59, tzinfo=UTC), NOW) == (
        "明天 24:00 前",
        "by the end of tomorrow",
    )
    assert dates.by(datetime(2026, 3, 4, 9, 0, tzinfo=UTC), NOW).zh == "今天 17:00 前"


@pytest.mark.parametrize(
    ("length", "zh"),
    [
        (timedelta(seconds=59), "不到1分钟"),
        (timedelta(minutes=45), "45分钟"),
        (timedelta(hours=2, minutes=20), "2小时20分"),
        (timedelta(hours=5, minutes=20), "5小时"),
        (timedelta(days=1), "1天"),
        (timedelta(days=2, hours=3), "2天3小时"),
        (timedelta(days=9, hours=3), "9天"),
    ],
)
def test_a_length_of_time_is_said_in_two_units_at_most(length: timedelta, zh: str) -> None:
    assert dates.span(length).zh == zh


@given(minutes=st.integers(-100_000, 100_000))
def test_time_left_and_time_over_tell_which_side_of_the_deadline_it_is(minutes: int) -> None:
    said = dates.left(NOW + timedelta(minutes=minutes), NOW)
    assert said.zh.startswith("还剩" if minutes >= 0 else "超时")
    assert said.en.endswith("left" if minutes >= 0 else "over")


@given(seconds=st.integers(0, 4_000_000_000))
def test_every_moment_can_be_said_in_both_languages(seconds: int) -> None:
    said = dates.human(datetime.fromtimestamp(seconds, UTC), NOW)
    assert said.zh
    assert said.en.isascii()
