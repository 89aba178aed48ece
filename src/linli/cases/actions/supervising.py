"""Supervision (督办): a card for whoever is charged, and their answer. The main state does not change."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from linli.cases import clocks, queries
from linli.cases.actions.step import demand, finish, lift_open, take
from linli.cases.events import SupervisionAnswered, SupervisionLifted, SupervisionRaised
from linli.cases.models import Case, Supervision
from linli.cases.words import Card
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text


@transaction.atomic
def supervise(
    case_id: UUID, *, by: Actor, at: datetime, card: str, text: str,
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Show a card and ask for an answer; a card that was open before is replaced. The answer's clock starts."""
    step = take("supervise", case_id, by=by, at=at, id=id, version=version, card=card, text=text)
    if step.repeated:
        return step.case
    demand(text=text)
    if card not in list(Card):
        raise Problem(INVALID, fields={"card": Text("请选择黄牌或红牌", "Choose a yellow or a red card")})
    lift_open(case_id, at)
    started = clocks.begin("reply", queries.limit(f"reply_{card}"), at)
    due = started.deadline.due
    Supervision.objects.create(
        id=uuid7(at), case_id=case_id, card=card, raised_by_id=by.account_id, raised_at=at, reply_due=due
    )
    fact = SupervisionRaised(card, text.strip(), due)
    return finish(step, fact, stop=["reply"], start=[started], supervised=card)


@transaction.atomic
def reply(
    case_id: UUID, *, by: Actor, at: datetime, text: str, id: UUID | None = None, version: int | None = None
) -> Case:
    """Answer the card; it stays until whoever supervises lifts it."""
    step = take("reply", case_id, by=by, at=at, id=id, version=version, text=text)
    if step.repeated:
        return step.case
    demand(text=text)
    Supervision.objects.filter(case_id=case_id, lifted_at=None).update(replied_at=at)
    return finish(step, SupervisionAnswered(text.strip()), stop=["reply"])


@transaction.atomic
def lift(
    case_id: UUID,
    *,
    by: Actor,
    at: datetime,
    note: str = "",
    id: UUID | None = None,
    version: int | None = None,
) -> Case:
    """Take the card back."""
    step = take("lift", case_id, by=by, at=at, id=id, version=version, note=note)
    if step.repeated:
        return step.case
    lift_open(case_id, at)
    return finish(step, SupervisionLifted(note.strip()), stop=["reply"], supervised="")
