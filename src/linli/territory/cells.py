"""Locating in memory: which cell holds a point. Pure numpy and shapely; WGS-84 degrees in, indexes out.

Rule: the cells of the lowest level (those with no cell below them) are asked first, then the levels above;
within each, the deeper unit and then the lower code wins, so a point on a border belongs to exactly one cell.
A point in no cell goes to the nearest lowest-level cell within the tolerance, and is marked so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from linli.territory.words import HOWS, METRES_A_DEGREE, How

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int8]

CHUNK = 50_000
"""Points per tree query: keeps the temporary geometries in the processor's cache and memory bounded."""

_INSIDE, _NEAREST = HOWS.index(How.INSIDE), HOWS.index(How.NEAREST)


class Cell(NamedTuple):
    """A unit's current boundary, with what decides between several that hold a point."""

    unit: int
    depth: int
    code: str
    lowest: bool
    shape: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Found:
    """The cell's unit index (-1: none), how it was found, and how far away it is, in metres."""

    index: int
    how: How
    metres: float = 0.0


NOWHERE = Found(-1, How.NONE)


class Cells:
    """An immutable set of cells that answers points."""

    def __init__(self, cells: list[Cell], *, nearest_within_m: float) -> None:
        self._layers = [_Layer([c for c in cells if c.lowest is low]) for low in (True, False)]
        self._near = _Near(self._layers[0], nearest_within_m)

    def locate(self, lng: float, lat: float) -> Found:
        """The cell of one point. Not-a-number and infinite coordinates are nowhere."""
        point = shapely.Point(lng, lat)
        for layer in self._layers:
            hits = layer.tree.query(point, predicate="intersects")
            if hits.size:
                return Found(int(layer.units[hits.min()]), How.INSIDE)
        if not (np.isfinite(lng) and np.isfinite(lat)):
            return NOWHERE
        indexes, metres = self._near.find(
            np.array([lng], dtype=np.float64), np.array([lat], dtype=np.float64)
        )
        return Found(int(indexes[0]), How.NEAREST, float(metres[0])) if indexes[0] >= 0 else NOWHERE

    def locate_many(self, lng: Floats, lat: Floats) -> tuple[Indexes, Codes]:
        """Unit indexes (-1: none) and positions in `words.HOWS`, point by point; same answers as `locate`."""
        units = np.full(len(lng), -1, dtype=np.int64)
        hows = np.zeros(len(lng), dtype=np.int8)
        for start in range(0, len(lng), CHUNK):
            part = slice(start, start + CHUNK)
            self._part(lng[part], lat[part], units[part], hows[part])
        return units, hows

    def _part(self, lng: Floats, lat: Floats, units: Indexes, hows: Codes) -> None:
        missed: Indexes | None = None
        for layer in self._layers:
            x, y = (lng, lat) if missed is None else (lng[missed], lat[missed])
            found = layer.many(x, y)
            if missed is None:
                units[:] = found
            else:
                units[missed] = found
            missed = np.flatnonzero(units < 0)
            if not missed.size:
                break
        hows[units >= 0] = _INSIDE
        if missed is not None and missed.size:
            near = missed[np.isfinite(lng[missed]) & np.isfinite(lat[missed])]
            units[near], _ = self._near.find(lng[near], lat[near])
            hows[near[units[near] >= 0]] = _NEAREST


class _Layer:
    """Cells in the order of precedence, in one tree."""

    def __init__(self, cells: list[Cell]) -> None:
        cells.sort(key=lambda c: (-c.depth, c.code))
        self.shapes = np.array([c.shape for c in cells], dtype=object)
        self.units = np.array([c.unit for c in cells], dtype=np.int64)
        self.tree = shapely.STRtree(self.shapes)

    def many(self, lng: Floats, lat: Floats) -> Indexes:
        out = np.full(len(lng), -1, dtype=np.int64)
        if not len(self.units):
            return out
        points, hits = self.tree.query(shapely.points(lng, lat), predicate="intersects")
        out[points] = hits
        # a point on a border hits several cells: of those the first in precedence
        twice = np.unique(points[1:][points[1:] == points[:-1]])
        if twice.size:
            several = np.isin(points, twice)
            out[twice] = len(self.units)
            np.minimum.at(out, points[several], hits[several])
        found = out >= 0
        out[found] = self.units[out[found]]
        return out


class _Near:
    """The nearest cell within a tolerance. Longitudes are shrunk by the cosine of the middle latitude, so
    that the tree's order is that of metres; the distance itself is then measured at the point's latitude."""

    def __init__(self, layer: _Layer, within_m: float) -> None:
        self._within = within_m
        self._units = layer.units
        self._tree: shapely.STRtree | None = None
        if not len(layer.units) or within_m <= 0:
            return
        low, high = shapely.total_bounds(layer.shapes)[[1, 3]]
        self._shrink = max(float(np.cos(np.radians((low + high) / 2))), 0.01)
        self._shapes: Any = shapely.transform(layer.shapes, lambda xy: xy * (self._shrink, 1.0))
        self._tree = shapely.STRtree(self._shapes)

    def find(self, lng: Floats, lat: Floats) -> tuple[Indexes, Floats]:
        """Unit indexes (-1: none near enough) and metres."""
        units = np.full(len(lng), -1, dtype=np.int64)
        metres = np.full(len(lng), np.nan)
        if self._tree is None or not len(lng):
            return units, metres
        points: Any = shapely.points(lng * self._shrink, lat)
        # a little further than allowed: the exact distance decides below
        reach = self._within / METRES_A_DEGREE * 1.2
        which, hits = self._tree.query_nearest(points, max_distance=reach, all_matches=True)
        if not which.size:
            return units, metres
        best = np.full(len(lng), len(self._units), dtype=np.int64)
        np.minimum.at(best, which, hits)
        near = np.flatnonzero(best < len(self._units))
        far = self._metres(points[near], self._shapes[best[near]], lat[near])
        near, far = near[far <= self._within], far[far <= self._within]
        units[near] = self._units[best[near]]
        metres[near] = far
        return units, metres

    def _metres(
        self, points: npt.NDArray[np.object_], shapes: npt.NDArray[np.object_], lat: Floats
    ) -> Floats:
        ends = shapely.get_coordinates(shapely.shortest_line(points, shapes)).reshape(-1, 2, 2)
        across = (ends[:, 1, 0] - ends[:, 0, 0]) / self._shrink * np.cos(np.radians(lat))
        along = ends[:, 1, 1] - ends[:, 0, 1]
        return np.asarray(np.hypot(across, along) * METRES_A_DEGREE, dtype=np.float64)
