"""The decision that weighs every opinion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from linli.cases import queries as cases
from linli.cases.words import number_of
from linli.consultation import queries, rules
from linli.consultation.actions.asking import release
from linli.consultation.actions.common import (
    acting,
    done_before,
    fingerprint,
    locked,
    reason,
    record,
    signed,
    words,
)
from linli.consultation.events import ConsultationDecided, DecisionWritten, ReasonWritten
from linli.consultation.models import Consultation, Invitation, Opinion, Verdict, Weighed
from linli.consultation.words import (
    CLOSED,
    DECIDE,
    DECIDED_MEANWHILE,
    OWN_OPINION,
    STILL_WAITING,
    Asked,
    Stage,
    Weighing,
)
from linli.kernel import access, journal
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people import queries as people

REFUSED = {"withdrawn": CLOSED, "waiting": STILL_WAITING, "own": OWN_OPINION}
WRONG = {
    "twice": ("weighed", Text("同一条意见只能列一次", "Each opinion stands once")),
    "unknown": ("weighed", Text("列出的意见已有新版或不属于本次征求意见", "An opinion was replaced meanwhile or belongs elsewhere")),
    "unweighed": ("weighed", Text("请逐条说明采纳或未采纳", "Say of each opinion whether it is followed")),
    "reason": ("weighed", Text("未采纳的意见请写明理由", "Say why an opinion is not followed")),
    "small": ("meeting", Text("会议决定的与会人太少", "Too few were at the meeting")),
}  # fmt: skip


@transaction.atomic
def decide(
    consultation_id: UUID, *, by: Actor, at: datetime, text: str, weighed: Sequence[Weighing],
    supersedes: int = 0, meeting: Sequence[UUID] = (), waived: str = "", id: UUID | None = None,
) -> Verdict:  # fmt: skip
    """Decide on the case after what was said: the newest version of each opinion is followed, or not with a reason.

    The duty chief decides, alone or with the `meeting` of named staff. It is final; another decision may supersede
    it, naming it (`supersedes`: its version, 0 for none), and both stay. Whoever has not answered is waited for,
    unless `waived` says why not. Afterwards no more opinions are taken.
    """
    found = locked(consultation_id)
    queries.consultation_for(by, consultation_id, at)
    access.require(by, DECIDE, cases.subject_of(found.case))
    mark = fingerprint(
        "decide", consultation=consultation_id, text=text, supersedes=supersedes, meeting=list(meeting),
        waived=waived, weighed=sorted([str(w.opinion), w.followed, w.reason] for w in weighed),
    )  # fmt: skip
    if id is not None and done_before(id, ConsultationDecided, mark):
        return Verdict.objects.get(pk=id)
    if supersedes != found.decisions:
        raise Problem(DECIDED_MEANWHILE)
    text = words("text", text, "opinion_words")
    present = _meeting(meeting, by, at)
    _allowed(found, by, weighed, present, waived)
    cleaned = [
        Weighing(w.opinion, w.followed, words("weighed", w.reason, "reason_words", needed=False))
        for w in weighed
    ]
    if waived.strip():
        waived = reason("waived", waived)
    return _decide(found, text, cleaned, present, waived.strip(), by, at, id, mark)


def _allowed(
    found: Consultation, by: Actor, weighed: Sequence[Weighing], meeting: list[tuple[UUID, str]], waived: str
) -> None:
    known = rules.Deciding(
        stage=Stage(found.stage),
        authors={each.id: each.author_id for each in queries.current(found.id)},
        waiting=Invitation.objects.filter(consultation_id=found.id, stage=Asked.WAITING).count(),
        decider=by.account_id,
        meeting=frozenset(account for account, _ in meeting),
        meeting_least=queries.bound("meeting_least"),
        reason_least=queries.bound("reason_least"),
    )
    refused = rules.deciding(known, weighed, waived)
    if refused in REFUSED:
        raise Problem(REFUSED[refused])
    if refused:
        name, why = WRONG[refused]
        raise Problem(INVALID, fields={name: why})


def _meeting(meeting: Sequence[UUID], by: Actor, at: datetime) -> list[tuple[UUID, str]]:
    """Who decides together: the duty chief, and the staff who are named."""
    if not meeting:
        return []
    wanted = list(dict.fromkeys([*([by.account_id] if by.account_id else []), *meeting]))
    there = [(each, people.actor_for(each, at)) for each in wanted]
    if any(not actor.posts for _, actor in there):
        why = Text("与会人须是在岗的工作人员", "Those at the meeting hold a post")
        raise Problem(INVALID, fields={"meeting": why})
    return [(each, actor.name) for each, actor in there]


def _decide(
    found: Consultation, text: str, weighed: list[Weighing], meeting: list[tuple[UUID, str]], waived: str,
    by: Actor, at: datetime, id: UUID | None, mark: str,
) -> Verdict:  # fmt: skip
    identity, version = id or uuid7(at), found.decisions + 1
    fact = DecisionWritten(identity, version, text, {str(w.opinion): w.reason for w in weighed}, "")
    opinions = {each.id: each for each in Opinion.objects.filter(pk__in=[w.opinion for w in weighed])}
    lines: list[tuple[str, object]] = [
        ("case", number_of(found.case.serial, found.case.reported_at)), ("case-id", found.case_id),
        ("consultation", found.id), ("decision", identity), ("version", version), ("supersedes", found.decisions),
        ("by", acting(by)), ("by-id", by.account_id), ("meeting", "、".join(name for _, name in meeting) or "-"),
        ("at", at),
    ]  # fmt: skip
    for each in sorted(weighed, key=lambda one: one.opinion):
        word = "followed" if each.followed else "not-followed"
        lines.append((word, f"{each.opinion} {opinions[each.opinion].digest}"))
    salt, note, digest = signed(rules.DECISION, lines, queries.decided_text(fact))
    made = Verdict.objects.create(
        id=identity, consultation=found, version=version, by_id=by.account_id, by_name=by.name or "系统", at=at,
        meeting=[[str(account), name] for account, name in meeting], note=note, digest=digest,
    )  # fmt: skip
    Weighed.objects.bulk_create(
        Weighed(id=uuid7(at), verdict=made, opinion_id=w.opinion, followed=w.followed) for w in weighed
    )
    _close(found, made, weighed, by, at, mark)
    written = DecisionWritten(identity, version, text, fact.reasons, salt)
    journal.record(written, about=found.id, by=by, at=at)
    if waived:
        journal.record(ReasonWritten(found.id, waived), about=found.id, by=by, at=at)
    return made


def _close(
    found: Consultation, made: Verdict, weighed: list[Weighing], by: Actor, at: datetime, mark: str
) -> None:
    followed = sum(1 for each in weighed if each.followed)
    fact = ConsultationDecided(
        found.id, made.id, made.version, followed, len(weighed) - followed,
        tuple(name for _, name in made.meeting), made.digest,
    )  # fmt: skip
    record(fact, about=found.case_id, by=by, at=at, id=made.id, digest=mark)
    Consultation.objects.filter(pk=found.id).update(
        stage=Stage.DECIDED.value, decisions=made.version, ended_at=found.ended_at or at
    )
    release(found, at)
