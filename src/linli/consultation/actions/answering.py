"""Opinions are given, declined and looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from linli.cases.words import number_of
from linli.consultation import documents as store
from linli.consultation import queries, rules
from linli.consultation.actions.common import (
    acting,
    done_before,
    fingerprint,
    keep,
    locked,
    marks,
    reason,
    record,
    signed,
    who,
    words,
)
from linli.consultation.events import (
    OpinionDeclined,
    OpinionGiven,
    OpinionRead,
    OpinionWritten,
    ReasonWritten,
)
from linli.consultation.models import Consultation, Document, Invitation, Opinion
from linli.consultation.words import (
    ANSWERED_ALREADY,
    CLOSED,
    DECLINED_ALREADY,
    NOT_ASKED,
    OPINION_CLOCK,
    Asked,
    Ground,
    Level,
    Stage,
    Upload,
)
from linli.kernel import clocks, journal
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_FOUND, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text

REFUSED = {"closed": CLOSED, "over": DECLINED_ALREADY, "answered": ANSWERED_ALREADY}


@transaction.atomic
def answer(
    consultation_id: UUID, *, by: Actor, at: datetime, text: str, level: Level | str,
    documents: Sequence[Upload] = (), id: UUID | None = None,
) -> Opinion:  # fmt: skip
    """Give one's opinion, or a new version of it, signed by the town; the clock to answer stops.

    The earlier version stays readable. From now on the file is seen for the rulebook's days.
    """
    found, mine = _own(consultation_id, by, at)
    mark = fingerprint(
        "answer", consultation=consultation_id, text=text, level=str(level), documents=marks(documents)
    )
    if id is not None and done_before(id, OpinionGiven, mark):
        return Opinion.objects.get(pk=id)
    refused = rules.answering(Stage(found.stage), Asked(mine.stage), mine.sees_until, at)
    if refused:
        raise Problem(REFUSED[refused])
    text, secrecy = words("text", text, "opinion_words"), _level(level)
    store.check(tuple(documents))
    made = _write(found, mine, text, secrecy, documents, by, at, id)
    fact = OpinionGiven(
        found.id, made.id, mine.name_zh, mine.name_en, made.version, secrecy.value, made.digest
    )
    record(fact, about=found.case_id, by=by, at=at, id=made.id, digest=mark)
    Invitation.objects.filter(pk=mine.id).update(
        stage=Asked.ANSWERED.value, answered_at=mine.answered_at or at, versions=made.version,
        sees_until=at + timedelta(days=queries.bound("see_days")),
    )  # fmt: skip
    clocks.stop(mine.id, OPINION_CLOCK, at=at)
    return made


def _write(
    found: Consultation, mine: Invitation, text: str, level: Level, documents: Sequence[Upload], by: Actor,
    at: datetime, id: UUID | None,
) -> Opinion:  # fmt: skip
    identity, version = id or uuid7(at), mine.versions + 1
    lines = [
        ("case", number_of(found.case.serial, found.case.reported_at)), ("case-id", found.case_id),
        ("consultation", found.id), ("asked", mine.id), ("opinion", identity), ("version", version),
        ("level", level.value), ("for", mine.name_zh), ("author", acting(by)), ("author-id", by.account_id),
        ("at", at), ("documents", " ".join(each.rpartition(" ")[2] for each in marks(documents)) or "-"),
    ]  # fmt: skip
    salt, note, digest = signed(rules.OPINION, lines, text)
    made = Opinion.objects.create(
        id=identity, invitation=mine, version=version, level=level.value, author_id=by.account_id, at=at,
        note=note, digest=digest,
    )  # fmt: skip
    keep(documents, found, at, made)
    journal.record(OpinionWritten(made.id, version, text, salt), about=found.id, by=by, at=at)
    return made


@transaction.atomic
def decline(
    consultation_id: UUID, *, by: Actor, at: datetime, ground: Ground | str, reason_given: str,
    id: UUID | None = None,
) -> Invitation:  # fmt: skip
    """Give no opinion: a conflict of interest, or another ground, with the reason. The file closes at once."""
    found, mine = _own(consultation_id, by, at)
    mark = fingerprint("decline", consultation=consultation_id, ground=str(ground), reason=reason_given)
    if id is not None and done_before(id, OpinionDeclined, mark):
        return mine
    refused = rules.declining(Stage(found.stage), Asked(mine.stage))
    if refused:
        raise Problem(REFUSED[refused])
    try:
        chosen = Ground(ground)
    except ValueError:
        why = Text("请选择理由", "Choose a ground")
        raise Problem(INVALID, fields={"ground": why}) from None
    said = reason("reason", reason_given)
    mine.stage, mine.sees_until = Asked.DECLINED.value, at
    Invitation.objects.filter(pk=mine.id).update(stage=mine.stage, sees_until=at)
    clocks.stop(mine.id, OPINION_CLOCK, at=at)
    fact = OpinionDeclined(found.id, mine.name_zh, mine.name_en, chosen.value)
    record(fact, about=found.case_id, by=by, at=at, id=id, digest=mark)
    journal.record(ReasonWritten(mine.id, said), about=found.id, by=by, at=at)
    return mine


def _own(consultation_id: UUID, by: Actor, at: datetime) -> tuple[Consultation, Invitation]:
    """The consultation, locked, with the invitation of whoever acts: their own before their department's.

    To whom it is nothing it is not found; who sees it but was not asked is refused.
    """
    found = locked(consultation_id)
    mine = [each for each in found.invitations.order_by("department_id", "id") if queries.is_asked(each, by)]
    if not mine:
        if not queries.standing(by, found, at).any:
            raise Problem(NOT_FOUND)
        raise Problem(NOT_ASKED)
    return found, next((each for each in mine if each.account_id), mine[0])


def _level(level: Level | str) -> Level:
    try:
        return Level(level)
    except ValueError:
        why = Text("请选择谁可以看", "Choose who may read it")
        raise Problem(INVALID, fields={"level": why}) from None


@transaction.atomic
def read_opinion(opinion_id: UUID, *, by: Actor, at: datetime) -> tuple[Opinion, str, list[Document]]:
    """The words of an opinion with its documents; a look at one that is not open goes on the case's record."""
    found = queries.opinion_for(by, opinion_id, at)
    consultation = found.invitation.consultation
    written = queries.written(consultation.id).opinions.get(found.id)
    _log(found, by, at)
    papers = list(Document.objects.filter(opinion_id=found.id).order_by("at", "id"))
    return found, written.text if written else "", papers


def _log(opinion: Opinion, by: Actor, at: datetime) -> None:
    if not rules.logged(Level(opinion.level)):
        return
    invitation = opinion.invitation
    name = who(invitation)
    fact = OpinionRead(invitation.consultation_id, opinion.id, name.zh, name.en, opinion.version)
    journal.record(fact, about=invitation.consultation.case_id, by=by, at=at)


@transaction.atomic
def take_document(document_id: UUID, *, by: Actor, at: datetime) -> Document:
    """A document to be downloaded; taking one of an opinion that is not open is a look, and goes on record."""
    found = queries.document_for(by, document_id, at)
    if found.opinion_id is not None:
        _log(queries.opinion_for(by, found.opinion_id, at), by, at)
    return found
