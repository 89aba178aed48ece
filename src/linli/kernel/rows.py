"""Writing rows fast: one statement on PostgreSQL, and copies in bulk.

For the hot path (opening a case) and the importer. Everything else uses Django's ORM.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from psycopg import Cursor, RawCursor

Row = tuple[type[models.Model], dict[str, Any]]
Encode = Callable[[Any], Any]
Shape = tuple[tuple[type[models.Model], tuple[str, ...], int], ...]
CHUNK = 5_000
PLACES = 32_766
"""So many values SQLite takes in a statement (SQLITE_MAX_VARIABLE_NUMBER, since 3.32)."""
SERIALIZED = 3
"""PEP 249: threads may share the module, connections and cursors."""
_TWO = [f"{number:02}" for number in range(60)]


def insert(rows: Sequence[Row], *, returning: tuple[str, ...] = ()) -> tuple[Any, ...]:
    """Insert all rows or none, and give the `returning` columns of the first row.

    A row is a model with values by field attname (`unit_id`, not `unit`); fields that are left out take
    the column's database default, so a field without `db_default` that may not be null must be given.
    On PostgreSQL this is one statement, which is a transaction by itself outside `atomic`: one round trip.
    """
    groups = [
        (model, columns, [values for _, values in group])
        for (model, columns), group in itertools.groupby(rows, key=lambda row: (row[0], tuple(row[1])))
    ]
    vendor = connection.vendor
    for model, columns, group in groups:
        adapt = _adapters(model, columns, vendor)
        for index, values in enumerate(group):
            group[index] = [a(v) for a, v in zip(adapt, values.values(), strict=True)]  # type: ignore[call-overload]  # the list changes its kind
    if vendor == "postgresql":
        answer = _insert_postgresql(groups, returning)
    else:
        answer = _insert_one_by_one(groups, returning)
    return tuple(_field(rows[0][0], n).to_python(v) for n, v in zip(returning, answer, strict=True))


def _insert_postgresql(groups: list[Any], returning: tuple[str, ...]) -> tuple[Any, ...]:
    shape: Shape = tuple((model, columns, len(group)) for model, columns, group in groups)
    params = [value for _, _, group in groups for values in group for value in values]
    if connection.queries_logged:  # somebody counts or watches queries: go where they look
        with connection.cursor() as cursor:
            cursor.execute(_one_statement(shape, returning), params)
            return cursor.fetchone() or () if returning else ()
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    if (sender := _sending.get()) is not None:
        sender.wait()
    raw = connection.connection
    if raw.prepare_threshold is None:  # Django's own cursors never prepare; ours always does
        raw.prepare_threshold = 0
    # A raw cursor takes $1, $2 … as the server does: nothing has to be parsed for every call.
    with connection.wrap_database_errors, RawCursor(raw) as cursor:
        cursor.execute(_numbered(shape, returning), params, prepare=True)
        return cursor.fetchone() or () if returning else ()


def _insert_one_by_one(groups: list[Any], returning: tuple[str, ...]) -> tuple[Any, ...]:
    answer: tuple[Any, ...] = ()
    if (sender := _sending.get()) is not None:
        sender.wait()
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        watched = connection.queries_logged
        run = cursor.execute if watched else connection.connection.execute
        for number, (model, columns, group) in enumerate(groups):
            for index, values in enumerate(group):
                wanted = returning if number == index == 0 else ()
                sql = _single(model, columns, wanted, "%s" if watched else "?")
                with connection.wrap_database_errors:
                    found = run(sql, values)
                    if wanted:
                        answer = (cursor if watched else found).fetchone()
    return answer


@lru_cache(maxsize=256)
def _one_statement(shape: Shape, returning: tuple[str, ...]) -> str:
    """`WITH r0 AS (INSERT …), r1 AS (INSERT …) …`: names come from the models, values are parameters."""
    parts = []
    for number, (model, columns, count) in enumerate(shape):
        values = ", ".join(["(" + ", ".join(["%s"] * len(columns)) + ")"] * count)
        back = _names(model, returning) if returning and number == 0 else "1"
        into = f"{_table(model)} ({_names(model, columns)})"
        parts.append(f"INSERT INTO {into} VALUES {values} RETURNING {back}")  # noqa: S608 - names come from the models
    ctes = ", ".join(f"r{number} AS ({part})" for number, part in enumerate(parts))
    answer = _names(shape[0][0], returning) if returning else "1"
    return f"WITH {ctes} SELECT {answer} FROM r0 LIMIT 1"  # noqa: S608 - names come from the models


@lru_cache(maxsize=256)
def _numbered(shape: Shape, returning: tuple[str, ...]) -> str:
    """The same statement with its places numbered."""
    parts = _one_statement(shape, returning).split("%s")
    return "".join(f"{part}${number}" for number, part in enumerate(parts[:-1], 1)) + parts[-1]


@lru_cache(maxsize=256)
def _single(
    model: type[models.Model], columns: tuple[str, ...], returning: tuple[str, ...], mark: str
) -> str:
    places = ", ".join([mark] * len(columns))
    back = f" RETURNING {_names(model, returning)}" if returning else ""
    return f"INSERT INTO {_table(model)} ({_names(model, columns)}) VALUES ({places}){back}"  # noqa: S608 - names come from the models


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _names(model: type[models.Model], columns: Iterable[str]) -> str:
    return ", ".join(connection.ops.quote_name(_field(model, name).column) for name in columns)


@lru_cache(maxsize=1024)
def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = {f.attname: f for f in model._meta.concrete_fields}.get(name) or model._meta.get_field(name)
    assert isinstance(field, models.Field)
    return field


@lru_cache(maxsize=512)
def _adapters(model: type[models.Model], columns: tuple[str, ...], vendor: str) -> list[Encode]:
    return [_adapter(_field(model, name)) for name in columns]


def _adapter(field: models.Field[Any, Any]) -> Encode:
    """What brings a value into the driver's form: Django's own way, or a short cut that gives the same."""
    field = _target(field)

    def adapt(value: Any) -> Any:
        return field.get_db_prep_save(value, connection)

    plain = _PLAIN if connection.vendor == "sqlite" else _PLAIN_POSTGRESQL
    if type(field) in plain:
        return _same
    return _SQLITE[type(field)] if connection.vendor == "sqlite" and type(field) in _SQLITE else adapt


def _same(value: Any) -> Any:
    return value


def copy_in(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    shared: Sequence[str] = (),
) -> int:
    """Insert many rows as fast as the engine takes them (COPY; executemany) and give their number.

    Runs in the caller's transaction. `columns` are attnames; columns left out take their database default. What
    makes `rows` must not ask the database after its first row: the connection is busy with them.

    `shared` are further columns, of which many rows hold the same values. The tuple of these is the last value of
    each such row, and is brought into the engine's form once for all rows that hold that very tuple.
    """
    names, same = tuple(columns), tuple(shared)
    if connection.vendor == "postgresql":
        return _copy(model, names, same, rows)
    encoders, rest = _encoders(model, names, _SQLITE, _same), _encoders(model, same, _SQLITE, _same)
    sql = _single(model, names + same, (), "?")
    count = 0
    sender = _sending.get()
    with transaction.atomic() if sender is None else nullcontext():
        connection.ensure_connection()
        raw = connection.connection
        with connection.wrap_database_errors:
            for chunk in _chunks(rows):
                encoded = _encoded(chunk, encoders, partial(_each, rest) if same else None)
                lines = [line[:-1] + line[-1] for line in encoded] if same else list(encoded)
                if sender is None:
                    raw.executemany(sql, lines)
                else:
                    sender.send(_run, _statements(model, names + same, lines))
                count += len(chunk)
    return count


def _statements(
    model: type[models.Model], columns: tuple[str, ...], lines: list[tuple[Any, ...]]
) -> list[tuple[str, list[Any]]]:
    """As few statements as SQLite takes: while it works on one, the interpreter is free for another thread."""
    size = PLACES // len(columns)
    parts = [lines[start : start + size] for start in range(0, len(lines), size)]
    return [
        (_several(model, columns, len(part)), list(itertools.chain.from_iterable(part))) for part in parts
    ]


@lru_cache(maxsize=64)
def _several(model: type[models.Model], columns: tuple[str, ...], count: int) -> str:
    one = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {_table(model)} ({_names(model, columns)}) VALUES {', '.join([one] * count)}"  # noqa: S608 - names come from the models


def _run(raw: Any, statements: Sequence[tuple[str, Sequence[Any]]]) -> None:
    for sql, params in statements:
        raw.execute(sql, params)


def _copy(
    model: type[models.Model],
    columns: tuple[str, ...],
    shared: tuple[str, ...],
    rows: Iterable[Sequence[Any]],
) -> int:
    encoders, rest = (_encoders(model, names, _COPY, _copy_text) for names in (columns, shared))
    sql = f"COPY {_table(model)} ({_names(model, columns + shared)}) FROM STDIN"
    count = 0
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    chunks = _chunks(rows)
    first = next(chunks, [])  # before the copy begins: what makes the rows may have to read something first

    def encoded() -> Iterator[bytes]:
        nonlocal count
        for chunk in itertools.chain([first] if first else [], chunks):
            lines = _encoded(chunk, encoders, (lambda v: "\t".join(_each(rest, v))) if shared else None)
            count += len(chunk)
            yield "\n".join(["\t".join(line) for line in lines]).encode() + b"\n"

    sender = _sending.get()
    if sender is not None:
        sender.send(_send, sql, list(encoded()))
    else:
        with connection.wrap_database_errors:
            _send(connection.connection, sql, encoded())
    return count


def _send(raw: Any, sql: str, parts: Iterable[bytes]) -> None:
    with Cursor(raw) as cursor, cursor.copy(sql) as copy:
        for part in parts:
            copy.write(part)


@contextmanager
def beside() -> Iterator[None]:
    """Inside, `copy_in` comes back while the engine still takes its rows: the caller makes the next ones meanwhile.

    Whatever else is asked of the connection, and the end, waits until all rows are in, and raises what the engine
    answered to them. Must lie within a transaction. An SQLite that two threads may not share (`sqlite3.threadsafety`)
    writes as outside.
    """
    if connection.vendor == "sqlite" and sqlite3.threadsafety < SERIALIZED:
        yield
        return
    with ThreadPoolExecutor(1, "linli-copy") as thread:  # one, so that rows are sent in their order
        sender = _Sender(thread)
        before = _sending.set(sender)
        try:
            with connection.execute_wrapper(sender.query):
                yield
                sender.wait()
        finally:
            _sending.reset(before)


class _Sender:
    def __init__(self, thread: ThreadPoolExecutor) -> None:
        self.thread = thread
        self.sent: deque[Future[None]] = deque()

    def send(self, work: Callable[..., None], *given: Any) -> None:
        """`work` with the driver's connection, after all that was sent before."""
        self.sent.append(self.thread.submit(work, connection.connection, *given))

    def wait(self) -> None:
        with connection.wrap_database_errors:
            while self.sent:
                self.sent.popleft().result()

    def query(self, execute: Callable[..., Any], *asked: Any) -> Any:
        self.wait()
        return execute(*asked)


_sending: ContextVar[_Sender | None] = ContextVar("sending", default=None)


def _chunks(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    source = iter(rows)
    while chunk := list(itertools.islice(source, CHUNK)):
        yield chunk


def _encoded(
    chunk: list[Sequence[Any]], encoders: Sequence[Encode], shared: Encode | None
) -> Iterable[tuple[Any, ...]]:
    """Column by column, which spares a call for columns that need no change; `shared` encodes the last value."""
    columns = zip(*chunk, strict=True)
    encoders = [*encoders, shared] if shared else encoders
    return zip(
        *[
            column
            if e is _same
            else _once_each(e, column)
            if e is shared or e in _COSTLY
            else list(map(e, column))
            for e, column in zip(encoders, columns, strict=True)
        ],
        strict=True,
    )


def _each(encoders: Sequence[Encode], values: Sequence[Any]) -> tuple[Any, ...]:
    return tuple([encode(value) for encode, value in zip(encoders, values, strict=True)])


def _once_each(encode: Encode, column: Sequence[Any]) -> list[Any]:
    """A value that stands in many rows is encoded once: the same object, not an equal one."""
    known = {id(value): value for value in column}
    made = {key: encode(value) for key, value in known.items()}
    return [made[id(value)] for value in column]


def _encoders(
    model: type[models.Model], columns: tuple[str, ...], by_type: Mapping[type[Any], Encode], other: Encode
) -> list[Encode]:
    return [by_type.get(type(_target(_field(model, name))), other) for name in columns]


def _target(field: models.Field[Any, Any]) -> models.Field[Any, Any]:
    """The column that a foreign key refers to, whose kind its own is; else the field."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return field


def _copy_text(value: Any) -> str:
    if value is None:
        return r"\N"
    text = value if type(value) is str else str(value)
    if "\\" in text or "\n" in text or "\t" in text or "\r" in text:
        text = text.replace("\\", r"\\").replace("\n", r"\n").replace("\t", r"\t").replace("\r", r"\r")
    return text


def _copy_plain(value: Any) -> str:
    return r"\N" if value is None else str(value)


def _copy_uuid(value: UUID | None) -> str:
    return r"\N" if value is None else f"{value.int:032x}"  # the server reads it without dashes too


def _copy_time(value: datetime | None) -> str:
    return r"\N" if value is None else f"{_moment(value)}+00"


def _copy_bool(value: bool | None) -> str:
    return r"\N" if value is None else "t" if value else "f"


def _copy_bytes(value: bytes | None) -> str:
    return r"\N" if value is None else r"\\x" + bytes(value).hex()


def _copy_json(value: Any) -> str:
    return _copy_text(None if value is None else json.dumps(value, ensure_ascii=False))


def _sqlite_uuid(value: UUID | None) -> str | None:
    return None if value is None else f"{value.int:032x}"


def _sqlite_time(value: datetime | None) -> str | None:
    return None if value is None else _moment(value)


@lru_cache(maxsize=32_768)  # the same moments stand in a case, its facts and its clocks
def _moment(value: datetime) -> str:
    """In UTC, without the offset: what `isoformat(" ")` gives, put together from parts at a fifth of the time."""
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    text = f"{utc.date()} {_TWO[utc.hour]}:{_TWO[utc.minute]}:{_TWO[utc.second]}"
    return f"{text}.{utc.microsecond:06}" if utc.microsecond else text


def _sqlite_date(value: date | None) -> str | None:
    return None if value is None else str(value)


def _sqlite_decimal(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _sqlite_json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


_COSTLY = frozenset({_copy_json, _sqlite_json})
_INTEGERS: tuple[type[models.Field[Any, Any]], ...] = (
    models.IntegerField, models.BigIntegerField, models.SmallIntegerField, models.PositiveIntegerField,
    models.PositiveSmallIntegerField, models.AutoField, models.BigAutoField, models.FloatField,
)  # fmt: skip
_PLAIN = frozenset({*_INTEGERS, models.CharField, models.TextField, models.BooleanField, models.BinaryField})
_PLAIN_POSTGRESQL = _PLAIN | {models.UUIDField, models.DateTimeField, models.DateField, models.DecimalField}
_COPY: dict[type[Any], Callable[[Any], str]] = {
    **dict.fromkeys(_INTEGERS, _copy_plain),
    models.UUIDField: _copy_uuid,
    models.DecimalField: _copy_plain,
    models.DateField: _copy_plain,
    models.DateTimeField: _copy_time,
    models.BooleanField: _copy_bool,
    models.BinaryField: _copy_bytes,
    models.JSONField: _copy_json,
}
_SQLITE: dict[type[Any], Callable[[Any], Any]] = {
    models.UUIDField: _sqlite_uuid,
    models.DateTimeField: _sqlite_time,
    models.DateField: _sqlite_date,
    models.DecimalField: _sqlite_decimal,
    models.JSONField: _sqlite_json,
}
