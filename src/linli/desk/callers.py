"""Who is on the telephone: what the same number reported before, for whoever takes the call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from linli.cases import queries
from linli.desk import rows
from linli.desk.rows import Row
from linli.kernel.access import Actor
from linli.people import queries as people


@dataclass(frozen=True, slots=True)
class Caller:
    """A known number: the name as staff see it, and what was reported under it, newest first."""

    name: str
    cases: list[Row]
    more: bool


def caller(actor: Actor, phone: str, at: datetime) -> Caller | None:
    """What is known of the number, as far as the actor sees the cases; None when nothing is."""
    resident = people.resident_id_of(phone)
    if resident is None:
        return None
    most = queries.bound("caller_history")
    found = list(queries.visible_to(actor).filter(reporter_id=resident).order_by("-reported_at")[: most + 1])
    if not found:
        return None
    name = people.name_of(resident)
    masked = name[:1] + "*" * (len(name) - 1) if name else ""
    return Caller(masked, [rows.row(case, at) for case in found[:most]], len(found) > most)
