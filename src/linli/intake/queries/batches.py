"""Batches as pages and result files show them. Somebody sees those of the units whose matters they may take in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from linli.cases import queries as cases
from linli.intake.batches import parts
from linli.intake.batches.sheet import Line
from linli.intake.batches.words import PERSONAL, RUNNING, Field
from linli.intake.models import Batch, BatchPart, BatchRow, SavedMapping
from linli.kernel import access, jobs
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_ALLOWED, NOT_FOUND, NOT_SIGNED_IN, Problem
from linli.kernel.fields import mask_phone

ACTION = "case.intake_any"
SHOWN = 50
SAMPLE_ROWS = 3
MOBILE = re.compile(r"(?<!\d)1\d{10}(?!\d)")
"""A telephone number, in whatever column it stands."""


def units_of(actor: Actor) -> tuple[UUID, ...]:
    """The units for which the actor takes in what is sent, the post held longest first."""
    return tuple(dict.fromkeys(post.unit_id for _, post in access.reach(actor, ACTION)))


def require_clerk(actor: Actor) -> UUID:
    """The unit for which the actor takes in a new batch. Raises NOT_ALLOWED, NOT_SIGNED_IN."""
    units = units_of(actor)
    if not units:
        raise Problem(NOT_SIGNED_IN if actor.kind == "anonymous" else NOT_ALLOWED)
    return units[0]


def visible_to(actor: Actor) -> QuerySet[Batch]:
    """The batches that the actor may see and work on."""
    if actor.kind == "system":
        return Batch.objects.all()
    return Batch.objects.filter(unit_id__in=units_of(actor))


def batch_for(actor: Actor, batch_id: UUID) -> Batch:
    """The batch, when the actor may see it. Raises NOT_FOUND; without the right to take in, NOT_ALLOWED."""
    require_clerk(actor)
    found = visible_to(actor).filter(pk=batch_id).first()
    if found is None:
        raise Problem(NOT_FOUND)
    return found


def latest(actor: Actor, most: int = 30) -> list[Batch]:
    """The newest batches, with who uploaded them."""
    return list(visible_to(actor).select_related("by").order_by("-created_at", "-id")[:most])


def saved(unit_id: UUID, source: str) -> SavedMapping | None:
    """What this source's columns and categories were the last time."""
    return SavedMapping.objects.filter(unit_id=unit_id, source=source).first()


def lines_of(batch: Batch, number: int) -> list[Line]:
    """The lines of a part; none once they are forgotten."""
    data = BatchPart.objects.filter(batch=batch, number=number).values_list("ciphertext", flat=True).first()
    return parts.open_(batch.id, number, bytes(data)) if data else []


def samples(batch: Batch, at: datetime) -> list[list[str]]:
    """The first rows as they stand in the file; what is, or looks, personal is masked."""
    personal = {batch.columns.get(field) for field in PERSONAL}
    found = []
    for _, cells in lines_of(batch, 0)[: SAMPLE_ROWS * 3]:
        if isinstance(cells, list):
            found.append(
                [_shown(label, cell, personal) for label, cell in zip(batch.header, cells, strict=True)]
            )
    return found[:SAMPLE_ROWS]


def _shown(label: str, cell: str, personal: set[Any]) -> str:
    value = " ".join(cell.split())
    if label in personal:
        return mask_phone(value) if len(value) > 7 else value[:1] + "*" * (len(value) - 1)
    value = MOBILE.sub(lambda found: mask_phone(found[0]), value)
    return value[:40] + "…" if len(value) > 40 else value


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that cannot be taken, as it is listed."""

    line: int
    number: str
    field: str
    value: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class LikeLine:
    """A row that is probably about a matter that is open already, or about the same as an earlier line."""

    line: int
    number: str
    case_id: UUID | None
    other: int
    score: float


def refused_lines(batch: Batch, most: int = SHOWN) -> list[RefusedLine]:
    """The first lines that the preview found cannot be taken."""
    return [RefusedLine(*each) for each in _found(batch, "refused", most)]


def like_lines(batch: Batch, most: int = SHOWN) -> list[LikeLine]:
    """The first rows that the preview found to be probably about an open matter."""
    return [
        LikeLine(line, number, UUID(case) if case else None, other, score)
        for line, number, case, other, score in _found(batch, "like", most)
    ]


def _found(batch: Batch, name: str, most: int) -> Iterator[Any]:
    count = 0
    for found in BatchPart.objects.filter(batch=batch).order_by("number").values_list("found", flat=True):
        for each in found.get(name, ()):
            if count == most:
                return
            count += 1
            yield each


def summaries(case_ids: list[UUID], actor: Actor) -> dict[UUID, Any]:
    """The cases that rows are like, as far as the actor may see them."""
    return {case.id: case for case in cases.visible_to(actor).filter(pk__in=case_ids)}


def results(batch: Batch) -> QuerySet[Any]:
    """What became of its rows, by line, with the case, or the case it is like."""
    return (
        BatchRow.objects.filter(batch=batch)
        .order_by("line")
        .annotate(
            serial=F("case__serial"), reported_at=F("case__reported_at"), state=F("case__state"),
            department_id=F("case__department_id"), post_id=F("case__post_id"), unit_id=F("case__unit_id"),
            due_at=F("case__due_at"), next_due_at=F("case__next_due_at"), handled_at=F("case__handled_at"),
            closed_at=F("case__closed_at"), answer=F("case__answer"), like_serial=F("like__serial"),
            like_reported_at=F("like__reported_at"),
        )
    )  # fmt: skip


def job_key(batch: Batch) -> str:
    """Under which key the job for the batch's next part is written: no other run and no other part has it."""
    return f"{batch.id}/{batch.run}/{batch.next_part}"


def stumbled(batch: Batch, at: datetime) -> jobs.Stumbled | None:
    """How often the part in hand did not go through, while the batch runs; None when all goes well. One query."""
    return jobs.stumbled("intake.batch", job_key(batch), at=at) if batch.state in RUNNING else None


def done_rows(batch: Batch) -> int:
    """How many rows the present run has done."""
    return int(batch.rows * batch.next_part // max(batch.parts, 1))


def unmatched(batch: Batch) -> list[str]:
    """The categories that still have no kind, the most frequent first."""
    known = cases.catalogue(None).kinds
    left = [name for name in batch.unknown if batch.kinds.get(name) not in known]
    return sorted(left, key=lambda name: (-batch.unknown[name]["rows"], name))


def field_label(name: str) -> Any:
    """What a field of a row is called; a text for none."""
    return Field(name).label if name in frozenset(Field) else ""
