"""Whoever asked not to be called is left in peace when their next matter closes."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from linli.cases.tests import loop
from linli.cases.words import Desk, State
from linli.flows.spare_calls import spare_calls
from linli.followup import actions
from linli.followup.actions import Said
from linli.followup.words import Outcome
from linli.kernel import journal
from tests.world import AT, Town, actor


def test_a_case_that_closes_is_taken_off_the_call_back_desk_once(town: Town) -> None:
    first = loop.in_state(State.CLOSED, town, AT, reporter_id=town.resident)
    no = Said(Outcome.REFUSED, no_more_calls=True)
    actions.log_call(first.id, no, id=uuid4(), by=actor(town, "yao"), at=AT)
    later = AT + timedelta(days=1)
    case = loop.in_state(State.CLOSED, town, later, reporter_id=town.resident)
    assert case.desk == Desk.CALL_BACK
    heard = next(line for line in journal.history(case.id) if line.kind == "cases.CaseClosed")
    for _ in range(2):
        spare_calls(heard, later)
    case.refresh_from_db()
    assert (case.state, case.desk, case.next_due_at) == (State.CLOSED, Desk.DONE, None)
    assert sum(line.kind == "cases.ReporterAsked" for line in journal.history(case.id)) == 1
    assert loop.make("rate", case.id, actor(town, "lin", later), later).state == State.FOLLOWED_UP


def test_everybody_else_is_called(town: Town) -> None:
    case = loop.in_state(State.CLOSED, town, AT, reporter_id=town.resident)
    heard = next(line for line in journal.history(case.id) if line.kind == "cases.CaseClosed")
    spare_calls(heard, AT)
    case.refresh_from_db()
    assert case.desk == Desk.CALL_BACK
