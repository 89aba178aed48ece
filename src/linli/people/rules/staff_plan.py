"""What a staff file would make of a town: new departments, posts, accounts and appointments, and what is wrong.

Pure: the town as it is comes in as `Known`, dates as plain days of the town.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from linli.kernel.text import Text
from linli.people.rules.names import good_username, tidy
from linli.people.words import ROLE_LABELS, Role

CODE_MAX, NAME_MAX, TITLE_MAX = 24, 60, 80
ENGLISH_MAX = {"department_en": 120, "title_en": 160}
_ROLES = {
    word: role for role, label in ROLE_LABELS.items() for word in (role.value, label.zh, label.en.casefold())
}

NO_UNIT = Text("没有代码为“{code}”的网格单元", "there is no unit with the code “{code}”")
NO_ROLE = Text("没有“{word}”这种角色", "there is no role “{word}”")
NEEDED = Text("缺少", "is missing")
TOO_LONG = Text("超过 {n} 个字,或含有控制字符", "is longer than {n} characters or holds control characters")
NEEDS_DEPARTMENT = Text("处置人员须属于一个部门", "a handler belongs to a department")
NO_DEPARTMENT = Text(
    "没有代码为“{code}”的部门;新部门请写部门名称", "there is no department {code}; give its name to open it"
)
OTHER_NAME = Text("第 {line} 行写的是“{name}”", "line {line} says “{name}”")
WHICH_POST = Text("有几个这样的岗位,请写岗位名称", "there are several such posts: give the title")
CLOSED_POST = Text("这个岗位已撤销,请换一个岗位名称", "this post was closed: give the new one another title")
BAD_USERNAME = Text("登录名为 2 至 60 个字母、数字或 @ . + - _", "2 to 60 letters, digits or @ . + - _")
OTHER_PERSON = Text("该登录名属于“{name}”", "this sign-in name is that of “{name}”")
CLOSED_ACCOUNT = Text("该账号已停用", "this account is closed")
BAD_DATE = Text("不是日期,请写成 2026-03-01", "is not a date: write 2026-03-01")
TOO_EARLY = Text("岗位于 {day} 设立", "the post exists since {day}")
SAME_LINE = Text("与第 {line} 行相同", "is the same as line {line}")
HELD_BEFORE = Text(
    "曾任此岗位至 {day},不再任命;要重新任命,请写更晚的任职日期",
    "held this post until {day} and is not appointed again; for that give a later date",
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file, as texts; `since` may be empty."""

    line: int
    unit: str
    role: str
    department: str = ""
    department_name: str = ""
    department_en: str = ""
    title: str = ""
    title_en: str = ""
    username: str = ""
    name: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a line: which field and why. Unless it is only a `note`, nothing can be written."""

    line: int
    field: str
    reason: Text
    note: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A unit: its id and, nearest first, the ids of itself and all above it."""

    id: UUID
    way_up: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Chair:
    """A post that exists."""

    id: UUID
    title: str
    opened: date
    closed: bool


@dataclass(frozen=True, slots=True)
class Someone:
    """An account that exists; `held` says for each post until when (None: still, or from a coming day on)."""

    id: UUID
    username: str
    name: str
    active: bool
    held: Mapping[UUID, date | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """The town as it is: units by the codes that the file uses, departments by unit and code, posts by unit,
    role and department, accounts by folded sign-in name."""

    places: Mapping[str, Place]
    offices: Mapping[tuple[UUID, str], UUID]
    chairs: Mapping[tuple[UUID, Role, UUID | None], tuple[Chair, ...]]
    people: Mapping[str, Someone]
    today: date


@dataclass(slots=True)
class NewOffice:
    """A department to be opened."""

    line: int
    unit_id: UUID
    code: str
    name: str
    name_en: str


@dataclass(slots=True)
class NewChair:
    """A post to be opened, at a department that exists (its id), is new, or at none."""

    line: int
    unit_id: UUID
    role: Role
    department: UUID | NewOffice | None
    title: Text
    opened_on: date


@dataclass(frozen=True, slots=True)
class NewPerson:
    """An account to be made."""

    line: int
    username: str
    name: str


@dataclass(frozen=True, slots=True)
class NewTenure:
    """Somebody to be appointed to a post, each of them known (an id) or new; `since` None: from now on."""

    line: int
    chair: UUID | NewChair
    person: UUID | NewPerson
    since: date | None


@dataclass(slots=True)
class Plan:
    """What would be written, what is there already, and what is to be said about lines."""

    offices: list[NewOffice] = field(default_factory=list)
    chairs: list[NewChair] = field(default_factory=list)
    people: list[NewPerson] = field(default_factory=list)
    tenures: list[NewTenure] = field(default_factory=list)
    already: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def blocked(self) -> bool:
        """Whether some line cannot be taken, so that nothing is."""
        return any(not found.note for found in self.findings)

    @property
    def empty(self) -> bool:
        """Whether everything in the file is there already."""
        return not (self.offices or self.chairs or self.people or self.tenures)


def role_of(word: str) -> Role | None:
    """The role with this code or official term."""
    return _ROLES.get(word.strip().casefold()) or _ROLES.get(word.strip())


def make(rows: Iterable[Row], known: Known) -> Plan:
    """The plan of all rows. Planned and written once, the same rows give an empty plan."""
    planner = _Planner(known)
    rows = list(rows)
    placed = [(row, known.places.get(row.unit)) for row in rows]
    # Departments of wider units first: a department serves everything below it.
    for row, place in sorted((pair for pair in placed if pair[1]), key=lambda pair: len(pair[1].way_up)):  # type: ignore[union-attr]  # the pairs without a place are left out
        planner.take_office(row, place)  # type: ignore[arg-type]  # as above
    for row, place in placed:
        planner.take(row, place)
    planner.plan.findings.sort(key=lambda found: (found.line, found.note))
    return planner.plan


class _Planner:
    def __init__(self, known: Known) -> None:
        self.known, self.plan = known, Plan()
        self._offices: dict[tuple[UUID, str], NewOffice] = {}
        self._chairs: dict[tuple[UUID, Role, UUID | int | None], list[NewChair]] = {}
        self._people: dict[str, NewPerson] = {}
        self._seen: dict[tuple[int | UUID, str], int] = {}

    def note(self, row: Row, name: str, reason: Text, *, only: bool = False) -> None:
        self.plan.findings.append(Finding(row.line, name, reason, only))

    def text(self, row: Row, name: str, longest: int) -> str:
        """The field as one tidy line; said and "" when it cannot be kept."""
        value = getattr(row, name)
        clean = tidy(value, longest) if value else ""
        if clean is None:
            self.note(row, name, TOO_LONG.fill(n=longest))
        return clean or ""

    # Departments

    def take_office(self, row: Row, place: Place) -> None:
        """Open the department of the row unless it exists at the unit or above it."""
        if not row.department:
            return
        found = self._office(place, row.department)
        name = self.text(row, "department_name", NAME_MAX)
        if found is None:
            code = self.text(row, "department", CODE_MAX)
            if code and not name:
                self.note(row, "department", NO_DEPARTMENT.fill(code=code))
            elif code:
                new = NewOffice(row.line, place.id, code, name, self.text(row, "department_en", 120))
                self._offices[place.id, code] = new
                self.plan.offices.append(new)
        elif isinstance(found, NewOffice) and name and name != found.name:
            self.note(row, "department_name", OTHER_NAME.fill(line=found.line, name=found.name))

    def _office(self, place: Place, code: str) -> UUID | NewOffice | None:
        for unit in place.way_up:
            found = self.known.offices.get((unit, code)) or self._offices.get((unit, code))
            if found is not None:
                return found
        return None

    # Posts

    def take(self, row: Row, place: Place | None) -> None:
        """Plan the row's post and its holder."""
        role = role_of(row.role)
        if place is None:
            self.note(row, "unit", NO_UNIT.fill(code=row.unit) if row.unit else NEEDED)
        if role is None:
            self.note(row, "role", NO_ROLE.fill(word=row.role[:30]) if row.role else NEEDED)
        elif role is Role.HANDLER and not row.department:
            self.note(row, "department", NEEDS_DEPARTMENT)
        since, good = self._since(row)
        person = self._person(row)
        if place is None or role is None or not good:
            return
        office = self._office(place, row.department) if row.department else None
        if row.department and office is None:
            return
        chair = self._chair(row, place, role, office, since)
        if chair is not None and person is not None:
            self._tenure(row, chair, person, since)

    def _since(self, row: Row) -> tuple[date | None, bool]:
        if not row.since:
            return None, True
        try:
            return date.fromisoformat(row.since.replace("/", "-").replace(".", "-")[:10]), True
        except ValueError:
            self.note(row, "since", BAD_DATE)
            return None, False

    def _chair(
        self, row: Row, place: Place, role: Role, office: UUID | NewOffice | None, since: date | None
    ) -> Chair | NewChair | None:
        title = self.text(row, "title", TITLE_MAX)
        if row.title and not title:
            return None
        at = office if isinstance(office, UUID) else None
        there = () if isinstance(office, NewOffice) else self.known.chairs.get((place.id, role, at), ())
        planned = self._chairs.setdefault(
            (place.id, role, id(office) if isinstance(office, NewOffice) else at), []
        )
        found = self._same(row, title or role.label.zh, bool(title), there, planned)
        if isinstance(found, Text):
            self.note(row, "title", found)
            return None
        if found is None:
            english = self.text(row, "title_en", 160) if title else role.label.en
            opened = min(since or self.known.today, self.known.today)
            found = NewChair(row.line, place.id, role, office, Text(title or role.label.zh, english), opened)
            planned.append(found)
            self.plan.chairs.append(found)
        elif isinstance(found, NewChair) and since is not None:
            found.opened_on = min(found.opened_on, since)
        return found

    @staticmethod
    def _same(
        row: Row, title: str, given: bool, there: tuple[Chair, ...], planned: list[NewChair]
    ) -> Chair | NewChair | Text | None:
        """The post that the row means: by its title; without one the only post of its kind."""
        open_ones: list[Chair | NewChair] = [chair for chair in there if not chair.closed]
        open_ones += planned
        named = [c for c in open_ones if (c.title.zh if isinstance(c, NewChair) else c.title) == title]
        if named:
            return named[0]
        if not given and open_ones:
            return open_ones[0] if len(open_ones) == 1 else WHICH_POST
        return CLOSED_POST if any(chair.closed and chair.title == title for chair in there) else None

    # People

    def _person(self, row: Row) -> Someone | NewPerson | None:
        if not row.username:
            if row.name:
                self.note(row, "username", NEEDED)
            return None
        folded = row.username.casefold()
        name = self.text(row, "name", NAME_MAX)
        known = self.known.people.get(folded)
        if known is not None:
            if not known.active:
                self.note(row, "username", CLOSED_ACCOUNT)
            elif name and name != known.name:
                self.note(row, "name", OTHER_PERSON.fill(name=known.name))
            return known
        return self._new_person(row, folded, name)

    def _new_person(self, row: Row, folded: str, name: str) -> NewPerson | None:
        new = self._people.get(folded)
        if new is not None:
            if name and name != new.name:
                self.note(row, "name", OTHER_NAME.fill(line=new.line, name=new.name))
        elif not good_username(row.username):
            self.note(row, "username", BAD_USERNAME)
        elif name:
            new = self._people[folded] = NewPerson(row.line, row.username, name)
            self.plan.people.append(new)
        elif not row.name:
            self.note(row, "name", NEEDED)
        return new

    def _tenure(
        self, row: Row, chair: Chair | NewChair, person: Someone | NewPerson, since: date | None
    ) -> None:
        key = (chair.id if isinstance(chair, Chair) else id(chair), person.username.casefold())
        if key in self._seen:
            self.note(row, "username", SAME_LINE.fill(line=self._seen[key]))
            return
        self._seen[key] = row.line
        if isinstance(chair, Chair):
            if since is not None and since < chair.opened:
                self.note(row, "since", TOO_EARLY.fill(day=chair.opened.isoformat()))
                return
            if isinstance(person, Someone) and self._done(row, chair, person, since):
                return
        self.plan.tenures.append(
            NewTenure(
                row.line,
                chair.id if isinstance(chair, Chair) else chair,
                person.id if isinstance(person, Someone) else person,
                since,
            )
        )

    def _done(self, row: Row, chair: Chair, person: Someone, since: date | None) -> bool:
        """Whether the person holds or held the post as the row says."""
        if chair.id not in person.held:
            return False
        until = person.held[chair.id]
        if until is not None and since is not None and since > until:
            return False
        self.plan.already += 1
        if until is not None:
            self.note(row, "username", HELD_BEFORE.fill(day=until.isoformat()), only=True)
        return True
