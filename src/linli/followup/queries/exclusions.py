"""Exclusions: who asked, what was decided, what may be done now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from linli.cases import queries as cases
from linli.cases.queries import Case
from linli.cases.words import State, number_of
from linli.followup.events import ExclusionAppealed, ExclusionAsked, ExclusionDecided, ExclusionSettled
from linli.followup.models import Exclusion
from linli.followup.queries.rates import grounds
from linli.kernel import access, journal, paging
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.journal import Recorded
from linli.kernel.text import Text

ASK, DECIDE = "followup.exclude", "followup.decide"
SHOWN = 100
WAITS, GRANTED, REFUSED, APPEALED = "waits", "granted", "refused", "appealed"
STANDINGS = {
    WAITS: Text("待审定", "Waiting"),
    GRANTED: Text("已剔除", "Left out"),
    REFUSED: Text("不予剔除", "Counts"),
    APPEALED: Text("申诉待复核", "Under appeal"),
}
FACTS = (ExclusionAsked, ExclusionDecided, ExclusionAppealed, ExclusionSettled)


@dataclass(frozen=True, slots=True)
class ExclusionRow:
    """One exclusion as the list shows it."""

    id: UUID
    case: Case
    number: str
    kind: Text
    ground: Text
    standing: str
    label: Text
    asked_at: datetime
    exclusion: Exclusion


def standing(one: Exclusion) -> str:
    """Where it stands: one of the words above."""
    if one.granted is None:
        return WAITS
    if one.appealed_at is not None and one.appeal_granted is None:
        return APPEALED
    return GRANTED if one.stands else REFUSED


def exclusion_of(case: Case) -> Exclusion | None:
    """The exclusion asked for in this round of the case."""
    return Exclusion.objects.filter(case_id=case.id, round=case.reopens).first()


def may_ask(actor: Actor, case: Case) -> bool:
    """Whether the actor may ask that this case be left out now."""
    closed = case.state in {State.CLOSED, State.FOLLOWED_UP}
    return closed and access.may(actor, ASK, cases.subject_of(case)) and exclusion_of(case) is None


def may_decide(actor: Actor, one: Exclusion, case: Case) -> bool:
    """Whether it is this actor's turn to decide: never the asker, and on appeal neither the first decider nor the
    appellant."""
    if not access.may(actor, DECIDE, cases.subject_of(case)):
        return False
    now = standing(one)
    if now == WAITS:
        return actor.account_id != one.asked_by_id
    return now == APPEALED and actor.account_id not in {one.decided_by_id, one.appealed_by_id}


def may_appeal(actor: Actor, one: Exclusion, case: Case) -> bool:
    """Whether the actor may appeal: the department, or one who decides but did not decide this; once."""
    if one.granted is None or one.appealed_at is not None:
        return False
    subject = cases.subject_of(case)
    return access.may(actor, ASK, subject) or (
        access.may(actor, DECIDE, subject) and actor.account_id != one.decided_by_id
    )


def exclusions_for(actor: Actor, chosen: str = "") -> list[ExclusionRow]:
    """The newest exclusions of cases that the actor sees: all, or those that stand as chosen."""
    return exclusions_page(actor, chosen)[0]


def exclusions_page(actor: Actor, chosen: str = "", after: str = "") -> tuple[list[ExclusionRow], str]:
    """A page of them, and the key from which the next begins ("" at the end)."""
    found: QuerySet[Exclusion] = Exclusion.objects.filter(case__in=cases.visible_to(actor))
    if chosen == WAITS:
        found = found.filter(granted=None)
    elif chosen == APPEALED:
        found = found.filter(appealed_at__isnull=False, appeal_granted=None)
    elif chosen in {GRANTED, REFUSED}:
        found = found.filter(granted__isnull=False, stands=chosen == GRANTED)
    names = grounds()
    rows, further = paging.page(found.select_related("case"), "asked_at", after, SHOWN)
    return [_row(one, names) for one in rows], further


def exclusion_for(actor: Actor, exclusion_id: UUID) -> ExclusionRow:
    """One of them, when the actor sees its case."""
    one = Exclusion.objects.select_related("case").filter(pk=exclusion_id).first()
    if one is None or not cases.sees_as_staff(actor, one.case):
        raise Problem(NOT_FOUND)
    return _row(one, grounds())


def words_of(one: Exclusion) -> list[Recorded]:
    """What was said about it, oldest first."""
    lines = journal.history(one.case_id)
    return [line for line in lines if isinstance(line.fact, FACTS) and line.fact.exclusion == one.id]


def _row(one: Exclusion, names: dict[str, Text]) -> ExclusionRow:
    case, now = one.case, standing(one)
    kind = cases.kind_of(case)
    name = kind.name if kind else Text(case.source_kind or case.kind, case.source_kind or case.kind)
    ground = names.get(one.reason, Text(one.reason, one.reason))
    number = number_of(case.serial, case.reported_at)
    return ExclusionRow(one.id, case, number, name, ground, now, STANDINGS[now], one.asked_at, one)
