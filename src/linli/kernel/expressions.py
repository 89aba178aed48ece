"""Database expressions that columns take as their default."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.deconstruct import deconstructible


@deconstructible
class NextNumber(models.Func):
    """The next value of a sequence on PostgreSQL. On SQLite, which has one writer at a time, the action
    that inserts gives the number itself, under the write lock."""

    output_field = models.BigIntegerField()

    def __init__(self, sequence: str) -> None:
        super().__init__()
        self.sequence = sequence

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        """The sequence's next value."""
        return f"nextval('{self.sequence}')", []

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        """No default."""
        return "NULL", []


@deconstructible
class CurrentTransaction(models.Func):
    """The number of the writing transaction on PostgreSQL; 0 on SQLite, which has one writer at a time."""

    output_field = models.BigIntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        """The transaction's 64-bit number."""
        return "(pg_current_xact_id()::text::bigint)", []

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        """A constant."""
        return "0", []
