"""Opening many cases at once: a batch that a hotline sends, a thousand reports a second.

What is written for a report is what `opening.open_case` writes for it; the tests compare both. The speed comes
from three things: all points are located together, reports that take the same route share the rows' constant
values, and rows are copied in by the table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db import transaction

from linli.cases import clocks, queries, rules
from linli.cases.actions import opening
from linli.cases.actions.fingerprints import fingerprint
from linli.cases.actions.importing import Serials
from linli.cases.actions.opening import Report, Route
from linli.cases.catalogue import Kind
from linli.cases.messages import track_link
from linli.cases.models import Case
from linli.cases.words import Source, number_of
from linli.kernel import files, ids, journal, lookups, rows
from linli.kernel.access import Actor
from linli.kernel.errors import Problem
from linli.kernel.models import ClockRow, FactRow, Secret
from linli.kernel.worktime import Unit
from linli.notices import actions as notices
from linli.people import queries as people
from linli.territory import queries as territory
from linli.territory.words import HOWS

ADDRESSES_KEPT = 20_000
SLICE = 2_000
"""Rows that are sent while the next are made (`kernel.rows.beside`)."""
SECRET = ("fact_id", "about", "ciphertext")


class Arrival(NamedTuple):
    """A report and the moment from which its limits run: when it came in, not later than now."""

    report: Report
    at: datetime


@transaction.atomic(savepoint=False)
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
    """The rows of one route: the values that its reports share, and what stands before and after the mark of the
    text in the fact's JSON. The columns that a case shares are `case`, in every mould the same."""

    case: tuple[str, ...]
    values: tuple[Any, ...]
    fact: tuple[Any, ...]
    data: tuple[str, str]
    stage: str
    kind: Kind


class _Way(NamedTuple):
    """A route, with the mould of its rows when it has one."""

    route: Route
    mould: _Mould | None


class _Poured(NamedTuple):
    """A report that fills a mould."""

    mould: _Mould
    report: Report
    at: datetime
    serial: int


class _Limit(NamedTuple):
    """A limit that begins at a moment: what stands in its clock's row (TIMES, CLOCK_SHARED)."""

    at: datetime
    due: datetime
    warn: datetime | None
    next: datetime
    rest: tuple[Any, ...]


def _later(limit: _Limit, at: datetime) -> _Limit:
    """The same limit from another moment."""
    by = at - limit.at
    due, warn = limit.due + by, limit.warn and limit.warn + by
    return _Limit(at, due, warn, limit.next + by if warn is None else min(warn, due), limit.rest)


@dataclass(slots=True)
class _Tables:
    """Rows by table and columns, in the order in which they came first."""

    found: dict[tuple[Any, tuple[str, ...]], list[Sequence[Any]]]

    def add(self, more: Iterable[rows.Row]) -> None:
        for model, values in more:
            self.found.setdefault((model, tuple(values)), []).append(tuple(values.values()))

    def write(self) -> None:
        for (model, columns), lines in self.found.items():
            rows.copy_in(model, columns, lines)


CASE_OWN = (
    "id", "serial", "fingerprint", "source_number", "text", "address", "lng", "lat", "cell", "accuracy",
    "reporter_id", "reported_at", "next_due_at",
)  # fmt: skip
"""The columns of a case that depend on the report; all others are those of its route."""
FACT_OWN = ("fact_id", "about", "at", "data")
FACT_SHARED = ("kind", "by_kind", "by_id", "by_label", "by_post", "fingerprint")
TIMES = ("started_at", "due_at", "warn_at", "next_at")
CLOCK_OWN = ("id", "about", *TIMES)
CLOCK_SHARED = ("name", "limit_amount", "limit_unit", "provisional", "step")


class _Many:
    """One call. Holds what is the same for all reports."""

    def __init__(self, by: Actor, numbers_new: bool) -> None:
        self.by = by
        self.numbers_new = numbers_new
        self.tree = territory.snapshot()
        self.catalogue = queries.catalogue(None)
        self.nowhere = (opening.top(self.tree), "none")
        self.hows = [str(how) for how in HOWS]
        self.steady = False
        self.ways: dict[tuple[Any, ...], _Way] = {}
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
                opening.checked(report, self.catalogue)
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
        by_id = {key for (key,) in lookups.by_key(Case, "id", [report.id for report in reports], give=["id"])}
        numbers: dict[str, list[str]] = {}
        for report in reports:
            if report.source_number and not self.numbers_new:
                numbers.setdefault(report.source.value, []).append(report.source_number)
        taken = {(door, number) for door, each in numbers.items() for number in known_numbers(door, each)}
        found = set()
        seen: set[Any] = set()
        for place, report in enumerate(reports):
            number = (report.source.value, report.source_number) if report.source_number else None
            if report.id in by_id or number in taken or report.id in seen or number in seen:
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
        moments = [at for _, at in arrivals]
        self.steady = people.steady(min(moments), max(moments))
        poured: list[_Poured] = []
        for place, (report, at), (unit_id, how), serial in zip(
            places, arrivals, where, self.serials.take(len(arrivals)), strict=True
        ):
            kind = self.catalogue.kinds[report.kind]
            route, mould = self._way(unit_id, how, report, kind, at)
            if mould is not None:
                poured.append(_Poured(mould, report, at, serial))
            else:
                case, more = opening.case_rows(report, kind, self.catalogue.version, route, self.by, at)
                case["serial"] = serial
                self.tables.add([(Case, case), *more])
            answers[place] = Received(report.id, serial, at)
        # Cases first: the other rows refer to them.
        cases = self.tables.found
        for key in [key for key in cases if key[0] is Case]:
            rows.copy_in(key[0], key[1], cases.pop(key))
        for start in range(0, len(poured), SLICE):
            self._pour(poured[start : start + SLICE])
        for report, at in arrivals:
            if report.photos:
                files.attach(report.photos, at=at, by=self.by.account_id)
        self.tables.write()
        told = [answers[place] for place in places]
        self._receipts([(report, each) for (report, _), each in zip(arrivals, told, strict=True)])

    def _way(self, unit_id: UUID | None, how: str, report: Report, kind: Kind, at: datetime) -> _Way:
        """Where the report goes; looked up once for all that cannot go elsewhere."""
        at_place = people.place_for(kind.code, report.lng, report.lat, report.address)
        key = (
            unit_id, how, kind.code, report.source, bool(report.photos), at_place, None if self.steady else at,
        )  # fmt: skip
        found = self.ways.get(key)
        if found is None:
            route = opening.route_in(unit_id, how, report, kind, at)
            found = self.ways[key] = _Way(route, self._cast(report, at, kind, route))
        return found

    def _cast(self, report: Report, at: datetime, kind: Kind, route: Route) -> _Mould | None:
        """The mould of this route; None when its rows differ by more than a mould knows."""
        if route.straight or report.source is Source.RESIDENT or report.photos:
            return None
        case, more = opening.case_rows(report, kind, self.catalogue.version, route, self.by, at)
        if [model for model, _ in more] != [FactRow, Secret, ClockRow]:
            return None
        fact = more[0][1]
        before, _, after = fact["data"].partition(json.loads(fact["data"])["text"]["#"])
        names = tuple(name for name in case if name not in CASE_OWN)
        return _Mould(
            names, tuple(case[name] for name in names), tuple(fact[name] for name in FACT_SHARED), (before, after),
            rules.dispatch_limit_name(report.source), kind,
        )  # fmt: skip

    def _pour(self, poured: list[_Poured]) -> None:
        """Write the rows of these reports."""
        texts = [each.report.text.strip() for each in poured]
        sealed = journal.seal_texts(
            [(each.report.id, {"text": text}) for each, text in zip(poured, texts, strict=True)]
        )
        clock_ids = ids.uuid7_many([each.at for each in poured])
        cases, facts, secrets, limits = [], [], [], []
        for (mould, report, at, serial), text, ((mark,), ciphertext), clock_id in zip(
            poured, texts, sealed, clock_ids, strict=True
        ):
            limit = self._limit(mould, at)
            case_id, (before, after) = report.id, mould.data
            cases.append((
                case_id, serial, fingerprint(report), report.source_number, text, report.address.strip(), report.lng,
                report.lat, rules.cell_of(report.lng, report.lat), report.accuracy, report.reporter_id, at, limit.due,
                mould.values,
            ))  # fmt: skip
            facts.append((case_id, case_id, at, before + mark + after, mould.fact))
            secrets.append((case_id, case_id, ciphertext))
            limits.append((clock_id, case_id, *limit))
        rows.copy_in(Case, CASE_OWN, cases, shared=poured[0].mould.case)
        rows.copy_in(FactRow, FACT_OWN, facts, shared=FACT_SHARED)
        rows.copy_in(Secret, SECRET, secrets)
        rows.copy_in(ClockRow, CLOCK_OWN, limits, shared=CLOCK_SHARED)

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
            rest = tuple(row[name] for name in CLOCK_SHARED)
            found = _Limit(at, row["due_at"], row["warn_at"], row["next_at"], rest)
            self.moments[key] = found
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
        notices.tell_many("received", told)


def known_numbers(door: str, numbers: Sequence[str]) -> dict[str, UUID]:
    """Which of these numbers of this source are here already, with their cases. One query."""
    return dict(lookups.by_key(Case, "source_number", numbers, give=("source_number", "id"), source=door))


def _first(report: Report) -> Received | Problem:
    try:
        answer = opening.first_answer(report)
    except Problem as problem:
        return problem
    serial, at = Case.objects.values_list("serial", "reported_at").get(pk=answer.id)
    return Received(answer.id, serial, at, repeated=True)
