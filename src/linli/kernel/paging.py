"""Lists page by page: by a moment and the id, so that any page costs the same and none repeats what came before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from linli.kernel.errors import NOT_FOUND, Problem

Row = TypeVar("Row", bound=Model)


def page(
    found: QuerySet[Row], by: str, after: str = "", size: int = 50, *, newest: bool = True
) -> tuple[list[Row], str]:
    """So many rows in the order of the column `by` (the newest first, or the oldest), and the key from which the next
    page begins, "" at the end. NOT_FOUND for a key that no page gave."""
    if after:
        found = found.filter(_beyond(by, after, "lt" if newest else "gt"))
    sign = "-" if newest else ""
    rows = list(found.order_by(f"{sign}{by}", f"{sign}id")[: size + 1])
    last = rows[size - 1] if len(rows) > size else None
    moment: datetime | None = getattr(last, by) if last is not None else None
    key = f"{moment.astimezone(UTC).isoformat()}~{last.pk}" if last is not None and moment else ""
    return rows[:size], key


def _beyond(by: str, after: str, than: str) -> Q:
    written, _, key = after.partition("~")
    try:
        moment, pk = datetime.fromisoformat(written), UUID(key)
        if moment.tzinfo is None:
            raise ValueError("a moment without its zone")
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Problem(NOT_FOUND) from None
    return Q(**{f"{by}__{than}": moment}) | Q(**{by: moment, f"id__{than}": pk})
