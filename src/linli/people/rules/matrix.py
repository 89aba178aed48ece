"""The matrix as a whole: indexed for asking, and what differs between two of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from linli.kernel import codec
from linli.people.words import Entry, MatrixChange, Part


def index(entries: Iterable[Entry]) -> dict[Part, dict[UUID, dict[str, tuple[Entry, ...]]]]:
    """Rows as `Staffing.rows` holds them, in a fixed order whatever the order they come in."""
    found: dict[Part, dict[UUID, dict[str, tuple[Entry, ...]]]] = {}
    for row in sorted(entries, key=_order):
        here = found.setdefault(row.part, {}).setdefault(row.place_id or row.unit_id, {})
        here[row.kind_prefix] = (*here.get(row.kind_prefix, ()), row)
    return found


def _order(row: Entry) -> tuple[str, str, str, str]:
    return row.kind_prefix, row.part, row.role, str(row.department_id or "")


def changes(old: Iterable[Entry], new: Iterable[Entry]) -> tuple[MatrixChange, ...]:
    """What would become of the matrix `old` if it were `new`: another lead or another source is a change,
    everything else added or removed. In the order of kinds and parts; nothing when they say the same."""
    before, after = {_key(row): row for row in old}, {_key(row): row for row in new}
    found = [
        MatrixChange(before.get(key), after.get(key))
        for key in {**before, **after}
        if before.get(key) != after.get(key)
    ]
    return tuple(sorted(found, key=lambda each: _place_in_order(each.entry)))


def _place_in_order(row: Entry) -> tuple[str, ...]:
    return str(row.unit_id), str(row.place_id or ""), *_order(row)


def _key(row: Entry) -> tuple[object, ...]:
    return row.cell if row.part is Part.LEAD else (*row.cell, row.taker)


def digest(rows: Iterable[Entry]) -> str:
    """The fingerprint of a matrix: the same for the same rows in any order."""
    said = sorted(
        [row.kind_prefix, str(row.unit_id), str(row.place_id or ""), row.part.value, row.role,
         str(row.department_id or ""), row.source]
        for row in rows
    )  # fmt: skip
    return codec.digest(said)
