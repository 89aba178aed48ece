"""Codes of units: the 12 digits of the statistical division code, grid codes, and damage by spreadsheets.

Source: 统计用区划代码 (6 county + 3 town + 3 village; higher levels end in zeros). Codes are text.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from linli.kernel.text import Text
from linli.territory.words import Rank, Severity

LONGEST_CODE = 64
_DIGITS = re.compile(r"[0-9]+")
_FLOAT = re.compile(r"([0-9]+)\.0+")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}")
_ALLOWED = re.compile(r"[\w.\-/:]+")
_WRAPPING = re.compile(r"^='?\"?|[\"'\t]+|^'")

LOST_DIGITS = Text(
    "代码 {value} 被表格软件改成了科学计数法,已丢失数字;请把该列设为文本后重新导出",
    "Code {value} was turned into scientific notation by a spreadsheet and lost digits; export it as text",
)
RESTORED = Text(
    "代码 {value} 被表格软件改成了数字,已还原为 {code};请核对",
    "Code {value} was turned into a number by a spreadsheet; restored as {code}, please check",
)
LOST_ZERO = Text(
    "代码 {value} 只有 {n} 位,应为 12 位,可能丢失了开头的 0 或一位数字",
    "Code {value} has {n} digits instead of 12; a leading zero or a digit may be lost",
)
NO_CODE = Text("缺少代码", "The code is missing")
BAD_CODE = Text(
    "代码 {value} 含有不能使用的字符或超过 64 个字符",
    "Code {value} has characters that cannot be used, or is too long",
)


class CodeRead(NamedTuple):
    """A code as read from a file, and what was wrong with it."""

    code: str
    severity: Severity | None = None
    text: Text | None = None


def read_code(value: object) -> CodeRead:
    """The code in a cell: text, or what a spreadsheet made of it. Lost digits are an error, never guessed."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    raw = _WRAPPING.sub(
        "", unicodedata.normalize("NFKC", str(value if value is not None else "")).strip()
    ).strip()
    if not raw:
        return CodeRead("", Severity.ERROR, NO_CODE)
    if whole := _FLOAT.fullmatch(raw):
        return CodeRead(whole_code(whole[1]), Severity.WARNING, RESTORED.fill(value=raw, code=whole[1]))
    if _SCIENTIFIC.fullmatch(raw):
        return _from_scientific(raw)
    if len(raw) > LONGEST_CODE or not _ALLOWED.fullmatch(raw):
        return CodeRead("", Severity.ERROR, BAD_CODE.fill(value=raw[:40]))
    if _DIGITS.fullmatch(raw) and len(raw) in (8, 11):
        return CodeRead(raw, Severity.ERROR, LOST_ZERO.fill(value=raw, n=len(raw)))
    return CodeRead(whole_code(raw))


def _from_scientific(raw: str) -> CodeRead:
    mantissa, exponent = re.split(r"[eE]\+?", raw)
    digits = len(mantissa.replace(".", ""))
    if digits == int(exponent) + 1:
        code = str(int(Decimal(raw)))
        return CodeRead(code, Severity.WARNING, RESTORED.fill(value=raw, code=code))
    return CodeRead("", Severity.ERROR, LOST_DIGITS.fill(value=raw))


def is_division(code: str) -> bool:
    """Whether this is a 12-digit division code (the first two digits name a province)."""
    return len(code) == 12 and code.isascii() and code.isdigit() and 11 <= int(code[:2]) <= 82


def whole_code(code: str) -> str:
    """County and town codes of 6 and 9 digits as the 12 digits they stand for; any other code as it is.

    Map services write a county as 156 (China, ISO 3166) and its 6 digits; no county begins with 156.
    """
    if len(code) == 9 and code.startswith("156"):
        code = code[3:]
    padded = code.ljust(12, "0")
    return padded if len(code) in (6, 9) and is_division(padded) else code


def rank_of(code: str) -> Rank | None:
    """The rank that a division or grid code shows, None when it shows none."""
    if is_division(code):
        if code.endswith("0" * 8):
            return Rank.CITY
        if code.endswith("0" * 6):
            return Rank.COUNTY
        return Rank.TOWN if code.endswith("000") else Rank.VILLAGE
    head, *parts = code.split("-")
    if parts and is_division(head):
        return Rank.AREA if len(parts) == 1 else Rank.MICRO
    return None


def codes_above(code: str) -> list[str]:
    """The codes under which this one lies by its form, nearest first."""
    if "-" in code:
        head = code.rsplit("-", 1)[0]
        return [head, *codes_above(head)]
    if not is_division(code):
        return []
    above = [code[:n].ljust(12, "0") for n in (9, 6, 4, 2)]
    return [c for i, c in enumerate(above) if c != code and c not in above[:i]]


def needs_parent(code: str) -> bool:
    """Whether the form of the code says that something must be above it: villages and grids."""
    return rank_of(code) in (Rank.VILLAGE, Rank.AREA, Rank.MICRO)
