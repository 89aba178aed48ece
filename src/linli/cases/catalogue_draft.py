"""Changing the catalogue entry by entry: a kind with its conditions is one entry. Pure.

What is changed is kept as an overlay over the edition on which a draft is based (`kernel.drafts`), so that two
people can change two kinds of one draft, and a draft can be brought up to a newer edition.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from linli.kernel.drafts import Overlay, laid_over

from .catalogue import CONDITION_COLUMNS, KIND_COLUMNS

COLUMNS = {"kinds": KIND_COLUMNS, "conditions": CONDITION_COLUMNS}
Row = Mapping[str, str]
Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """The rows of one kind: its own (None when there is no such kind) and those of its conditions."""

    kind: dict[str, str] | None
    conditions: tuple[dict[str, str], ...] = ()

    @property
    def mark(self) -> str:
        """A fingerprint by which somebody who changes the entry shows which state of it they saw."""
        if self.kind is None:
            return ""
        return hashlib.sha256(json.dumps([self.kind, self.conditions], sort_keys=True).encode()).hexdigest()[
            :32
        ]


def entry(table: Table, code: str) -> Entry:
    """The entry of this code, every column filled."""
    kind = next((row for row in table["kinds"] if row["code"] == code), None)
    conditions = tuple(_full("conditions", row) for row in table["conditions"] if row["kind"] == code)
    return Entry(_full("kinds", kind) if kind is not None else None, conditions if kind is not None else ())


def with_entry(overlay: Overlay, base: Table, fresh: Entry, code: str) -> Overlay:
    """The overlay after which the table's entry of this code is `fresh`; an entry without a kind is gone."""
    kinds, conditions = dict(overlay.get("kinds", {})), dict(overlay.get("conditions", {}))
    known = entry(base, code)
    for place in [place for place in conditions if place.rpartition("-")[0] == code]:
        del conditions[place]
    kinds.pop(code, None)
    if fresh.kind is None:
        if known.kind is not None:
            kinds[code] = None
            conditions |= {row["code"]: None for row in known.conditions}
        return _tidy(kinds, conditions)
    if fresh.kind != known.kind:
        kinds[code] = fresh.kind
    before = {row["code"]: row for row in known.conditions}
    conditions |= {row["code"]: row for row in fresh.conditions if row != before.get(row["code"])}
    conditions |= {place: None for place in before if place not in {row["code"] for row in fresh.conditions}}
    return _tidy(kinds, conditions)


def between(base: Table, wanted: Table) -> Overlay:
    """The overlay that makes the wanted sheets of the base. The order of rows is no content."""
    sheets: list[dict[str, dict[str, str] | None]] = []
    for sheet in COLUMNS:
        old = {row["code"]: _full(sheet, row) for row in base.get(sheet, ())}
        new = {row["code"]: _full(sheet, row) for row in wanted.get(sheet, ())}
        changed: dict[str, dict[str, str] | None] = {c: row for c, row in new.items() if row != old.get(c)}
        sheets.append(changed | {code: None for code in old if code not in new})
    return _tidy(sheets[0], sheets[1])


def changed_codes(overlay: Overlay) -> tuple[str, ...]:
    """The kinds whose entry the overlay changes, in order of code."""
    conditions = {place.rpartition("-")[0] for place in overlay.get("conditions", {})}
    return tuple(sorted(conditions | set(overlay.get("kinds", {}))))


def rebased(overlay: Overlay, old: Table, new: Table) -> tuple[Overlay, tuple[str, ...]]:
    """The same changes over another edition, and the kinds that were changed in both.

    A field that only the newer edition changed stays as it is there; where both changed a field, the draft's
    value stays: the difference view shows it against the newer edition.
    """
    wanted = laid_over(old, overlay)
    result: Overlay = {}
    for code in changed_codes(overlay):
        merged = _merged(entry(old, code), entry(wanted, code), entry(new, code))
        result = with_entry(result, new, merged, code)
    theirs = set(changed_codes(between(old, new)))
    return result, tuple(code for code in changed_codes(overlay) if code in theirs)


def _merged(old: Entry, mine: Entry, theirs: Entry) -> Entry:
    if mine.kind is None:
        return mine
    kind = _merged_row(old.kind, mine.kind, theirs.kind)
    rows = [{row["code"]: row for row in each.conditions} for each in (old, mine, theirs)]
    conditions = []
    for code in dict.fromkeys((*rows[1], *rows[2])):
        before, ours, other = (each.get(code) for each in rows)
        if ours is None and before is not None:
            continue  # taken out by the draft
        if ours is not None and other is None and ours == before:
            continue  # taken out by the newer edition, and left alone by the draft
        conditions.append(_merged_row(before, ours, other) if ours is not None else dict(other or {}))
    return Entry(kind, tuple(conditions))


def _merged_row(old: Row | None, mine: Row, theirs: Row | None) -> dict[str, str]:
    if theirs is None or old is None:
        return dict(mine)
    return {name: mine[name] if mine[name] != old[name] else theirs[name] for name in mine}


def free_code(table: Table, major: str) -> str:
    """A code for a new local kind of the class: the next after those that are taken, from 901 in a national class."""
    beginning = f"L{major[1:]}"
    taken = [
        int(row["code"][3:])
        for row in table["kinds"]
        if row["code"].startswith(beginning) and row["code"][3:].isdigit()
    ]
    first = 1 if major.startswith("L") else 901
    return f"{beginning}{max((*taken, first - 1)) + 1:03d}"


def next_condition(code: str, taken: Iterable[str]) -> str:
    """A code for a new condition of the kind."""
    numbers = [int(each.rpartition("-")[2]) for each in taken if each.rpartition("-")[2].isdigit()]
    return f"{code}-{max((*numbers, 0)) + 1}"


def _full(sheet: str, row: Row) -> dict[str, str]:
    return {column: row.get(column) or "" for column in COLUMNS[sheet]}


def _tidy(
    kinds: Mapping[str, dict[str, str] | None], conditions: Mapping[str, dict[str, str] | None]
) -> Overlay:
    sheets: Sequence[tuple[str, Mapping[str, dict[str, str] | None]]] = (
        ("kinds", kinds),
        ("conditions", conditions),
    )
    return {name: dict(changes) for name, changes in sheets if changes}
