"""The town's duty list (履职事项清单): which kinds are the town's own, which it only helps with, which were taken back.

Pure: made from rows of text (rulebook table `duties`, sheet `duties`), asked by the code of a kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from linli.kernel.text import Text
from linli.people.words import Duty, DutyFinding, Standing

COLUMNS: Final = ("code", "standing", "lead_zh", "lead_en", "source_zh", "source_en")
_MOST: Final = {"code": 24, "standing": 20, "lead_zh": 60, "lead_en": 120, "source_zh": 200, "source_en": 300}
NOT_LISTED: Final = Duty(
    Standing.BASIC,
    Text("", ""),
    Text("履职事项清单未列,按基本履职", "Not in the duty list: taken as a basic duty"),
)

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DutyList:
    """One edition of the list, by prefix of kind codes."""

    duties: Mapping[str, Duty] = field(default_factory=dict)

    def of(self, kind_code: str) -> Duty:
        """What the row with the longest prefix says; without any, the kind is the town's own."""
        for size in range(len(kind_code), -1, -1):
            found = self.duties.get(kind_code[:size])
            if found is not None:
                return found
        return NOT_LISTED


def read(rows: Sequence[Row]) -> DutyList:
    """The list of these rows. What cannot be read is left out: a bad row must not stop the dispatch of others."""
    duties = {}
    for row in rows:
        standing = row.get("standing", "")
        if standing in _STANDINGS:
            duties[row.get("code", "")] = Duty(
                Standing(standing), _text(row, "lead"), _text(row, "source"), row.get("code", "")
            )
    return DutyList(duties)


def check(
    rows: Sequence[Row], lines: Sequence[int] = (), kinds: frozenset[str] | None = None
) -> list[DutyFinding]:
    """Everything that is wrong with the rows; empty when they can be published.

    `lines` are the rows' line numbers in their file; without them rows are counted from line 2. With `kinds`,
    the catalogue's codes, a prefix that begins none of them is found too.
    """
    found: list[DutyFinding] = []
    seen: set[str] = set()
    for line, row in zip(lines or range(2, len(rows) + 2), rows, strict=True):
        found += [DutyFinding(line, *wrong) for wrong in _wrong(row, seen, kinds)]
    return found


def _wrong(row: Row, seen: set[str], kinds: frozenset[str] | None) -> Iterator[tuple[str, Text]]:
    code, standing = row.get("code", ""), row.get("standing", "")
    for column, most in _MOST.items():
        value = row.get(column, "")
        if len(value) > most:
            yield column, TOO_LONG.fill(n=most)
        elif any(ord(sign) < 32 or ord(sign) == 127 for sign in value):
            yield column, UNPRINTABLE
    if not code:
        yield "code", MISSING
    elif code in seen:
        yield "code", TWICE.fill(code=code[:20])
    elif kinds is not None and not any(kind.startswith(code) for kind in kinds):
        yield "code", NO_KIND.fill(code=code[:20])
    seen.add(code)
    if standing not in _STANDINGS:
        options = "、".join(each.value for each in Standing)
        yield "standing", NOT_ONE_OF.fill(value=standing[:20], options=options)
    elif standing != Standing.BASIC and not row.get("lead_zh", ""):
        yield "lead_zh", NO_LEAD if standing == Standing.COOPERATIVE else NO_TAKER
    if not row.get("source_zh", ""):
        yield "source_zh", MISSING


def _text(row: Row, name: str) -> Text:
    zh = row.get(f"{name}_zh", "")
    return Text(zh, row.get(f"{name}_en", "") or zh)


_STANDINGS = frozenset(Standing)
MISSING = Text("不能为空", "must not be empty")
TOO_LONG = Text("最多 {n} 字", "at most {n} characters")
UNPRINTABLE = Text("含有换行等控制字符", "contains a line break or another control character")
TWICE = Text("事项 {code} 在前面已经列过", "the kind {code} was listed before")
NO_KIND = Text("事项清单中没有以 {code} 开头的类别", "no kind of the catalogue begins with {code}")
NOT_ONE_OF = Text("“{value}”不是履职类别:{options}", "“{value}” is none of: {options}")
NO_LEAD = Text("配合履职必须填上级主责部门", "a cooperative duty must name the department above that leads")
NO_TAKER = Text(
    "上级收回必须填承接的上级部门", "a withdrawn duty must name the department above that takes it"
)
