"""Places that people name, and their other names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import shapely
from django.db import transaction
from shapely.geometry.base import BaseGeometry

from linli.kernel import journal
from linli.kernel.access import Actor
from linli.kernel.errors import Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.territory import shapes
from linli.territory.actions.common import changed, named, open_unit_row, require_manager
from linli.territory.events import PlacesAdded
from linli.territory.models import Alias, Place
from linli.territory.words import BAD_COORDINATES, UNIT_INVALID

_NAMED_IN_FACT = 20
_HALF_A_POINT = Text("经度和纬度要么都填,要么都不填", "Give both longitude and latitude, or neither")
_KNOWN = Text("此单元已有同名地名 {name}", "{name} is already known in this unit")


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A place to be added: WGS-84 point or shape where known, and the other names that people use."""

    name: str
    kind: str
    unit_id: UUID
    lng: float | None = None
    lat: float | None = None
    name_en: str = ""
    aliases: tuple[str, ...] = ()
    shape: BaseGeometry | None = None


@transaction.atomic
def add_places(places: Sequence[NewPlace], *, by: Actor, at: datetime) -> list[UUID]:
    """Add places with their aliases and give their ids in order; all or none."""
    for unit_id in {place.unit_id for place in places}:
        require_manager(by, unit_id)
        open_unit_row(unit_id)
    rows = [_row(place, at) for place in places]
    _refuse_known(rows)
    Place.objects.bulk_create(rows, batch_size=500)
    aliases = [
        Alias(id=uuid7(at), name=named("alias", alias), place_id=row.id)
        for place, row in zip(places, rows, strict=True)
        for alias in dict.fromkeys(place.aliases)
    ]
    Alias.objects.bulk_create(aliases, batch_size=500)
    changed()
    for unit_id in {place.unit_id for place in places}:
        here = [row.name for row in rows if row.unit_id == unit_id]
        fact = PlacesAdded(names=tuple(here[:_NAMED_IN_FACT]), count=len(here))
        journal.record(fact, about=unit_id, by=by, at=at)
    return [row.id for row in rows]


def add_place(place: NewPlace, *, by: Actor, at: datetime) -> UUID:
    """Add one place and give its id."""
    return add_places([place], by=by, at=at)[0]


@transaction.atomic
def add_alias(name: str, *, unit_id: UUID, by: Actor, at: datetime) -> UUID:
    """Another name for a unit; afterwards addresses with it are found."""
    require_manager(by, unit_id)
    open_unit_row(unit_id)
    alias, new = Alias.objects.get_or_create(name=named("name", name), unit_id=unit_id)
    if new:
        changed()
        journal.record(PlacesAdded(names=(alias.name,), count=1), about=unit_id, by=by, at=at)
    return alias.id


def _row(place: NewPlace, at: datetime) -> Place:
    if (place.lng is None) != (place.lat is None):
        raise Problem(UNIT_INVALID, fields={"lng": _HALF_A_POINT})
    if (
        place.lng is not None
        and place.lat is not None
        and (trouble := shapes.trouble_with([place.lng], [place.lat]))
    ):
        raise Problem(BAD_COORDINATES, fields={"lng": trouble})
    return Place(
        id=uuid7(at), name=named("name", place.name), name_en=place.name_en.strip()[:200],
        kind=named("kind", place.kind, 30), unit_id=place.unit_id, lng=place.lng, lat=place.lat,
        shape=shapely.to_wkb(place.shape) if place.shape is not None else None,
    )  # fmt: skip


def _refuse_known(rows: list[Place]) -> None:
    units = {row.unit_id for row in rows}
    known = set(Place.objects.filter(unit_id__in=units).values_list("unit_id", "name", "kind"))
    for row in rows:
        key = (row.unit_id, row.name, row.kind)
        if key in known:
            raise Problem(UNIT_INVALID, fields={"name": _KNOWN.fill(name=row.name)})
        known.add(key)
