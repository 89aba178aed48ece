"""Taking units over from files: a plan with findings first; when confirmed, all of it in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import shapely
from django.db import transaction
from shapely.geometry.base import BaseGeometry

from linli.kernel import journal, rulebook
from linli.kernel.access import Actor
from linli.kernel.errors import Problem
from linli.kernel.ids import uuid7
from linli.kernel.rows import copy_in
from linli.kernel.text import Text
from linli.territory import shapes
from linli.territory.actions.common import changed, day_of, require_manager, version_held
from linli.territory.events import BoundaryChanged, UnitChanged, UnitClosed, UnitRenamed, UnitsImported
from linli.territory.models import Boundary, TerritoryVersion, Unit
from linli.territory.readers import Choices, read
from linli.territory.rules.codes import read_code
from linli.territory.rules.cover import Family, Member, Tolerances, check
from linli.territory.rules.plan import Change, Finding, Known, NewShape, Plan, Row, plan_units
from linli.territory.words import IMPORT_BLOCKED, PLAN_STALE, RANKS, UNIT_INVALID, UNIT_UNKNOWN, Crs

_BAD_RANK = Text("没有这一级别", "There is no such rank")


def plan_import(
    path: Path | str,
    *,
    parent: str = "",
    crs: Crs | None = None,
    rank: str = "",
    code_from: str = "",
    name_from: str = "",
    parent_from: str = "",
    rank_from: str = "",
    close_missing: bool = False,
) -> Plan:
    """What importing this CSV, Excel or GeoJSON file would do, with findings. Writes nothing.

    `parent` is the code of the unit above rows that name none; `rank` the label of new units that state none;
    `crs` the coordinate system when the file is not in WGS-84; `*_from` the column or property that holds the
    code, name, parent's code, rank. With `close_missing` open units beside those of the file (under the same
    parents) that it no longer names are closed. Raises `FILE_UNREADABLE`, `UNIT_UNKNOWN` (parent).
    """
    path = Path(path)
    reading = read(path, Choices(crs, code_from, name_from, parent_from, rank_from))
    plan = plan_rows(reading.rows, source=path.name, parent=parent, rank=rank, close_missing=close_missing)
    plan.findings[:0] = reading.findings
    plan.findings.sort(key=lambda f: f.line)
    return plan


def plan_rows(
    rows: Iterable[Row], *, source: str, parent: str = "", rank: str = "", close_missing: bool = False
) -> Plan:
    """The same for rows that were made otherwise. A row's `shape` is a WGS-84 polygon; `line` its number."""
    if rank and rank not in list(RANKS):
        raise Problem(UNIT_INVALID, fields={"rank": _BAD_RANK})
    rows = list(rows)
    version = TerritoryVersion.objects.values_list("token", flat=True).first()
    known = _known()
    if parent:
        parent = read_code(parent).code
        if parent not in known or not known[parent].open:
            raise Problem(UNIT_UNKNOWN, fields={"parent": Text(f"没有 {parent}", f"There is no {parent}")})
    plan = plan_units(rows, known, parent=parent, rank=rank)
    plan.source, plan.version = source, version
    if close_missing:
        plan.closing = _missing(rows, known)
    current = _boundaries()
    plan.shapes = list(
        _new_shapes(rows, current, blocked={c.code for c in plan.changed if not c.before.open})
    )
    if plan.shapes:
        plan.findings.extend(_cover_findings(rows, plan, known, current))
    return plan


def apply_plan(plan: Plan, *, by: Actor, at: datetime) -> None:
    """Write the plan, all or nothing, and record it. A plan with nothing to do writes nothing.

    Raises `IMPORT_BLOCKED` when it has errors, `PLAN_STALE` when the territory changed since it was made.
    """
    if plan.blocked:
        raise Problem(IMPORT_BLOCKED, n=len(plan.errors))
    if plan.empty:
        return
    with transaction.atomic():
        if version_held() != plan.version:
            raise Problem(PLAN_STALE)
        ids = dict(Unit.objects.values_list("code", "id").iterator(chunk_size=10_000))
        _require(plan, ids, by)
        ids.update((row.code, uuid7(at)) for row in plan.new)
        day = day_of(at)
        _write_new(plan.new, ids, day)
        _write_changes(plan.changed, ids)
        Unit.objects.filter(code__in=plan.closing).update(closed_on=day)
        Boundary.objects.filter(unit__code__in=plan.closing, valid_to__isnull=True).update(valid_to=day)
        _write_shapes(plan.shapes, ids, day, at)
        changed()
        _record(plan, ids, by=by, at=at, day=day)


def describe(plan: Plan) -> list[Text]:
    """The plan in words: one line of counts, then every finding with its place, errors first."""
    counts = Text(
        "新增 {new}、变更 {changed}、不变 {same}、撤销 {closing}、"
        "边界 {shapes};错误 {errors}、提醒 {warnings}",
        "{new} new, {changed} changed, {same} unchanged, {closing} closed, {shapes} boundaries; "
        "{errors} errors, {warnings} warnings",
    ).fill(
        new=len(plan.new), changed=len(plan.changed), same=plan.unchanged, closing=len(plan.closing),
        shapes=len(plan.shapes), errors=len(plan.errors), warnings=len(plan.warnings),
    )  # fmt: skip
    return [counts, *(finding_text(f) for f in (*plan.errors, *plan.warnings))]


def finding_text(finding: Finding) -> Text:
    """A finding as one line: "第 3 行 code 错误: …"."""
    place = Text(f"第 {finding.line} 行 {finding.field}", f"line {finding.line} {finding.field}")
    if not finding.line:
        place = Text(finding.field, finding.field)
    bad = finding.severity == "error"
    level = Text("错误", "error") if bad else Text("提醒", "warning")
    return Text(f"{place.zh} {level.zh}:{finding.text.zh}", f"{place.en} {level.en}: {finding.text.en}")


def _known() -> dict[str, Known]:
    fields = ("code", "name", "name_en", "rank", "kind", "parent__code", "households", "closed_on")
    rows = Unit.objects.values_list(*fields).iterator(chunk_size=10_000)
    return {r[0]: Known(r[0], r[1], r[2], r[3], r[4], r[5] or "", r[6], r[7] is None) for r in rows}


def _missing(rows: list[Row], known: dict[str, Known]) -> list[str]:
    """Open units under the parents of the file's rows that the file no longer names, and all below them."""
    stated = {row.code for row in rows}
    parents = {row.parent for row in rows if row.parent}
    gone = {k.code for k in known.values() if k.open and k.code not in stated and k.parent in parents}
    below: dict[str, list[str]] = {}
    for k in known.values():
        if k.open and k.code not in stated:
            below.setdefault(k.parent, []).append(k.code)
    pending = list(gone)
    while pending:
        more = [code for code in below.get(pending.pop(), ()) if code not in gone]
        gone.update(more)
        pending.extend(more)
    return sorted(gone)


def _boundaries() -> dict[str, bytes]:
    rows = Boundary.objects.filter(valid_to__isnull=True).values_list("unit__code", "shape")
    return {code: bytes(shape) for code, shape in rows.iterator(chunk_size=5_000)}


def _new_shapes(rows: list[Row], current: dict[str, bytes], blocked: set[str]) -> Iterator[NewShape]:
    seen: set[str] = set(blocked)
    for row in rows:
        if row.shape is None or row.code in seen:
            continue
        seen.add(row.code)
        if shapely.to_wkb(row.shape) != current.get(row.code):
            yield NewShape(row.code, row.shape, replaces=row.code in current)


def _cover_findings(
    rows: list[Row], plan: Plan, known: dict[str, Known], current: dict[str, bytes]
) -> Iterator[Finding]:
    table = rulebook.table("territory")["import"]
    limits = Tolerances(
        overlap_m2=float(table["overlap_m2"]), overlap_error_share=float(table["overlap_error_share"]),
        gap_m2=float(table["gap_m2"]), outside_share=float(table["outside_share"]),
        outside_error_share=float(table["outside_error_share"]),
    )  # fmt: skip
    return check(_families(rows, plan, known, current), limits)


def _families(
    rows: list[Row], plan: Plan, known: dict[str, Known], current: dict[str, bytes]
) -> dict[str, Family]:
    """The families touched by a new boundary, as they would be after the import."""
    stated = {row.code: row for row in reversed(rows)}
    shape_of: dict[str, BaseGeometry] = {s.code: s.shape for s in plan.shapes}
    parent_of = {code: k.parent for code, k in known.items() if k.open}
    parent_of.update((code, row.parent) for code, row in stated.items())
    for code in plan.closing:
        parent_of.pop(code, None)

    def member(code: str) -> Member:
        row = stated.get(code)
        shape = shape_of.get(code)
        if shape is None and code in current:
            shape = shape_of[code] = shapely.from_wkb(current[code])
        name = (row.name if row else "") or (known[code].name if code in known else code)
        return Member(code, name, row.line if row else 0, shape)

    touched = {parent_of.get(s.code, "") for s in plan.shapes} | {s.code for s in plan.shapes}
    below: dict[str, list[str]] = {}
    for code, parent in parent_of.items():
        if parent in touched:
            below.setdefault(parent, []).append(code)
    return {
        parent: Family(
            member(parent) if parent in parent_of else None, [member(code) for code in sorted(codes)]
        )
        for parent, codes in below.items()
    }


def _require(plan: Plan, ids: dict[str, UUID], by: Actor) -> None:
    """The actor manages every known unit under or in which something changes."""
    new = {row.code for row in plan.new}
    touched = {row.parent for row in plan.new if row.parent not in new}
    touched |= {change.code for change in plan.changed} | set(plan.closing)
    touched |= {s.code for s in plan.shapes if s.code not in new}
    touched |= {str(change.fields["parent"]) for change in plan.changed if change.fields.get("parent")} - new
    if by.kind == "system":
        return
    for code in touched:
        require_manager(by, ids.get(code))


_COLUMNS = (
    "id", "code", "name", "name_en", "rank", "kind", "parent_id", "opened_on", "closed_on", "households",
)  # fmt: skip


def _write_new(rows: list[Row], ids: dict[str, UUID], day: date) -> None:
    copy_in(Unit, _COLUMNS, (
        (ids[r.code], r.code, r.name, r.name_en, r.rank, r.kind, ids.get(r.parent), day, None, r.households)
        for r in rows
    ))  # fmt: skip


def _write_changes(changes: list[Change], ids: dict[str, UUID]) -> None:
    units = Unit.objects.in_bulk([ids[change.code] for change in changes])
    for change in changes:
        unit = units[ids[change.code]]
        for name, value in change.fields.items():
            if name == "parent":
                unit.parent_id = ids[str(value)]
            else:
                setattr(unit, name, value)
    fields = ["name", "name_en", "rank", "kind", "households", "parent"]
    Unit.objects.bulk_update(units.values(), fields, batch_size=200)


def _write_shapes(new: list[NewShape], ids: dict[str, UUID], day: date, at: datetime) -> None:
    replaced = [ids[s.code] for s in new if s.replaces]
    for start in range(0, len(replaced), 500):
        part = replaced[start : start + 500]
        Boundary.objects.filter(unit_id__in=part, valid_to__isnull=True).update(valid_to=day)
    copy_in(Boundary, ("id", "unit_id", "valid_from", "valid_to", "shape"), (
        (uuid7(at), ids[s.code], day, None, shapely.to_wkb(s.shape)) for s in new
    ))  # fmt: skip


def _record(plan: Plan, ids: dict[str, UUID], *, by: Actor, at: datetime, day: date) -> None:
    """One fact for the import, about the top unit that it touched; one for each known unit that changed."""
    fact = UnitsImported(
        source=plan.source, new=len(plan.new), changed=len(plan.changed), closed=len(plan.closing),
        boundaries=len(plan.shapes),
    )  # fmt: skip
    journal.record(fact, about=ids[_about(plan)], by=by, at=at)
    for change in plan.changed:
        for each in _facts_of(change):
            journal.record(each, about=ids[change.code], by=by, at=at)
    closed = Unit.objects.filter(code__in=plan.closing).values_list("id", "code", "name")
    for unit_id, code, name in closed:
        journal.record(UnitClosed(code=code, name=name, on=day), about=unit_id, by=by, at=at)
    for s in plan.shapes:
        if s.replaces:
            area = round(float(shapes.area_m2(s.shape)))
            journal.record(
                BoundaryChanged(on=day, area_m2=area, first=False), about=ids[s.code], by=by, at=at
            )


def _about(plan: Plan) -> str:
    if plan.new:
        return plan.new[0].parent or plan.new[0].code
    if plan.changed:
        return plan.changed[0].code
    return plan.shapes[0].code if plan.shapes else plan.closing[0]


def _facts_of(change: Change) -> Iterator[UnitRenamed | UnitChanged]:
    if "name" in change.fields:
        yield UnitRenamed(before=change.before.name, after=str(change.fields["name"]))
    others = tuple(name for name in change.fields if name != "name")
    if others:
        before = tuple(str(getattr(change.before, name) or "") for name in others)
        yield UnitChanged(fields=others, before=before, after=tuple(str(change.fields[n]) for n in others))
