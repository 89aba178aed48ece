"""Coordinate systems, sanity and areas."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from linli.territory import shapes
from linli.territory.words import Crs

inland = st.tuples(st.floats(75, 134), st.floats(18, 53))


def metres(one, other):
    (x1, y1), (x2, y2) = one, other
    return float(np.hypot((x2 - x1) * np.cos(np.radians(y1)), y2 - y1)) * 111_320


@given(inland)
def test_gcj02_and_back_is_the_same_place(point):
    there = shapes.wgs84_to_gcj02(*map(np.float64, point))
    assert metres(point, shapes.to_wgs84(*there, Crs.GCJ02)) < 0.01


@given(inland)
def test_bd09_and_back_is_the_same_place(point):
    there = shapes.wgs84_to_bd09(*map(np.float64, point))
    assert metres(point, shapes.to_wgs84(*there, Crs.BD09)) < 0.01


def test_known_points_are_converted_as_others_convert_them():
    # the published reference implementation (eviltransform, its test table): Shanghai
    lng, lat = shapes.wgs84_to_gcj02(np.float64(121.4737021), np.float64(31.2303904))
    assert (float(lng), float(lat)) == pytest.approx((121.478224, 31.228466), abs=2e-5)


def test_outside_china_and_for_wgs84_nothing_moves():
    assert shapes.to_wgs84(-71.06, 42.36, Crs.GCJ02) == (-71.06, 42.36)
    assert shapes.to_wgs84(121.3, 30.8, Crs.WGS84) == (121.3, 30.8)
    assert shapes.to_wgs84(121.3, 30.8, Crs.CGCS2000) == (121.3, 30.8)


@pytest.mark.parametrize(
    ("lng", "lat", "trouble"),
    [
        (31.2, 121.4, shapes.SWAPPED),
        (0.0, 0.0, shapes.AT_ZERO),
        (13_500_000.0, 3_600_000.0, shapes.OUT_OF_RANGE),
        (181.0, 10.0, shapes.OUT_OF_RANGE),
        (float("nan"), 10.0, shapes.NOT_FINITE),
        (121.4, 31.2, None),
        (-71.06, 42.36, None),
    ],
)
def test_impossible_coordinates_are_named(lng, lat, trouble):
    assert shapes.trouble_with([lng], [lat]) is trouble


def test_areas_are_those_of_the_ellipsoid():
    # one degree square at the equator: 12,308.778 km² (Karney, GeographicLib)
    assert float(shapes.area_m2(shapely.box(0, 0, 1, 1))) / 1e6 == pytest.approx(12308.8, rel=2e-4)


def test_a_bow_tie_is_repaired_and_a_line_is_not_an_area():
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    whole = shapes.repaired(bow)
    assert whole is not None
    assert whole.is_valid
    assert shapes.repaired(shapely.LineString([(0, 0), (1, 1)])) is None
    assert shapes.repaired(shapely.Polygon([(0, 0), (1, 1), (0, 0), (0, 0)])) is None
