"""The worker's rounds: all that waits is done, and a fault does not end it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from linli.cases.models import Case
from linli.cases.tests.loop import in_state
from linli.cases.words import State
from linli.kernel import jobs
from linli.kernel.models import FactRow
from linli.project.worker import Worker
from tests.world import AT, Town

pytestmark = pytest.mark.django_db(transaction=True)


def missed(case: Case) -> int:
    return FactRow.objects.filter(about=case.id, kind="cases.DeadlineMissed").count()


def test_a_round_of_the_worker_does_all_that_waits(town: Town) -> None:
    case = in_state(State.DISPATCHED, town, reporter_id=town.resident)
    late = AT + timedelta(days=1)
    worker = Worker()
    while worker.turn(late):
        pass
    assert jobs.waiting(late) == 0
    assert Case.objects.get(pk=case.id).escalations == missed(case)
    assert worker.turn(late) == 0


def test_a_fault_in_one_round_does_not_end_the_worker(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    worker, rounds = Worker(), []

    def turn(at: Any) -> int:
        rounds.append(at)
        if len(rounds) == 1:
            raise OSError("the disk is full")
        worker.stop(0, None)
        return 1

    monkeypatch.setattr(worker, "turn", turn)
    monkeypatch.setattr("linli.project.worker.IDLE_SECONDS", 0)
    monkeypatch.setattr("linli.project.worker.signal.signal", lambda *args: None)
    worker.run()
    assert len(rounds) == 2
    assert "the disk is full" in caplog.text
