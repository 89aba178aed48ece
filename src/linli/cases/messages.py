"""What people are told about a case, and who they are. Read by `queries`, sent by the flows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from linli.cases import events, story
from linli.cases.models import Case
from linli.cases.words import Card, number_of, tracking_code
from linli.kernel import clock, worktime
from linli.kernel.errors import Problem
from linli.kernel.journal import Recorded
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import Responsible, Role
from linli.territory import queries as territory

SUPERVISORS = (Role.GRID_LEAD, Role.DUTY_CHIEF)
OF_THE_CHARGED = frozenset({"sign", "contact", "handle", "reply"})
"""Limits of whoever is charged with the matter; the others are those of the centre's desks and of the check."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message: the template, its values, and the one who gets it."""

    template: str
    params: dict[str, object]
    resident_id: UUID | None = None
    account_id: UUID | None = None
    about: UUID | None = None


FOR_FOLLOWERS = (
    events.CaseDispatched, events.RulingMade, events.CaseClosed, events.CaseSettled, events.CaseReopened,
    events.CaseDeclined, events.CaseTransferred,
)  # fmt: skip
"""Of a main case's story those whose cases were merged into it hear this too."""


def track_link(number: str, case_id: UUID) -> str:
    """The address at which its reporter follows a case."""
    return f"{settings.SITE_ADDRESS}/t/{number}/{tracking_code(case_id)}/"


def to_reporter(case: Case, title: Text, line: Recorded) -> Told | None:
    """The reporter's message about this fact; None when nobody left a number."""
    if case.reporter_id is None:
        return None
    number = number_of(case.serial, case.reported_at)
    link = track_link(number, case.id)
    code, more = _said(line)
    if code == "closed-please-rate" and case.id != line.about:
        code = "closed-together"  # what is merged cannot be rated: the answer would belong to the other case
    return Told(
        code,
        {"number": number, "title": title, "link": link, **more},
        resident_id=case.reporter_id,
        about=case.id,
    )


def _said(line: Recorded) -> tuple[str, dict[str, object]]:
    fact = line.fact
    if isinstance(fact, events.CaseDispatched):
        return "dispatched", {"who": Text(fact.to_zh, fact.to_en), "by": _until(fact.due)}
    if isinstance(fact, events.CaseDeclined):
        return "declined", {"reason": story.why_declined(fact)}
    if isinstance(fact, events.CaseClosed):
        return "closed-please-rate", {"result": Text(fact.standard_zh, fact.standard_en)}
    if isinstance(fact, events.CaseSettled):
        return "closed-please-rate", {"result": Text("网格员当场处理完毕", "settled on the spot")}
    if isinstance(fact, events.RulingMade):
        return "dispatched", {"who": Text(fact.to_zh, fact.to_en), "by": _until(fact.due)}
    if isinstance(fact, events.CaseTransferred):
        return "transferred", {"reason": story.why_gone(fact)}
    if isinstance(fact, events.CaseMerged):
        return "merged", {"main": fact.number}
    if isinstance(fact, events.MergeUndone):
        return "unmerged", {"main": fact.number}
    return "reopened", {"who": Text("上一级", "the level above")}


def _until(due: datetime) -> Text:
    by = clock.local(due)
    return Text(f"{by.month}月{by.day}日 {by:%H:%M} 前", f"by {by:%d %b %H:%M}")


def to_staff(case: Case, title: Text, line: Recorded, at: datetime) -> Iterator[Told]:
    """The messages about a new task (to a post's holder), a limit that is near (to those whose limit it is)
    or one that ran out (to those above)."""
    matter: dict[str, object] = {"number": number_of(case.serial, case.reported_at), "title": title}
    fact = line.fact
    if (
        isinstance(fact, events.CaseDispatched | events.RulingMade) and fact.post
    ):  # a department has its desk; a worker is outside
        for account_id in _whose_limit(case, "sign", at):
            yield Told("assigned", {**matter, "by": _until(fact.due)}, account_id=account_id)
    if isinstance(fact, events.SupervisionRaised):
        card = Card(fact.card).label
        for account_id in _whose_limit(case, "handle", at):
            yield Told(
                "supervised", {**matter, "card": card, "by": _until(fact.reply_due)}, account_id=account_id
            )
    if isinstance(fact, events.DeadlineNear):
        left = worktime.spent_words(fact.due, at)
        for account_id in _whose_limit(case, fact.clock, at):
            yield Told("due-soon", {**matter, "left": left}, account_id=account_id)
    if isinstance(fact, events.DeadlineMissed) and fact.raised_to:
        for account_id in supervisors(fact.raised_to, at):
            yield Told("escalated", {**matter, "who": _late_one(case, fact)}, account_id=account_id)


def _whose_limit(case: Case, clock_name: str, at: datetime) -> Iterable[UUID]:
    """Who has to act before this limit ends: the handler, before anybody signed all who could; or the checker."""
    if clock_name == "check" and case.checker_id:
        return (case.checker_id,)
    if clock_name not in OF_THE_CHARGED or not (case.department_id or case.post_id):
        return ()
    if case.handler_id:
        return (case.handler_id,)
    try:
        return people.named_taker(case.department_id, case.post_id, at).holder_ids
    except Problem:  # the post was closed meanwhile
        return ()


def supervisors(unit_id: UUID, at: datetime) -> Iterable[UUID]:
    """Those who supervise at the unit, or at the nearest one above it where anybody does."""
    for here in reversed(territory.snapshot().ancestors(unit_id)):
        found = [holder.account_id for role in SUPERVISORS for holder in people.holders_of(role, here, at)]
        if found:
            return dict.fromkeys(found)
    return ()


def _late_one(case: Case, fact: events.DeadlineMissed) -> Text:
    if fact.clock in OF_THE_CHARGED and (case.department_id or case.post_id):
        return people.taker_name(Responsible(case.department_id, case.post_id, (), None, ()))
    return Text(f"{fact.clock_zh}环节", f"the step “{fact.clock_en}”")
