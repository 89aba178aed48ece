"""What the tests of the territory are made of: a small town of square cells, and files."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from linli.kernel.access import SYSTEM
from linli.territory import actions, queries

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LATER = datetime(2026, 5, 6, 1, 0, tzinfo=UTC)
WEST, SOUTH, SIDE = 121.30, 30.75, 0.01


def square(column: float, row: float, wide: float = 1, high: float = 1) -> BaseGeometry:
    """A cell of a grid whose side is 0.01 degrees."""
    x, y = WEST + column * SIDE, SOUTH + row * SIDE
    return shapely.box(x, y, x + wide * SIDE, y + high * SIDE)


def feature(code: str, shape: BaseGeometry | None, **properties: Any) -> dict[str, Any]:
    """A GeoJSON feature."""
    geometry = None if shape is None else json.loads(shapely.to_geojson(shape))
    return {"type": "Feature", "properties": {"code": code, **properties}, "geometry": geometry}


def geojson_file(folder: Path, *features: dict[str, Any], **members: Any) -> Path:
    """A feature collection in a file."""
    path = folder / "units.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features, **members}), encoding="utf-8"
    )
    return path


def town() -> queries.Snapshot:
    """A town of two villages: the western one has two grids, the eastern one none. All are squares."""
    rows = [
        actions.Row(1, "310199101000", "禾泾镇", "Hejing Town", shape=square(0, 0, 4, 2)),
        actions.Row(2, "310199101001", "西村村委会", "West Village", shape=square(0, 0, 2, 2)),
        actions.Row(3, "310199101002", "东村村委会", shape=square(2, 0, 2, 2)),
        actions.Row(4, "310199101001-A01", "西村第1网格", shape=square(0, 0, 1, 2)),
        actions.Row(5, "310199101001-A02", "西村第2网格", shape=square(1, 0, 1, 2)),
    ]
    actions.apply_plan(actions.plan_rows(rows, source="test"), by=SYSTEM, at=AT)
    return queries.snapshot()
