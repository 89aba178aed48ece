"""Who is responsible: the town's matrix first (the place, then the unit and what is above it), then the
catalogue's default, then up the tree past vacancies.

Pure and in memory: `Staffing` is a read-only picture of all posts, built once a process by `queries`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from linli.kernel.text import Text
from linli.people.words import Entry, Part, Responsible, Role


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody holds a seat from `starts` until before `ends`."""

    tenure_id: UUID
    holder_id: UUID
    name: str
    starts: datetime
    ends: datetime | None

    def runs(self, at: datetime) -> bool:
        """Whether it is in force at this moment."""
        return self.starts <= at and (self.ends is None or at < self.ends)


@dataclass(frozen=True, slots=True)
class Seat:
    """A post with everybody who holds, held or will hold it."""

    id: UUID
    role: Role
    unit_id: UUID
    department_id: UUID | None
    title: Text
    opened: datetime
    closed: datetime | None
    tenures: tuple[Held, ...] = ()

    def open(self, at: datetime) -> bool:
        """Whether the seat exists at this moment."""
        return self.opened <= at and (self.closed is None or at < self.closed)

    def holders(self, at: datetime) -> tuple[Held, ...]:
        """Who holds it at this moment, the longest-serving first; nobody when it is vacant."""
        return tuple(held for held in self.tenures if held.runs(at))


@dataclass(frozen=True, slots=True)
class Office:
    """A department as far as duty is concerned."""

    id: UUID
    code: str
    name: Text
    unit_id: UUID


@dataclass(frozen=True, slots=True)
class Staffing:
    """All posts, departments and rows of the matrix, indexed for asking who is responsible.

    `rows` are the matrix by part, by the id of the place or unit at which they stand, and by prefix of kinds.
    """

    seats: Mapping[tuple[UUID, str], tuple[Seat, ...]] = field(default_factory=dict)
    seats_of_department: Mapping[UUID, tuple[Seat, ...]] = field(default_factory=dict)
    offices: Mapping[UUID, Office] = field(default_factory=dict)
    offices_at: Mapping[tuple[UUID, str], Office] = field(default_factory=dict)
    office_codes: frozenset[str] = frozenset()
    rows: Mapping[Part, Mapping[UUID, Mapping[str, tuple[Entry, ...]]]] = field(default_factory=dict)
    stand_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    last_resort: str = Role.DISPATCHER


@dataclass(frozen=True, slots=True)
class Step:
    """A unit on the way up, or a place: its id and how people call it."""

    id: UUID
    name: Text


_ROLES = frozenset(Role)

BY_CATALOGUE = Text("事项清单规定由{who}负责", "The catalogue makes {who} responsible")
BY_TOWN = Text(
    "本地责任清单规定,{unit}的这类事项由{who}{part}",
    "The town's list says for this at {unit}: {who} {part}",
)
PART_WORDS = {
    Part.LEAD: Text("负责", "is responsible"),
    Part.HELP: Text("配合", "helps"),
    Part.SUPERVISE: Text("监督", "supervises"),
    Part.REGULATE: Text("监管", "regulates"),
}
CITED = Text("{said}(依据:{source})", "{said} (source: {source})")
NO_DEPARTMENT = Text("{unit}及上级没有代码为{code}的部门", "There is no department {code} at {unit} or above")
DEPARTMENT_EMPTY = Text("{who}目前无人在岗", "nobody holds a post in {who}")
VACANT = Text("{unit}的{role}岗位空缺", "the post {role} at {unit} is vacant")
NO_POST = Text("{unit}及上级未设{role}岗位", "there is no post {role} at {unit} or above")
TAKES = Text("由{unit}的{role}负责", "{role} at {unit} takes it")
TO_DESK = Text("转{unit}的{role}待派遣", "it waits at the desk of {role} at {unit}")
NOWHERE = Text("暂无在岗的{role},等待指定", "nobody holds {role}; it waits to be assigned")
NOT_LOCATED = Text("地点尚未落到网格", "the place is not located yet")


def responsible(
    staffing: Staffing,
    way_up: Sequence[Step],
    default: str,
    at: datetime,
    kind_code: str = "",
    place: Step | None = None,
) -> Responsible:
    """Who has to act.

    `way_up` are the unit and all above it, nearest first; `place` is where in the unit, when that is known.
    `default` is the catalogue's word: a role or the code of a department. The town's rows win: those of the
    place, else of the units; there the longest kind prefix, then the nearest unit. A vacant post passes the
    matter up the tree, a department without anybody or an empty way up to the dispatcher's desk, and `why`
    says so, with the source of the row.
    """
    rows, where = ruling(staffing, Part.LEAD, way_up, kind_code, place)
    return decided(staffing, way_up, default, at, rows, where)


def decided(
    staffing: Staffing, way_up: Sequence[Step], default: str, at: datetime, rows: Sequence[Entry],
    where: Step | None,
) -> Responsible:  # fmt: skip
    """Who has to act when these rows of the matrix speak (`ruling`), or, when none does, by the catalogue."""
    if where is not None:
        return _taker(staffing, way_up, rows[0], where, at)
    return by_default(staffing, way_up, default, at)


def by_default(staffing: Staffing, way_up: Sequence[Step], default: str, at: datetime) -> Responsible:
    """Who has to act by the catalogue alone: the role `default`, or the department with this code."""
    if default in _ROLES:
        return _of_role(staffing, way_up, default, at, BY_CATALOGUE.fill(who=_label(default)))
    office = office_of(staffing, way_up, default)
    if office is None:
        where = way_up[0].name if way_up else Text("本地", "this place")
        return _desk(staffing, way_up, at, (NO_DEPARTMENT.fill(unit=where, code=default),))
    return _of_office(staffing, way_up, office, at, BY_CATALOGUE.fill(who=office.name))


def office_of(staffing: Staffing, way_up: Sequence[Step], code: str) -> Office | None:
    """The nearest department with this code on the way up."""
    return next((o for s in way_up if (o := staffing.offices_at.get((s.id, code)))), None)


def parts(
    staffing: Staffing,
    way_up: Sequence[Step],
    at: datetime,
    kind_code: str,
    place: Step | None = None,
    *,
    default: str = "",
    helpers: Sequence[str] = (),
) -> dict[Part, tuple[Responsible, ...]]:
    """Everybody who has a part. Without a row of the matrix the catalogue's `default` leads and its `helpers`
    help; nobody when they are not given. A helper, supervisor or regulator whom nobody fills is named all the
    same, with `fallback` and without holders: only a lead falls to the dispatcher's desk."""
    found: dict[Part, tuple[Responsible, ...]] = {}
    for part in Part:
        rows, where = ruling(staffing, part, way_up, kind_code, place)
        if where is not None:
            each = [(_taker(staffing, way_up, row, where, at), row.department_id) for row in rows]
        else:
            words = (default,) if part is Part.LEAD and default else helpers if part is Part.HELP else ()
            each = [(by_default(staffing, way_up, w, at), _id_of(staffing, way_up, w)) for w in words]
        found[part] = tuple(
            _nobody(who, office) if part is not Part.LEAD and who.fallback else who for who, office in each
        )
    return found


def _id_of(staffing: Staffing, way_up: Sequence[Step], word: str) -> UUID | None:
    office = None if word in _ROLES else office_of(staffing, way_up, word)
    return office.id if office else None


def ruling(
    staffing: Staffing, part: Part, way_up: Sequence[Step], kind: str, place: Step | None = None
) -> tuple[tuple[Entry, ...], Step | None]:
    """The rows that decide a part, and where they stand; nothing when the matrix is silent."""
    rows = staffing.rows.get(part)
    if not rows:
        return (), None
    if place is not None:
        found, where = _longest(rows, (place,), kind)
        if where is not None:
            return found, where
    return _longest(rows, way_up, kind)


def _longest(
    rows: Mapping[UUID, Mapping[str, tuple[Entry, ...]]], steps: Sequence[Step], kind: str
) -> tuple[tuple[Entry, ...], Step | None]:
    """The rows with the longest prefix, of equals those at the nearest step: a look-up a prefix and step."""
    best: tuple[Entry, ...] = ()
    where: Step | None = None
    length = -1
    for step in steps:
        here = rows.get(step.id)
        if here is None:
            continue
        for size in range(len(kind), length, -1):
            found = here.get(kind[:size])
            if found is not None:
                best, where, length = found, step, size
                break
    return best, where


def handlers(staffing: Staffing, department_id: UUID, at: datetime) -> tuple[UUID, ...]:
    """Everybody who handles for the department at this moment, each once."""
    seats = staffing.seats_of_department.get(department_id, ())
    found = (h.holder_id for s in seats if s.role == Role.HANDLER and s.open(at) for h in s.holders(at))
    return tuple(dict.fromkeys(found))


def _taker(staffing: Staffing, way_up: Sequence[Step], row: Entry, where: Step, at: datetime) -> Responsible:
    office = staffing.offices.get(row.department_id) if row.department_id else None
    who = office.name if office else _label(row.role)
    reason = BY_TOWN.fill(unit=where.name, who=who, part=PART_WORDS[row.part])
    if row.source:
        reason = CITED.fill(said=reason, source=row.source)
    if office:
        return _of_office(staffing, way_up, office, at, reason)
    return _of_role(staffing, way_up, row.role, at, reason)


def _nobody(who: Responsible, department_id: UUID | None) -> Responsible:
    """Named, but nobody is there; why it is so, without the dispatcher's desk at the end."""
    return Responsible(department_id, None, (), None, who.why[:-1] or who.why, fallback=True)


def _of_office(
    staffing: Staffing, way_up: Sequence[Step], office: Office, at: datetime, reason: Text
) -> Responsible:
    holders = handlers(staffing, office.id, at)
    if not holders:
        return _desk(staffing, way_up, at, (reason, DEPARTMENT_EMPTY.fill(who=office.name)))
    return Responsible(office.id, None, holders, office.unit_id, (reason,))


def _of_role(
    staffing: Staffing, way_up: Sequence[Step], role: str, at: datetime, reason: Text
) -> Responsible:
    why: tuple[Text, ...] = (reason,)
    for step, wanted, seat in _seats(staffing, way_up, staffing.stand_in.get(role, (role,)), at):
        holders = seat.holders(at)
        if holders:
            takes = TAKES.fill(unit=step.name, role=_label(wanted))
            return Responsible(None, seat.id, tuple(h.holder_id for h in holders), step.id, (*why, takes))
        vacancy = VACANT.fill(unit=step.name, role=_label(wanted))
        if vacancy not in why:
            why = (*why, vacancy)
    if len(why) == 1 and way_up:
        why = (*why, NO_POST.fill(unit=way_up[0].name, role=_label(role)))
    return _desk(staffing, way_up, at, why)


def _seats(
    staffing: Staffing, way_up: Sequence[Step], roles: Sequence[str], at: datetime
) -> Iterator[tuple[Step, str, Seat]]:
    """Open seats on the way up; at one unit, held seats before vacant ones of the same role."""
    for step in way_up:
        for role in roles:
            found = [s for s in staffing.seats.get((step.id, role), ()) if s.open(at)]
            found.sort(key=lambda seat: not seat.holders(at))
            for seat in found:
                yield step, role, seat


def _desk(staffing: Staffing, way_up: Sequence[Step], at: datetime, why: tuple[Text, ...]) -> Responsible:
    role = staffing.last_resort
    if not way_up:
        return Responsible(
            None, None, (), None, (*why, NOT_LOCATED, NOWHERE.fill(role=_label(role))), fallback=True
        )
    for step, _, seat in _seats(staffing, way_up, (role,), at):
        holders = seat.holders(at)
        if holders:
            to_desk = TO_DESK.fill(unit=step.name, role=_label(role))
            ids = tuple(h.holder_id for h in holders)
            return Responsible(None, seat.id, ids, step.id, (*why, to_desk), fallback=True)
    return Responsible(None, None, (), None, (*why, NOWHERE.fill(role=_label(role))), fallback=True)


def _label(role: str) -> Text:
    return Role(role).label
