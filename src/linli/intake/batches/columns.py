"""Which column of a file is what: guessed from the heading, and checked. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from linli.intake.batches.words import Field
from linli.kernel.text import Text

# As they stand in the headings of hotline, police and letter systems; the first that fits counts.
NAMES: dict[Field, tuple[str, ...]] = {
    Field.NUMBER: ("工单编号", "工单号", "诉求编号", "来件编号", "案件编号", "警情编号", "接警单号", "信件编号",
                   "受理编号", "来源编号", "编号", "单号", "序列号", "ticket", "number", "caseid", "id"),
    Field.TEXT: ("诉求内容", "反映内容", "问题描述", "诉求描述", "工单内容", "警情内容", "报警内容", "来信内容",
                 "内容描述", "事件描述", "情况", "内容", "描述", "text", "description", "content"),
    Field.TITLE: ("诉求标题", "工单标题", "标题", "主题", "title", "subject"),
    Field.ADDRESS: ("诉求地址", "事发地址", "事发地点", "事件地址", "发生地址", "问题地址", "警情地址", "详细地址",
                    "地址", "地点", "位置", "address", "location", "place"),
    Field.KIND: ("诉求类别", "诉求类型", "问题类别", "问题分类", "事件类别", "事项类别", "警情类别", "内容分类",
                 "类别", "分类", "类型", "category", "kind", "type"),
    Field.PHONE: ("联系电话", "来电号码", "联系方式", "手机号码", "手机号", "报警电话", "诉求人电话", "电话号码",
                  "电话", "手机", "phone", "telephone", "mobile"),
    Field.NAME: ("诉求人姓名", "诉求人", "来电人", "反映人", "联系人", "报警人", "来信人", "姓名", "caller", "name"),
    Field.RECEIVED: ("来电时间", "受理时间", "登记时间", "诉求时间", "反映时间", "接警时间", "报警时间", "来信时间",
                     "创建时间", "收到时间", "received", "reported", "createdat"),
    Field.WANTED: ("要求办结时间", "办理期限", "办结期限", "办结时限", "截止时间", "处理时限", "要求回复时间",
                   "deadline", "due"),
    Field.LNG: ("经度", "lng", "lon", "longitude", "x坐标"),
    Field.LAT: ("纬度", "lat", "latitude", "y坐标"),
}  # fmt: skip
NEEDED = (Field.TEXT,)
MISSING = Text("请选择一列", "Choose a column")
TAKEN_TWICE = Text("与“{other}”选了同一列", "the same column as “{other}”")
NO_COLUMN = Text("文件中没有这一列", "the file has no such column")
NO_PLACE = Text("地址或经纬度至少要有一项", "an address, or longitude and latitude, is needed")
HALF_A_POINT = Text("经度和纬度要一起选", "longitude and latitude go together")


def labels(header: Sequence[str]) -> list[str]:
    """The columns by names of their own: what stands in the heading, a place for what is empty, a count behind
    what stands there again."""
    found: list[str] = []
    seen: dict[str, int] = {}
    for place, cell in enumerate(header, start=1):
        name = " ".join(cell.split())[:60] or f"#{place}"
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def propose(columns: Sequence[str], saved: Mapping[str, str]) -> dict[str, str]:
    """A column for each field that one can be told for: as it was saved, when the file still has it, else by its
    name. A field for which no column was chosen stays without one, as long as a column that was is still there.
    No column twice."""
    found: dict[str, str] = {}
    left = list(columns)
    for field in Field:
        if saved.get(field) in left:
            found[field] = saved[field]
            left.remove(saved[field])
    # A source renames a column now and then: what was saved under another name is told by the new one.
    wanted = set(saved) if found else set(NAMES)
    plain = {column: _plain(column) for column in left}
    for exact in (True, False):
        for field, names in NAMES.items():
            column = None
            if field in wanted and field not in found:
                column = _first(names, left, plain, exact=exact)
            if column is not None:
                found[field] = column
                left.remove(column)
    return found


def _first(names: Sequence[str], left: list[str], plain: Mapping[str, str], *, exact: bool) -> str | None:
    for name in names:
        for column in left:
            here = plain[column]
            # A short name inside another word says nothing: "编号" in "部门编号", "id" in "width".
            if here == name or (not exact and len(name) >= 4 and not name.isascii() and name in here):
                return column
    return None


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).casefold()
    text = re.sub(r"\(.*?\)|[\s_*::/\-]", "", text)
    return text


def wrong(chosen: Mapping[str, str], columns: Sequence[str]) -> dict[str, Text]:
    """What is wrong with a choice, by field; nothing when it will do."""
    found: dict[str, Text] = {}
    taken: dict[str, Field] = {}
    for field in Field:
        column = chosen.get(field)
        if not column:
            continue
        if column not in columns:
            found[field] = NO_COLUMN
        elif column in taken:
            found[field] = TAKEN_TWICE.fill(other=taken[column].label)
        taken.setdefault(column, field)
    for field in NEEDED:
        if not chosen.get(field):
            found.setdefault(field, MISSING)
    if bool(chosen.get(Field.LNG)) != bool(chosen.get(Field.LAT)):
        found.setdefault(Field.LNG, HALF_A_POINT)
    if not chosen.get(Field.ADDRESS) and not chosen.get(Field.LNG):
        found.setdefault(Field.ADDRESS, NO_PLACE)
    return found
