"""Drafts: changes to a rulebook table on which people work before they are published as an edition.

A draft holds only what it changes, laid over the edition on which it is based, so that it can be brought up to
a newer edition. It is saved on the condition that nobody saved meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import IntegrityError, transaction

from linli.kernel import journal
from linli.kernel.access import Actor
from linli.kernel.errors import CONFLICT, NOT_FOUND, RETRY_DIFFERS, Problem
from linli.kernel.ids import uuid7
from linli.kernel.journal import Fact
from linli.kernel.rulebook_models import Draft
from linli.kernel.text import Text

__all__ = [
    "Draft", "DraftDropped", "DraftOpened", "DraftSaved", "Overlay", "body_of", "drop", "find", "laid_over",
    "mark_published", "open_draft", "opened", "save",
]  # fmt: skip

Row = Mapping[str, Any]
Overlay = dict[str, dict[str, dict[str, Any] | None]]
"""Sheet → key → the row that takes its place, or None where the row goes."""
KEY = "code"
LISTED = 200


@dataclass(frozen=True, slots=True)
class DraftOpened(Fact):
    """Somebody began to change a table of the rulebook; nothing is in force yet."""

    KIND: ClassVar[str] = "kernel.DraftOpened"
    table: str
    title: str
    base: int

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            "起草修订“{title}”(依据第 {n} 版)",
            "Draft “{title}” was opened on edition {n}",
        ).fill(title=self.title, n=self.base)


@dataclass(frozen=True, slots=True)
class DraftSaved(Fact):
    """A draft was changed: which entries of it, and on which edition it stands now."""

    KIND: ClassVar[str] = "kernel.DraftSaved"
    table: str
    entries: tuple[str, ...]
    base: int

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("修改草稿:{entries}", "Draft changed: {entries}").fill(entries=", ".join(self.entries))


@dataclass(frozen=True, slots=True)
class DraftDropped(Fact):
    """A draft was given up."""

    KIND: ClassVar[str] = "kernel.DraftDropped"
    table: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("放弃草稿", "The draft was given up")


def opened(table: str) -> list[Draft]:
    """The drafts that are being worked on, last changed first, without their content."""
    found = Draft.objects.filter(table=table, state="open").defer("body").order_by("-changed_at")
    return list(found[:LISTED])


def find(table: str, id: UUID) -> Draft:
    """The draft with this id, also one that was published or given up. Raises NOT_FOUND."""
    found = Draft.objects.filter(table=table, pk=id).first()
    if found is None:
        raise Problem(NOT_FOUND)
    return found


def body_of(draft: Draft) -> Overlay:
    """What the draft changes."""
    content: Overlay = json.loads(draft.body)
    return content


def laid_over(rows: Mapping[str, Any], overlay: Overlay) -> dict[str, Any]:
    """The table with the overlay's rows in the places of the old ones; new rows come last."""
    result = dict(rows)
    for sheet, changes in overlay.items():
        known = {row[KEY] for row in rows.get(sheet, ())}
        kept = [changes.get(row[KEY], row) for row in rows.get(sheet, ())]
        fresh = [row for key, row in changes.items() if key not in known]
        result[sheet] = [dict(row) for row in (*kept, *fresh) if row is not None]
    return result


def open_draft(
    table: str, *, id: UUID | None = None, title: str, base: int, overlay: Overlay, by: Actor, at: datetime
) -> Draft:
    """Begin a draft on an edition (0: the files). Sending the same id again gives the draft of the first time;
    under another title it is refused: RETRY_DIFFERS."""
    again = _sent_before(table, id, title)
    if again is not None:
        return again
    fresh = Draft(
        id=id or uuid7(at), table=table, title=title, base=base, body=_text(overlay), created_at=at, changed_at=at,
        opened_by=by.name, changed_by=by.name,
    )  # fmt: skip
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
            journal.record(DraftOpened(table, title, base), about=fresh.id, by=by, at=at)
    except IntegrityError:
        # The same sending arrived twice at once.
        again = _sent_before(table, id, title)
        if again is None:
            raise
        return again
    return fresh


def _sent_before(table: str, id: UUID | None, title: str) -> Draft | None:
    again = Draft.objects.filter(table=table, pk=id).first() if id else None
    if again is not None and again.title != title:
        raise Problem(RETRY_DIFFERS)
    return again


def save(
    draft: Draft, overlay: Overlay, *, entries: tuple[str, ...], base: int, by: Actor, at: datetime
) -> Draft:
    """Keep the overlay, unless somebody saved or closed the draft since it was read: then CONFLICT."""
    with transaction.atomic():
        _change(draft, body=_text(overlay), base=base, changed_at=at, changed_by=by.name)
        journal.record(DraftSaved(draft.table, entries, base), about=draft.id, by=by, at=at)
    return find(draft.table, draft.id)


def drop(draft: Draft, *, by: Actor, at: datetime) -> None:
    """Give the draft up; it can still be looked at."""
    with transaction.atomic():
        _change(draft, state="dropped", changed_at=at, changed_by=by.name)
        journal.record(DraftDropped(draft.table), about=draft.id, by=by, at=at)


def mark_published(draft: Draft, edition: int, *, by: Actor, at: datetime) -> None:
    """Close the draft as published; the caller publishes the edition in the same transaction."""
    _change(draft, state="published", edition=edition, changed_at=at, changed_by=by.name)


def _change(draft: Draft, **values: Any) -> None:
    unchanged = Draft.objects.filter(pk=draft.id, state="open", version=draft.version)
    if not unchanged.update(version=draft.version + 1, **values):
        raise Problem(CONFLICT)


def _text(overlay: Overlay) -> str:
    return json.dumps(overlay, ensure_ascii=False, sort_keys=False, separators=(",", ":"))
