"""Leaving a case out of rates: asked by the department, decided by another, appealed against once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from linli.cases import queries as cases
from linli.cases.queries import Case
from linli.cases.words import State
from linli.followup import queries
from linli.followup.events import ExclusionAppealed, ExclusionAsked, ExclusionDecided, ExclusionSettled
from linli.followup.models import Exclusion
from linli.followup.queries.exclusions import APPEALED, ASK, DECIDE, WAITS
from linli.followup.words import (
    DECIDED_ALREADY,
    EXCLUDED_ALREADY,
    NO_APPEAL,
    NOT_CLOSED,
    OWN_DECISION,
)
from linli.kernel import access, journal
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_ALLOWED, NOT_FOUND, Problem
from linli.kernel.fields import blind_index
from linli.kernel.text import Text

LONGEST = 1000
SHORTEST = 6


@transaction.atomic
def ask_exclusion(case_id: UUID, *, reason: str, words: str, id: UUID, by: Actor, at: datetime) -> Exclusion:
    """Ask that a closed case be left out of the rates, for a ground of the rulebook and in one's own words.

    Until somebody else grants it, the case counts. The same `id` with the same content asks nothing again.
    """
    digest = blind_index("write", f"{case_id}|{reason}|{words.strip()}")
    earlier = journal.repeated(id, kind=ExclusionAsked.KIND, fingerprint=digest, about=case_id)
    if earlier is not None:
        return Exclusion.objects.get(pk=id)
    case = _case(case_id, by)
    access.require(by, ASK, cases.subject_of(case))
    label = _ground(reason)
    _say(words)
    if case.state not in {State.CLOSED, State.FOLLOWED_UP}:
        raise Problem(NOT_CLOSED)
    made = Exclusion(
        id=id, case_id=case.id, round=case.reopens, reason=reason, asked_by_id=by.account_id, asked_at=at
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        if journal.repeated(id, kind=ExclusionAsked.KIND, fingerprint=digest, about=case_id) is not None:
            return Exclusion.objects.get(pk=id)  # sent twice at the same moment
        raise Problem(EXCLUDED_ALREADY) from None
    fact = ExclusionAsked(made.id, reason, label.zh, label.en, words.strip())
    journal.record(fact, about=case.id, by=by, at=at, id=id, fingerprint=digest)
    return made


@transaction.atomic
def decide_exclusion(exclusion_id: UUID, *, granted: bool, words: str, by: Actor, at: datetime) -> Exclusion:
    """Grant or refuse it, or settle the appeal, whichever is due. Never the asker; an appeal neither by the first
    decider nor by who appealed. A refusal says why."""
    one, case = _locked(exclusion_id, by)
    access.require(by, DECIDE, cases.subject_of(case))
    now = queries.standing(one)
    if now not in {WAITS, APPEALED}:
        raise Problem(DECIDED_ALREADY)
    if not queries.may_decide(by, one, case):
        raise Problem(OWN_DECISION)
    if not granted:
        _say(words)
    _short(words)
    fact: ExclusionDecided | ExclusionSettled
    if now == WAITS:
        changes = {"granted": granted, "decided_by": by.account_id, "decided_at": at}
        fact, due = ExclusionDecided(one.id, granted, words.strip()), {"granted": None}
    else:
        changes = {"appeal_granted": granted, "settled_by": by.account_id, "settled_at": at}
        fact, due = ExclusionSettled(one.id, granted, words.strip()), {"appeal_granted": None}
    # Two who decide at the same moment: the second finds nothing to decide.
    if Exclusion.objects.filter(pk=one.id, **due).update(stands=granted, **changes) != 1:
        raise Problem(DECIDED_ALREADY)
    journal.record(fact, about=case.id, by=by, at=at)
    return Exclusion.objects.get(pk=one.id)


@transaction.atomic
def appeal_exclusion(exclusion_id: UUID, *, words: str, by: Actor, at: datetime) -> Exclusion:
    """Appeal against a decision, once: the department, or one who decides but did not decide this. What was decided
    stands until the appeal is settled."""
    one, case = _locked(exclusion_id, by)
    if one.granted is None or one.appealed_at is not None:
        raise Problem(NO_APPEAL)
    if not queries.may_appeal(by, one, case):
        raise Problem(OWN_DECISION if by.account_id == one.decided_by_id else NOT_ALLOWED)
    _say(words)
    changes = {"appealed_by": by.account_id, "appealed_at": at}
    if Exclusion.objects.filter(pk=one.id, appealed_at=None).update(**changes) != 1:
        raise Problem(NO_APPEAL)
    journal.record(ExclusionAppealed(one.id, words.strip()), about=case.id, by=by, at=at)
    return Exclusion.objects.get(pk=one.id)


def _case(case_id: UUID, by: Actor) -> Case:
    case = Case.objects.filter(pk=case_id).first()
    if case is None or not cases.sees_as_staff(by, case):
        raise Problem(NOT_FOUND)
    return case


def _locked(exclusion_id: UUID, by: Actor) -> tuple[Exclusion, Case]:
    one = Exclusion.objects.select_for_update(of=("self",)).filter(pk=exclusion_id).first()
    if one is None:
        raise Problem(NOT_FOUND)
    return one, _case(one.case_id, by)


def _ground(code: str) -> Text:
    label = queries.asked_grounds().get(code)
    if label is None:
        raise Problem(INVALID, fields={"reason": Text("请选择剔除理由", "Choose a ground")})
    return label


def _say(words: str) -> None:
    if len(words.strip()) < SHORTEST:
        least = Text(f"请至少写 {SHORTEST} 个字", f"Say why, in at least {SHORTEST} characters")
        raise Problem(INVALID, fields={"words": least})
    _short(words)


def _short(words: str) -> None:
    if len(words) > LONGEST:
        raise Problem(INVALID, fields={"words": Text(f"最多 {LONGEST} 字", f"At most {LONGEST} characters")})
