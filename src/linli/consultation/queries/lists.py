"""Which consultations wait for whom, who may be asked, and what a case's page shows of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from linli.cases import queries as cases
from linli.consultation.models import Consultation, Dossier, Invitation
from linli.consultation.queries.core import (
    asked_among,
    dossiers_of,
    visible_to,
    whole,
)
from linli.consultation.queries.shown import Shown, file_of, shown
from linli.consultation.words import ANSWER, ASK, DECIDE, HAND_UP, Asked, Risk, Stage
from linli.kernel import access, paging
from linli.kernel.access import Actor
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import Role
from linli.territory import queries as territory

ADVISERS = (Role.LEGAL_ADVISER, Role.EXPERT, Role.GRID_LEAD)
AT_THE_TABLE = (Role.DUTY_CHIEF, Role.DISPATCHER, Role.RECEIVER, Role.AUDITOR, *ADVISERS)
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A consultation in a list."""

    consultation: Consultation
    number: str
    kind: Text
    risk: Risk
    stage: Stage
    due: datetime | None
    waiting: int
    answered: int


def _one(consultation: Consultation) -> Line:
    file = file_of(consultation)
    invited = list(consultation.invitations.all())
    waiting = [each for each in invited if each.stage == Asked.WAITING]
    return Line(
        consultation=consultation,
        number=file.number,
        kind=file.kind,
        risk=Risk(consultation.risk),
        stage=Stage(consultation.stage),
        due=min((each.due_at for each in waiting), default=None),
        waiting=len(waiting),
        answered=sum(1 for each in invited if each.stage == Asked.ANSWERED),
    )


def waiting_for(actor: Actor, at: datetime) -> QuerySet[Consultation]:
    """The open consultations in which the actor, or their department, has not answered yet."""
    mine = Invitation.objects.filter(asked_among(actor), stage=Asked.WAITING, consultation_id=OuterRef("pk"))
    return visible_to(actor, at).filter(Q(Exists(mine)), stage=Stage.OPEN).order_by("asked_at", "id")


def to_decide(actor: Actor, at: datetime) -> QuerySet[Consultation]:
    """The open consultations on which the actor decides and for which nobody is waited any longer."""
    waiting = Invitation.objects.filter(stage=Asked.WAITING, consultation_id=OuterRef("pk"))
    own = cases.visible_to(actor, DECIDE).values("pk")
    return Consultation.objects.filter(~Exists(waiting), stage=Stage.OPEN, case_id__in=own).order_by(
        "asked_at", "id"
    )


def asked_by(actor: Actor, at: datetime) -> QuerySet[Consultation]:
    """The open consultations that the actor asked for."""
    found = visible_to(actor, at).filter(stage=Stage.OPEN, asked_by_id=actor.account_id)
    return found.order_by("-asked_at", "-id")


def ended(actor: Actor, at: datetime) -> QuerySet[Consultation]:
    """The visible consultations that are over, the newest first."""
    return visible_to(actor, at).exclude(stage=Stage.OPEN).order_by("-ended_at", "-id")


TABS = {"waiting": waiting_for, "decide": to_decide, "asked": asked_by, "ended": ended}
"""The lists of the page, by the name that stands in the address."""
_ORDER = {
    "waiting": ("asked_at", False),
    "decide": ("asked_at", False),
    "asked": ("asked_at", True),
    "ended": ("ended_at", True),
}
"""By which moment each is ordered, and whether the newest come first."""


def lines(tab: str, actor: Actor, at: datetime) -> list[Line]:
    """The first consultations of a list."""
    return page(tab, actor, at)[0]


def page(tab: str, actor: Actor, at: datetime, after: str = "") -> tuple[list[Line], str]:
    """A page of a list, and the key from which the next begins ("" at the end)."""
    by, newest = _ORDER[tab]
    found = TABS[tab](actor, at).select_related("case").prefetch_related("invitations")
    rows, further = paging.page(found, by, after, SHOWN, newest=newest)
    return [_one(each) for each in rows], further


def lines_of(case: cases.Case, actor: Actor, at: datetime) -> list[Line]:
    """The newest consultations on a case, as far as they are anything to the actor; two queries."""
    found = visible_to(actor, at).filter(case_id=case.id).order_by("-asked_at", "-id")
    return [_one(each) for each in found.select_related("case").prefetch_related("invitations")[:SHOWN]]


def counts(actor: Actor, at: datetime) -> dict[str, int]:
    """How many stand in each list, counted up to `SHOWN`."""
    return {name: found(actor, at).order_by()[:SHOWN].count() for name, found in TABS.items()}


def is_concerned(actor: Actor) -> bool:
    """Whether the actor may ask, decide or be asked at all: to whom the list is of use."""
    return any(any(True for _ in access.reach(actor, action)) for action in (ASK, DECIDE, ANSWER))


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody, or a department, who can be asked."""

    id: UUID
    name: Text


def advisers(case: cases.Case, at: datetime, *, without: UUID | None = None) -> list[Candidate]:
    """The legal advisers, experts and grid leads of the units above the case, by role, then by unit from the
    bottom; without the one who asks."""
    return _holders(case, ADVISERS, at, without)


def at_the_table(consultation: Consultation, at: datetime, *, without: UUID | None = None) -> list[Candidate]:
    """Who may be named as deciding together: the centre's staff, grid leads and advisers above the case."""
    return _holders(consultation.case, AT_THE_TABLE, at, without)


def _holders(case: cases.Case, roles: Sequence[Role], at: datetime, without: UUID | None) -> list[Candidate]:
    units = territory.snapshot().ancestors(case.unit_id) if case.unit_id else ()
    units = tuple(reversed(units)) or tuple(root.id for root in territory.snapshot().roots())
    rows = [row for unit_id in units for row in people.posts_table(unit_id, at) if row.role in roles]
    found: dict[UUID, Candidate] = {}
    for row in sorted(rows, key=lambda one: roles.index(one.role)):
        for holder in row.holders:
            name = Text(f"{holder.name}({row.role.label.zh})", f"{holder.name} ({row.role.label.en})")
            found.setdefault(holder.account_id, Candidate(holder.account_id, name))
    return [each for each in found.values() if each.id != without]


def departments(case: cases.Case, at: datetime) -> list[Candidate]:
    """The departments that serve the place of the case."""
    above = territory.snapshot().ancestors(case.unit_id) if case.unit_id else ()
    return [
        Candidate(row.id, row.name) for row in people.departments(at) if not above or row.unit_id in above
    ]


@dataclass(frozen=True, slots=True)
class Panel:
    """What a case's page shows of this room."""

    consultations: tuple[Shown, ...]
    dossiers: tuple[Dossier, ...]
    may_ask: bool
    may_hand_up: bool


def case_panel(case: cases.Case, actor: Actor, at: datetime) -> Panel | None:
    """The consultations and dossiers of a case for its page; None when there are none and nothing may be done.

    Costs one query when there are none.
    """
    subject = cases.subject_of(case)
    may_ask, may_hand_up = (access.may(actor, action, subject) for action in (ASK, HAND_UP))
    if not cases.sees_as_staff(actor, case) and actor.kind != "system":
        return None
    found = whole().filter(case_id=case.id).order_by("-asked_at")
    consultations = tuple(shown(each, actor, at) for each in found)
    dossiers = tuple(dossiers_of(case.id)) if may_hand_up else ()
    if not consultations and not may_ask and not may_hand_up:
        return None
    return Panel(consultations, dossiers, may_ask, may_hand_up)
