"""Telephone numbers as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.people.rules.phone import CodeLimits, may_send, normalise_phone

MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
FULL_WIDTH = str.maketrans("0123456789+", "０１２３４５６７８９＋")
LIMITS = CodeLimits(6, 10, 5, 60, 5, 10, 30)
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@given(
    MOBILES,
    st.sampled_from(["", "+86", "86", "0086", "+86 ", "(+86)", "0"]),
    st.lists(st.sampled_from(["", " ", "-", "—"]), min_size=10, max_size=10),
    st.booleans(),
)
def test_a_mobile_number_has_one_form_however_it_is_written(
    mobile: str, prefix: str, gaps: list[str], full_width: bool
) -> None:
    written = prefix + "".join(digit + gap for digit, gap in zip(mobile, [*gaps, ""], strict=True))
    if full_width:
        written = written.translate(FULL_WIDTH)
    assert normalise_phone(written) == f"+86{mobile}"


@given(st.text(max_size=60))
def test_whatever_is_typed_becomes_a_number_that_stays_itself_or_is_refused(text: str) -> None:
    number = normalise_phone(text)
    assert number is None or normalise_phone(number) == number


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("021-57212345", "+862157212345"),
        ("(021) 5721 2345", "+862157212345"),
        ("+86 10 8123 4567", "+861081234567"),
        ("+44 20 7946 0958", "+442079460958"),
        ("00852 2345 6789", "+85223456789"),
    ],
)
def test_landlines_with_area_code_and_numbers_abroad_are_taken(written: str, number: str) -> None:
    assert normalise_phone(written) == number


@pytest.mark.parametrize(
    "written",
    ["", "110", "12345", "57212345", "1381234567", "138123456789", "10012345678", "+1 23", "٣٣٣٣٣٣٣٣٣٣٣",
     "4008123123", "138-1234-5678 转 2", "1" * 5000, "+86\n13812345678", "javascript:1"],
)  # fmt: skip
def test_what_is_no_telephone_number_is_refused(written: str) -> None:
    assert normalise_phone(written) is None


def test_a_second_code_waits_a_minute() -> None:
    assert not may_send([NOON], [NOON], NOON + timedelta(seconds=59), LIMITS)
    assert may_send([NOON], [NOON], NOON + timedelta(seconds=60), LIMITS)


@given(st.lists(st.integers(0, 86400), max_size=40))
def test_no_telephone_gets_more_codes_than_the_limits_say(seconds: list[int]) -> None:
    sent: list[datetime] = []
    for moment in sorted(NOON + timedelta(seconds=s) for s in seconds):
        if may_send(sent, [], moment, LIMITS):
            sent.append(moment)
    for last in sent:
        assert len([m for m in sent if last - timedelta(hours=1) < m <= last]) <= LIMITS.per_phone_hour
        assert len([m for m in sent if last - timedelta(days=1) < m <= last]) <= LIMITS.per_phone_day


def test_one_address_cannot_send_codes_to_the_whole_town() -> None:
    sent = [NOON - timedelta(seconds=n) for n in range(LIMITS.per_sender_hour)]
    assert not may_send([], sent, NOON, LIMITS)
    assert may_send([], sent[1:], NOON, LIMITS)
