"""When a matter moves, whoever reported it hears; when a limit runs, those whose work it is, and those above."""

from __future__ import annotations

from datetime import timedelta

import pytest

from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.tests.loop import in_state, make
from linli.cases.words import State
from linli.kernel import clock, clocks, jobs
from linli.notices.models import Notice
from tests.world import AT, Town, actor

pytestmark = pytest.mark.django_db


def told(case: Case) -> list[str]:
    """The messages to the reporter, in the order of their queueing."""
    at = clock.now() + timedelta(days=400)
    while jobs.work_once(at):
        pass
    found = Notice.objects.filter(about=case.id, to_resident__isnull=False).order_by("created_at", "id")
    return sorted(found.values_list("template", flat=True))


@pytest.mark.parametrize(
    ("state", "heard"),
    [
        (State.REPORTED, ["received"]), (State.ACCEPTED, ["received"]), (State.DECLINED, ["declined", "received"]),
        (State.DISPATCHED, ["dispatched", "received"]), (State.CHECKED, ["dispatched", "received"]),
        (State.CLOSED, ["closed-please-rate", "dispatched", "received"]),
    ],
)  # fmt: skip
def test_the_reporter_hears_at_each_step_that_matters_to_them(
    state: State, heard: list[str], town: Town
) -> None:
    assert told(in_state(state, town, reporter_id=town.resident)) == heard


def test_nobody_is_told_when_nobody_left_a_number(town: Town) -> None:
    assert told(in_state(State.CLOSED, town)) == []


def test_the_reporter_hears_that_it_is_taken_up_again(town: Town) -> None:
    case = in_state(State.CLOSED, town, reporter_id=town.resident)
    make("reopen", case.id, actor(town, "yao"), AT)
    assert told(case).count("reopened") == 1


def test_the_handler_hears_before_the_limit_ends_and_those_above_when_it_did(town: Town) -> None:
    case = in_state(State.HANDLING, town, kind=loop.OFFICE_ONLY)
    (running,) = clocks.running(case.id)
    assert running.warn_at is not None
    clocks.fire_due(running.warn_at)
    jobs.work_once(running.warn_at)
    warned = Notice.objects.get(about=case.id, template="due-soon")
    assert warned.to_account_id == town.accounts["ma"]
    late = running.due_at + timedelta(seconds=1)
    clocks.fire_due(late)
    while jobs.work_once(late):
        pass
    above = set(
        Notice.objects.filter(about=case.id, template="escalated").values_list("to_account_id", flat=True)
    )
    case.refresh_from_db()
    assert case.escalations == 1
    assert above <= {town.accounts["zhou"], town.accounts["qian"]}


def test_a_message_holds_neither_the_reporters_words_nor_a_name_of_staff(town: Town) -> None:
    case = in_state(State.CLOSED, town, reporter_id=town.resident, text="我家住3号楼201室")
    told(case)
    names = [actor(town, who).name for who in ("shen", "lu", "ma", "gu")]
    for notice in Notice.objects.filter(about=case.id, to_resident__isnull=False):
        for body in (notice.body_zh, notice.body_en):
            assert "201室" not in body
            assert not [name for name in names if name in body]
