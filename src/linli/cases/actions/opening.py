"""Opening a case: locate, route, set the clocks, write it all at once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from linli.cases import clocks, queries, rules
from linli.cases.catalogue import Catalogue, Condition, Kind
from linli.cases.events import CaseDispatched, CaseReported
from linli.cases.messages import track_link
from linli.cases.models import Assignment, Case, Evidence
from linli.cases.words import DESK_OF, UNKNOWN_KIND, Phase, Source, State, number_of, tracking_code
from linli.kernel import access, files, journal, rows
from linli.kernel.access import Actor, Subject
from linli.kernel.errors import INVALID, RETRY_DIFFERS, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.notices import actions as notices
from linli.notices.words import To
from linli.people import queries as people
from linli.people.words import Responsible, Standing
from linli.territory import queries as territory

TEXT_MOST = 4000


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody reports. `id` is made by the client, so that sending it twice opens one case.

    Position in WGS-84 degrees with its accuracy in metres; `unit_id` when the place was chosen from the
    grid instead; `photos` are ids of stored files.
    """

    id: UUID
    source: Source
    kind: str
    text: str
    lng: float | None = None
    lat: float | None = None
    accuracy: float | None = None
    address: str = ""
    unit_id: UUID | None = None
    photos: tuple[UUID, ...] = ()
    reporter_id: UUID | None = None
    source_number: str | None = None

    def fingerprint(self) -> str:
        """What the same content has in common, whoever sends it again."""
        content = [getattr(self, name) for name in self.__slots__]
        return hashlib.sha256(json.dumps(content, default=str, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Opened:
    """The answer to a report. `repeated` when this very report had been received before."""

    id: UUID
    number: str
    tracking: str
    state: State
    due_at: datetime | None
    provisional: bool
    why: list[list[str]]
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """Where a matter lies, who has to act on it, and whether it goes to them without the centre."""

    unit_id: UUID | None
    located: str
    responsible: Responsible
    condition: Condition
    straight: bool


def open_case(report: Report, *, by: Actor, at: datetime, session: str = "", held: bool = False) -> Opened:
    """Open a case, or give the first answer again when this report was received before.

    Afterwards it lies in its unit, has its first step with the reason for it, its clocks run, and the
    reporter's notice is queued; all in one transaction. `session` is the sender's browser session, to which
    its uploaded photos belong. With `held` it stays at the desk, also when its kind would go straight to
    a post. A point outside the grid is accepted for the
    town's clerk to place (soft fence; domain reference §1.5). Raises NOT_ALLOWED, INVALID, UNKNOWN_KIND,
    RETRY_DIFFERS.
    """
    case, more = plan(report, by=by, at=at, held=held)
    try:
        serial = _write(report, case, more, by, at, session)
    except IntegrityError:
        return first_answer(report)
    return Opened(
        report.id,
        number_of(serial, at),
        tracking_code(report.id),
        State(case["state"]),
        case["due_at"] or case["next_due_at"],
        case["due_provisional"],
        case["why"],
    )


def plan(
    report: Report, *, by: Actor, at: datetime, held: bool = False
) -> tuple[dict[str, Any], list[rows.Row]]:
    """The values of the case and the other rows that opening it writes; nothing is written."""
    edition, kind = checked(report)
    permit(report, by)
    route = route_of(report, kind, at)
    if held:
        route = replace(route, straight=False)
    return case_rows(report, kind, edition, route, by, at)


def checked(report: Report, catalogue: Catalogue | None = None) -> tuple[int, Kind]:
    """The edition and the kind, by this catalogue (else that in force). Raises INVALID with what is wrong,
    UNKNOWN_KIND."""
    wrong: dict[str, Text] = {}
    if not report.text.strip():
        wrong["text"] = Text("请写几个字说明情况", "Say in a few words what is the matter")
    if len(report.text) > TEXT_MOST:
        wrong["text"] = Text(f"最多 {TEXT_MOST} 字", f"At most {TEXT_MOST} characters")
    if (report.lng is None) != (report.lat is None):
        wrong["lng"] = Text("经度和纬度要一起填写", "Longitude and latitude go together")
    if report.lng is not None and not -180 <= report.lng <= 180:
        wrong["lng"] = Text("经度应在 -180 到 180 之间", "Longitude lies between -180 and 180")
    if report.lat is not None and not -90 <= report.lat <= 90:
        wrong["lat"] = Text("纬度应在 -90 到 90 之间", "Latitude lies between -90 and 90")
    if report.lng is None and not report.address.strip() and report.unit_id is None:
        wrong["address"] = Text(
            "请在地图上选点,或写下地址", "Pick the place on the map, or write the address"
        )
    if len(report.address) > 200:
        wrong["address"] = Text("最多 200 字", "At most 200 characters")
    if wrong:
        raise Problem(INVALID, fields=wrong)
    catalogue = catalogue or queries.catalogue(None)
    kind = catalogue.kind(report.kind)
    if kind is None:
        raise Problem(UNKNOWN_KIND, fields={"kind": UNKNOWN_KIND.title})
    return catalogue.version, kind


def permit(report: Report, by: Actor) -> None:
    """Refuse with NOT_ALLOWED or NOT_SIGNED_IN when `by` may not report through this door."""
    if report.source is Source.RESIDENT:
        access.require(by, "case.report")
        if report.reporter_id is not None and by.kind == "resident":
            access.require(by, "case.track", Subject(residents=frozenset({report.reporter_id})))
        return
    if by.kind != "system":
        root = frozenset(post.unit_id for post in by.posts)
        own_finding = report.source in {Source.GRID, Source.PATROL}
        access.require(by, "case.intake" if own_finding else "case.intake_any", Subject(units=root))


def route_of(report: Report, kind: Kind, at: datetime) -> Route:
    """Where the report lies, who has to act on it, and whether it goes there straight. Raises INVALID."""
    tree = territory.snapshot()
    unit_id: UUID | None
    if report.unit_id is not None:
        if tree.unit(report.unit_id) is None:
            raise Problem(INVALID, fields={"unit": Text("没有这个网格", "There is no such unit")})
        unit_id, how = report.unit_id, "given"
    else:
        unit_id, how = _locate(report, tree)
    return route_in(unit_id, how, report, kind, at)


def route_in(unit_id: UUID | None, how: str, report: Report, kind: Kind, at: datetime) -> Route:
    """Who has to act on a matter of this kind in the unit, and whether it goes there straight."""
    place = people.place_for(kind.code, report.lng, report.lat, report.address)
    responsible = people.responsible_for(unit_id, kind.responsible, at, kind.code, place)
    # Where nobody holds a grid post on the way up, people answer with the dispatcher's desk: not a taker.
    found = responsible.post_id is not None and unit_id is not None and not responsible.fallback
    straight = (
        rules.goes_straight(kind.settle, kind.responsible, report.source, found)
        and people.duty(kind.code, at).standing is not Standing.WITHDRAWN
    )
    return Route(unit_id, how, responsible, kind.default, straight)


def _locate(report: Report, tree: territory.Snapshot) -> tuple[UUID | None, str]:
    if report.lng is not None and report.lat is not None:
        found = tree.locate(report.lng, report.lat)
        if found.unit is not None:
            return found.unit.id, str(found.how)
    if report.address.strip():
        found = tree.locate_address(report.address)
        if found.unit is not None:
            return found.unit.id, str(found.how)
    return top(tree), "none"


def top(tree: territory.Snapshot) -> UUID | None:
    """Where a matter lies that could not be located."""
    return next((unit.id for unit in tree.roots()), None)


def case_rows(
    report: Report, kind: Kind, edition: int, route: Route, by: Actor, at: datetime
) -> tuple[dict[str, Any], list[rows.Row]]:
    """The values of the case and the other rows that belong to it on this route."""
    who = route.responsible
    why = [[text.zh, text.en] for text in who.why]
    state = State.DISPATCHED if route.straight else State.REPORTED
    if route.straight:
        started = clocks.of_the_charged(at, kind, contact=report.reporter_id is not None)
        started.append(clocks.begin("handle", route.condition.limit, at))
    else:
        started = [clocks.stage(rules.dispatch_limit_name(report.source), at, kind)]
    main = started[-1].deadline
    case: dict[str, Any] = {
        "id": report.id,
        "fingerprint": report.fingerprint(),
        "source": report.source.value,
        "source_number": report.source_number,
        "kind": kind.code,
        "source_kind": "",
        "condition": route.condition.code if route.straight else "",
        "catalogue": edition,
        "text": report.text.strip(),
        "address": report.address.strip(),
        "lng": report.lng,
        "lat": report.lat,
        "cell": rules.cell_of(report.lng, report.lat),
        "accuracy": report.accuracy,
        "located": route.located,
        "unit_id": route.unit_id,
        **queries.ancestors_of(route.unit_id),
        "state": state.value,
        "desk": DESK_OF[state].value,
        "department_id": who.department_id if route.straight else None,
        "post_id": who.post_id if route.straight else None,
        "handler_id": None,
        "checker_id": None,
        "reporter_id": report.reporter_id,
        "why": why,
        "reported_at": at,
        "registered_at": at if route.straight else None,
        "dispatched_at": at if route.straight else None,
        "handled_at": None,
        "closed_at": None,
        "due_at": main.due if route.straight else None,
        "due_provisional": main.provisional if route.straight else False,
        "next_due_at": min(each.deadline.due for each in started),
        "raised_to_id": None,
        "escalations": 0,
        "redos": 0,
        "reopens": 0,
        "settled": False,
        "answer": "",
        "version": 1,
    }
    more = _fact_rows(report, kind, edition, route, started, by, at)
    for each in started:
        more += clocks.start_rows(report.id, each, at)
    if route.straight:
        more.append(lead_row(report.id, who, at))
    more += _evidence_rows(report, by, at)
    return case, more


def lead_row(case_id: UUID, who: Responsible, at: datetime) -> rows.Row:
    """The row by which they are charged with it."""
    return Assignment, {
        "id": uuid7(at),
        "case_id": case_id,
        "part": "lead",
        "department_id": who.department_id,
        "post_id": who.post_id,
        "holder_id": None,
        "assigned_at": at,
        "signed_at": None,
        "done_at": None,
    }


def _fact_rows(
    report: Report,
    kind: Kind,
    edition: int,
    route: Route,
    started: list[clocks.Started],
    by: Actor,
    at: datetime,
) -> list[rows.Row]:
    reported = CaseReported(
        report.source.value, kind.code, edition, str(route.unit_id or ""), route.located, report.text.strip()
    )
    found = journal.rows(reported, about=report.id, by=_teller(report, by), at=at, id=report.id)
    if route.straight:
        who, main = route.responsible, started[-1]
        to = people.taker_name(who)
        sent = CaseDispatched(
            to.zh, to.en, who.department_id, who.post_id, main.deadline.due, main.deadline.provisional,
            str(main.limit), tuple(t.zh for t in who.why), tuple(t.en for t in who.why),
        )  # fmt: skip
        # Side by side, so that they are one INSERT: PostgreSQL numbers separate ones in any order it likes.
        first, *rest = found
        second, *more = journal.rows(sent, about=report.id, by=access.SYSTEM, at=at)
        found = [first, second, *rest, *more]
    return found


def _teller(report: Report, by: Actor) -> Actor:
    """Who stands in the history as the reporter: of somebody's own report neither name nor post, because staff
    who report as residents must not be known by it to those who are charged with the matter."""
    if report.source is Source.RESIDENT and by.kind == "account":
        return Actor("resident", account_id=by.account_id, resident_id=by.resident_id)
    return by


def _evidence_rows(report: Report, by: Actor, at: datetime) -> list[rows.Row]:
    return [
        (
            Evidence,
            {
                "id": uuid7(at),
                "case_id": report.id,
                "file_id": photo,
                "phase": Phase.REPORT.value,
                "taken_by_id": by.account_id,
                "at": at,
            },
        )
        for photo in dict.fromkeys(report.photos)
    ]


def _write(
    report: Report, case: dict[str, Any], more: list[rows.Row], by: Actor, at: datetime, session: str
) -> int:
    """Write all rows or none, and give the case's running number."""
    alone = not (report.photos or report.reporter_id)
    by_sequence = connection.vendor == "postgresql"
    if alone and by_sequence and not connection.in_atomic_block:
        return int(rows.insert([(Case, case), *more], returning=("serial",))[0])
    with transaction.atomic():
        if not by_sequence:
            case["serial"] = _next_serial()
        (serial,) = rows.insert([(Case, case), *more], returning=("serial",))
        _beside(report, serial, by, at, session)
    return int(serial)


def _next_serial() -> int:
    """On SQLite the number is taken under the write lock, which BEGIN IMMEDIATE holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(serial), 0) + 1 FROM cases_case")
        return int(cursor.fetchone()[0])


def _beside(report: Report, serial: int, by: Actor, at: datetime, session: str) -> None:
    if report.photos:
        files.attach(report.photos, at=at, by=by.account_id, session=session)
    if report.reporter_id:
        kind = queries.catalogue(None).kind(report.kind)
        number = number_of(serial, at)
        params = {"number": number, "title": kind.name if kind else "", "link": track_link(number, report.id)}
        notices.tell("received", to=To(resident_id=report.reporter_id), params=params, at=at, about=report.id)


def first_answer(report: Report) -> Opened:
    """What was answered the first time. Raises RETRY_DIFFERS when the content is another."""
    case = Case.objects.filter(pk=report.id).first()
    if case is None and report.source_number:
        case = Case.objects.filter(source=report.source.value, source_number=report.source_number).first()
        if case is not None and case.fingerprint != replace(report, id=case.id).fingerprint():
            raise Problem(RETRY_DIFFERS)
    if case is None and journal.find(report.id) is not None:
        raise Problem(RETRY_DIFFERS)
    if case is None:
        raise Problem(
            INVALID, fields={"photos": Text("照片已失效,请重新上传", "A photo has expired; add it again")}
        )
    if case.id == report.id and case.fingerprint != report.fingerprint():
        raise Problem(RETRY_DIFFERS)
    return opened_of(case, repeated=True)


def opened_of(case: Case, *, repeated: bool = False) -> Opened:
    """The answer that belongs to a case."""
    return Opened(
        case.id,
        number_of(case.serial, case.reported_at),
        tracking_code(case.id),
        State(case.state),
        case.due_at or case.next_due_at,
        case.due_provisional,
        case.why,
        repeated,
    )
