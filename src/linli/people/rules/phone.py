"""Telephone numbers as people type them, and how often a code may be sent or tried."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import phonenumbers

_DASHES = str.maketrans("—–‐−", "----")
_WRITTEN = re.compile(r"^\+?[0-9][0-9 ().\-/]*\Z")
_MOBILE = re.compile(r"^1[3-9]\d{9}\Z")
_LANDLINE_LENGTHS = (10, 11)  # area code (2 or 3 digits, without the leading 0) and 7 or 8 digits
_LONGEST = 40


def normalise_phone(written: str, region: str = "CN") -> str | None:
    """The number in E.164 (`+8613812345678`), or None when it is not a telephone number.

    Takes full-width digits, spaces, dashes, brackets, `+86`, `86`, `0086` and a dialled leading 0. A mainland
    number is a mobile of 11 digits (any prefix 13–19, so that new blocks need no update here) or a landline
    with its area code; every other country's numbers are judged by the tables of libphonenumber.
    """
    if region == "CN" and written.isascii() and _MOBILE.match(written):
        return f"+86{written}"  # as nearly all are written: the rest of this function would say the same
    if len(written) > _LONGEST:
        return None
    text = unicodedata.normalize("NFKC", written).translate(_DASHES).strip()
    text = re.sub(r"^\((\+?[0-9]+)\)", r"\1 ", text)
    if not _WRITTEN.match(text):
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not _acceptable(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _acceptable(number: phonenumbers.PhoneNumber) -> bool:
    if number.country_code != 86:
        return phonenumbers.is_valid_number(number)
    national = str(number.national_number)
    if _MOBILE.match(national):
        return True
    return (
        len(national) in _LANDLINE_LENGTHS
        and phonenumbers.is_valid_number(number)
        and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE
    )


@dataclass(frozen=True, slots=True)
class CodeLimits:
    """How long a code is valid, how often it may be tried and sent (rulebook `people`, table phone_code)."""

    digits: int
    valid_minutes: int
    tries: int
    pause_seconds: int
    per_phone_hour: int
    per_phone_day: int
    per_sender_hour: int

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> CodeLimits:
        """The limits as the rulebook's table states them."""
        return cls(**{name: int(table[name]) for name in cls.__slots__})

    def expires(self, at: datetime) -> datetime:
        """When a code sent at `at` stops working."""
        return at + timedelta(minutes=self.valid_minutes)


def may_send(
    to_phone: Sequence[datetime], from_sender: Sequence[datetime], at: datetime, limits: CodeLimits
) -> bool:
    """Whether another code may be sent now.

    `to_phone` and `from_sender` are the moments of the codes of the last day to this telephone and from this
    network address.
    """

    def since(moments: Sequence[datetime], span: timedelta) -> int:
        return sum(1 for moment in moments if moment > at - span)

    return (
        since(to_phone, timedelta(seconds=limits.pause_seconds)) == 0
        and since(to_phone, timedelta(hours=1)) < limits.per_phone_hour
        and since(to_phone, timedelta(days=1)) < limits.per_phone_day
        and since(from_sender, timedelta(hours=1)) < limits.per_sender_hour
    )
