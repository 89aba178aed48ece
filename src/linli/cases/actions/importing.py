"""Taking over the cases of another system: the whole file in one transaction, or nothing of it.

What a recorded matter becomes here:
- `closed` is closed at its recorded time and at the desk `done`: a call to somebody whose matter ended long
  ago would be noise, so no call-back is due. With a recorded answer it is `followed_up`. The source knows one
  ending only, so unless it records one the handling ended when the case was closed.
- `registered` (open) waits at the dispatcher's desk for somebody to be charged with it; `reported` waits for
  the receiving clerk. `declined` and `void` are as they are.
- `due_at` is the recorded target. Its clock (`cases.handle`) runs when the target is still to come; it is
  stopped at the closing time of a closed case. When an open case's target has passed, the clock stands as
  fired at its target with nothing to follow: what was late in the other system is late in the queues here,
  but a thousand old matters do not escalate on the day of the import. A warning whose moment has passed is
  left out likewise. An open case without a target gets the usual time to be dispatched, from the import on,
  with its clock (`cases.dispatch`).
- Every case has `CaseImported` in the journal at its recorded time, a closed one also `CaseClosed`; they wake
  no story and send nothing. When it was written is the journal's `recorded_at`.
- Ids are made from the source's name, its number and the time of the report, so that the same line has the
  same id in every town. (source, number) is unique: a line that is already here is passed over when its
  content is the same, and listed as a conflict when it is not; nothing is overwritten.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from json.encoder import encode_basestring
from typing import Any, Protocol
from uuid import UUID

from django.db import connection

from linli.cases import clocks, queries, rules
from linli.cases.events import CaseClosed, CaseImported
from linli.cases.models import Case
from linli.cases.words import DESK_OF, Answer, Desk, State, Verdict
from linli.kernel import codec, journal
from linli.kernel.access import Actor
from linli.kernel.clocks import DUE, WARNING
from linli.kernel.lookups import by_key
from linli.kernel.models import ClockRow, FactRow
from linli.kernel.rows import copy_in
from linli.kernel.text import Text

OPEN = (State.REPORTED, State.REGISTERED)
STANDARD = Text("按原系统记录", "as recorded by the other system")

CASE_COLUMNS = (
    "id", "serial", "fingerprint", "source", "source_number", "kind", "source_kind", "condition", "catalogue",
    "text", "address", "lng", "lat", "cell", "located", "unit_id", "a1", "a2", "a3", "a4", "a5", "a6", "state", "desk",
    "why", "reported_at", "registered_at", "handled_at", "closed_at", "due_at", "due_provisional", "next_due_at",
    "escalations", "redos", "reopens", "settled", "answer", "version",
)  # fmt: skip
FACT_COLUMNS = (
    "fact_id", "kind", "about", "at", "by_kind", "by_id", "by_label", "by_post", "data", "fingerprint",
)  # fmt: skip
CLOCK_COLUMNS = (
    "id", "about", "name", "started_at", "due_at", "warn_at", "step", "next_at", "fired_at", "stopped_at",
    "limit_amount", "limit_unit", "provisional",
)  # fmt: skip


class PastCase(Protocol):
    """A recorded matter. Times in UTC; `key` is the source's name and number, unique over all systems."""

    key: str
    number: str
    fingerprint: str
    kind: str
    source_kind: str
    state: State
    text: str
    address: str
    lng: float | None
    lat: float | None
    reported: datetime
    registered: datetime | None
    handled: datetime | None
    closed: datetime | None
    due: datetime | None
    answer: Answer | str


Place = tuple[UUID | None, str]
"""The unit, and how it was found."""


class PastCases:
    """Writes the recorded matters of one source, many at a time, inside the caller's transaction."""

    def __init__(self, source: str, *, by: Actor, at: datetime) -> None:
        self.source = source
        self.at = at
        self.catalogue = queries.catalogue(None)
        self.serials = Serials()
        self.ancestors: dict[UUID | None, tuple[UUID | None, ...]] = {}
        self.unit_texts: dict[UUID | None, str] = {}
        self.dispatch = clocks.stage("dispatch", at)
        self.dispatch_warning = clocks.warning(self.dispatch, at)
        self.warn_share = float(queries.limits()["bounds"]["warn_share"])
        sample = journal.rows(
            CaseClosed(STANDARD.zh, STANDARD.en, ""), about=UUID(int=0), by=by, at=at, stories=False
        )[0][1]
        self.actor = tuple(sample[name] for name in ("by_kind", "by_id", "by_label", "by_post"))
        self.closed_data = {
            verdict: codec.dumps(CaseClosed(STANDARD.zh, STANDARD.en, verdict.value)) for verdict in Verdict
        }
        self.source_json = encode_basestring(source)
        name = source
        self.why_open = [
            [
                f"从 {name} 导入,派遣时确定责任单位",
                f"Imported from {name}; who is charged is decided at the dispatch",
            ]
        ]
        self.why_ended = [[f"从 {name} 导入的历史案件", f"A past case, imported from {name}"]]

    def one_at_a_time(self) -> None:
        """Two imports of one source at once: the second waits, then finds the lines of the first."""
        if connection.vendor == "postgresql":  # SQLite has one writer anyway
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"linli.import/{self.source}"]
                )

    def known(self, keys: list[str]) -> dict[str, tuple[str, bool]]:
        """The keys that are in the table: their fingerprint, and whether this run wrote them."""
        first = self.serials.first
        found = by_key(
            Case, "source_number", keys, give=("source_number", "fingerprint", "serial"), source="imported"
        )
        return {
            key: (fingerprint, first is not None and serial >= first) for key, fingerprint, serial in found
        }

    def is_open(self, row: PastCase) -> bool:
        """Whether it still has to be handled here."""
        return row.state in OPEN

    def verdict(self, row: PastCase) -> Verdict:
        """Whether its handling ended in time, as we count it."""
        return rules.verdict(row.due, row.handled, row.state)

    def write(self, rows: Sequence[PastCase], places: Sequence[Place]) -> None:
        """Write the cases with their facts and clocks; `places` says where each lies."""
        cases: list[tuple[Any, ...]] = []
        facts: list[tuple[Any, ...]] = []
        limits: list[tuple[Any, ...]] = []
        for row, place, serial in zip(rows, places, self.serials.take(len(rows)), strict=True):
            ids = hashlib.blake2b(row.key.encode(), digest_size=30).digest()
            case_id = _uuid7(row.reported, ids[:10])
            cases.append(self._case(row, place, case_id, serial))
            facts.append(self._imported(row, place, case_id))
            if row.closed is not None and (row.state is State.CLOSED or row.state is State.FOLLOWED_UP):
                facts.append(self._closed(row, case_id, _uuid7(row.closed, ids[10:20])))
            if row.due is not None:
                limits.append(self._clock(row, row.due, case_id, _uuid7(row.reported, ids[20:])))
            elif row.state in OPEN:
                limits.append(self._dispatch_clock(case_id, _uuid7(row.reported, ids[20:])))
        copy_in(Case, CASE_COLUMNS, cases)
        copy_in(FactRow, FACT_COLUMNS, facts)
        copy_in(ClockRow, CLOCK_COLUMNS, limits)

    def _case(self, row: PastCase, place: Place, case_id: UUID, serial: int) -> tuple[Any, ...]:
        kind = self.catalogue.kinds[row.kind]
        is_open = row.state in OPEN
        return (
            case_id, serial, row.fingerprint, "imported", row.key, row.kind, row.source_kind,
            kind.default_condition, self.catalogue.version, row.text or kind.name.zh, row.address, row.lng, row.lat,
            rules.cell_of(row.lng, row.lat),
            place[1], place[0], *self._above(place[0]), row.state.value,
            (DESK_OF[row.state] if is_open else Desk.DONE).value, self.why_open if is_open else self.why_ended,
            row.reported, row.registered or (None if row.state is State.REPORTED else row.reported), row.handled,
            row.closed, row.due, False, (row.due or self.dispatch.deadline.due) if is_open else None,
            0, 0, 0, False, str(row.answer), 1,
        )  # fmt: skip

    def _above(self, unit_id: UUID | None) -> tuple[UUID | None, ...]:
        found = self.ancestors.get(unit_id)
        if found is None:
            found = self.ancestors[unit_id] = tuple(queries.ancestors_of(unit_id).values())
        return found

    def _unit_text(self, unit_id: UUID | None) -> str:
        found = self.unit_texts.get(unit_id)
        if found is None:
            found = self.unit_texts[unit_id] = str(unit_id or "")
        return found

    def _imported(self, row: PastCase, place: Place, case_id: UUID) -> tuple[Any, ...]:
        """The journal's row of CaseImported; its JSON is written out, because codec.dumps costs more than all else."""
        data = (
            f'{{"closed":{_json(row.closed)},"due":{_json(row.due)},"kind":"{row.kind}",'
            f'"number":{encode_basestring(row.number)},"source":{self.source_json},"unit":"{self._unit_text(place[0])}"}}'
        )
        return (case_id, CaseImported.KIND, case_id, row.reported, *self.actor, data, "")

    def _closed(self, row: PastCase, case_id: UUID, fact_id: UUID) -> tuple[Any, ...]:
        data = self.closed_data[self.verdict(row)]
        return (fact_id, CaseClosed.KIND, case_id, row.closed, *self.actor, data, "")

    def _clock(self, row: PastCase, due: datetime, case_id: UUID, clock_id: UUID) -> tuple[Any, ...]:
        stopped = None if row.state in OPEN else row.closed or row.reported
        fired = due if due <= (stopped or self.at) else None
        warn, step, next_at = None, DUE if fired is None else DUE + 1, None
        if stopped is None and fired is None:
            warn, next_at = row.reported + (due - row.reported) * self.warn_share, due
            if warn > self.at:
                step, next_at = WARNING, warn
            else:
                warn = None
        return (
            clock_id, case_id, "cases.handle", row.reported, due, warn, step, next_at, fired, stopped,
            None, "", False,
        )  # fmt: skip

    def _dispatch_clock(self, case_id: UUID, clock_id: UUID) -> tuple[Any, ...]:
        limit, (due, provisional) = self.dispatch.limit, self.dispatch.deadline
        warn = self.dispatch_warning
        return (
            clock_id, case_id, "cases.dispatch", self.at, due, warn, DUE if warn is None else WARNING, warn or due,
            None, None, limit.amount, limit.unit.value, provisional,
        )  # fmt: skip


class Serials:
    """Our running numbers, a block at a time. `first` is the first of this run."""

    def __init__(self) -> None:
        self.first: int | None = None
        self._last = 0

    def take(self, count: int) -> list[int]:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT nextval('cases_case_number') FROM generate_series(1, %s)", [count])
                found = [row[0] for row in cursor.fetchall()]
        else:
            if self.first is None:  # the write lock is held, so nobody takes one in between
                self._last = Case.objects.order_by("-serial").values_list("serial", flat=True).first() or 0
            found = list(range(self._last + 1, self._last + count + 1))
            self._last = found[-1]
        if self.first is None:
            self.first = found[0]
        return found


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MILLISECOND = timedelta(milliseconds=1)


def _uuid7(moment: datetime, tail: bytes) -> UUID:
    """The UUIDv7 of this moment whose other 74 bits come from `tail` (ten bytes)."""
    bits = int.from_bytes(tail, "big")
    millis = max((moment - _EPOCH) // _MILLISECOND, 0)
    return UUID(int=millis << 80 | 0x7 << 76 | (bits >> 68 & 0xFFF) << 64 | 0b10 << 62 | bits & (1 << 62) - 1)


def _json(moment: datetime | None) -> str:
    """As codec.moment writes it, in JSON."""
    if moment is None:
        return "null"
    text = moment.isoformat()
    return f'"{text[:19]}.000000Z"' if len(text) == 25 else f'"{text[:26]}Z"'
