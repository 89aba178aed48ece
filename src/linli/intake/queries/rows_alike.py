"""Rows of a batch, each with the open matters and the rows before it that are probably about the same thing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from linli.cases import queries as cases
from linli.intake.duplicates.index import Hit, Index
from linli.intake.duplicates.rules import Matter
from linli.intake.duplicates.standing import OPEN
from linli.intake.queries.comparing import law
from linli.intake.queries.resembling import Maker, open_matters
from linli.kernel.access import Actor

ROW = "row "
SPARE = 3
"""So many more are asked for than are shown: some may have ended, or are not for this actor to see."""


@dataclass(frozen=True, slots=True)
class Report:
    """A row as it is compared. `at` is when it came."""

    text: str
    kind: str
    address: str
    lng: float | None
    lat: float | None
    unit_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Alike:
    """An open matter (`case_id`), or a row given before this one (`row`, its place in what was given)."""

    case_id: UUID | None
    row: int | None
    score: float


def similar_many(
    actor: Actor, reports: Sequence[Report], *, at: datetime, least: float = 0.0
) -> list[list[Alike]]:
    """For each row the matters that it is probably about, best first, none below the rulebook's threshold or `least`.

    Compared with the open matters visible to the actor and with the rows given before it. Two queries in all and one
    for each five hundred matters found; none a row.
    """
    numbers = law()
    least = max(least, numbers.threshold)
    make = Maker()
    asked = [_matter(place, report, make) for place, report in enumerate(reports)]
    found = OPEN.ask(
        asked, numbers, at=at, read=lambda after: _open(after, at), most=numbers.shown + SPARE,
        least=least,
    )  # fmt: skip
    visible = _visible(actor, {hit.matter.key for hits in found for hit in hits})
    here = Index(numbers)
    results = []
    for each, hits in zip(asked, found, strict=True):
        mine = [*here.query(each, least=least), *(h for h in hits if h.matter.key in visible)]
        mine.sort(key=lambda hit: (-hit.likeness.score, hit.likeness.gap, hit.matter.key))
        results.append([_alike(hit) for hit in mine[: numbers.shown]])
        here.add(each)
    return results


def forget() -> None:
    """Read the open matters again at the next use."""
    OPEN.forget()


def _matter(place: int, report: Report, make: Maker) -> Matter:
    return make(
        f"{ROW}{place}", kind=report.kind, text=report.text, address=report.address, lng=report.lng,
        lat=report.lat, unit_id=report.unit_id, at=report.at.timestamp(),
    )  # fmt: skip


def _open(after: int, at: datetime) -> Iterator[tuple[int, Matter]]:
    make = Maker()
    columns = ("serial", "id", "kind", "text", "address", "lng", "lat", "unit_id", "reported_at")
    found = cases.Case.objects.filter(open_matters(at, law().window), serial__gt=after)
    for serial, id, kind, text, address, lng, lat, unit_id, reported in found.values_list(
        *columns
    ).iterator():
        yield (
            serial,
            make(
                str(id), kind=kind, text=text, address=address, lng=lng, lat=lat, unit_id=unit_id,
                at=reported.timestamp(),
            ),
        )  # fmt: skip


def _visible(actor: Actor, keys: set[str]) -> set[str]:
    ids = sorted(keys)
    found: set[str] = set()
    for start in range(0, len(ids), 500):
        rows = cases.visible_to(actor).filter(pk__in=ids[start : start + 500], closed_at__isnull=True)
        found.update(str(id) for id in rows.values_list("id", flat=True))
    return found


def _alike(hit: Hit) -> Alike:
    key = hit.matter.key
    if key.startswith(ROW):
        return Alike(None, int(key.removeprefix(ROW)), hit.likeness.score)
    return Alike(UUID(key), None, hit.likeness.score)
