"""Geometry of the territory: coordinate systems, sanity of coordinates, repair, area. Pure numpy and shapely.

Everything stored and everything on the wire is WGS-84, longitude first. GCJ-02 (Amap, Tencent) and BD-09
(Baidu) are converted only where the sender declared them. CGCS2000 is taken as WGS-84: the two differ by
centimetres, less than the accuracy of any boundary here.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from linli.kernel.text import Text
from linli.territory.words import Crs

Floats = npt.NDArray[np.float64]

_A, _EE = 6378245.0, 0.00669342162296594323  # Krasovsky 1940, on which GCJ-02 is defined
_BD_PI = np.pi * 3000.0 / 180.0
_WGS_A, _WGS_E2 = 6378137.0, 0.0066943799901413165

OUT_OF_RANGE = Text(
    "坐标超出范围(经度 ±180、纬度 ±90);可能是投影坐标,请转换为经纬度",
    "Coordinates out of range (longitude ±180, latitude ±90); perhaps projected, convert them to degrees",
)
SWAPPED = Text(
    "经纬度写反了:应当经度在前、纬度在后", "Latitude and longitude are swapped: longitude comes first"
)
AT_ZERO = Text("坐标为 (0, 0),位置缺失", "The coordinates are (0, 0): the position is missing")
NOT_FINITE = Text("坐标不是数字", "The coordinates are not numbers")


def _outside_china(lng: Floats, lat: Floats) -> npt.NDArray[np.bool_]:
    return (lng < 72.004) | (lng > 137.8347) | (lat < 0.8293) | (lat > 55.8271)


def _gcj_offsets(lng: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lng - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    dy = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave * 2.0 / 3.0
    dy += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    dy += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    dx = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave * 2.0 / 3.0
    dx += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    dx += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _EE * np.sin(phi) ** 2
    dlat = dy * 180.0 / ((_A * (1.0 - _EE)) / (magic * np.sqrt(magic)) * np.pi)
    dlng = dx * 180.0 / (_A / np.sqrt(magic) * np.cos(phi) * np.pi)
    return dlng, dlat


def wgs84_to_gcj02(lng: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """GCJ-02 of WGS-84 points; points outside China's box are not moved."""
    dlng, dlat = _gcj_offsets(lng, lat)
    out = _outside_china(lng, lat)
    return np.where(out, lng, lng + dlng), np.where(out, lat, lat + dlat)


def gcj02_to_bd09(lng: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """BD-09 of GCJ-02 points."""
    z = np.hypot(lng, lat) + 0.00002 * np.sin(lat * _BD_PI)
    theta = np.arctan2(lat, lng) + 0.000003 * np.cos(lng * _BD_PI)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def wgs84_to_bd09(lng: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """BD-09 of WGS-84 points."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lng, lat))


def to_wgs84(lng: npt.ArrayLike, lat: npt.ArrayLike, crs: Crs) -> tuple[Floats, Floats]:
    """WGS-84 of points in the declared system: the forward formula inverted by iteration, below a millimetre.

    Points outside China's box are taken as WGS-84 already in GCJ-02.
    """
    x, y = np.asarray(lng, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if crs is Crs.BD09:
        x, y = _invert(gcj02_to_bd09, x, y, x - 0.0065, y - 0.006)
    if crs in (Crs.GCJ02, Crs.BD09):
        out = _outside_china(x, y)
        wx, wy = _invert(wgs84_to_gcj02, x, y, x, y)
        x, y = np.where(out, x, wx), np.where(out, y, wy)
    return x, y


def _invert(forward: Any, lng: Floats, lat: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    for _ in range(12):
        fx, fy = forward(x, y)
        x, y = x + (lng - fx), y + (lat - fy)
    return x, y


def shape_to_wgs84(shape: BaseGeometry, crs: Crs) -> BaseGeometry:
    """The shape with every vertex in WGS-84."""
    if crs in (Crs.WGS84, Crs.CGCS2000):
        return shape
    return shapely.transform(shape, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], crs)))


def trouble_with(lng: npt.ArrayLike, lat: npt.ArrayLike) -> Text | None:
    """What is impossible about these coordinates, None when nothing is.

    Swapped order is told by latitudes beyond 90, or by points that lie in China only when turned round.
    """
    x, y = np.asarray(lng, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return NOT_FINITE
    if ((x == 0) & (y == 0)).any():
        return AT_ZERO
    china = (x >= 73) & (x <= 136) & (y >= 3) & (y <= 54)
    turned = (y >= 73) & (y <= 136) & (x >= 3) & (x <= 54)
    if turned.any() and not china.any():
        return SWAPPED
    if (np.abs(x) > 180).any() or (np.abs(y) > 90).any():
        return OUT_OF_RANGE
    return None


def read_geojson(geometry: object) -> BaseGeometry | None:
    """The flat geometry of a GeoJSON object, None when it is none."""
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except (shapely.errors.ShapelyError, TypeError, ValueError):
        return None
    return shapely.force_2d(shape)


def polygons(shape: BaseGeometry) -> BaseGeometry | None:
    """The polygons in a shape as one polygon or multipolygon; None when it has none."""
    parts = [
        p for p in shapely.get_parts(shapely.get_parts(shape)) if p.geom_type == "Polygon" and not p.is_empty
    ]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def repaired(shape: BaseGeometry) -> BaseGeometry | None:
    """A valid polygon or multipolygon covering what the shape covers; None when nothing of area is left."""
    if not shapely.is_valid(shape):
        shape = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    return polygons(shape)


def area_m2(shapes: Any) -> Any:
    """Area on the WGS-84 ellipsoid in square metres, of one shape or of an array.

    By the sinusoidal projection, which keeps areas exactly.
    """
    return shapely.area(shapely.transform(shapes, _equal_area))


def _equal_area(xy: Floats) -> Floats:
    phi, lam = np.radians(xy[:, 1]), np.radians(xy[:, 0])
    e2 = _WGS_E2
    e4, e6 = e2 * e2, e2**3
    north = _WGS_A * (
        (1 - e2 / 4 - 3 * e4 / 64 - 5 * e6 / 256) * phi
        - (3 * e2 / 8 + 3 * e4 / 32 + 45 * e6 / 1024) * np.sin(2 * phi)
        + (15 * e4 / 256 + 45 * e6 / 1024) * np.sin(4 * phi)
        - (35 * e6 / 3072) * np.sin(6 * phi)
    )
    east = _WGS_A * np.cos(phi) / np.sqrt(1 - e2 * np.sin(phi) ** 2) * lam
    return np.column_stack((east, north))
