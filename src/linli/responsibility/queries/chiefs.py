"""Chiefs 五长制: which river, road, wood, field, station has whom, and which has nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from linli.kernel import clock, rulebook
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.text import Text
from linli.people import queries as people
from linli.responsibility.models import Chief
from linli.responsibility.queries.posts import post_choices, post_label, post_name
from linli.responsibility.queries.scope import managed_units, readable_units
from linli.territory import queries as territory


@dataclass(frozen=True, slots=True)
class ChiefKind:
    """A chief of the rulebook and the kinds of place that it answers for."""

    code: str
    name: Text
    places: frozenset[str]


@dataclass(frozen=True, slots=True)
class ChiefRow:
    """A place on a day: its chief's post and who holds it; without `chief_id` nobody was named."""

    place_id: UUID
    name: Text
    unit: Text
    may_edit: bool
    chief_id: UUID | None = None
    post: Text | None = None
    holders: tuple[str, ...] = ()
    since: date | None = None

    @property
    def vacant(self) -> bool:
        """Whether nobody answers: no chief named, or nobody holds the chief's post."""
        return not self.holders


@dataclass(frozen=True, slots=True)
class PlaceChief:
    """The chief of one place: what such a chief is called, and the post with who holds it; None: not named."""

    kind: Text
    post: Text | None


@dataclass(frozen=True, slots=True)
class ChiefTable:
    """The places of one kind of chief on a day, vacancies first. `named` of them have a chief, `held` one in office."""

    kind: ChiefKind
    rows: tuple[ChiefRow, ...]

    @property
    def named(self) -> int:
        """How many places have a chief."""
        return sum(row.chief_id is not None for row in self.rows)

    @property
    def held(self) -> int:
        """How many have one whose post somebody holds."""
        return sum(not row.vacant for row in self.rows)


def chiefs_book() -> dict[str, Any]:
    """What the rulebook says of chiefs."""
    return dict(rulebook.table("responsibility")["chiefs"])


def chief_kinds() -> tuple[ChiefKind, ...]:
    """Every kind of chief, in the rulebook's order."""
    rows = chiefs_book()["kind"]
    return tuple(ChiefKind(r["code"], Text(r["zh"], r["en"]), frozenset(r["places"])) for r in rows)


def kind_of_place(kind: str) -> ChiefKind | None:
    """Which chief answers for such a place."""
    return next((each for each in chief_kinds() if kind in each.places), None)


def chiefs(actor: Actor, day: date, at: datetime) -> list[ChiefTable]:
    """Every place of the actor's own units that a chief answers for, by kind, as it was on the day."""
    moment = min(at, people.midnight(day + timedelta(days=1)))
    named = {row[0]: row[1:] for row in _named(day)}
    return [
        ChiefTable(kind, tuple(sorted(_rows(kind, actor, moment, named), key=_vacancies_first)))
        for kind in chief_kinds()
    ]


def place_of(actor: Actor, place_id: UUID) -> tuple[territory.PlaceRow, ChiefKind]:
    """A place of the actor's own units that a chief answers for; otherwise it is not found."""
    place = people.place_row(place_id)
    kind = kind_of_place(place.kind) if place else None
    if place is None or kind is None or place.unit_id not in readable_units(actor):
        raise Problem(NOT_FOUND)
    return place, kind


def chief_now(place_id: UUID) -> Chief | None:
    """The open appointment at the place."""
    return Chief.objects.filter(place_id=place_id, until=None).first()


def place_chief(place: territory.PlaceRow, at: datetime) -> PlaceChief | None:
    """Which chief answers for such a place, and who it is now; None for a place that has none by the rulebook."""
    kind = kind_of_place(place.kind)
    if kind is None:
        return None
    chief = chief_now(place.id)
    return PlaceChief(kind.name, post_label(chief.post_id, at) if chief else None)


def chiefs_before(place_id: UUID) -> list[Chief]:
    """Appointments at the place that have ended, the last first."""
    return list(Chief.objects.filter(place_id=place_id).exclude(until=None).order_by("-until", "-since")[:20])


def chief_choices(actor: Actor, at: datetime) -> list[tuple[UUID, Text]]:
    """The posts that the actor may name as a chief, each with who holds it."""
    return post_choices(actor, at, chiefs_book()["roles"])


def today(at: datetime) -> date:
    """The town's day at this moment."""
    return clock.local(at).date()


def _named(day: date) -> list[tuple[UUID, UUID, UUID, date]]:
    then = Q(until=None) | Q(until__gt=day)
    kinds = {kind for each in chief_kinds() for kind in each.places}
    rows = Chief.objects.filter(then, since__lte=day, place__kind__in=kinds)
    return list(rows.values_list("place_id", "id", "post_id", "since"))


def _rows(
    kind: ChiefKind, actor: Actor, at: datetime, named: dict[UUID, tuple[UUID, UUID, date]]
) -> Iterator[ChiefRow]:
    tree, readable, managed = territory.snapshot(), readable_units(actor), managed_units(actor)
    for place in tree.places:
        if place.kind not in kind.places or place.unit_id not in readable:
            continue
        name = Text(place.name, place.name_en or place.name)
        where, edits = tree.path_text(place.unit_id), place.unit_id in managed
        if place.id not in named:
            yield ChiefRow(place.id, name, where, edits)
            continue
        chief, post, since = named[place.id]
        row = people.post_row(post, at)
        holders = tuple(holder.name for holder in row.holders) if row else ()
        yield ChiefRow(place.id, name, where, edits, chief, post_name(post), holders, since)


def _vacancies_first(row: ChiefRow) -> tuple[bool, bool, str]:
    return row.chief_id is not None, not row.vacant, row.name.zh
