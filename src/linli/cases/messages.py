"""What people are told about a case, and who they are. Read by `queries`, sent by the flows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from linli.cases import events
from linli.cases.models import Case
from linli.cases.words import number_of, tracking_code
from linli.kernel import clock, worktime
from linli.kernel.journal import Recorded
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import Role

SUPERVISORS = (Role.GRID_LEAD, Role.DUTY_CHIEF)


@dataclass(frozen=True, slots=True)
class Told:
    """A message: the template, its values, and the one who gets it."""

    template: str
    params: dict[str, object]
    resident_id: UUID | None = None
    account_id: UUID | None = None


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
    return Told(code, {"number": number, "title": title, "link": link, **more}, resident_id=case.reporter_id)


def _said(line: Recorded) -> tuple[str, dict[str, object]]:
    fact = line.fact
    if isinstance(fact, events.CaseDispatched):
        by = clock.local(fact.due)
        until = Text(f"{by.month}月{by.day}日 {by:%H:%M} 前", f"by {by:%d %b %H:%M}")
        return "dispatched", {"who": Text(fact.to_zh, fact.to_en), "by": until}
    if isinstance(fact, events.CaseDeclined):
        return "declined", {"reason": Text(fact.reason_zh, fact.reason_en)}
    if isinstance(fact, events.CaseClosed):
        return "closed-please-rate", {"result": Text(fact.standard_zh, fact.standard_en)}
    if isinstance(fact, events.CaseSettled):
        return "closed-please-rate", {"result": Text("网格员当场处理完毕", "settled on the spot")}
    return "reopened", {"who": Text("上一级", "the level above")}


def to_staff(case: Case, title: Text, line: Recorded, at: datetime) -> Iterator[Told]:
    """The messages about a limit that is near (to the handler) or ran out (to those above)."""
    number = number_of(case.serial, case.reported_at)
    fact = line.fact
    if isinstance(fact, events.DeadlineNear) and case.handler_id:
        left = worktime.spent_words(fact.due, at)
        yield Told("due-soon", {"number": number, "title": title, "left": left}, account_id=case.handler_id)
    if isinstance(fact, events.DeadlineMissed) and fact.raised_to:
        who = Text(fact.clock_zh, fact.clock_en)
        for role in SUPERVISORS:
            for holder in people.holders_of(role, fact.raised_to, at):
                params: dict[str, object] = {"number": number, "title": title, "who": who}
                yield Told("escalated", params, account_id=holder.account_id)
