"""Whether neighbouring cells cover their parent: no overlap, no gap, nothing outside. Pure.

Follows the "seamless, without overlap" rule for unit grids (GB/T 30428.1); tolerances are the town's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from linli.kernel.text import Text
from linli.territory import shapes
from linli.territory.rules.plan import Finding, Trouble
from linli.territory.words import Severity


@dataclass(frozen=True, slots=True)
class Tolerances:
    """Square metres and shares from which a fault is reported, or blocks."""

    overlap_m2: float
    overlap_error_share: float
    gap_m2: float
    outside_share: float
    outside_error_share: float


@dataclass(frozen=True, slots=True)
class Member:
    """A unit of a family: its code, name, line in the file (0: not in it) and boundary (None: has none)."""

    code: str
    name: str
    line: int
    shape: BaseGeometry | None


@dataclass(frozen=True, slots=True)
class Family:
    """A parent (None: the top) and all open units directly below it, as they would be after the import."""

    parent: Member | None
    members: list[Member]


_OVERLAP = Text("{one} 与 {other}({code})重叠 {m2} 平方米", "{one} and {other} ({code}) overlap by {m2} m²")
_GAP = Text(
    "{parent} 内有 {n} 处未划入任何下级网格,共 {m2} 平方米,最大一处在 {at}",
    "{parent} has {n} gaps that belong to no unit below it, {m2} m² in all, the largest at {at}",
)
_OUTSIDE = Text(
    "{name} 有 {share}% 在上级 {parent} 的边界之外;若整体偏移数百米,请检查坐标系",
    "{share}% of {name} lies outside its parent {parent}; "
    "if all is shifted by some hundred metres, check the crs",
)
_TOP = Text("最高一级", "The top level")


def check(families: Mapping[str, Family], limits: Tolerances) -> Iterator[Finding]:
    """Findings of every family."""
    for family in families.values():
        drawn = [m for m in family.members if m.shape is not None]
        if not drawn:
            continue
        yield from _overlaps(drawn, limits)
        yield from _outsiders(family.parent, drawn, limits)
        if len(drawn) == len(family.members):
            yield from _gaps(family.parent, drawn, limits)


def _overlaps(drawn: list[Member], limits: Tolerances) -> Iterator[Finding]:
    geometry = np.array([m.shape for m in drawn], dtype=object)
    one, other = shapely.STRtree(geometry).query(geometry, predicate="intersects")
    one, other = one[one < other], other[one < other]
    if not len(one):
        return
    areas = shapes.area_m2(shapely.intersection(geometry[one], geometry[other]))
    smaller = np.minimum(shapes.area_m2(geometry[one]), shapes.area_m2(geometry[other]))
    for index in np.flatnonzero(areas > limits.overlap_m2):
        a, b = drawn[one[index]], drawn[other[index]]
        if a.line > b.line:
            a, b = b, a
        bad = areas[index] > limits.overlap_error_share * smaller[index]
        text = _OVERLAP.fill(one=b.name, other=a.name, code=a.code, m2=f"{areas[index]:,.0f}")
        yield Finding(b.line, "geometry", Trouble.OVERLAP, _severity(bad), text)


def _outsiders(parent: Member | None, drawn: list[Member], limits: Tolerances) -> Iterator[Finding]:
    if parent is None or parent.shape is None:
        return
    geometry = np.array([m.shape for m in drawn], dtype=object)
    shapely.prepare(parent.shape)
    beyond = np.flatnonzero(~shapely.covers(parent.shape, geometry))
    if not len(beyond):
        return
    outside = shapes.area_m2(shapely.difference(geometry[beyond], parent.shape))
    shares = outside / np.maximum(shapes.area_m2(geometry[beyond]), 1e-9)
    for index, share in zip(beyond, shares, strict=True):
        if share > limits.outside_share:
            member = drawn[index]
            bad = share > limits.outside_error_share
            text = _OUTSIDE.fill(name=member.name, share=f"{share * 100:.0f}", parent=parent.name)
            yield Finding(member.line or parent.line, "geometry", Trouble.OUTSIDE, _severity(bad), text)


def _gaps(parent: Member | None, drawn: list[Member], limits: Tolerances) -> Iterator[Finding]:
    together = shapely.union_all(np.array([m.shape for m in drawn], dtype=object))
    if parent is not None and parent.shape is not None:
        holes = shapely.get_parts(shapely.difference(parent.shape, together))
    else:
        holes = _enclosed(together)
    if not len(holes):
        return
    areas = shapes.area_m2(holes)
    wide = np.flatnonzero(areas > limits.gap_m2)
    if not len(wide):
        return
    spot = shapely.point_on_surface(holes[wide[np.argmax(areas[wide])]])
    text = _GAP.fill(
        parent=Text(parent.name, parent.name) if parent else _TOP,
        n=len(wide), m2=f"{areas[wide].sum():,.0f}", at=f"{spot.x:.6f}, {spot.y:.6f}",
    )  # fmt: skip
    yield Finding(parent.line if parent else 0, "geometry", Trouble.GAP, Severity.WARNING, text)


def _enclosed(together: BaseGeometry) -> Any:
    rings = [
        shapely.Polygon(ring)
        for part in shapely.get_parts(together)
        for ring in getattr(part, "interiors", ())
    ]
    return np.array(rings, dtype=object)


def _severity(bad: bool) -> Severity:
    return Severity.ERROR if bad else Severity.WARNING
