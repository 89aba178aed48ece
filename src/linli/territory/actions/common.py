"""What the actions of the territory share: who may, the version, what a name is."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction

from linli.kernel import access, clock
from linli.kernel.access import Actor, Subject
from linli.kernel.errors import Problem
from linli.kernel.text import Text
from linli.territory import queries
from linli.territory.models import TerritoryVersion, Unit
from linli.territory.words import UNIT_CLOSED, UNIT_INVALID, UNIT_UNKNOWN

MANAGE = "town.manage"
_BAD_NAME = Text("请填写 1 至 {n} 个字的名称", "Give a name of 1 to {n} characters")


def require_manager(by: Actor, unit_id: UUID | None) -> None:
    """The actor manages the unit (None: the whole territory, which only the system does); else 403."""
    units = queries.snapshot().ancestors(unit_id) if unit_id else ()
    access.require(by, MANAGE, Subject(units=frozenset(units)))


def changed() -> None:
    """Replace the version, in the caller's transaction: every process reads anew within a second."""
    row = TerritoryVersion(id=1, token=uuid4())
    TerritoryVersion.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["id"], update_fields=["token"]
    )
    queries.forget()
    transaction.on_commit(queries.forget)


def version_held() -> UUID | None:
    """The version as it is, kept from changing until the transaction ends."""
    return TerritoryVersion.objects.select_for_update().values_list("token", flat=True).first()


def open_unit_row(unit_id: UUID) -> Unit:
    """The unit, which must exist and be open; locked until the transaction ends."""
    unit = Unit.objects.select_for_update().filter(id=unit_id).first()
    if unit is None:
        raise Problem(UNIT_UNKNOWN)
    if unit.closed_on is not None:
        raise Problem(UNIT_CLOSED)
    return unit


def named(field: str, text: str, longest: int = 100) -> str:
    """The text as a name; refused with 422 when it cannot be one."""
    clean = " ".join(text.split())
    if not clean or len(clean) > longest or not clean.isprintable():
        raise Problem(UNIT_INVALID, fields={field: _BAD_NAME.fill(n=longest)})
    return clean


def day_of(at: datetime) -> date:
    """The town's date at that moment."""
    return clock.local(at).date()
