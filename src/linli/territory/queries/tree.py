"""The whole territory in memory: a read-only snapshot per process, renewed when its version changes.

`snapshot()` asks for the version at most once a second, so that locating and walking the tree cost
no query. A write in this process is seen at once (`forget` is called by every action).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from linli.kernel import rulebook
from linli.kernel.text import Text
from linli.territory.cells import Cell, Cells, Codes, Floats, Indexes
from linli.territory.models import Alias, Boundary, Place, TerritoryVersion, Unit
from linli.territory.names import Names, Target
from linli.territory.rules.codes import whole_code
from linli.territory.words import How, Rank

RECHECK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as the snapshot holds it; `index` is its position in `Snapshot.units`, `end` the position after its
    last descendant, `depth` 0 for a top unit."""

    id: UUID
    code: str
    name: str
    name_en: str
    rank: str
    kind: str
    parent_id: UUID | None
    opened_on: date
    closed_on: date | None
    households: int | None
    index: int
    end: int
    depth: int

    @property
    def title(self) -> Text:
        """The name in both languages; the Chinese one where no English name is known."""
        return Text(self.name, self.name_en or self.name)

    @property
    def open(self) -> bool:
        """Whether the unit is not closed."""
        return self.closed_on is None


class PlaceRow(NamedTuple):
    """A named place, with its point where one is known."""

    id: UUID
    name: str
    name_en: str
    kind: str
    unit_id: UUID
    lng: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class Located:
    """Where something is: the unit (None: not found), how it was found, metres to it when only near,
    and for an address the place that was named, with its point."""

    unit: UnitRow | None
    how: How
    metres: float = 0.0
    place: PlaceRow | None = None

    @property
    def unit_id(self) -> UUID | None:
        """The unit's id."""
        return self.unit.id if self.unit else None


NOT_LOCATED = Located(None, How.NONE)


class Snapshot:
    """The territory at one version. Everything it gives is immutable.

    `units` holds open and closed units, each directly before those below it (siblings by code).
    `remembered` keeps texts that pages made of it, for as long as it is current.
    """

    def __init__(self, version: UUID | None) -> None:
        self.version = version
        self.units: tuple[UnitRow, ...] = tuple(_in_tree_order())
        self._by_id = {unit.id: unit for unit in self.units}
        self._by_code = {unit.code: unit for unit in self.units}
        self.remembered: dict[Any, str] = {}

    def unit(self, unit_id: UUID) -> UnitRow | None:
        """The unit with this id, open or closed."""
        return self._by_id.get(unit_id)

    def by_code(self, code: str) -> UnitRow | None:
        """The unit with this code, open or closed; 310116 and 310116102 also find the 12-digit codes."""
        return self._by_code.get(code) or self._by_code.get(whole_code(code))

    def roots(self) -> tuple[UnitRow, ...]:
        """The open units with nothing above them."""
        return tuple(unit for unit in self.units if unit.parent_id is None and unit.open)

    def chain(self, unit_id: UUID) -> tuple[UnitRow, ...]:
        """The units above this one, top first, and itself last; empty when it is unknown."""
        found = []
        unit = self._by_id.get(unit_id)
        while unit is not None:
            found.append(unit)
            unit = self._by_id.get(unit.parent_id) if unit.parent_id else None
        return tuple(reversed(found))

    def ancestors(self, unit_id: UUID) -> tuple[UUID, ...]:
        """Ids of the units above, top first, and its own id last."""
        return tuple(unit.id for unit in self.chain(unit_id))

    def depth(self, unit_id: UUID) -> int:
        """How many units are above it; 0 for a top unit."""
        return self._by_id[unit_id].depth

    def children(self, unit_id: UUID, *, closed: bool = False) -> tuple[UnitRow, ...]:
        """The units directly below, by code; closed ones only when asked for."""
        unit = self._by_id[unit_id]
        found, index = [], unit.index + 1
        while index < unit.end:
            child = self.units[index]
            if closed or child.open:
                found.append(child)
            index = child.end
        return tuple(found)

    def descendants(self, unit_id: UUID, *, closed: bool = False) -> tuple[UnitRow, ...]:
        """All units below, without itself; closed ones only when asked for."""
        unit = self._by_id[unit_id]
        below = self.units[unit.index + 1 : unit.end]
        return below if closed else tuple(u for u in below if u.open)

    def path_text(self, unit_id: UUID) -> Text:
        """The way from the top to the unit: "禾泾镇 / 东村 / 第3网格"."""
        titles = [unit.title for unit in self.chain(unit_id)]
        return Text(" / ".join(t.zh for t in titles), " / ".join(t.en for t in titles))

    def locate(self, lng: float, lat: float) -> Located:
        """The unit of a WGS-84 point: the deepest cell that holds it, else the nearest near enough."""
        found = self.cells.locate(lng, lat)
        return Located(self.units[found.index], found.how, found.metres) if found.index >= 0 else NOT_LOCATED

    def locate_many(self, lng: Floats, lat: Floats) -> tuple[Indexes, Codes]:
        """For each point the position in `units` (-1: none) and the position in `words.HOWS`."""
        return self.cells.locate_many(np.asarray(lng, dtype=np.float64), np.asarray(lat, dtype=np.float64))

    def locate_address(self, text: str) -> Located:
        """The unit that an address names, through names of places, units and their aliases."""
        match = self._names.find(text)
        if match is None:
            return NOT_LOCATED
        place = self.places[match.place] if match.place >= 0 else None
        return Located(self.units[match.unit], How.ADDRESS, place=place)

    @cached_property
    def shapes(self) -> dict[int, BaseGeometry]:
        """The current boundary of each open unit that has one, by position in `units`."""
        rows = Boundary.objects.filter(valid_to__isnull=True, unit__closed_on__isnull=True)
        found = list(rows.values_list("unit_id", "shape").iterator(chunk_size=5000))
        geometries = shapely.from_wkb([bytes(shape) for _, shape in found])
        pairs = ((self._by_id.get(unit_id), g) for (unit_id, _), g in zip(found, geometries, strict=True))
        return {unit.index: g for unit, g in pairs if unit is not None}

    @cached_property
    def cells(self) -> Cells:
        """The cells of all boundaries, ready to locate."""
        within = float(rulebook.table("territory")["locating"]["nearest_within_m"])
        above = self._with_cells_below()
        cells = [
            Cell(index, self.units[index].depth, self.units[index].code, index not in above, shape)
            for index, shape in self.shapes.items()
        ]
        return Cells(cells, nearest_within_m=within)

    def _with_cells_below(self) -> set[int]:
        above: set[int] = set()
        for index in self.shapes:
            parent = self.units[index].parent_id
            while parent is not None and self._by_id[parent].index not in above:
                unit = self._by_id[parent]
                above.add(unit.index)
                parent = unit.parent_id
        return above

    @cached_property
    def places(self) -> tuple[PlaceRow, ...]:
        """Every place, by name."""
        fields = PlaceRow._fields
        return tuple(PlaceRow(*row) for row in Place.objects.order_by("name", "id").values_list(*fields))

    @cached_property
    def _names(self) -> Names:
        return Names(self._all_names(), lambda index: [u.index for u in self.chain(self.units[index].id)])

    def _all_names(self) -> Iterator[tuple[str, Target]]:
        # rows written after this snapshot's units were read belong to the next snapshot: passed over
        of_place = {
            place.id: Target(self._by_id[place.unit_id].index, number)
            for number, place in enumerate(self.places)
            if place.unit_id in self._by_id
        }
        for unit in self.units:
            if unit.open:
                for name in (unit.name, unit.name_en, unit.code):
                    yield name, Target(unit.index)
        for place in self.places:
            for name in (place.name, place.name_en):
                if place.id in of_place:
                    yield name, of_place[place.id]
        for name, unit_id, place_id in Alias.objects.order_by("id").values_list(
            "name", "unit_id", "place_id"
        ):
            if place_id in of_place:
                yield name, of_place[place_id]
            elif unit_id in self._by_id:
                yield name, Target(self._by_id[unit_id].index)


_COLUMNS = (
    "id", "code", "name", "name_en", "rank", "kind", "parent_id", "opened_on", "closed_on", "households",
)  # fmt: skip


def _in_tree_order() -> Iterator[UnitRow]:
    """All units, each before those below it. Yields in order, with the positions filled in."""
    columns = _COLUMNS
    rows = list(Unit.objects.order_by("code").values_list(*columns).iterator(chunk_size=10_000))
    below: dict[UUID | None, list[int]] = {}
    for number, row in enumerate(rows):
        below.setdefault(row[6], []).append(number)
    order: list[tuple[int, int]] = []
    pending = [(number, 0) for number in reversed(below.get(None, []))]
    while pending:
        number, depth = pending.pop()
        order.append((number, depth))
        pending.extend((child, depth + 1) for child in reversed(below.get(rows[number][0], [])))
    ends = _ends([depth for _, depth in order])
    for index, (number, depth) in enumerate(order):
        rank = rows[number][4]
        # ranks repeat hundreds of thousands of times: share one string each
        fields = (*rows[number][:4], _RANKS.get(rank, rank), *rows[number][5:], index, ends[index], depth)
        yield UnitRow(*fields)


_RANKS = {str(rank): str(rank) for rank in Rank}


def _ends(depths: list[int]) -> list[int]:
    """For each position of a tree walk the position after its last descendant."""
    ends = [0] * len(depths)
    last = [len(depths)] * (max(depths, default=0) + 2)
    for index in range(len(depths) - 1, -1, -1):
        depth = depths[index]
        ends[index] = min(last[: depth + 1])
        last[depth] = index
    return ends


_lock = threading.Lock()
_current: Snapshot | None = None
_check_after = 0.0


def snapshot() -> Snapshot:
    """The territory as it is now, at most a second old; see the module's text."""
    current = _current
    if current is not None and time.monotonic() < _check_after:
        return current
    return _renew()


def forget() -> None:
    """Ask for the version again at the next `snapshot()`."""
    global _check_after  # one snapshot per process is the purpose
    _check_after = 0.0


def _renew() -> Snapshot:
    global _current, _check_after  # one snapshot per process is the purpose
    with _lock:
        version = TerritoryVersion.objects.values_list("token", flat=True).first()
        if _current is None or _current.version != version:
            _current = Snapshot(version)
        # without a version nothing was ever written by an action: stay unsure
        _check_after = time.monotonic() + (RECHECK_SECONDS if version else 0.0)
        return _current
