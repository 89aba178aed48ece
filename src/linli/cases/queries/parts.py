"""Reads of parts: those of a case, one's own, who may do what with one, and how its limits were kept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from linli.cases import part_messages, rules
from linli.cases.events import PartsCalled
from linli.cases.messages import Told
from linli.cases.models import Assignment, Case
from linli.cases.part_words import PART_CLOCKS, PART_TIMES
from linli.cases.queries.core import bound, kind_of, sees_as_staff, subject_of, visible_to
from linli.cases.queries.helping import own_parts
from linli.cases.words import State, Verdict, number_of
from linli.kernel import access
from linli.kernel.access import Actor, Subject
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.journal import Recorded
from linli.kernel.models import FactRow
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import Responsible
from linli.ui.words import TimeState

OWN_AT_MOST = 200
COUNTED_AT_MOST = 20_000
STEPS = {
    "part_sign": Text("签收", "Sign"),
    "part_contact": Text("联系", "Contact"),
    "part_arrive": Text("到场", "Arrive"),
    "part_handle": Text("完成", "Finish"),
}
"""What each limit of a part asks for, in one word."""
_CALLED = Assignment.objects.filter(part="help").select_related("case", "department", "post", "holder")


@dataclass(frozen=True, slots=True)
class Timed:
    """One limit of a part: what it asks for, when it ends, when it was kept, what that makes of it."""

    name: str
    label: Text
    due: datetime | None
    kept_at: datetime | None
    verdict: Verdict | None
    time: str


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part as pages show it. `next_due` is the earliest limit that is not kept yet."""

    id: UUID
    case_id: UUID
    number: str
    kind: Text
    to: Text
    department_id: UUID | None
    post_id: UUID | None
    holder: str
    task: str
    called_at: datetime
    timed: tuple[Timed, ...]
    next_due: datetime | None
    time: str
    ended_at: datetime | None
    ending: str
    suspended: bool
    absence: str = ""

    @property
    def stage(self) -> Text:
        """How far it is."""
        if self.absence:
            return Text("已完成,未到场", "Done, did not come")
        if self.ended_at is not None:
            return Text("已完成", "Done") if self.ending == "done" else Text("已解除", "Released")
        kept = {each.name for each in self.timed if each.kept_at is not None}
        if "part_arrive" in kept:
            return Text("已到场", "On the spot")
        if "part_contact" in kept:
            return Text("已联系", "In contact")
        return Text("已签收", "Signed for") if "part_sign" in kept else Text("待签收", "Not signed for")


def parts_of(case_id: UUID) -> list[Assignment]:
    """Everybody who was called to help with the case, in the order of the calls; one query."""
    return list(_CALLED.filter(case_id=case_id).order_by("assigned_at", "id"))


def parts_of_cases(case_ids: list[UUID]) -> list[Assignment]:
    """Those of many cases, case by case; one query."""
    return list(_CALLED.filter(case_id__in=case_ids).order_by("case_id", "assigned_at", "id"))


def must_explain(part: Assignment) -> bool:
    """Whether finishing this part asks why nobody came."""
    return rules.must_explain(part.arrive_due, part.arrived_at)


def part_for(actor: Actor, part_id: UUID) -> Assignment:
    """The part (with its case), when the actor may see the case as staff; otherwise it is not found."""
    part = _CALLED.filter(pk=part_id).first()
    if part is None or not sees_as_staff(actor, part.case):
        raise Problem(NOT_FOUND)
    return part


def own_open_parts(actor: Actor) -> list[Assignment]:
    """What the actor's departments and posts still have to help with, at most OWN_AT_MOST; one query."""
    return _own(actor, open=True)


def own_ended_parts(actor: Actor, *, most: int = 50) -> list[Assignment]:
    """Where they helped before, the newest first; one query."""
    return _own(actor, open=False)[:most]


def _own(actor: Actor, *, open: bool) -> list[Assignment]:
    mine = own_parts(actor)
    if mine is None:
        return []
    found = _CALLED.filter(mine, done_at__isnull=open)
    return list(found.order_by("due_at", "id") if open else found.order_by("-done_at", "-id"))[:OWN_AT_MOST]


def takes_parts(actor: Actor) -> bool:
    """Whether a post of the actor can be called to help at all."""
    return own_parts(actor) is not None


def part_row(part: Assignment, at: datetime) -> PartRow:
    """The part as pages show it; its case has to be loaded with it."""
    case, suspended = part.case, part.case.state == State.SUSPENDED
    timed = tuple(_timed(name, part, at, suspended) for name in STEPS)
    waiting = [
        each for each in timed if each.due is not None and each.kept_at is None and part.done_at is None
    ]
    first = min(waiting, key=lambda each: (each.due is None, each.due), default=None)
    kind = kind_of(case)
    return PartRow(
        id=part.id, case_id=case.id, number=number_of(case.serial, case.reported_at),
        kind=kind.name if kind else Text(case.source_kind or case.kind, case.source_kind or case.kind),
        to=part_name(part), department_id=part.department_id, post_id=part.post_id,
        holder=part.holder.name if part.holder else "", task=part.task, called_at=part.assigned_at, timed=timed,
        next_due=first.due if first else None, time=first.time if first else "", ended_at=part.done_at,
        ending=part.ending, suspended=suspended, absence=part.absence,
    )  # fmt: skip


def _timed(name: str, part: Assignment, at: datetime, suspended: bool) -> Timed:
    due, kept_at = (getattr(part, column) for column in PART_TIMES[name])
    if name == "part_handle" and part.ending == "released":
        kept_at = None
    expected = name == "part_arrive" and part.ending == "done"
    verdict = rules.kept(due, kept_at, part.done_at, at, expected=expected)
    return Timed(name, STEPS[name], due, kept_at, verdict, _time(verdict, due, at, suspended))


def _time(verdict: Verdict | None, due: datetime | None, at: datetime, suspended: bool) -> str:
    if verdict is None or verdict is Verdict.ABSENT or due is None:
        return ""
    if verdict is not Verdict.OPEN:
        return TimeState.ON_TIME.value if verdict is Verdict.ON_TIME else TimeState.OVERDUE.value
    if suspended:
        return TimeState.PAUSED.value
    return (
        TimeState.DUE_SOON if due - at < timedelta(hours=bound("soon_hours")) else TimeState.ON_TIME
    ).value


def part_name(part: Assignment) -> Text:
    """The helper as people call them."""
    return people.taker_name(Responsible(part.department_id, part.post_id, (), None, ()))


def part_subject(part: Assignment) -> Subject:
    """The part as access sees it: it belongs to the helper, not to the lead."""
    return Subject(
        departments=frozenset({part.department_id} if part.department_id else ()),
        posts=frozenset({part.post_id} if part.post_id else ()),
    )


def part_standing(part: Assignment, case: Case) -> rules.PartStanding:
    """What the guards of a part's steps need to know."""
    return rules.PartStanding(
        state=State(case.state),
        signed=part.signed_at is not None,
        contacted=part.contacted_at is not None,
        arrived=part.arrived_at is not None,
        ended=part.done_at is not None,
    )


def callers_of(case_id: UUID) -> dict[UUID, UUID | None]:
    """Which account called each part of the case; one query."""
    found: dict[UUID, UUID | None] = {}
    for data in FactRow.objects.filter(about=case_id, kind=PartsCalled.KIND).values_list("data", flat=True):
        told: dict[str, Any] = json.loads(data)
        caller = UUID(told["caller"]) if told.get("caller") else None
        found |= dict.fromkeys(map(UUID, told["parts"]), caller)
    return found


def may_release(
    actor: Actor, part: Assignment, case: Case, callers: Mapping[UUID, UUID | None] | None = None
) -> bool:
    """Whether the actor called this helper (and still may call), or sits at the centre."""
    subject = subject_of(case)
    if access.may(actor, "case.dispatch", subject):
        return True
    if actor.account_id is None or not access.may(actor, "case.whistle", subject):
        return False
    known = callers_of(case.id) if callers is None else callers
    return known.get(part.id) == actor.account_id


def part_moves(
    part: Assignment, case: Case, actor: Actor, callers: Mapping[UUID, UUID | None] | None = None
) -> list[rules.Move]:
    """The steps that this actor may make with the part now, in the table's order."""
    standing = part_standing(part, case)
    open_now = [
        m for m in rules.PART_MOVES.values() if m.name != "call" and not rules.part_guard(m.name, standing)
    ]
    if not open_now:
        return []
    helper = access.may(actor, "case.part", part_subject(part))
    caller = may_release(actor, part, case, callers)
    may = {"release": caller, "arrive": helper or caller}
    return [move for move in open_now if may.get(move.name, helper)]


def may_call(actor: Actor, case: Case) -> bool:
    """Whether helpers can be called to the case now, and by this actor."""
    return State(case.state) in rules.CALLABLE and access.may(actor, "case.whistle", subject_of(case))


def part_messages_for(line: Recorded, at: datetime) -> list[Told]:
    """Who is told about a call, a limit of a part that is near or ran out, or a release."""
    case = next(iter(Case.objects.filter(pk=line.about)), None)
    if case is None:
        return []
    kind = kind_of(case)
    title = kind.name if kind else Text(case.kind, case.kind)
    return list(part_messages.to_helpers(case, title, line, at))


@dataclass(frozen=True, slots=True)
class Kept:
    """How one limit was kept by one helper: on time, late, not yet due, and done without coming, with the reason."""

    on_time: int = 0
    late: int = 0
    open: int = 0
    absent: int = 0

    @property
    def share(self) -> int | None:
        """Percent on time of those that are decided; None when none is. Whoever did not come was not in time."""
        decided = self.on_time + self.late + self.absent
        return round(100 * self.on_time / decided) if decided else None


@dataclass(frozen=True, slots=True)
class HelperFigures:
    """One department or post: how many parts, and how each limit was kept."""

    to: Text
    key: str
    parts: int
    kept: dict[str, Kept] = field(default_factory=dict)


def helped_parts(actor: Actor, start: datetime, end: datetime) -> QuerySet[Assignment]:
    """The parts called from `start` until before `end` in cases that the actor sees, newest first.

    Ids follow time, so that the key serves as the index.
    """
    first = UUID(int=max(int(start.timestamp() * 1000), 0) << 80)
    called = _CALLED.filter(pk__gte=first, assigned_at__gte=start, assigned_at__lt=end)
    return called.filter(case__in=visible_to(actor)).order_by("-id")


def helper_figures(parts: Iterable[Assignment], at: datetime) -> list[HelperFigures]:
    """How the limits of these parts were kept, by helper; the most often called first."""
    counted: dict[str, Counter[tuple[str, Verdict]]] = {}
    names: dict[str, tuple[Text, int]] = {}
    for part in parts:
        key = helper_key(part)
        name, number = names.get(key) or (part_name(part), 0)
        names[key] = (name, number + 1)
        tally = counted.setdefault(key, Counter())
        for step in STEPS:
            verdict = part_verdict(part, step, at)
            if verdict is not None:
                tally[step, verdict] += 1
    found = [
        HelperFigures(name, key, number, {step: _kept(counted[key], step) for step in STEPS})
        for key, (name, number) in names.items()
    ]
    return sorted(found, key=lambda one: (-one.parts, one.to.zh))


def part_verdict(part: Assignment, step: str, at: datetime) -> Verdict | None:
    """Whether this limit of the part was kept."""
    return _timed(step, part, at, False).verdict


def helper_key(part: Assignment) -> str:
    """The helper in an address: `d-` or `p-` and the id."""
    return f"d-{part.department_id}" if part.department_id else f"p-{part.post_id}"


def _kept(tally: Counter[tuple[str, Verdict]], step: str) -> Kept:
    return Kept(
        *(tally[step, each] for each in (Verdict.ON_TIME, Verdict.OVERDUE, Verdict.OPEN, Verdict.ABSENT))
    )


__all__ = [
    "PART_CLOCKS", "STEPS", "HelperFigures", "Kept", "PartRow", "Timed", "callers_of", "helped_parts",
    "helper_figures", "helper_key", "may_call", "may_release", "must_explain", "own_ended_parts", "own_open_parts", "part_for",
    "part_messages_for", "part_moves", "part_name", "part_row", "part_standing", "part_subject", "part_verdict",
    "parts_of", "parts_of_cases", "takes_parts",
]  # fmt: skip
