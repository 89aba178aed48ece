"""Opening many cases at once: a batch that a hotline sends, a thousand reports a second.

What is written for a report is what `opening.open_case` writes for it; the tests compare both. The speed comes
from three things: all points are located together, reports that take the same route share the rows' constant
values, and rows are copied in by the table.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection, transaction

from linli.cases import clocks, queries, rules
from linli.cases.actions import opening
from linli.cases.actions.importing import Serials
from linli.cases.actions.opening import Report, Route
from linli.cases.catalogue import Kind
from linli.cases.events import CaseReported
from linli.cases.messages import track_link
from linli.cases.models import Case
from linli.cases.words import Source, number_of
from linli.kernel import files, ids, journal, rows
from linli.kernel.access import Actor
from linli.kernel.errors import Problem
from linli.kernel.models import ClockRow, FactRow, Secret
from linli.kernel.worktime import Unit
from linli.notices import actions as notices
from linli.territory import queries as territory
from linli.territory.words import HOWS

ADDRESSES_KEPT = 20_000
SECRET = ("fact_id", "about", "ciphertext")


class Arrival(NamedTuple):
    """A report and the moment from which its limits run: when it came in, not later than now."""

    report: Report
    at: datetime


@transaction.atomic
def open_cases(
    arrivals: Sequence[Arrival], *, by: Actor, numbers_new: bool = False
) -> list[Received | Problem]:
    """Open a case for each report, or give its first answer, or tell why it is refused; in their order.

    All cases are written in one transaction, each as `open_case(report, by=by, at=at)` would write it. A refused
    report (Problem) leaves the others alone. `numbers_new` when the caller has seen, in this transaction, that none
    of the source's numbers is here (`known_numbers`). When somebody opens one of them at the same moment nothing is
    written and IntegrityError is raised: call it again.
    """
    return _Many(by, numbers_new).open(arrivals)


class Received(NamedTuple):
    """What became of a report: its case with the running number. `repeated` when it had been here before."""

    id: UUID
    serial: int
    at: datetime
    repeated: bool = False


class _Mould(NamedTuple):
    """The rows of one route: the columns, their values, and where those stand that each report has for itself."""

    case: tuple[str, ...]
    values: list[Any]
    own: tuple[int, ...]
    fact: tuple[str, ...]
    teller: tuple[Any, ...]
    data: tuple[str, str]
    clock: tuple[str, ...]
    stage: str
    kind: Kind


class _Limit(NamedTuple):
    """A limit that begins at a moment: when it ends, and what stands in its clock's row."""

    at: datetime
    due: datetime
    rest: tuple[Any, ...]


def _later(limit: _Limit, at: datetime) -> _Limit:
    """The same limit from another moment."""
    by = at - limit.at
    rest = tuple([value + by if type(value) is datetime else value for value in limit.rest])
    return _Limit(at, limit.due + by, rest)


@dataclass(slots=True)
class _Tables:
    """Rows by table and columns, in the order in which they came first."""

    found: dict[tuple[Any, tuple[str, ...]], list[Sequence[Any]]]

    def add(self, more: Iterable[rows.Row]) -> None:
        for model, values in more:
            self.found.setdefault((model, tuple(values)), []).append(tuple(values.values()))

    def of(self, model: Any, columns: tuple[str, ...]) -> list[Sequence[Any]]:
        return self.found.setdefault((model, columns), [])

    def write(self) -> None:
        for (model, columns), lines in self.found.items():
            rows.copy_in(model, columns, lines)


OWN = (
    "id", "serial", "fingerprint", "source_number", "text", "address", "lng", "lat", "cell", "accuracy",
    "reporter_id", "reported_at", "next_due_at",
)  # fmt: skip
"""The columns of a case that depend on the report; all others are those of its route."""


class _Many:
    """One call. Holds what is the same for all reports."""

    def __init__(self, by: Actor, numbers_new: bool) -> None:
        self.by = by
        self.numbers_new = numbers_new
        self.tree = territory.snapshot()
        self.catalogue = queries.catalogue(None)
        self.nowhere = (opening.top(self.tree), "none")
        self.hows = [str(how) for how in HOWS]
        self.moulds: dict[tuple[Any, ...], _Mould | None] = {}
        self.moments: dict[tuple[str, str, datetime], _Limit] = {}
        self.running: dict[tuple[str, str], _Limit] = {}
        self.address = lru_cache(maxsize=ADDRESSES_KEPT)(self._by_address)
        self.tables = _Tables({})
        self.serials = Serials()
        self.permitted: set[Source] = set()

    def open(self, arrivals: Sequence[Arrival]) -> list[Received | Problem]:
        answers: list[Received | Problem | None] = [None] * len(arrivals)
        for place, (report, _) in enumerate(arrivals):
            try:
                opening.checked(report)
                self._permit(report)
            except Problem as problem:
                answers[place] = problem
        good = [place for place, answer in enumerate(answers) if answer is None]
        again = self._known([arrivals[place].report for place in good])
        fresh = [place for number, place in enumerate(good) if number not in again]
        if fresh:
            self._write([arrivals[place] for place in fresh], fresh, answers)
        for number in again:
            answers[good[number]] = _first(arrivals[good[number]].report)
        return [answer for answer in answers if answer is not None]

    def _permit(self, report: Report) -> None:
        """Asked once a door; with a reporter of their own, residents are asked each time."""
        if report.source is Source.RESIDENT or report.source not in self.permitted:
            opening.permit(report, self.by)
            self.permitted.add(report.source)

    def _known(self, reports: list[Report]) -> set[int]:
        """The places of reports whose id or number is here already, or stands before in the list."""
        by_id = _present("id", [_key(report.id) for report in reports])
        numbers: dict[str, list[str]] = {}
        for report in reports:
            if report.source_number and not self.numbers_new:
                numbers.setdefault(report.source.value, []).append(report.source_number)
        taken = {(door, number) for door, each in numbers.items() for number in known_numbers(door, each)}
        found = set()
        seen: set[Any] = set()
        for place, report in enumerate(reports):
            number = (report.source.value, report.source_number) if report.source_number else None
            if _key(report.id) in by_id or number in taken or report.id in seen or number in seen:
                found.add(place)
                continue  # it opens nothing, so a later one with its id or number may
            seen.add(report.id)
            if number:
                seen.add(number)
        return found

    def _write(
        self, arrivals: list[Arrival], places: list[int], answers: list[Received | Problem | None]
    ) -> None:
        where = self._locate([report for report, _ in arrivals])
        cases = self.tables.found
        for place, (report, at), (unit_id, how), serial in zip(
            places, arrivals, where, self.serials.take(len(arrivals)), strict=True
        ):
            kind = self.catalogue.kinds[report.kind]
            route = opening.route_in(unit_id, how, report, kind, at)
            self._one(report, at, kind, route, serial)
            answers[place] = Received(report.id, serial, at)
        # Cases first: the other rows refer to them.
        for key in [key for key in cases if key[0] is Case]:
            rows.copy_in(key[0], key[1], cases.pop(key))
        for report, at in arrivals:
            if report.photos:
                files.attach(report.photos, at=at, by=self.by.account_id)
        told = [answers[place] for place in places]
        self._receipts([(report, each) for (report, _), each in zip(arrivals, told, strict=True)])
        self.tables.write()

    def _one(self, report: Report, at: datetime, kind: Kind, route: Route, serial: int) -> None:
        mould = self._mould(report, at, kind, route)
        if mould is not None:
            self._pour(mould, report, at, serial)
            return
        case, more = opening.case_rows(report, kind, self.catalogue.version, route, self.by, at)
        case["serial"] = serial
        self.tables.add([(Case, case), *more])

    def _mould(self, report: Report, at: datetime, kind: Kind, route: Route) -> _Mould | None:
        """The mould of this route; None when its rows differ by more than a mould knows."""
        if route.straight or report.source is Source.RESIDENT or report.photos:
            return None
        key = (kind.code, report.source, route.unit_id, route.located, id(route.responsible))
        if key not in self.moulds:
            self.moulds[key] = self._cast(report, at, kind, route)
        return self.moulds[key]

    def _cast(self, report: Report, at: datetime, kind: Kind, route: Route) -> _Mould | None:
        case, more = opening.case_rows(report, kind, self.catalogue.version, route, self.by, at)
        if [model for model, _ in more] != [FactRow, Secret, ClockRow]:
            return None
        case["serial"] = 0
        names = tuple(case)
        fact, clock = more[0][1], more[2][1]
        data = json.loads(fact["data"])
        mark = data["text"]["#"]
        before, _, after = fact["data"].partition(mark)
        stage = rules.dispatch_limit_name(report.source)
        own = tuple(names.index(name) for name in OWN)
        teller = tuple(fact[name] for name in ("by_kind", "by_id", "by_label", "by_post"))
        return _Mould(
            names, list(case.values()), own, tuple(fact), teller, (before, after), tuple(clock), stage, kind
        )

    def _pour(self, mould: _Mould, report: Report, at: datetime, serial: int) -> None:
        _, due, limit = self._limit(mould, at)
        case_id, text = report.id, report.text.strip()
        own = (
            case_id, serial, fingerprint(report), report.source_number, text, report.address.strip(), report.lng,
            report.lat, rules.cell_of(report.lng, report.lat), report.accuracy, report.reporter_id, at, due,
        )  # fmt: skip
        values = mould.values.copy()
        for place, value in zip(mould.own, own, strict=True):
            values[place] = value
        self.tables.of(Case, mould.case).append(values)
        mark, ciphertext = journal.seal_text(case_id, "text", text)
        before, after = mould.data
        self.tables.of(FactRow, mould.fact).append(
            (case_id, CaseReported.KIND, case_id, at, *mould.teller, before + mark + after, "")
        )
        self.tables.of(Secret, SECRET).append((case_id, case_id, ciphertext))
        self.tables.of(ClockRow, mould.clock).append((ids.uuid7(at), case_id, *limit))

    def _limit(self, mould: _Mould, at: datetime) -> _Limit:
        """When the limit that begins at `at` ends, and the rest of its clock's row."""
        kind = mould.kind.code
        running = self.running.get((mould.stage, kind))
        if running is not None:
            return _later(running, at)
        key = (mould.stage, kind, at)
        found = self.moments.get(key)
        if found is None:
            started = clocks.stage(mould.stage, at, mould.kind)
            (_, row), *_ = clocks.start_rows(UUID(int=0), started, at)
            rest = tuple(value for name, value in row.items() if name not in {"id", "about"})
            found = self.moments[key] = _Limit(at, started.deadline.due, rest)
            if started.limit.unit is Unit.URGENT_HOUR:  # it runs by day and by night, whenever it begins
                self.running[mould.stage, kind] = found
        return found

    def _locate(self, reports: list[Report]) -> list[tuple[UUID | None, str]]:
        points = {(r.lng, r.lat) for r in reports if r.unit_id is None and r.lng is not None}
        found: dict[Any, tuple[UUID | None, str]] = {}
        if points:
            ordered = list(points)
            where = np.array(ordered, dtype=np.float64).reshape(-1, 2)
            units, hows = self.tree.locate_many(where[:, 0], where[:, 1])
            for point, unit, how in zip(ordered, units.tolist(), hows.tolist(), strict=True):
                if unit >= 0:
                    found[point] = (self.tree.units[unit].id, self.hows[how])
        return [self._place(report, found.get((report.lng, report.lat))) for report in reports]

    def _place(self, report: Report, by_point: tuple[UUID | None, str] | None) -> tuple[UUID | None, str]:
        if report.unit_id is not None:
            return report.unit_id, "given"
        if by_point is not None:
            return by_point
        return self.address(report.address) if report.address.strip() else self.nowhere

    def _by_address(self, address: str) -> tuple[UUID | None, str]:
        found = self.tree.locate_address(address)
        return (found.unit.id, str(found.how)) if found.unit is not None else self.nowhere

    def _receipts(self, to: list[tuple[Report, Any]]) -> None:
        """The reporters' receipts, as `open_case` sees to them."""
        told = []
        for report, received in to:
            if report.reporter_id is None:
                continue
            number = number_of(received.serial, received.at)
            title, link = self.catalogue.kinds[report.kind].name, track_link(number, report.id)
            params = {"number": number, "title": title, "link": link}
            told.append(notices.Receipt(report.reporter_id, params, received.at, report.id))
        self.tables.add(notices.told_many("received", told))


def known_numbers(door: str, numbers: Sequence[str]) -> dict[str, UUID]:
    """Which of these numbers of this source are here already, with their cases. One query."""
    if not numbers:
        return {}
    many, given = ("= ANY(%s)", list(numbers)) if _postgresql() else (_EACH, json.dumps(list(numbers)))
    sql = f"SELECT source_number, id FROM cases_case WHERE source = %s AND source_number {many}"  # noqa: S608 - of constants
    with connection.cursor() as cursor:
        cursor.execute(sql, [door, given])
        return {number: key if isinstance(key, UUID) else UUID(key) for number, key in cursor}


def _present(column: str, keys: list[Any]) -> set[Any]:
    many, given = ("= ANY(%s)", keys) if _postgresql() else (_EACH, json.dumps(keys))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM cases_case WHERE {column} {many}", [given])  # noqa: S608 - of constants
        return {row[0] for row in cursor}


_EACH = "IN (SELECT value FROM json_each(%s))"


def _postgresql() -> bool:
    return connection.vendor == "postgresql"


def _key(case_id: UUID) -> UUID | str:
    """As the engine keeps it."""
    return case_id if _postgresql() else case_id.hex


def _first(report: Report) -> Received | Problem:
    try:
        answer = opening.first_answer(report)
    except Problem as problem:
        return problem
    serial, at = Case.objects.values_list("serial", "reported_at").get(pk=answer.id)
    return Received(answer.id, serial, at, repeated=True)


def fingerprint(report: Report) -> str:
    """`report.fingerprint()`, written out, because it is asked for a hundred thousand times."""
    photos = json.dumps(report.photos, default=str) if report.photos else "[]"
    parts = (
        f'"{report.id}"', f'"{report.source.value}"', _quoted(report.kind), _quoted(report.text),
        _number(report.lng), _number(report.lat), _number(report.accuracy), _quoted(report.address),
        _uuid(report.unit_id), photos, _uuid(report.reporter_id),
        "null" if report.source_number is None else _quoted(report.source_number),
    )  # fmt: skip
    return hashlib.sha256(f"[{', '.join(parts)}]".encode()).hexdigest()


_quoted = encode_basestring


def _number(value: float | None) -> str:
    return "null" if value is None else repr(value)  # as JSON writes it: a place on the map is finite


def _uuid(value: UUID | None) -> str:
    return "null" if value is None else f'"{value}"'
