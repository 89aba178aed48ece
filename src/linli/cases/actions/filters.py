"""Filters that somebody keeps. They are a reader's own convenience and no part of any case's record."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from linli.cases.models import SavedFilter
from linli.cases.words import Desk
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_FOUND, NOT_SIGNED_IN, Problem
from linli.kernel.text import Text

MOST = 20
NAME_MOST, QUERY_MOST = 40, 500


@transaction.atomic
def keep_filter(*, desk: Desk, name: str, query: str, by: Actor) -> SavedFilter:
    """Keep a queue's filter under a name; one of the same name at this desk is replaced.

    `query` is the query string of the address bar. Raises INVALID when the name is empty or too long, or when
    there are MOST already.
    """
    if by.account_id is None:
        raise Problem(NOT_SIGNED_IN)
    name = " ".join(name.split())
    own = SavedFilter.objects.select_for_update().filter(owner_id=by.account_id, desk=desk.value)
    if not name or len(name) > NAME_MOST:
        wrong = Text(f"请起一个名字,最多 {NAME_MOST} 字", f"Give it a name of at most {NAME_MOST} characters")
        raise Problem(INVALID, fields={"name": wrong})
    known = own.filter(name=name).first()
    if known is None and own.count() >= MOST:
        wrong = Text(f"最多保存 {MOST} 个,请先删去不用的", f"At most {MOST}; remove one first")
        raise Problem(INVALID, fields={"name": wrong})
    if known is None:
        return SavedFilter.objects.create(
            owner_id=by.account_id, desk=desk.value, name=name, query=query[:QUERY_MOST]
        )
    known.query = query[:QUERY_MOST]
    known.save(update_fields=["query"])
    return known


def drop_filter(filter_id: UUID, *, by: Actor) -> str:
    """Forget one of one's own filters; the desk that it belonged to. NOT_FOUND when it is nobody's or another's."""
    found = SavedFilter.objects.filter(pk=filter_id, owner_id=by.account_id).first()
    if found is None or by.account_id is None:
        raise Problem(NOT_FOUND)
    desk: str = found.desk
    found.delete()
    return desk
