"""The matrix as lines of a file: read with everything that is wrong, written so that reading gives the same. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from linli.kernel.text import Text
from linli.people.words import PART_LABELS, ROLE_LABELS, Entry, Part, Role
from linli.responsibility.words import Finding, Line

ALL_KINDS: Final = "*"
COLUMNS: Final = (
    "unit", "unit_name", "place", "place_kind", "kind", "kind_name", "part", "taker", "taker_name", "source",
)  # fmt: skip
NEEDED: Final = ("unit", "kind", "part", "taker")
_MOST: Final = {"kind": 24, "source": 200}


@dataclass(frozen=True, slots=True)
class Office:
    """A department that a row may name."""

    id: UUID
    code: str
    unit_id: UUID
    name: Text


@dataclass(frozen=True, slots=True)
class Known:
    """The town as far as a file of the matrix can speak of it.

    `units` by code with whether they are open, `ways` from each unit up to the top, nearest first; `managed`
    are those whose rows may be written; `places` by unit; `kinds` are the catalogue's codes and classes.
    """

    units: Mapping[str, tuple[UUID, bool]]
    names: Mapping[UUID, Text]
    ways: Mapping[UUID, Sequence[UUID]]
    managed: frozenset[UUID]
    places: Mapping[UUID, Sequence[tuple[UUID, str, str]]]
    offices: Mapping[str, Sequence[Office]]
    kinds: Mapping[str, Text]
    office_by_id: Mapping[UUID, Office] = field(default_factory=dict)


class _Wrong(Exception):
    """A cell that cannot be understood."""

    def __init__(self, column: str, reason: Text) -> None:
        super().__init__(column)
        self.column, self.reason = column, reason


def read(lines: Iterable[Line], known: Known) -> tuple[list[Entry], list[Finding]]:
    """The rows that the lines say, and everything that is wrong with them, in the order of the lines.

    With an error among the findings the rows are not to be used.
    """
    rows: list[Entry] = []
    findings: list[Finding] = []
    leads: dict[object, int] = {}
    seen: dict[object, int] = {}
    for number, cells in lines:
        try:
            row = _row(cells, known)
        except _Wrong as wrong:
            findings.append(Finding(number, wrong.column, wrong.reason))
            continue
        findings += _doubts(number, row, cells, known)
        double = seen.setdefault((row.cell, row.taker), number)
        other = leads.setdefault(row.cell, number) if row.part is Part.LEAD else number
        if double != number:
            findings.append(Finding(number, "taker", TWICE.fill(line=double)))
        elif other != number:
            findings.append(Finding(number, "part", SECOND_LEAD.fill(line=other)))
        else:
            rows.append(row)
    return rows, findings


def write(rows: Iterable[Entry], known: Known) -> Iterator[dict[str, str]]:
    """The rows as cells, in the order of units, places, kinds and parts; `read` gives the same rows again."""
    codes = {id: code for code, (id, _) in known.units.items()}
    order = list(Part)
    places = {place[0]: place for found in known.places.values() for place in found}
    for row in sorted(
        rows,
        key=lambda r: (
            codes.get(r.unit_id, ""), _named(places, r.place_id), r.kind_prefix, order.index(r.part), r.role,
            _office_code(r, known),
        ),
    ):  # fmt: skip
        _, place, kind = places.get(row.place_id, (None, "", "")) if row.place_id else (None, "", "")
        who = ROLE_LABELS[Role(row.role)] if row.role else _office_name(row, known)
        yield {
            "unit": codes.get(row.unit_id, ""),
            "unit_name": known.names.get(row.unit_id, Text("", "")).zh,
            "place": place,
            "place_kind": kind,
            "kind": row.kind_prefix or ALL_KINDS,
            "kind_name": known.kinds.get(
                row.kind_prefix, ALL_NAME if not row.kind_prefix else Text("", "")
            ).zh,
            "part": row.part.label.zh,
            "taker": row.role or _office_code(row, known),
            "taker_name": who.zh,
            "source": row.source,
        }


def _row(cells: Mapping[str, str], known: Known) -> Entry:
    for column, most in _MOST.items():
        value = cells.get(column, "")
        if len(value) > most:
            raise _Wrong(column, TOO_LONG.fill(n=most))
        if any(ord(sign) < 32 or ord(sign) == 127 for sign in value):
            raise _Wrong(column, UNPRINTABLE)
    unit_id = _unit(cells, known)
    place_id = _place(cells, unit_id, known)
    kind = cells.get("kind", "")
    if not kind:
        raise _Wrong("kind", NO_KIND_GIVEN)
    if kind != ALL_KINDS and not kind.isalnum():
        raise _Wrong("kind", BAD_KIND.fill(value=kind[:20]))
    part = _PARTS.get(cells.get("part", "").casefold())
    if part is None:
        raise _Wrong("part", BAD_PART.fill(value=cells.get("part", "")[:20], options="、".join(p.zh for p in PART_LABELS.values())))  # fmt: skip
    role, office = _taker(cells.get("taker", ""), unit_id, known)
    prefix = "" if kind == ALL_KINDS else kind
    return Entry(prefix, unit_id, place_id, part, role, office, cells.get("source", ""))


def _unit(cells: Mapping[str, str], known: Known) -> UUID:
    code = cells.get("unit", "")
    found = known.units.get(code)
    if found is None:
        raise _Wrong("unit", NO_UNIT.fill(value=code[:30]) if code else MISSING)
    if found[0] not in known.managed:
        raise _Wrong("unit", NOT_YOURS.fill(value=code))
    return found[0]


def _place(cells: Mapping[str, str], unit_id: UUID, known: Known) -> UUID | None:
    name, kind = cells.get("place", ""), cells.get("place_kind", "")
    if not name:
        if kind:
            raise _Wrong("place", MISSING)
        return None
    found = [id for id, its, sort in known.places.get(unit_id, ()) if its == name and kind in ("", sort)]
    if len(found) != 1:
        raise _Wrong("place", (SEVERAL_PLACES if found else NO_PLACE).fill(value=name[:30]))
    return found[0]


def _taker(value: str, unit_id: UUID, known: Known) -> tuple[str, UUID | None]:
    if not value:
        raise _Wrong("taker", MISSING)
    role = _ROLES.get(value.casefold())
    if role is not None:
        return role, None
    code, _, at = value.partition("@")
    offices = known.offices.get(code, ())
    if at:
        offices = [office for office in offices if known.units.get(at, (None,))[0] == office.unit_id]
    nearest = _nearest(offices, known.ways.get(unit_id, ()))
    if nearest is None:
        raise _Wrong("taker", NO_TAKER.fill(value=value[:30]))
    return "", nearest.id


def _nearest(offices: Sequence[Office], way: Sequence[UUID]) -> Office | None:
    """The department nearest on the way up; one elsewhere only when there is no other."""
    for unit_id in way:
        for office in offices:
            if office.unit_id == unit_id:
                return office
    return offices[0] if len(offices) == 1 else None


def _doubts(number: int, row: Entry, cells: Mapping[str, str], known: Known) -> Iterator[Finding]:
    if row.kind_prefix and row.kind_prefix not in known.kinds:
        yield Finding(number, "kind", UNKNOWN_KIND.fill(value=row.kind_prefix[:20]), warning=True)
    if not known.units[cells["unit"]][1]:
        yield Finding(number, "unit", UNIT_CLOSED.fill(value=cells["unit"]), warning=True)


def _office_code(row: Entry, known: Known) -> str:
    """How a file names the department: its code, with the unit where the code alone would give another one."""
    office = known.office_by_id.get(row.department_id) if row.department_id else None
    if office is None:
        return ""
    nearest = _nearest(known.offices.get(office.code, ()), known.ways.get(row.unit_id, ()))
    if nearest is not None and nearest.id == office.id:
        return office.code
    at = next((code for code, (id, _) in known.units.items() if id == office.unit_id), "")
    return f"{office.code}@{at}"


def _office_name(row: Entry, known: Known) -> Text:
    office = known.office_by_id.get(row.department_id) if row.department_id else None
    return office.name if office else Text("", "")


def _named(places: Mapping[UUID, tuple[UUID, str, str]], place_id: UUID | None) -> tuple[str, str]:
    found = places.get(place_id) if place_id else None
    return (found[1], found[2]) if found else ("", "")


_PARTS = {word.casefold(): part for part, label in PART_LABELS.items() for word in (part, *label)}
_ROLES = {word.casefold(): str(role) for role, label in ROLE_LABELS.items() for word in (role, *label)}
ALL_NAME = Text("全部事项", "all kinds")
MISSING = Text("不能为空", "must not be empty")
TOO_LONG = Text("最多 {n} 字", "at most {n} characters")
UNPRINTABLE = Text("含有换行等控制字符", "contains a line break or another control character")
NO_UNIT = Text("没有代码为“{value}”的单元", "there is no unit “{value}”")
NOT_YOURS = Text("您不管理单元 {value}", "you do not administer the unit {value}")
NO_PLACE = Text("这个单元没有叫“{value}”的点位", "this unit has no place “{value}”")
SEVERAL_PLACES = Text(
    "这个单元有几处叫“{value}”,请写明点位类别",
    "this unit has several places “{value}”: give the place's kind",
)
NO_KIND_GIVEN = Text("不能为空;全部事项请写 *", "must not be empty; * stands for all kinds")
BAD_KIND = Text("“{value}”不是事项代码", "“{value}” is no code of a kind")
UNKNOWN_KIND = Text("事项清单中没有 {value}", "the catalogue has no {value}")
UNIT_CLOSED = Text("单元 {value} 已撤销", "the unit {value} is closed")
BAD_PART = Text("“{value}”不是分工:{options}", "“{value}” is no part: {options}")
NO_TAKER = Text(
    "没有“{value}”这个部门或角色;几个单元都有的部门请写 代码@单元代码",
    "no department or role “{value}”; for a department of several units write code@unit",
)
SECOND_LEAD = Text("第 {line} 行已为同一格指定牵头", "line {line} names a lead of the same cell already")
TWICE = Text("与第 {line} 行重复", "says the same as line {line}")
