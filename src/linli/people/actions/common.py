"""What the actions of this room share: who may manage, what a name is, telling the snapshots."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from linli.kernel import access
from linli.kernel.access import Actor, Subject
from linli.kernel.errors import INVALID, NOT_FOUND, Problem
from linli.kernel.text import Text
from linli.people.models import Account, Revision
from linli.people.queries.staffing import changed_here, picture
from linli.people.rules.names import tidy
from linli.people.words import MANAGE
from linli.territory import queries as territory

BAD_NAME = Text("请填写名称,不超过 {n} 个字", "Give a name of at most {n} characters")


def require_manager_of(by: Actor, unit_id: UUID) -> None:
    """The actor manages the unit; refused with 403, or 404 when there is no such unit."""
    units = territory.snapshot().ancestors(unit_id)
    if not units:
        raise Problem(NOT_FOUND)
    access.require(by, MANAGE, Subject(units=frozenset(units)))


def require_manager_of_account(by: Actor, account: Account, at: datetime) -> None:
    """The actor manages every unit at which the account holds a post now or later, so that nobody can
    take over an account that reaches further than their own. An account without posts can be managed by
    any administrator, unless `linli createadmin` made it (it waits for a post from the command line)."""
    require_manager(by)
    seats = [
        seat for seat, held in picture().holdings.get(account.id, ()) if held.ends is None or held.ends > at
    ]
    if by.kind != "system" and (account.is_superuser or (account.is_staff and not seats)):
        access.require(by, MANAGE)
    for seat in seats:
        require_manager_of(by, seat.unit_id)


def require_manager(by: Actor) -> None:
    """The actor manages some unit."""
    access.require(by, MANAGE, Subject(units=frozenset(post.unit_id for post in by.posts)))


def named(field: str, text: str, longest: int) -> str:
    """The text as a name; refused with 422 when it cannot be one."""
    clean = tidy(text, longest)
    if clean is None:
        raise Problem(INVALID, fields={field: BAD_NAME.fill(n=longest)})
    return clean


def changed() -> None:
    """Replace the revision, so that every process reads the posts anew within a second."""
    token = Revision(id=1, token=uuid4())
    Revision.objects.bulk_create(
        [token], update_conflicts=True, unique_fields=["id"], update_fields=["token"]
    )
    changed_here()
