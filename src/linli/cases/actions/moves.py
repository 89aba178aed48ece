"""The moves of the loop, one function each.

Each takes `by` who acts, `at` when, and may be given the client's `id` for this write (a retry is then
harmless) and the `version` of the case that the person looked at (a change meanwhile is then a conflict).
Each gives the case as it is afterwards. Refusals: see `step.take`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from linli.cases import clocks, queries, rules
from linli.cases.actions import parts
from linli.cases.actions.charging import release
from linli.cases.actions.reasons import coded, condition_in, kind_in, reason_of
from linli.cases.actions.step import EVERY, check_words, demand, finish, keep_photos, next_due, take
from linli.cases.events import (
    CaseAccepted,
    CaseClosed,
    CaseDeclined,
    CaseHandedIn,
    CaseRated,
    CaseRegistered,
    CaseReopened,
    CaseSettled,
    CaseSigned,
    CaseVerified,
    CaseVoided,
    CheckPassed,
    CheckTaken,
    ProgressNoted,
    RedoOrdered,
    ReporterAsked,
    ReporterContacted,
    ReporterRevealed,
    VerificationAsked,
)
from linli.cases.messages import SUPERVISORS
from linli.cases.models import Assignment, Case
from linli.cases.words import EVIDENCE_MISSING, OTHERS_JOINED, Answer, Desk, Phase, State
from linli.kernel import access, composed, journal
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, Problem
from linli.kernel.text import Text
from linli.kernel.worktime import Deadline
from linli.people import queries as people
from linli.territory import queries as territory


@transaction.atomic
def ask_verification(
    case_id: UUID, *, by: Actor, at: datetime, id: UUID | None = None, version: int | None = None
) -> Case:
    """Ask the unit's grid worker to go and look before the matter is accepted; its clock starts."""
    step = take("ask_verify", case_id, by=by, at=at, id=id, version=version)
    if step.repeated:
        return step.case
    # The limit to dispatch runs on meanwhile.
    return finish(
        step,
        VerificationAsked(),
        start=[clocks.stage("verify", at, queries.kind_of(step.case))],
        next_due=step.case.next_due_at,
    )


@transaction.atomic
def verify(
    case_id: UUID, *, by: Actor, at: datetime, finding: str, photos: Sequence[UUID] = (),
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Say what was found on the spot; the matter is back with the receiving clerk."""
    step = take("verify", case_id, by=by, at=at, id=id, version=version, finding=finding, photos=list(photos))
    if step.repeated:
        return step.case
    demand(finding=finding)
    kept = keep_photos(step, photos, Phase.VERIFY)
    return finish(
        step,
        CaseVerified(finding.strip(), kept),
        stop=["verify"],
        next_due=next_due(case_id, without="verify"),
    )


@transaction.atomic
def accept(
    case_id: UUID, *, by: Actor, at: datetime, kind: str = "", unit: UUID | None = None,
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Take the matter as the town's, under the kind that it really is and, where the report's place was not
    found in the grid, in the `unit` where it really lies. Who will be responsible follows from both."""
    step = take("accept", case_id, by=by, at=at, id=id, version=version, kind=kind, unit=unit)
    if step.repeated:
        return step.case
    chosen = kind_in(step.case, kind)
    edition = queries.catalogue(None).version if kind else step.case.catalogue
    placed = _placed(unit)
    why = queries.responsible(step.case, chosen, at, unit).why
    return finish(
        step, CaseAccepted(chosen.code, unit or None), next_due=step.case.next_due_at, kind=chosen.code, catalogue=edition,
        why=[[text.zh, text.en] for text in why], **placed,
    )  # fmt: skip


@transaction.atomic
def decline(
    case_id: UUID, *, by: Actor, at: datetime, reason: str, note: str = "",
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Not the town's matter, for a reason of the rulebook; the reporter is told where to turn."""
    step = take("decline", case_id, by=by, at=at, id=id, version=version, reason=reason, note=note)
    if step.repeated:
        return step.case
    label = reason_of("decline", reason)
    return finish(step, CaseDeclined(reason, label.zh, label.en, note.strip()), stop=EVERY, closed_at=at)


@transaction.atomic
def register(
    case_id: UUID,
    *,
    by: Actor,
    at: datetime,
    condition: str = "",
    id: UUID | None = None,
    version: int | None = None,
) -> Case:
    """Register under a condition of the catalogue (the kind's first when none is chosen); it sets the limit."""
    step = take("register", case_id, by=by, at=at, id=id, version=version, condition=condition)
    if step.repeated:
        return step.case
    chosen = condition_in(step.case, condition)
    fact = CaseRegistered(chosen.code, chosen.text.zh, chosen.text.en, str(chosen.limit))
    return finish(step, fact, next_due=step.case.next_due_at, condition=chosen.code, registered_at=at)


@transaction.atomic
def sign(
    case_id: UUID, *, by: Actor, at: datetime, id: UUID | None = None, version: int | None = None
) -> Case:
    """Take the matter in hand: whoever signs is its handler."""
    step = take("sign", case_id, by=by, at=at, id=id, version=version)
    if step.repeated:
        return step.case
    lead = {"case_id": case_id, "part": "lead", "done_at": None}
    composed.change(Assignment, lead, signed_at=at, holder_id=by.account_id)
    return finish(
        step,
        CaseSigned(),
        stop=["sign"],
        next_due=next_due(case_id, without="sign"),
        handler_id=by.account_id,
    )


@transaction.atomic
def note_progress(
    case_id: UUID, *, by: Actor, at: datetime, text: str, photos: Sequence[UUID] = (),
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Say how the work goes; nothing else changes."""
    step = take("note", case_id, by=by, at=at, id=id, version=version, text=text, photos=list(photos))
    if step.repeated:
        return step.case
    demand(text=text)
    return finish(step, ProgressNoted(text.strip(), keep_photos(step, photos, Phase.HANDLE)))


@transaction.atomic
def contact(
    case_id: UUID, *, by: Actor, at: datetime, text: str, id: UUID | None = None, version: int | None = None
) -> Case:
    """Note that the reporter was spoken with before the work is done; the first time (of a round: reopening begins
    another) counts for the response rate, and ends the limit of the first contact."""
    step = take("contact", case_id, by=by, at=at, id=id, version=version, text=text)
    if step.repeated:
        return step.case
    demand(text=text)
    first = step.case.contacted_at is None
    return finish(
        step, ReporterContacted(text.strip()), stop=["contact"], contacted_at=step.case.contacted_at or at,
        next_due_at=next_due(case_id, without="contact") if first else step.case.next_due_at,
    )  # fmt: skip


@transaction.atomic
def hand_in(
    case_id: UUID, *, by: Actor, at: datetime, result: str, photos: Sequence[UUID] = (),
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Report the work as done, with the evidence that the catalogue asks for; the check's clock starts."""
    step = take("hand_in", case_id, by=by, at=at, id=id, version=version, result=result, photos=list(photos))
    if step.repeated:
        return step.case
    demand(result=result)
    _need_evidence(step.case, photos)
    kept = keep_photos(step, photos, Phase.HANDLE)
    return finish(
        step, CaseHandedIn(result.strip(), kept), stop=["handle", "sign", "contact"], start=[clocks.stage("check", at, queries.kind_of(step.case))],
        handled_at=at, handler_id=by.account_id,
    )  # fmt: skip


@transaction.atomic
def settle(
    case_id: UUID, *, by: Actor, at: datetime, result: str, photos: Sequence[UUID] = (),
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Settle a small matter on the spot: closed at once, with its evidence, and the reporter is asked."""
    step = take("settle", case_id, by=by, at=at, id=id, version=version, result=result, photos=list(photos))
    if step.repeated:
        return step.case
    demand(result=result)
    _need_evidence(step.case, photos)
    kept = keep_photos(step, photos, Phase.HANDLE)
    release(case_id, at)
    return finish(
        step, CaseSettled(result.strip(), kept), stop=EVERY, start=_call_back(step.case, at),
        desk=_after_closing(step.case).value, handled_at=at, closed_at=at, settled=True, handler_id=by.account_id,
    )  # fmt: skip


@transaction.atomic
def take_check(
    case_id: UUID, *, by: Actor, at: datetime, id: UUID | None = None, version: int | None = None
) -> Case:
    """Take the check upon oneself; never one's own work."""
    step = take("take_check", case_id, by=by, at=at, id=id, version=version)
    if step.repeated:
        return step.case
    return finish(step, CheckTaken(), next_due=step.case.next_due_at, checker_id=by.account_id)


@transaction.atomic
def pass_check(
    case_id: UUID, *, by: Actor, at: datetime, note: str = "", photos: Sequence[UUID] = (),
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Find the work done. Never by whoever did it."""
    step = take("pass_check", case_id, by=by, at=at, id=id, version=version, note=note, photos=list(photos))
    if step.repeated:
        return step.case
    kept = keep_photos(step, photos, Phase.CHECK)
    return finish(
        step, CheckPassed(note.strip(), kept), stop=["check"], start=[clocks.stage("close", at, queries.kind_of(step.case))],
        checker_id=by.account_id,
    )  # fmt: skip


@transaction.atomic
def order_redo(
    case_id: UUID, *, by: Actor, at: datetime, reason: str, reason_code: str = "", photos: Sequence[UUID] = (),
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Send the work back with what is wanting; the handling deadline stays what it was, and what was late for it
    before is not raised a second time at once.

    `reason_code` is a reason of the rulebook; without one `reason` has to say it. After the rulebook's number of redos the unit above sees the case.
    """
    step = take(
        "redo", case_id, by=by, at=at, id=id, version=version, reason=reason, reason_code=reason_code,
        photos=list(photos),
    )  # fmt: skip
    if step.repeated:
        return step.case
    label = coded("redo", reason_code, reason)
    kept = keep_photos(step, photos, Phase.CHECK)
    limit = condition_in(step.case, step.case.condition).limit
    due = Deadline(step.case.due_at or at, step.case.due_provisional)
    late = due.due <= at and clocks.raised_before(case_id, "handle", due.due)
    redos = step.case.redos + 1
    above = unit_above(step.case, at) if redos >= queries.bound("redo_escalate") else step.case.raised_to_id
    raised = above if above != step.case.raised_to_id else None
    fact = RedoOrdered(reason.strip(), kept, raised, reason_code, label.zh, label.en)
    return finish(
        step, fact, stop=["check", "close"], start=[clocks.Started("handle", limit, due, late)], handled_at=None,
        redos=redos, raised_to_id=above,
    )  # fmt: skip


@transaction.atomic
def close(
    case_id: UUID, *, by: Actor, at: datetime, id: UUID | None = None, version: int | None = None
) -> Case:
    """Close against the closing standard of its condition; the reporter is asked."""
    step = take("close", case_id, by=by, at=at, id=id, version=version)
    if step.repeated:
        return step.case
    standard = condition_in(step.case, step.case.condition).closing
    verdict = rules.verdict(step.case.due_at, step.case.handled_at, State.CLOSED)
    release(case_id, at)
    return finish(
        step, CaseClosed(standard.zh, standard.en, verdict.value), stop=EVERY,
        start=_call_back(step.case, at), desk=_after_closing(step.case).value, closed_at=at,
    )  # fmt: skip


@transaction.atomic
def record_call(
    case_id: UUID, *, by: Actor, at: datetime, text: str, id: UUID | None = None, version: int | None = None
) -> Case:
    """Note a call to the reporter that has not brought an answer yet."""
    step = take("ask", case_id, by=by, at=at, id=id, version=version, text=text)
    if step.repeated:
        return step.case
    demand(text=text)
    return finish(step, ReporterAsked(text.strip()))


@transaction.atomic
def rate(
    case_id: UUID, *, by: Actor, at: datetime, answer: Answer, comment: str = "",
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Keep the reporter's answer; the loop is complete."""
    step = take("rate", case_id, by=by, at=at, id=id, version=version, answer=answer.value, comment=comment)
    if step.repeated:
        return step.case
    return finish(step, CaseRated(answer.value, comment.strip()), stop=["call_back"], answer=answer.value)


@transaction.atomic
def reopen(
    case_id: UUID, *, by: Actor, at: datetime, reason: str, reason_code: str = "",
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Handle it again, seen by the unit above; bounded in number and days by the rulebook.

    `reason_code` is a reason of the rulebook; without one `reason` has to say it. The handling limit starts anew at the next dispatch,
    and so does the limit to contact the reporter: what was said in the round before does not count for this one.
    """
    step = take(
        "reopen", case_id, by=by, at=at, id=id, version=version, reason=reason, reason_code=reason_code
    )
    if step.repeated:
        return step.case
    label = coded("reopen", reason_code, reason)
    above = unit_above(step.case, at)
    name = territory.snapshot().path_text(above).zh if above else ""
    return finish(
        step, CaseReopened(reason.strip(), name, reason_code, label.zh, label.en), stop=EVERY,
        start=[clocks.stage("dispatch", at, queries.kind_of(step.case))], closed_at=None, handled_at=None, due_at=None, due_provisional=False, settled=False, answer="",
        reopens=step.case.reopens + 1, raised_to_id=above, department_id=None, post_id=None, handler_id=None,
        checker_id=None, excused=False, contacted_at=None, condition=condition_in(step.case, step.case.condition).code,
    )  # fmt: skip


@transaction.atomic
def void(
    case_id: UUID, *, by: Actor, at: datetime, reason: str, note: str = "",
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """End a case that was no matter at all, for a reason of the rulebook; it stays on record. Not while others are
    merged into it: OTHERS_JOINED, since what somebody else reported as well must not end with it."""
    step = take("void", case_id, by=by, at=at, id=id, version=version, reason=reason, note=note)
    if step.repeated:
        return step.case
    label = reason_of("void", reason)
    if Case.objects.filter(merged_into_id=case_id).exists():
        raise Problem(OTHERS_JOINED)
    release(case_id, at)
    parts.release_all(case_id, by=by, at=at, reason=label.zh)
    return finish(step, CaseVoided(reason, label.zh, label.en, note.strip()), stop=EVERY, closed_at=at)


@transaction.atomic
def reveal_reporter(case_id: UUID, *, by: Actor, at: datetime, reason: str) -> str:
    """The reporter's telephone number, for a stated reason; the look is on the case's record."""
    case = queries.case_for(by, case_id)
    access.require(by, "case.reporter", queries.subject_of(case))
    demand(reason=reason)
    check_words({"reason": reason})
    if case.reporter_id is None:
        return ""
    journal.record(ReporterRevealed(reason.strip()), about=case.id, by=by, at=at)
    return people.phone_of(case.reporter_id) or ""


def unit_above(case: Case, at: datetime) -> UUID | None:
    """The unit to which the case is raised next: the nearest above the one where it is now at which anybody
    supervises, else simply the next one above; the root at the most."""
    here = case.raised_to_id or case.unit_id
    if here is None:
        return None
    line = territory.snapshot().ancestors(here)
    higher = line[-2::-1] or line[-1:]
    watched = (unit for unit in higher if any(people.holders_of(role, unit, at) for role in SUPERVISORS))
    return next(watched, higher[0])


def _placed(unit: UUID | None) -> dict[str, Any]:
    """The columns of a case that a clerk puts into this unit."""
    if not unit:
        return {}
    found = territory.snapshot().unit(unit)
    if found is None or not found.open:
        raise Problem(INVALID, fields={"unit": Text("没有这个网格", "There is no such unit")})
    return {"unit_id": unit, "located": "given", **queries.ancestors_of(unit)}


def _call_back(case: Case, at: datetime) -> list[clocks.Started]:
    """The limit to ask the reporter; nobody is to be asked when the town found the matter itself."""
    return [clocks.stage("call_back", at, queries.kind_of(case))] if case.reporter_id else []


def _after_closing(case: Case) -> Desk:
    return Desk.CALL_BACK if case.reporter_id else Desk.DONE


def _need_evidence(case: Case, photos: Sequence[UUID]) -> None:
    kind = queries.kind_of(case)
    if kind is not None and kind.evidence in {"after", "before_after"} and not photos:
        raise Problem(EVIDENCE_MISSING, fields={"photos": EVIDENCE_MISSING.title})
