"""A case goes up to the district with its whole file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from linli.cases import queries as cases
from linli.cases.actions import moves
from linli.consultation import documents, dossier, queries
from linli.consultation.actions.common import done_before, fingerprint, reason, record, words
from linli.consultation.events import CaseHandedUp, DossierTaken, OpinionRead
from linli.consultation.models import Dossier, Opinion
from linli.consultation.words import DOSSIER_CLOCK, DOSSIER_GONE, HAND_UP, NOT_SEALED, Level
from linli.kernel import access, clocks, journal, seal
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_FOUND, RETRY_DIFFERS, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Choice:
    """What goes along: opinions of which levels, and whether personal numbers are shown (`unmasked_reason`: why)."""

    levels: frozenset[Level] = field(default=frozenset({Level.OPEN}))
    unmasked_reason: str = ""


def hand_up(
    case_id: UUID, *, by: Actor, at: datetime, to: str, reason_given: str, choice: Choice | None = None,
    id: UUID | None = None,
) -> Dossier:  # fmt: skip
    """Put the whole file of the case together for `to`, for a reason; its checksum goes on the case's record.

    What has happened is sealed first, so that every fact comes with its proof. The file is kept for the rulebook's
    days (`documents.dossier_path`). Not inside a transaction. NOT_SEALED when another writer is in the middle of
    something; the same `id` with the same content gives the first answer again.
    """
    choice = choice or Choice()
    case = cases.case_for(by, case_id)
    if by.kind != "system" and not cases.sees_as_staff(by, case):
        raise Problem(NOT_FOUND)
    access.require(by, HAND_UP, cases.subject_of(case))
    mark = fingerprint(
        "hand_up", case=case_id, to=to, reason=reason_given, levels=sorted(choice.levels), unmasked=choice.unmasked_reason
    )  # fmt: skip
    if id is not None and done_before(id, CaseHandedUp, mark):
        return Dossier.objects.get(pk=id)
    to, why = words("to", to, "topic_words"), reason("reason", reason_given)
    unmasked = reason("unmasked_reason", choice.unmasked_reason) if choice.unmasked_reason.strip() else ""
    if Level.OPEN not in choice.levels:
        raise Problem(INVALID, fields={"levels": Text("公开意见必须报送", "Open opinions always go along")})
    seal.seal(at)
    built = dossier.build(dossier.Plan(case, to, choice.levels, bool(unmasked), at))
    if built is None:
        raise Problem(NOT_SEALED)
    documents.write(documents.dossier_path(built.sha256), built.data)
    return _record(case, built, to, why, unmasked, by, at, id or uuid7(at), mark)


@transaction.atomic
def _record(
    case: cases.Case, built: dossier.Built, to: str, why: str, unmasked: str, by: Actor, at: datetime, id: UUID,
    mark: str,
) -> Dossier:  # fmt: skip
    until = at + timedelta(days=queries.bound("dossier_days"))
    made = Dossier(
        id=id, case=case, made_by_id=by.account_id, made_at=at, to=to, sha256=built.sha256, size=len(built.data),
        files=built.files, opinions=len(built.opinions), withheld=built.withheld, unmasked=bool(unmasked),
        kept_until=until, checkpoint=built.checkpoint,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        if done_before(id, CaseHandedUp, mark):  # the same request was sent twice at once
            return Dossier.objects.get(pk=id)
        raise Problem(RETRY_DIFFERS) from None
    fact = CaseHandedUp(
        made.id, to, made.sha256, made.size, made.files, made.opinions, made.withheld, made.unmasked, why, unmasked
    )  # fmt: skip
    record(fact, about=case.id, by=by, at=at, id=made.id, digest=mark)
    _looks(built.opinions, case.id, by, at)
    if unmasked:
        moves.reveal_reporter(case.id, by=by, at=at, reason=unmasked)
    clocks.start(about=made.id, name=DOSSIER_CLOCK, started_at=at, due_at=until)
    return made


def _looks(opinions: list[UUID], case_id: UUID, by: Actor, at: datetime) -> None:
    """Whoever takes a confidential opinion along has looked at it."""
    confidential = Opinion.objects.filter(pk__in=opinions).exclude(level=Level.OPEN)
    for each in confidential.select_related("invitation").order_by("at", "id"):
        asked = each.invitation
        look = OpinionRead(asked.consultation_id, each.id, asked.name_zh, asked.name_en, each.version)
        journal.record(look, about=case_id, by=by, at=at)


@transaction.atomic
def take_dossier(dossier_id: UUID, *, by: Actor, at: datetime) -> Dossier:
    """A dossier to be downloaded, which goes on the case's record; DOSSIER_GONE when its file was removed."""
    found = queries.dossier_for(by, dossier_id)
    if found.removed_at is not None or not documents.dossier_path(found.sha256).exists():
        raise Problem(DOSSIER_GONE)
    record(DossierTaken(found.id, found.sha256), about=found.case_id, by=by, at=at)
    return found
