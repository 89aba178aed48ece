"""Locating: 20,000 cells and 1,000,000 points in one process, against the bare shapely queries."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

from benchmarks.report import result
from linli.territory.cells import Cell, Cells

COLUMNS, ROWS = 200, 100
POINTS, SINGLE = 1_000_000, 20_000
ROUNDS = 5
WEST, SOUTH, SIDE = 121.0, 30.7, 0.0025


def grid(rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """20,000 crooked cells of twenty vertices without gaps, as neighbours share their corners."""
    corners = np.stack(np.meshgrid(np.arange(COLUMNS + 1.0), np.arange(ROWS + 1.0), indexing="ij"), axis=-1)
    corners += rng.uniform(-0.3, 0.3, corners.shape)
    corners = corners * SIDE + (WEST, SOUTH)
    parts = np.arange(5)[:, None] / 5

    def side(a: Any, b: Any) -> Any:
        return a + (b - a) * parts

    cells = [
        shapely.Polygon(np.concatenate([side(a, b), side(b, c), side(c, d), side(d, a)]))
        for i in range(COLUMNS)
        for j in range(ROWS)
        for a, b, c, d in [(corners[i, j], corners[i + 1, j], corners[i + 1, j + 1], corners[i, j + 1])]
    ]
    return np.array(cells, dtype=object)


def seconds(work: Callable[[], Any]) -> float:
    """Processor seconds that the work took: other processes on the machine count less."""
    start = time.process_time()
    work()
    return time.process_time() - start


def paired(ours: Callable[[], Any], bare: Callable[[], Any]) -> tuple[float, float]:
    """The pair, taken in turns, whose ratio is the median one."""
    ours(), bare()
    pairs = [(seconds(ours), seconds(bare)) for _ in range(ROUNDS)]
    return sorted(pairs, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]


def run() -> None:
    """Many points at once (bar: 1.3 times the bare query) and one after another (bar: 3 times)."""
    rng = np.random.default_rng(20261123)
    shapes = grid(rng)
    lng = rng.uniform(WEST, WEST + COLUMNS * SIDE, POINTS)
    lat = rng.uniform(SOUTH, SOUTH + ROWS * SIDE, POINTS)
    town = shapely.box(WEST - 0.01, SOUTH - 0.01, WEST + COLUMNS * SIDE + 0.01, SOUTH + ROWS * SIDE + 0.01)
    cells = Cells(
        [Cell(0, 0, "0", False, town)] + [Cell(n + 1, 1, f"{n:05}", True, s) for n, s in enumerate(shapes)],
        nearest_within_m=200,
    )
    tree = shapely.STRtree(shapes)
    few = list(zip(lng[:SINGLE].tolist(), lat[:SINGLE].tolist(), strict=True))

    def bare_many() -> Any:
        return tree.query(shapely.points(lng, lat), predicate="intersects")

    def ours_single() -> None:
        for x, y in few:
            cells.locate(x, y)

    def bare_single() -> None:
        for x, y in few:
            tree.query(shapely.Point(x, y), predicate="intersects")

    for name, ours, bare, n in (
        ("locate_many", lambda: cells.locate_many(lng, lat), bare_many, POINTS),
        ("locate_one", ours_single, bare_single, SINGLE),
    ):
        mine, theirs = paired(ours, bare)
        result(name, engine="memory", ours=mine * 1e6 / n, bare=theirs * 1e6 / n, unit="µs/point", n=n)


if __name__ == "__main__":
    run()
