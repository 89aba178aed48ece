"""What pages show of the territory: boundaries for a map, tables of units, boundaries by date."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from linli.kernel.text import Text
from linli.territory import shapes
from linli.territory.models import Boundary, Place
from linli.territory.queries.tree import Snapshot, UnitRow, snapshot
from linli.territory.words import RANK_NAMES, Rank

DECIMALS = 6
"""Of degrees, about 10 cm: what a map can show."""


class UnitLine(NamedTuple):
    """A unit as a table shows it. `area_km2` is None where no boundary is drawn."""

    unit: UnitRow
    rank: Text
    path: Text
    below: int
    area_km2: float | None


class Span(NamedTuple):
    """A boundary's days: from (inclusive) to (exclusive; None: still)."""

    valid_from: date
    valid_to: date | None


def rank_name(rank: str) -> Text:
    """How a rank is called; a rank that is not in the list is its own name."""
    return RANK_NAMES[Rank(rank)] if rank in list(Rank) else Text(rank, rank)


def geojson(*, parent: UUID | None = None, rank: str = "", on: date | None = None) -> str:
    """Boundaries as a GeoJSON FeatureCollection in WGS-84, as text.

    Of the open units with this rank below `parent` (None: anywhere), or, without a rank, of the units
    directly below it. With `on` those boundaries that were valid on that day, of units since closed too.
    """
    tree = snapshot()
    if on is not None:
        return _collection(_units(tree, parent, rank, closed=True), _shapes_on(tree, on))
    key = ("geojson", parent, rank)
    if key in tree.remembered:
        return tree.remembered[key]
    text = _collection(_units(tree, parent, rank, closed=False), tree.shapes)
    if '"features":[]' not in text:  # what strangers may ask for without end is not kept
        tree.remembered[key] = text
    return text


def units_table(parent: UUID | None = None, *, rank: str = "") -> list[UnitLine]:
    """The open units directly below `parent` (None: the top ones), or all below it with this rank."""
    tree = snapshot()
    units = list(_units(tree, parent, rank, closed=False))
    areas = _areas(tree, units)
    return [
        UnitLine(u, rank_name(u.rank), tree.path_text(u.id), len(tree.children(u.id)), areas.get(u.index))
        for u in units
    ]


def extent() -> tuple[float, float, float, float] | None:
    """West, south, east and north of everything that has a boundary; None when nothing has."""
    shapes_now = snapshot().shapes
    if not shapes_now:
        return None
    west, south, east, north = (float(v) for v in shapely.total_bounds(list(shapes_now.values())))
    return west, south, east, north


def boundary_on(unit_id: UUID, day: date) -> BaseGeometry | None:
    """The unit's outline as it was on that day; None when none was drawn."""
    rows = Boundary.objects.filter(unit_id=unit_id, valid_from__lte=day).exclude(valid_to__lte=day)
    found = rows.order_by("-valid_from", "-id").values_list("shape", flat=True).first()
    return None if found is None else shapely.from_wkb(bytes(found))


def boundary_spans(unit_id: UUID) -> list[Span]:
    """The days of all boundaries that the unit ever had, oldest first."""
    rows = Boundary.objects.filter(unit_id=unit_id).order_by("valid_from", "id")
    return [Span(*row) for row in rows.values_list("valid_from", "valid_to")]


def place_shapes(ids: Iterable[UUID]) -> dict[UUID, BaseGeometry]:
    """The outline or line of each of these places, or its point; those without either are left out."""
    rows = Place.objects.filter(pk__in=list(ids)).values_list("id", "shape", "lng", "lat")
    found: dict[UUID, BaseGeometry] = {}
    for id, shape, lng, lat in rows:
        if shape is not None:
            found[id] = shapely.from_wkb(bytes(shape))
        elif lng is not None and lat is not None:
            found[id] = shapely.Point(lng, lat)
    return found


def _units(tree: Snapshot, parent: UUID | None, rank: str, *, closed: bool) -> Iterable[UnitRow]:
    if parent is not None and tree.unit(parent) is None:
        return ()
    if rank:
        below = tree.units if parent is None else tree.descendants(parent, closed=True)
        return (u for u in below if u.rank == rank and (closed or u.open))
    if parent is not None:
        return tree.children(parent, closed=closed)
    return (u for u in tree.units if u.parent_id is None and (closed or u.open))


def _shapes_on(tree: Snapshot, day: date) -> dict[int, BaseGeometry]:
    rows = Boundary.objects.filter(valid_from__lte=day).exclude(valid_to__lte=day)
    found = {}
    for unit_id, shape in rows.order_by("valid_from", "id").values_list("unit_id", "shape"):
        unit = tree.unit(unit_id)
        if unit is not None:
            found[unit.index] = shapely.from_wkb(bytes(shape))
    return found


def _areas(tree: Snapshot, units: list[UnitRow]) -> dict[int, float]:
    drawn = [u.index for u in units if u.index in tree.shapes]
    if not drawn:
        return {}
    areas = shapes.area_m2(np.array([tree.shapes[index] for index in drawn], dtype=object))
    return {index: float(area) / 1e6 for index, area in zip(drawn, areas, strict=True)}


def _collection(units: Iterable[UnitRow], drawn: dict[int, BaseGeometry]) -> str:
    features = []
    for unit in units:
        if unit.index not in drawn:
            continue
        shape = shapely.transform(drawn[unit.index], lambda xy: np.round(xy, DECIMALS))
        properties = json.dumps(
            {
                "id": str(unit.id),
                "code": unit.code,
                "name": unit.name,
                "name_en": unit.title.en,
                "rank": unit.rank,
                "parent": str(unit.parent_id) if unit.parent_id else None,
            },
            ensure_ascii=False,
        )
        features.append(
            f'{{"type":"Feature","properties":{properties},"geometry":{shapely.to_geojson(shape)}}}'
        )
    return '{"type":"FeatureCollection","features":[' + ",".join(features) + "]}"
