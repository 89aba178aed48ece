"""The matrix as a page: one row for all kinds, each class, and the kinds of one class; one column a part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from linli.cases import queries as cases
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import ROLE_LABELS, Entry, Part, Responsible, Role, Taker
from linli.territory import queries as territory

ALL_KINDS = Text("全部事项", "All kinds")
LOCAL = Text("{name}(地方事项)", "{name} (local kinds)")
BY_CATALOGUE = Text("事项清单", "the catalogue")
BY_EACH = Text("各事项不同", "differs by kind")
OTHER_UNIT = Text("{name}({unit})", "{name} ({unit})")
CLASS_SIGNS = 3


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who has a part, as the cell says it; `source` is what the row cites."""

    name: Text
    source: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One part in one row. `own` are those named right here; without any, `inherited` and where `come_from`.
    `nobody`: by this, no one would have it (leads of kinds alone, where matters lie)."""

    part: Part
    own: tuple[Named, ...]
    inherited: tuple[Named, ...]
    come_from: Text | None
    nobody: bool = False

    @property
    def source(self) -> str:
        """What the own rows cite."""
        return next((who.source for who in self.own if who.source), "")


@dataclass(frozen=True, slots=True)
class GridRow:
    """A kind, a class of kinds (`kinds` counts them) or all kinds, with its cells in the order of the parts."""

    prefix: str
    name: Text
    cells: tuple[Cell, ...]
    kinds: int = 0
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """The matrix at a unit or a place."""

    unit: territory.UnitRow
    place: territory.PlaceRow | None
    rows: tuple[GridRow, ...]
    opened: str


def grid(
    unit: territory.UnitRow, at: datetime, *, place: territory.PlaceRow | None = None, opened: str = ""
) -> Grid:
    """The rows for all kinds and for each class, the kinds of the class `opened`, and every kind that has a row
    of its own here. From memory."""
    classes = _classes()
    here = place.id if place else unit.id
    own = {row.kind_prefix for row in people.matrix_rows() if (row.place_id or row.unit_id) == here}
    rows = [_row("", ALL_KINDS, unit, place, at)]
    for prefix, (name, kinds) in classes.items():
        rows.append(_row(prefix, name, unit, place, at, kinds=len(kinds)))
        shown = kinds if prefix == opened else [kind for kind in kinds if kind.code in own]
        rows += [_row(kind.code, kind.name, unit, place, at, kind=kind, depth=1) for kind in shown]
    said = {row.prefix for row in rows}
    rows += [_row(prefix, Text(prefix, prefix), unit, place, at) for prefix in sorted(own - said)]
    return Grid(unit, place, tuple(rows), opened)


def cell(
    prefix: str, part: Part, unit: territory.UnitRow, at: datetime, place: territory.PlaceRow | None = None
) -> tuple[Text, Cell]:
    """One cell of the matrix, with what its row is called."""
    kind = cases.catalogue(None).kind(prefix)
    return _kind_text(prefix), _cell(prefix, part, unit, place, at, kind)


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """What the matrix says at one place itself: in which kinds who has which part, by which source."""

    prefix: str
    kind: Text
    part: Part
    who: tuple[Text, ...]
    source: str


def lines_at(place_id: UUID) -> list[PlaceLine]:
    """The rows that the matrix has for this place, by kind; from memory."""
    found: dict[tuple[str, Part], list[Entry]] = {}
    for row in people.matrix_rows():
        if row.place_id == place_id:
            found.setdefault((row.kind_prefix, row.part), []).append(row)
    order = list(Part)
    return [
        PlaceLine(
            prefix,
            _kind_text(prefix),
            part,
            tuple(taker_name(row.taker) for row in rows),
            next((row.source for row in rows if row.source), ""),
        )
        for (prefix, part), rows in sorted(found.items(), key=lambda one: (one[0][0], order.index(one[0][1])))
    ]


def _kind_text(prefix: str) -> Text:
    kind = cases.catalogue(None).kind(prefix)
    if kind:
        return kind.name
    return _classes().get(prefix, (Text(prefix, prefix), []))[0] if prefix else ALL_KINDS


def takers(at: datetime) -> list[tuple[Taker, Text]]:
    """Everybody whom a cell can name: the departments by code, then the roles."""
    offices = people.departments(at)
    names = Counter(office.name.zh for office in offices)
    found = [
        (
            Taker("", office.id),
            OTHER_UNIT.fill(name=office.name, unit=office.unit) if names[office.name.zh] > 1 else office.name,
        )
        for office in offices
    ]
    return found + [(Taker(str(role), None), label) for role, label in ROLE_LABELS.items()]


def _classes() -> dict[str, tuple[Text, list[cases.Kind]]]:
    """The kinds of matter by the beginning of their code, which a row of the matrix may be for."""
    found: dict[str, tuple[Text, list[cases.Kind]]] = {}
    for major, kinds in cases.catalogue(None).tree().items():
        for kind in kinds:
            prefix = kind.code[:CLASS_SIGNS]
            name = major.name if prefix == major.code else LOCAL.fill(name=major.name)
            found.setdefault(prefix, (name, []))[1].append(kind)
    return found


def _row(
    prefix: str, name: Text, unit: territory.UnitRow, place: territory.PlaceRow | None, at: datetime,
    *, kind: cases.Kind | None = None, kinds: int = 0, depth: int = 0,
) -> GridRow:  # fmt: skip
    made = tuple(_cell(prefix, part, unit, place, at, kind) for part in Part)
    return GridRow(prefix, name, made, kinds, depth)


def _cell(
    prefix: str, part: Part, unit: territory.UnitRow, place: territory.PlaceRow | None, at: datetime,
    kind: cases.Kind | None,
) -> Cell:  # fmt: skip
    place_id = place.id if place else None
    rows, own = people.ruling_rows(part, unit.id, prefix, place_id)
    nobody = False
    smallest = place is not None or not territory.snapshot().children(unit.id)
    if kind is not None and part is Part.LEAD and smallest:
        nobody = people.responsible_for(unit.id, kind.responsible, at, kind.code, place_id).fallback
    if own:
        return Cell(part, _named(rows), (), None, nobody)
    if rows:
        return Cell(part, (), _named(rows), _where(rows[0]), nobody)
    words = _by_catalogue(prefix, part, kind)
    return Cell(
        part, (), tuple(Named(_word(word, at)) for word in words), BY_CATALOGUE if words else None, nobody
    )


def _by_catalogue(prefix: str, part: Part, kind: cases.Kind | None) -> Sequence[str]:
    if part not in (Part.LEAD, Part.HELP):
        return ()
    if kind is not None:
        return (kind.responsible,) if part is Part.LEAD else kind.helpers
    of_class = [k for k in cases.catalogue(None).matters() if k.code.startswith(prefix)]
    said = {(k.responsible,) if part is Part.LEAD else k.helpers for k in of_class}
    return said.pop() if len(said) == 1 else ("",) if any(said) else ()


def _word(word: str, at: datetime) -> Text:
    if not word:
        return BY_EACH
    if word in frozenset(Role):
        return ROLE_LABELS[Role(word)]
    return next((office.name for office in people.departments(at) if office.code == word), Text(word, word))


def _named(rows: Sequence[Entry]) -> tuple[Named, ...]:
    return tuple(Named(taker_name(row.taker), row.source) for row in rows)


def taker_name(taker: Taker) -> Text:
    """The department or role in words."""
    if taker.role:
        return ROLE_LABELS[Role(taker.role)]
    return people.taker_name(Responsible(taker.department_id, None, (), None, ()))


def _where(row: Entry) -> Text:
    where = place_name(row.place_id) if row.place_id else None
    if where is None:
        unit = territory.snapshot().unit(row.unit_id)
        where = unit.title if unit else Text("", "")
    kinds = Text(row.kind_prefix, row.kind_prefix) if row.kind_prefix else ALL_KINDS
    return Text(f"{where.zh} · {kinds.zh}", f"{where.en} · {kinds.en}")


def place_name(place_id: UUID) -> Text | None:
    """What the place is called."""
    place = people.place_row(place_id)
    return Text(place.name, place.name_en or place.name) if place else None
