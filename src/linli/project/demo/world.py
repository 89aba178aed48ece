"""Building the town: its land, its posts and its people, by the town's own actions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import shapely
from django.db import transaction

from linli.kernel.access import SYSTEM
from linli.people import actions as people
from linli.people.words import Role
from linli.territory import actions as territory
from linli.territory import queries as geography
from linli.territory.actions import NewPlace, Row

from . import land, names
from .land import Grid, Land
from .names import SMALL_VILLAGES, SPOTS, TOWN, TOWN_CODE, VILLAGES, Named
from .people import BEHIND, NAMED, OFFICES, RESIDENT_PHONE, Seat, seats

SEED = 310199


@dataclass(slots=True)
class Town:
    """What was built: ids by code or sign-in name, and who works where.

    `units` by code (`310199101001-1-2`), `accounts` by sign-in name, `departments` by code, `posts` by role
    and unit's code, `handlers` of a department's code, `resident` the named resident.
    """

    land: Land
    units: dict[str, UUID] = field(default_factory=dict)
    departments: dict[str, UUID] = field(default_factory=dict)
    accounts: dict[str, UUID] = field(default_factory=dict)
    posts: dict[tuple[Role, str], list[UUID]] = field(default_factory=dict)
    working: dict[tuple[Role, str], list[str]] = field(default_factory=dict)
    handlers: dict[str, list[str]] = field(default_factory=dict)
    resident: UUID | None = None

    @property
    def root(self) -> UUID:
        """The town itself."""
        return self.units[TOWN_CODE]

    def unit(self, short: str) -> UUID:
        """A unit by the end of its code: `001`, `001-1`, `001-1-2`."""
        return self.units[TOWN_CODE[:9] + short]

    def point_in(self, short: str) -> tuple[float, float]:
        """A point inside a unit, well away from its border."""
        shape = shapely.maximum_inscribed_circle(_find(self.land, short).shape)
        return float(shape.coords[0][0]), float(shape.coords[0][1])


def build_town(at: datetime, *, small: bool = False, seed: int = SEED) -> Town:
    """The town with its units, places, departments, posts and people, opened at `at`; without any case.

    `small`: two villages (001 and 201), four area grids, eight micro-grids; all roles, departments and named
    people are there, grid 201-2 is vacant, and `chen` holds 001-1 and 001-2.
    """
    villages = SMALL_VILLAGES if small else VILLAGES
    micro_grids = names.SMALL_MICRO_GRIDS if small else names.MICRO_GRIDS
    town = Town(land.draw(villages, micro_grids, seed))
    with transaction.atomic():
        _units(town, at)
        _places(town, at)
        _staff(town, villages, seed, at)
        _resident(town, at)
    return town


def _units(town: Town, at: datetime) -> None:
    plan = territory.plan_rows(list(rows(town.land)), source="禾泾镇.geojson")
    if plan.findings:
        raise ValueError([str(finding.text.en) for finding in plan.findings])
    territory.apply_plan(plan, by=SYSTEM, at=at)
    town.units = {unit.code: unit.id for unit in geography.snapshot().units}


def rows(drawn: Land) -> Iterator[Row]:
    """The land as an import states it, the town first."""
    yield Row(1, TOWN_CODE, TOWN.zh, TOWN.en, rank="town", shape=drawn.shape)
    line = 1
    for parent, code, rank, grid in _walk(drawn):
        line += 1
        yield Row(
            line, code, grid.name, grid.name_en, rank=rank, parent=parent, shape=grid.shape,
            kind=_kind(rank, code), households=grid.households,
        )  # fmt: skip


def _walk(drawn: Land) -> Iterator[tuple[str, str, str, Grid]]:
    for village in drawn.villages:
        code = TOWN_CODE[:9] + village.code
        yield TOWN_CODE, code, "village", village
        for area in village.below:
            yield code, f"{code}-{area.code}", "area", area
            for micro in area.below:
                yield f"{code}-{area.code}", f"{code}-{area.code}-{micro.code}", "micro", micro


def _kind(rank: str, code: str) -> str:
    if rank != "village":
        return ""
    return "居委会" if code[9:] < "100" else "村委会"


def _find(drawn: Land, short: str) -> Grid:
    return next(grid for _, code, _, grid in _walk(drawn) if code[9:] == short)


def _places(town: Town, at: datetime) -> None:
    here = {village.code: village for village in town.land.villages}
    found = [
        NewPlace(
            spot.name, spot.kind, *_spot_in(town, here[spot.village], index), name_en=spot.name_en, aliases=spot.aliases
        )
        for index, spot in enumerate(SPOTS)
        if spot.village in here
    ]  # fmt: skip
    for line, way in town.land.lines:
        middle = way.interpolate(0.5, normalized=True)
        found.append(
            NewPlace(
                line.name,
                line.kind,
                town.root,
                round(middle.x, 6),
                round(middle.y, 6),
                line.name_en,
                line.aliases,
                way,
            )
        )
    territory.add_places(found, by=SYSTEM, at=at)


def _spot_in(town: Town, village: Grid, index: int) -> tuple[UUID, float, float]:
    """The micro-grid of the spot and a point in it: spots of a village lie in different ones."""
    micros = [(area.code, micro) for area in village.below for micro in area.below]
    area, micro = micros[(index * 5) % len(micros)]
    middle = micro.shape.representative_point()
    return town.unit(f"{village.code}-{area}-{micro.code}"), round(middle.x, 6), round(middle.y, 6)


def _staff(town: Town, villages: tuple[Named, ...], seed: int, at: datetime) -> None:
    for office in OFFICES:
        made = people.open_department(
            code=office.code, name=office.name.zh, name_en=office.name.en, unit_id=town.root, by=SYSTEM, at=at
        )
        town.departments[office.code] = made.id
    for seat in seats(villages, seed):
        _seat(town, seat, at)


def _seat(town: Town, seat: Seat, at: datetime) -> None:
    post = people.open_post(
        role=seat.role, unit_id=town.units[seat.unit], title=seat.title.zh, title_en=seat.title.en,
        department_id=town.departments.get(seat.office), by=SYSTEM, at=at,
    )  # fmt: skip
    town.posts.setdefault((seat.role, seat.unit), []).append(post.id)
    for username, name in seat.holders:
        if username not in town.accounts:
            town.accounts[username] = people.create_account(username=username, name=name, by=SYSTEM, at=at).id
        people.appoint(post_id=post.id, holder_id=town.accounts[username], by=SYSTEM, at=at)
        town.working.setdefault((seat.role, seat.unit), []).append(username)
        if seat.office:
            town.handlers.setdefault(seat.office, []).append(username)


def _resident(town: Town, at: datetime) -> None:
    """The named resident, with a telephone and an account."""
    person = NAMED[0]
    account = people.create_account(username=person.username, name=person.name, by=SYSTEM, at=at)
    resident = people.register_resident(phone=RESIDENT_PHONE, name=person.name, by=SYSTEM, at=at)
    people.link_account(resident_id=resident.id, account_id=account.id, by=SYSTEM, at=at)
    town.accounts[person.username], town.resident = account.id, resident.id


def everybody() -> tuple[str, ...]:
    """The sign-in names that the demo's page offers."""
    return tuple(person.username for person in (*NAMED, *BEHIND))
