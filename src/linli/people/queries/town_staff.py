"""The town's staff as the planner of staff files needs it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from linli.kernel.clock import local
from linli.people.models import Account
from linli.people.queries.staffing import Picture, picture
from linli.people.rules.duty import Seat
from linli.people.rules.staff_plan import Chair, Known, Place, Row, Someone
from linli.people.words import Role
from linli.territory import queries as territory


def known_for(rows: Iterable[Row], at: datetime) -> Known:
    """The units, departments, posts and accounts that the rows can mean; closed units are not known."""
    rows = list(rows)
    now, tree = picture(), territory.snapshot()
    places = {}
    for code in {row.unit for row in rows if row.unit}:
        unit = tree.by_code(code)
        if unit is not None and unit.open:
            places[code] = Place(unit.id, tuple(reversed(tree.ancestors(unit.id))))
    chairs: defaultdict[tuple[UUID, Role, UUID | None], list[Chair]] = defaultdict(list)
    for seat in now.seats.values():
        chairs[seat.unit_id, seat.role, seat.department_id].append(_chair(seat, at))
    return Known(
        places,
        {key: office.id for key, office in now.staffing.offices_at.items()},
        {key: tuple(found) for key, found in chairs.items()},
        _people(now, {row.username.casefold() for row in rows if row.username}, at),
        local(at).date(),
    )


def _chair(seat: Seat, at: datetime) -> Chair:
    return Chair(seat.id, seat.title.zh, local(seat.opened).date(), seat.closed is not None)


def _people(now: Picture, wanted: set[str], at: datetime) -> dict[str, Someone]:
    rows = Account.objects.values_list("id", "username", "name", "is_active")
    return {
        username.casefold(): Someone(id, username, name, active, _held(now, id, at))
        for id, username, name, active in rows.iterator()
        if username.casefold() in wanted
    }


def _held(now: Picture, account_id: UUID, at: datetime) -> dict[UUID, date | None]:
    """For each post that they hold, held or will hold: the last day, None while it is not over."""
    held: dict[UUID, date | None] = {}
    for seat, tenure in now.holdings.get(account_id, ()):
        over = tenure.ends is not None and tenure.ends <= at
        until = local(tenure.ends).date() if over and tenure.ends else None
        before = held.get(seat.id, date.min)
        held[seat.id] = None if until is None or before is None else max(before, until)
    return held
