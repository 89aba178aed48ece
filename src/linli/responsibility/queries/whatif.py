"""What-if: which cases of a time a proposed matrix would have sent elsewhere. One query for the cases, whatever
their number; the rest in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from linli.cases import queries as cases
from linli.cases.words import number_of
from linli.kernel import rulebook
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, Problem
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import Entry, Responsible
from linli.responsibility.queries.scope import managed_units
from linli.responsibility.rules.shift import Balance, Flow, balances, flows

COLUMNS = (
    "id", "serial", "reported_at", "dispatched_at", "kind", "catalogue", "unit_id", "lng", "lat", "address",
    "department_id", "post_id",
)  # fmt: skip
TOO_MANY = Text(
    "这段时间派遣了 {n} 件以上,请缩短时段", "More than {n} cases were dispatched; choose fewer days"
)
BACKWARDS = Text("结束应晚于开始", "It must end after it begins")
TOO_LONG = Text("最多 {n} 天", "at most {n} days")


@dataclass(frozen=True, slots=True)
class Moved:
    """A case that would have gone elsewhere. `other`: it was dispatched by hand to neither of the two."""

    id: UUID
    number: str
    kind: Text
    dispatched_at: datetime
    before: Text
    after: Text
    other: bool


@dataclass(frozen=True, slots=True)
class Shift:
    """What a proposal would have moved: of `cases`, `moved`; the first of them one by one."""

    cases: int
    moved: int
    listed: tuple[Moved, ...]
    flows: Sequence[Flow]
    balances: Sequence[Balance]


def window(
    at: datetime, since: datetime | None = None, until: datetime | None = None
) -> tuple[datetime, datetime]:
    """From when to when: as chosen, or the rulebook's days before now. Refused when it is no time or too long."""
    rules = rulebook.table("responsibility")["what_if"]
    until = until or at
    since = since or until - timedelta(days=rules["days"])
    if since >= until:
        raise Problem(INVALID, fields={"until": BACKWARDS})
    if until - since > timedelta(days=rules["days_most"]):
        raise Problem(INVALID, fields={"since": TOO_LONG.fill(n=rules["days_most"])})
    return since, until


def what_if(actor: Actor, rows: Iterable[Entry], since: datetime, until: datetime) -> Shift:
    """The cases dispatched in the time that `rows`, in place of the matrix that the actor administers, would
    have sent elsewhere than the matrix in force. Both are asked as of the moment of dispatch, so that only
    the change makes a difference; whom a dispatcher named by hand is left out of the comparison."""
    rules = rulebook.table("responsibility")["what_if"]
    managed = managed_units(actor)
    elsewhere = (row for row in people.matrix_rows() if row.unit_id not in managed)
    now, then = people.routing(), people.routing([*rows, *elsewhere])
    found = cases.visible_to(actor).filter(dispatched_at__gte=since, dispatched_at__lt=until)
    most = int(rules["cases_most"])
    listed: list[Moved] = []
    pairs: list[tuple[Text, Text]] = []
    counted = 0
    for row in (
        found.order_by("dispatched_at", "id").values_list(*COLUMNS)[: most + 1].iterator(chunk_size=5000)
    ):
        counted += 1
        id, serial, reported, dispatched, code, edition, unit, lng, lat, address, department, post = row
        kind = cases.catalogue(edition).kind(code)
        if kind is None or dispatched is None:
            continue
        asked = (unit, kind.responsible, dispatched, code, lng, lat, address)
        before, after = now.responsible(*asked), then.responsible(*asked)
        if _same(before, after):
            continue
        pair = (people.taker_name(before), people.taker_name(after))
        pairs.append(pair)
        if len(listed) < rules["listed"]:
            taken = (department, post)
            other = taken not in (_of(before), _of(after))
            listed.append(Moved(id, number_of(serial, reported), kind.name, dispatched, *pair, other))
    if counted > most:
        raise Problem(INVALID, fields={"since": TOO_MANY.fill(n=most)})
    moves = flows(pairs)
    return Shift(counted, len(pairs), tuple(listed), moves, balances(moves))


def _same(one: Responsible, other: Responsible) -> bool:
    return _of(one) == _of(other)


def _of(who: Responsible) -> tuple[UUID | None, UUID | None]:
    return who.department_id, who.post_id
