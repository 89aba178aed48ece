"""Draws districts.geojson from the points of the records: python draw_districts.py FULL_FILE.csv.gz

Every point is given to the district that most of its records name; the Voronoi cells of the points are joined by
district, cut off a little way beyond the outermost points, and simplified together, so that neighbours keep one
border. Nothing but the public-domain records goes in.
"""

from __future__ import annotations

import collections
import csv
import gzip
import json
import sys
from pathlib import Path

import numpy as np
import shapely

SHRINK = float(np.cos(np.radians(42.32)))  # of a degree of longitude, at Boston
REACH = 0.004  # degrees of latitude beyond the points; half of it is taken back
TOLERANCE = 0.00008
CRUMB = 5e-8  # square degrees


def points(path: Path) -> dict[tuple[float, float], str]:
    """Each point with the district that most of its records name."""
    votes: dict[tuple[float, float], collections.Counter[str]] = collections.defaultdict(collections.Counter)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["police_district"].strip():
                point = float(row["longitude"]) * SHRINK, float(row["latitude"])
                votes[point][row["police_district"].strip()] += 1
    return {point: counter.most_common(1)[0][0] for point, counter in votes.items()}


def draw(district_of: dict[tuple[float, float], str]) -> dict[str, shapely.Geometry]:
    """The districts' shapes in degrees."""
    where = shapely.points(np.array(list(district_of)))
    names = sorted(set(district_of.values()))
    label = np.array([names.index(name) for name in district_of.values()])
    reached = shapely.union_all(shapely.buffer(where, REACH)).buffer(-REACH / 2).simplify(0.0005)
    # parks without a record are filled
    area = shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(reached)])
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(where), extend_to=area))
    at, cell = shapely.STRtree(cells).query(where, predicate="intersects")
    owner = np.full(len(cells), -1)
    owner[cell] = label[at]
    joined = [shapely.union_all(cells[owner == n]).intersection(area) for n in range(len(names))]
    whole = [shapely.union_all([p for p in shapely.get_parts(g) if p.area > CRUMB]) for g in joined]
    simple = shapely.coverage_simplify(np.array(whole), TOLERANCE)
    degrees = shapely.transform(simple, lambda xy: xy / [SHRINK, 1])
    return dict(zip(names, shapely.set_precision(degrees, 0.00001), strict=True))


def feature(code: str, name: str, name_en: str, rank: str, parent: str, shape: shapely.Geometry) -> str:
    """One line of GeoJSON."""
    properties = {"code": code, "name": name, "name_en": name_en, "rank": rank, "parent": parent}
    geometry = json.loads(shapely.to_geojson(shape))
    geometry["coordinates"] = rounded(geometry["coordinates"])
    return json.dumps(
        {"type": "Feature", "properties": properties, "geometry": geometry},
        ensure_ascii=False,
        separators=(",", ":"),
    )


def rounded(value: list | float) -> list | float:
    """Five decimals: a metre."""
    return round(value, 5) if isinstance(value, float) else [rounded(each) for each in value]


def main() -> None:
    """Write districts.geojson beside this file."""
    shapes = draw(points(Path(sys.argv[1])))
    city = shapely.union_all(list(shapes.values()), grid_size=0.00001)
    lines = [feature("BOSTON", "波士顿", "Boston", "city", "", city)]
    lines += [feature(d, f"{d} 警区", f"District {d}", "area", "BOSTON", s) for d, s in shapes.items()]
    target = Path(__file__).with_name("districts.geojson")
    target.write_text('{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n", "utf-8")
    sys.stdout.write(f"{target}: {target.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
