"""Drafting and publishing the catalogue: open, change a kind, retire it, take a file, bring up to date, publish.

Nothing of a draft is in force. Cases keep the edition with which they began.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from linli.cases import catalogue_draft, catalogue_files, catalogue_store
from linli.cases.catalogue import Catalogue, Finding
from linli.cases.catalogue_draft import Entry
from linli.cases.queries import catalogues
from linli.cases.queries.catalogues import TABLE, Drafted
from linli.cases.words import DRAFT_STALE
from linli.kernel import access, drafts, editions
from linli.kernel.access import Actor
from linli.kernel.drafts import Draft, Overlay
from linli.kernel.editions import Edition
from linli.kernel.errors import CONFLICT, INVALID, NOT_FOUND, Problem
from linli.kernel.text import Text

TITLE_MOST: Final = 120
SOURCE_MOST: Final = 400
_TRIES: Final = 5
_NAMED: Final = 20  # kinds that the journal names of one save

NOTHING_CHANGED = Text("草稿没有任何改动", "The draft changes nothing")
CODE_TAKEN = Text("这个代码已有事项", "There is a kind with this code")
NO_TITLE = Text("请写草稿名称", "Give the draft a name")
NO_SOURCE = Text("请写明依据的决定或文件", "Name the decision or document that adopts it")
IN_THE_PAST = Text("生效时间不能早于现在", "It cannot come into force before now")


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a file: what is wrong with it, or the draft that it became."""

    findings: list[Finding]
    draft: Draft | None = None


def open_draft(
    *, title: str, by: Actor, at: datetime, id: UUID | None = None, like: int | None = None
) -> Draft:
    """Begin a draft on the edition in force; with `like`, one that goes back to the content of that edition.

    `id` is made by the client, so that sending it twice opens one. Raises NOT_ALLOWED, INVALID, NOT_FOUND.
    """
    access.require(by, catalogues.MANAGE, catalogues.town())
    base = catalogues.edition_at(at)
    overlay: Overlay = {}
    if like is not None:
        overlay = catalogue_draft.between(catalogue_store.rows(base), catalogues.table_of(like))
    return _opened(title, base, overlay, id, by, at)


def take_file(path: Path, *, title: str, by: Actor, at: datetime, id: UUID | None = None) -> Taken:
    """Begin a draft from an Excel or CSV file: what it changes in the edition in force. All of it or nothing."""
    access.require(by, catalogues.MANAGE, catalogues.town())
    base = catalogues.edition_at(at)
    rows = catalogue_store.rows(base)
    table, made = catalogue_files.catalogue_of(catalogue_files.read(path), rows)
    if not isinstance(made, Catalogue):
        return Taken(made)
    return Taken([], _opened(title, base, catalogue_draft.between(rows, table), id, by, at))


def change_kind(draft_id: UUID, code: str, fresh: Entry, *, mark: str, by: Actor, at: datetime) -> Draft:
    """Put these rows in the place of a kind's (or add it), when they are sound.

    `mark` is that of the entry which the writer saw, empty for a new kind. CONFLICT when another changed this
    kind meanwhile (others may be changed side by side); INVALID names the columns, those of condition n as
    `conditions-n-column`.
    """
    if fresh.kind is None:
        raise Problem(INVALID)
    return _change(draft_id, code, fresh, mark, by, at)


def retire_kind(draft_id: UUID, code: str, *, mark: str, by: Actor, at: datetime) -> Draft:
    """Take a kind out of the draft. Cases under it keep their edition and so the kind. CONFLICT as above."""
    if not mark:
        raise Problem(NOT_FOUND)
    return _change(draft_id, code, Entry(None), mark, by, at)


def restore_kind(draft_id: UUID, code: str, *, mark: str, by: Actor, at: datetime) -> Draft:
    """Let the kind be again as it is in the draft's edition."""
    found = catalogues.drafted(draft_id)
    return _change(draft_id, code, catalogue_draft.entry(found.base, code), mark, by, at)


def bring_up_to_date(draft_id: UUID, *, onto: int, by: Actor, at: datetime) -> tuple[str, ...]:
    """Stand the draft on another edition, keeping what it changes; gives the kinds that both changed.

    Raises NOT_FOUND for an edition that does not exist, INVALID when the result would be no catalogue.
    """
    access.require(by, catalogues.MANAGE, catalogues.town())
    found = _open(draft_id)
    new = catalogues.table_of(onto)
    overlay, both = catalogue_draft.rebased(found.overlay, found.base, new)
    _sound(drafts.laid_over(new, overlay))
    drafts.save(found.draft, overlay, entries=_named(overlay), base=onto, by=by, at=at)
    return both


def drop_draft(draft_id: UUID, *, by: Actor, at: datetime) -> None:
    """Give a draft up. CONFLICT when it was published or given up already."""
    access.require(by, catalogues.MANAGE, catalogues.town())
    drafts.drop(_open(draft_id).draft, by=by, at=at)


def publish_draft(
    draft_id: UUID, *, seen: int, source: str, effective_from: datetime | None, by: Actor, at: datetime
) -> Edition:
    """Make the draft the catalogue's next edition from `effective_from` on (None: now).

    `seen` is the version of the draft whose differences the writer saw: CONFLICT when it was changed since.
    DRAFT_STALE when another edition than its own will be in force then. `source` is the decision that adopts it.
    """
    access.require(by, catalogues.MANAGE, catalogues.town())
    found = _open(draft_id)
    if found.draft.version != seen:
        raise Problem(CONFLICT)
    start = effective_from or at
    _publishable(found, source, start, at)
    try:
        with transaction.atomic():
            published = editions.publish(
                TABLE, {**found.table, "source": source.strip()}, source=source.strip(), effective_from=start, by=by,
                at=at,
            )  # fmt: skip
            _stands_on(found.draft.base, start, before=published.version)
            drafts.mark_published(found.draft, published.version, by=by, at=at)
    finally:
        catalogue_store.forget()
    return published


def _publishable(found: Drafted, source: str, start: datetime, at: datetime) -> None:
    wrong: dict[str, Text] = {}
    if not source.strip():
        wrong["source"] = NO_SOURCE
    if len(source.strip()) > SOURCE_MOST:
        wrong["source"] = Text(f"最多 {SOURCE_MOST} 字", f"At most {SOURCE_MOST} characters")
    if start < at:
        wrong["effective_from"] = IN_THE_PAST
    if not found.overlay:
        wrong["draft"] = NOTHING_CHANGED
    if wrong:
        raise Problem(INVALID, fields=wrong)
    _stands_on(found.draft.base, start)
    _sound(found.table)


def _stands_on(base: int, start: datetime, before: int | None = None) -> None:
    """Refuse unless `base` is what is in force at `start`, leaving aside edition `before` and later ones."""
    rows = [
        each
        for each in editions.listed(TABLE)
        if each.effective_from <= start and (before is None or each.version < before)
    ]
    last = max(rows, key=lambda each: (each.effective_from, each.version), default=None)
    other = last.version if last else 0
    if other != base:
        raise Problem(DRAFT_STALE, base=base, other=other)


def _opened(title: str, base: int, overlay: Overlay, id: UUID | None, by: Actor, at: datetime) -> Draft:
    title = " ".join(title.split())
    if not title or len(title) > TITLE_MOST:
        wrong = NO_TITLE if not title else Text(f"最多 {TITLE_MOST} 字", f"At most {TITLE_MOST} characters")
        raise Problem(INVALID, fields={"title": wrong})
    return drafts.open_draft(TABLE, id=id, title=title, base=base, overlay=overlay, by=by, at=at)


def _open(draft_id: UUID) -> Drafted:
    found = catalogues.drafted(draft_id)
    if found.draft.state != "open":
        raise Problem(CONFLICT)
    return found


def _change(draft_id: UUID, code: str, fresh: Entry, mark: str, by: Actor, at: datetime) -> Draft:
    access.require(by, catalogues.MANAGE, catalogues.town())
    for attempt in range(_TRIES):
        found = _open(draft_id)
        known = catalogue_draft.entry(found.table, code)
        if known.mark != mark:
            if not mark:
                raise Problem(INVALID, fields={"code": CODE_TAKEN})
            raise Problem(CONFLICT)
        overlay = catalogue_draft.with_entry(found.overlay, found.base, fresh, code)
        _sound(drafts.laid_over(found.base, overlay), fresh)
        try:
            return drafts.save(found.draft, overlay, entries=(code,), base=found.draft.base, by=by, at=at)
        except Problem as problem:
            # Somebody saved another kind of this draft meanwhile: look again, and try on theirs.
            if problem.error is not CONFLICT or attempt == _TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _sound(table: Mapping[str, Any], fresh: Entry | None = None) -> None:
    """Refuse rows that make no catalogue, naming the columns of the entry that was changed."""
    made = Catalogue.parse(table["kinds"], table["conditions"])
    if isinstance(made, Catalogue):
        return
    fields: dict[str, Text] = {}
    for found in made:
        fields.setdefault(_field(found, table, fresh), found.reason)
    raise Problem(INVALID, fields=fields)


def _field(found: Finding, table: Mapping[str, Any], fresh: Entry | None) -> str:
    if found.line < 2 or found.sheet not in catalogue_draft.COLUMNS:
        return found.field
    row = table[found.sheet][found.line - 2]
    if fresh is None or fresh.kind is None:
        return f"{row['code']}.{found.field}"
    if found.sheet == "kinds":
        return found.field if row["code"] == fresh.kind["code"] else f"{row['code']}.{found.field}"
    for number, condition in enumerate(fresh.conditions):
        if dict(row) == condition:
            return f"conditions-{number}-{found.field}"
    return f"{row['code']}.{found.field}"


def _named(overlay: Overlay) -> tuple[str, ...]:
    return catalogue_draft.changed_codes(overlay)[:_NAMED]
