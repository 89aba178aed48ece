"""The town's responsibility matrix: one row, one cell, or the whole of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from linli.kernel import journal
from linli.kernel.access import Actor
from linli.kernel.errors import CONFLICT, INVALID, NOT_FOUND, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people.actions.common import changed, named, require_manager_of
from linli.people.events import MatrixReplaced, ResponsibilitySet
from linli.people.models import Department, Responsibility, Revision
from linli.people.queries.staffing import entries, place_row
from linli.people.rules import matrix
from linli.people.words import MATRIX_STALE, Entry, MatrixChange, Part, Role, Taker
from linli.territory import queries as territory

_ROLES = frozenset(Role)
CODE_MAX, SOURCE_MAX, NAME_MAX = 24, 200, 120
BAD_ROLE = Text("没有这种角色", "There is no such role")
BAD_PART = Text("没有这种分工", "There is no such part")
BAD_PREFIX = Text(
    "类别代码只含字母和数字,最多 24 位", "A code of a kind has letters and digits alone, at most 24"
)
ROLE_OR_DEPARTMENT = Text("请在角色与部门中选定一个", "Choose either a role or a department")
ONE_LEAD = Text("牵头只能有一个", "There is only one lead")
NOT_AT_PLACE = Text("点位不在这个单元", "The place is not in this unit")
NO_PLACE = Text("没有这个点位", "There is no such place")


@transaction.atomic
def set_responsibility(
    *, kind_prefix: str, unit_id: UUID, by: Actor, at: datetime, role: str = "",
    department_id: UUID | None = None, part: str = Part.LEAD, source: str = "", place_id: UUID | None = None,
) -> Responsibility:  # fmt: skip
    """The role or the department has this part in kinds whose code begins with `kind_prefix` ('': all),
    at the unit and below, or at the place alone. A lead replaces the earlier lead of the same cell; of the
    other parts there may be several, each once."""
    row = Entry(kind_prefix, unit_id, place_id, _part(part), str(role), department_id, _source(source))
    _require([row], by)
    same = _of_cell(row.cell)
    if row.part is Part.LEAD:
        same.delete()
    else:
        same.filter(role=row.role, department=department_id).delete()
    made = _create(row, at)
    _record(made, by, at)
    changed()
    return made


@transaction.atomic
def set_cell(
    *, kind_prefix: str, unit_id: UUID, part: str, takers: Sequence[Taker], by: Actor, at: datetime,
    place_id: UUID | None = None, source: str = "",
) -> int:  # fmt: skip
    """Exactly these takers stand in the cell afterwards, under this source; none: what is above decides again.

    Gives how many rows became other than they were; each is a fact of its own.
    """
    which = _part(part)
    if which is Part.LEAD and len(set(takers)) > 1:
        raise Problem(INVALID, fields={"takers": ONE_LEAD})
    empty = Entry(kind_prefix, unit_id, place_id, which, "", None, _source(source))
    _require_where(empty, by)
    wanted = [Entry(*empty.cell, *taker, empty.source) for taker in dict.fromkeys(takers)]
    _require(wanted, by)
    rows = list(_of_cell(empty.cell).select_for_update())
    found = matrix.changes([_entry(row) for row in rows], wanted)
    _write(found, at)
    for change in found:
        _tell(change, by, at)
    if found:
        changed()
    return len(found)


@transaction.atomic
def clear_responsibility(*, row_id: UUID, by: Actor, at: datetime) -> None:
    """The row no longer counts: what stands above it, or the catalogue, decides again."""
    row = Responsibility.objects.select_for_update().filter(pk=row_id).first()
    if row is None:
        raise Problem(NOT_FOUND)
    require_manager_of(by, row.unit_id)
    row.role, row.department_id = "", None
    _record(row, by, at)
    Responsibility.objects.filter(pk=row_id).delete()
    changed()


@transaction.atomic
def replace_matrix(
    *, rows: Sequence[Entry], units: Iterable[UUID], base: str, name: str, by: Actor, at: datetime
) -> tuple[MatrixChange, ...]:
    """The matrix of these units is exactly `rows` afterwards; all or nothing, with one fact of counts.

    `base` is `queries.matrix_digest` of the rows that the preview was made from: refused with MATRIX_STALE when they
    have changed since. Rows of other units are not touched. Applying the same again changes nothing.
    """
    within = frozenset(units)
    Revision.objects.select_for_update().filter(pk=1).first()  # two imports at once take turns
    old = [row for row in entries() if row.unit_id in within]
    found = matrix.changes(old, rows)
    if not found:
        return ()
    if matrix.digest(old) != base:
        raise Problem(MATRIX_STALE)
    for unit_id in {row.unit_id for row in rows} | {change.entry.unit_id for change in found}:
        if unit_id not in within:
            raise Problem(INVALID, fields={"unit": NOT_AT_PLACE})
        require_manager_of(by, unit_id)
    _require([change.after for change in found if change.after is not None], by)
    _write(found, at)
    count = [change.what for change in found]
    fact = MatrixReplaced(
        name=named("name", name, NAME_MAX), added=count.count("added"), changed=count.count("changed"),
        removed=count.count("removed"), rows=len(rows), sha256=matrix.digest(rows),
    )  # fmt: skip
    journal.record(fact, about=_widest(within), by=by, at=at)
    changed()
    return found


def _part(part: str) -> Part:
    if part not in frozenset(Part):
        raise Problem(INVALID, fields={"part": BAD_PART})
    return Part(part)


def _source(text: str) -> str:
    return named("source", text, SOURCE_MAX) if text.strip() else ""


def _require(rows: Sequence[Entry], by: Actor) -> None:
    """Every row can stand where it does and names somebody. One query, however many rows."""
    offices = {row.department_id for row in rows} - {None}
    if Department.objects.filter(pk__in=offices).count() < len(offices):
        raise Problem(NOT_FOUND)
    for row in rows:
        _require_where(row, by)
        if bool(row.role) == (row.department_id is not None):
            raise Problem(INVALID, fields={"role": ROLE_OR_DEPARTMENT})
        if row.role and row.role not in _ROLES:
            raise Problem(INVALID, fields={"role": BAD_ROLE})


def _require_where(row: Entry, by: Actor) -> None:
    require_manager_of(by, row.unit_id)
    if len(row.kind_prefix) > CODE_MAX or (row.kind_prefix and not row.kind_prefix.isalnum()):
        raise Problem(INVALID, fields={"kind_prefix": BAD_PREFIX})
    if row.place_id is None:
        return
    place = place_row(row.place_id)
    if place is None:
        raise Problem(INVALID, fields={"place": NO_PLACE})
    if place.unit_id != row.unit_id:
        raise Problem(INVALID, fields={"place": NOT_AT_PLACE})


def _of_cell(cell: tuple[str, UUID, UUID | None, Part]) -> QuerySet[Responsibility]:
    kind_prefix, unit_id, place_id, part = cell
    return Responsibility.objects.filter(
        kind_prefix=kind_prefix, unit=unit_id, place=place_id, part=part.value
    )


def _entry(row: Responsibility) -> Entry:
    return Entry(
        row.kind_prefix, row.unit_id, row.place_id, Part(row.part), row.role, row.department_id, row.source,
        row.id,
    )  # fmt: skip


def _row(entry: Entry, at: datetime) -> Responsibility:
    return Responsibility(
        id=uuid7(at), kind_prefix=entry.kind_prefix, unit_id=entry.unit_id, place_id=entry.place_id,
        part=entry.part.value, role=entry.role, department_id=entry.department_id, source=entry.source,
    )  # fmt: skip


def _create(entry: Entry, at: datetime) -> Responsibility:
    made = _row(entry, at)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:  # somebody else filled the same cell meanwhile
        raise Problem(CONFLICT) from error
    return made


def _write(found: Sequence[MatrixChange], at: datetime) -> None:
    gone = [change.before.id for change in found if change.before is not None]
    for start in range(0, len(gone), 500):
        Responsibility.objects.filter(pk__in=gone[start : start + 500]).delete()
    fresh = [_row(change.after, at) for change in found if change.after is not None]
    try:
        with transaction.atomic():
            Responsibility.objects.bulk_create(fresh, batch_size=500)
    except IntegrityError as error:  # somebody else filled the same cell meanwhile
        raise Problem(CONFLICT) from error


def _tell(change: MatrixChange, by: Actor, at: datetime) -> None:
    row = change.entry
    kept = change.after is not None
    fact = ResponsibilitySet(
        kind_prefix=row.kind_prefix, unit=row.unit_id, part=row.part.value, role=row.role if kept else "",
        department=row.department_id if kept else None, source=row.source, place=row.place_id,
    )  # fmt: skip
    journal.record(fact, about=row.place_id or row.unit_id, by=by, at=at)


def _record(row: Responsibility, by: Actor, at: datetime) -> None:
    fact = ResponsibilitySet(
        kind_prefix=row.kind_prefix, unit=row.unit_id, part=row.part, role=row.role,
        department=row.department_id, source=row.source, place=row.place_id,
    )  # fmt: skip
    journal.record(fact, about=row.id, by=by, at=at)


def _widest(units: frozenset[UUID]) -> UUID:
    tree = territory.snapshot()
    return min(units, key=lambda id: (tree.depth(id), str(id)))
