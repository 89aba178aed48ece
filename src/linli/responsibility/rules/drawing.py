"""Drawing a unit with its parts and places as SVG: boundaries, names, coloured dots, scale, north."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from math import cos, log10, radians
from typing import NamedTuple

from shapely.geometry.base import BaseGeometry

from linli.territory.words import METRES_A_DEGREE

WIDTH, HEIGHT, EDGE = 1000.0, 1060.0, 30.0
COLOURS = (
    "#c2410c",
    "#0b6b83",
    "#4d7c0f",
    "#7e22ce",
    "#b91c1c",
    "#1d4ed8",
    "#a16207",
    "#0f766e",
    "#be185d",
    "#475569",
)
FILLS = ("#eef5f0", "#f5f1e8", "#edf2f7", "#f6eef0", "#eff3e6")
KINDS = {
    "river": "河道", "road": "道路", "wood": "林地", "farmland": "农田", "field": "农田", "school": "学校",
    "compound": "小区", "shop": "商铺", "firm": "企业", "station": "站点", "waste_point": "垃圾投放点",
    "market": "集市", "hamlet": "自然村", "public": "公共设施", "park": "公园", "bridge": "桥梁",
}  # fmt: skip


class Spot(NamedTuple):
    """A place with its point in degrees."""

    name: str
    kind: str
    lng: float
    lat: float


class Drawn(NamedTuple):
    """The drawing, and its legend: what a colour means and how many there are."""

    svg: str
    legend: list[tuple[str, str, int]]


def draw(
    outline: BaseGeometry | None, parts: Sequence[tuple[str, BaseGeometry]], spots: Sequence[Spot]
) -> Drawn:
    """The unit's outline around its parts with their names, and the places as dots coloured by kind.

    North is up; a degree of longitude is shortened by the cosine of the middle latitude. An empty unit gives a sheet
    that says so.
    """
    shapes = [shape for _, shape in parts] + ([outline] if outline is not None else [])
    boxes = [shape.bounds for shape in shapes if not shape.is_empty] + [
        (s.lng, s.lat, s.lng, s.lat) for s in spots
    ]
    counted = Counter(spot.kind for spot in spots)
    colours = {kind: COLOURS[number % len(COLOURS)] for number, (kind, _) in enumerate(counted.most_common())}
    legend = [(KINDS.get(kind, kind), colours[kind], number) for kind, number in counted.most_common()]
    if not boxes:
        return Drawn(
            _page(['<text x="500" y="530" text-anchor="middle" font-size="28">暂无边界数据</text>']), legend
        )
    view = _View(
        min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)
    )
    drawn: list[str] = []
    for number, (_, shape) in enumerate(parts):
        drawn.append(_area(view, shape, FILLS[number % len(FILLS)], "#6b8a94", 1.2))
    if outline is not None:
        drawn.append(_area(view, outline, "none", "#0b4f62", 3.0))
    for spot in spots:
        x, y = view.at(spot.lng, spot.lat)
        drawn.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colours[spot.kind]}" stroke="#fff"/>')
    for name, shape in parts:
        if not shape.is_empty:
            point = shape.representative_point()
            x, y = view.at(point.x, point.y)
            drawn.append(
                f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="19" fill="#12343f" stroke="#fff"'
                f' stroke-width="4" paint-order="stroke">{escape(name)}</text>'
            )
    drawn += [_north(), _scale(view)]
    return Drawn(_page(drawn), legend)


class _View:
    """From degrees to the sheet."""

    def __init__(self, west: float, south: float, east: float, north: float) -> None:
        self.narrow = max(cos(radians((south + north) / 2)), 0.01)
        wide, high = max((east - west) * self.narrow, 1e-6), max(north - south, 1e-6)
        self.factor = min((WIDTH - 2 * EDGE) / wide, (HEIGHT - 2 * EDGE - 60) / high)
        self.west, self.north = west, north
        self.left = (WIDTH - wide * self.factor) / 2
        self.top = (HEIGHT - 60 - high * self.factor) / 2

    def at(self, lng: float, lat: float) -> tuple[float, float]:
        """Where a point lies on the sheet."""
        return (
            self.left + (lng - self.west) * self.narrow * self.factor,
            self.top + (self.north - lat) * self.factor,
        )


def _area(view: _View, shape: BaseGeometry, fill: str, line: str, width: float) -> str:
    polygons = getattr(shape, "geoms", [shape])
    path = []
    for polygon in polygons:
        for ring in (polygon.exterior, *polygon.interiors):
            points = [view.at(lng, lat) for lng, lat, *_ in ring.coords]
            path.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z")
    return f'<path d="{"".join(path)}" fill="{fill}" fill-rule="evenodd" stroke="{line}" stroke-width="{width}"/>'


def _north() -> str:
    return (
        '<path d="M955 40 L945 75 L955 67 L965 75 Z" fill="#12343f"/>'
        '<text x="955" y="98" text-anchor="middle" font-size="18">北</text>'
    )


def _scale(view: _View) -> str:
    """A bar of a round length, about a fifth of the sheet."""
    metres = WIDTH / 5 / view.factor * METRES_A_DEGREE
    round_one = 10 ** int(log10(max(metres, 1.0)))
    length = max(step * round_one for step in (1, 2, 5) if step * round_one <= max(metres, 1.0))
    wide = length / METRES_A_DEGREE * view.factor
    words = f"{length // 1000:g} 公里" if length >= 1000 else f"{length:g} 米"
    y = HEIGHT - 28
    return (
        f'<path d="M{EDGE} {y - 8}V{y}H{EDGE + wide:.1f}V{y - 8}" fill="none" stroke="#12343f" stroke-width="2"/>'
        f'<text x="{EDGE + wide / 2:.1f}" y="{y - 12}" text-anchor="middle" font-size="18">{words}</text>'
    )


def _page(drawn: Sequence[str]) -> str:
    body = "".join(drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" font-family="sans-serif">'
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#fff"/>{body}</svg>'
    )
