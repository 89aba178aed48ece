"""Many hands on one matter (协办): helpers are called beside the lead, each with a task and limits of their own.

A part never moves the case; while one is open the case cannot close. `call`, `finish` and `release` count in the
case and raise its version; signing, contacting and arriving do not, so that helpers who report in do not turn
the lead's work in hand into a conflict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from linli.cases import clocks, queries, rules
from linli.cases.actions.step import Step, check_words, demand, fingerprint, keep_photos
from linli.cases.actions.step import finish as write
from linli.cases.events import (
    PartArrived,
    PartContacted,
    PartFinished,
    PartsCalled,
    PartSigned,
    PartsMoved,
    PartsReleased,
)
from linli.cases.models import Assignment, Case
from linli.cases.part_words import (
    ABSENCE_MOST,
    CALLED_ALREADY,
    LEADS_ALREADY,
    PART_NOT_OPEN,
    PART_TIMES,
    PART_UNSIGNED,
    TASK_MOST,
    Helper,
    PartLimits,
)
from linli.cases.words import Phase, State
from linli.kernel import access, journal, rows, worktime
from linli.kernel import clocks as kernel_clocks
from linli.kernel.access import SYSTEM, Actor
from linli.kernel.errors import CONFLICT, INVALID, NOT_ALLOWED, NOT_FOUND, Problem
from linli.kernel.ids import uuid7
from linli.kernel.journal import Fact
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import Responsible

__all__ = [
    "Helper", "PartLimits", "arrive", "call", "contact", "finish", "must_be_callable", "pause", "release", "release_all", "resume",
    "sign",
]  # fmt: skip

REFUSED = {"closed": PART_NOT_OPEN, "unsigned": PART_UNSIGNED}


@dataclass(frozen=True, slots=True)
class _Called:
    """A helper as written down: the part, what they are called, the limits that begin to run."""

    part: Assignment
    name: Text
    started: tuple[clocks.Started, ...]


@transaction.atomic
def call(
    case_id: UUID, *, helpers: Sequence[Helper], by: Actor, at: datetime, caller: UUID | None = None,
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Call these helpers to the case, each to their task; their limits begin to run.

    `caller` is the account that asked for it, when another one (who approved) calls. Afterwards the case counts
    them in `parts` and `open_parts`. Refuses the lead itself (LEADS_ALREADY), whoever has an open part
    (CALLED_ALREADY) and somebody named twice; a retry with the same `id` changes nothing.
    """
    content = {"helpers": [_content(each) for each in helpers], "caller": caller}
    step = _take("call", case_id, by=by, at=at, id=id, kind=PartsCalled.KIND, content=content)
    if step.repeated:
        return step.case
    case = step.case
    access.require(by, step.move.action, queries.subject_of(case))
    _must_stand(step, rules.PartStanding(State(case.state)))
    if version is not None and version != case.version:
        raise Problem(CONFLICT)
    called = [_called(step, each) for each in _checked(case, helpers)]
    Assignment.objects.bulk_create([each.part for each in called])
    found: list[rows.Row] = []
    for each in called:
        for started in each.started:
            found += clocks.start_rows(each.part.id, started, at)
    if found:
        rows.insert(found)
    timed = [(each.part.id, one.name, one.deadline.due) for each in called for one in each.started]
    fact = PartsCalled(
        tuple(each.part.id for each in called),
        tuple(each.name.zh for each in called),
        tuple(each.name.en for each in called),
        tuple(part for part, _, _ in timed),
        tuple(name for _, name, _ in timed),
        tuple(due for _, _, due in timed),
        tuple(each.part.task for each in called),
        caller or by.account_id,
    )
    return write(step, fact, parts=case.parts + len(called), open_parts=case.open_parts + len(called))


@transaction.atomic
def sign(part_id: UUID, *, by: Actor, at: datetime, id: UUID | None = None) -> Assignment:
    """See the call: whoever signs holds the part."""
    step, part = _take_part("sign", part_id, by=by, at=at, id=id, kind=PartSigned.KIND)
    if step.repeated:
        return part
    access.require(by, step.move.action, queries.part_subject(part))
    _must_stand(step, queries.part_standing(part, step.case))
    _note(step, PartSigned(part.id, *_name(part)))
    return _keep(part, at, "part_sign", holder_id=by.account_id)


@transaction.atomic
def contact(part_id: UUID, *, by: Actor, at: datetime, text: str, id: UUID | None = None) -> Assignment:
    """Speak with whoever called, and say what was agreed."""
    step, part = _take_part("contact", part_id, by=by, at=at, id=id, kind=PartContacted.KIND, text=text)
    if step.repeated:
        return part
    access.require(by, step.move.action, queries.part_subject(part))
    _must_stand(step, queries.part_standing(part, step.case))
    demand(text=text)
    _note(step, PartContacted(part.id, *_name(part), text.strip()))
    return _keep(part, at, "part_contact")


@transaction.atomic
def arrive(
    part_id: UUID,
    *,
    by: Actor,
    at: datetime,
    how: str = "",
    metres: int | None = None,
    id: UUID | None = None,
) -> Assignment:
    """Report in on the spot; whoever called may confirm it (`how` is then "hand").

    Being there is also a signature and a contact, if there was none: their limits end as well.
    """
    step, part = _take_part(
        "arrive", part_id, by=by, at=at, id=id, kind=PartArrived.KIND, how=how, metres=metres
    )
    if step.repeated:
        return part
    helps = access.may(by, step.move.action, queries.part_subject(part))
    if not helps and not queries.may_release(by, part, step.case):
        raise Problem(NOT_ALLOWED)
    _must_stand(step, queries.part_standing(part, step.case))
    _note(step, PartArrived(part.id, *_name(part), how if helps else "hand", metres))
    also = [name for name in ("part_sign", "part_contact") if getattr(part, PART_TIMES[name][1]) is None]
    holder = {"holder_id": by.account_id} if helps and part.holder_id is None else {}
    return _keep(part, at, "part_arrive", *also, **holder)


@transaction.atomic
def finish(
    part_id: UUID,
    *,
    by: Actor,
    at: datetime,
    result: str,
    absence: str = "",
    photos: Sequence[UUID] = (),
    id: UUID | None = None,
) -> Assignment:
    """Report the part as done, with what came of it; all its limits end and the case has one open part less.

    `absence` says why nobody came: refused without it (INVALID) when an arrival was asked and nobody did, late or
    not; passed over otherwise. An arrival that was late already and raised stays so in the journal.
    """
    step, part = _take_part(
        "finish", part_id, by=by, at=at, id=id, kind=PartFinished.KIND, result=result, absence=absence,
        photos=list(photos),
    )  # fmt: skip
    if step.repeated:
        return part
    access.require(by, step.move.action, queries.part_subject(part))
    _must_stand(step, queries.part_standing(part, step.case))
    why = _absence(part, result, absence)
    shown = keep_photos(step, photos, Phase.HANDLE)
    _end([part], at, "done", why)
    fact = PartFinished(part.id, *_name(part), result.strip(), shown, why)
    write(step, fact, open_parts=step.case.open_parts - 1)
    return part


@transaction.atomic
def release(part_id: UUID, *, by: Actor, at: datetime, reason: str, id: UUID | None = None) -> Assignment:
    """Need the helper no more, and say why. Only whoever called them, or the centre."""
    step, part = _take_part("release", part_id, by=by, at=at, id=id, kind=PartsReleased.KIND, reason=reason)
    if step.repeated:
        return part
    if not queries.may_release(by, part, step.case):
        raise Problem(NOT_ALLOWED)
    _must_stand(step, queries.part_standing(part, step.case))
    demand(reason=reason)
    zh, en = _name(part)
    _end([part], at, "released")
    write(step, PartsReleased((part.id,), (zh,), (en,), reason.strip()), open_parts=step.case.open_parts - 1)
    return part


def release_all(case_id: UUID, *, by: Actor, at: datetime, reason: str) -> int:
    """Release whoever still helps, because the case ends or goes elsewhere; how many.

    For the moves of the case, inside their transaction and before their own change: the case is locked already,
    and its version stays as it is.
    """
    parts = _open_parts(case_id)
    if not parts:
        return 0
    names = [_name(part) for part in parts]
    _end(parts, at, "released")
    Case.objects.filter(pk=case_id).update(open_parts=0)
    fact = PartsReleased(
        tuple(part.id for part in parts), tuple(zh for zh, _ in names), tuple(en for _, en in names), reason
    )
    journal.record(fact, about=case_id, by=by, at=at)
    return len(parts)


def release_leader(case_id: UUID, department: UUID | None, post: UUID | None, *, at: datetime) -> int:
    """Release the part of whoever is now charged with the case itself; how many parts (none, or one). As
    `release_all`, for moves, which count it in the case."""
    found = [
        part for part in _open_parts(case_id) if (part.department_id, part.post_id) == (department, post)
    ]
    for part in found:
        _end([part], at, "released")
        zh, en = _name(part)
        fact = PartsReleased((part.id,), (zh,), (en,), leads=True)
        journal.record(fact, about=case_id, by=SYSTEM, at=at)
    return len(found)


def pause(case_id: UUID, at: datetime) -> int:
    """Hold the limits of the open parts while the case is suspended; how many parts. As `release_all`, for moves."""
    parts = _open_parts(case_id)
    for part in parts:
        kernel_clocks.pause(part.id, at=at)
    return len(parts)


def resume(case_id: UUID, at: datetime) -> int:
    """Let the limits of the open parts run on: what was left of each is left again; how many parts."""
    parts = _open_parts(case_id)
    moved: list[tuple[UUID, str, datetime]] = []
    for part in parts:
        moved += [(part.id, name, due) for name, due in _resumed(part, at)]
    if moved:
        fact = PartsMoved(
            tuple(part for part, _, _ in moved), tuple(name for _, name, _ in moved), tuple(due for _, _, due in moved)
        )  # fmt: skip
        journal.record(fact, about=case_id, by=SYSTEM, at=at)
    return len(parts)


def _resumed(part: Assignment, at: datetime) -> list[tuple[str, datetime]]:
    """Resume the part's clocks; the name and the new end of each."""
    calendar, share, found = worktime.default_calendar(), queries.limits()["bounds"]["warn_share"], []
    for clock in kernel_clocks.running(part.id):
        if clock.paused_at is None:
            continue
        unit = worktime.Unit(clock.unit)
        due = worktime.resumed(clock.due_at, clock.paused_at, at, unit, calendar).due
        warn = worktime.share_of(at, due, share, unit, calendar) if due > at else None
        if kernel_clocks.resume(part.id, clock.name, due_at=due, warn_at=warn, at=at):
            found.append((clock.name.removeprefix("cases."), due))
    columns = {PART_TIMES[name][0]: due for name, due in found}
    if columns:
        Assignment.objects.filter(pk=part.id).update(**columns)
    return found


def _open_parts(case_id: UUID) -> list[Assignment]:
    found = Assignment.objects.filter(case_id=case_id, part="help", done_at=None)
    return list(found.select_related("department", "post").order_by("id"))


def _take(
    name: str, case_id: UUID, *, by: Actor, at: datetime, id: UUID | None, kind: str, content: dict[str, Any]
) -> Step:
    """Lock the case. NOT_FOUND for whoever may not even see it; `repeated` as for the moves of the case."""
    case = next(iter(Case.objects.select_for_update(of=("self",)).filter(pk=case_id)), None)
    if case is None or not queries.sees_as_staff(by, case):
        raise Problem(NOT_FOUND)
    digest = fingerprint(f"part_{name}", content)
    before = journal.repeated(id, kind=kind, fingerprint=digest, about=case_id) if id else None
    if before is None:
        check_words(content)
    return Step(rules.PART_MOVES[name], case, by, at, id or uuid7(at), digest, before is not None)


def _take_part(
    name: str, part_id: UUID, *, by: Actor, at: datetime, id: UUID | None, kind: str, **content: Any
) -> tuple[Step, Assignment]:
    """Lock the part's case, then read the part as it is under the lock."""
    about = Assignment.objects.filter(pk=part_id, part="help").values_list("case_id", flat=True).first()
    if about is None:
        raise Problem(NOT_FOUND)
    step = _take(name, about, by=by, at=at, id=id, kind=kind, content={"part": part_id, **content})
    return step, Assignment.objects.select_related("department", "post").get(pk=part_id)


def must_be_callable(case: Case) -> None:
    """Refuse unless helpers can be called to the case in its present state: for a whistle that waits for approval."""
    if State(case.state) not in rules.CALLABLE:
        raise Problem(PART_NOT_OPEN, move=rules.PART_MOVES["call"].label)


def _must_stand(step: Step, standing: rules.PartStanding) -> None:
    refused = rules.part_guard(step.move.name, standing)
    if refused:
        raise Problem(REFUSED[refused], move=step.move.label)


def _note(step: Step, fact: Fact) -> None:
    """Record it without touching the case."""
    journal.record(fact, about=step.case.id, by=step.by, at=step.at, id=step.id, fingerprint=step.fingerprint)


def _keep(part: Assignment, at: datetime, *kept: str, **also: Any) -> Assignment:
    """Note the moment at which these limits were kept, and stop their clocks."""
    changes = {PART_TIMES[name][1]: at for name in kept} | also
    if (
        Assignment.objects.filter(pk=part.id, done_at=None, **{PART_TIMES[kept[0]][1]: None}).update(
            **changes
        )
        != 1
    ):
        raise Problem(CONFLICT)
    for column, value in changes.items():
        setattr(part, column, value)
    for name in kept:
        kernel_clocks.stop(part.id, f"cases.{name}", at=at)
    return part


def _absence(part: Assignment, result: str, absence: str) -> str:
    """Why nobody came, if that has to be said; both texts are looked at, so that one refusal names all that lacks."""
    if not rules.must_explain(part.arrive_due, part.arrived_at):
        demand(result=result)
        return ""
    demand(result=result, absence=absence)
    if len(absence.strip()) > ABSENCE_MOST:
        most = Text(f"最多 {ABSENCE_MOST} 字", f"At most {ABSENCE_MOST} characters")
        raise Problem(INVALID, fields={"absence": most})
    return absence.strip()


def _end(parts: Sequence[Assignment], at: datetime, ending: str, absence: str = "") -> None:
    ids = [part.id for part in parts]
    changes = {"done_at": at, "ending": ending, "absence": absence}
    if Assignment.objects.filter(pk__in=ids, done_at=None).update(**changes) != len(ids):
        raise Problem(CONFLICT)
    for part in parts:
        part.done_at, part.ending, part.absence = at, ending, absence
    kernel_clocks.stop_many(ids, at=at)


def _content(helper: Helper) -> list[str]:
    limits = helper.limits
    return [str(each) for each in (
        helper.department, helper.post, helper.task, limits.sign, limits.contact, limits.arrive, limits.handle
    )]  # fmt: skip


def _checked(case: Case, helpers: Sequence[Helper]) -> Sequence[Helper]:
    """The helpers, if each can be called: one taker, with a task, not the lead, not twice, without an open part."""
    if not helpers:
        raise Problem(INVALID, fields={"helpers": Text("请选择协办部门或岗位", "Choose who is to help")})
    taken: set[tuple[UUID | None, UUID | None]] = set(
        Assignment.objects.filter(case_id=case.id, part="help", done_at=None).values_list("department_id", "post_id")
    )  # fmt: skip
    for helper in helpers:
        if (helper.department is None) == (helper.post is None):
            raise Problem(
                INVALID, fields={"helpers": Text("请选择部门或岗位之一", "Name a department or a post")}
            )
        demand(task=helper.task)
        if len(helper.task) > TASK_MOST:
            most = Text(f"最多 {TASK_MOST} 字", f"At most {TASK_MOST} characters")
            raise Problem(INVALID, fields={"task": most})
        key = (helper.department, helper.post)
        if key == (case.department_id, case.post_id):
            raise Problem(LEADS_ALREADY, who=_called_as(*key))
        if key in taken:
            raise Problem(CALLED_ALREADY, who=_called_as(*key))
        taken.add(key)
    return helpers


def _called(step: Step, helper: Helper) -> _Called:
    who = people.named_taker(helper.department, helper.post, step.at)
    given = {"sign": helper.limits.sign, "contact": helper.limits.contact, "arrive": helper.limits.arrive,
             "handle": helper.limits.handle}  # fmt: skip
    started = tuple(clocks.begin(f"part_{name}", limit, step.at) for name, limit in given.items() if limit)
    part = Assignment(
        id=helper.id or uuid7(step.at), case_id=step.case.id, part="help", department_id=who.department_id,
        post_id=who.post_id, assigned_at=step.at, task=helper.task.strip(),
        **{PART_TIMES[one.name][0]: one.deadline.due for one in started},
    )  # fmt: skip
    return _Called(part, people.taker_name(who), started)


def _called_as(department: UUID | None, post: UUID | None) -> Text:
    return people.taker_name(Responsible(department, post, (), None, ()))


def _name(part: Assignment) -> tuple[str, str]:
    return _called_as(part.department_id, part.post_id)
