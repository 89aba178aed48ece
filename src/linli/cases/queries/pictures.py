"""Who may look at a stored picture."""

from __future__ import annotations

from uuid import UUID

from linli.cases.models import Case, Evidence
from linli.cases.queries.core import subject_of
from linli.cases.queries.helping import helps
from linli.cases.words import Phase
from linli.kernel import access
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.file_models import StoredFile
from linli.kernel.files import session_mark

STAFF_SEES = ("case.view", "case.sign", "case.handle")
REPORTER_SEES = frozenset({Phase.REPORT.value, Phase.HANDLE.value})
"""Pictures of a verification or a check can show other people's doors: they are for staff."""


def file_for(actor: Actor, file_id: UUID, *, session: str = "", tracked: UUID | None = None) -> StoredFile:
    """The picture, when this actor may see it; otherwise it is not found.

    Staff see the pictures of the cases that they see. The reporter, and whoever holds the tracking code of the
    case `tracked` (the caller has checked it), see those of the report and of the handling. A picture that
    is not attached yet is seen by its sender alone: the account, or the browser session of key `session`.
    """
    shown = Evidence.objects.filter(file_id=file_id).select_related("case", "file")
    for item in shown:
        if _may_see(actor, item.case, item.phase, tracked):
            found: StoredFile = item.file
            return found
    waiting = StoredFile.objects.filter(pk=file_id, attached_at=None).first()
    if waiting is not None and _sent_by(waiting, actor, session):
        return waiting
    raise Problem(NOT_FOUND)


def _may_see(actor: Actor, case: Case, phase: str, tracked: UUID | None) -> bool:
    subject = subject_of(case)
    if any(access.may(actor, action, subject) for action in STAFF_SEES) or helps(actor, case):
        return True
    own = tracked == case.id or access.may(actor, "case.track", subject)
    return own and phase in REPORTER_SEES


def _sent_by(file: StoredFile, actor: Actor, session: str) -> bool:
    if file.uploader is not None:
        return file.uploader == actor.account_id
    return bool(session) and file.session == session_mark(session)
