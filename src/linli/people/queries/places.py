"""Which place of the matrix a matter lies at: the nearest one near enough, or the one that its address names.

Only places that stand in the matrix count, so that most towns and most matters cost nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from linli.kernel import rulebook
from linli.people.queries.staffing import Picture, picture
from linli.people.rules.duty import Staffing
from linli.people.words import Entry, Part
from linli.territory import queries as territory
from linli.territory.words import METRES_A_DEGREE


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one matrix: what prefixes of kinds they lead, and where they lie, in metres."""

    prefixes: Mapping[UUID, tuple[str, ...]]
    ids: tuple[UUID, ...]
    shapes: Any
    tree: shapely.STRtree | None
    east: float
    within: float

    def at(self, kind: str, lng: float | None, lat: float | None, address: str) -> UUID | None:
        """The place that has a row for the kind: of a point the nearest within reach; without a point the one
        that the address names."""
        if not self.prefixes:
            return None
        if lng is not None and lat is not None:
            return self._near(kind, lng, lat)
        place = territory.snapshot().locate_address(address).place if address.strip() else None
        return place.id if place is not None and self._leads(place.id, kind) else None

    def _near(self, kind: str, lng: float, lat: float) -> UUID | None:
        if self.tree is None:
            return None
        point = shapely.Point(lng * self.east, lat * METRES_A_DEGREE)
        found: list[tuple[float, UUID]] = [
            (float(shapely.distance(self.shapes[n], point)), self.ids[n])
            for n in self.tree.query(point, predicate="dwithin", distance=self.within)
            if self._leads(self.ids[n], kind)
        ]
        return min(found)[1] if found else None

    def meeting(self) -> list[tuple[UUID, UUID]]:
        """Pairs of places that lie within reach of each other."""
        if self.tree is None:
            return []
        left, right = self.tree.query(self.shapes, predicate="dwithin", distance=2 * self.within)
        pairs = {
            tuple(sorted((self.ids[a], self.ids[b]))) for a, b in zip(left, right, strict=True) if a != b
        }
        return [(a, b) for a, b in sorted(pairs)]

    def _leads(self, place_id: UUID, kind: str) -> bool:
        return any(kind.startswith(prefix) for prefix in self.prefixes.get(place_id, ()))


def of(staffing: Staffing, known: Mapping[UUID, BaseGeometry] | None = None) -> Places:
    """The places that lead something in this matrix. One query, unless all their shapes are `known`."""
    rows = [
        row
        for by_prefix in staffing.rows.get(Part.LEAD, {}).values()
        for found in by_prefix.values()
        for row in found
        if row.place_id is not None
    ]
    prefixes: dict[UUID, tuple[str, ...]] = {}
    for row in rows:
        assert row.place_id is not None
        prefixes[row.place_id] = (*prefixes.get(row.place_id, ()), row.kind_prefix)
    within = float(rulebook.table("people")["place"]["within_m"])
    if not prefixes:
        return Places({}, (), None, None, METRES_A_DEGREE, within)
    drawn = dict(known or {})
    missing = prefixes.keys() - drawn.keys()
    if missing:
        drawn |= territory.place_shapes(missing)
    ids = tuple(sorted(id for id in prefixes if id in drawn))
    east = METRES_A_DEGREE * math.cos(math.radians(_middle(drawn, ids)))
    shapes = np.array(
        [shapely.transform(drawn[id], lambda xy: xy * (east, METRES_A_DEGREE)) for id in ids], dtype=object
    )
    return Places(prefixes, ids, shapes, shapely.STRtree(shapes) if ids else None, east, within)


def _middle(drawn: Mapping[UUID, BaseGeometry], ids: tuple[UUID, ...]) -> float:
    bounds = [drawn[id].bounds for id in ids]
    return sum(low + high for _, low, _, high in bounds) / (2 * len(bounds)) if bounds else 0.0


def places_of(now: Picture) -> Places:
    """The places of the matrix in force, made once for one version of posts and territory."""
    snapshot = territory.snapshot()
    kept = now.remembered.get("places")
    if isinstance(kept, tuple) and kept[0] is snapshot and isinstance(kept[1], Places):
        return kept[1]
    made = of(now.staffing)
    now.remembered["places"] = (snapshot, made)
    return made


def place_for(kind_code: str, lng: float | None, lat: float | None, address: str = "") -> UUID | None:
    """The place of the matrix at which a matter lies, for `responsible_for`; None: none, or too far away.

    Only places with a leading row for the kind count; of several the nearest, within the metres of the
    rulebook (`people`, `place.within_m`). A point goes before the words of the address, which count without
    one: a house in a compound is addressed by a road and does not lie on it.
    """
    return places_of(picture()).at(kind_code, lng, lat, address)


def overlaps(first: Entry, second: Entry) -> bool:
    """Whether two rows speak of a kind in common."""
    return first.kind_prefix.startswith(second.kind_prefix) or second.kind_prefix.startswith(
        first.kind_prefix
    )


def _of(leads: Mapping[UUID, Mapping[str, tuple[Entry, ...]]], place_id: UUID) -> list[Entry]:
    return [row for rows in leads.get(place_id, {}).values() for row in rows]


def rivals() -> list[tuple[Entry, Entry]]:
    """Pairs of leading rows of places that lie within reach of each other, for a kind in common, that name
    different takers: on the ground where they meet, only nearness decides between them."""
    now = picture()
    leads = now.staffing.rows.get(Part.LEAD, {})
    found = []
    for first, second in places_of(now).meeting():
        for a, b in product(_of(leads, first), _of(leads, second)):
            if a.taker != b.taker and overlaps(a, b):
                found.append((a, b))
    return found
