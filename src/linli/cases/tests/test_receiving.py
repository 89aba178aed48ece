"""Many at once are opened exactly as one after the other: cases, facts, limits, messages and refusals."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from linli.cases import catalogue_store
from linli.cases.actions import opening, receiving
from linli.cases.actions.opening import Report
from linli.cases.actions.receiving import Arrival, Received, open_cases
from linli.cases.models import Assignment, Case, Evidence
from linli.cases.tests import loop
from linli.cases.words import Source
from linli.kernel import editions, journal, worktime
from linli.kernel.access import SYSTEM, Actor
from linli.kernel.errors import NOT_ALLOWED, Problem
from linli.kernel.models import ClockRow, FactRow, Job
from linli.kernel.worktime import Limit, Unit
from linli.notices.models import Notice
from tests.world import AT, Town, actor

KINDS = [loop.OFFICE_MATTER, loop.OFFICE_ONLY, loop.GRID_MATTER, loop.NOTED]
ADDRESSES = ["", "禾苑路 8 号", "没有这条路", " 禾苑 "]
# Made anew each time: ids of rows beside the case, what is random, when it was written.
OWN = {
    "id", "fact_id", "txid", "seq", "recorded_at", "serial", "_state", "ciphertext", "key", "payload", "body_zh",
    "body_en",
}  # fmt: skip


def values(row: Any, *left_out: str) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name not in OWN and name not in left_out}


def plain(facts: list[journal.Recorded]) -> list[Any]:
    return [(f.kind, f.fact, f.at, f.by_kind, f.by_id, f.by_label, f.by_post, f.forgotten) for f in facts]


def everything(ids: list[UUID]) -> list[Any]:
    """What stands in the tables about these cases, without what differs each time."""
    found = []
    for case_id in ids:
        case = Case.objects.filter(pk=case_id).first()
        if case is None:
            found.append(None)
            continue
        marks = [
            json.loads(data).keys()
            for data in FactRow.objects.filter(about=case_id).values_list("data", flat=True)
        ]
        found.append(
            {
                "case": values(case),
                "facts": plain(journal.history(case_id)),
                "marks": [sorted(keys) for keys in marks],
                "clocks": [values(row) for row in ClockRow.objects.filter(about=case_id).order_by("name")],
                "work": [values(row) for row in Assignment.objects.filter(case_id=case_id)],
                "photos": [values(row) for row in Evidence.objects.filter(case_id=case_id)],
                "told": [values(row) for row in Notice.objects.filter(about=case_id)],
            }
        )  # fmt: skip
    return found


def answer_of(report: Report, by: Actor, at: Any) -> Any:
    try:
        opened = opening.open_case(report, by=by, at=at)
    except Problem as problem:
        return problem.error.code, problem.fields
    return opened.id, opened.repeated


def plain_answer(answer: Received | Problem) -> Any:
    if isinstance(answer, Problem):
        return answer.error.code, answer.fields
    return answer.id, answer.repeated


def undone(work: Any) -> Any:
    """What the work gives; afterwards it has not happened."""
    with transaction.atomic():
        found = work()
        transaction.set_rollback(True)
    return found


def arrivals_of(town: Town) -> st.SearchStrategy[list[Arrival]]:
    points = [town.point_in(code) for code in ("001-1-1", "001-1-2", "201-1-1")] + [(10.0, 10.0)]
    report = st.builds(
        lambda id, door, kind, text, point, address, unit, number, reporter: Report(
            id=UUID(int=id), source=door, kind=kind, text=text, lng=point and point[0], lat=point and point[1],
            address=address, unit_id=unit, source_number=number, reporter_id=reporter,
        ),
        st.integers(1, 12),
        st.sampled_from([Source.HOTLINE, Source.POLICE, Source.MEDIA, Source.LETTER, Source.WALK_IN]),
        st.sampled_from([*KINDS, "NOTHING"]),
        st.sampled_from(["路口垃圾没人清", " 下水道“堵”了\n三天\\ ", "", "x" * 4001]),
        st.sampled_from([None, *points]),
        st.sampled_from(ADDRESSES),
        st.sampled_from([None, None, None, town.unit("001-1")]),
        st.sampled_from([None, None, "H-1", "H-2", "H-3"]),
        st.sampled_from([None, town.resident]),
    )  # fmt: skip
    hours = st.sampled_from([0, 1, 30, 200])
    return st.lists(
        st.builds(lambda r, h: Arrival(r, AT - timedelta(hours=h)), report, hours), min_size=1, max_size=8
    )


def test_many_at_once_are_what_they_are_one_by_one(town: Town) -> None:
    by = actor(town, "shen")

    @settings(
        max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
    )
    @given(arrivals_of(town))
    def same(arrivals: list[Arrival]) -> None:
        ids = [arrival.report.id for arrival in arrivals]
        jobs = lambda: Counter(Job.objects.values_list("handler", flat=True))  # noqa: E731 - asked twice
        one = undone(
            lambda: ([answer_of(report, by, at) for report, at in arrivals], everything(ids), jobs())
        )
        many = undone(
            lambda: ([plain_answer(each) for each in open_cases(arrivals, by=by)], everything(ids), jobs())
        )
        assert many == one

    same()


def test_pictures_are_taken_along(town: Town) -> None:
    by = actor(town, "shen")
    report = loop.report(town, source=Source.HOTLINE, photos=(loop.picture(by),))
    open_cases([Arrival(report, AT)], by=by)
    assert Evidence.objects.filter(case_id=report.id).count() == 1


def test_the_limit_runs_from_when_it_came_in(town: Town) -> None:
    report = loop.report(town, source=Source.POLICE)
    open_cases([Arrival(report, AT - timedelta(minutes=30))], by=actor(town, "shen"))
    case = Case.objects.get(pk=report.id)
    assert case.next_due_at == AT + timedelta(minutes=90)
    assert case.reported_at == AT - timedelta(minutes=30)


def test_running_numbers_follow_the_order_of_the_list(town: Town) -> None:
    reports = [loop.report(town, source=Source.HOTLINE) for _ in range(20)]
    before = loop.opened(town).serial
    answers = open_cases([Arrival(report, AT) for report in reports], by=actor(town, "shen"))
    serials = [answer.serial for answer in answers if isinstance(answer, Received)]
    assert serials == sorted(serials)
    assert len(set(serials)) == 20
    assert serials[0] > before


def test_whoever_may_not_take_in_opens_nothing(town: Town) -> None:
    report = loop.report(town, source=Source.HOTLINE)
    (answer,) = open_cases([Arrival(report, AT)], by=actor(town, "chen"))
    assert isinstance(answer, Problem)
    assert answer.error is NOT_ALLOWED
    assert not Case.objects.filter(pk=report.id).exists()


def test_numbers_that_are_here_are_found_with_their_cases(town: Town) -> None:
    case = loop.opened(town, by=actor(town, "shen"), source=Source.HOTLINE, source_number="12345-1")
    assert receiving.known_numbers("hotline", ["12345-1", "12345-2", ""]) == {"12345-1": case.id}
    assert receiving.known_numbers("police", ["12345-1"]) == {}
    assert receiving.known_numbers("hotline", []) == {}


@pytest.mark.parametrize("number", [0.0, 121.5, -0.1, 1e-7, 180, 31.223456789012])
def test_the_fingerprint_is_the_reports_own(number: float) -> None:
    report = Report(
        id=uuid4(), source=Source.HOTLINE, kind="E06010", text='“引号”"\\\n\u2028', lng=number, lat=-number,
        address="", photos=(uuid4(), uuid4()), reporter_id=uuid4(), source_number='"',
    )  # fmt: skip
    assert receiving.fingerprint(report) == report.fingerprint()


@pytest.mark.parametrize("door", [Source.HOTLINE, Source.POLICE, Source.MEDIA])
def test_a_kind_with_its_own_limit_to_dispatch_has_it_whether_one_or_many_come_in(
    town: Town, door: Source, request: pytest.FixtureRequest
) -> None:
    """The hotline's and the police's limits are theirs: no kind has another."""
    own, by = Limit(7, Unit.URGENT_HOUR), actor(town, "shen")
    rows = catalogue_store.rows()
    kinds = [
        {**kind, "stages": "dispatch=7 urgent_hour"} if kind["code"] == loop.OFFICE_ONLY else kind
        for kind in rows["kinds"]
    ]
    editions.publish(
        catalogue_store.TABLE, {**rows, "kinds": kinds}, source="test", effective_from=AT, by=SYSTEM, at=AT
    )
    catalogue_store.forget()
    request.addfinalizer(catalogue_store.forget)
    found = []
    for work in (
        lambda report: opening.open_case(report, by=by, at=AT),
        lambda report: open_cases([Arrival(report, AT)], by=by),
    ):
        for kind in (loop.OFFICE_ONLY, loop.NOTED):
            report = loop.report(town, source=door, kind=kind)
            work(report)
            found.append(Case.objects.get(pk=report.id).next_due_at)
    assert found[:2] == found[2:]
    assert (found[0] == worktime.deadline(AT, own, worktime.default_calendar()).due) == (door is Source.MEDIA)
