"""Calling reporters back: who gets which case, what follows from a call, who is left in peace."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.words import MOVE_NOT_OPEN, Answer, Desk, State
from linli.followup import actions, queries
from linli.followup.actions import Said
from linli.followup.models import Call, OptOut, Turn
from linli.followup.tests.following import NOBODY, REACHED, UNSOLVED, closed, resident
from linli.followup.words import (
    CALLS_DECLINED,
    NOT_WAITING,
    NOTHING_TO_CALL,
    TAKEN,
    Outcome,
    Solved,
)
from linli.kernel import clocks, journal
from linli.kernel.access import SYSTEM
from linli.kernel.errors import INVALID, NOT_ALLOWED, NOT_FOUND, RETRY_DIFFERS, Problem
from tests.world import AT, Town, actor

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def said_of(case: Case) -> list[str]:
    return [line.fact.sentence().zh for line in journal.history(case.id)]


def test_the_case_with_the_earliest_deadline_comes_first_and_is_nobody_elses_meanwhile(town: Town) -> None:
    early, late = closed(town, AT - 4 * DAY), closed(town, AT)
    yao, other = actor(town, "yao"), actor(town, "caller-2")
    assert actions.take_next(by=yao, at=AT).id == early.id
    assert actions.take_next(by=yao, at=AT).id == early.id  # still hers
    assert actions.take_next(by=other, at=AT).id == late.id
    with pytest.raises(Problem) as refused:
        actions.take(early.id, by=other, at=AT)
    assert refused.value.error is TAKEN
    actions.put_back(late.id, by=other, at=AT)
    actions.take(late.id, by=yao, at=AT)


def test_what_somebody_took_comes_back_when_their_time_is_over(town: Town) -> None:
    case = closed(town)
    actions.take_next(by=actor(town, "yao"), at=AT)
    with pytest.raises(Problem) as nothing:
        actions.take_next(by=actor(town, "caller-2"), at=AT)
    assert nothing.value.error is NOTHING_TO_CALL
    later = AT + timedelta(minutes=queries.minutes())
    assert actions.take_next(by=actor(town, "caller-2"), at=later).id == case.id
    with pytest.raises(Problem) as lost:
        actions.log_call(case.id, REACHED, id=uuid4(), by=actor(town, "yao"), at=later)
    assert lost.value.error is TAKEN


def test_an_answer_rates_the_case_and_says_apart_whether_it_is_solved(town: Town) -> None:
    case, yao = closed(town), actor(town, "yao")
    actions.take_next(by=yao, at=AT)
    partly = replace(REACHED, solved=Solved.PARTLY, answer=Answer.SATISFIED)
    call = actions.log_call(case.id, partly, id=uuid4(), by=yao, at=AT)
    case.refresh_from_db()
    assert (call.solved, call.answer, case.answer) == ("partly", "satisfied", "satisfied")
    assert (case.state, case.desk) == (State.FOLLOWED_UP, Desk.DONE)
    assert "回访接通,诉求人认为:部分解决" in said_of(case)
    assert not Turn.objects.exists()
    assert not clocks.running(case.id)


def test_the_same_call_sent_twice_is_one_call_and_another_under_its_id_is_refused(town: Town) -> None:
    case, yao, write = closed(town), actor(town, "yao"), uuid4()
    first = actions.log_call(case.id, REACHED, id=write, by=yao, at=AT)
    again = actions.log_call(case.id, REACHED, id=write, by=yao, at=AT + MINUTE)
    assert (first.id, Call.objects.count()) == (again.id, 1)
    for other in (replace(REACHED, words="别的"), NOBODY):
        with pytest.raises(Problem) as refused:
            actions.log_call(case.id, other, id=write, by=yao, at=AT)
        assert refused.value.error is RETRY_DIFFERS
    with pytest.raises(Problem) as others:
        actions.log_call(case.id, REACHED, id=write, by=actor(town, "caller-2"), at=AT)
    assert others.value.error is RETRY_DIFFERS


def test_who_is_not_content_has_it_reopened_one_level_up_in_the_same_write(town: Town) -> None:
    case, yao = closed(town), actor(town, "yao")
    sheet = queries.sheet(case, yao, AT, REACHED.outcome.label)
    assert sheet.may_reopen
    assert sheet.reopen_to is not None
    write = uuid4()
    for _ in range(2):
        actions.log_call(case.id, replace(UNSOLVED, reopen=True), id=write, by=yao, at=AT)
    case.refresh_from_db()
    assert (case.state, case.reopens) == (State.REGISTERED, 1)
    assert case.raised_to_id is not None
    assert any("还是一堆垃圾" in line and "重开" in line for line in said_of(case))
    # The next round begins with no call, and its result does not meet that of the round before.
    assert queries.calls_of(case) == []


def test_when_it_cannot_be_reopened_any_more_nothing_of_the_call_is_kept(town: Town) -> None:
    case, yao = closed(town), actor(town, "yao")
    late = AT + 40 * DAY
    with pytest.raises(Problem) as refused:
        actions.log_call(case.id, replace(UNSOLVED, reopen=True), id=uuid4(), by=yao, at=late)
    assert refused.value.error.code == "cases.reopen-bound"
    case.refresh_from_db()
    assert (case.state, case.answer, Call.objects.count()) == (State.CLOSED, "", 0)


def test_cannot_be_reached_takes_tries_on_different_days_at_different_hours(town: Town) -> None:
    case, yao, moment = closed(town), actor(town, "yao"), AT
    for number in range(1, 4):
        assert actions.take_next(by=yao, at=moment).id == case.id
        call = actions.log_call(case.id, NOBODY, id=uuid4(), by=yao, at=moment)
        case.refresh_from_db()
        assert (call.answer == Answer.UNREACHABLE) is (number == 3)
        if number < 3:
            with pytest.raises(Problem) as early:
                actions.take_next(by=yao, at=moment + MINUTE)
            assert early.value.error is NOTHING_TO_CALL
            moment = Turn.objects.get().not_before
    assert (case.state, case.answer) == (State.FOLLOWED_UP, "unreachable")
    assert sum("无人接听" in line for line in said_of(case)) == 3


def test_a_wrong_number_ends_the_calls_at_once(town: Town) -> None:
    case, yao = closed(town), actor(town, "yao")
    actions.log_call(case.id, Said(Outcome.WRONG, words="接的人不认识"), id=uuid4(), by=yao, at=AT)
    case.refresh_from_db()
    assert case.answer == "unreachable"


def test_who_asked_to_be_called_later_is_called_later(town: Town) -> None:
    case, yao = closed(town), actor(town, "yao")
    actions.log_call(case.id, Said(Outcome.LATER, words="在开会"), id=uuid4(), by=yao, at=AT)
    turn = Turn.objects.get(case=case)
    assert turn.by_id is None
    assert turn.not_before is not None
    assert turn.not_before > AT
    assert not queries.waiting(yao, AT).exists()
    assert queries.load(yao, AT).later == 1
    assert queries.waiting(yao, turn.not_before).get().id == case.id


def test_who_rated_by_themselves_is_not_called(town: Town) -> None:
    case, yao = closed(town), actor(town, "yao")
    actions.take_next(by=yao, at=AT)
    loop.make("rate", case.id, actor(town, "lin"), AT)
    assert queries.mine(yao, AT) is None
    assert not queries.waiting(yao, AT).exists()
    with pytest.raises(Problem) as refused:
        actions.log_call(case.id, REACHED, id=uuid4(), by=yao, at=AT)
    assert refused.value.error is NOT_WAITING


def test_who_wants_no_calls_gets_none_until_a_date_and_may_still_rate(town: Town) -> None:
    first, second, yao = closed(town), closed(town), actor(town, "yao")
    stranger = closed(town, resident=resident(77))
    no = Said(Outcome.REFUSED, no_more_calls=True)
    actions.log_call(first.id, no, id=uuid4(), by=yao, at=AT)
    for case in (first, second):
        case.refresh_from_db()
        assert (case.state, case.desk, case.next_due_at) == (State.CLOSED, Desk.DONE, None)
        assert not clocks.running(case.id)
    assert [case.id for case in queries.waiting(yao, AT)] == [stranger.id]
    assert loop.make("rate", second.id, actor(town, "lin"), AT).state == State.FOLLOWED_UP

    third = closed(town, AT + DAY)
    with pytest.raises(Problem) as refused:
        actions.take(third.id, by=yao, at=AT + DAY)
    assert refused.value.error is CALLS_DECLINED
    assert actions.spare(third.id, by=SYSTEM, at=AT + DAY)
    assert not actions.spare(third.id, by=SYSTEM, at=AT + DAY)
    third.refresh_from_db()
    assert (third.state, third.desk) == (State.CLOSED, Desk.DONE)
    assert OptOut.objects.get().until == AT + timedelta(days=365)

    actions.welcome_calls(first.id, by=yao, at=AT + 2 * DAY)
    assert queries.opted_out(town.resident, AT + 2 * DAY) is None
    fourth = closed(town, AT + 2 * DAY)
    assert not actions.spare(fourth.id, by=SYSTEM, at=AT + 2 * DAY)
    assert actions.take(fourth.id, by=yao, at=AT + 2 * DAY).id == fourth.id


def test_refusing_one_call_says_nothing_about_the_next_matter(town: Town) -> None:
    first, second, yao = closed(town), closed(town), actor(town, "yao")
    actions.log_call(first.id, Said(Outcome.REFUSED), id=uuid4(), by=yao, at=AT)
    assert not OptOut.objects.exists()
    assert queries.waiting(yao, AT).get().id == second.id


def test_the_number_is_shown_for_the_call_and_the_look_is_on_record(town: Town) -> None:
    case, yao = closed(town), actor(town, "yao")
    assert actions.show_number(case.id, by=yao, at=AT).endswith("16100000001")
    assert any("查看了诉求人电话" in line and "回访" in line for line in said_of(case))
    with pytest.raises(Problem) as taken:
        actions.show_number(case.id, by=actor(town, "caller-2"), at=AT)
    assert taken.value.error is TAKEN


BAD = [
    (replace(REACHED, solved=None), "solved"),
    (replace(REACHED, answer=None), "answer"),
    (replace(REACHED, answer=Answer.UNREACHABLE), "answer"),
    (replace(REACHED, words="字" * 1001), "words"),
    (replace(REACHED, reopen=True, reopen_reason="字" * 1001), "reopen_reason"),
    (replace(REACHED, words="", reopen=True), "reopen_reason"),
    (replace(NOBODY, reopen=True), "reopen"),
]


@loop.each(("said", "field"), BAD)
def test_what_no_call_can_have_been_is_refused_at_its_field(said: Said, field: str, town: Town) -> None:
    case = closed(town)
    with pytest.raises(Problem) as refused:
        actions.log_call(case.id, said, id=uuid4(), by=actor(town, "yao"), at=AT)
    assert refused.value.error is INVALID
    assert set(refused.value.fields) == {field}
    assert not Call.objects.exists()


@loop.each(("who", "error"), [("ma", NOT_ALLOWED), ("lin", NOT_ALLOWED), ("chen", NOT_ALLOWED), ("qian", NOT_ALLOWED), ("grid-201-1", NOT_FOUND)])  # fmt: skip
def test_only_callers_call(who: str, error: object, town: Town) -> None:
    case = closed(town)
    for write in (
        lambda: actions.take(case.id, by=actor(town, who), at=AT),
        lambda: actions.log_call(case.id, REACHED, id=uuid4(), by=actor(town, who), at=AT),
        lambda: actions.show_number(case.id, by=actor(town, who), at=AT),
        lambda: actions.welcome_calls(case.id, by=actor(town, who), at=AT),
    ):
        with pytest.raises(Problem) as refused:
            write()
        assert refused.value.error is error
    if error is NOT_ALLOWED:
        with pytest.raises(Problem):
            actions.take_next(by=actor(town, who), at=AT)


def test_an_open_case_is_not_called_about(town: Town) -> None:
    case = loop.in_state(State.HANDLING, town, AT, reporter_id=town.resident)
    with pytest.raises(Problem) as refused:
        actions.take(case.id, by=actor(town, "yao"), at=AT)
    assert refused.value.error is NOT_WAITING
    assert MOVE_NOT_OPEN.status == NOT_WAITING.status


@pytest.mark.django_db(transaction=True)
def test_many_callers_at_once_get_different_cases_and_each_is_called_once(town: Town) -> None:
    ids = [closed(town, AT, resident(number)).id for number in range(4)]
    callers = [actor(town, name) for name in ("yao", "caller-2")]
    got: dict[str, object] = {}
    barrier = threading.Barrier(len(callers))

    def work(name: str, number: int) -> None:
        try:
            barrier.wait(timeout=20)
            got[name] = actions.take_next(by=callers[number], at=AT).id
        except Problem as problem:
            got[name] = problem.error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(str(number), number)) for number in range(len(callers))]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=30)
    assert len(set(got.values())) == len(callers)
    assert set(got.values()) <= set(ids)

    results: list[object] = []
    barrier = threading.Barrier(2)
    case_id, write = got["0"], uuid4()

    def log() -> None:
        try:
            barrier.wait(timeout=20)
            with transaction.atomic():
                results.append(actions.log_call(case_id, REACHED, id=write, by=callers[0], at=AT).id)
        except Problem as problem:
            results.append(problem.error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=log) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=30)
    assert write in results
    assert Call.objects.filter(case_id=case_id).count() == 1
    assert Case.objects.get(pk=case_id).answer == "satisfied"
