from __future__ import annotations

import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from linli.kernel import jobs, journal
from linli.kernel.access import SYSTEM
from linli.kernel.models import Job

from .facts import AT, Heard

ran: list[object] = []
fail: set[object] = set()


@jobs.handler("kerneltests.append")
def _append(payload, at):
    ran.append(payload["n"])
    # An effect in our database, to see that it comes and goes with the job.
    journal.record(journal.PersonalTextForgotten(payload["n"]), about=ABOUT, by=SYSTEM, at=at)
    if payload["n"] in fail:
        raise RuntimeError("no luck")


@jobs.handler("kerneltests.outside", transaction=False)
def _outside(payload, at):
    ran.append((payload["n"], connection.in_atomic_block))
    if payload["n"] in fail:
        raise RuntimeError("no luck")


@jobs.handler("kerneltests.slow")
def _slow(payload, at):
    time.sleep(0.002)
    ran.append(payload["n"])


@jobs.story("kerneltests-hear", Heard)
def _hear(recorded, at):
    if recorded.fact.number >= 0:
        ran.append(recorded)
    if recorded.fact.number in fail:
        raise RuntimeError("no luck")


ABOUT = uuid4()


@pytest.fixture(autouse=True)
def _fresh():
    ran.clear()
    fail.clear()


@pytest.mark.django_db
def test_a_job_is_run_once_and_not_before_its_time():
    jobs.enqueue("kerneltests.append", {"n": 1}, at=AT)
    jobs.enqueue("kerneltests.append", {"n": 2}, at=AT, not_before=AT + timedelta(hours=1))
    assert jobs.waiting(AT) == 1
    assert jobs.work_once(AT) == 1
    assert jobs.work_once(AT) == 0
    assert ran == [1]
    assert jobs.work_once(AT + timedelta(hours=1)) == 1
    assert ran == [1, 2]
    assert Job.objects.filter(done_at=None).count() == 0


@pytest.mark.django_db
def test_jobs_are_run_in_the_order_in_which_they_became_ready():
    for number in (3, 1, 2):
        jobs.enqueue("kerneltests.append", {"n": number}, at=AT, not_before=AT + timedelta(minutes=number))
    while jobs.work_once(AT + timedelta(hours=1), batch=2):
        pass
    assert ran == [1, 2, 3]


@pytest.mark.django_db
def test_a_job_with_a_key_is_written_once_whatever_became_of_it():
    assert jobs.enqueue("kerneltests.append", {"n": 1}, at=AT, key="a") is not None
    assert jobs.enqueue("kerneltests.append", {"n": 1}, at=AT, key="a") is None
    assert jobs.enqueue("kerneltests.slow", {"n": 5}, at=AT, key="a") is not None
    while jobs.work_once(AT):
        pass
    assert jobs.enqueue("kerneltests.append", {"n": 1}, at=AT, key="a") is None
    assert sorted(ran) == [1, 5]


@pytest.mark.django_db
def test_a_job_of_an_action_that_fails_is_never_run():
    def action():
        with transaction.atomic():
            jobs.enqueue("kerneltests.append", {"n": 1}, at=AT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        action()
    assert jobs.work_once(AT) == 0


@pytest.mark.django_db
def test_a_failing_job_waits_longer_each_time_and_then_gives_up_visibly(caplog):
    identity = jobs.enqueue("kerneltests.append", {"n": 1}, at=AT)
    fail.add(1)
    at, waits = AT, []
    for _ in range(jobs.MAX_ATTEMPTS):
        assert jobs.work_once(at) == 1
        job = Job.objects.get(id=identity)
        waits.append((job.not_before - at).total_seconds())
        at = max(job.not_before, at)
    assert waits[:-1] == [10, 20, 40, 80, 160, 320, 640]
    assert jobs.work_once(at + timedelta(days=1)) == 0
    (shown,) = jobs.failed()
    assert (shown.id, shown.failed_at, shown.last_error) == (identity, at, "RuntimeError: no luck")
    assert journal.history(ABOUT) == []  # the effects went with each failure
    fail.clear()
    assert jobs.retry(identity, at=at)
    assert not jobs.retry(identity, at=at)
    assert jobs.work_once(at) == 1
    assert jobs.failed() == []
    assert len(journal.history(ABOUT)) == 1
    assert "no luck" in caplog.text


def test_the_wait_is_never_longer_than_an_hour():
    assert jobs.wait_after(1) == timedelta(seconds=10)
    assert jobs.wait_after(50) == timedelta(hours=1)


@pytest.mark.django_db
def test_one_failing_job_does_not_stop_the_others():
    for number in range(4):
        jobs.enqueue("kerneltests.append", {"n": number}, at=AT)
    fail.add(1)
    assert jobs.work_once(AT) == 4
    assert sorted(r.fact.facts for r in journal.history(ABOUT)) == [0, 2, 3]


@pytest.mark.django_db
def test_a_job_without_a_handler_waits_for_one(caplog):
    jobs.enqueue("kerneltests.unknown", {}, at=AT)
    assert jobs.work_once(AT) == 1
    assert "no handler kerneltests.unknown" in Job.objects.get().last_error
    assert "no handler" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_handler_for_slow_calls_runs_outside_a_transaction():
    jobs.enqueue("kerneltests.outside", {"n": 1}, at=AT)
    jobs.enqueue("kerneltests.outside", {"n": 2}, at=AT)
    fail.add(2)
    assert jobs.work_once(AT) == 2
    assert sorted(ran) == [(1, False), (2, False)]
    assert {job.payload: job.done_at for job in Job.objects.all()} == {'{"n":1}': AT, '{"n":2}': None}


@pytest.mark.django_db
def test_a_story_hears_each_fact_of_its_kind_once():
    about = uuid4()
    first = journal.record(Heard(1, "住在三号楼"), about=about, by=SYSTEM, at=AT)
    journal.record(journal.PersonalTextForgotten(1), about=about, by=SYSTEM, at=AT)
    (recorded,) = [r for r in journal.history(about) if r.id == first]
    while jobs.work_once(AT):
        pass
    assert ran == [recorded]
    assert Job.objects.filter(handler="flow:kerneltests-hear", fact_id=first).count() == 1


@pytest.mark.django_db
def test_a_story_that_fails_is_tried_again_alone():
    first = journal.record(Heard(1), about=uuid4(), by=SYSTEM, at=AT)
    second = journal.record(Heard(2), about=uuid4(), by=SYSTEM, at=AT)
    fail.add(1)
    assert jobs.work_once(AT) == 2
    fail.clear()
    ran.clear()
    assert jobs.work_once(AT + timedelta(seconds=10)) == 1
    assert [r.id for r in ran] == [first] != [second]


@pytest.mark.django_db
def test_imported_history_wakes_no_story():
    assert len(journal.rows(Heard(1), about=uuid4(), by=SYSTEM, at=AT, stories=False)) == 1
    assert len(journal.rows(Heard(1), about=uuid4(), by=SYSTEM, at=AT)) == 2


@pytest.mark.django_db
def test_a_name_is_registered_once():
    with pytest.raises(ValueError, match="twice"):
        jobs.handler("kerneltests.append")(_append)


@pytest.mark.django_db
def test_a_job_whose_worker_died_is_taken_again_after_its_lease():
    identity = jobs.enqueue("kerneltests.append", {"n": 1}, at=AT)
    (claimed,) = jobs._claim(AT, 10, "dead:1", timedelta(seconds=60))
    assert claimed.id == identity
    assert jobs.work_once(AT + timedelta(seconds=59)) == 0
    assert jobs.work_once(AT + timedelta(seconds=60)) == 1
    assert ran == [1]
    # The first worker was only slow, and comes back: its claim is gone.
    jobs._run(claimed, AT + timedelta(seconds=61))
    assert ran == [1]
    assert Job.objects.get().attempts == 2


@pytest.mark.django_db
def test_old_finished_jobs_are_tidied_away_and_open_ones_stay():
    jobs.enqueue("kerneltests.append", {"n": 1}, at=AT)
    jobs.work_once(AT)
    jobs.enqueue("kerneltests.append", {"n": 2}, at=AT)
    assert jobs.tidy(AT + timedelta(days=30)) == 0
    assert jobs.tidy(AT + timedelta(days=31)) == 1
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_several_workers_run_every_job_exactly_once():
    for number in range(60):
        jobs.enqueue("kerneltests.slow", {"n": number}, at=AT)
    wrong = []
    start = threading.Barrier(4)

    def work(name):
        try:
            start.wait(20)
            while jobs.work_once(AT, batch=5, worker=name):
                pass
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            wrong.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert wrong == []
    assert sorted(ran) == list(range(60))
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


@jobs.given_up("kerneltests.outside")
def _outside_gave_up(payload, at):
    ran.append(("gave up", payload["n"], connection.in_atomic_block))
    if payload["n"] in fail and payload["n"] < 0:
        raise RuntimeError("nor this")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [1, -1])
def test_whoever_wants_to_hears_once_that_a_job_gave_up_and_it_counts_as_failed_whatever_they_do(number):
    jobs.enqueue("kerneltests.outside", {"n": number}, at=AT, key="mine")
    assert jobs.stumbled("kerneltests.outside", "mine", at=AT) is None
    fail.add(number)
    at = AT
    for times in range(1, jobs.MAX_ATTEMPTS + 1):
        assert jobs.work_once(at) == 1
        found = jobs.stumbled("kerneltests.outside", "mine", at=at)
        assert found is not None
        last = times == jobs.MAX_ATTEMPTS
        assert (found.times, found.gave_up) == (times, last)
        assert found.again_at == (None if last else at + jobs.wait_after(times))
        at += timedelta(hours=1)
    assert jobs.work_once(at) == 0
    assert ran[-1] == ("gave up", number, True)
    assert len([one for one in ran if one[0] == "gave up"]) == 1
    (job,) = jobs.failed()
    assert jobs.retry(job.id, at=at)
    fail.clear()
    assert jobs.work_once(at) == 1
    assert jobs.stumbled("kerneltests.outside", "mine", at=at) is None
