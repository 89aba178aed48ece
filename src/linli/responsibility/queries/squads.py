"""Squads 网格治理中队: which units they pool, who belongs to them, what waits to be claimed, and their counts as a whole.

Nothing here counts what single persons claimed: a squad is assessed as one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from linli.cases import queries as cases
from linli.cases.queries import Case
from linli.cases.words import State, number_of
from linli.kernel import rulebook
from linli.kernel.access import SYSTEM, Actor, HeldPost
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.text import Text
from linli.people import queries as people
from linli.responsibility.models import Squad, SquadClaim, SquadUnit
from linli.responsibility.queries.findings import kind_name
from linli.responsibility.queries.posts import NONE, post_choices, post_label, post_name
from linli.responsibility.queries.scope import managed_units, readable_units
from linli.territory import queries as territory


@dataclass(frozen=True, slots=True)
class SquadRow:
    """A squad as pages show it. `posts` are all pooled posts, `leaders` the leader and the deputies in order.

    `open` counts what waits to be claimed now, `claimed` and `done` what it has claimed since it was formed and
    what of that is handled.
    """

    id: UUID
    name: str
    version: int
    formed_at: datetime
    units: tuple[UUID, ...]
    unit_names: tuple[Text, ...]
    leaders: tuple[UUID, ...]
    leader_names: tuple[Text, ...]
    posts: frozenset[UUID]
    open: int = 0
    claimed: int = 0
    done: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """What waits to be claimed: no text and no address before it is somebody's, only what and in which grid."""

    case_id: UUID
    number: str
    kind: Text
    unit: Text
    post: Text
    due: datetime | None
    mine: bool


def squad_book() -> dict[str, Any]:
    """The numbers of squads in the rulebook."""
    return dict(rulebook.table("responsibility")["squads"])


def pooled_roles() -> frozenset[str]:
    """The roles whose posts a squad pools."""
    return frozenset(squad_book()["roles"])


def may_join(actor: Actor) -> bool:
    """Whether the actor holds a post of the sort that squads pool."""
    roles = pooled_roles()
    return any(post.role in roles for post in actor.posts)


def squads_of(actor: Actor, at: datetime) -> list[SquadRow]:
    """The squads to which a post of the actor belongs, with their counts."""
    tree, roles = territory.snapshot(), pooled_roles()
    held = [post for post in actor.posts if post.role in roles]
    above = {unit for post in held for unit in tree.ancestors(post.unit_id)}
    inside = Q(units__unit_id__in=above, units__left_at=None) | Q(posts__post_id__in=[p.id for p in held])
    return _rows(Squad.objects.filter(inside).distinct(), at)


def squads_for(actor: Actor, at: datetime) -> list[SquadRow]:
    """The squads of which some unit is the actor's to read, with their counts."""
    units = SquadUnit.objects.filter(left_at=None, unit_id__in=readable_units(actor))
    return _rows(Squad.objects.filter(pk__in=units.values("squad_id")), at)


def squad_for(actor: Actor, squad_id: UUID, at: datetime) -> SquadRow:
    """An open squad whose units are all the actor's to manage; otherwise it is not found."""
    found = _rows(Squad.objects.filter(pk=squad_id), at)
    if not found or not set(found[0].units) <= managed_units(actor):
        raise Problem(NOT_FOUND)
    return found[0]


def tasks(squad: SquadRow, actor: Actor) -> list[Task]:
    """What the squad's members may claim, the most urgent first, at most as many as the rulebook lists."""
    waiting = _waiting(squad.posts).order_by(F("next_due_at").asc(nulls_last=True), "id")
    own = {post.id for post in actor.posts}
    return [
        Task(
            case.id, number_of(case.serial, case.reported_at), kind_name(case.kind),
            cases.unit_name(case.unit_id) or NONE,
            post_name(case.post_id), case.next_due_at, case.post_id in own,
        )
        for case in waiting[: squad_book()["listed"]]
    ]  # fmt: skip


def own_post(squad: SquadRow, actor: Actor, unit_id: UUID | None) -> HeldPost | None:
    """The actor's post in the squad through which they claim: the one that answers for the unit, else the first."""
    roles, above = pooled_roles(), set(territory.snapshot().ancestors(unit_id) if unit_id else ())
    held = [post for post in actor.posts if post.id in squad.posts and post.role in roles]
    return next((post for post in held if post.unit_id in above), held[0] if held else None)


def concerns(squad: SquadRow, case: Case) -> bool:
    """Whether the case was dispatched to the squad's posts or lies in its units."""
    above = set(territory.snapshot().ancestors(case.unit_id)) if case.unit_id else set()
    return case.post_id in squad.posts or bool(above & set(squad.units))


def unit_choices(actor: Actor, keep: Iterable[UUID] = ()) -> list[tuple[UUID, Text]]:
    """The open units that the actor may put into a squad: of the rulebook's rank, in no other squad."""
    rank, mine, kept = squad_book()["unit_rank"], managed_units(actor), set(keep)
    taken = set(SquadUnit.objects.filter(left_at=None).values_list("unit_id", flat=True)) - kept
    return [
        (unit.id, territory.snapshot().path_text(unit.id))
        for unit in territory.snapshot().units
        if unit.rank == rank and unit.open and unit.id in mine and unit.id not in taken
    ]


def leader_choices(actor: Actor, at: datetime) -> list[tuple[UUID, Text]]:
    """The open posts that may lead a squad, each with who holds it."""
    return post_choices(actor, at, pooled_roles())


def _rows(squads: QuerySet[Squad], at: datetime) -> list[SquadRow]:
    """The open ones of these with their counts; a fixed few queries, however many there are."""
    found = list(
        squads.filter(dissolved_at=None).order_by("formed_at", "id").prefetch_related("units", "posts")
    )
    claims = _claims(squad.id for squad in found)
    rows = [_row(squad, at) for squad in found]
    waiting = dict(
        _waiting(post for row in rows for post in row.posts)
        .values_list("post_id")
        .annotate(Count("id"))
        .order_by()
    )
    return [
        replace(row, open=sum(waiting.get(post, 0) for post in row.posts), claimed=counts[0], done=counts[1])
        for row in rows
        for counts in [claims.get(row.id, (0, 0))]
    ]


def _row(squad: Squad, at: datetime) -> SquadRow:
    roles, tree = pooled_roles(), territory.snapshot()
    units = [each.unit_id for each in squad.units.all() if each.left_at is None]
    units.sort(key=lambda unit: row.index if (row := tree.unit(unit)) else 0)
    leaders = tuple(each.post_id for each in sorted(squad.posts.all(), key=lambda post: post.rank))
    pooled = {
        post.id
        for unit in units
        for post in people.posts_below(unit, at)
        if post.role in roles and post.department is None
    }
    return SquadRow(
        squad.id, squad.name, squad.version, squad.formed_at, tuple(units),
        tuple(tree.path_text(unit) for unit in units), leaders,
        tuple(post_label(post, at) for post in leaders), frozenset(pooled | set(leaders)),
    )  # fmt: skip


def _waiting(posts: Iterable[UUID]) -> QuerySet[Case]:
    """Cases at these posts that nobody signed for and nobody ruled on."""
    return cases.visible_to(SYSTEM).filter(state=State.DISPATCHED, ruled=False, post_id__in=set(posts))


def _claims(squads: Iterable[UUID]) -> dict[UUID, tuple[int, int]]:
    handled = Q(case__handled_at__gte=F("at"))
    rows = (
        SquadClaim.objects.filter(squad_id__in=list(squads))
        .values_list("squad_id")
        .annotate(claimed=Count("case", distinct=True), done=Count("case", distinct=True, filter=handled))
        .order_by()
    )
    return {squad: (claimed, done) for squad, claimed, done in rows}
