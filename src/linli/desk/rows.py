"""A case as one line of a list: number, kind, first words, place, time left, source, flags."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse

from linli.cases import queries
from linli.cases.queries import Kind
from linli.cases.words import ENDED, Card, Desk, Source, State, number_of
from linli.kernel.text import Text
from linli.territory import queries as territory
from linli.territory.words import How, Rank
from linli.ui.words import TimeState

FIRST_WORDS = 60


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that a reader should notice at once."""

    label: Text
    icon: str


@dataclass(frozen=True, slots=True)
class Row:
    """One case in a list."""

    id: UUID
    number: str
    kind: Text
    words: str
    place: Text
    state: Text
    desk: Text
    source: Text
    due: datetime | None
    time: str
    provisional: bool
    flags: tuple[Flag, ...]
    reported: datetime
    url: str
    ended: bool


def row(case: queries.Case, at: datetime) -> Row:
    """The line of one case, as seen at this moment."""
    state = State(case.state)
    ended = state in ENDED
    words = " ".join(case.text.split())
    return Row(
        id=case.id,
        number=number_of(case.serial, case.reported_at),
        kind=kind_name(case, queries.kind_of(case)),
        words=words[:FIRST_WORDS] + ("…" if len(words) > FIRST_WORDS else ""),
        place=place(case.unit_id, case.address),
        state=state.label,
        desk=Desk(case.desk).label,
        source=Source(case.source).label,
        due=case.next_due_at,
        time=time_state(case.next_due_at, at),
        provisional=case.due_provisional and case.next_due_at == case.due_at,
        flags=flags(case),
        reported=case.reported_at,
        url=reverse("desk:case", args=[case.id]),
        ended=ended,
    )


def kind_name(case: queries.Case, kind: Kind | None) -> Text:
    """What the matter is called; what the source called it when the catalogue does not know it."""
    if kind is not None:
        return kind.name
    called = case.source_kind or case.kind
    return Text(called, called)


def place(unit_id: UUID | None, address: str = "") -> Text:
    """The village and the unit itself (else the last two units of the way), and the address."""
    chain = territory.snapshot().chain(unit_id) if unit_id else ()
    village = next((unit for unit in chain[:-1] if unit.rank == Rank.VILLAGE), None)
    chain = (village, chain[-1]) if village else chain[-2:]
    zh, en = " ".join(u.title.zh for u in chain), " / ".join(u.title.en for u in chain)
    return Text(" ".join(filter(None, (zh, address))), ", ".join(filter(None, (en, address))))


def time_state(due: datetime | None, at: datetime) -> str:
    """Which of the meanings of time a deadline has now; "" without one."""
    if due is None:
        return ""
    if due < at:
        return TimeState.OVERDUE.value
    soon = due - at < timedelta(hours=queries.soon_hours())
    return TimeState.DUE_SOON.value if soon else TimeState.ON_TIME.value


def flags(case: queries.Case) -> tuple[Flag, ...]:
    """Redone, reopened, its lateness excused, under a card, returned, asked for, helped with, raised, only near a unit."""
    found, ended = [], State(case.state) in ENDED
    if case.redos:
        found.append(Flag(Text("返工 {n} 次", "Redone ×{n}").fill(n=case.redos), "refresh"))
    if case.reopens:
        found.append(Flag(Text("重开", "Reopened"), "repeat"))
    if case.excused:
        found.append(Flag(Text("申诉成立,不计超时", "Lateness not counted"), "scale"))
    if case.supervised:
        found.append(Flag(Text("{card}督办", "{card}").fill(card=Card(case.supervised).label), "flag"))
    if case.returns and not ended:
        found.append(Flag(Text("退单 {n} 次", "Returned ×{n}").fill(n=case.returns), "corner-up-left"))
    if case.wishes:
        found.append(Flag(Text("有申请待批", "Request waits"), "calendar-plus"))
    if case.open_parts:
        found.append(Flag(Text("协办 {n}", "{n} helping").fill(n=case.open_parts), "users"))
    if case.raised_to_id:
        found.append(Flag(Text("已升级", "Raised"), "arrow-up-circle"))
    if case.located == How.NEAREST:
        found.append(Flag(Text("就近归属", "Nearest unit"), "map-pin"))
    return tuple(found)
