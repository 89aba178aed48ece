"""The four sheets of a unit and a year (四个一): overview map, responsibility book, itemised list, flow sheet.

They are for a notice board and a binder, so they are in Chinese whatever language the reader chose, and name posts
with whoever holds them, never residents.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q

from linli.cases import queries as cases
from linli.cases.words import ENDED, State
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_FOUND, Problem
from linli.people import queries as people
from linli.people.words import Part, Responsible
from linli.responsibility.queries.advisers import advisers
from linli.responsibility.queries.chiefs import chiefs, today
from linli.responsibility.queries.scope import may_read
from linli.responsibility.rules.drawing import Drawn, Spot, draw
from linli.territory import queries as territory

FIRST_YEAR = 2000
PATH = ("accept", "register", "dispatch", "sign", "hand_in", "pass_check", "close", "rate")
LIMITED = {"dispatch": "dispatch", "sign": "sign", "pass_check": "check", "close": "close", "rate": "call_back",
           "verify": "verify", "return": "return", "appeal": "appeal"}  # fmt: skip
NEVER_MIND = ("MERGED", "TRANSFERRED", "DECLINED", "VOID")
NOBODY = "——"
INTERNAL = re.compile(r"domain [0-9.]+|\([A-Za-z][^)]*\)")
CHINESE_OR_STANDARD = re.compile(r"GB/T|[\u4e00-\u9fff]{4}")


@dataclass(frozen=True, slots=True)
class Sheets:
    """Everything that the four sheets say, ready to be printed."""

    title: str
    subtitle: str
    footer: str
    map: dict[str, Any]
    book: dict[str, Any]
    items: dict[str, Any]
    flow: dict[str, Any]

    def plain(self) -> dict[str, Any]:
        """As values that JSON knows."""
        return asdict(self)


def years(at: datetime) -> list[int]:
    """The years for which sheets can be printed, the present one first."""
    now = clock.local(at).year
    return list(range(now, now - 5, -1))


def has_sheets(year: int, at: datetime) -> bool:
    """Whether there are sheets of the year: not before FIRST_YEAR, not of one to come."""
    return FIRST_YEAR <= year <= clock.local(at).year


def sheets(actor: Actor, unit_id: UUID, year: int, at: datetime) -> Sheets:
    """The four sheets of the unit with everything below it; NOT_FOUND for one that the actor may not read, or for a
    year before FIRST_YEAR or yet to come. Figures are of matters reported in the year, as of `at`."""
    tree = territory.snapshot()
    unit = tree.unit(unit_id)
    if unit is None or not may_read(actor, unit_id) or not has_sheets(year, at):
        raise Problem(NOT_FOUND)
    name = tree.path_text(unit_id).zh
    return Sheets(
        title=f"{name} {year} 年责任“四个一”",
        subtitle=f"{name} · {year} 年 · 数据截至 {clock.local(at):%Y-%m-%d %H:%M}",
        footer=f"{name} {year} 年 · 邻里 · {clock.local(at):%Y-%m-%d}",
        map=_map(tree, unit),
        book=_book(actor, unit_id, at),
        items=_items(unit_id, year, at),
        flow=_flow(),
    )


def _map(tree: territory.Snapshot, unit: territory.UnitRow) -> dict[str, Any]:
    below = tree.descendants(unit.id)
    depths = sorted({one.depth for one in below})[:1]
    shown = [one for one in below if one.depth in depths] or [unit]
    outlines = [(one.name, tree.shapes[one.index]) for one in shown if one.index in tree.shapes]
    inside = {one.id for one in (unit, *below)}
    spots = [
        Spot(place.name, place.kind, place.lng, place.lat)
        for place in tree.places
        if place.unit_id in inside and place.lng is not None and place.lat is not None
    ]
    drawn: Drawn = draw(tree.shapes.get(unit.index), outlines, spots)
    return {
        "title": "一张总览图",
        "svg": drawn.svg,
        "legend": [
            {"label": f"{label}({number})", "colour": colour} for label, colour, number in drawn.legend
        ],
    }


def _book(actor: Actor, unit_id: UUID, at: datetime) -> dict[str, Any]:
    posts = [
        [row.unit.zh, row.title.zh, "、".join(holder.name for holder in row.holders) or "空缺"]
        for row in people.posts_below(unit_id, at)
    ]
    posts += _beside(actor, unit_id, at)
    book = cases.catalogue(None)
    majors: dict[str, list[Any]] = {}
    for kind in book.kinds.values():
        majors.setdefault(kind.major.code, []).append(kind)
    parts = [
        [f"{kinds[0].major.name.zh}({code})", *_parts(unit_id, kinds, at)]
        for code, kinds in sorted(majors.items())
    ]
    return {
        "title": "一本责任册",
        "posts_title": "岗位与人员",
        "posts_head": ["单元", "岗位", "任职人"],
        "posts": posts or [[NOBODY, NOBODY, NOBODY]],
        "parts_title": "各类事项由谁负责",
        "parts_head": ["事项大类", "牵头", "配合", "监督", "监管"],
        "parts": parts,
    }


def _beside(actor: Actor, unit_id: UUID, at: datetime) -> list[list[str]]:
    """The chiefs of the unit's places and the advisers of its villages, as they are now."""
    tree, day = territory.snapshot(), today(at)
    inside = {unit_id, *(one.id for one in tree.descendants(unit_id))}
    where = {place.id: place.unit_id for place in tree.places if place.unit_id in inside}
    titles = {unit.id: unit.title.zh for unit in tree.units if unit.id in inside}
    found = [
        [titles[where[row.place_id]], f"{table.kind.name.zh}({row.name.zh}):{row.post.zh}", "、".join(row.holders) or "空缺"]
        for table in chiefs(actor, day, at)
        for row in table.rows
        if row.post is not None and row.place_id in where
    ]  # fmt: skip
    found += [
        [titles[row.id], f"法律顾问({contract.firm})", contract.lawyer]
        for row in advisers(actor, day).rows
        if row.id in inside
        for contract in row.contracts
    ]
    return found


def _parts(unit_id: UUID, kinds: list[Any], at: datetime) -> list[str]:
    """Who has each part in a class of kinds here: named once, those with the most kinds first."""
    counted: dict[Part, defaultdict[str, int]] = {part: defaultdict(int) for part in Part}
    for kind in kinds:
        found = people.parts_for(unit_id, kind.code, at, default=kind.responsible, helpers=kind.helpers)
        for part, takers in found.items():
            for taker in takers:
                counted[part][people.taker_name(taker).zh] += 1
    order = (Part.LEAD, Part.HELP, Part.SUPERVISE, Part.REGULATE)
    return [
        "、".join(sorted(counted[part], key=lambda name: (-counted[part][name], name))[:6]) or NOBODY
        for part in order
    ]


def _items(unit_id: UUID, year: int, at: datetime) -> dict[str, Any]:
    first, last = (
        datetime.combine(date(each, 1, 1), time.min, clock.town_zone()).astimezone(UTC)
        for each in (year, year + 1)
    )
    mine = cases.Case.objects.filter(
        cases.within(unit_id), reported_at__gte=first, reported_at__lt=last
    ).exclude(state__in=[State[name].value for name in NEVER_MIND])
    ended = Q(state__in=[state.value for state in ENDED])
    late = ended & Q(due_at__isnull=False, handled_at__gt=F("due_at"), excused=False)
    rows = (
        mine.values("department_id", "post_id", "kind")
        .annotate(every=Count("id"), ended=Count("id", filter=ended), late=Count("id", filter=late))
        .order_by()
    )
    book = cases.catalogue(None)
    found: dict[tuple[UUID | None, UUID | None, bool], dict[str, Any]] = {}
    for row in _told_apart(rows):
        key = (row["department_id"], row["post_id"], row["settled"])
        taker = found.setdefault(key, {"every": 0, "ended": 0, "late": 0, "kinds": defaultdict(int)})
        for name in ("every", "ended", "late"):
            taker[name] += row[name]
        kind = book.kind(row["kind"])
        taker["kinds"][kind.name.zh if kind else row["kind"]] += row["every"]
    lines = [_line(key, taker) for key, taker in sorted(found.items(), key=lambda pair: -pair[1]["every"])]
    return {
        "title": "一张明细单",
        "head": ["承办部门或岗位", "主要事项", "件数", "按时办结", "超时办结", "未结"],
        "rows": lines or [[NOBODY] * 6],
        "note": "按上报时间统计;不含不予受理、转出、并案和作废;经申诉认定不计超时的,计入按时办结。",
    }


def _told_apart(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What ended without anybody charged was settled on the spot; the rest of it waits to be dispatched."""
    for row in rows:
        if row["department_id"] or row["post_id"] or not row["ended"]:
            yield row | {"settled": False}
            continue
        yield row | {"settled": True, "every": row["ended"]}
        if row["every"] > row["ended"]:
            yield row | {"settled": False, "every": row["every"] - row["ended"], "ended": 0, "late": 0}


def _line(key: tuple[UUID | None, UUID | None, bool], taker: dict[str, Any]) -> list[str]:
    department, post, settled = key
    name = (
        ("网格现场处置(未派遣)" if settled else "尚未派遣")
        if not department and not post
        else people.taker_name(Responsible(department, post, (), None, ())).zh
    )
    kinds = sorted(taker["kinds"].items(), key=lambda pair: (-pair[1], pair[0]))[:5]
    on_time, still = taker["ended"] - taker["late"], taker["every"] - taker["ended"]
    return [
        name, "、".join(f"{kind}({number})" for kind, number in kinds),
        *(str(number) for number in (taker["every"], on_time, taker["late"], still)),
    ]  # fmt: skip


def _flow() -> dict[str, Any]:
    machine = {move.name: move for move in cases.machine()}
    rows = []
    for move in machine.values():
        limit = cases.limit(LIMITED[move.name]).label.zh if move.name in LIMITED else NOBODY
        rows.append([
            move.label.zh,
            "、".join(state.label.zh for state in State if state in move.before),
            move.after.label.zh if move.after else "不变",
            limit,
            move.who.zh + _basis(move.source),
        ])  # fmt: skip
    return {
        "title": "一张流程表",
        "path": ["上报", *(machine[name].label.zh for name in PATH)],
        "head": ["步骤", "什么情况下", "之后", "环节时限", "谁来办、依据"],
        "rows": rows,
    }


def _basis(source: str) -> str:
    """The laws and standards among a step's sources, for people who know no internal references."""
    named = (part.strip() for part in INTERNAL.sub("", source).split(";"))
    laws = [part for part in named if part and CHINESE_OR_STANDARD.search(part)]
    return f"(依据:{'、'.join(laws)})" if laws else ""
