"""The limit to speak with the reporter first: when it begins, stands still, is warned of, runs out and ends."""

from __future__ import annotations

import pytest

from linli.cases import queries
from linli.cases.models import Case
from linli.cases.rules.replay import replay
from linli.cases.tests import loop
from linli.cases.tests.loop import AT, DAY, HOUR, MINUTE, in_state
from linli.cases.tests.test_hands import CALENDAR, does, running
from linli.cases.words import Source, State
from linli.kernel import clocks, journal, worktime
from tests.world import Town

pytestmark = pytest.mark.django_db


def known(town: Town, state: State, **changes: object) -> Case:
    """A case in this state whose reporter left a number."""
    return in_state(state, town, reporter_id=town.resident, **changes)


def limit_of(case: Case) -> worktime.Limit:
    """The kind's own, else the rulebook's."""
    kind = queries.kind_of(case)
    assert kind is not None
    return kind.stages.get("contact", queries.limit("contact"))


def test_it_begins_with_the_dispatch_where_a_reporter_can_be_reached_and_ends_when_they_were(
    town: Town,
) -> None:
    assert "contact" not in running(in_state(State.DISPATCHED, town))
    assert "contact" not in running(known(town, State.REGISTERED))
    case = known(town, State.DISPATCHED)
    assert case.dispatched_at is not None
    until = worktime.deadline(case.dispatched_at, limit_of(case), CALENDAR()).due
    assert running(case)["contact"] == until
    case = does(town, "ma", "sign", case)
    assert case.next_due_at == min(running(case).values())
    case = does(town, "ma", "contact", case)
    assert running(case) == {"handle": case.due_at}
    assert case.next_due_at == case.due_at


def test_what_goes_straight_to_the_grid_worker_has_it_too(town: Town) -> None:
    case = loop.opened(town, kind=loop.GRID_MATTER, reporter_id=town.resident)
    assert case.state == "dispatched"
    assert set(running(case)) == {"sign", "contact", "handle"}
    assert case.next_due_at == min(running(case).values())
    unknown = loop.opened(town, kind=loop.GRID_MATTER)
    assert set(running(unknown)) == {"sign", "handle"}


@loop.each(
    ("state", "who", "move"),
    [
        (State.HANDLING, "ma", "hand_in"),
        (State.DISPATCHED, "ma", "return"),
        (State.DISPATCHED, "zhou", "settle"),
        (State.DISPATCHED, "shen", "void"),
    ],
)
def test_it_ends_when_there_is_nobody_who_has_to_speak_with_them(
    town: Town, state: State, who: str, move: str
) -> None:
    case = known(town, state)
    assert "contact" in running(case)
    assert "contact" not in running(does(town, who, move, case))


def test_whoever_is_charged_next_has_the_whole_limit_unless_the_reporter_was_spoken_with(town: Town) -> None:
    case = known(town, State.DISPATCHED)
    first = running(case)["contact"]
    case = does(town, "ma", "return", case)
    case = does(town, "lu", "dispatch", case, AT + DAY, department=town.departments["CG"])
    assert running(case)["contact"] > first
    case = does(town, "cg-1", "contact", case, AT + DAY)
    case = does(town, "qian", "rule", case, AT + DAY, department=town.departments["HW"])
    assert "contact" not in running(case)


def test_a_reopened_case_has_it_anew_and_what_was_said_in_the_round_before_does_not_count(town: Town) -> None:
    case = does(town, "ma", "contact", known(town, State.HANDLING))
    for who, move in (("ma", "hand_in"), ("gu", "pass_check"), ("shen", "close")):
        case = does(town, who, move, case)
    case = does(town, "yao", "reopen", case, AT + DAY)
    assert (case.contacted_at, running(case).keys()) == (None, {"dispatch"})
    later = AT + DAY + HOUR
    case = does(town, "lu", "dispatch", case, later)
    until = worktime.deadline(later, limit_of(case), CALENDAR()).due
    assert running(case)["contact"] == until
    assert case.next_due_at == min(running(case).values())
    assert all(one.agrees for one in queries.deadlines_replayed())
    case = does(town, "ma", "contact", case, later + MINUTE)
    assert case.contacted_at == later + MINUTE
    assert running(case) == {"sign": running(case)["sign"], "handle": case.due_at}
    kinds = [line.kind for line in journal.history(case.id)]
    assert kinds.count("cases.ReporterContacted") == 2
    assert all(one.agrees for one in queries.deadlines_replayed())


def test_the_round_that_nobody_spoke_in_is_raised_again(town: Town) -> None:
    case = does(town, "ma", "contact", known(town, State.HANDLING))
    for who, move in (
        ("ma", "hand_in"),
        ("gu", "pass_check"),
        ("shen", "close"),
        ("yao", "reopen"),
        ("lu", "dispatch"),
    ):
        case = does(town, who, move, case)
    clocks.fire_due(running(case)["contact"])
    missed = [line for line in journal.history(case.id) if line.kind == "cases.DeadlineMissed"]
    assert "contact" in {line.fact.clock for line in missed}


def test_it_stands_still_while_the_case_is_suspended_and_runs_on_with_what_was_left(town: Town) -> None:
    case = does(town, "ma", "ask_suspension", known(town, State.HANDLING))
    before = running(case)["contact"]
    case = does(town, "lu", "grant_suspension", case)
    later = AT + 14 * DAY
    clocks.fire_due(later)
    assert Case.objects.get(pk=case.id).escalations == 0
    case = does(town, "lu", "resume", case, later)
    contact = running(case)["contact"]
    assert contact == worktime.resumed(before, AT, later, limit_of(case).unit, CALENDAR()).due
    assert case.next_due_at == min(running(case).values())


def test_more_time_to_handle_it_is_no_more_time_to_speak_with_the_reporter(town: Town) -> None:
    case = known(town, State.HANDLING)
    before = running(case)["contact"]
    case = does(town, "lu", "grant_extension", does(town, "ma", "ask_extension", case))
    assert running(case)["contact"] == before
    assert case.next_due_at == min(running(case).values())


def test_whoever_is_charged_is_warned_and_those_above_hear_when_it_ran_out(town: Town) -> None:
    case = known(town, State.HANDLING)
    (clock,) = [one for one in clocks.running(case.id) if one.name == "cases.contact"]
    assert clock.warn_at is not None
    clocks.fire_due(clock.warn_at)
    clocks.fire_due(clock.due_at)
    lines = [line for line in journal.history(case.id) if getattr(line.fact, "clock", "") == "contact"]
    assert [line.kind for line in lines] == ["cases.DeadlineNear", "cases.DeadlineMissed"]
    (warned,) = queries.messages_to_staff(lines[0], clock.warn_at)
    assert (warned.template, warned.account_id) == ("due-soon", town.accounts["ma"])
    told = queries.messages_to_staff(lines[1], clock.due_at)
    assert told
    assert {one.template for one in told} == {"escalated"}
    case = Case.objects.get(pk=case.id)
    assert case.escalations == 1
    assert case.raised_to_id is not None


def test_it_comes_back_with_a_case_whose_merge_is_undone(town: Town) -> None:
    main, case = in_state(State.HANDLED, town), known(town, State.HANDLING)
    before = running(case)
    case = does(town, "lu", "merge", case, into=main.id)
    assert running(case) == {}
    case = does(town, "lu", "unmerge", case, AT + HOUR)
    assert running(case) == before


def test_the_deadline_by_the_record_is_the_same_with_it(town: Town) -> None:
    case = known(town, State.HANDLING, source=Source.RESIDENT)
    case = does(town, "ma", "contact", case, AT + MINUTE)
    lines = [(line.fact, line.at) for line in journal.history(case.id)]
    assert replay(lines, CALENDAR()).due == case.due_at
