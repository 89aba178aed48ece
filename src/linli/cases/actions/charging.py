"""Who is charged with a matter: dispatching it, returning it, ruling on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from linli.cases import clocks, queries
from linli.cases.actions import parts
from linli.cases.actions.opening import lead_row
from linli.cases.actions.reasons import coded, condition_in, kind_in
from linli.cases.actions.step import Step, demand, finish, lift_open, take
from linli.cases.events import CaseDispatched, CaseReturned, RulingMade, SupervisionLifted
from linli.cases.models import Assignment, Case, Ruling
from linli.cases.words import RULED_ALREADY, WITHDRAWN
from linli.kernel import composed, journal, rows
from linli.kernel.access import SYSTEM, Actor
from linli.kernel.errors import INVALID, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import Duty, Responsible, Standing

NO_TAKER = Text(
    "没有找到在岗的责任人,请指定部门或岗位", "Nobody responsible was found; name a department or post"
)


@transaction.atomic
def dispatch(
    case_id: UUID, *, by: Actor, at: datetime, department: UUID | None = None, post: UUID | None = None,
    note: str = "", id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Charge a department or post with it: the responsible one, unless the dispatcher names another.

    After a ruling (and reopening) that is whoever was ruled to handle it, and no other can be named: RULED_ALREADY.
    The limits to sign for it and, where a reporter can be reached with whom nobody spoke yet in this round, to contact
    them start; the handling limit starts at the first dispatch of a round and is not reset by a later one.
    """
    step = take(
        "dispatch", case_id, by=by, at=at, id=id, version=version, department=department, post=post, note=note
    )
    if step.repeated:
        return step.case
    who = _taker(step, department, post, at)
    charge = _charged(step, who)
    to = people.taker_name(who)
    fact = CaseDispatched(
        to.zh, to.en, who.department_id, who.post_id, charge["due_at"], charge["due_provisional"],
        str(condition_in(step.case, step.case.condition).limit),
        tuple(t.zh for t in who.why), tuple(t.en for t in who.why), note.strip(),
    )  # fmt: skip
    return finish(step, fact, **charge)


@transaction.atomic
def return_case(
    case_id: UUID, *, by: Actor, at: datetime, reason: str, basis: str, reason_code: str = "",
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Say that it is not one's duty: why (at least the rulebook's number of characters) and by which entry of
    the duty list. It is back with the dispatcher; the handling deadline runs on. A card is lifted: nobody is left
    who could answer it."""
    step = take(
        "return", case_id, by=by, at=at, id=id, version=version, reason=reason, basis=basis, reason_code=reason_code
    )  # fmt: skip
    if step.repeated:
        return step.case
    demand(reason=reason, basis=basis)
    least = queries.bound("return_words")
    if len(reason.strip()) < least:
        short = Text(f"请写明理由,至少 {least} 个字", f"Say why in at least {least} characters")
        raise Problem(INVALID, fields={"reason": short})
    label = coded("return", reason_code, reason)
    case = step.case
    name = people.taker_name(Responsible(case.department_id, case.post_id, (), None, ()))
    release(case.id, at)
    if case.supervised:
        lift_open(case.id, at)
        journal.record(SupervisionLifted(returned=True), about=case.id, by=SYSTEM, at=at)
    fact = CaseReturned(
        name.zh, name.en, case.department_id, case.post_id, reason.strip(), basis.strip(), reason_code, label.zh, label.en
    )  # fmt: skip
    return finish(
        step, fact, stop=["sign", "contact", "reply"], start=[clocks.stage("dispatch", at, queries.kind_of(case))], next_due=case.due_at,
        department_id=None, post_id=None, handler_id=None, returns=case.returns + 1, supervised="",
    )  # fmt: skip


@transaction.atomic
def rule_on(
    case_id: UUID, *, by: Actor, at: datetime, reason: str, department: UUID | None = None,
    post: UUID | None = None, id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Rule who answers for it. Nobody may return it afterwards; the ruling is shown as a precedent to whoever
    routes the next matter of this kind nearby. The handling deadline stays what it was."""
    step = take(
        "rule", case_id, by=by, at=at, id=id, version=version, reason=reason, department=department, post=post
    )
    if step.repeated:
        return step.case
    demand(reason=reason)
    who = people.named_taker(department, post, at, roles=queries.signing_roles())
    case = step.case
    ruling = Ruling.objects.create(
        id=uuid7(at), case_id=case.id, kind=case.kind, unit_id=case.unit_id, department_id=who.department_id,
        post_id=who.post_id, reason=reason.strip(), ruled_by_id=by.account_id, at=at,
    )  # fmt: skip
    charge = _charged(step, who)
    to = people.taker_name(who)
    fact = RulingMade(
        ruling.id, to.zh, to.en, who.department_id, who.post_id, reason.strip(), charge["due_at"],
        charge["due_provisional"],
    )  # fmt: skip
    return finish(step, fact, ruled=True, **charge)


def release(case_id: UUID, at: datetime) -> None:
    """End the open assignment of whoever leads."""
    composed.change(Assignment, {"case_id": case_id, "part": "lead", "done_at": None}, done_at=at)


def _charged(step: Step, who: Responsible) -> dict[str, Any]:
    """Charge them, and give what `finish` has to write: the limits that start, and the columns that change. Whoever
    helped with it before leads it now and helps no more.

    WITHDRAWN, with whoever has to take it, for what the duty list takes from towns; a duty in which the town only
    helps names who leads it.
    """
    case, at = step.case, step.at
    duty = people.duty(case.kind, at)
    if duty.standing is Standing.WITHDRAWN:
        raise Problem(WITHDRAWN, who=duty.lead)
    unheard = case.reporter_id is not None and case.contacted_at is None
    started = clocks.of_the_charged(at, queries.kind_of(case), contact=unheard)
    due, provisional = case.due_at, case.due_provisional
    if due is None:
        handling = clocks.begin("handle", condition_in(case, case.condition).limit, at)
        started.append(handling)
        due, provisional = handling.deadline
    release(case.id, at)
    helped = parts.release_leader(case.id, who.department_id, who.post_id, at=at) if case.open_parts else 0
    supervised = _card_of_the_next(step, who)
    rows.insert([lead_row(case.id, who, at)])
    return {
        "stop": ["dispatch", "sign", "contact", *(["reply"] if supervised != case.supervised else [])],
        "start": started,
        "next_due": due,
        "due_at": due,
        "due_provisional": provisional,
        "dispatched_at": at,
        "department_id": who.department_id,
        "post_id": who.post_id,
        "handler_id": None,
        "supervised": supervised,
        "open_parts": case.open_parts - helped,
        "why": [[text.zh, text.en] for text in (*who.why, *_led_by(duty))],
    }


def _card_of_the_next(step: Step, who: Responsible) -> str:
    """The card that whoever is charged now has: a card is for whoever was charged when it was shown, so that it is
    lifted (on record) when another takes the matter over; charged again, they keep it with the limit that it had."""
    case = step.case
    if not case.supervised or (who.department_id, who.post_id) == (case.department_id, case.post_id):
        return case.supervised
    lift_open(case.id, step.at)
    journal.record(SupervisionLifted(moved=True), about=case.id, by=SYSTEM, at=step.at)
    return ""


def _led_by(duty: Duty) -> tuple[Text, ...]:
    if duty.standing is not Standing.COOPERATIVE:
        return ()
    said = Text(
        "配合履职事项,由{lead}主责({source})", "A duty in which the town helps; {lead} leads ({source})"
    )
    return (said.fill(lead=duty.lead, source=duty.source),)


def _ruled(case: Case, at: datetime) -> Responsible | None:
    """Whoever was ruled to handle it last; None when that post was closed since, so that it does not get stuck."""
    last = Ruling.objects.filter(case_id=case.id).order_by("-at", "-id").first()
    try:
        return people.named_taker(last.department_id, last.post_id, at) if last else None
    except Problem:
        return None


def _taker(step: Step, department: UUID | None, post: UUID | None, at: datetime) -> Responsible:
    ruled = _ruled(step.case, at) if step.case.ruled else None
    if ruled is not None and (department, post) not in {(None, None), (ruled.department_id, ruled.post_id)}:
        raise Problem(RULED_ALREADY)
    if ruled is not None:
        return ruled
    if department or post:
        return people.named_taker(department, post, at, roles=queries.signing_roles())
    kind = kind_in(step.case, "")
    who = queries.responsible(step.case, kind, at)
    if who.fallback:
        raise Problem(INVALID, fields={"post": NO_TAKER})
    return who
