"""All posts in memory: a read-only picture per process, renewed when its revision changes.

The revision is asked for at most once a second, so that routing and knowing who acts cost no query. What
this process commits is seen at once, what another commits within a second. Inside a transaction that changed
something the same thread reads its own uncommitted state, which no other thread ever sees.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from typing import TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from linli.kernel import composed, rulebook
from linli.kernel.clock import town_zone
from linli.kernel.text import Text
from linli.people.models import Account, ApiKey, Department, Post, Resident, Responsibility, Revision, Tenure
from linli.people.queries import duties
from linli.people.rules import duty, matrix
from linli.people.rules.duty import Held, Office, Seat, Staffing, Step
from linli.people.words import Entry, Part, Responsible, Role
from linli.territory import queries as territory
from linli.territory.words import Rank

RECHECK_SECONDS = 1.0
ANSWERS_KEPT = 100_000
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Person:
    """An account that holds, held or will hold a post, or has a key."""

    id: UUID
    name: str
    active: bool
    resident_id: UUID | None


@dataclass(frozen=True, slots=True)
class Picture:
    """Staffing at one revision, with who may sign in by which key."""

    token: UUID | None
    staffing: Staffing
    seats: dict[UUID, Seat]
    holdings: dict[UUID, tuple[tuple[Seat, Held], ...]]
    people: dict[UUID, Person]
    keys: dict[str, UUID]
    moments: tuple[datetime, ...]
    answers: dict[tuple[object, ...], Responsible] = field(default_factory=dict)
    remembered: dict[str, object] = field(default_factory=dict)


class _Mine(threading.local):
    changed = False
    picture: Picture | None = None


_lock = threading.Lock()
_mine = _Mine()
_current: Picture | None = None
_check_after = 0.0


def picture() -> Picture:
    """The posts as they are now, at most a second old; see the module's text."""
    if _mine.changed:
        if connection.in_atomic_block:
            return _own()
        forget()
    current = _current
    if current is not None and time.monotonic() < _check_after:
        return current
    return _renew()


def forget() -> None:
    """Ask for the revision again at the next reading."""
    global _check_after  # one picture per process is the purpose
    _mine.changed, _mine.picture = False, None
    _check_after = 0.0


def changed_here() -> None:
    """Called by every action that changes what the picture shows, inside its transaction."""
    _mine.changed, _mine.picture = True, None
    transaction.on_commit(forget)


def _own() -> Picture:
    token = _token()
    if _mine.picture is None or _mine.picture.token != token:
        _mine.picture = _load(token)
    return _mine.picture


def _renew() -> Picture:
    global _current, _check_after  # one picture per process is the purpose
    with _lock:
        token = _token()
        if _current is None or _current.token != token:
            _current = _load(token)
        _check_after = time.monotonic() + RECHECK_SECONDS
        return _current


def _token() -> UUID | None:
    row = composed.one(Revision, id=1)  # asked at every look by who is changing it
    return row.token if row else None


def responsible_for(
    unit_id: UUID | None, responsible: str, at: datetime, kind_code: str = "", place_id: UUID | None = None
) -> Responsible:
    """Who has to act on a kind of matter at a unit, or at a place in it, and in words why.

    `responsible` is the catalogue's default: a role code (`grid_worker`) or a department code (`HW`).
    Without a unit (not located) the way up begins at the only unit that has a dispatcher, or at the only top.
    Costs no query and microseconds: an answer holds until the next moment at which some post or tenure
    begins or ends, and is remembered for as long.
    """
    now = picture()
    leads = now.staffing.rows.get(Part.LEAD)
    kind = kind_code if leads else ""
    here = place_id if leads and place_id in leads else None
    key = (unit_id, responsible, kind, here, bisect_right(now.moments, at), territory.snapshot().version)
    found = now.answers.get(key)
    if found is None:
        found = duty.responsible(now.staffing, way_up(unit_id), responsible, at, kind, place_step(here))
        if len(now.answers) >= ANSWERS_KEPT:
            now.answers.clear()
        now.answers[key] = found
    return found


def steady(first: datetime, last: datetime) -> bool:
    """Whether who is responsible cannot differ between these moments: no post or tenure begins or ends after the
    first until the last, and the same duty list is in force."""
    moments = picture().moments
    return bisect_right(moments, first) == bisect_right(moments, last) and duties.same_list(first, last)


_places: tuple[object, dict[UUID, territory.PlaceRow]] = (None, {})


def place_row(place_id: UUID) -> territory.PlaceRow | None:
    """The place with this id, from memory."""
    global _places  # remembered for one version of the territory
    snapshot = territory.snapshot()
    if _places[0] is not snapshot:
        _places = (snapshot, {place.id: place for place in snapshot.places})
    return _places[1].get(place_id)


def place_step(place_id: UUID | None) -> Step | None:
    """A place as routing names it; None when there is none with this id."""
    place = place_row(place_id) if place_id else None
    return Step(place.id, Text(place.name, place.name_en or place.name)) if place else None


_ways: tuple[object, dict[UUID, tuple[Step, ...]]] = (None, {})


def way_up(unit_id: UUID | None) -> tuple[Step, ...]:
    """The unit and all above it, nearest first, each as people call it."""
    global _ways  # remembered for one version of the territory
    snapshot = territory.snapshot()
    if unit_id is None:
        unit_id = _centre()
        if unit_id is None:
            return ()
    if _ways[0] is not snapshot:
        _ways = (snapshot, {})
    ways = _ways[1]
    found = ways.get(unit_id)
    if found is None:
        chain = snapshot.chain(unit_id)
        found = tuple(Step(unit.id, call(chain[: depth + 1])) for depth, unit in enumerate(chain))[::-1]
        ways[unit_id] = found
    return found


def call(chain: tuple[territory.UnitRow, ...]) -> Text:
    """What people call the last unit of a chain: a grid is named with its village, "东村第3网格"."""
    title = chain[-1].title
    if chain[-1].rank not in (Rank.AREA, Rank.MICRO):
        return title
    village = next((unit for unit in reversed(chain) if unit.rank == Rank.VILLAGE), None)
    if village is None or title.zh.startswith(village.name):
        return title
    return Text(village.name + title.zh, f"{title.en}, {village.title.en}")


def _centre() -> UUID | None:
    staffing = picture().staffing
    desks = {unit_id for unit_id, role in staffing.seats if role == staffing.last_resort}
    if len(desks) == 1:
        return desks.pop()
    roots = territory.snapshot().roots()
    return roots[0].id if len(roots) == 1 else None


def _load(token: UUID | None) -> Picture:
    seats = _seats()
    offices = [
        Office(d.id, d.code, Text(d.name, d.name_en or d.name), d.unit_id)
        for d in Department.objects.order_by("code")
    ]
    book = rulebook.table("people")
    staffing = Staffing(
        seats=_by(((seat.unit_id, str(seat.role)), seat) for seat in seats if seat.department_id is None),
        seats_of_department=_by(
            (seat.department_id, seat) for seat in seats if seat.department_id is not None
        ),
        offices={office.id: office for office in offices},
        offices_at={(office.unit_id, office.code): office for office in offices},
        rows=matrix.index(entries()),
        stand_in={role: tuple(roles) for role, roles in book["stand_in"].items()},
        last_resort=book["last_resort"]["role"],
    )
    return Picture(
        token,
        staffing,
        {seat.id: seat for seat in seats},
        _by((held.holder_id, (seat, held)) for seat in seats for held in seat.tenures),
        _people(),
        dict(ApiKey.objects.filter(revoked_at=None).values_list("digest", "account_id")),
        _moments(seats),
    )


def _seats() -> list[Seat]:
    rows = Tenure.objects.order_by("starts", "id").values_list(
        "post_id", "id", "holder_id", "holder__name", "starts", "ends"
    )
    tenures = _by((row[0], Held(*row[1:])) for row in rows.iterator())
    return [
        Seat(
            post.id,
            Role(post.role),
            post.unit_id,
            post.department_id,
            Text(post.title, post.title_en or post.title),
            midnight(post.opened_on),
            midnight(post.closed_on) if post.closed_on else None,
            tenures.get(post.id, ()),
        )
        for post in Post.objects.order_by("opened_on", "id").iterator()
    ]


def _moments(seats: list[Seat]) -> tuple[datetime, ...]:
    """Every moment at which a post or a tenure begins or ends, in order."""
    found = {moment for seat in seats for moment in (seat.opened, seat.closed)}
    found.update(moment for seat in seats for held in seat.tenures for moment in (held.starts, held.ends))
    return tuple(sorted(moment for moment in found if moment is not None))


def entries() -> Iterator[Entry]:
    """Every row of the matrix as the table holds it."""
    columns = ("kind_prefix", "unit_id", "place_id", "part", "role", "department_id", "source", "id")
    for row in Responsibility.objects.order_by("id").values_list(*columns).iterator():
        kind, unit, place, part, role, department, source, id = row
        yield Entry(kind, unit, place, Part(part), role, department, source, id)


def _people() -> dict[UUID, Person]:
    residents = dict(Resident.objects.exclude(account=None).values_list("account_id", "id").iterator())
    known = Account.objects.filter(Q(tenures__isnull=False) | Q(api_keys__isnull=False)).distinct()
    rows = known.values_list("id", "name", "is_active").iterator()
    return {row[0]: Person(*row, residents.get(row[0])) for row in rows}


def _by(pairs: Iterable[tuple[K, V]]) -> dict[K, tuple[V, ...]]:
    found: defaultdict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}


def midnight(day: date) -> datetime:
    """When a day begins in the town, in UTC."""
    return datetime.combine(day, time_of_day.min, town_zone()).astimezone(UTC)
