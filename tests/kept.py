"""What real actions built once, kept as rows and put into the empty tables of each test that asks for it.

A town is built by a thousand statements, and a thousand tests want one. The rows are read and written as the engine
has them, so that nothing is lost on the way.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.apps import apps
from django.db import connection, transaction

Built = TypeVar("Built")


@dataclass(frozen=True, slots=True)
class Kept(Generic[Built]):
    """What was built, and the rows that it left, by table."""

    built: Built
    rows: dict[str, bytes]

    def put(self) -> Built:
        """The rows are in the tables of this test; what was built is given as it was then."""
        with transaction.atomic(), connection.cursor() as cursor:
            for table, rows in self.rows.items():
                if connection.vendor == "postgresql":
                    with cursor.copy(f'COPY "{table}" FROM STDIN') as writing:
                        writing.write(rows)
                else:
                    cursor.execute(f'INSERT INTO "{table}" VALUES {rows.decode()}')
        return copy.deepcopy(self.built)


def keep(build: Callable[[], Built]) -> Kept[Built]:
    """Build in the empty tables, keep what was written there, and leave them empty."""
    whole = transaction.atomic()
    whole._from_testcase = True  # as Django's own tests: actions that must be the outermost may run inside
    with whole:
        before = _filled()
        built = build()
        written = {table: count for table, count in _filled().items() if count != before.get(table)}
        assert not written.keys() & before.keys(), "it adds to tables that were not empty"
        kept = Kept(built, {table: _read(table) for table in written})
        transaction.set_rollback(True)
    return kept


def _filled() -> dict[str, int]:
    """How many rows each table has that has any."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.managed and not model._meta.proxy:
                cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}"')
                found[model._meta.db_table] = cursor.fetchone()[0]
    return {table: count for table, count in found.items() if count}


def _read(table: str) -> bytes:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" TO STDOUT') as reading:
                return b"".join(bytes(block) for block in reading)
        names = [column.name for column in connection.introspection.get_table_description(cursor, table)]
        quoted = " || ',' || ".join(f'quote("{name}")' for name in names)
        cursor.execute(f"SELECT '(' || {quoted} || ')' FROM \"{table}\" ORDER BY rowid")
        return ",".join(row[0] for row in cursor).encode()
