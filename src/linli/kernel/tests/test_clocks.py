from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from linli.kernel import clocks, journal, rows
from linli.kernel.access import SYSTEM
from linli.kernel.models import ClockRow, FactRow

from .facts import AT

HOUR = timedelta(hours=1)
fired: list[tuple[UUID, str]] = []
fail: set[UUID] = set()
meanwhile: list[object] = []


@clocks.on("kerneltests.plain")
def _plain(clock, moment, at):
    fired.append((clock.about, moment))
    journal.record(journal.PersonalTextForgotten(clock.step), about=clock.about, by=SYSTEM, at=at)
    for action in meanwhile:
        action(clock)
    if clock.about in fail:
        raise RuntimeError("no luck")


@clocks.on("kerneltests.escalating")
def _escalating(clock, moment, at):
    fired.append((clock.about, moment))
    return clock.next_at + HOUR if moment != "warning" and clock.lates < 2 else None


@clocks.on("kerneltests.backwards")
def _backwards(clock, moment, at):
    return clock.next_at


@pytest.fixture(autouse=True)
def _fresh():
    fired.clear()
    fail.clear()
    meanwhile.clear()


def _start(name="kerneltests.plain", due=10 * HOUR, warn=8 * HOUR, about=None):
    about = about or uuid4()
    clocks.start(
        about=about, name=name, started_at=AT, due_at=AT + due, warn_at=None if warn is None else AT + warn,
        amount=Decimal("10"), unit="hours", provisional=True,
    )  # fmt: skip
    return about


@pytest.mark.django_db
def test_a_clock_warns_then_is_due_and_each_fires_once():
    about = _start()
    assert clocks.next_due() == AT + 8 * HOUR
    assert clocks.fire_due(AT + 8 * HOUR - timedelta(microseconds=1)) == 0
    assert clocks.fire_due(AT + 8 * HOUR) == 1
    assert clocks.fire_due(AT + 9 * HOUR) == 0
    assert clocks.fire_due(AT + 10 * HOUR) == 1
    assert clocks.fire_due(AT + 100 * HOUR) == 0
    assert fired == [(about, "warning"), (about, "due")]
    (clock,) = clocks.running(about)
    assert (clock.warned_at, clock.fired_at, clock.next_at) == (AT + 8 * HOUR, AT + 10 * HOUR, None)
    assert (clock.amount, clock.unit, clock.provisional, clock.due_at) == (10, "hours", True, AT + 10 * HOUR)
    assert clocks.next_due() is None


@pytest.mark.django_db
def test_after_a_standstill_every_moment_still_fires_in_order():
    first, second = _start(), _start(due=2 * HOUR, warn=None)
    assert clocks.fire_due(AT + 1000 * HOUR, batch=1) == 3
    assert fired == [(second, "due"), (first, "warning"), (first, "due")]


@pytest.mark.django_db
def test_a_handler_may_ask_for_late_moments():
    about = _start("kerneltests.escalating", warn=None)
    assert clocks.fire_due(AT + 11 * HOUR - timedelta(seconds=1)) == 1
    assert clocks.fire_due(AT + 50 * HOUR) == 3
    assert fired == [(about, "due"), (about, "late"), (about, "late"), (about, "late")]
    assert clocks.running(about)[0].lates == 3


@pytest.mark.django_db
def test_a_stopped_clock_never_fires():
    about = _start()
    _start("kerneltests.escalating", about=about)
    assert clocks.stop(about, "kerneltests.plain", at=AT) == 1
    assert clocks.stop(about, "kerneltests.plain", at=AT) == 0
    assert clocks.stop(about, at=AT + HOUR) == 1
    assert clocks.fire_due(AT + 100 * HOUR) == 0
    assert clocks.running(about) == []
    assert sorted(c.stopped_at for c in clocks.of(about)) == [AT, AT + HOUR]


@pytest.mark.django_db
def test_many_clocks_are_stopped_together():
    abouts = [_start() for _ in range(3)]
    other = _start()
    assert clocks.stop_many(iter(abouts), "kerneltests.plain", at=AT) == 3
    assert clocks.stop_many([], at=AT) == 0
    assert len(clocks.running(other)) == 1


@pytest.mark.django_db
def test_one_clock_of_a_name_runs_at_a_time_and_starts_again_after_a_stop():
    about = _start()
    with pytest.raises(IntegrityError), transaction.atomic():
        _start(about=about)
    clocks.stop(about, at=AT)
    _start(about=about)
    assert (len(clocks.running(about)), len(clocks.of(about))) == (1, 2)


@pytest.mark.django_db
def test_a_paused_clock_is_silent_and_resumes_to_its_new_due_time():
    about = _start()
    assert clocks.fire_due(AT + 8 * HOUR) == 1
    assert clocks.pause(about, "kerneltests.plain", at=AT + 9 * HOUR) == 1
    assert clocks.pause(about, at=AT + 9 * HOUR) == 0
    assert clocks.fire_due(AT + 20 * HOUR) == 0
    resumed = AT + 29 * HOUR
    assert clocks.resume(
        about, "kerneltests.plain", due_at=AT + 30 * HOUR, warn_at=AT + 28 * HOUR, at=resumed
    )
    assert not clocks.resume(about, "kerneltests.plain", due_at=AT + 40 * HOUR, at=resumed)
    assert clocks.fire_due(resumed) == 0  # it warned before the pause
    assert clocks.fire_due(AT + 30 * HOUR) == 1
    assert fired == [(about, "warning"), (about, "due")]


@pytest.mark.django_db
def test_a_clock_paused_before_its_warning_warns_after_it():
    about = _start()
    clocks.pause(about, at=AT + HOUR)
    clocks.resume(
        about, "kerneltests.plain", due_at=AT + 30 * HOUR, warn_at=AT + 28 * HOUR, at=AT + 21 * HOUR
    )
    assert clocks.fire_due(AT + 27 * HOUR) == 0
    assert clocks.fire_due(AT + 30 * HOUR) == 2
    assert fired == [(about, "warning"), (about, "due")]


@pytest.mark.django_db
def test_a_moved_clock_fires_anew_for_its_new_limit():
    about = _start()
    assert clocks.fire_due(AT + 10 * HOUR) == 2
    assert clocks.move(
        about, "kerneltests.plain", due_at=AT + 40 * HOUR, warn_at=AT + 30 * HOUR, at=AT + 11 * HOUR
    )
    (clock,) = clocks.running(about)
    assert (clock.due_at, clock.fired_at, clock.provisional) == (AT + 40 * HOUR, None, False)
    assert clocks.fire_due(AT + 29 * HOUR) == 0
    assert clocks.fire_due(AT + 40 * HOUR) == 2
    assert not clocks.move(uuid4(), "kerneltests.plain", due_at=AT, at=AT)


@pytest.mark.django_db
def test_a_moved_clock_that_is_paused_stays_paused():
    about = _start()
    clocks.pause(about, at=AT)
    assert clocks.move(about, "kerneltests.plain", due_at=AT + 5 * HOUR, at=AT)
    assert clocks.fire_due(AT + 50 * HOUR) == 0
    assert clocks.running(about)[0].paused_at == AT


@pytest.mark.django_db
def test_a_failing_handler_leaves_nothing_behind_waits_and_does_not_stop_the_others(caplog):
    bad, *good = [_start(warn=None) for _ in range(5)]
    fail.add(bad)
    due = AT + 10 * HOUR
    assert clocks.fire_due(due) == 4
    assert journal.history(bad) == []
    assert all(len(journal.history(about)) == 1 for about in good)
    row = ClockRow.objects.get(about=bad)
    assert (row.next_at, row.attempts, row.last_error, row.due_at) == (
        due + timedelta(seconds=10), 1, "RuntimeError: no luck", due,
    )  # fmt: skip
    assert clocks.fire_due(due + timedelta(seconds=10)) == 0
    fail.clear()
    assert clocks.fire_due(due + timedelta(seconds=30)) == 1
    assert len(journal.history(bad)) == 1
    assert "no luck" in caplog.text


@pytest.mark.django_db
def test_a_clock_without_a_handler_shows_its_fault(caplog):
    about = _start("kerneltests.unknown")
    assert clocks.fire_due(AT + 8 * HOUR) == 0
    assert "no handler" in ClockRow.objects.get(about=about).last_error
    assert "no handler" in caplog.text


@pytest.mark.django_db
def test_a_handler_that_asks_for_the_past_does_not_turn_in_circles(caplog):
    about = _start("kerneltests.backwards", warn=None)
    assert clocks.fire_due(AT + 100 * HOUR) == 0
    assert "lies before it" in ClockRow.objects.get(about=about).last_error
    assert "lies before it" in caplog.text


@pytest.mark.django_db
def test_a_clock_stopped_while_its_handler_works_does_not_fire():
    about = _start(warn=None)
    meanwhile.append(lambda clock: clocks.stop(clock.about, at=AT))
    assert clocks.fire_due(AT + 10 * HOUR) == 0
    # The handler's own transaction is undone as a whole: its effects and, here, the stop that it made itself.
    assert journal.history(about) == []
    assert clocks.running(about)[0].fired_at is None


@pytest.mark.django_db
def test_a_clock_whose_worker_died_is_taken_again_after_its_lease():
    _start(warn=None)
    due = AT + 10 * HOUR
    (claimed,) = clocks._claim(due, 10, "dead:1", timedelta(seconds=60))
    assert clocks.fire_due(due + timedelta(seconds=59)) == 0
    assert clocks.fire_due(due + timedelta(seconds=60)) == 1
    # The first worker was only slow, and comes back: nothing fires twice.
    assert clocks._fire([claimed], due + timedelta(seconds=61)) == 0
    assert FactRow.objects.filter(about=claimed.about).count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_that_fails_only_at_the_commit_does_not_stop_the_others(caplog):
    """A constraint that is checked only at the commit, broken by one handler among five."""
    abouts = [_start(warn=None) for _ in range(5)]
    broken = abouts[2]
    _deferred_foreign_key()
    try:
        meanwhile.append(lambda clock: clock.about == broken and _dangling())
        assert clocks.fire_due(AT + 10 * HOUR) == 4
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE kerneltests_child")
            cursor.execute("DROP TABLE kerneltests_parent")
    assert journal.history(broken) == []
    assert ClockRow.objects.get(about=broken).attempts == 1
    assert sorted(FactRow.objects.values_list("about", flat=True)) == sorted(set(abouts) - {broken})
    assert "kerneltests_child" in caplog.text or "FOREIGN KEY" in caplog.text


def _deferred_foreign_key():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kerneltests_parent (id integer PRIMARY KEY)")
        cursor.execute(
            "CREATE TABLE kerneltests_child (id integer REFERENCES kerneltests_parent DEFERRABLE INITIALLY DEFERRED)"
        )


def _dangling():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO kerneltests_child VALUES (1)")


@pytest.mark.django_db(transaction=True)
def test_several_workers_fire_every_clock_exactly_once():
    abouts = [uuid4() for _ in range(300)]
    rows.insert(
        [
            row
            for number, about in enumerate(abouts)
            for row in clocks.rows_for_start(
                about=about,
                name="kerneltests.plain",
                started_at=AT,
                due_at=AT + number * timedelta(seconds=1),
            )
        ]
    )
    counts, wrong, start = [], [], threading.Barrier(4)

    def work(name):
        try:
            start.wait(20)
            counts.append(clocks.fire_due(AT + HOUR, batch=17, worker=name))
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
    assert sum(counts) == 300
    assert sorted(FactRow.objects.values_list("about", flat=True)) == sorted(abouts)
    assert ClockRow.objects.filter(fired_at=AT + HOUR, step=2, next_at=None).count() == 300
