"""What all readers share: what a file states, known titles, ranks in words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from linli.kernel.errors import Problem
from linli.kernel.text import Text
from linli.territory.rules.plan import Finding, Row, Trouble
from linli.territory.words import FILE_UNREADABLE, RANK_NAMES, Crs, Rank, Severity

COLUMNS: dict[str, tuple[str, ...]] = {
    "code": (
        "code",
        "代码",
        "编码",
        "区划代码",
        "单元代码",
        "网格代码",
        "网格编码",
        "统计用区划代码",
        "adcode",
        "gb",
        "id",
    ),
    "name": ("name", "名称", "单元名称", "网格名称", "区划名称"),
    "name_en": ("name_en", "english", "英文名", "英文名称"),
    "rank": ("rank", "level", "级别", "层级", "类型级别"),
    "kind": ("kind", "类别", "类型"),
    "parent": (
        "parent",
        "parent_code",
        "上级",
        "上级代码",
        "上级编码",
        "所属代码",
    ),
    "households": ("households", "户数"),
    "town_code": ("town_code", "乡镇代码", "街道代码"),
    "town": ("town", "乡镇", "街道", "乡镇街道"),
    "county_code": ("county_code", "区县代码"),
    "county": ("county", "区县", "县"),
    "city": ("city", "市", "地市"),
}
"""Column titles that are understood, the first that the file has wins; blanks and case do not count."""

RANK_WORDS = {
    **{str(rank): rank for rank in Rank}, **{text.zh: rank for rank, text in RANK_NAMES.items()},
    "地市": Rank.CITY, "地级市": Rank.CITY, "区": Rank.COUNTY, "县": Rank.COUNTY,
    "乡镇": Rank.TOWN, "镇": Rank.TOWN, "乡": Rank.TOWN, "街道": Rank.TOWN,
    "村": Rank.VILLAGE, "社区": Rank.VILLAGE, "居": Rank.VILLAGE,
    "网格": Rank.AREA, "片区": Rank.AREA, "微格": Rank.MICRO,
}  # fmt: skip
LONGEST_NAME = 100
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(slots=True)
class Reading:
    """What a file states, and what was wrong with it."""

    rows: list[Row] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def note(self, line: int, name: str, trouble: Trouble, severity: Severity, text: Text) -> None:
        """Add a finding."""
        self.findings.append(Finding(line, name, trouble, severity, text))


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person who imports declared about the file."""

    crs: Crs | None = None
    code_from: str = ""
    name_from: str = ""
    parent_from: str = ""
    rank_from: str = ""


def plain(value: object) -> str:
    return unicodedata.normalize("NFC", str(value if value is not None else "")).strip().strip("\ufeff")


def short(value: object, longest: int) -> str:
    """The text without what no table takes (control characters, halves of pairs), cut to length."""
    return CONTROL.sub("", plain(value)).encode("utf-8", "ignore").decode()[:longest]


def rank_word(reading: Reading, line: int, value: str) -> str:
    if not value:
        return ""
    rank = RANK_WORDS.get(value.casefold())
    if rank is None:
        text = Text("级别“{value}”不认识,按代码推断", "Rank “{value}” is unknown; told from the code instead")
        reading.note(line, "rank", Trouble.FIELD, Severity.WARNING, text.fill(value=value[:20]))
        return ""
    return str(rank)


def unreadable(text: Text) -> Problem:
    return Problem(FILE_UNREADABLE, fields={"file": text})
