"""Blowing the whistle: by a template, for named helpers; where the template says so, another has to approve first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from linli.cases import queries as cases
from linli.cases.actions import parts
from linli.cases.actions.parts import Helper, PartLimits
from linli.joint import queries
from linli.joint.actions.common import account_of, before, fingerprint, once, task_of, text
from linli.joint.events import WhistleApproved, WhistleBlown, WhistleRefused
from linli.joint.models import Invitation, Whistle
from linli.joint.queries.whistles import bound
from linli.joint.words import (
    APPROVE,
    DECIDED,
    NO_TEMPLATE,
    OWN_WHISTLE,
    TOO_MANY_HELPERS,
    Asked,
    Stand,
    Template,
)
from linli.kernel import access, journal
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_ALLOWED, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people import queries as people

REASON_MOST, PLACE_MOST = 1000, 200
NOBODY = Text("请选择要召集的单位", "Choose whom to call")


def whistle(
    case_id: UUID, *, template: str, helpers: Sequence[Asked], reason: str, by: Actor, at: datetime, place: str = "",
    id: UUID | None = None, version: int | None = None,
) -> Whistle:  # fmt: skip
    """Blow the whistle on a case. The helpers are called at once, or wait until another than the whistler approves.

    Refuses a template that is none, that does not fit the matter or that none of the actor's posts may blow
    (NOT_STARTED_HERE), and helpers who cannot be called. The same `id` and content again gives the first answer.
    """
    case = cases.case_for(by, case_id)
    asked_for = [(each.department, each.post, each.task) for each in helpers]
    digest = fingerprint(
        "whistle", case=case_id, template=template, helpers=asked_for, reason=reason, place=place
    )

    def work() -> Whistle:
        if earlier := before(id, WhistleBlown.KIND, digest, case_id):
            return Whistle.objects.get(pk=earlier)
        access.require(by, "case.whistle", cases.subject_of(case))
        chosen = queries.template(template)
        if chosen not in queries.templates_for(case):
            raise Problem(NO_TEMPLATE, fields={"template": NO_TEMPLATE.title})
        post = queries.starting_post(by, case, chosen)
        asked = _asked(helpers, at)
        made = Whistle(
            id=id or uuid7(at), case_id=case_id, template=chosen.code, unit_id=post.unit_id, post_id=post.id,
            called_by_id=account_of(by), reason=text("reason", reason, REASON_MOST),
            place=text("place", place, PLACE_MOST, needed=False), asked_at=at,
            stand=Stand.WAITING if chosen.approve else Stand.CALLED, decided_at=None if chosen.approve else at,
        )  # fmt: skip
        invited = [_invitation(made, each, at) for each in asked]
        if chosen.approve:
            parts.must_be_callable(case)
        else:
            parts.call(
                case_id, helpers=[_helper(chosen, one) for one in invited], by=by, at=at, version=version
            )
        made.save(force_insert=True)
        Invitation.objects.bulk_create(invited)
        names = [people.taker_name(people.named_taker(one.department_id, one.post_id, at)) for one in invited]
        fact = WhistleBlown(
            chosen.code, chosen.name.zh, chosen.name.en, tuple(n.zh for n in names), tuple(n.en for n in names),
            made.reason, chosen.approve,
        )  # fmt: skip
        journal.record(fact, about=case_id, by=by, at=at, id=made.id, fingerprint=digest)
        return made

    return once(work)


def approve(whistle_id: UUID, *, by: Actor, at: datetime, id: UUID | None = None) -> Whistle:
    """Approve a whistle that waits: its helpers are called now, and their limits begin. Never one's own."""
    digest = fingerprint("approve", whistle=whistle_id)

    def work() -> Whistle:
        found = queries.whistle_for(by, whistle_id)
        if before(id, WhistleApproved.KIND, digest, found.case_id):
            return found
        access.require(by, APPROVE, cases.subject_of(found.case))
        if by.account_id == found.called_by_id:
            raise Problem(OWN_WHISTLE)
        _decide(found, Stand.CALLED, by, at, "")
        chosen = queries.template(found.template)
        helpers = [_helper(chosen, one) for one in queries.invitations(found)]
        parts.call(found.case_id, helpers=helpers, by=by, at=at, caller=found.called_by_id)
        journal.record(
            WhistleApproved(found.id), about=found.case_id, by=by, at=at, id=id, fingerprint=digest
        )
        return found

    return once(work)


def refuse(whistle_id: UUID, *, reason: str, by: Actor, at: datetime, id: UUID | None = None) -> Whistle:
    """Do not approve it, and say why; or withdraw one's own. Nobody is called."""
    digest = fingerprint("refuse", whistle=whistle_id, reason=reason)

    def work() -> Whistle:
        found = queries.whistle_for(by, whistle_id)
        if before(id, WhistleRefused.KIND, digest, found.case_id):
            return found
        own = by.account_id == found.called_by_id
        if not own and not access.may(by, APPROVE, cases.subject_of(found.case)):
            raise Problem(NOT_ALLOWED)
        said = text("reason", reason, REASON_MOST)
        _decide(found, Stand.REFUSED, by, at, said)
        fact = WhistleRefused(found.id, said)
        journal.record(fact, about=found.case_id, by=by, at=at, id=id, fingerprint=digest)
        return found

    return once(work)


def _decide(found: Whistle, stand: Stand, by: Actor, at: datetime, decision: str) -> None:
    waiting = Whistle.objects.filter(pk=found.id, stand=Stand.WAITING)
    if waiting.update(stand=stand, decided_by_id=by.account_id, decided_at=at, decision=decision) != 1:
        raise Problem(DECIDED)
    found.stand, found.decided_by_id, found.decided_at, found.decision = stand, by.account_id, at, decision


def _asked(helpers: Sequence[Asked], at: datetime) -> Sequence[Asked]:
    """The helpers, if there are any, not too many, each with a task, and each there to be called."""
    if not helpers:
        raise Problem(INVALID, fields={"helpers": NOBODY})
    if len(helpers) > bound("helpers"):
        raise Problem(TOO_MANY_HELPERS, most=bound("helpers"), fields={"helpers": TOO_MANY_HELPERS.hint})
    for each in helpers:
        if (each.department is None) == (each.post is None):
            raise Problem(INVALID, fields={"helpers": NOBODY})
        people.named_taker(each.department, each.post, at)
        task_of(each.department, each.post, each.task)
    return helpers


def _invitation(made: Whistle, asked: Asked, at: datetime) -> Invitation:
    return Invitation(
        id=uuid7(at), whistle=made, department_id=asked.department, post_id=asked.post, task=asked.task.strip(),
        chosen=asked.chosen.value,
    )  # fmt: skip


def _helper(chosen: Template, one: Invitation) -> Helper:
    return Helper(one.department_id, one.post_id, one.task, PartLimits(**chosen.limits), one.id)
