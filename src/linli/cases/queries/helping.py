"""Who helps with a matter sees it, while their part runs and afterwards: to look, not to move it."""

from __future__ import annotations

from django.db.models import Q

from linli.cases.models import Assignment, Case
from linli.kernel import access
from linli.kernel.access import Actor

KEYS_AT_MOST = 2_000


def own_parts(actor: Actor) -> Q | None:
    """The assignments that fall to a post of the actor; None when no post of theirs takes parts."""
    departments, posts = [], []
    for scope, post in access.reach(actor, "case.part"):
        if scope == "department" and post.department_id:
            departments.append(post.department_id)
        elif scope == "post":
            posts.append(post.id)
    if not departments and not posts:
        return None
    return Q(department_id__in=departments) | Q(post_id__in=posts)


def helped_by(actor: Actor) -> Q | None:
    """The cases in which the actor's department or post helps or helped; None where there are none.

    By their keys, read first: beside another condition a subquery would keep PostgreSQL from any index. One query
    for those whose posts take parts, none for others. Whoever helped with more than KEYS_AT_MOST has a subquery.
    """
    mine = own_parts(actor)
    if mine is None:
        return None
    found = Assignment.objects.filter(mine, part="help").values_list("case_id", flat=True)
    keys = set(found[: KEYS_AT_MOST + 1])
    if len(keys) > KEYS_AT_MOST:
        return Q(pk__in=found)
    return Q(pk__in=keys) if keys else None


def helps(actor: Actor, case: Case) -> bool:
    """Whether they help or helped with this case. No query where nobody ever did."""
    if not case.parts:
        return False
    mine = own_parts(actor)
    return mine is not None and Assignment.objects.filter(mine, part="help", case_id=case.id).exists()
