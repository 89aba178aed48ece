"""Opening, renaming and closing units, and drawing their boundaries, one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
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
from linli.territory.actions.common import changed, day_of, named, open_unit_row, require_manager
from linli.territory.events import BoundaryChanged, UnitClosed, UnitOpened, UnitRenamed
from linli.territory.models import Boundary, Unit
from linli.territory.rules.codes import read_code
from linli.territory.words import (
    BAD_COORDINATES,
    RANKS,
    UNIT_CODE_TAKEN,
    UNIT_HAS_CHILDREN,
    UNIT_INVALID,
    Crs,
    Severity,
)

_BAD_RANK = Text("没有这一级别", "There is no such rank")
_BAD_DAY = Text("日期早于设立日期", "The day is before the unit was opened")
_BAD_BOUNDARY_DAY = Text("日期早于现行边界的起始日期", "The day is before the current boundary began")
_BAD_SHAPE = Text("边界不是有效的面", "The boundary is not a valid polygon")


@transaction.atomic
def open_unit(
    *,
    code: str,
    name: str,
    rank: str,
    by: Actor,
    at: datetime,
    parent: UUID | None = None,
    name_en: str = "",
    kind: str = "",
    households: int | None = None,
    opened_on: date | None = None,
) -> UUID:
    """Open a unit under `parent` (None: at the top) and give its id. The code must never have been used."""
    require_manager(by, parent)
    if parent is not None:
        open_unit_row(parent)
    read = read_code(code)
    if read.severity is Severity.ERROR and read.text is not None:
        raise Problem(UNIT_INVALID, fields={"code": read.text})
    if rank not in list(RANKS):
        raise Problem(UNIT_INVALID, fields={"rank": _BAD_RANK})
    if Unit.objects.filter(code=read.code).exists():
        raise Problem(UNIT_CODE_TAKEN, code=read.code)
    unit = Unit.objects.create(
        id=uuid7(at), code=read.code, name=named("name", name), name_en=name_en.strip()[:200], rank=rank,
        kind=kind[:30], parent_id=parent, opened_on=opened_on or day_of(at), households=households,
    )  # fmt: skip
    changed()
    fact = UnitOpened(code=unit.code, name=unit.name, rank=rank, parent=parent, on=unit.opened_on)
    journal.record(fact, about=unit.id, by=by, at=at)
    return unit.id


@transaction.atomic
def rename_unit(unit_id: UUID, *, name: str, by: Actor, at: datetime, name_en: str | None = None) -> None:
    """Call the unit otherwise; the journal keeps the old name. The English name stays unless given."""
    require_manager(by, unit_id)
    unit = open_unit_row(unit_id)
    before, unit.name = unit.name, named("name", name)
    if name_en is not None:
        unit.name_en = name_en.strip()[:200]
    unit.save(update_fields=["name", "name_en"])
    changed()
    journal.record(UnitRenamed(before=before, after=unit.name), about=unit_id, by=by, at=at)


@transaction.atomic
def close_unit(unit_id: UUID, *, by: Actor, at: datetime, on: date | None = None) -> None:
    """End the unit and its boundary. Units below it must be closed first; old cases keep it."""
    require_manager(by, unit_id)
    unit = open_unit_row(unit_id)
    day = on or day_of(at)
    if day < unit.opened_on:
        raise Problem(UNIT_INVALID, fields={"on": _BAD_DAY})
    if Unit.objects.filter(parent=unit, closed_on__isnull=True).exists():
        raise Problem(UNIT_HAS_CHILDREN)
    unit.closed_on = day
    unit.save(update_fields=["closed_on"])
    for boundary in Boundary.objects.filter(unit=unit, valid_to__isnull=True):
        boundary.valid_to = max(day, boundary.valid_from)
        boundary.save(update_fields=["valid_to"])
    changed()
    journal.record(UnitClosed(code=unit.code, name=unit.name, on=day), about=unit_id, by=by, at=at)


@transaction.atomic
def set_boundary(
    unit_id: UUID,
    shape: BaseGeometry | Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    crs: Crs = Crs.WGS84,
    valid_from: date | None = None,
) -> None:
    """Give the unit this outline (a shapely polygon or GeoJSON geometry) from a day on.

    The outline before it ends on that day.
    """
    require_manager(by, unit_id)
    unit = open_unit_row(unit_id)
    whole = _usable(shape, crs)
    day = valid_from or day_of(at)
    before = Boundary.objects.filter(unit=unit, valid_to__isnull=True).first()
    if before is not None:
        if day < before.valid_from:
            raise Problem(UNIT_INVALID, fields={"valid_from": _BAD_BOUNDARY_DAY})
        before.valid_to = day
        before.save(update_fields=["valid_to"])
    Boundary.objects.create(id=uuid7(at), unit=unit, valid_from=day, shape=shapely.to_wkb(whole))
    changed()
    fact = BoundaryChanged(on=day, area_m2=round(float(shapes.area_m2(whole))), first=before is None)
    journal.record(fact, about=unit_id, by=by, at=at)


def _usable(shape: BaseGeometry | Mapping[str, Any], crs: Crs) -> BaseGeometry:
    given = shape if isinstance(shape, BaseGeometry) else shapes.read_geojson(shape)
    if given is None or given.is_empty:
        raise Problem(UNIT_INVALID, fields={"shape": _BAD_SHAPE})
    vertices = shapely.get_coordinates(given)
    if trouble := shapes.trouble_with(vertices[:, 0], vertices[:, 1]):
        raise Problem(BAD_COORDINATES, fields={"shape": trouble})
    whole = shapes.repaired(shapes.shape_to_wgs84(given, crs))
    if whole is None:
        raise Problem(UNIT_INVALID, fields={"shape": _BAD_SHAPE})
    return whole
