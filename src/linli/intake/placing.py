"""In which unit a line lies: by its unit's code, else by its point, else by its address."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

import numpy as np

from linli.intake.rows import Taken
from linli.intake.words import Refused
from linli.kernel.text import Text
from linli.territory import queries as territory
from linli.territory.words import HOWS, How

GIVEN = "given"
POINTS_KEPT = 100_000
NO_UNIT = Text("没有这个网格", "is no unit of the territory")
Place = tuple[UUID | None, str]
"""The unit and how it was found; with `none` it is the top unit when there is one, as for every other case."""


class Placing:
    """Places lines with the territory as it was when this was made."""

    def __init__(self) -> None:
        self.tree = territory.snapshot()
        roots = self.tree.roots()
        self._nowhere: Place = (roots[0].id if len(roots) == 1 else None, str(How.NONE))
        self._hows = [str(how) for how in HOWS]
        self._points: dict[tuple[float | None, float | None], Place] = {}
        self._name_cache: dict[UUID, frozenset[str]] = {}
        self._by_address = lru_cache(maxsize=20_000)(self._address)

    def check(self, row: Taken) -> None:
        """Raises Refused when the line names a unit that does not exist."""
        if row.unit and self.tree.by_code(row.unit) is None:
            raise Refused("unit", row.unit, NO_UNIT)

    def of(self, rows: Sequence[Taken]) -> list[Place]:
        """The place of each line, all points at once."""
        self._locate({(row.lng, row.lat) for row in rows if row.lng is not None and not row.unit})
        return [self._place(row) for row in rows]

    def _locate(self, points: set[tuple[float | None, float | None]]) -> None:
        """Many matters share a point (the same address): each is looked up once, within bounds."""
        if len(self._points) > POINTS_KEPT:
            self._points.clear()
        new = list(points - self._points.keys())
        where = np.array(new, dtype=np.float64).reshape(-1, 2)
        units, hows = self.tree.locate_many(where[:, 0], where[:, 1])
        for point, unit, how in zip(new, units.tolist(), hows.tolist(), strict=True):
            self._points[point] = (self.tree.units[unit].id, self._hows[how]) if unit >= 0 else self._nowhere

    def _place(self, row: Taken) -> Place:
        if row.unit:
            unit = self.tree.by_code(row.unit)
            return (unit.id, GIVEN) if unit else self._nowhere
        place = self._nowhere if row.lng is None else self._points[row.lng, row.lat]
        return self._by_address(row.address) if place is self._nowhere and row.address else place

    def agrees(self, place: Place, recorded: str) -> bool:
        """Whether the unit, or one above it, is the one that the other system recorded, by code or name."""
        return place[0] is not None and recorded in self._names(place[0])

    def _names(self, unit_id: UUID) -> frozenset[str]:
        found = self._name_cache.get(unit_id)
        if found is None:
            chain = self.tree.chain(unit_id)
            found = self._name_cache[unit_id] = frozenset(
                name for unit in chain for name in (unit.code, unit.name, unit.name_en) if name
            )
        return found

    def _address(self, address: str) -> Place:
        found = self.tree.locate_address(address)
        return (found.unit.id, str(found.how)) if found.unit else self._nowhere
