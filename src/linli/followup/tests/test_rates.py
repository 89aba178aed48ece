"""The three rates over real cases: every figure opens to exactly the cases that it counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.words import Answer, State
from linli.followup import actions, queries
from linli.followup.actions import Said
from linli.followup.models import Call
from linli.followup.queries import Scope
from linli.followup.queries.rates import ALL, ANSWERED, OUT, PART, SAYS
from linli.followup.rules.rates import Rates
from linli.followup.tests.following import REACHED, UNSOLVED, closed
from linli.followup.words import Outcome, Rate, Solved
from linli.kernel.errors import NOT_FOUND, Problem
from tests.world import AT, Town, actor

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SCOPE = Scope(AT - 30 * DAY, AT + DAY)


def said(town: Town, case: Case, call: Said) -> None:
    actions.log_call(case.id, call, id=uuid4(), by=actor(town, "yao"), at=AT)


@pytest.fixture
def rated(town: Town) -> Town:
    """One case of each sort, all closed in the period."""
    said(town, closed(town), REACHED)
    said(town, closed(town), Said(Outcome.REACHED, Solved.PARTLY, Answer.MOSTLY))
    said(town, closed(town), UNSOLVED)
    said(town, closed(town), Said(Outcome.WRONG))
    loop.make("rate", closed(town).id, actor(town, "lin"), AT, answer="neutral")
    out = closed(town)
    said(town, out, UNSOLVED)
    one = actions.ask_exclusion(
        out.id, reason="repeated", words="同一件事第五次来电", id=uuid4(), by=actor(town, "ma"), at=AT
    )
    actions.decide_exclusion(one.id, granted=True, words="", by=actor(town, "qian"), at=AT)
    closed(town)  # waits for its call
    loop.in_state(State.CLOSED, town, AT)  # nobody to contact
    contacted = closed(town)
    Case.objects.filter(pk=contacted.id).update(contacted_at=contacted.dispatched_at + 24 * HOUR)
    late = closed(town)
    Case.objects.filter(pk=late.id).update(contacted_at=late.dispatched_at + 24 * HOUR + timedelta(seconds=1))
    excused = closed(town)
    Case.objects.filter(pk=excused.id).update(excused=True)
    loop.in_state(State.DECLINED, town, AT)
    loop.in_state(State.HANDLING, town, AT)
    return town


def test_the_rates_count_what_they_say(rated: Town) -> None:
    found = queries.table(actor(rated, "qian"), SCOPE, AT).total
    assert found.total == 11
    shares = {rate: (share.part, share.whole) for rate, share in found.shares.items()}
    # Eleven less one that nobody reported, one repeated and one excused; one was contacted within 24 hours.
    assert shares[Rate.RESPONSE] == (1, 8)
    assert shares[Rate.RESOLUTION] == (1, 3)
    part, whole = shares[Rate.SATISFACTION]
    assert (part, whole) == (pytest.approx(1.8), 4)
    assert found.excluded == {
        "unreasonable": 0, "repeated": 1, "beyond": 0, "force_majeure": 0, "unreachable": 1, "excused": 1,
    }  # fmt: skip


def test_every_figure_opens_to_the_cases_that_it_counts(rated: Town) -> None:
    qian = actor(rated, "qian")
    for by in ("unit", "department"):
        scope = Scope(SCOPE.since, SCOPE.until, by=by)
        found = queries.table(qian, scope, AT)
        lines: list[tuple[Any, Rates]] = [(queries.cohort(qian, scope), found.total)]
        lines += [
            (queries.of_line(queries.cohort(qian, scope), scope, row.key), row.rates) for row in found.rows
        ]
        for cohort, rates in lines:
            for figure in queries.figures():
                assert queries.behind(cohort, figure).count() == counted(rates, figure), (by, figure)
        assert sum(row.rates.total for row in found.rows) == found.total.total


def counted(rates: Rates, figure: str) -> float:
    if figure == ALL:
        return rates.total
    if figure.startswith(SAYS):
        return rates.solved[figure.removeprefix(SAYS)]
    if figure.startswith(ANSWERED):
        return rates.answers[figure.removeprefix(ANSWERED)]
    if figure.startswith(OUT):
        return rates.excluded[figure.removeprefix(OUT)]
    share = rates.shares[Rate(figure.removesuffix(PART))]
    return share.part if figure.endswith(PART) else share.whole


def test_a_figure_that_there_is_not_is_not_found(town: Town) -> None:
    with pytest.raises(Problem) as refused:
        queries.behind(queries.cohort(actor(town, "qian"), SCOPE), "nonsense")
    assert refused.value.error is NOT_FOUND


def test_a_table_takes_one_query_however_much_there_is(rated: Town) -> None:
    qian = actor(rated, "qian")
    queries.table(qian, SCOPE, AT)
    for by in ("unit", "department"):
        with CaptureQueriesContext(connection) as taken:
            queries.table(qian, Scope(SCOPE.since, SCOPE.until, by=by), AT)
        assert sum("cases_case" in query["sql"] for query in taken) == 1
        assert len(taken) <= 2  # departments are remembered; whether they changed is looked up


def test_the_scope_narrows_to_unit_department_and_period(rated: Town) -> None:
    qian = actor(rated, "qian")
    heyuan, office = rated.unit("001"), rated.departments["HW"]
    here = queries.table(qian, Scope(SCOPE.since, SCOPE.until, unit=heyuan), AT)
    assert here.total.total == 11
    assert [row.key for row in here.rows] == [rated.unit("001-1")]
    elsewhere = queries.table(qian, Scope(SCOPE.since, SCOPE.until, unit=rated.unit("201")), AT)
    assert elsewhere.total.total == 0
    assert all(share.value is None for share in elsewhere.total.shares.values())
    by_office = queries.table(qian, Scope(SCOPE.since, SCOPE.until, department=office, by="department"), AT)
    assert [row.key for row in by_office.rows] == [office]
    assert queries.table(qian, Scope(AT - 60 * DAY, AT - 30 * DAY), AT).total.total == 0
    smallest = queries.table(qian, Scope(SCOPE.since, SCOPE.until, unit=rated.unit("001-1-1")), AT)
    assert (smallest.rows, smallest.total.total) == ((), 11)


def test_everybody_counts_what_they_see(rated: Town) -> None:
    assert queries.table(actor(rated, "ma"), SCOPE, AT).total.total == 11
    assert queries.table(actor(rated, "cg-1"), SCOPE, AT).total.total == 0
    assert queries.table(actor(rated, "grid-201-1"), SCOPE, AT).total.total == 0
    assert queries.table(actor(rated, "lin"), SCOPE, AT).total.total == 0


def test_what_was_said_before_a_reopening_does_not_count_afterwards(town: Town) -> None:
    case = closed(town)
    said(town, case, Said(UNSOLVED.outcome, UNSOLVED.solved, UNSOLVED.answer, "没修好", reopen=True))
    qian = actor(town, "qian")
    assert queries.table(qian, SCOPE, AT).total.total == 0
    for who, move in (
        ("lu", "dispatch"),
        ("ma", "sign"),
        ("ma", "hand_in"),
        ("gu", "pass_check"),
        ("shen", "close"),
    ):
        loop.make(move, case.id, actor(town, who), AT)
    again = queries.table(qian, SCOPE, AT).total
    assert (again.total, again.shares[Rate.RESOLUTION].whole) == (1, 0)
    said(town, case, REACHED)
    once_more = queries.table(qian, SCOPE, AT).total
    assert once_more.shares[Rate.RESOLUTION].value == 1
    assert Call.objects.filter(case=case).count() == 2


def test_a_list_goes_on_where_the_page_before_ended(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from linli.followup.queries import rates

    monkeypatch.setattr(rates, "PAGE", 2)
    for number in range(5):
        closed(town, AT - number * HOUR)
    found = queries.cohort(actor(town, "qian"), SCOPE)
    seen, after = [], ""
    for _ in range(5):
        rows, after = queries.page_of(found, after)
        seen += [case.id for case in rows]
        if not after:
            break
    assert seen == [case.id for case in Case.objects.order_by("-closed_at")]
    for wrong in ("x", "2026-01-01~x", "2026-01-01T00:00:00~019cabd8-3800-7162-b7e8-b140ea8b2c99"):
        with pytest.raises(Problem) as refused:
            queries.page_of(found, wrong)
        assert refused.value.error is NOT_FOUND
