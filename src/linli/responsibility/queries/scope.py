"""Whose matrix somebody may see and change: that of the units in which their posts lie, and of all below."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from linli.kernel import access
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_ALLOWED, NOT_SIGNED_IN, Problem
from linli.people import queries as people
from linli.people.words import MANAGE
from linli.territory import queries as territory

READ = "case.view"


def own_tops(actor: Actor, action: str = READ) -> tuple[territory.UnitRow, ...]:
    """The topmost units whose matrix the actor may read (or, with `town.manage`, change); none below another."""
    tree = territory.snapshot()
    if actor.kind == "system":
        return tree.roots()
    reached = {post.unit_id for _, post in access.reach(actor, action)}
    found = [unit for id in reached if (unit := tree.unit(id)) is not None]
    tops = [unit for unit in found if not reached & set(tree.ancestors(unit.id)[:-1])]
    return tuple(sorted(tops, key=lambda unit: unit.index))


def default_unit(actor: Actor) -> territory.UnitRow:
    """Where the matrix opens: the first unit that is the actor's own. Refused when there is none."""
    tops = own_tops(actor)
    if not tops:
        raise Problem(NOT_SIGNED_IN if actor.kind == "anonymous" else NOT_ALLOWED)
    return tops[0]


def may_read(actor: Actor, unit_id: UUID) -> bool:
    """Whether the unit lies in one that is the actor's own."""
    above = set(territory.snapshot().ancestors(unit_id))
    return any(top.id in above for top in own_tops(actor))


def may_edit(actor: Actor, unit_id: UUID | None = None) -> bool:
    """Whether the actor administers the unit; without one, any."""
    return people.may_manage(actor, unit_id)


def managed_units(actor: Actor) -> frozenset[UUID]:
    """Every unit whose rows the actor may write, open or closed."""
    return _below(own_tops(actor, MANAGE))


def readable_units(actor: Actor) -> frozenset[UUID]:
    """Every unit whose rows the actor may read, open or closed."""
    return _below(own_tops(actor))


def _below(tops: Iterable[territory.UnitRow]) -> frozenset[UUID]:
    tree = territory.snapshot()
    return frozenset(unit.id for top in tops for unit in tree.units[top.index : top.end])
