"""Words of the territory: ranks, ways of locating, kinds of findings, error codes."""

from __future__ import annotations

from enum import StrEnum
from math import radians

from linli.kernel.errors import declare
from linli.kernel.text import Text

EARTH = 6_371_008.8
"""The mean radius in metres (IUGG)."""
METRES_A_DEGREE = radians(EARTH)
"""Along a meridian. A degree of longitude is shorter by the cosine of the latitude; right to half a percent."""


class Rank(StrEnum):
    """What a unit is called in the hierarchy; only a label, the tree may have any depth."""

    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"
    AREA = "area"
    MICRO = "micro"


RANKS: tuple[Rank, ...] = tuple(Rank)
RANK_NAMES: dict[Rank, Text] = {
    Rank.CITY: Text("市", "City"),
    Rank.COUNTY: Text("区县", "County"),
    Rank.TOWN: Text("镇街", "Town"),
    Rank.VILLAGE: Text("村居", "Village or community"),
    Rank.AREA: Text("片区网格", "Area grid"),
    Rank.MICRO: Text("微网格", "Micro-grid"),
}


class How(StrEnum):
    """How a unit was found; what is not `INSIDE` is shown as such."""

    NONE = "none"
    INSIDE = "inside"
    NEAREST = "nearest"
    ADDRESS = "address"


HOWS: tuple[How, ...] = tuple(How)
"""`locate_many` answers with positions in this tuple."""

HOW_NAMES: dict[How, Text] = {
    How.NONE: Text("未能定位", "Not located"),
    How.INSIDE: Text("在边界内", "Inside the boundary"),
    How.NEAREST: Text("就近归属", "Nearest unit"),
    How.ADDRESS: Text("按地址匹配", "Matched by address"),
}


class Crs(StrEnum):
    """Coordinate systems that are taken; on the wire and in the tables there is only WGS-84."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class Severity(StrEnum):
    """An error blocks the whole import; a warning is shown and does not."""

    ERROR = "error"
    WARNING = "warning"


UNIT_CODE_TAKEN = declare(
    "territory.code-taken", 409, Text("代码 {code} 已被使用", "Code {code} is already used"),
    Text("每个网格单元的代码只能有一个,请核对。", "Every unit has a code of its own; please check."),
)  # fmt: skip
UNIT_UNKNOWN = declare(
    "territory.unit-unknown", 404, Text("没有这个网格单元", "There is no such unit"),
    Text("请核对代码。", "Please check the code."),
)  # fmt: skip
UNIT_CLOSED = declare(
    "territory.unit-closed", 409, Text("该网格单元已撤销", "This unit is closed"),
    Text("已撤销的单元只保留历史,不能再改动。", "A closed unit only keeps its history."),
)  # fmt: skip
UNIT_HAS_CHILDREN = declare(
    "territory.has-children", 409, Text("下级单元尚未撤销", "Units below it are still open"),
    Text("请先撤销或划转其下级单元。", "Close or move the units below it first."),
)  # fmt: skip
UNIT_INVALID = declare(
    "territory.invalid", 422, Text("网格信息有误", "Something about the unit is wrong"),
    Text("请看标出的各项。", "See the marked fields."),
)  # fmt: skip
BAD_COORDINATES = declare(
    "territory.bad-coordinates", 422, Text("坐标不可用", "These coordinates cannot be used"),
    Text("经度在前、纬度在后,采用 WGS-84 坐标。", "Longitude first, then latitude, in WGS-84."),
)  # fmt: skip
FILE_UNREADABLE = declare(
    "territory.file-unreadable", 422, Text("文件无法读取", "The file cannot be read"),
    Text("请使用 CSV 或 GeoJSON 文件。", "Use a CSV or GeoJSON file."),
)  # fmt: skip
IMPORT_BLOCKED = declare(
    "territory.import-blocked", 422,
    Text("有 {n} 处错误,未写入任何内容", "{n} errors; nothing was written"),
    Text("请按清单改正文件后重新导入。", "Correct the file by the list and import it again."),
)  # fmt: skip
PLAN_STALE = declare(
    "territory.plan-stale", 409,
    Text("预览之后网格已有变动", "The territory changed after the preview"),
    Text("请重新预览,再确认写入。", "Preview again, then confirm."),
)  # fmt: skip
