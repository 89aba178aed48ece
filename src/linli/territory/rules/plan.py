"""What an import would do: rows and what is known in, a plan with findings out. Pure.

Nothing here writes. A plan with an error finding is blocked as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

import shapely
from shapely.geometry.base import BaseGeometry

from linli.kernel.text import Text
from linli.territory.rules.codes import codes_above, needs_parent, rank_of
from linli.territory.words import RANKS, Rank, Severity


class Trouble(StrEnum):
    """What kind of finding it is."""

    FILE = "file"
    CODE = "code"
    NAME = "name"
    FIELD = "field"
    DUPLICATE = "duplicate"
    ORPHAN = "orphan"
    CYCLE = "cycle"
    CLOSED = "closed"
    COORDINATES = "coordinates"
    GEOMETRY = "geometry"
    OVERLAP = "overlap"
    GAP = "gap"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at: the line or feature number (0: the whole file), the field, what, how bad."""

    line: int
    field: str
    trouble: Trouble
    severity: Severity
    text: Text


@dataclass(slots=True)
class Row:
    """One unit as a file states it. Empty fields are not stated and leave what is known."""

    line: int
    code: str
    name: str = ""
    name_en: str = ""
    rank: str = ""
    kind: str = ""
    parent: str = ""
    households: int | None = None
    shape: BaseGeometry | None = None
    parent_stated: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A unit that the territory already has."""

    code: str
    name: str
    name_en: str
    rank: str
    kind: str
    parent: str
    households: int | None
    open: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """A known unit whose fields change, with their new values (`parent` is a code)."""

    code: str
    before: Known
    fields: dict[str, str | int | None]


@dataclass(frozen=True, slots=True)
class NewShape:
    """A boundary to be opened for a unit; `replaces` when it follows another."""

    code: str
    shape: BaseGeometry
    replaces: bool


@dataclass(slots=True)
class Plan:
    """What would be written. `new` has parents before children; `version` is the territory's at planning."""

    source: str = ""
    version: UUID | None = None
    new: list[Row] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    unchanged: int = 0
    closing: list[str] = field(default_factory=list)
    shapes: list[NewShape] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def errors(self) -> list[Finding]:
        """Findings that block."""
        return [f for f in self.findings if f.severity is Severity.ERROR]

    @property
    def warnings(self) -> list[Finding]:
        """Findings that do not block."""
        return [f for f in self.findings if f.severity is Severity.WARNING]

    @property
    def blocked(self) -> bool:
        """Whether nothing may be written."""
        return any(f.severity is Severity.ERROR for f in self.findings)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.new or self.changed or self.closing or self.shapes)


def plan_units(rows: Iterable[Row], known: Mapping[str, Known], *, parent: str = "", rank: str = "") -> Plan:
    """The plan for the tree (boundaries apart): rows placed under their parents, compared with the known.

    `parent` is the code above rows that name none; `rank` the label for new rows that state none.
    """
    plan = Plan()
    tops = {k.name: k.code for k in known.values() if k.open and not k.parent}
    stated = _without_duplicates(rows, plan.findings)
    _place(stated, known, parent, plan.findings)
    for row in _parents_first(stated, known, plan.findings):
        before = known.get(row.code)
        if before is None:
            _complete(row, stated, known, rank)
            plan.new.append(row)
            if not row.parent and row.name in tops:
                text = _SAME_NAME.fill(name=row.name, code=tops[row.name], other=row.code)
                plan.findings.append(Finding(row.line, "code", Trouble.DUPLICATE, Severity.WARNING, text))
            if not row.name:
                plan.findings.append(
                    _error(row, "name", Trouble.NAME, Text("缺少名称", "The name is missing"))
                )
        elif not before.open:
            plan.findings.append(
                _error(row, "code", Trouble.CLOSED, _CLOSED.fill(code=row.code, name=before.name))
            )
        elif fields := _differences(row, before):
            plan.changed.append(Change(row.code, before, fields))
        else:
            plan.unchanged += 1
    return plan


_CLOSED = Text(
    "{name}({code})已撤销,代码不能再用", "{name} ({code}) is closed; its code cannot be used again"
)
_SAME_NAME = Text(
    "已有同名的 {name}({code});若是同一单元,请把文件中的代码 {other} 改为 {code}",
    "{name} is already here as {code}; if it is the same unit, change {other} in the file to {code}",
)
_SAME_AGAIN = Text(
    "代码 {code} 重复,内容与第 {line} 行相同,已略过", "Code {code} repeats line {line} and was passed over"
)
_OTHER_AGAIN = Text(
    "代码 {code} 重复,但内容与第 {line} 行不同",
    "Code {code} appears again with other content than in line {line}",
)
_UNKNOWN_PARENT = Text(
    "上级代码 {parent} 既不在文件中,也不在已有网格中", "Parent {parent} is neither in the file nor known here"
)
_NO_PARENT = Text(
    "找不到 {code} 的上级;请在文件中加入其上级,或用 parent 指定",
    "Nothing above {code} was found; add it to the file, or name it with parent",
)
_CLOSED_PARENT = Text("上级 {parent} 已撤销", "Parent {parent} is closed")
_ROUND = Text("上下级关系成环:{codes}", "The units are above one another in a circle: {codes}")
_NEW_TOP = Text(
    "{name}({code})没有上级,将成为新的最高一级",
    "{name} ({code}) has nothing above it and becomes a new top unit",
)


def _error(row: Row, name: str, trouble: Trouble, text: Text) -> Finding:
    return Finding(row.line, name, trouble, Severity.ERROR, text)


def _without_duplicates(rows: Iterable[Row], findings: list[Finding]) -> dict[str, Row]:
    stated: dict[str, Row] = {}
    for row in rows:
        first = stated.setdefault(row.code, row)
        if first is row:
            continue
        same = (first.name, first.parent) == (row.name, row.parent) and _same_shape(first.shape, row.shape)
        text = (_SAME_AGAIN if same else _OTHER_AGAIN).fill(code=row.code, line=first.line)
        severity = Severity.WARNING if same else Severity.ERROR
        findings.append(Finding(row.line, "code", Trouble.DUPLICATE, severity, text))
    return stated


def _same_shape(one: BaseGeometry | None, other: BaseGeometry | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool(shapely.equals_identical(one, other))


def _place(stated: dict[str, Row], known: Mapping[str, Known], parent: str, findings: list[Finding]) -> None:
    """Give every row its parent: the stated one, else by the form of its code, else the one named for all."""
    for row in stated.values():
        if row.parent:
            row.parent_stated = True
        elif row.code in known:
            row.parent = known[row.code].parent
            continue
        else:
            above = (c for c in codes_above(row.code) if c in stated or c in known)
            row.parent = next(above, parent if parent != row.code else "")
        if finding := _parent_trouble(row, stated, known):
            findings.append(finding)


def _parent_trouble(row: Row, stated: dict[str, Row], known: Mapping[str, Known]) -> Finding | None:
    if not row.parent:
        if needs_parent(row.code):
            return _error(row, "parent", Trouble.ORPHAN, _NO_PARENT.fill(code=row.code))
        if known:
            text = _NEW_TOP.fill(name=row.name or row.code, code=row.code)
            return Finding(row.line, "parent", Trouble.ORPHAN, Severity.WARNING, text)
        return None
    above = known.get(row.parent)
    if above is None and row.parent not in stated:
        return _error(row, "parent", Trouble.ORPHAN, _UNKNOWN_PARENT.fill(parent=row.parent))
    if above is not None and not above.open:
        return _error(row, "parent", Trouble.ORPHAN, _CLOSED_PARENT.fill(parent=row.parent))
    return None


def _parents_first(stated: dict[str, Row], known: Mapping[str, Known], findings: list[Finding]) -> list[Row]:
    """The rows with parents before children; rows in or below a circle are left out and reported."""
    order: list[Row] = []
    done: set[str] = set()
    for start in stated.values():
        way: list[str] = []
        on_way: set[str] = set()
        code = start.code
        while code and code not in done and code not in on_way:
            on_way.add(code)
            way.append(code)
            code = _above(code, stated, known)
        if code in on_way:
            circle = way[way.index(code) :]
            text = _ROUND.fill(codes=" → ".join([*circle, code]))
            line = next((stated[c].line for c in circle if c in stated), start.line)
            findings.append(Finding(line, "parent", Trouble.CYCLE, Severity.ERROR, text))
        else:
            order.extend(stated[c] for c in reversed(way) if c in stated)
        done.update(way)
    return order


def _above(code: str, stated: dict[str, Row], known: Mapping[str, Known]) -> str:
    if code in stated:
        return stated[code].parent
    return known[code].parent if code in known else ""


def _complete(row: Row, stated: dict[str, Row], known: Mapping[str, Known], rank: str) -> None:
    """Fill the rank of a new row: stated, by its code, or one below its parent's."""
    if row.rank:
        return
    by_code = rank_of(row.code)
    if rank or by_code:
        row.rank = rank or str(by_code)
        return
    above = stated[row.parent].rank if row.parent in stated else ""
    if not above and row.parent in known:
        above = known[row.parent].rank
    if above in list(RANKS):
        row.rank = str(RANKS[min(RANKS.index(Rank(above)) + 1, len(RANKS) - 1)])
    else:
        row.rank = str(Rank.TOWN)


def _differences(row: Row, before: Known) -> dict[str, str | int | None]:
    fields: dict[str, str | int | None] = {}
    for name in ("name", "name_en", "rank", "kind"):
        value = getattr(row, name)
        if value and value != getattr(before, name):
            fields[name] = value
    if row.households is not None and row.households != before.households:
        fields["households"] = row.households
    if row.parent_stated and row.parent != before.parent:
        fields["parent"] = row.parent
    return fields
