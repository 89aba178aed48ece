"""What the desks' pages show beside one case or one queue: counts, search, the map, reasons, the reporter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from linli.cases import rules
from linli.cases.catalogue import CHECKING, EVIDENCE
from linli.cases.models import Assignment, Case
from linli.cases.queries.core import (
    COUNT_CAP,
    DESK_ACTION,
    Filter,
    at_desk,
    bound,
    narrowed,
    visible_to,
)
from linli.cases.words import DESK_OF, ENDED, Desk, serial_of
from linli.kernel import access, rulebook
from linli.kernel.access import Actor, Subject
from linli.kernel.fields import mask_phone
from linli.kernel.models import FactRow
from linli.kernel.text import Text
from linli.people import queries as people

FOUND_AT_MOST = 50
ON_MAP_AT_MOST = 3000
FRESH_AT_MOST = 99


@dataclass(frozen=True, slots=True)
class AtDesk:
    """How many cases wait at a desk; each number stops at COUNT_CAP + 1, beyond it the number helps nobody."""

    desk: Desk
    count: int
    overdue: int
    soon: int


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason of the rulebook that a decision can name."""

    code: str
    label: Text
    hint: Text | None


@dataclass(frozen=True, slots=True)
class Masked:
    """The reporter as staff see them: the telephone with its middle hidden, the family name at most."""

    phone: str
    name: str


def desk_summaries(actor: Actor, desks: Iterable[Desk], at: datetime) -> list[AtDesk]:
    """The desks with what waits at each, one query a desk, along the queue's own index."""
    soon = at + timedelta(hours=soon_hours())
    found = []
    for desk in desks:
        waiting = at_desk(actor, desk).order_by("next_due_at", "id").values_list("next_due_at", flat=True)
        moments = list(waiting[: COUNT_CAP + 1])
        overdue = sum(1 for moment in moments if moment is not None and moment < at)
        near = sum(1 for moment in moments if moment is not None and at <= moment < soon)
        found.append(AtDesk(desk, len(moments), overdue, near))
    return found


def soon_hours() -> int:
    """What ends within so many hours counts as soon."""
    return bound("soon_hours")


def watches(actor: Actor) -> bool:
    """Whether the actor sees cases as staff at all."""
    return any(True for _ in access.reach(actor, "case.view")) or any(
        True for action in DESK_ACTION.values() for _ in access.reach(actor, action)
    )


def may_take_in(actor: Actor) -> bool:
    """Whether the actor may open a matter for somebody else."""
    return access.may(actor, "case.intake", Subject(units=frozenset(post.unit_id for post in actor.posts)))


def raised_to_me(actor: Actor, *, most: int = 20) -> list[Case]:
    """The open cases that were raised to a unit where the actor holds a post, earliest deadline first."""
    units = [post.unit_id for post in actor.posts]
    if not units:
        return []
    waiting = [desk.value for desk in DESK_ACTION]
    found = visible_to(actor).filter(raised_to_id__in=units, desk__in=waiting)
    return list(found.order_by("next_due_at", "id")[:most])


def journal_mark() -> int:
    """A mark in the journal, from which `fresh_count` tells what came since."""
    last = FactRow.objects.order_by("-seq").values_list("seq", flat=True).first()
    return last or 0


def fresh_count(actor: Actor, desk: Desk, chosen: Filter, mark: int, at: datetime) -> int:
    """How many cases of this queue came or changed since the mark, counted up to FRESH_AT_MOST."""
    changed = FactRow.objects.filter(seq__gt=mark).values("about")
    found = narrowed(at_desk(actor, desk), chosen, actor, at).filter(pk__in=changed)
    return found.order_by()[:FRESH_AT_MOST].count()


def search(actor: Actor, words: str, *, most: int = FOUND_AT_MOST) -> list[Case]:
    """The visible cases with this number (ours or the source's) or with these words, newest first."""
    words = words.strip()
    if not words:
        return []
    serial = serial_of(words)
    by_number = Q(source_number=words) if serial is None else Q(source_number=words) | Q(serial=serial)
    found = list(visible_to(actor).filter(by_number).order_by("-reported_at", "-id")[:most])
    if found or serial is not None:
        return found
    by_words = Q(text__icontains=words) | Q(address__icontains=words)
    return list(visible_to(actor).filter(by_words).order_by("-reported_at", "-id")[:most])


def case_numbered(actor: Actor, number: str) -> Case | None:
    """The visible case with this number, ours or its source's; None when there is none or several."""
    words = number.strip()
    serial = serial_of(words)
    by_number = Q(source_number=words) if serial is None else Q(source_number=words) | Q(serial=serial)
    found = list(visible_to(actor).filter(by_number)[:2]) if words else []
    return found[0] if len(found) == 1 else None


def on_map(
    actor: Actor,
    chosen: Filter,
    box: tuple[float, float, float, float] | None,
    at: datetime,
    *,
    ended: bool | None = False,
    most: int = ON_MAP_AT_MOST,
) -> list[Case]:
    """The visible cases with a place, inside the box (west, south, east, north) if one is given, newest first.

    Open ones; with `ended` those that ended; with None both.
    """
    found = narrowed(visible_to(actor), chosen, actor, at).filter(lng__isnull=False)
    if ended is not None:
        # By desk, which is indexed, and the same as by state.
        desks = {DESK_OF[state].value for state in DESK_OF if (state in ENDED) is ended}
        found = found.filter(desk__in=sorted(desks))
    if box is not None:
        found = found.filter(lng__range=(box[0], box[2]), lat__range=(box[1], box[3]))
    return list(found.order_by("-reported_at", "-id")[:most])


def reasons(move: str) -> list[Reason]:
    """The rulebook's reasons for this move; empty when it names none."""
    rows: list[dict[str, Any]] = rulebook.table("reasons").get(move, [])
    return [
        Reason(
            row["code"],
            Text(row["zh"], row["en"]),
            Text(row["hint_zh"], row["hint_en"]) if row.get("hint_zh") else None,
        )
        for row in rows
    ]


def assignments(case_id: UUID) -> QuerySet[Assignment]:
    """Who was charged with it, oldest first."""
    found = Assignment.objects.filter(case_id=case_id).select_related("department", "post", "holder")
    return found.order_by("assigned_at", "id")


def reporter_of(case: Case) -> Masked | None:
    """Who reported it, masked; None when nobody left a number."""
    if case.reporter_id is None:
        return None
    phone = (people.phone_of(case.reporter_id) or "").removeprefix("+86")
    name = people.name_of(case.reporter_id)
    return Masked(mask_phone(phone), name[:1] + "*" * (len(name) - 1) if name else "")


def machine() -> tuple[rules.Move, ...]:
    """Every step of the loop, in the order of the table."""
    return tuple(rules.MOVES.values())


def bulk_moves(desk: Desk) -> Sequence[rules.Move]:
    """The moves that can be made on many cases of this desk at once."""
    from_here = {state for state, its_desk in DESK_OF.items() if its_desk is desk}
    return [move for move in rules.MOVES.values() if move.bulk and move.before & from_here]


def checking_words(code: str) -> Text:
    """How work of this kind is checked, in words."""
    return CHECKING.get(code, Text(code, code))


def evidence_words(code: str) -> Text:
    """Which evidence work of this kind needs, in words."""
    return EVIDENCE.get(code, Text(code, code))
