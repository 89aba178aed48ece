"""Open matters that a new report is probably about: near in place and time, alike in kind and words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from linli.cases import queries as cases
from linli.cases.queries import Case
from linli.cases.words import State, number_of
from linli.intake.duplicates import index, language
from linli.intake.duplicates.rules import Law, Likeness, Matter
from linli.intake.queries.comparing import law
from linli.kernel.access import Actor
from linli.kernel.text import Text
from linli.territory import queries as territory
from linli.territory.words import METRES_A_DEGREE
from linli.ui import dates

FIRST_WORDS = 60
SAME_PLACE_M = 5
ALIKE_ADDRESS = 0.5
ABOUT = Text("相距约 {n} 米", "about {n} m apart")
SAME_PLACE = Text("同一地点", "the same place")
SAME_UNIT = Text("同一网格", "the same unit")
ADDRESS = Text("地址相近", "a like address")
SAME_KIND = Text("同一类别", "the same kind")
BEFORE = Text("{span}前", "{span} before")
WORDS = Text("都提到“{words}”", "both mention “{words}”")


@dataclass(frozen=True, slots=True)
class Similar:
    """An open matter that may be the same one: its score (0 to 1), why, and what a clerk reads of it."""

    id: UUID
    number: str
    title: Text
    score: float
    reasons: tuple[Text, ...]
    state: State
    words: str
    address: str
    reported_at: datetime
    due_at: datetime | None
    provisional: bool


class _Near(NamedTuple):
    """The columns by which matters near by are compared."""

    id: UUID
    kind: str
    text: str
    address: str
    lng: float | None
    lat: float | None
    unit_id: UUID | None
    reported_at: datetime


class _Shown(NamedTuple):
    """The further columns of those that are shown."""

    id: UUID
    serial: int
    state: str
    catalogue: int
    source_kind: str
    due_at: datetime | None
    next_due_at: datetime | None
    due_provisional: bool


def similar(
    actor: Actor,
    *,
    text: str,
    kind: str = "",
    lng: float | None = None,
    lat: float | None = None,
    unit_id: UUID | None = None,
    address: str = "",
    at: datetime,
    exclude: UUID | None = None,
) -> list[Similar]:
    """The open matters visible to the actor that are probably the same as a report made `at` this moment.

    Best first, as many as the rulebook shows (five), none below its threshold. By the point where there is one,
    else by the unit, else by the words of the address; with none of them there is no answer. Three queries at most, each answered from an index.
    """
    numbers, make = law(), Maker()
    asked = make(
        "",
        kind=kind,
        text=text,
        address=address,
        lng=lng,
        lat=lat,
        unit_id=unit_id,
        at=at.timestamp(),
    )
    near = [row for row in _near(actor, asked, unit_id, at, numbers) if row.id != exclude]
    hits = index.rank(
        asked,
        [_matter_of(str(place), row, make) for place, row in enumerate(near, start=1)],
        numbers,
        most=numbers.shown,
        least=numbers.threshold,
    )
    best = [near[int(hit.matter.key) - 1] for hit in hits]
    more = {row.id: row for row in _more([row.id for row in best])}
    return [
        _similar(row, more[row.id], hit.likeness, _reasons(asked, hit.matter, hit.likeness, numbers))
        for row, hit in zip(best, hits, strict=True)
        if row.id in more
    ]


class Maker:
    """Makes reports of the town into matters as they are compared, with the catalogue and the units as they are now.

    Kinds of one major class are alike. The top unit is where lies what could not be placed: it makes nothing near.
    """

    def __init__(self) -> None:
        self._book = cases.catalogue(None)
        self._tops = {unit.id for unit in territory.snapshot().roots()}
        self._groups: dict[str, str] = {}

    def __call__(
        self,
        key: str,
        *,
        kind: str,
        text: str,
        address: str,
        lng: float | None,
        lat: float | None,
        unit_id: UUID | None,
        at: float,
    ) -> Matter:
        """The matter; half a point is none."""
        placed = lng is not None and lat is not None
        unit = "" if unit_id is None or unit_id in self._tops else str(unit_id)
        return Matter(
            key,
            kind,
            self._group(kind),
            text,
            address,
            lng if placed else None,
            lat if placed else None,
            unit,
            at,
        )

    def _group(self, code: str) -> str:
        found = self._groups.get(code)
        if found is None:
            kind = self._book.kind(code)
            found = self._groups[code] = kind.major.code if kind else code
        return found


def open_matters(at: datetime, window: float) -> Q:
    """Matters that wait for somebody and came within so many seconds before `at`."""
    return Q(closed_at__isnull=True, reported_at__gt=at - timedelta(seconds=window), reported_at__lte=at)


def _near(actor: Actor, asked: Matter, unit_id: UUID | None, at: datetime, numbers: Law) -> list[_Near]:
    base = cases.visible_to(actor).filter(open_matters(at, numbers.window))
    if asked.lng is not None and asked.lat is not None:
        beside = cases.near(asked.lng, asked.lat) & _box(asked.lng, asked.lat, numbers.radius)
        rows = _read(base.filter(beside), numbers.most)
        if unit_id is not None and asked.kind:
            rows += _read(_in_unit(base, unit_id).filter(cell=None, kind=asked.kind), numbers.most)
        return rows
    rest = _around(base, unit_id, asked)
    return _read(rest.filter(kind=asked.kind) if asked.kind else rest, numbers.most)


def _around(base: QuerySet[Case], unit_id: UUID | None, asked: Matter) -> QuerySet[Case]:
    """Without a point, where its like may lie: in the unit and in all below it, whose cases were placed more exactly;
    anywhere, when only an address is known, which then has to be alike."""
    tree = territory.snapshot()
    unit = tree.unit(unit_id) if asked.unit and unit_id is not None else None
    if unit is not None:
        below = tree.descendants(unit.id, closed=True)
        return base.filter(unit_id__in=[unit.id, *(each.id for each in below)])
    return base if language.address_words(asked.address) else base.none()


def _box(lng: float, lat: float, metres: float) -> Q:
    """Points not further than this to each side."""
    north = metres / METRES_A_DEGREE
    east = north / max(math.cos(math.radians(lat)), 0.01)
    return Q(lng__range=(lng - east, lng + east), lat__range=(lat - north, lat + north))


def _in_unit(base: QuerySet[Case], unit_id: UUID) -> QuerySet[Case]:
    return base.filter(unit_id=unit_id)


def _read(found: QuerySet[Case], most: int) -> list[_Near]:
    rows = found.order_by("-reported_at").values_list(*_Near._fields)[:most]
    return [_Near(*row) for row in rows]


def _matter_of(key: str, row: _Near, make: Maker) -> Matter:
    return make(
        key,
        kind=row.kind,
        text=row.text,
        address=row.address,
        lng=row.lng,
        lat=row.lat,
        unit_id=row.unit_id,
        at=row.reported_at.timestamp(),
    )


def _reasons(asked: Matter, other: Matter, like: Likeness, numbers: Law) -> tuple[Text, ...]:
    found = _place(like, asked.unit == other.unit != "")
    if like.address >= ALIKE_ADDRESS and asked.words:
        found.append(ADDRESS)
    found.append(BEFORE.fill(span=dates.span(timedelta(seconds=like.gap))))
    if like.same_kind:
        found.append(SAME_KIND)
    common = language.common_fragments(
        language.plain(asked.text, numbers.read), language.plain(other.text, numbers.read)
    )
    if common:
        found.append(WORDS.fill(words=Text("、".join(common), ", ".join(common))))
    return tuple(found)


def _place(like: Likeness, same_unit: bool) -> list[Text]:
    if like.metres is None:
        return [SAME_UNIT] if same_unit else []
    if like.metres < SAME_PLACE_M:
        return [SAME_PLACE]
    step = 10 if like.metres >= 50 else 5
    return [ABOUT.fill(n=step * max(1, round(like.metres / step)))]


def _more(ids: list[UUID]) -> list[_Shown]:
    if not ids:
        return []
    return [_Shown(*row) for row in Case.objects.filter(pk__in=ids).values_list(*_Shown._fields)]


def _similar(row: _Near, more: _Shown, like: Likeness, reasons: tuple[Text, ...]) -> Similar:
    words = " ".join(row.text.split())
    kind = cases.catalogue(more.catalogue).kind(row.kind)
    called = more.source_kind or row.kind
    return Similar(
        id=row.id,
        number=number_of(more.serial, row.reported_at),
        title=kind.name if kind else Text(called, called),
        score=like.score,
        reasons=reasons,
        state=State(more.state),
        words=words[:FIRST_WORDS] + ("…" if len(words) > FIRST_WORDS else ""),
        address=row.address,
        reported_at=row.reported_at,
        due_at=more.next_due_at,
        provisional=more.due_provisional and more.next_due_at == more.due_at,
    )
