"""Posts and departments as tables for pages: who sits where, what is vacant, who holds two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from linli.kernel.text import Text
from linli.people.queries.staffing import Picture, call, picture
from linli.people.rules.duty import Held, Seat
from linli.people.words import Role
from linli.territory import queries as territory


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody on a post: since when, and the other posts that the same person holds."""

    account_id: UUID
    tenure_id: UUID
    name: str
    since: datetime
    also: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post as the table shows it. `vacant`: nobody holds it. `shared`: several hold it.
    `doubled`: a holder also holds another post."""

    id: UUID
    role: Role
    title: Text
    unit_id: UUID
    unit: Text
    department: Text | None
    holders: tuple[Holder, ...]

    @property
    def vacant(self) -> bool:
        """Nobody holds it."""
        return not self.holders

    @property
    def shared(self) -> bool:
        """Several people hold it at once."""
        return len(self.holders) > 1

    @property
    def doubled(self) -> bool:
        """Somebody on it also holds another post."""
        return any(holder.also for holder in self.holders)


@dataclass(frozen=True, slots=True)
class UnitPosts:
    """How a unit and everything below it is staffed."""

    unit_id: UUID
    name: Text
    rank: str
    posts: int
    vacant: int
    doubled: int


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """A department with how many hold a post in it."""

    id: UUID
    code: str
    name: Text
    unit_id: UUID
    unit: Text
    posts: int
    vacant: int
    holders: int


def posts_table(unit_id: UUID, at: datetime) -> tuple[PostRow, ...]:
    """The open posts at this unit itself, by role."""
    now = picture()
    return tuple(_row(now, seat, at) for seat in _open_seats(now, at) if seat.unit_id == unit_id)


def post_row(post_id: UUID, at: datetime) -> PostRow | None:
    """The post, while it is open."""
    now = picture()
    seat = now.seats.get(post_id)
    return _row(now, seat, at) if seat is not None and seat.closed is None else None


def posts_below(unit_id: UUID, at: datetime) -> tuple[PostRow, ...]:
    """The open posts at this unit and everything below it, in the order of the tree, then by role."""
    now = picture()
    units = _order(unit_id)
    seats = sorted((s for s in _open_seats(now, at) if s.unit_id in units), key=lambda s: units[s.unit_id])
    return tuple(_row(now, seat, at) for seat in seats)


def staffing_of_children(unit_id: UUID, at: datetime) -> tuple[UnitPosts, ...]:
    """For each unit directly below: posts, vacancies and doubled posts of its whole sub-tree."""
    snapshot = territory.snapshot()
    rows = posts_below(unit_id, at)
    found = []
    for child in snapshot.children(unit_id):
        units = _order(child.id)
        mine = [row for row in rows if row.unit_id in units]
        vacant, doubled = sum(row.vacant for row in mine), sum(row.doubled or row.shared for row in mine)
        name = call(snapshot.chain(child.id))
        found.append(UnitPosts(child.id, name, child.rank, len(mine), vacant, doubled))
    return tuple(found)


def departments(at: datetime) -> tuple[DepartmentRow, ...]:
    """Every department, by code."""
    now = picture()
    found = []
    for office in now.staffing.offices.values():
        seats = [s for s in now.staffing.seats_of_department.get(office.id, ()) if s.open(at)]
        holders = [seat.holders(at) for seat in seats]
        people = {held.holder_id for group in holders for held in group}
        vacant = sum(not group for group in holders)
        found.append(
            DepartmentRow(
                office.id,
                office.code,
                office.name,
                office.unit_id,
                _called(office.unit_id),
                len(seats),
                vacant,
                len(people),
            )
        )
    return tuple(found)


def department_posts(department_id: UUID, at: datetime) -> tuple[PostRow, ...]:
    """The open posts of a department."""
    now = picture()
    return tuple(_row(now, s, at) for s in _open_seats(now, at) if s.department_id == department_id)


def holders_of(role: str, unit_id: UUID, at: datetime) -> tuple[Holder, ...]:
    """Everybody who holds this role at this unit itself, without departments' posts."""
    now = picture()
    seats = now.staffing.seats.get((unit_id, role), ())
    return tuple(_holder(now, s, h, at) for s in seats if s.open(at) for h in s.holders(at))


def _open_seats(now: Picture, at: datetime) -> list[Seat]:
    order = list(Role)
    return sorted(
        (s for s in now.seats.values() if s.open(at)), key=lambda s: (order.index(s.role), s.title.zh)
    )


def _order(unit_id: UUID) -> dict[UUID, int]:
    snapshot = territory.snapshot()
    unit = snapshot.unit(unit_id)
    if unit is None:
        return {}
    return {u.id: u.index for u in snapshot.units[unit.index : unit.end]}


def _row(now: Picture, seat: Seat, at: datetime) -> PostRow:
    office = now.staffing.offices.get(seat.department_id) if seat.department_id else None
    return PostRow(
        seat.id,
        seat.role,
        seat.title,
        seat.unit_id,
        _called(seat.unit_id),
        office.name if office else None,
        tuple(_holder(now, seat, held, at) for held in seat.holders(at)),
    )


def _holder(now: Picture, seat: Seat, held: Held, at: datetime) -> Holder:
    others = _others(now.holdings.get(held.holder_id, ()), seat, at)
    return Holder(held.holder_id, held.tenure_id, held.name, held.starts, tuple(others))


def _others(holdings: Iterable[tuple[Seat, Held]], seat: Seat, at: datetime) -> Iterable[Text]:
    return (
        other.title for other, held in holdings if other.id != seat.id and other.open(at) and held.runs(at)
    )


def _called(unit_id: UUID) -> Text:
    chain = territory.snapshot().chain(unit_id)
    return call(chain) if chain else Text("?", "?")
