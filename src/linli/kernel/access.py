"""Who may do what: roles are held at a place, for a time.

One door decides: `may(actor, action, subject)`. What each role may do, and how far its post reaches,
is the rulebook's table `access`; nothing else in Linli compares roles.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal
from uuid import UUID

from linli.kernel import rulebook
from linli.kernel.errors import NOT_ALLOWED, NOT_SIGNED_IN, Problem
from linli.kernel.text import Text

Scope = Literal["unit", "department", "post", "everyone"]


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post that somebody holds now: the role, where it is held, for which department."""

    id: UUID
    role: str
    unit_id: UUID
    department_id: UUID | None
    title: Text


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account with its posts, a resident, nobody known, or the system itself."""

    kind: Literal["account", "resident", "anonymous", "system"]
    account_id: UUID | None = None
    resident_id: UUID | None = None
    name: str = ""
    posts: tuple[HeldPost, ...] = ()

    def holds(self, role: str) -> bool:
        """Whether one of the posts has this role."""
        return any(post.role == role for post in self.posts)


SYSTEM = Actor("system", name="系统")
ANONYMOUS = Actor("anonymous")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is acted on, as far as access is concerned.

    `units` is the unit where it lies with all units above it; `residents` are those whose own
    matter it is.
    """

    units: frozenset[UUID] = frozenset()
    departments: frozenset[UUID] = frozenset()
    posts: frozenset[UUID] = frozenset()
    residents: frozenset[UUID] = frozenset()


NOTHING = Subject()


@dataclass(frozen=True, slots=True)
class Grant:
    """An action that a role may do, and the reach that its post gives it."""

    role: str
    action: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Policy:
    """The rulebook's table of grants, indexed by action."""

    by_action: dict[str, tuple[Grant, ...]] = field(default_factory=dict)

    def grants(self, action: str) -> tuple[Grant, ...]:
        """Every grant of this action."""
        return self.by_action.get(action, ())


@lru_cache(maxsize=1)
def policy() -> Policy:
    """The town's policy, read once a process."""
    table = rulebook.table("access")
    found: dict[str, list[Grant]] = {}
    for row in table["grant"]:
        for action in row["actions"]:
            found.setdefault(action, []).append(Grant(row["role"], action, row["scope"]))
    return Policy({action: tuple(grants) for action, grants in found.items()})


def may(actor: Actor, action: str, subject: Subject = NOTHING) -> bool:
    """Whether the actor may do this to the subject. The system may do everything."""
    if actor.kind == "system":
        return True
    return any(_reaches(actor, grant, subject) for grant in policy().grants(action))


def require(actor: Actor, action: str, subject: Subject = NOTHING) -> None:
    """Refuse with 403 (401 when nobody is signed in) unless `may`."""
    if may(actor, action, subject):
        return
    raise Problem(NOT_SIGNED_IN if actor.kind == "anonymous" else NOT_ALLOWED)


def _reaches(actor: Actor, grant: Grant, subject: Subject) -> bool:
    if grant.role == "anyone":
        return True
    if grant.role == "reporter":
        return actor.resident_id is not None and actor.resident_id in subject.residents
    return any(post.role == grant.role and _covers(post, grant.scope, subject) for post in actor.posts)


def _covers(post: HeldPost, scope: Scope, subject: Subject) -> bool:
    if scope == "unit":
        return post.unit_id in subject.units
    if scope == "department":
        return post.department_id is not None and post.department_id in subject.departments
    if scope == "post":
        return post.id in subject.posts
    return scope == "everyone"


def reach(actor: Actor, action: str) -> Iterable[tuple[Scope, HeldPost]]:
    """The posts through which the actor may do this, each with its reach: what bulk SQL filters by."""
    for grant in policy().grants(action):
        for post in actor.posts:
            if post.role == grant.role:
                yield grant.scope, post
