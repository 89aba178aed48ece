"""The town's responsibility matrix: its rows, who has which part, and routing by a matrix that is only proposed."""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from linli.people.queries import places
from linli.people.queries.places import Places
from linli.people.queries.staffing import picture, place_step, way_up
from linli.people.rules import duty, matrix
from linli.people.rules.duty import Staffing
from linli.people.words import Entry, MatrixChange, Part, Responsible


def parts_for(
    unit_id: UUID | None,
    kind_code: str,
    at: datetime,
    place_id: UUID | None = None,
    *,
    default: str = "",
    helpers: Sequence[str] = (),
) -> dict[Part, tuple[Responsible, ...]]:
    """Everybody who has a part in a kind of matter at a unit or place, every part with its own (empty: nobody).

    Where the matrix is silent the catalogue's `default` leads and its `helpers` help, when they are given.
    No query; not on the hot path (`responsible_for` is).
    """
    return duty.parts(
        picture().staffing,
        way_up(unit_id),
        at,
        kind_code,
        place_step(place_id),
        default=default,
        helpers=helpers,
    )


def matrix_rows(units: Iterable[UUID] | None = None) -> tuple[Entry, ...]:
    """The rows of the matrix in force, of these units alone when they are given; from memory."""
    wanted = None if units is None else frozenset(units)
    return tuple(
        row
        for by_place in picture().staffing.rows.values()
        for by_prefix in by_place.values()
        for rows in by_prefix.values()
        for row in rows
        if wanted is None or row.unit_id in wanted
    )


def ruling_rows(
    part: Part, unit_id: UUID | None, kind_code: str, place_id: UUID | None = None
) -> tuple[tuple[Entry, ...], bool]:
    """The rows that decide a part for a kind or a prefix of kinds, and whether they stand here (at the place,
    or without one at the unit itself, under this very prefix) rather than being inherited."""
    rows, where = duty.ruling(picture().staffing, part, way_up(unit_id), kind_code, place_step(place_id))
    here = place_id or unit_id
    own = where is not None and where.id == here and rows[0].kind_prefix == kind_code
    return rows, own


def units_with_own() -> frozenset[UUID]:
    """The units at which posts, departments or rows of the matrix stand. Any other unit is answered for exactly
    as the unit above it, so that a question about all units need not be asked of each."""
    staffing = picture().staffing
    own = {unit_id for unit_id, _ in staffing.seats} | {unit_id for unit_id, _ in staffing.offices_at}
    return frozenset(own | {row.unit_id for row in matrix_rows()})


def matrix_changes(old: Iterable[Entry], new: Iterable[Entry]) -> tuple[MatrixChange, ...]:
    """What would be added, changed and removed if the matrix `old` were `new`."""
    return matrix.changes(old, new)


def matrix_digest(rows: Iterable[Entry]) -> str:
    """The fingerprint of a matrix: the same for the same rows in any order."""
    return matrix.digest(rows)


@dataclass(frozen=True)
class Routing:
    """Who would be responsible by one matrix, in force or proposed; remembers its answers."""

    staffing: Staffing
    places: Places
    moments: tuple[datetime, ...]
    answers: dict[tuple[object, ...], Responsible] = field(default_factory=dict)

    def responsible(
        self,
        unit_id: UUID | None,
        default: str,
        at: datetime,
        kind: str,
        lng: float | None = None,
        lat: float | None = None,
        address: str = "",
    ) -> Responsible:
        """As `responsible_for`, with the place worked out by this matrix."""
        place = place_step(self.places.at(kind, lng, lat, address))
        steps = way_up(unit_id)
        rows, where = duty.ruling(self.staffing, Part.LEAD, steps, kind, place)
        # Kinds for which the same row speaks, or none, are answered alike.
        key = (
            unit_id,
            default,
            where.id if where else None,
            id(rows[0]) if rows else 0,
            bisect_right(self.moments, at),
        )
        found = self.answers.get(key)
        if found is None:
            found = self.answers[key] = duty.decided(self.staffing, steps, default, at, rows, where)
        return found


def routing(entries: Iterable[Entry] | None = None) -> Routing:
    """Routing by the matrix in force, or by these rows in its place. At most one query (shapes of places)."""
    now = picture()
    if entries is None:
        return Routing(now.staffing, places.places_of(now), now.moments)
    staffing = dataclasses.replace(now.staffing, rows=matrix.index(entries))
    return Routing(staffing, places.of(staffing), now.moments)
