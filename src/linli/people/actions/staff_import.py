"""Staff from a file: departments, posts, accounts and appointments of a whole town, all or nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction

from linli.kernel.access import Actor
from linli.people import staff_files
from linli.people.actions.accounts import create_account
from linli.people.actions.common import changed
from linli.people.actions.posts import appoint, open_department, open_post
from linli.people.models import Post
from linli.people.queries.staffing import midnight
from linli.people.queries.town_staff import known_for
from linli.people.rules import staff_plan
from linli.people.rules.staff_plan import Finding, NewChair, NewOffice, NewPerson, Plan, Row

# Without signs that are mistaken for each other when somebody types them from paper.
ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
PASSWORD_SIGNS = 14


@dataclass(frozen=True, slots=True)
class Issued:
    """An account that was made with an initial password, which is kept nowhere else."""

    username: str
    name: str
    password: str


def read_staff(file: Path) -> tuple[list[Row], list[Finding]]:
    """The lines of a staff file and what is wrong with its form."""
    return staff_files.read(file)


def plan_staff(rows: Sequence[Row], *, at: datetime) -> Plan:
    """What the rows would make of the town as it is. Writes nothing."""
    return staff_plan.make(rows, known_for(rows, at))


@transaction.atomic
def import_staff(
    rows: Sequence[Row], *, by: Actor, at: datetime, passwords: Callable[[list[Issued]], None] | None = None
) -> Plan:
    """Everything in the rows is there afterwards, or nothing was written (`plan.blocked`).

    Planned anew inside the transaction, behind a lock, so that two imports at once do not double a post.
    With `passwords`, new accounts get an initial password, handed over once before the commit (if that
    fails, nothing is written); without, none, until an administrator sets one.
    """
    plan = plan_staff(rows, at=at)
    if plan.blocked or plan.empty:
        return plan
    changed()  # takes the row that every change of posts writes
    plan = plan_staff(rows, at=at)
    if not plan.blocked:
        _write(plan, by, at, passwords)
    return plan


def _write(plan: Plan, by: Actor, at: datetime, passwords: Callable[[list[Issued]], None] | None) -> None:
    offices = {
        id(new): open_department(
            code=new.code, name=new.name, name_en=new.name_en, unit_id=new.unit_id, by=by, at=at
        ).id
        for new in plan.offices
    }
    chairs = {id(new): _open(new, offices, by, at).id for new in plan.chairs}
    people: dict[int, UUID] = {}
    issued: list[Issued] = []
    for new in plan.people:
        password = _password() if passwords is not None else None
        people[id(new)] = create_account(
            username=new.username, name=new.name, password=password, by=by, at=at
        ).id
        if password is not None:
            issued.append(Issued(new.username, new.name, password))
    for tenure in plan.tenures:
        appoint(
            post_id=chairs[id(tenure.chair)] if isinstance(tenure.chair, NewChair) else tenure.chair,
            holder_id=people[id(tenure.person)] if isinstance(tenure.person, NewPerson) else tenure.person,
            starts=midnight(tenure.since) if tenure.since else None,
            by=by,
            at=at,
        )
    if passwords is not None and issued:
        passwords(issued)


def _open(new: NewChair, offices: dict[int, UUID], by: Actor, at: datetime) -> Post:
    department = offices[id(new.department)] if isinstance(new.department, NewOffice) else new.department
    return open_post(
        role=new.role, unit_id=new.unit_id, title=new.title.zh, title_en=new.title.en,
        department_id=department, opened_on=new.opened_on, by=by, at=at,
    )  # fmt: skip


def _password() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(PASSWORD_SIGNS))
