"""Cells of the ground, by which what lies near is found through an index."""

from __future__ import annotations

from math import floor

CELL_DEGREES = 0.002
"""About 220 metres from south to north and, at 31° north, 190 metres from west to east."""
ROWS = 1_000_000


def cell_of(lng: float | None, lat: float | None) -> int | None:
    """The number of the cell in which a point (WGS-84 degrees) lies; None without a point."""
    if lng is None or lat is None:
        return None
    return floor((lng + 180) / CELL_DEGREES) * ROWS + floor((lat + 90) / CELL_DEGREES)


def cells_around(lng: float, lat: float, rings: int = 1) -> list[int]:
    """The cell of the point and those around it: with one ring nine of them, so that everything within one
    cell's width is inside. The date line is not wrapped."""
    middle = floor((lng + 180) / CELL_DEGREES), floor((lat + 90) / CELL_DEGREES)
    steps = range(-rings, rings + 1)
    return [(middle[0] + east) * ROWS + middle[1] + north for east in steps for north in steps]
