"""The work on a batch, part by part, in a process of its own: looking through its rows, and taking them in.

A part is judged outside any transaction and written in one. The batch's row says which run it is in and which part
comes next; a job that does not find both as they were when it was written changes nothing. So a worker that is
killed loses at most the part in hand, which is taken again, and no row is opened twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from linli.cases.actions import receiving
from linli.cases.actions.opening import Report
from linli.cases.actions.receiving import Arrival, Received
from linli.cases.words import Source
from linli.intake.actions.batches import RUN, enqueue, halt
from linli.intake.actions.importing import no_garbage
from linli.intake.batches import asking, judging
from linli.intake.batches.judging import Judge, Judged
from linli.intake.batches.rows import Row
from linli.intake.batches.sheet import Line
from linli.intake.batches.words import NO_KIND, RUNNING, BatchState, Field, Result
from linli.intake.events import BatchTaken
from linli.intake.models import Batch, BatchPart, BatchRow
from linli.intake.queries import batches as queries
from linli.intake.words import Refusal
from linli.kernel import jobs, journal
from linli.kernel.access import ANONYMOUS, Actor
from linli.kernel.errors import NOT_ALLOWED, Problem
from linli.kernel.ids import uuid7_from
from linli.kernel.rows import beside, copy_in
from linli.people import actions as people
from linli.people import queries as people_queries
from linli.territory import queries as territory

NO_ADDRESS = "未提供地址"
Likes = dict[int, tuple[str, int]]
"""By line: the case that it is like, or the earlier line."""
ROW_COLUMNS = (
    "batch_id", "line", "number", "result", "case_id", "like_id", "field", "reason_zh", "reason_en", "wanted_at",
)  # fmt: skip


@jobs.handler(RUN, transaction=False)
def run_part(payload: dict[str, Any], at: datetime) -> None:
    """Look through, or take in, one part of a batch, and write the job for the next."""
    batch = Batch.objects.filter(pk=payload["batch"], run=payload["run"], next_part=payload["part"]).first()
    if batch is not None and batch.state in RUNNING:
        with no_garbage():
            (_look if batch.state == BatchState.LOOKING else _take)(batch, at)


def _look(batch: Batch, at: datetime) -> None:
    lines = queries.lines_of(batch, batch.next_part)
    firsts = _firsts(batch)
    batch.twice |= judging.find_twice(_numbers(batch, lines), firsts)
    judged = Judge(batch, at).part(lines)
    here = _known(batch, judged.rows)
    fresh = [row for row in judged.rows if row.number not in here]
    by_text = _tell_kinds(fresh) if batch.suggest else 0
    like = _like(batch, fresh, at) if batch.find_duplicates else []
    found = {"refused": [_listed(refusal) for refusal in judged.refused], "like": like}
    counts = {
        "rows": len(judged.rows) + len(judged.refused) + len(judged.twice),
        "fresh": len(fresh),
        "here": len(judged.rows) - len(fresh),
        "twice": len(judged.twice),
        "refused": len(judged.refused),
        "like": len(like),
        "by_text": by_text,
        "no_phone": sum(1 for row in fresh if row.phone and not people_queries.is_phone(row.phone)),
    }
    unknown = _unknown(batch, [row for row in fresh if not row.kind])
    last = batch.next_part + 1 >= batch.parts
    if last:
        _suggest(batch, unknown)
    with transaction.atomic():
        if not _ours(batch):
            return
        BatchPart.objects.filter(batch=batch, number=batch.next_part).update(found=found)
        before = batch.counts.get("look", {})
        batch.counts = {"look": {name: before.get(name, 0) + count for name, count in counts.items()}}
        batch.unknown = unknown
        batch.next_part += 1
        batch.state = BatchState.LOOKED if last else batch.state
        batch.save(update_fields=["twice", "counts", "unknown", "next_part", "state"])
        if not last:
            enqueue(batch, at)
    if not last:
        _looked[batch.id, batch.run, batch.next_part] = firsts


def _tell_kinds(rows: Sequence[Row]) -> int:
    """Give the rows that name no category the kind that their text tells; how many it tells one."""
    bare = [row for row in rows if not row.kind and not row.theirs]
    for row, kind in zip(bare, asking.kinds([row.text for row in bare]), strict=True):
        row.kind = kind
    return sum(1 for row in bare if row.kind)


_looked: dict[tuple[UUID, int, int], dict[str, int]] = {}
"""The numbers of the parts before this one, for the process that looks through one after the other."""


def _firsts(batch: Batch) -> dict[str, int]:
    """The numbers of the parts before the next one, each with the line where it stands first. A process that did
    not look through them reads them anew."""
    found = _looked.pop((batch.id, batch.run, batch.next_part), None)
    _looked.clear()  # of a batch that was stopped or given up
    if found is None:
        found = {}
        for number in range(batch.next_part):
            judging.find_twice(_numbers(batch, queries.lines_of(batch, number)), found)
    return found


def _numbers(batch: Batch, lines: Sequence[Line]) -> list[tuple[int, str]]:
    """Each line with its number; none when the file has none."""
    column = batch.columns.get(Field.NUMBER)
    if column is None:
        return []
    place = batch.header.index(column)
    return [(line, cells[place].strip()) for line, cells in lines if isinstance(cells, list)]


def _known(batch: Batch, rows: Sequence[Row]) -> dict[str, UUID]:
    return receiving.known_numbers(batch.source, [row.number for row in rows if row.number])


def _like(batch: Batch, rows: Sequence[Row], at: datetime) -> list[tuple[int, str, str, int, float]]:
    """Line, number, the case or the earlier line that it is like, and how much."""
    by = people_queries.actor_for(batch.by_id, at) if batch.by_id else ANONYMOUS
    return [
        (row.line, row.number, str(like.case_id or ""), like.line or 0, round(like.score, 3))
        for row, like in zip(rows, asking.alike(rows, by=by, at=at), strict=True)
        if like is not None
    ]


def _listed(refusal: Refusal) -> tuple[int, str, str, str, str, str]:
    return (
        refusal.line, refusal.number, refusal.field, refusal.value, refusal.reason.zh, refusal.reason.en,
    )  # fmt: skip


def _unknown(batch: Batch, rows: Sequence[Row]) -> dict[str, Any]:
    """The categories without a kind so far: how many rows, and where some of their texts stand."""
    limits = judging.limits()["rows"]
    found = {theirs: {**each} for theirs, each in batch.unknown.items()}
    for row in rows:
        if row.theirs not in found and len(found) >= limits["unknown_kinds_most"]:
            continue
        each = found.setdefault(row.theirs, {"rows": 0, "where": [], "best": []})
        each["rows"] += 1
        if len(each["where"]) < limits["samples"]:
            each["where"] = [*each["where"], (batch.next_part, row.line)]
    return found


def _suggest(batch: Batch, unknown: dict[str, Any]) -> None:
    """Three kinds for each category, by its name and some of its texts."""
    wanted = {number for each in unknown.values() for number, _ in each["where"]}
    place = batch.header.index(batch.columns[Field.TEXT])
    texts: dict[tuple[int, int], str] = {}
    for number in sorted(wanted):
        for line, cells in queries.lines_of(batch, number):
            if isinstance(cells, list):
                texts[number, line] = cells[place]
    asked = [
        f"{theirs}\n" + "\n".join(texts[number, line] for number, line in each["where"])
        for theirs, each in unknown.items()
    ]
    for (theirs, each), best in zip(unknown.items(), asking.best_kinds(asked), strict=True):
        each["best"] = [] if theirs == NO_KIND else best


def _take(batch: Batch, at: datetime) -> None:
    judge = Judge(batch, at)
    judged = judge.part(queries.lines_of(batch, batch.next_part))
    judge.settle_kinds(judged, asking.kinds if batch.suggest else None)
    found = (
        BatchPart.objects.filter(batch=batch, number=batch.next_part).values_list("found", flat=True).get()
    )
    like = {line: (case, other) for line, _, case, other, _ in found.get("like", ())}
    with transaction.atomic():
        if _ours(batch):
            _write(batch, judged, like, at)


def _write(batch: Batch, judged: Judged, like: Likes, at: datetime) -> None:
    by = people_queries.actor_for(batch.by_id, at) if batch.by_id else ANONYMOUS
    if batch.unit_id not in queries.units_of(by):
        halt(batch, why=NOT_ALLOWED.code, by=by, at=at)
        return
    with beside():
        results = _opened(batch, judged.rows, like, by, at)
        results += [_not_taken(batch, refusal, Result.TWICE) for refusal in judged.twice]
        results += [_not_taken(batch, refusal, Result.REFUSED) for refusal in judged.refused]
        copy_in(BatchRow, ROW_COLUMNS, sorted(results, key=lambda line: line[1]))
    before = batch.counts.get("take", {})
    counts = {result.value: before.get(result.value, 0) for result in Result}
    for line in results:
        counts[line[3]] += 1
    counts["like"] = before.get("like", 0) + sum(1 for line in results if line[5] and line[3] == Result.TAKEN)
    batch.counts = {**batch.counts, "take": counts}
    batch.next_part += 1
    if batch.next_part < batch.parts:
        batch.save(update_fields=["counts", "next_part"])
        enqueue(batch, at)
        return
    batch.state, batch.finished_at = BatchState.DONE, at
    batch.save(update_fields=["counts", "next_part", "state", "finished_at"])
    fact = BatchTaken(source=batch.source, rows=batch.rows, **counts)
    journal.record(fact, about=batch.id, by=by, at=at)


def _opened(batch: Batch, rows: Sequence[Row], like: Likes, by: Actor, at: datetime) -> list[tuple[Any, ...]]:
    """Open the rows that are not here yet; what became of each."""
    here = _known(batch, rows)
    fresh = [row for row in rows if row.number not in here]
    residents = people.register_residents(people=[(row.phone, row.name) for row in fresh], by=by, at=at)
    source = Source(batch.source)
    arrivals = [
        Arrival(_report(batch, source, row, reporter, at), row.received or at)
        for row, reporter in zip(fresh, residents, strict=True)
    ]
    results = []
    opened: dict[int, UUID] = {}
    for row, answer in zip(fresh, receiving.open_cases(arrivals, by=by, numbers_new=True), strict=True):
        if isinstance(answer, Received):
            result = Result.HERE if answer.repeated else Result.TAKEN
            case, other = like.get(row.line, ("", 0))
            like_id = UUID(case) if case else opened.get(other)
            opened[row.line] = answer.id
            results.append(_line(batch, row, result, answer.id, like_id))
        else:
            results.append(_not_taken(batch, _refusal(row, answer), Result.REFUSED))
    results += [_line(batch, row, Result.HERE, here[row.number], None) for row in rows if row.number in here]
    return results


def _report(batch: Batch, source: Source, row: Row, reporter: UUID | None, at: datetime) -> Report:
    """The same line makes the same report, whenever it is taken."""
    unit_id, address = None, row.address
    if not address and row.lng is None:
        named = territory.snapshot().locate_address(row.text).unit
        unit_id, address = (named.id, "") if named else (None, NO_ADDRESS)
    tail = hashlib.blake2b(b"%s/%d" % (batch.id.bytes, row.line), digest_size=10).digest()
    return Report(
        id=uuid7_from(row.received or at, tail), source=source, kind=row.kind, text=row.text,
        lng=row.lng, lat=row.lat, address=address, unit_id=unit_id, reporter_id=reporter,
        source_number=row.number or None,
    )  # fmt: skip


def _line(batch: Batch, row: Row, result: Result, case_id: UUID, like_id: UUID | None) -> tuple[Any, ...]:
    return (batch.id, row.line, row.number, result.value, case_id, like_id, "", "", "", row.wanted)


def _not_taken(batch: Batch, refusal: Refusal, result: Result) -> tuple[Any, ...]:
    reason = refusal.reason
    return (
        batch.id, refusal.line, refusal.number, result.value, None, None, refusal.field, reason.zh[:120],
        reason.en[:160], None,
    )  # fmt: skip


def _refusal(row: Row, problem: Problem) -> Refusal:
    field, reason = next(iter(problem.fields.items()), ("", problem.title))
    return Refusal(row.line, row.number, field[:10], "", reason)


def _ours(batch: Batch) -> bool:
    """Whether the batch still waits for this part, once its row is locked."""
    waiting = Batch.objects.select_for_update().filter(
        pk=batch.pk, run=batch.run, next_part=batch.next_part, state=batch.state
    )
    return waiting.values_list("pk", flat=True).first() is not None
