"""Two people, two machines, two workers at the same moment, on the real engine: one wins, nothing is lost or doubled."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from linli.cases.actions import moves, opening
from linli.cases.models import Assignment, Case
from linli.cases.tests import loop
from linli.cases.tests.loop import body_of, in_state, key_of, post
from linli.cases.words import State
from linli.kernel import clocks, jobs, journal
from linli.kernel.models import FactRow
from tests.world import AT, Town, actor

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run them in threads of their own that start together; what each gave, or the fault that it ended with."""
    start, answers = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            start.wait(20)
            answers[place] = work()
        except Exception as error:  # noqa: BLE001 - handed to the test's own thread
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def sending(
    path: str, body: dict[str, Any], key: dict[str, str] | None = None
) -> Callable[[], tuple[int, Any]]:
    def send() -> tuple[int, Any]:
        answer = post(Client(), path, body, key)
        return answer.status_code, answer.json()

    return send


def test_of_two_who_sign_for_it_at_once_one_does_and_the_other_is_told(town: Town) -> None:
    case = in_state(State.DISPATCHED, town)
    path = f"/cases/{case.id}/moves/sign"
    answers = at_once([sending(path, {}, key_of(town, who)) for who in ("ma", "hw-2", "hw-3")])
    assert sorted(status for status, _ in answers) == [200, 409, 409]
    assert {body["code"] for status, body in answers if status == 409} == {"cases.move-not-open"}
    assert FactRow.objects.filter(about=case.id, kind="cases.CaseSigned").count() == 1
    case.refresh_from_db()
    lead = Assignment.objects.get(case_id=case.id, done_at=None)
    assert case.handler_id == lead.holder_id
    assert case.handler_id == journal.history(case.id)[-1].by_id


def test_of_two_who_take_the_same_check_one_does(town: Town) -> None:
    case = in_state(State.HANDLED, town)
    path = f"/cases/{case.id}/moves/take_check"
    answers = at_once(
        [sending(path, {"version": case.version}, key_of(town, who)) for who in ("gu", "checker-2", "chen")]
    )
    assert sorted(status for status, _ in answers) == [200, 409, 409]


def test_the_same_report_from_eight_connections_is_one_case_with_one_answer(town: Town) -> None:
    body = body_of(town)
    answers = at_once([sending("/cases", body)] * 8)
    assert Counter(status for status, _ in answers) == {201: 1, 200: 7}
    assert len({(a["id"], a["number"], a["tracking"], a["due"]) for _, a in answers}) == 1
    assert Case.objects.count() == 1
    assert FactRow.objects.filter(about=body["id"]).count() == 1
    assert len(clocks.running(Case.objects.get().id)) == 1


def test_many_reports_at_once_get_each_its_own_number(town: Town) -> None:
    key = key_of(town, "shen")
    works = [sending("/cases", body_of(town, source="walk_in"), key) for _ in range(12)]
    answers = at_once(works)
    assert [status for status, _ in answers] == [201] * 12
    assert len({body["number"] for _, body in answers}) == 12


def test_the_same_ticket_under_two_ids_is_one_case(town: Town) -> None:
    key = key_of(town, "shen")
    bodies = [body_of(town, source="hotline", source_number="T-9") for _ in range(4)]
    answers = at_once([sending("/cases", body, key) for body in bodies])
    assert Counter(status for status, _ in answers) == {201: 1, 200: 3}
    assert len({body["id"] for _, body in answers}) == 1


def test_the_same_move_from_eight_connections_is_made_once(town: Town) -> None:
    case, key = in_state(State.HANDLING, town), key_of(town, "ma")
    body = {"id": str(uuid4()), "text": "正在清运"}
    answers = at_once([sending(f"/cases/{case.id}/moves/note", body, key)] * 8)
    assert [status for status, _ in answers] == [200] * 8
    assert len({body["version"] for _, body in answers}) == 1
    assert FactRow.objects.filter(about=case.id, kind="cases.ProgressNoted").count() == 1


def test_one_write_id_for_two_cases_at_once_is_made_on_one_of_them(town: Town) -> None:
    first, second = in_state(State.HANDLING, town), in_state(State.HANDLING, town)
    key, body = key_of(town, "ma"), {"id": str(uuid4()), "text": "正在清运"}
    answers = at_once([sending(f"/cases/{case.id}/moves/note", body, key) for case in (first, second) * 3])
    assert Counter(status for status, _ in answers) == {200: 3, 409: 3}
    assert {a["code"] for status, a in answers if status == 409} == {"retry-differs"}
    assert FactRow.objects.filter(kind="cases.ProgressNoted").count() == 1


def test_two_workers_fire_a_limit_once_while_somebody_moves_the_case(town: Town) -> None:
    cases = [in_state(State.DISPATCHED, town) for _ in range(6)]
    late = AT + timedelta(days=2)
    ma = actor(town, "ma", late)
    workers = [lambda name=name: clocks.fire_due(late, batch=3, worker=name) for name in ("one", "two")]
    signing = [lambda case=case: moves.sign(case.id, by=ma, at=late).state for case in cases]
    answers = at_once([*workers, *signing])
    assert [a for a in answers if isinstance(a, Exception)] == []
    clocks.fire_due(late + timedelta(minutes=2), worker="three")
    for case in cases:
        lines = [line for line in journal.history(case.id) if line.kind == "cases.DeadlineMissed"]
        signed = [line.fact for line in lines if line.fact.clock == "sign"]
        assert len(signed) <= 1
        found = Case.objects.get(pk=case.id)
        assert (found.state, found.escalations) == (State.HANDLING, len(lines))


def test_two_workers_tell_the_reporter_once(town: Town) -> None:
    from linli.notices.models import Notice

    case = in_state(State.DISPATCHED, town, reporter_id=town.resident)
    before = Notice.objects.count()
    at_once(
        [
            lambda name=name: [jobs.work_once(AT, worker=name) for _ in range(4)]
            for name in ("one", "two", "three")
        ]
    )
    told = Notice.objects.filter(about=case.id)
    assert told.count() == before + 1
    assert sorted(told.values_list("template", flat=True)) == ["dispatched", "received"]


def missed(case: Case) -> int:
    return FactRow.objects.filter(about=case.id, kind="cases.DeadlineMissed").count()


class Killed(BaseException):
    """The machine stops here."""


def test_a_crash_in_the_middle_of_a_move_leaves_all_or_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = in_state(State.DISPATCHED, town)
    before = (case.version, FactRow.objects.count(), len(clocks.running(case.id)))

    def die(*args: Any, **kwargs: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("linli.cases.actions.step.kernel_clocks.stop", die)
        with pytest.raises(Killed):
            moves.sign(case.id, by=actor(town, "ma"), at=AT)
    case.refresh_from_db()
    assert (case.version, FactRow.objects.count(), len(clocks.running(case.id))) == before
    assert moves.sign(case.id, by=actor(town, "ma"), at=AT).state == State.HANDLING


def test_a_crash_while_a_case_is_opened_leaves_nothing_and_sending_again_opens_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = loop.report(town, photos=(loop.picture(loop.ANONYMOUS),))

    def die(*args: Any, **kwargs: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("linli.cases.actions.opening.files.attach", die)
        with pytest.raises(Killed):
            opening.open_case(report, by=loop.ANONYMOUS, at=AT)
    assert (Case.objects.count(), FactRow.objects.filter(kind="cases.CaseReported").count()) == (0, 0)
    assert not opening.open_case(report, by=loop.ANONYMOUS, at=AT).repeated


def test_a_worker_that_dies_holding_a_limit_loses_none(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    case = in_state(State.DISPATCHED, town)
    late = AT + timedelta(days=1)

    def die(*args: Any, **kwargs: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("linli.cases.actions.timers._record", die)
        with pytest.raises(Killed):
            clocks.fire_due(late, worker="dead")
    assert Case.objects.get(pk=case.id).escalations == 0
    assert clocks.fire_due(late + timedelta(minutes=2), worker="next") > 0
    assert Case.objects.get(pk=case.id).escalations == missed(case) > 0
