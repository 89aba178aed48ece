"""Opinions are asked for, and the asking is withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction

from linli.cases import queries as cases
from linli.cases.words import State
from linli.consultation import documents as store
from linli.consultation import queries
from linli.consultation.actions.common import (
    done_before,
    fingerprint,
    keep,
    locked,
    marks,
    reason,
    record,
    tell,
    until,
    words,
)
from linli.consultation.events import (
    ConsultationAsked,
    ConsultationWithdrawn,
    MoreAsked,
    QuestionAsked,
    ReasonWritten,
)
from linli.consultation.models import Consultation, Invitation
from linli.consultation.words import ASK, CLOSED, DECIDE, OPINION_CLOCK, Asked, Risk, Stage, Upload
from linli.kernel import access, clocks, journal, worktime
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_ALLOWED, NOT_FOUND, RETRY_DIFFERS, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.kernel.worktime import Deadline
from linli.people import queries as people

NEVER = frozenset({State.VOID, State.DECLINED, State.MERGED})
"""States in which a case is nobody's to judge: what is merged is judged at its main case."""


@dataclass(frozen=True, slots=True)
class _Guest:
    """Somebody to be asked: a person or a department."""

    account: UUID | None
    department: UUID | None
    name: Text


@transaction.atomic
def ask(
    case_id: UUID, *, by: Actor, at: datetime, question: str, topic: str, risk: Risk | str,
    accounts: Sequence[UUID] = (), departments: Sequence[UUID] = (), pictures: Sequence[UUID] = (),
    documents: Sequence[Upload] = (), id: UUID | None = None,
) -> Consultation:  # fmt: skip
    """Ask these people and departments; each one's clock starts with the limit of the risk.

    Afterwards each of them sees the case's words with numbers masked, the `pictures` chosen of the case's own,
    and the `documents`. The same `id` with the same content gives the first answer again.
    """
    case = cases.case_for(by, case_id)
    if not cases.sees_as_staff(by, case):
        raise Problem(NOT_FOUND)
    access.require(by, ASK, cases.subject_of(case))
    mark = fingerprint(
        "ask", case=case_id, question=question, topic=topic, risk=str(risk), accounts=list(accounts),
        departments=list(departments), pictures=list(pictures), documents=marks(documents),
    )  # fmt: skip
    if id is not None and done_before(id, ConsultationAsked, mark):
        return Consultation.objects.get(pk=id)
    if State(case.state) in NEVER:
        raise Problem(CLOSED)
    topic, question = (
        words("topic", topic, "topic_words"),
        words("question", question, "question_words"),
    )
    level = _risk(risk)
    guests = _guests(accounts, departments, by, case, at)
    shown = _pictures(case, pictures)
    store.check(tuple(documents))
    return _ask(case, topic, question, level, guests, shown, documents, by, at, id, mark)


def _ask(
    case: cases.Case, topic: str, question: str, risk: Risk, guests: list[_Guest], shown: list[str],
    documents: Sequence[Upload], by: Actor, at: datetime, id: UUID | None, mark: str,
) -> Consultation:  # fmt: skip
    due = worktime.deadline(at, queries.limit(risk), worktime.default_calendar())
    made = Consultation(
        id=id or uuid7(at), case=case, topic=topic, risk=risk.value, asked_by_id=by.account_id, asked_at=at,
        pictures=shown,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        if id is not None and done_before(id, ConsultationAsked, mark):  # sent twice at once
            return Consultation.objects.get(pk=id)
        raise Problem(RETRY_DIFFERS) from None
    fact = ConsultationAsked(
        made.id, risk.value, tuple(g.name.zh for g in guests), tuple(g.name.en for g in guests), due.due,
        keep(documents, made, at), tuple(shown),
    )  # fmt: skip
    record(fact, about=case.id, by=by, at=at, id=made.id, digest=mark)
    journal.record(QuestionAsked(question), about=made.id, by=by, at=at)
    for guest in guests:
        _invite(made, guest, risk, due, at)
    return made


@transaction.atomic
def ask_more(
    consultation_id: UUID, *, by: Actor, at: datetime, accounts: Sequence[UUID] = (), departments: Sequence[UUID] = (),
    id: UUID | None = None,
) -> Consultation:  # fmt: skip
    """Ask these too while it is open, by whoever asked or the duty chief; each one's clock starts now, with the limit
    of the risk, and the clocks of the others stay. Whoever was asked before is refused, as is CLOSED what is over.
    """
    found = locked(consultation_id)
    queries.consultation_for(by, consultation_id, at)
    mark = fingerprint(
        "ask more", consultation=consultation_id, accounts=list(accounts), departments=list(departments)
    )
    if id is not None and done_before(id, MoreAsked, mark):
        return found
    _require_keeper(found, by)
    if found.stage != Stage.OPEN or State(found.case.state) in NEVER:
        raise Problem(CLOSED)
    guests = _newcomers(found, accounts, departments, by, at)
    risk = Risk(found.risk)
    due = worktime.deadline(at, queries.limit(risk), worktime.default_calendar())
    names = tuple(g.name.zh for g in guests), tuple(g.name.en for g in guests)
    record(MoreAsked(found.id, *names, due.due), about=found.case_id, by=by, at=at, id=id, digest=mark)
    for guest in guests:
        _invite(found, guest, risk, due, at)
    return found


def _newcomers(
    consultation: Consultation, accounts: Sequence[UUID], departments: Sequence[UUID], by: Actor, at: datetime
) -> list[_Guest]:
    """Who is asked beside those who were; none of them twice, nor more in all than the rulebook allows."""
    there = list(Invitation.objects.filter(consultation_id=consultation.id))
    if {each.account_id for each in there} & set(accounts) or {e.department_id for e in there} & set(
        departments
    ):
        raise _whom(Text("已经征求过这一方的意见", "One of them is asked already"))
    if consultation.asked_by_id in set(accounts):
        raise _whom(Text("不能征求发起人自己的意见", "Whoever asks is not asked"))
    guests, most = _guests(accounts, departments, by, consultation.case, at), queries.bound("asked")
    if len(there) + len(guests) > most:
        raise _whom(Text(f"最多征求 {most} 方的意见", f"At most {most} can be asked"))
    return guests


def _invite(consultation: Consultation, guest: _Guest, risk: Risk, deadline: Deadline, at: datetime) -> None:
    invited = Invitation.objects.create(
        id=uuid7(at), consultation=consultation, account_id=guest.account, department_id=guest.department,
        name_zh=guest.name.zh, name_en=guest.name.en, due_at=deadline.due,
    )  # fmt: skip
    limit = queries.limit(risk)
    warn = worktime.share_of(
        at, deadline.due, queries.bound("warn_share"), limit.unit, worktime.default_calendar()
    )
    clocks.start(
        about=invited.id, name=OPINION_CLOCK, started_at=at, due_at=deadline.due,
        warn_at=warn if warn > at else None, amount=Decimal(str(limit.amount)), unit=limit.unit.value,
        provisional=deadline.provisional,
    )  # fmt: skip
    tell("opinion-asked", consultation, queries.told_when_asked(invited, at), at, by=until(deadline.due))


def _risk(risk: Risk | str) -> Risk:
    try:
        return Risk(risk)
    except ValueError:
        why = Text("请选择风险等级", "Choose a risk level")
        raise Problem(INVALID, fields={"risk": why}) from None


def _guests(
    accounts: Sequence[UUID], departments: Sequence[UUID], by: Actor, case: cases.Case, at: datetime
) -> list[_Guest]:
    """Who is asked, each once. Nobody is asked on their own asking, or on their own report."""
    people_asked, offices = list(dict.fromkeys(accounts)), list(dict.fromkeys(departments))
    most = queries.bound("asked")
    if not people_asked and not offices:
        raise _whom(Text("请选择征求谁的意见", "Choose whom to ask"))
    if len(people_asked) + len(offices) > most:
        raise _whom(Text(f"最多征求 {most} 方的意见", f"At most {most} can be asked"))
    found = [_person(each, by, case, at) for each in people_asked]
    known = {each.id: each.name for each in queries.departments(case, at)}
    for each in offices:
        if each not in known:
            raise _whom(Text("没有这个部门", "There is no such department"))
        found.append(_Guest(None, each, known[each]))
    return found


def _person(account_id: UUID, by: Actor, case: cases.Case, at: datetime) -> _Guest:
    actor = people.actor_for(account_id, at)
    if not queries.may_be_asked(account_id, at):
        raise _whom(
            Text("只能征求专家、法律顾问、网格长和承办人的意见", "Only experts, legal advisers, grid leads and handlers can be asked")
        )  # fmt: skip
    if account_id == by.account_id:
        raise _whom(Text("不能征求自己的意见", "Nobody asks themselves"))
    if case.reporter_id is not None and actor.resident_id == case.reporter_id:
        raise _whom(Text("不能征求诉求人本人的意见", "The reporter cannot be asked to judge"))
    post = actor.posts[0].title
    return _Guest(account_id, None, Text(f"{post.zh} {actor.name}", f"{actor.name}, {post.en or post.zh}"))


def _whom(why: Text) -> Problem:
    return Problem(INVALID, fields={"whom": why})


def _pictures(case: cases.Case, chosen: Sequence[UUID]) -> list[str]:
    most = queries.bound("pictures")
    wanted = list(dict.fromkeys(str(each) for each in chosen))
    there = {str(item.file_id) for items in cases.evidence(case.id).values() for item in items}
    if len(wanted) > most or not set(wanted) <= there:
        why = Text(f"请从本案照片中选择,最多 {most} 张", f"Choose among the case's photos, {most} at most")
        raise Problem(INVALID, fields={"pictures": why})
    return wanted


@transaction.atomic
def withdraw(
    consultation_id: UUID, *, by: Actor, at: datetime, reason_given: str, id: UUID | None = None
) -> Consultation:
    """Take the asking back, by whoever asked or the duty chief: nobody is waited for, and the file closes."""
    found = locked(consultation_id)
    queries.consultation_for(by, consultation_id, at)
    mark = fingerprint("withdraw", consultation=consultation_id, reason=reason_given)
    if id is not None and done_before(id, ConsultationWithdrawn, mark):
        return found
    _require_keeper(found, by)
    if found.stage != Stage.OPEN:
        raise Problem(CLOSED)
    why = reason("reason", reason_given)
    found.stage, found.ended_at = Stage.WITHDRAWN.value, at
    Consultation.objects.filter(pk=found.id).update(stage=found.stage, ended_at=at)
    release(found, at)
    Invitation.objects.filter(consultation_id=found.id, stage=Asked.ANSWERED).update(sees_until=at)
    record(ConsultationWithdrawn(found.id), about=found.case_id, by=by, at=at, id=id, digest=mark)
    journal.record(ReasonWritten(found.id, why), about=found.id, by=by, at=at)
    return found


def _require_keeper(consultation: Consultation, by: Actor) -> None:
    """Whoever asked, as long as they may ask, or the duty chief."""
    own = consultation.asked_by_id is not None and consultation.asked_by_id == by.account_id
    subject = cases.subject_of(consultation.case)
    if not access.may(by, DECIDE, subject) and not (own and access.may(by, ASK, subject)):
        raise Problem(NOT_ALLOWED)


def release(consultation: Consultation, at: datetime) -> int:
    """Wait for nobody any longer: the clocks of those who have not answered stop; how many they were."""
    waiting = Invitation.objects.filter(consultation_id=consultation.id, stage=Asked.WAITING)
    ids = list(waiting.values_list("id", flat=True))
    clocks.stop_many(ids, OPINION_CLOCK, at=at)
    return waiting.update(stage=Asked.RELEASED.value, sees_until=at)
