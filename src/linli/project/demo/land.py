"""The land of 禾泾镇, drawn from a seed: outline, villages, area grids and micro-grids without gap or overlap.

Cells are cut from large to small, laid over one another so that every line is shared by the two sides of it,
bent a little, and put together again from small to large. Metres from the middle, then WGS-84.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry

from .names import LINES, Line, Named

LNG, LAT = 121.0, 30.9
METRES_LAT = 110_890.0
METRES_LNG = 111_320.0 * math.cos(math.radians(LAT))
HALF_WIDTH = 3900.0  # metres
DECIMALS = 6  # of degrees, about 10 cm

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Grid:
    """A unit with its end of the code, names, outline in WGS-84, households (micro-grids) and what is below."""

    code: str
    name: str
    name_en: str
    shape: Polygon
    below: tuple[Grid, ...] = ()
    households: int | None = None


@dataclass(frozen=True, slots=True)
class Land:
    """The town's outline, its villages with all below, and its roads and rivers."""

    shape: Polygon
    villages: tuple[Grid, ...]
    lines: tuple[tuple[Line, LineString], ...]


def draw(villages: tuple[Named, ...], micro_grids: int, seed: int) -> Land:
    """The same land for the same seed."""
    rng = np.random.default_rng(seed)
    small = len(villages) < 8
    outline = _outline(rng, HALF_WIDTH / 3 if small else HALF_WIDTH)
    plots = _villages(outline, villages, rng)
    micros: list[tuple[int, int, Polygon]] = []
    sizes = _sizes([v.areas for v in villages], micro_grids)
    for number, (village, plot) in enumerate(zip(villages, plots, strict=True)):
        for area, piece in enumerate(_cut(plot, village.areas, rng)):
            micros += [(number, area, cell) for cell in _cut(piece, sizes[number][area], rng)]
    cells = _bent([cell for *_, cell in micros], rng)
    found = _grids(villages, micros, cells, rng)
    whole = _together([v.shape for v in found])
    return Land(whole, found, tuple((line, _way(line, whole, rng)) for line in LINES))


def to_degrees(x: Any, y: Any) -> tuple[Any, Any]:
    """Longitude and latitude of a point given in metres east and north of the middle."""
    return LNG + x / METRES_LNG, LAT + y / METRES_LAT


def _degrees(points: Any) -> Any:
    return np.column_stack(to_degrees(*_grown(points).T))


def _grown(points: Any) -> Any:
    """Metres as drawn to metres as grown: a smooth shift of everything, so that no border runs dead straight."""
    x, y = points[:, 0], points[:, 1]
    east = 130 * np.sin(y / 610 + 1) + 45 * np.sin((x + 2 * y) / 300 + 2)
    north = 120 * np.sin(x / 680 + 3) + 40 * np.sin((2 * x - y) / 330)
    return np.column_stack([x + east, y + north])


def _outline(rng: Rng, radius: float) -> Polygon:
    """Roundish, wider than high, with bays."""
    angles = np.linspace(0, 2 * math.pi, 120, endpoint=False)
    wave = np.ones_like(angles)
    for n in range(2, 9):
        wave += rng.normal(0, 0.09 / n) * np.cos(n * angles + rng.uniform(0, 6.28))
    distance = radius * wave
    return Polygon(np.column_stack([1.12 * distance * np.cos(angles), 0.92 * distance * np.sin(angles)]))


def _villages(outline: Polygon, villages: tuple[Named, ...], rng: Rng) -> list[Polygon]:
    """Communities near the middle, villages in a ring around them."""
    reach = math.sqrt(outline.area / math.pi)
    core = [v for v in villages if v.code < "100"]
    seeds = [
        _polar(rng.uniform(0.17, 0.27) * reach, 6.28 * (n + rng.uniform(0.25, 0.75)) / max(len(core), 1))
        for n in range(len(core))
    ]
    ring = len(villages) - len(core)
    for n in range(ring):
        far = (0.52 if n % 3 == 0 else 0.76) + rng.uniform(-0.04, 0.04)
        seeds.append(_polar(far * reach, 6.28 * (n + rng.uniform(-0.15, 0.15)) / ring + 0.3))
    return _cells(outline, np.array(seeds))


def _polar(distance: float, angle: float) -> tuple[float, float]:
    return distance * math.cos(angle) * 1.1, distance * math.sin(angle) * 0.9


def _cut(piece: Polygon, parts: int, rng: Rng) -> list[Polygon]:
    """The piece in so many parts of about one size: centres are moved to the middle of what is theirs."""
    if parts == 1:
        return [piece]
    left, low, right, high = piece.bounds
    cloud = np.column_stack([rng.uniform(left, right, 900), rng.uniform(low, high, 900)])
    cloud = cloud[shapely.contains_xy(piece, cloud[:, 0], cloud[:, 1])]
    centres = cloud[:parts].copy()
    for _ in range(12):
        nearest = np.argmin(((cloud[:, None] - centres[None]) ** 2).sum(axis=2), axis=1)
        centres = np.array(
            [cloud[nearest == n].mean(axis=0) if (nearest == n).any() else centres[n] for n in range(parts)]
        )
    return _cells(piece, centres)


def _cells(piece: Polygon, centres: Any) -> list[Polygon]:
    drawn = shapely.voronoi_polygons(MultiPoint(centres), extend_to=piece.buffer(1000))
    cells = [_largest(shapely.intersection(cell, piece)) for cell in shapely.get_parts(drawn)]
    return [next(cell for cell in cells if cell.covers(Point(centre))) for centre in centres]


def _largest(shape: BaseGeometry) -> Polygon:
    return max((p for p in shapely.get_parts(shape) if isinstance(p, Polygon)), key=lambda p: float(p.area))


def _sizes(areas: list[int], micro_grids: int) -> list[list[int]]:
    """How many micro-grids each area grid gets: evenly, the first ones one more."""
    whole, more = divmod(micro_grids, sum(areas))
    counts = iter([whole + (n % sum(areas) < more) for n in range(sum(areas))])
    return [[next(counts) for _ in range(n)] for n in areas]


def _bent(cells: list[Polygon], rng: Rng) -> list[Polygon]:
    """The cells with bent borders, in WGS-84; both sides of a border bend alike."""
    lines = shapely.union_all([cell.boundary for cell in cells], grid_size=0.5)
    segments = sorted(
        {
            tuple(sorted(pair))
            for line in shapely.get_parts(lines)
            for pair in zip(line.coords[:-1], line.coords[1:], strict=True)
        }
    )
    bent = [LineString(_degrees(np.array(_bend(a, b, rng)))) for a, b in segments]
    rounded = shapely.transform(np.array(bent, dtype=object), lambda c: np.round(c, DECIMALS))
    faces = [face for face in shapely.get_parts(shapely.polygonize(list(rounded))) if face.area > 0]
    flat = shapely.transform(np.array(cells, dtype=object), _degrees)
    return [faces[int(np.argmax(shapely.area(shapely.intersection(faces, cell))))] for cell in flat]


def _bend(a: tuple[float, float], b: tuple[float, float], rng: Rng) -> list[tuple[float, float]]:
    """The way from a to b, a little beside the straight one."""
    length = math.dist(a, b)
    steps = min(6, int(length // 70))
    if steps < 2:
        return [a, b]
    across = (-(b[1] - a[1]) / length, (b[0] - a[0]) / length)
    swing, shake = rng.normal(0, 0.025 * length), min(0.012 * length, 8.0)
    way = [a]
    for n in range(1, steps):
        share = n / steps
        aside = float(
            np.clip(swing * math.sin(math.pi * share) + rng.normal(0, shake), -0.06 * length, 0.06 * length)
        )
        way.append(
            (
                a[0] + (b[0] - a[0]) * share + across[0] * aside,
                a[1] + (b[1] - a[1]) * share + across[1] * aside,
            )
        )
    return [*way, b]


def _grids(
    villages: tuple[Named, ...], micros: list[tuple[int, int, Polygon]], cells: list[Polygon], rng: Rng
) -> tuple[Grid, ...]:
    found = []
    for number, village in enumerate(villages):
        areas = []
        for area in range(village.areas):
            mine = [cell for (v, a, _), cell in zip(micros, cells, strict=True) if (v, a) == (number, area)]
            below = tuple(_micro(area + 1, n + 1, cell, rng) for n, cell in enumerate(mine))
            shape = _together(mine)
            areas.append(Grid(str(area + 1), f"第{area + 1}网格", f"Grid {area + 1}", shape, below))
        whole = _together([area.shape for area in areas])
        found.append(Grid(village.code, village.name, village.name_en, whole, tuple(areas)))
    return tuple(found)


def _together(cells: list[Polygon]) -> Polygon:
    whole = shapely.union_all(cells)
    if not isinstance(whole, Polygon):
        raise ValueError("the cells of a unit do not lie together")
    return whole


def _micro(area: int, number: int, cell: Polygon, rng: Rng) -> Grid:
    name, name_en = f"第{area}-{number}微网格", f"Micro-grid {area}-{number}"
    return Grid(str(number), name, name_en, cell, households=int(rng.integers(20, 51)))


def _way(line: Line, town: BaseGeometry, rng: Rng) -> LineString:
    """The line through its points, smoothed and cut at the town's border."""
    width, height = (town.bounds[2] - town.bounds[0]) / 2, (town.bounds[3] - town.bounds[1]) / 2
    middle = ((town.bounds[0] + town.bounds[2]) / 2, (town.bounds[1] + town.bounds[3]) / 2)
    shake = 0.03 if line.kind == "river" else 0.006
    turns = 5 if line.kind == "river" else 2  # points between two of the way
    shares = np.linspace(0, len(line.way) - 1, (len(line.way) - 1) * turns + 1)
    way = np.array(line.way)
    points = np.column_stack([np.interp(shares, range(len(way)), way[:, axis]) for axis in (0, 1)])
    points = points + rng.normal(0, shake, points.shape)
    for _ in range(3):
        points = _softer(points)
    degrees = np.column_stack([middle[0] + points[:, 0] * width, middle[1] + points[:, 1] * height])
    inside = shapely.intersection(LineString(np.round(degrees, DECIMALS)), town)
    return max(_line_strings(inside), key=lambda part: float(part.length))


def _line_strings(shape: BaseGeometry) -> Iterable[LineString]:
    return (part for part in shapely.get_parts(shape) if isinstance(part, LineString))


def _softer(points: Any) -> Any:
    """Corners cut off (Chaikin)."""
    near, far = 0.75 * points[:-1] + 0.25 * points[1:], 0.25 * points[:-1] + 0.75 * points[1:]
    return np.vstack([points[:1], np.stack([near, far], axis=1).reshape(-1, 2), points[-1:]])
