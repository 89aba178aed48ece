"""Editions: states of rulebook tables that were published, so that a case keeps the one it began with.

A town may go back to an earlier content: that is a new edition with the old content. Content that equals the
newest edition makes none. Published editions never change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import IntegrityError, transaction

from linli.kernel import journal, rulebook
from linli.kernel.access import SYSTEM, Actor
from linli.kernel.ids import uuid7
from linli.kernel.journal import Fact, Recorded
from linli.kernel.rulebook_models import Edition
from linli.kernel.text import Text

__all__ = [
    "Edition", "EditionPublished", "current", "edition", "listed", "newest", "publish", "published_by", "rows_of",
    "sync_files",
]  # fmt: skip

_TRIES = 5
_SOURCE_MOST = 400


@dataclass(frozen=True, slots=True)
class EditionPublished(Fact):
    """A table of the rulebook has a new edition."""

    KIND: ClassVar[str] = "kernel.EditionPublished"
    table: str
    version: int
    sha256: str
    source: str
    effective_from: datetime

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            "发布规则表 {table} 第 {n} 版", "Edition {n} of the rulebook table {table} was published"
        ).fill(table=self.table, n=self.version)


def publish(
    table: str, rows: Mapping[str, Any], *, source: str, effective_from: datetime, by: Actor, at: datetime
) -> Edition:
    """Publish the rows as the table's next edition and record it; one transaction.

    Gives the newest edition instead when it has this very content and is in force by `effective_from`. Of two
    who publish at once, each gets an edition of its own number.
    """
    body = _canonical(rows)
    sha256 = hashlib.sha256(body.encode()).hexdigest()
    for attempt in range(_TRIES):
        last = newest(table)
        if last is not None and last.sha256 == sha256 and last.effective_from <= effective_from:
            return last
        fresh = Edition(
            id=uuid7(at),
            table=table,
            version=last.version + 1 if last else 1,
            sha256=sha256,
            source=source[:_SOURCE_MOST],
            effective_from=effective_from,
            created_at=at,
            body=body,
        )
        try:
            with transaction.atomic():
                fresh.save(force_insert=True)
                _record(fresh, by, at)
        except IntegrityError:
            # Somebody published the same number meanwhile; the next look sees theirs.
            if attempt == _TRIES - 1:
                raise
            continue
        return fresh
    raise AssertionError("unreachable")


def edition(table: str, version: int) -> Edition | None:
    """That edition of the table, or None."""
    return Edition.objects.filter(table=table, version=version).first()


def listed(table: str) -> list[Edition]:
    """Every edition of the table without its content, the newest first."""
    return list(Edition.objects.filter(table=table).defer("body").order_by("-version"))


def published_by(found: Iterable[Edition]) -> dict[int, Recorded]:
    """Who published these editions and when, from the journal, by version."""
    ids = {each.id: each.version for each in found}
    return {
        ids[line.about]: line for line in journal.about_any(ids) if isinstance(line.fact, EditionPublished)
    }


def newest(table: str) -> Edition | None:
    """The edition published last, whether or not it is in force yet."""
    return Edition.objects.filter(table=table).order_by("-version").first()


def current(table: str, at: datetime) -> Edition | None:
    """The edition in force at the moment: the one that came into force last, or None before the first."""
    return (
        Edition.objects.filter(table=table, effective_from__lte=at)
        .order_by("-effective_from", "-version")
        .first()
    )


def rows_of(found: Edition) -> dict[str, Any]:
    """The edition's content."""
    content: dict[str, Any] = json.loads(found.body)
    return content


def sync_files(at: datetime, by: Actor = SYSTEM) -> list[Edition]:
    """Publish every file table whose content was never published before; gives the new editions.

    Content that was once published and since replaced by the town is left alone: an upgrade of Linli that
    ships the same files does not undo what the town decided.
    """
    fresh: list[Edition] = []
    for name in rulebook.names():
        rows = rulebook.table(name)
        sha256 = hashlib.sha256(_canonical(rows).encode()).hexdigest()
        if not Edition.objects.filter(table=name, sha256=sha256).exists():
            fresh.append(publish(name, rows, source=_source(rows), effective_from=at, by=by, at=at))
    return fresh


def _source(rows: Mapping[str, Any]) -> str:
    source = rows.get("source", "")
    return source if isinstance(source, str) else _canonical(source)


def _canonical(rows: Mapping[str, Any]) -> str:
    """The content as text, the same for the same content. Dates become text; the order of rows is kept."""
    return json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _record(fresh: Edition, by: Actor, at: datetime) -> None:
    fact = EditionPublished(fresh.table, fresh.version, fresh.sha256, fresh.source, fresh.effective_from)
    journal.record(fact, about=fresh.id, by=by, at=at)
