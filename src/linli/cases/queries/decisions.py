"""What was asked and decided on a matter beside its moves: requests, precedents, cards, merged cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from linli.cases import rules
from linli.cases.events import WishAsked
from linli.cases.models import Case, Request, Ruling, Supervision
from linli.cases.queries.core import condition_of, seen, visible_to
from linli.cases.words import Card, State, Wish, number_of
from linli.kernel import access, journal
from linli.kernel.access import Actor
from linli.kernel.text import Text
from linli.kernel.worktime import Limit
from linli.people import queries as people
from linli.people.words import Responsible
from linli.territory import queries as territory

DECIDING = {
    "case.decide_wish": (State.HANDLING, State.SUSPENDED),
    "case.decide_appeal": (State.CLOSED, State.FOLLOWED_UP),
}
PRECEDENTS_SHOWN = 3
PRECEDENTS_READ = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits: what is asked, by whom, in which words."""

    wish: Wish
    asked_at: datetime
    asked_by: str
    reason: str
    amount: Limit | None
    until: datetime | None
    voices: int


@dataclass(frozen=True, slots=True)
class Precedent:
    """An earlier ruling on this kind of matter: the case, who was charged, why. `near`: at the same place."""

    case_id: UUID
    number: str
    taker: Text
    department_id: UUID | None
    post_id: UUID | None
    reason: str
    at: datetime
    near: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A card as the case's page shows it."""

    card: Card
    raised_at: datetime
    reply_due: datetime
    replied_at: datetime | None


@dataclass(frozen=True, slots=True)
class Joined:
    """A case that was merged into another, or the one into which it was merged."""

    id: UUID
    number: str
    text: str
    seen: bool


def waiting_requests(case: Case) -> dict[Wish, Waiting]:
    """What waits for a decision on this case; no query when nothing does."""
    if not case.wishes:
        return {}
    condition, found = condition_of(case), {}
    rows = list(Request.objects.filter(case_id=case.id, granted=None).prefetch_related("decisions"))
    words = {
        line.fact.request: (line.fact.reason, line.by_label)
        for line in journal.history(case.id)
        if isinstance(line.fact, WishAsked)
    }
    for row in rows:
        reason, by = words.get(row.id, ("", ""))
        amount = float(row.amount) if row.amount is not None else None
        limit = None
        if amount is not None and condition is not None:
            limit = Limit(int(amount) if amount.is_integer() else amount, condition.limit.unit)
        wish = Wish(row.wish)
        found[wish] = Waiting(wish, row.asked_at, by, reason, limit, row.until, len(row.decisions.all()))
    return found


def to_decide(actor: Actor, *, most: int = 20) -> list[Case]:
    """The cases with a request that the actor may decide, earliest deadline first; whose own request it is does not
    count here, the case's page says so."""
    if not any(True for action in DECIDING for _ in access.reach(actor, action)):
        return []
    wanted = [
        visible_to(actor, action).filter(wishes__gt=0, state__in=states).order_by("next_due_at", "id")[:most]
        for action, states in DECIDING.items()
    ]
    return list({case.id: case for found in wanted for case in found}.values())[:most]


def precedents(case: Case) -> list[Precedent]:
    """The newest rulings on this kind of matter, those in the same village or unit first."""
    rows = list(
        Ruling.objects.filter(kind=case.kind).select_related("case").order_by("-at")[:PRECEDENTS_READ]
    )
    line = set(territory.snapshot().ancestors(case.unit_id)[1:]) if case.unit_id else set()
    found = [_precedent(row, line) for row in rows if row.case_id != case.id]
    found.sort(key=lambda one: not one.near)
    return found[:PRECEDENTS_SHOWN]


def _precedent(row: Ruling, line: set[UUID]) -> Precedent:
    taker = people.taker_name(Responsible(row.department_id, row.post_id, (), None, ()))
    theirs = set(territory.snapshot().ancestors(row.unit_id)[1:]) if row.unit_id else set()
    return Precedent(
        row.case_id, number_of(row.case.serial, row.case.reported_at), taker, row.department_id, row.post_id,
        row.reason, row.at, bool(line & theirs),
    )  # fmt: skip


def card_of(case: Case) -> Shown | None:
    """The open card; no query when there is none."""
    if not case.supervised:
        return None
    row = Supervision.objects.filter(case_id=case.id, lifted_at=None).first()
    return Shown(Card(row.card), row.raised_at, row.reply_due, row.replied_at) if row else None


def main_of(case: Case, actor: Actor) -> Joined | None:
    """The case into which this one was merged."""
    if case.merged_into_id is None:
        return None
    return next(iter(_joined([case.merged_into_id], actor)), None)


def may_go_into(case: Case, main: State) -> bool:
    """Whether the case may be merged into one that stands there."""
    return rules.takes_in(main, State(case.state))


def merged_into(case: Case, actor: Actor) -> list[Joined]:
    """The cases that were merged into this one."""
    ids = list(
        Case.objects.filter(merged_into_id=case.id).order_by("serial").values_list("id", flat=True)[:50]
    )
    return _joined(ids, actor) if ids else []


def _joined(ids: list[UUID], actor: Actor) -> list[Joined]:
    visible = seen(actor, ids)
    return [
        Joined(one.id, number_of(one.serial, one.reported_at), one.text, one.id in visible)
        for one in Case.objects.filter(pk__in=ids).order_by("serial")
    ]
