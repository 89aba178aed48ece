"""Matters that keep coming back: of one kind at one place, or of one kind with one cause in several places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from linli.cases import queries as cases
from linli.cases.queries import Case
from linli.cases.words import ENDED, State, number_of
from linli.intake.duplicates import language
from linli.intake.queries.comparing import law, numbers
from linli.kernel.access import Actor
from linli.kernel.text import Text
from linli.territory import queries as territory

NOT_COUNTED = (State.DECLINED, State.VOID, State.TRANSFERRED, State.MERGED)
"""No matter of ours, or the same one reported again."""
FIRST_WORDS = 60
MEMBERS_READ = 2_000
_PLACE = ("cell", "unit_id")


@dataclass(frozen=True, slots=True)
class Member:
    """One of a group's matters."""

    id: UUID
    number: str
    words: str
    state: State
    reported_at: datetime

    @property
    def ended(self) -> bool:
        """Whether nothing more is to be done."""
        return self.state in ENDED


@dataclass(frozen=True, slots=True)
class Group:
    """Matters of one kind that came `count` times in the window; `before` times in the window of the same length
    before it (None for a cause: only the latest texts are compared). `places` is how many places it came from."""

    kind: Text
    place: Text
    count: int
    before: int | None
    open: int
    places: int
    last: datetime
    words: tuple[str, ...]
    members: tuple[Member, ...]

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.members)


class _Row(NamedTuple):
    id: UUID
    serial: int
    kind: str
    catalogue: int
    text: str
    address: str
    cell: int | None
    unit_id: UUID | None
    state: str
    reported_at: datetime

    @property
    def place(self) -> int | UUID | None:
        return self.unit_id if self.cell is None else self.cell


class _Tally(NamedTuple):
    """How often, when last, how many wait: in this order the greatest comes first."""

    times: int
    last: datetime
    open: int


_Key = tuple[int | UUID | None, str]


def recurring(actor: Actor, *, since: datetime, until: datetime, at: datetime) -> list[Group]:
    """The groups visible to the actor that came at least as often as the rulebook says, most frequent first.

    First places: a cell of the ground (about 200 m), for matters without a point their unit. Then causes: one kind
    told in like words from more than one place, among the latest matters. Six queries, however many there are.
    """
    rules = numbers("recurring")
    base = cases.visible_to(actor).exclude(state__in=NOT_COUNTED)
    window = base.filter(reported_at__gte=since, reported_at__lt=until)
    counted = _counted(window, rules["least"], rules["groups"])
    before = _before(base, counted, since - (until - since), since)
    listed = _rows(window.filter(_of(counted)), MEMBERS_READ) if counted else []
    by_key = _by(listed)
    found = [
        _group(by_key[key], tally, before.get(key, 0), rules["members"])
        for key, tally in counted.items()
        if key in by_key
    ]
    latest = _rows(window, rules["compared"])
    return found + _causes(latest, rules)[: rules["groups"]]


def _counted(window: QuerySet[Case], least: int, most: int) -> dict[_Key, _Tally]:
    """How often each place and kind came, how many wait, and when last; the most frequent first."""
    found: list[tuple[_Tally, _Key]] = []
    for column, where in (
        ("cell", Q(cell__isnull=False)),
        ("unit_id", Q(cell__isnull=True, unit_id__isnull=False)),
    ):
        rows = (
            window.filter(where).order_by().values_list(column, "kind")
            .annotate(times=Count("id"), latest=Max("reported_at"), waiting=Count("id", filter=Q(closed_at=None)))
            .filter(times__gte=least).order_by("-times", "-latest")[:most]
        )  # fmt: skip
        found += [
            (_Tally(times, latest, waiting), (place, kind)) for place, kind, times, latest, waiting in rows
        ]
    found.sort(key=lambda row: row[0], reverse=True)
    return {key: tally for tally, key in found[:most]}


def _of(keys: Iterable[_Key]) -> Q:
    """The matters of these places and kinds."""
    found = Q()
    for place, kind in keys:
        if isinstance(place, int):
            found |= Q(cell=place, kind=kind)
        else:
            found |= Q(cell=None, unit_id=place, kind=kind)
    return found


def _before(
    base: QuerySet[Case], keys: dict[_Key, _Tally], since: datetime, until: datetime
) -> dict[_Key, int]:
    if not keys:
        return {}
    rows = (
        base.filter(_of(keys), reported_at__gte=since, reported_at__lt=until)
        .order_by().values_list(*_PLACE, "kind").annotate(times=Count("id"))
    )  # fmt: skip
    found: dict[_Key, int] = defaultdict(int)
    for cell, unit, kind, times in rows:
        found[unit if cell is None else cell, kind] += times
    return found


def _rows(found: QuerySet[Case], most: int) -> list[_Row]:
    return [_Row(*row) for row in found.order_by("-reported_at", "-id").values_list(*_Row._fields)[:most]]


def _by(rows: Iterable[_Row]) -> dict[_Key, list[_Row]]:
    found: dict[_Key, list[_Row]] = {}
    for row in rows:
        found.setdefault((row.place, row.kind), []).append(row)
    return found


def _causes(rows: list[_Row], rules: dict[str, Any]) -> list[Group]:
    """Each text joins the first group of its kind whose newest text is like it; groups of several places count."""
    read = law().read
    groups: dict[str, list[tuple[int, list[_Row]]]] = {}
    for row in rows:
        bits = language.signature(language.plain(row.text, read))
        known = groups.setdefault(row.kind, [])
        for first, members in known:
            if bits and language.overlap(bits, first) >= rules["cause_alike"]:
                members.append(row)
                break
        else:
            known.append((bits, [row]))
    found = [
        _group(members, _tally(members), None, rules["members"])
        for known in groups.values()
        for _, members in known
        if len(members) >= rules["least"] and len({member.place for member in members}) > 1
    ]
    return sorted(found, key=lambda group: (group.count, group.last), reverse=True)


def _tally(rows: list[_Row]) -> _Tally:
    return _Tally(len(rows), rows[0].reported_at, sum(State(row.state) not in ENDED for row in rows))


def _group(rows: list[_Row], tally: _Tally, before: int | None, most: int) -> Group:
    newest = rows[0]
    kind = cases.catalogue(newest.catalogue).kind(newest.kind)
    read = law().read
    one, other = (language.plain(row.text, read) for row in (rows[0], rows[-1]))
    return Group(
        kind=kind.name if kind else Text(newest.kind, newest.kind),
        place=_place(newest.unit_id, next((row.address for row in rows if row.address), "")),
        count=tally.times,
        before=before,
        open=tally.open,
        places=len({row.place for row in rows}),
        last=tally.last,
        words=tuple(language.common_fragments(one, other)) if len(rows) > 1 else (),
        members=tuple(map(_member, rows[:most])),
    )


def _place(unit_id: UUID | None, address: str) -> Text:
    """The last two units of the way to it, and the latest address that was given."""
    chain = territory.snapshot().chain(unit_id)[-2:] if unit_id else ()
    zh, en = " ".join(unit.title.zh for unit in chain), " / ".join(unit.title.en for unit in chain)
    return Text(" ".join(filter(None, (zh, address))) or "—", ", ".join(filter(None, (en, address))) or "—")


def _member(row: _Row) -> Member:
    words = " ".join(row.text.split())
    shown = words[:FIRST_WORDS] + ("…" if len(words) > FIRST_WORDS else "")
    return Member(row.id, number_of(row.serial, row.reported_at), shown, State(row.state), row.reported_at)
