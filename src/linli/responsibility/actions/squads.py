"""Forming, changing and dissolving squads, and claiming a task for one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from linli.cases import queries as cases
from linli.cases.actions import charging, moves
from linli.cases.queries import Case
from linli.cases.words import State
from linli.kernel import journal
from linli.kernel.access import SYSTEM, Actor
from linli.kernel.errors import (
    CONFLICT,
    INVALID,
    NOT_ALLOWED,
    NOT_FOUND,
    NOT_SIGNED_IN,
    RETRY_DIFFERS,
    Problem,
)
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people import queries as people
from linli.responsibility import queries
from linli.responsibility.actions.texts import sound
from linli.responsibility.events import SquadClaimed, SquadDissolved, SquadSet
from linli.responsibility.models import Squad, SquadClaim, SquadPost, SquadUnit
from linli.responsibility.words import DISSOLVED, RULED_FIXED, TAKEN, UNIT_IN_SQUAD
from linli.territory import queries as territory

FEW = Text("至少选择 {n} 个网格", "Choose at least {n} units")
WRONG_UNIT = Text("请选择在用的网格", "Choose open units of the list")
WRONG_POST = Text("请选择列表中的岗位", "Choose a post of the list")
MANY = Text("副队长最多 {n} 名", "At most {n} deputies")
TWICE = Text("队长和副队长须是不同岗位", "Leader and deputies are different posts")
CLAIMED = "网格治理中队领办:{name}"


@transaction.atomic
def set_squad(
    *, name: str, units: Sequence[UUID], leader: UUID, deputies: Sequence[UUID] = (), by: Actor, at: datetime,
    squad_id: UUID | None = None, version: int | None = None, id: UUID | None = None,
) -> Squad:  # fmt: skip
    """The squad (a new one without `squad_id`) has afterwards this name, exactly these units, this leader and
    these deputies. For whoever manages every unit that it has or had. UNIT_IN_SQUAD when a unit is in another;
    CONFLICT when `version` is not the present one. `id` is a new squad's, so that sending twice forms one."""
    wanted, posts = tuple(dict.fromkeys(units)), (leader, *deputies)
    _require_units(by, wanted)
    if squad_id is None and id is not None and (again := Squad.objects.filter(pk=id).first()):
        return _same(again, name, wanted, posts)
    squad = _locked(squad_id, by, version) if squad_id else None
    _check(name, wanted, posts, by, at)
    try:
        with transaction.atomic():
            made = _write(squad, name.strip(), wanted, posts, at, id)
    except IntegrityError:
        raise Problem(UNIT_IN_SQUAD) from None
    fact = SquadSet(name.strip(), wanted, posts, squad is None)
    journal.record(fact, about=made.id, by=by, at=at)
    return made


@transaction.atomic
def dissolve_squad(*, squad_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """The squad is no more; its units may join another. What it claimed stays with whoever signed."""
    squad = _locked(squad_id, by, None)
    sound(reason=(reason, 200))
    Squad.objects.filter(pk=squad.id).update(dissolved_at=at, version=squad.version + 1)
    SquadUnit.objects.filter(squad_id=squad.id, left_at=None).update(left_at=at)
    journal.record(SquadDissolved(reason.strip()), about=squad.id, by=by, at=at)


@transaction.atomic
def claim(*, squad_id: UUID, case_id: UUID, by: Actor, at: datetime, id: UUID | None = None) -> Case:
    """A member takes a task of the squad: it is dispatched to their own post and signed, in one.

    NOT_FOUND when the member is not in the squad or the case is none of its concern, TAKEN when somebody was
    faster or it does not wait to be signed at a post of the squad, RULED_FIXED when it was ruled whose it is.
    The handling limit stays what it was. Sending it again with the same id gives the first answer.
    """
    if by.account_id is None:
        raise Problem(NOT_SIGNED_IN if by.kind == "anonymous" else NOT_ALLOWED)
    squad = next((each for each in queries.squads_of(by, at) if each.id == squad_id), None)
    case = cases.visible_to(SYSTEM).select_for_update(of=("self",)).filter(pk=case_id).first()
    again = SquadClaim.objects.filter(pk=id).first() if id else None
    if again is not None and (again.squad_id, again.case_id) != (squad_id, case_id):
        raise Problem(RETRY_DIFFERS)
    if squad is None or case is None or not queries.concerns(squad, case):
        raise Problem(NOT_FOUND)
    if again is not None and case.handler_id == by.account_id:
        return case
    post = queries.own_post(squad, by, case.unit_id)
    if post is None:
        raise Problem(NOT_ALLOWED)
    if case.ruled:
        raise Problem(RULED_FIXED)
    if case.state != State.DISPATCHED or case.post_id not in squad.posts:
        raise Problem(TAKEN)
    if case.post_id not in {each.id for each in by.posts}:
        charging.dispatch(case_id, by=SYSTEM, at=at, post=post.id, note=CLAIMED.format(name=squad.name))
    signed = moves.sign(case_id, by=by, at=at)
    kept = SquadClaim.objects.create(id=id or uuid7(at), squad_id=squad_id, case_id=case_id, at=at)
    journal.record(SquadClaimed(case_id), about=squad_id, by=by, at=at, post=post, id=kept.id)
    return signed


def _write(
    squad: Squad | None,
    name: str,
    units: Sequence[UUID],
    posts: Sequence[UUID],
    at: datetime,
    id: UUID | None,
) -> Squad:
    if squad is None:
        squad = Squad.objects.create(id=id or uuid7(at), name=name, formed_at=at)
    else:
        squad.name, squad.version = name, squad.version + 1
        Squad.objects.filter(pk=squad.id).update(name=name, version=squad.version)
    now = set(SquadUnit.objects.filter(squad=squad, left_at=None).values_list("unit_id", flat=True))
    SquadUnit.objects.filter(squad=squad, left_at=None).exclude(unit_id__in=units).update(left_at=at)
    SquadUnit.objects.bulk_create(
        SquadUnit(squad=squad, unit_id=unit, joined_at=at) for unit in units if unit not in now
    )
    SquadPost.objects.filter(squad=squad).delete()
    SquadPost.objects.bulk_create(
        SquadPost(squad=squad, post_id=post, rank=rank) for rank, post in enumerate(posts)
    )
    return squad


def _locked(squad_id: UUID, by: Actor, version: int | None) -> Squad:
    """The open squad, all of whose units the actor manages."""
    squad = Squad.objects.select_for_update().filter(pk=squad_id).first()
    if squad is None:
        raise Problem(NOT_FOUND)
    units = SquadUnit.objects.filter(squad=squad).values_list("unit_id", flat=True)
    if squad.dissolved_at is not None:
        _require_units(by, units)
        raise Problem(DISSOLVED)
    _require_units(by, units.filter(left_at=None))
    if version is not None and version != squad.version:
        raise Problem(CONFLICT)
    return squad


def _require_units(by: Actor, units: Iterable[UUID]) -> None:
    if not people.may_manage(by):
        raise Problem(NOT_SIGNED_IN if by.kind == "anonymous" else NOT_ALLOWED)
    tree = territory.snapshot()
    if by.kind != "system" and not {unit for unit in units if tree.unit(unit)} <= queries.managed_units(by):
        raise Problem(NOT_ALLOWED)


def _check(name: str, units: Sequence[UUID], posts: Sequence[UUID], by: Actor, at: datetime) -> None:
    book, tree = queries.squad_book(), territory.snapshot()
    sound(name=(name, 60))
    found = [tree.unit(unit) for unit in units]
    if not all(unit and unit.open and unit.rank == book["unit_rank"] for unit in found):
        raise Problem(INVALID, fields={"units": WRONG_UNIT})
    if len(units) < book["units_least"]:
        raise Problem(INVALID, fields={"units": FEW.fill(n=book["units_least"])})
    if len(posts) - 1 > book["deputies_most"]:
        raise Problem(INVALID, fields={"deputies": MANY.fill(n=book["deputies_most"])})
    if len(set(posts)) < len(posts):
        raise Problem(INVALID, fields={"deputies": TWICE})
    for place, post in enumerate(posts):
        row = people.post_row(post, at)
        if row is None or row.role not in queries.pooled_roles():
            raise Problem(INVALID, fields={"deputies" if place else "leader": WRONG_POST})
        _require_units(by, [row.unit_id])


def _same(squad: Squad, name: str, units: Sequence[UUID], posts: Sequence[UUID]) -> Squad:
    """What sending the same again gives; other content is refused."""
    had = set(SquadUnit.objects.filter(squad=squad, left_at=None).values_list("unit_id", flat=True))
    led = tuple(SquadPost.objects.filter(squad=squad).order_by("rank").values_list("post_id", flat=True))
    if (squad.name, had, led) != (name.strip(), set(units), tuple(posts)):
        raise Problem(RETRY_DIFFERS)
    return squad
