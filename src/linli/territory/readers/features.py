"""GeoJSON: one unit a feature, its boundary brought to WGS-84 and made valid."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import shapely

from linli.kernel.text import Text
from linli.territory import shapes
from linli.territory.readers.common import (
    COLUMNS,
    LONGEST_NAME,
    Choices,
    Reading,
    plain,
    rank_word,
    short,
    unreadable,
)  # fmt: skip
from linli.territory.rules.codes import read_code
from linli.territory.rules.plan import Row, Trouble
from linli.territory.words import Crs, Severity

_CRS_NAMES = {
    "4326": Crs.WGS84, "CRS84": Crs.WGS84, "4490": Crs.CGCS2000, "4479": Crs.CGCS2000,
}  # fmt: skip
_GUESSES: dict[str, tuple[str, ...]] = {
    "code": ("code", "adcode", "gb", "id", "district", "objectid", *COLUMNS["code"]),
    "name": ("name", "名称", "district", "neighborhood", *COLUMNS["name"]),
    "name_en": COLUMNS["name_en"],
    "parent": ("parent", "parent_code", "上级代码", "上级"),
    "rank": ("rank", "level", "级别"),
    "kind": ("kind", "类别"),
    "households": COLUMNS["households"],
}
_UNDECLARED = Text(
    "没有声明坐标系,按 WGS-84 处理;来自高德、腾讯、百度的数据请声明 gcj02 或 bd09",
    "No coordinate system was declared: taken as WGS-84; "
    "declare gcj02 or bd09 for data of Amap, Tencent, Baidu",
)
_UNKNOWN_CRS = Text(
    "文件的坐标系 {crs} 不支持,请先转换为 WGS-84 经纬度",
    "The file's coordinate system {crs} is not taken; convert it to WGS-84 degrees first",
)


def from_geojson(text: str, choices: Choices) -> Reading:
    """The rows of a feature collection or a single feature."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise unreadable(Text("不是有效的 JSON", "This is not valid JSON")) from error
    reading = Reading()
    features = data.get("features") if isinstance(data, dict) else None
    if isinstance(data, dict) and data.get("type") == "Feature":
        features = [data]
    if not isinstance(features, list) or not features:
        problem = Text(
            "不是 GeoJSON FeatureCollection,或其中没有要素", "Not a GeoJSON FeatureCollection, or it is empty"
        )
        reading.note(0, "file", Trouble.FILE, Severity.ERROR, problem)
        return reading
    crs = _declared_crs(data, choices, reading)
    if crs is None:
        return reading
    for number, feature in enumerate(features, start=1):
        _feature(reading, number, feature, crs, choices)
    if choices.crs is None and "crs" not in data and any(_in_china(row) for row in reading.rows):
        reading.note(0, "crs", Trouble.COORDINATES, Severity.WARNING, _UNDECLARED)
    return reading


def _in_china(row: Row) -> bool:
    if row.shape is None:
        return False
    west, south, east, north = row.shape.bounds
    return west > 73 and east < 136 and south > 3 and north < 54


def _declared_crs(data: dict[str, Any], choices: Choices, reading: Reading) -> Crs | None:
    """The importer's word, else the file's own `crs` member, else WGS-84; None when the file's is unknown."""
    member = data.get("crs")
    if choices.crs is not None or not member:
        return choices.crs or Crs.WGS84
    tail = re.split(
        r"[:/]", str(member.get("properties", {}).get("name", "")) if isinstance(member, dict) else ""
    )[-1]
    if tail in _CRS_NAMES:
        return _CRS_NAMES[tail]
    reading.note(0, "crs", Trouble.COORDINATES, Severity.ERROR, _UNKNOWN_CRS.fill(crs=tail[:40] or "?"))
    return None


def _feature(reading: Reading, number: int, feature: object, crs: Crs, choices: Choices) -> None:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        text = Text("要素没有 properties", "The feature has no properties")
        reading.note(number, "feature", Trouble.FILE, Severity.ERROR, text)
        return
    get = _getter(feature["properties"], choices)
    read = read_code(get("code"))
    if read.text is not None and read.severity is not None:
        reading.note(number, "code", Trouble.CODE, read.severity, read.text)
        if read.severity is Severity.ERROR:
            return
    parent_value = get("parent")
    parent = read_code(parent_value) if plain(parent_value) else None
    if parent is not None and parent.severity is Severity.ERROR and parent.text is not None:
        reading.note(number, "parent", Trouble.CODE, Severity.ERROR, parent.text)
        return
    households = plain(get("households")).removesuffix(".0")
    row = Row(
        number, read.code, name=short(get("name"), LONGEST_NAME), name_en=short(get("name_en"), 200),
        rank=rank_word(reading, number, plain(get("rank"))), kind=short(get("kind"), 30),
        parent=parent.code if parent else "",
        households=int(households) if re.fullmatch(r"[0-9]{1,7}", households) else None,
        shape=_shape(reading, number, feature.get("geometry"), crs),
    )  # fmt: skip
    reading.rows.append(row)


def _getter(properties: dict[str, Any], choices: Choices) -> Callable[[str], object]:
    """Looks a field up by the declared property name, else by the usual ones (case does not count)."""
    folded = {str(key).casefold(): value for key, value in properties.items()}
    declared = {
        "code": choices.code_from, "name": choices.name_from,
        "parent": choices.parent_from, "rank": choices.rank_from,
    }  # fmt: skip

    def get(column: str) -> object:
        if declared.get(column):
            return folded.get(declared[column].casefold(), "")
        known = (folded[key] for key in _GUESSES[column] if key in folded)
        return next((v for v in known if isinstance(v, str | int | float) and plain(v)), "")

    return get


def _shape(reading: Reading, number: int, geometry: object, crs: Crs) -> Any:
    """The boundary in WGS-84, valid; None (with a finding) when there is none to be had."""
    if geometry is None:
        return None
    shape = shapes.read_geojson(geometry)
    if (
        shape is None
        or shape.geom_type not in ("Polygon", "MultiPolygon", "GeometryCollection")
        or shape.is_empty
    ):
        text = Text(
            "图形不是面(Polygon/MultiPolygon)或格式有误", "The geometry is no polygon, or is malformed"
        )
        reading.note(number, "geometry", Trouble.GEOMETRY, Severity.ERROR, text)
        return None
    vertices = shapely.get_coordinates(shape)
    if trouble := shapes.trouble_with(vertices[:, 0], vertices[:, 1]):
        reading.note(number, "geometry", Trouble.COORDINATES, Severity.ERROR, trouble)
        return None
    shape = shapes.shape_to_wgs84(shape, crs)
    was_valid, reason = bool(shapely.is_valid(shape)), str(shapely.is_valid_reason(shape))
    whole = shapes.repaired(shape)
    if whole is None:
        text = Text("图形没有面积", "The geometry has no area")
        reading.note(number, "geometry", Trouble.GEOMETRY, Severity.ERROR, text)
    elif not was_valid:
        text = Text("图形无效({reason}),已修复", "The geometry was invalid ({reason}) and was repaired")
        reading.note(number, "geometry", Trouble.GEOMETRY, Severity.WARNING, text.fill(reason=reason))
    return whole
