"""Looking up thousands of keys in one query."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection, models


def by_key(
    model: type[models.Model],
    key: str,
    values: Sequence[str] | Sequence[UUID],
    *,
    give: Sequence[str],
    **same: str,
) -> list[tuple[Any, ...]]:
    """The columns `give` of the rows whose column `key` is one of `values`, in no order; `same` are columns that
    must hold one value. There must be a unique index over `same` and `key`.

    Each value is looked up through that index, so that the cost does not grow with the table. Left to itself
    PostgreSQL reads the whole table as soon as it holds more rows than its statistics know of, which is always
    so while rows are taken in. `values` travel as one parameter: the ORM spends more on thousands of parameters
    than the search takes.
    """
    if not values:
        return []
    fields = [model._meta.get_field(name) for name in (*give, key)]
    table, *names = [connection.ops.quote_name(name) for name in (model._meta.db_table, *_columns(fields))]
    alike = "".join(f"{connection.ops.quote_name(name)} = %s AND " for name in same)
    wanted = ", ".join(names[:-1])
    if connection.vendor == "postgresql":
        kind = "uuid" if isinstance(values[0], UUID) else "text"
        sql = (
            f"SELECT found.* FROM unnest(%s::{kind}[]) AS wanted(value), LATERAL "  # noqa: S608 - of our models' names
            f"(SELECT {wanted} FROM {table} WHERE {alike}{names[-1]} = wanted.value LIMIT 1) AS found"
        )
        given: list[Any] = [list(values), *same.values()]
    else:
        sql = f"SELECT {wanted} FROM {table} WHERE {alike}{names[-1]} IN (SELECT value FROM json_each(%s))"  # noqa: S608 - of our models' names
        given = [*same.values(), json.dumps([v.hex if isinstance(v, UUID) else v for v in values])]
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return _as_python(fields[:-1], cursor.fetchall())


def _columns(fields: Sequence[Any]) -> list[str]:
    return [field.column for field in fields]


def _as_python(fields: Sequence[Any], found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """With UUIDs as such, which SQLite gives as text."""
    if connection.vendor == "postgresql" or not any(isinstance(field, models.UUIDField) for field in fields):
        return found
    return [tuple([field.to_python(v) for field, v in zip(fields, row, strict=True)]) for row in found]
