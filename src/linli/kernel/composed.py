"""Rows by the values of a few columns, with statements that are composed once.

Django composes a statement anew for every call, which for a case of fifty columns takes three times as long as
running it. What every action does (read its case, change it, stop a clock, mark a job) goes through here: columns
that equal a value, or one of a few (a tuple), or are null (None). Everything else uses Django's ORM.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

M = TypeVar("M", bound=models.Model)
Reader = Callable[[Any, Any, BaseDatabaseWrapper], Any]
Shape = tuple[tuple[str, int], ...]


def one(model: type[M], *, lock: bool = False, **equal: Any) -> M | None:
    """The row whose columns have these values, or None; for columns that name one row.

    With `lock` it stays locked (FOR UPDATE) until the caller's transaction ends.
    """
    return next(iter(_read(model, equal, (), lock)), None)


def every(model: type[M], order: Sequence[str] = (), *, lock: bool = False, **equal: Any) -> list[M]:
    """The rows whose columns have these values, by these columns; `lock` as for `one`."""
    return _read(model, equal, tuple(order), lock)


def change(model: type[models.Model], where: Mapping[str, Any], **values: Any) -> int:
    """Give the rows whose columns have the values of `where` these values; how many rows that were."""
    using = connections[DEFAULT_DB_ALIAS]
    sql = _update(model, tuple(values), _shape(where), using.vendor)
    params = [_field(model, name).get_db_prep_save(value, using) for name, value in values.items()]
    with transaction.mark_for_rollback_on_error(using.alias), using.cursor() as cursor:
        cursor.execute(sql, params + _given(model, where, using))
        return int(cursor.rowcount)


def _read(model: type[M], equal: Mapping[str, Any], order: tuple[str, ...], lock: bool) -> list[M]:
    using = connections[DEFAULT_DB_ALIAS]
    if lock and not using.in_atomic_block:
        raise transaction.TransactionManagementError("a lock needs a transaction")
    sql = _select(model, _shape(equal), order, lock, using.vendor)
    names, readers = _columns(model, using.vendor)
    with using.cursor() as cursor:
        cursor.execute(sql, _given(model, equal, using))
        rows = cursor.fetchall()
    found = []
    for row in rows:
        values = list(row)
        for place, read, column in readers:
            if values[place] is not None:
                values[place] = read(values[place], column, using)
        found.append(model.from_db(using.alias, names, values))
    return found


def _shape(equal: Mapping[str, Any]) -> Shape:
    """The columns, each with how many values it may have; none: it has to be null."""
    if () in equal.values():
        raise ValueError("one of no values is no condition")
    return tuple([(name, len(_values(value))) for name, value in equal.items()])


def _values(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else () if value is None else (value,)


def _given(model: type[models.Model], equal: Mapping[str, Any], using: BaseDatabaseWrapper) -> list[Any]:
    return [
        _field(model, name).get_db_prep_value(each, using)
        for name, value in equal.items()
        for each in _values(value)
    ]


@lru_cache(maxsize=512)
def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    return field


@lru_cache(maxsize=1024)
def _select(model: type[models.Model], shape: Shape, order: tuple[str, ...], lock: bool, vendor: str) -> str:
    columns = ", ".join(_quoted(field.column) for field in model._meta.concrete_fields)
    sql = f"SELECT {columns} FROM {_quoted(model._meta.db_table)} WHERE {_where(model, shape)}"  # noqa: S608 - names come from the models
    if order:
        sql += " ORDER BY " + ", ".join(_quoted(_field(model, name).column) for name in order)
    locks = connections[DEFAULT_DB_ALIAS].features.has_select_for_update
    return f"{sql} FOR UPDATE" if lock and locks else sql


@lru_cache(maxsize=1024)
def _update(model: type[models.Model], names: tuple[str, ...], shape: Shape, vendor: str) -> str:
    changes = ", ".join(f"{_quoted(_field(model, name).column)} = %s" for name in names)
    return f"UPDATE {_quoted(model._meta.db_table)} SET {changes} WHERE {_where(model, shape)}"  # noqa: S608 - names come from the models


def _where(model: type[models.Model], shape: Shape) -> str:
    return " AND ".join(_quoted(_field(model, name).column) + _is(count) for name, count in shape)


def _is(count: int) -> str:
    return " IS NULL" if count == 0 else " = %s" if count == 1 else f" IN ({', '.join(['%s'] * count)})"


def _quoted(name: str) -> str:
    return str(connections[DEFAULT_DB_ALIAS].ops.quote_name(name))


@lru_cache(maxsize=64)
def _columns(model: type[models.Model], vendor: str) -> tuple[list[str], list[tuple[int, Reader, Any]]]:
    """The columns' names, and what brings values of the driver into Django's form, where anything has to."""
    using = connections[DEFAULT_DB_ALIAS]
    readers: list[tuple[int, Reader, Any]] = []
    for place, field in enumerate(model._meta.concrete_fields):
        column = field.get_col(model._meta.db_table)
        steps = using.ops.get_db_converters(column) + column.get_db_converters(using)
        readers += [(place, step, column) for step in steps]
    return [field.attname for field in model._meta.concrete_fields], readers
