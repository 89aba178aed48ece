"""What is wrong with who answers for what: gaps, double leads, rules that hold no more, vacant and doubled posts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import shapely
from shapely.geometry.base import BaseGeometry

from linli.cases import queries as cases
from linli.kernel import rulebook
from linli.kernel.access import Actor
from linli.kernel.text import Text, in_chinese
from linli.people import queries as people
from linli.people.words import Entry, Part
from linli.people.words import Standing as Duties
from linli.responsibility.queries.grid import ALL_KINDS, place_name, taker_name
from linli.responsibility.queries.scope import own_tops, readable_units
from linli.responsibility.rules import gaps
from linli.responsibility.words import Flaw, Found
from linli.territory import queries as territory

DRAWN = ("town", "village", "area")
UNKNOWN_KIND = Text("事项清单中没有 {code}", "The catalogue has no kind {code}")
UNIT_CLOSED = Text("{unit}已撤销", "{unit} is closed")
NOBODY_FILLS = Text("{who}无人在岗", "Nobody holds a post of {who}")
MEET = Text("{a}({who_a})与{b}({who_b})相接", "{a} ({who_a}) meets {b} ({who_b})")
KINDS = Text("{name} 等 {n} 类事项", "{name} and others, {n} kinds")
ROW = Text("{kind}:{who}{part}", "{kind}: {who} ({part})")


@dataclass(frozen=True, slots=True)
class Standing:
    """The findings of one kind: all counted, the first ones listed."""

    flaw: Flaw
    number: int
    listed: tuple[Found, ...]


def findings(actor: Actor, at: datetime) -> tuple[Found, ...]:
    """Everything that is wrong in the actor's own units, the gravest kind first. From memory, save the shapes of
    places and the duty list."""
    tops = own_tops(actor)
    units = readable_units(actor)
    rows = [row for row in people.matrix_rows() if row.unit_id in units]
    found = [
        *_gaps(tops, at),
        *_gaps_at_places(rows, at),
        *_doubles(units),
        *_lost(rows, at),
        *_posts(tops, at),
        *_without_above(at),
    ]
    order = list(Flaw)
    return tuple(sorted(found, key=lambda each: order.index(each.flaw)))


def standing(found: Iterable[Found]) -> list[Standing]:
    """The findings by kind, every kind with its number, so many listed as the rulebook says."""
    most = int(rulebook.table("responsibility")["findings"]["listed"])
    groups: dict[Flaw, list[Found]] = {flaw: [] for flaw in Flaw}
    for each in found:
        groups[each.flaw].append(each)
    return [Standing(flaw, len(of), tuple(of[:most])) for flaw, of in groups.items()]


def _gaps(tops: Iterable[territory.UnitRow], at: datetime) -> Iterator[Found]:
    """Kinds × units that nobody leads, each group of kinds told once at the highest unit that has the gap."""
    tree = territory.snapshot()
    own = {unit.index for id in people.units_with_own() if (unit := tree.unit(id)) is not None}
    for group in _alike(at):
        kind = group[0]
        for top in tops:
            walk = [(u.index, u.end) for u in tree.units[top.index : top.end] if u.open]
            for index, first, units in gaps.tops(walk, partial(_missing, kind, at), own):
                unit = tree.units[index]
                who = people.responsible_for(tree.units[first].id, kind.responsible, at, kind.code)
                yield Found(
                    Flaw.GAP, _called(group), _why(who.why), unit.id, tree.path_text(unit.id),
                    tuple(k.code for k in group), len(group) * units, prefix=_prefix_of(group),
                )  # fmt: skip


def _missing(kind: cases.Kind, at: datetime, index: int) -> bool:
    unit = territory.snapshot().units[index]
    return people.responsible_for(unit.id, kind.responsible, at, kind.code).fallback


def _alike(at: datetime) -> list[list[cases.Kind]]:
    """The kinds of matter that are the town's, in groups that every unit treats alike: the same default, the
    same rows fit them."""
    prefixes = sorted({row.kind_prefix for row in people.matrix_rows() if row.part is Part.LEAD})
    groups: dict[tuple[object, ...], list[cases.Kind]] = {}
    for kind in cases.catalogue(None).matters():
        if people.duty(kind.code, at).standing is Duties.WITHDRAWN:
            continue  # nobody in the town is to lead it
        fits = tuple(prefix for prefix in prefixes if kind.code.startswith(prefix))
        groups.setdefault((kind.responsible, fits), []).append(kind)
    return list(groups.values())


def _called(group: list[cases.Kind]) -> Text:
    first = group[0].name
    return first if len(group) == 1 else KINDS.fill(name=first, n=len(group))


def _prefix_of(group: list[cases.Kind]) -> str:
    """The cell that mends a group: the kind when it is one, its class when all are of it, else all kinds."""
    codes = [kind.code for kind in group]
    if len(codes) == 1:
        return codes[0]
    return codes[0][:3] if len({code[:3] for code in codes}) == 1 else ""


def _why(why: tuple[Text, ...]) -> Text:
    return Text(";".join(text.zh for text in why), "; ".join(text.en for text in why))


def _gaps_at_places(rows: list[Entry], at: datetime) -> Iterator[Found]:
    kinds = cases.catalogue(None).matters()
    for row in rows:
        if row.place_id is None or row.part is not Part.LEAD:
            continue
        kind = next((k for k in kinds if k.code.startswith(row.kind_prefix)), None)
        if kind is None:
            continue
        who = people.responsible_for(row.unit_id, kind.responsible, at, kind.code, row.place_id)
        if who.fallback:
            yield Found(
                Flaw.GAP, kind_name(row.kind_prefix), _why(who.why), row.unit_id, place_name(row.place_id),
                (kind.code,), prefix=row.kind_prefix, place_id=row.place_id,
            )  # fmt: skip


def _doubles(units: frozenset[UUID]) -> Iterator[Found]:
    """Told once for each two places, at the unit in which they meet: of a long river the place's own unit, the town,
    would say nothing."""
    rivals = people.rivals()
    shapes = territory.place_shapes({each.place_id for pair in rivals for each in pair if each.place_id})
    for first, second in rivals:
        assert first.place_id
        assert second.place_id
        there = _meeting(shapes.get(first.place_id), shapes.get(second.place_id))
        if not {first.unit_id, second.unit_id, there} & units:
            continue
        why = MEET.fill(
            a=place_name(first.place_id) or "", who_a=taker_name(first.taker),
            b=place_name(second.place_id) or "", who_b=taker_name(second.taker),
        )  # fmt: skip
        longer = max(first, second, key=lambda row: len(row.kind_prefix))
        unit_id = there or longer.unit_id
        yield Found(
            Flaw.DOUBLE, kind_name(longer.kind_prefix), why, unit_id, _unit_name(unit_id),
            prefix=longer.kind_prefix, place_id=longer.place_id,
        )  # fmt: skip


def _meeting(first: BaseGeometry | None, second: BaseGeometry | None) -> UUID | None:
    """The unit in which two places cross or come nearest; None when no unit is there."""
    if first is None or second is None or first.is_empty or second.is_empty:
        return None
    near = shapely.get_point(shapely.shortest_line(first, second), 0)
    unit = territory.snapshot().locate(near.x, near.y).unit
    return unit.id if unit else None


def _lost(rows: list[Entry], at: datetime) -> Iterator[Found]:
    tree = territory.snapshot()
    begins = {code[:size] for code in cases.catalogue(None).kinds for size in range(1, len(code) + 1)}
    staffed = {office.id: bool(office.holders) for office in people.departments(at)}
    filled = _filled(at)
    for row in rows:
        unit = tree.unit(row.unit_id)
        why = None
        if row.kind_prefix and row.kind_prefix not in begins:
            why = UNKNOWN_KIND.fill(code=row.kind_prefix)
        elif unit is not None and not unit.open:
            why = UNIT_CLOSED.fill(unit=unit.title)
        elif (row.department_id is not None and not staffed.get(row.department_id, False)) or (
            row.role and unit is not None and not _can_fill(row.role, unit, filled, tree)
        ):
            why = NOBODY_FILLS.fill(who=taker_name(row.taker))
        if why is not None:
            what = ROW.fill(kind=kind_name(row.kind_prefix), who=taker_name(row.taker), part=row.part.label)
            yield Found(
                Flaw.LOST, what, why, row.unit_id,
                place_name(row.place_id) if row.place_id else _unit_name(row.unit_id),
                prefix=row.kind_prefix, place_id=row.place_id, part=row.part.value,
            )  # fmt: skip


def _filled(at: datetime) -> dict[str, set[int]]:
    """For each role the positions in the tree at which somebody holds such a post, or one that stands in."""
    tree = territory.snapshot()
    stand_in = rulebook.table("people")["stand_in"]
    held: dict[str, set[int]] = {}
    for root in tree.roots():
        for post in people.posts_below(root.id, at):
            unit = tree.unit(post.unit_id)
            if unit is not None and post.holders and post.department is None:
                held.setdefault(str(post.role), set()).add(unit.index)
    return {role: set().union(*(held.get(r, set()) for r in stand_in.get(role, (role,)))) for role in {*held, *stand_in}}  # fmt: skip


def _can_fill(
    role: str, unit: territory.UnitRow, filled: dict[str, set[int]], tree: territory.Snapshot
) -> bool:
    """Whether somebody at the unit, above it or below it holds the role."""
    above = {each.index for each in tree.chain(unit.id)}
    return any(index in above or unit.index <= index < unit.end for index in filled.get(role, ()))


def _posts(tops: Iterable[territory.UnitRow], at: datetime) -> Iterator[Found]:
    for top in tops:
        for post in people.posts_below(top.id, at):
            if post.vacant:
                yield Found(
                    Flaw.VACANT,
                    post.title,
                    post.role.label,
                    post.unit_id,
                    post.unit,
                    mend="post",
                    target=post.id,
                )
            elif post.shared or post.doubled:
                names = "、".join(holder.name for holder in post.holders)
                also = [title for holder in post.holders for title in holder.also]
                why = Text(
                    "、".join([names, *(text.zh for text in also)]),
                    ", ".join([names, *(text.en for text in also)]),
                )
                yield Found(
                    Flaw.SHARED, post.title, why, post.unit_id, post.unit, mend="post", target=post.id
                )


def _without_above(at: datetime) -> Iterator[Found]:
    for row in people.duty_rows(at):
        if row.get("standing") in ("cooperative", "withdrawn") and not row.get("lead_zh"):
            code = row.get("code", "")
            yield Found(Flaw.NO_ABOVE, kind_name(code), Flaw.NO_ABOVE.meaning, prefix=code, mend="duties")


def kind_name(prefix: str) -> Text:
    """A kind or a class of kinds as people call it, with its code."""
    if not prefix:
        return ALL_KINDS
    book = cases.catalogue(None)
    kind = book.kind(prefix)
    name = (
        kind.name
        if kind
        else next((k.major.name for k in book.kinds.values() if k.major.code == prefix), None)
    )
    return Text(f"{name.zh} {prefix}", f"{name.en} {prefix}") if name else Text(prefix, prefix)


def _unit_name(unit_id: UUID) -> Text:
    return territory.snapshot().path_text(unit_id)


def on_map(actor: Actor, at: datetime) -> str:
    """The actor's own units as GeoJSON for a map, each with its name followed by how many findings lie in it, and
    the smallest drawn with their `state` (`gap`, `double`, `vacant`, `fine`); town, villages and area grids."""
    tree, units = territory.snapshot(), readable_units(actor)
    placed = [(each.flaw, tree.unit(each.unit_id)) for each in findings(actor, at) if each.unit_id]
    features = []
    for rank in DRAWN:
        for feature in json.loads(territory.geojson(rank=rank))["features"]:
            unit = tree.unit(UUID(feature["properties"]["id"]))
            if unit is None or unit.id not in units:
                continue
            here = [flaw for flaw, its in placed if its is not None and _touches(unit, its)]
            name = feature["properties"]["name" if in_chinese() else "name_en"]
            # Only what nothing is drawn upon is coloured: colours over colours would be another one.
            top = unit.rank != DRAWN[-1] and any(c.rank in DRAWN for c in tree.children(unit.id))
            properties = {
                "id": str(unit.id), "rank": unit.rank, "state": "" if top else _state(here),
                "name": f"{name} {len(here)}" if here and unit.rank != "town" else name,
            }  # fmt: skip
            features.append({**feature, "properties": properties})
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _touches(unit: territory.UnitRow, other: territory.UnitRow) -> bool:
    """Whether a finding at `other` is one of `unit`: it lies in it, or (a gap above) over it."""
    return unit.index <= other.index < unit.end or other.index <= unit.index < other.end


_STATES = ((Flaw.GAP, "gap"), (Flaw.DOUBLE, "double"), (Flaw.LOST, "double"), (Flaw.VACANT, "vacant"))


def _state(here: list[Flaw]) -> str:
    return next((state for flaw, state in _STATES if flaw in here), "fine")
