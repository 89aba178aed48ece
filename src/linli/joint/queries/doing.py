"""What somebody may do with a whistle, and its list of problems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from linli.cases import queries as cases
from linli.joint.models import Issue, Whistle
from linli.joint.queries.whistles import may_approve, may_note, own_part, shows_code, whistle_for
from linli.joint.words import NOT_CALLED, Stand
from linli.kernel import access
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_ALLOWED, NOT_FOUND, Problem


def spot_for(actor: Actor, whistle_id: UUID) -> Whistle:
    """The whistle, for those who may show its code and keep its minutes: whoever called, or the centre. NOT_CALLED as
    long as nobody was called by it."""
    found = whistle_for(actor, whistle_id)
    if not shows_code(actor, found):
        raise Problem(NOT_ALLOWED)
    if found.stand != Stand.CALLED:
        raise Problem(NOT_CALLED)
    return found


def steps_of(actor: Actor, whistle: Whistle, parts: Sequence[Any]) -> list[str]:
    """What the actor may do with it now, as programs call it."""
    waits, called = whistle.stand == Stand.WAITING, whistle.stand == Stand.CALLED
    approves = may_approve(actor, whistle)
    shows = called and shows_code(actor, whistle)
    may = {
        "approve": approves,
        "refuse": approves or (waits and actor.account_id == whistle.called_by_id),
        "code": shows,
        "meetings": shows and access.may(actor, "case.whistle", cases.subject_of(whistle.case)),
        "report-in": called and own_part(actor, whistle, parts) is not None,
        "problems": may_note(actor, whistle),
    }
    return [name for name, allowed in may.items() if allowed]


def issues_of(whistle: Whistle) -> list[Issue]:
    """Its list of problems, in the order in which they were raised; one query."""
    found = Issue.objects.filter(whistle_id=whistle.id).select_related("raised_by")
    return list(found.order_by("raised_at", "id"))


def issue_for(actor: Actor, whistle_id: UUID, issue_id: UUID) -> Issue:
    """A problem of this whistle, when the actor sees its case as staff; otherwise it is not found."""
    whistle_for(actor, whistle_id)
    found = Issue.objects.filter(pk=issue_id, whistle_id=whistle_id).select_related("raised_by").first()
    if found is None:
        raise Problem(NOT_FOUND)
    return found
