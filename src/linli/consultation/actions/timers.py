"""What happens when a limit to answer is nearly used or runs out, and when a dossier's file has had its day."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from linli.consultation import documents, queries
from linli.consultation.actions.common import tell, until, who
from linli.consultation.events import AnswerMissed, AnswerNear
from linli.consultation.models import Dossier, Invitation
from linli.consultation.words import DOSSIER_CLOCK, OPINION_CLOCK, Asked
from linli.kernel import clocks, journal
from linli.kernel.access import SYSTEM
from linli.kernel.clocks import Clock, Moment


def answer_due(clock: Clock, moment: Moment, at: datetime) -> datetime | None:
    """Remind whoever is asked; when the limit runs out, say so on the case's record and tell who asked.

    An answer is taken after that too: late is better than never, and the record says that it was late.
    """
    found = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("consultation__case")
        .filter(pk=clock.about)
        .first()
    )
    if found is None or found.stage != Asked.WAITING:
        return None
    consultation, name = found.consultation, who(found)
    if moment == "warning":
        near = AnswerNear(consultation.id, name.zh, name.en, clock.due_at)
        journal.record(near, about=consultation.case_id, by=SYSTEM, at=clock.warn_at or at)
        asked = queries.told_when_asked(found, at)
        tell("opinion-due", consultation, asked, at, by=until(clock.due_at))
        return None
    Invitation.objects.filter(pk=found.id).update(missed_at=clock.due_at)
    missed = AnswerMissed(consultation.id, name.zh, name.en, clock.due_at)
    journal.record(missed, about=consultation.case_id, by=SYSTEM, at=at)
    tell("opinion-missed", consultation, queries.told_when_missed(consultation), at, who=name)
    return None


def dossier_due(clock: Clock, moment: Moment, at: datetime) -> datetime | None:
    """Remove the dossier's file; its row and its checksum stay."""
    found = Dossier.objects.filter(pk=clock.about, removed_at=None).first()
    if found is not None:
        Dossier.objects.filter(pk=found.id).update(removed_at=at)
        path = documents.dossier_path(found.sha256)
        transaction.on_commit(lambda: path.unlink(missing_ok=True))
    return None


def listen() -> None:
    """Hear this room's clocks; called once when the program starts."""
    clocks.on(OPINION_CLOCK)(answer_due)
    clocks.on(DOSSIER_CLOCK)(dossier_due)
