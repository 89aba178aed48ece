"""What a clerk does with a batch: upload, confirm the columns, match the categories, take in, stop, go on, drop."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Q

from linli.cases import queries as cases
from linli.cases.words import Source
from linli.intake.actions.importing import no_garbage
from linli.intake.batches import columns as law
from linli.intake.batches import judging, parts, sheet
from linli.intake.batches.words import (
    COLUMNS_WRONG,
    FORGOTTEN,
    GAVE_UP,
    KINDS_WRONG,
    NO_KIND,
    NOT_NOW,
    RUNNING,
    SOURCES,
    BatchState,
    Field,
)
from linli.intake.events import (
    BatchBegun,
    BatchDropped,
    BatchForgotten,
    BatchReceived,
    BatchStopped,
)
from linli.intake.models import Batch, BatchPart, SavedMapping
from linli.intake.queries import batches as queries
from linli.kernel import jobs, journal
from linli.kernel.access import SYSTEM, Actor
from linli.kernel.errors import INVALID, NOT_FOUND, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text

RUN = "intake.batch"
NAME_MOST = 120
S = BatchState
NO_SUCH_KIND = Text("没有这个事项类别", "There is no such kind of matter")
MATCH_IT = Text("请选择事项", "Choose a kind of matter")


def upload(file: UploadedFile, *, source: Source, by: Actor, at: datetime) -> tuple[UUID, bool]:
    """Read the file and keep its rows, encrypted; give the batch, and whether it is new.

    The same bytes from the same source are the batch that they were the first time. Raises TOO_BIG, NO_ROWS,
    FILE_UNREADABLE, NOT_ALLOWED. Not inside a transaction.
    """
    unit_id = queries.require_clerk(by)
    if source not in SOURCES:
        raise Problem(INVALID, fields={"source": Text("请选择来源", "Choose the source")})
    limits = judging.limits()["file"]
    with no_garbage():
        found = sheet.read(file, limits)
    same = Batch.objects.filter(unit_id=unit_id, source=source, sha256=found.sha256)
    known = same.values_list("id", flat=True).first()
    if known is not None:
        return known, False
    saved = queries.saved(unit_id, source)
    batch_id = uuid7(at)
    cut = list(parts.cut(found.lines, limits["chunk_rows"]))
    batch = Batch(
        id=batch_id, unit_id=unit_id, source=source, by_id=by.account_id, sha256=found.sha256, created_at=at,
        file_name=" ".join((file.name or "").split())[-NAME_MOST:], state=S.MAPPING, header=found.header,
        rows=len(found.lines), parts=len(cut), find_duplicates=True, suggest=True,
        columns=law.propose(found.header, saved.columns if saved else {}), kinds=saved.kinds if saved else {},
    )  # fmt: skip
    try:
        with no_garbage(), transaction.atomic():
            batch.save(force_insert=True)
            BatchPart.objects.bulk_create(
                BatchPart(batch=batch, number=number, ciphertext=parts.close(batch_id, number, lines))
                for number, lines in enumerate(cut)
            )
            fact = BatchReceived(source=source, rows=batch.rows, sha256=found.sha256)
            journal.record(fact, about=batch_id, by=by, at=at)
    except IntegrityError:  # the same file came twice in this very moment
        return same.values_list("id", flat=True).get(), False
    return batch_id, True


@transaction.atomic
def set_columns(
    batch_id: UUID,
    *,
    columns: Mapping[str, str],
    find_duplicates: bool,
    suggest: bool,
    by: Actor,
    at: datetime,
) -> None:
    """Confirm which column is what, remember it for the source, and begin to look through the rows.

    Raises COLUMNS_WRONG with the fields, NOT_NOW once taking in has begun, FORGOTTEN.
    """
    batch = _locked(batch_id, by, {S.MAPPING, S.LOOKING, S.LOOKED})
    chosen = {str(field): columns[field] for field in Field if columns.get(field)}
    wrong = law.wrong(chosen, batch.header)
    if wrong:
        raise Problem(COLUMNS_WRONG, fields=wrong)
    batch.columns, batch.find_duplicates, batch.suggest = chosen, find_duplicates, suggest
    _remember(batch, at, columns=chosen)
    _look(batch, at)


def set_kinds(batch_id: UUID, *, kinds: Mapping[str, str], by: Actor, at: datetime) -> None:
    """Say once which kind each unknown category is, and remember it for the source. `kinds` goes from their
    category to our code or its name; NO_KIND (the empty category) is for rows without one and may be left out.

    Raises KINDS_WRONG with what is not a kind, by category; what is right is kept all the same.
    """
    with transaction.atomic():
        batch = _locked(batch_id, by, {S.LOOKED, S.STOPPED})
        right, wrong = _matched(batch, kinds)
        batch.kinds = {**batch.kinds, **right}
        batch.save(update_fields=["kinds"])
        if right:
            _remember(batch, at, kinds=right)
    if wrong:
        raise Problem(KINDS_WRONG, fields=dict.fromkeys(wrong, NO_SUCH_KIND))


def _matched(batch: Batch, kinds: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Our codes for the categories that name one (a code, a code with its name behind it, or a name), and the
    categories for which nothing of ours was given."""
    catalogue = cases.catalogue(None)
    names = judging.names_of(catalogue)
    right: dict[str, str] = {}
    wrong: list[str] = []
    for theirs in batch.unknown:
        given = kinds.get(theirs, "").strip()
        for said in (given.partition(" ")[0], given):
            code = judging.kind_named(said, catalogue, names) if said else ""
            if code:
                right[theirs] = code
        if given and theirs not in right:
            wrong.append(theirs)
    return right, wrong


@transaction.atomic
def take(batch_id: UUID, *, by: Actor, at: datetime) -> None:
    """Begin to open the matters, or go on where it was stopped. Asked again while it runs it changes nothing.

    Raises KINDS_WRONG while categories have no kind, NOT_NOW before the rows were looked through, FORGOTTEN.
    """
    batch = _locked(batch_id, by, {S.LOOKED, S.STOPPED, S.TAKING, S.DONE})
    if batch.state in {S.TAKING, S.DONE}:
        return
    left = [theirs for theirs in queries.unmatched(batch) if theirs != NO_KIND]
    if left:
        raise Problem(KINDS_WRONG, fields=dict.fromkeys(left, MATCH_IT))
    first = batch.state == S.LOOKED
    if first:
        batch.next_part, batch.started_at = 0, at
        batch.by_id = by.account_id
    batch.state, batch.trouble = S.TAKING, ""
    _begin(batch, at)
    journal.record(BatchBegun(queries.done_rows(batch), batch.rows), about=batch.id, by=by, at=at)


@transaction.atomic
def stop(batch_id: UUID, *, by: Actor, at: datetime) -> None:
    """Take in no further part; the part that is being taken in may still be finished. While the rows are only
    looked through, stopping gives the columns back. Otherwise it changes nothing."""
    batch = _locked(batch_id, by, set(S))
    if batch.state == S.LOOKING:
        batch.state, batch.run = S.MAPPING, batch.run + 1
        batch.save(update_fields=["state", "run"])
    elif batch.state == S.TAKING:
        halt(batch, why="", by=by, at=at)


def halt(batch: Batch, *, why: str, by: Actor, at: datetime) -> None:
    """Stop, by somebody or for a reason; the batch is locked by the caller. One whose rows were only looked through
    is back with its columns."""
    after = S.MAPPING if batch.state == S.LOOKING else S.STOPPED
    batch.state, batch.trouble, batch.run = after, why, batch.run + 1
    batch.save(update_fields=["state", "trouble", "run"])
    journal.record(BatchStopped(queries.done_rows(batch), batch.rows, why), about=batch.id, by=by, at=at)


@transaction.atomic
def drop(batch_id: UUID, *, by: Actor, at: datetime) -> None:
    """Delete a file of which nothing was taken in. Raises NOT_NOW otherwise."""
    batch = _locked(batch_id, by, {S.MAPPING, S.LOOKING, S.LOOKED})
    journal.record(BatchDropped(batch.rows), about=batch.id, by=by, at=at)
    BatchPart.objects.filter(batch=batch).delete()
    Batch.objects.filter(pk=batch.id).delete()


def forget_old(at: datetime) -> int:
    """Delete what the files said, as long ago as the rulebook says; files that nobody took go whole. How many
    batches. Not inside a transaction."""
    keep = judging.limits()["keep"]
    done = Q(state=S.DONE, finished_at__lt=at - timedelta(days=keep["days"]))
    left = ~Q(state=S.DONE) & Q(created_at__lt=at - timedelta(days=max(keep["days"], keep["untaken_days"])))
    untaken = Q(started_at=None, created_at__lt=at - timedelta(days=keep["untaken_days"]))
    old = Batch.objects.filter(done | left | untaken, forgotten_at=None)
    ids = list(old.values_list("id", flat=True))
    for batch_id in ids:
        _forget(batch_id, at)
    return len(ids)


@transaction.atomic
def _forget(batch_id: UUID, at: datetime) -> None:
    batch = Batch.objects.select_for_update().filter(pk=batch_id, forgotten_at=None).first()
    if batch is None:
        return
    BatchPart.objects.filter(batch=batch).delete()
    if batch.started_at is None:
        journal.record(BatchDropped(batch.rows), about=batch.id, by=SYSTEM, at=at)
        Batch.objects.filter(pk=batch.id).delete()
        return
    batch.forgotten_at = at
    if batch.state in RUNNING:
        batch.state, batch.run = S.STOPPED, batch.run + 1
    batch.save(update_fields=["forgotten_at", "state", "run"])
    journal.record(BatchForgotten(batch.rows), about=batch.id, by=SYSTEM, at=at)


def _locked(batch_id: UUID, by: Actor, states: set[BatchState]) -> Batch:
    queries.batch_for(by, batch_id)
    batch = Batch.objects.select_for_update().filter(pk=batch_id).first()
    if batch is None:
        raise Problem(NOT_FOUND)
    if batch.state not in states:
        raise Problem(NOT_NOW, state=S(batch.state).label)
    if batch.forgotten_at is not None and batch.state != S.DONE:
        raise Problem(FORGOTTEN)
    return batch


def _look(batch: Batch, at: datetime) -> None:
    batch.state, batch.next_part, batch.counts, batch.unknown, batch.twice = S.LOOKING, 0, {}, {}, {}
    batch.trouble = ""
    _begin(batch, at)


def _begin(batch: Batch, at: datetime) -> None:
    batch.run += 1
    batch.save()
    enqueue(batch, at)


def enqueue(batch: Batch, at: datetime) -> None:
    """A job for the next part of this run."""
    payload = {"batch": batch.id, "run": batch.run, "part": batch.next_part}
    jobs.enqueue(RUN, payload, at=at, key=queries.job_key(batch))


@jobs.given_up(RUN)
def gave_up(payload: dict[str, Any], at: datetime) -> None:
    """Stop a batch whose job has used up its attempts, so that somebody can go on with it once the cause is gone:
    what was taken in stays; a file that was only looked through waits for its columns to be confirmed again."""
    waiting = Batch.objects.select_for_update().filter(
        pk=payload["batch"], run=payload["run"], next_part=payload["part"], state__in=RUNNING
    )
    batch = waiting.first()
    if batch is not None:
        halt(batch, why=GAVE_UP, by=SYSTEM, at=at)


def _remember(
    batch: Batch,
    at: datetime,
    *,
    columns: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
) -> None:
    mine = SavedMapping.objects.select_for_update().filter(unit_id=batch.unit_id, source=batch.source)
    found = mine.first() or SavedMapping(id=uuid7(at), unit_id=batch.unit_id, source=batch.source)
    if columns is not None:
        found.columns = dict(columns)
    if kinds:
        found.kinds = {**found.kinds, **kinds}
    found.updated_at = at
    found.save()
