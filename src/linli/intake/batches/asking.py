"""What batches ask the suggestions and the search for duplicates of this room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import numpy as np

from linli.intake.batches import judging
from linli.intake.batches.rows import Row
from linli.intake.queries.rows_alike import Report, similar_many
from linli.intake.queries.suggestions import suggest_many
from linli.kernel.access import Actor
from linli.territory import queries as territory

SHOWN = 3


class Like(NamedTuple):
    """A row is probably about an open matter (`case_id`), or about the same as an earlier `line` of its part."""

    case_id: UUID | None
    line: int | None
    score: float


def kinds(texts: Sequence[str]) -> list[str]:
    """The kind that each text tells, empty where it is not told clearly enough."""
    return [guesses[0].kind if guesses else "" for guesses in suggest_many(texts)] if texts else []


def best_kinds(texts: Sequence[str]) -> list[list[str]]:
    """The three likeliest kinds of each text, best first; none where it is not told clearly enough."""
    return [[guess.kind for guess in guesses[:SHOWN]] for guesses in suggest_many(texts)] if texts else []


def alike(rows: Sequence[Row], *, by: Actor, at: datetime) -> list[Like | None]:
    """What each row is probably about already, when that is likelier than the rulebook's least."""
    reports = [
        Report(row.text, row.kind, row.address, row.lng, row.lat, unit_id, row.received or at)
        for row, unit_id in zip(rows, _units(rows), strict=True)
    ]
    least = judging.limits()["rows"]["duplicate_least"]
    found: list[Like | None] = []
    for hits in similar_many(by, reports, at=at, least=least):
        best = hits[0] if hits else None
        line = rows[best.row].line if best and best.row is not None else None
        found.append(Like(best.case_id, line, best.score) if best else None)
    return found


def _units(rows: Sequence[Row]) -> list[UUID | None]:
    tree = territory.snapshot()
    where = np.array([(row.lng, row.lat) for row in rows if row.lng is not None], dtype=np.float64)
    places, _ = tree.locate_many(*where.reshape(-1, 2).T)
    by_point = iter(places.tolist())
    found: list[UUID | None] = []
    for row in rows:
        if row.lng is not None:
            place = next(by_point)
            found.append(tree.units[place].id if place >= 0 else None)
        else:
            named = tree.locate_address(row.address or row.text).unit
            found.append(named.id if named else None)
    return found
