"""What every write of this room does the same way: texts, retries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction

from linli.kernel import codec, journal
from linli.kernel.access import Actor
from linli.kernel.errors import CONFLICT, INVALID, NOT_ALLOWED, NOT_SIGNED_IN, Problem
from linli.kernel.fields import blind_index
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import Responsible

Found = TypeVar("Found")
TASK_MOST = 400
NEEDED = Text("请填写此项", "Please fill this in")
TASK_OF = Text("{who}的任务:{said}", "Task of {who}: {said}")


def text(name: str, value: str, most: int, *, needed: bool = True) -> str:
    """The text without blanks around it; refused at its field when it is missing or too long."""
    value = value.strip()
    if needed and not value:
        raise Problem(INVALID, fields={name: NEEDED})
    if len(value) > most:
        raise Problem(INVALID, fields={name: Text(f"最多 {most} 字", f"At most {most} characters")})
    return value


def task_of(department: UUID | None, post: UUID | None, task: str) -> str:
    """A task without blanks around it. When it is missing or too long the refusal names whose it is: a form has one for
    each helper."""
    try:
        return text("task", task, TASK_MOST)
    except Problem as problem:
        who = people.taker_name(Responsible(department, post, (), None, ()))
        said = problem.fields["task"]
        raise Problem(problem.error, fields={"task": TASK_OF.fill(who=who, said=said)}) from problem


def fingerprint(name: str, **content: Any) -> str:
    """What two requests with the same content have in common; keyed, because it stays in the journal."""
    return blind_index("write", codec.dumps([name, {key: str(value) for key, value in content.items()}]))


def before(id: UUID | None, kind: str, digest: str, about: UUID | None = None) -> UUID | None:
    """The id of this write when it was recorded before; RETRY_DIFFERS when it was used for something else."""
    if id is None or journal.repeated(id, kind=kind, fingerprint=digest, about=about) is None:
        return None
    return id


def account_of(by: Actor) -> UUID:
    """The account that acts; nobody else writes here."""
    if by.account_id is None:
        raise Problem(NOT_SIGNED_IN if by.kind == "anonymous" else NOT_ALLOWED)
    return by.account_id


def once(work: Callable[[], Found]) -> Found:
    """Do it in one transaction. Two that send the same write at the same moment meet at a key, or at what the first one
    has changed while the second waited for its turn: the second one looks again and finds what the first one wrote."""
    try:
        with transaction.atomic():
            return work()
    except IntegrityError:
        pass
    except Problem as problem:
        if problem.error.status != CONFLICT.status:
            raise
    try:
        with transaction.atomic():
            return work()
    except IntegrityError:
        raise Problem(CONFLICT) from None
