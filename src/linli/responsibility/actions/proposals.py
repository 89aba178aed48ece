"""Every write of this room: proposals, and putting them in force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from linli.kernel import rulebook
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_ALLOWED, NOT_SIGNED_IN, RETRY_DIFFERS, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people import actions as people
from linli.people.words import MATRIX_STALE, Part, Taker
from linli.responsibility import files
from linli.responsibility.models import Proposal
from linli.responsibility.queries import lines_with, managed_units, may_edit, plan_of, proposal_for
from linli.responsibility.queries.proposals import base_of
from linli.responsibility.rules.sheet import NEEDED
from linli.responsibility.words import APPLIED, BLOCKED, UNREADABLE, About, Finding, Line

NAME_MOST = 120
ONE_CELL = Text("改动一格", "One changed cell")
AT_LINE = Text("第 {line} 行 {field}:{reason}", "line {line}, {field}: {reason}")


@transaction.atomic
def propose_file(
    *, about: About, name: str, data: bytes, by: Actor, at: datetime, id: UUID | None = None
) -> Proposal:
    """Keep a file as a proposal; nothing is in force. What is wrong with single lines is told by its preview;
    a file that is no table, or lacks a column, is refused with UNREADABLE and why. Sending it again with the
    same id gives the first proposal."""
    headings = files.DUTY_HEADINGS if about is About.DUTIES else files.MATRIX_HEADINGS
    needed = ("code", "standing", "source_zh") if about is About.DUTIES else NEEDED
    _require_editor(by)
    lines, findings = files.read(data, headings, needed)
    if findings:
        raise Problem(UNREADABLE, fields={"file": _said(findings[0])})
    return _keep(about, name, lines, by, at, id)


@transaction.atomic
def propose_cell(
    *, kind_prefix: str, unit_id: UUID, part: Part, takers: Sequence[Taker], by: Actor, at: datetime,
    place_id: UUID | None = None, source: str = "", id: UUID | None = None,
) -> Proposal:  # fmt: skip
    """Keep the matrix with this one cell changed as a proposal, to see what it would do."""
    _require_editor(by)
    if unit_id not in managed_units(by):
        raise Problem(NOT_ALLOWED)
    lines = lines_with(by, at, (kind_prefix, unit_id, place_id, part), takers, source)
    return _keep(About.MATRIX, str(ONE_CELL), lines, by, at, id)


@transaction.atomic
def put_in_force(*, proposal_id: UUID, by: Actor, at: datetime) -> int:
    """The matrix or the duty list is afterwards as the proposal says; gives how many lines became other.

    Refused with BLOCKED when a line is wrong, with MATRIX_STALE when what it was made from has changed since,
    with APPLIED when it was put in force before. All or nothing.
    """
    proposal = proposal_for(by, proposal_id)
    if proposal.applied_at is not None:
        raise Problem(APPLIED)
    plan = plan_of(proposal, by, at)
    if plan.blocked:
        raise Problem(BLOCKED)
    if plan.stale:
        raise Problem(MATRIX_STALE)
    if plan.about is About.DUTIES:
        people.publish_duties(rows=plan.rows, source=proposal.name, by=by, at=at)
    else:
        people.replace_matrix(
            rows=plan.rows, units=managed_units(by), base=proposal.base, name=proposal.name, by=by, at=at
        )
    if not Proposal.objects.filter(pk=proposal.pk, applied_at=None).update(applied_at=at):
        raise Problem(APPLIED)
    return plan.total


@transaction.atomic
def renew(*, proposal_id: UUID, by: Actor, at: datetime) -> None:
    """The proposal stands on what is in force now; its preview is to be read again."""
    proposal = proposal_for(by, proposal_id)
    if proposal.applied_at is not None:
        raise Problem(APPLIED)
    Proposal.objects.filter(pk=proposal.pk).update(base=base_of(About(proposal.about), by, at))


@transaction.atomic
def give_up(*, proposal_id: UUID, by: Actor) -> None:
    """The proposal is forgotten; nothing else changes."""
    proposal = proposal_for(by, proposal_id)
    Proposal.objects.filter(pk=proposal.pk, applied_at=None).delete()


def _keep(
    about: About, name: str, lines: Sequence[Line], by: Actor, at: datetime, id: UUID | None
) -> Proposal:
    owner = _require_editor(by)
    content = [[line.number, line.cells] for line in lines]
    again = Proposal.objects.filter(pk=id).first() if id else None
    if again is not None:
        if again.owner_id != owner or again.lines != content:
            raise Problem(RETRY_DIFFERS)
        return again
    days = int(rulebook.table("responsibility")["proposal"]["kept_days"])
    Proposal.objects.filter(
        owner_id=owner, applied_at=None, created_at__lt=at - timedelta(days=days)
    ).delete()
    return Proposal.objects.create(
        id=id or uuid7(at), about=about.value, name=_name(name, about), owner_id=owner, lines=content,
        base=base_of(about, by, at), created_at=at,
    )  # fmt: skip


def _name(name: str, about: About) -> str:
    clean = "".join(sign for sign in name if sign.isprintable()).strip()
    return clean[-NAME_MOST:] or str(about.label)


def _require_editor(by: Actor) -> UUID:
    """The account of somebody who administers some unit."""
    if by.account_id is None or not may_edit(by):
        raise Problem(NOT_SIGNED_IN if by.kind == "anonymous" else NOT_ALLOWED)
    return by.account_id


def _said(finding: Finding) -> Text:
    if not finding.line:
        return finding.reason
    return AT_LINE.fill(line=finding.line, field=finding.field or "—", reason=finding.reason)
