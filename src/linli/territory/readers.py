"""Reading unit files: CSV or Excel tables and GeoJSON, as rows with findings. Reads files, no database."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely
from python_calamine import CalamineError, CalamineWorkbook

from linli.kernel.errors import Problem
from linli.kernel.text import Text
from linli.territory import shapes
from linli.territory.rules.codes import read_code
from linli.territory.rules.plan import Finding, Row, Trouble
from linli.territory.words import FILE_UNREADABLE, RANK_NAMES, Crs, Rank, Severity

COLUMNS: dict[str, tuple[str, ...]] = {
    "code": (
        "code",
        "代码",
        "编码",
        "区划代码",
        "单元代码",
        "网格代码",
        "网格编码",
        "统计用区划代码",
        "adcode",
        "gb",
        "id",
    ),
    "name": ("name", "名称", "单元名称", "网格名称", "区划名称"),
    "name_en": ("name_en", "english", "英文名", "英文名称"),
    "rank": ("rank", "level", "级别", "层级", "类型级别"),
    "kind": ("kind", "类别", "类型"),
    "parent": (
        "parent",
        "parent_code",
        "上级",
        "上级代码",
        "上级编码",
        "所属代码",
    ),
    "households": ("households", "户数"),
    "town_code": ("town_code", "乡镇代码", "街道代码"),
    "town": ("town", "乡镇", "街道", "乡镇街道"),
    "county_code": ("county_code", "区县代码"),
    "county": ("county", "区县", "县"),
    "city": ("city", "市", "地市"),
}
"""Column titles that are understood, the first that the file has wins; blanks and case do not count."""

KINDS = {
    "村": "village",
    "居/社区": "community",
    "居": "community",
    "社区": "community",
    "类似村/园区": "zone",
}
_RANK_WORDS = {
    **{str(rank): rank for rank in Rank}, **{text.zh: rank for rank, text in RANK_NAMES.items()},
    "地市": Rank.CITY, "地级市": Rank.CITY, "区": Rank.COUNTY, "县": Rank.COUNTY, "乡镇": Rank.TOWN, "镇": Rank.TOWN,
    "乡": Rank.TOWN, "街道": Rank.TOWN, "村": Rank.VILLAGE, "社区": Rank.VILLAGE, "居": Rank.VILLAGE,
    "网格": Rank.AREA, "片区": Rank.AREA, "微格": Rank.MICRO,
}  # fmt: skip
_CRS_NAMES = {
    "4326": Crs.WGS84, "CRS84": Crs.WGS84, "4490": Crs.CGCS2000, "4479": Crs.CGCS2000,
}  # fmt: skip
LONGEST_NAME = 100


@dataclass(slots=True)
class Reading:
    """What a file states, and what was wrong with it."""

    rows: list[Row] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def note(self, line: int, name: str, trouble: Trouble, severity: Severity, text: Text) -> None:
        """Add a finding."""
        self.findings.append(Finding(line, name, trouble, severity, text))


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person who imports declared about the file."""

    crs: Crs | None = None
    code_from: str = ""
    name_from: str = ""
    parent_from: str = ""
    rank_from: str = ""


def read(path: Path, choices: Choices) -> Reading:
    """The rows of a CSV, Excel or GeoJSON file (also gzipped), told apart by content.

    Raises `Problem(FILE_UNREADABLE)` when it is none of them.
    """
    data = _bytes(path)
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return _table(_sheet(data), choices)
    text = _decoded(data)
    if text.lstrip()[:1] in ("{", "["):
        return _geojson(text, choices)
    return _table(_csv(text), choices)


def _unreadable(text: Text) -> Problem:
    return Problem(FILE_UNREADABLE, fields={"file": text})


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (OSError, EOFError, zlib.error) as error:
        detail = getattr(error, "strerror", None) or type(error).__name__
        raise _unreadable(
            Text(f"打不开文件 {path.name}:{detail}", f"Cannot open {path.name}: {detail}")
        ) from error


def _decoded(data: bytes) -> str:
    """Text in UTF-8 (with or without mark), UTF-16 with mark, or GB 18030, as Chinese Excel saves it."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unreadable(
        Text("文字编码无法识别,请存为 UTF-8", "The text encoding is unknown; save the file as UTF-8")
    )


def _csv(text: str) -> Iterator[tuple[int, Sequence[object]]]:
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        line = reader.line_num
        raise _unreadable(Text(f"第 {line} 行不是有效的 CSV", f"Line {line} is not valid CSV")) from error


def _sheet(data: bytes) -> Iterator[tuple[int, Sequence[object]]]:
    try:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    except CalamineError as error:
        raise _unreadable(Text("Excel 文件已损坏", "The Excel file is damaged")) from error
    for number, cells in enumerate(rows, start=1):
        if any(str(cell).strip() for cell in cells):
            yield number, cells


def _plain(value: object) -> str:
    return unicodedata.normalize("NFC", str(value if value is not None else "")).strip().strip("\ufeff")


def _header(cells: Sequence[object], choices: Choices) -> dict[str, int]:
    """Where each known column is; the columns that the importer named win."""
    titles = [re.sub(r"\s+", "", _plain(cell)).casefold() for cell in cells]
    named = {
        "code": choices.code_from, "name": choices.name_from,
        "parent": choices.parent_from, "rank": choices.rank_from,
    }  # fmt: skip
    where: dict[str, int] = {}
    for column, known in COLUMNS.items():
        wanted = (named[column].casefold(),) if named.get(column) else known
        found = next((titles.index(title) for title in wanted if title in titles), None)
        if found is not None:
            where[column] = found
    return where


_NO_HEADER = Text(
    "首行没有“code/代码”和“name/名称”两列,无法识别", "The first line has no columns “code” and “name”"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _table(lines: Iterator[tuple[int, Sequence[object]]], choices: Choices) -> Reading:
    reading = Reading()
    first = next(lines, None)
    if first is None:
        reading.note(0, "file", Trouble.FILE, Severity.ERROR, Text("文件是空的", "The file is empty"))
        return reading
    where = _header(first[1], choices)
    if "code" not in where or not ("name" in where or choices.code_from):
        reading.note(first[0], "header", Trouble.FILE, Severity.ERROR, _NO_HEADER)
        return reading
    table = _Table(reading, where)
    for line, cells in lines:
        table.take(line, cells)
    return reading


class _Table:
    """Turns the lines of one table into rows; the divisions layout also into its towns and counties."""

    def __init__(self, reading: Reading, where: dict[str, int]) -> None:
        self._reading = reading
        self._where = where
        self._divisions = "town_code" in where or "county_code" in where
        self._above: dict[str, Row] = {}

    def take(self, line: int, cells: Sequence[object]) -> None:
        code = self._code(line, "code", self._raw(cells, "code"))
        name = self._text(line, "name", cells)
        if not code or name is None:
            return
        parent = self._division_parent(line, cells) if self._divisions else self._parent(line, cells)
        # a county without towns (金门县 350527) is listed as its own town
        if parent is None or (self._divisions and parent == code):
            return
        kind = _plain(self._raw(cells, "kind"))[:30]
        row = Row(
            line, code, name=name, name_en=_plain(self._raw(cells, "name_en"))[:200],
            rank=_rank(self._reading, line, _plain(self._raw(cells, "rank"))), kind=KINDS.get(kind, kind),
            parent=parent, households=self._households(line, cells),
        )  # fmt: skip
        self._reading.rows.append(row)

    def _raw(self, cells: Sequence[object], column: str) -> object:
        at = self._where.get(column)
        return cells[at] if at is not None and at < len(cells) else ""

    def _text(self, line: int, column: str, cells: Sequence[object]) -> str | None:
        text = _plain(self._raw(cells, column))
        if len(text) > LONGEST_NAME or _CONTROL.search(text):
            problem = Text("名称过长或含有控制字符", "The name is too long or has control characters")
            self._reading.note(line, column, Trouble.NAME, Severity.ERROR, problem)
            return None
        return text

    def _code(self, line: int, column: str, value: object) -> str:
        read = read_code(value)
        if read.severity is not None and read.text is not None:
            self._reading.note(line, column, Trouble.CODE, read.severity, read.text)
            if read.severity is Severity.ERROR:
                return ""
        return read.code

    def _parent(self, line: int, cells: Sequence[object]) -> str | None:
        """The stated parent's code, "" when none is stated, None when it is unusable."""
        value = self._raw(cells, "parent")
        if not _plain(value):
            return ""
        return self._code(line, "parent", value) or None

    def _households(self, line: int, cells: Sequence[object]) -> int | None:
        text = _plain(self._raw(cells, "households")).removesuffix(".0")
        if not text:
            return None
        if text.isascii() and text.isdigit() and len(text) <= 7:
            return int(text)
        problem = Text("户数 {value} 不是数字", "Households {value} is not a number").fill(value=text[:20])
        self._reading.note(line, "households", Trouble.FIELD, Severity.ERROR, problem)
        return None

    def _division_parent(self, line: int, cells: Sequence[object]) -> str | None:
        """The code of the row's town, after making sure that its town and county are rows themselves.

        A city without counties repeats its own name as the county's, or leaves it empty.
        """
        city = _plain(self._raw(cells, "city"))
        county = _plain(self._raw(cells, "county")) or city
        rank = Rank.CITY if county and county == city else Rank.COUNTY
        county_code = self._level(line, cells, "county_code", county, rank, "")
        if county_code is None or "town_code" not in self._where:
            return county_code
        return self._level(line, cells, "town_code", _plain(self._raw(cells, "town")), Rank.TOWN, county_code)

    def _level(
        self, line: int, cells: Sequence[object], column: str, name: str, rank: Rank, parent: str
    ) -> str | None:
        raw = _plain(self._raw(cells, column))
        if not raw:
            return parent
        known = self._above.get(raw)
        if known is None:
            code = self._code(line, column, raw.ljust(12, "0") if len(raw) == 4 and raw.isdigit() else raw)
            if not code or code == parent:
                return parent if code else None
            known = self._above[raw] = Row(line, code, name=name, rank=str(rank), parent=parent)
            if name:
                self._reading.rows.append(known)
        elif known.name != name or known.parent != parent:
            text = Text("{code} 在第 {line} 行叫“{one}”,此处叫“{other}”或上级不同",
                        "{code} is “{one}” in line {line}, but here “{other}” or under another parent")  # fmt: skip
            text = text.fill(code=known.code, line=known.line, one=known.name, other=name)
            self._reading.note(line, column, Trouble.DUPLICATE, Severity.ERROR, text)
            return None
        return known.code


def _rank(reading: Reading, line: int, value: str) -> str:
    if not value:
        return ""
    rank = _RANK_WORDS.get(value.casefold())
    if rank is None:
        text = Text("级别“{value}”不认识,按代码推断", "Rank “{value}” is unknown; told from the code instead")
        reading.note(line, "rank", Trouble.FIELD, Severity.WARNING, text.fill(value=value[:20]))
        return ""
    return str(rank)


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
    "No coordinate system was declared: taken as WGS-84; declare gcj02 or bd09 for data from Amap, Tencent or Baidu",
)


def _geojson(text: str, choices: Choices) -> Reading:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(Text("不是有效的 JSON", "This is not valid JSON")) from error
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
    text = Text("文件的坐标系 {crs} 不支持,请先转换为 WGS-84 经纬度",
                "The file's coordinate system {crs} is not taken; convert it to WGS-84 degrees first")  # fmt: skip
    reading.note(0, "crs", Trouble.COORDINATES, Severity.ERROR, text.fill(crs=tail[:40] or "?"))
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
    parent = read_code(parent_value) if _plain(parent_value) else None
    if parent is not None and parent.severity is Severity.ERROR and parent.text is not None:
        reading.note(number, "parent", Trouble.CODE, Severity.ERROR, parent.text)
        return
    name = _plain(get("name"))
    households = _plain(get("households")).removesuffix(".0")
    row = Row(
        number, read.code, name=_CONTROL.sub("", name)[:LONGEST_NAME], name_en=_plain(get("name_en"))[:200],
        rank=_rank(reading, number, _plain(get("rank"))), kind=_plain(get("kind"))[:30],
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
        return next((v for v in known if isinstance(v, str | int | float) and _plain(v)), "")

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
