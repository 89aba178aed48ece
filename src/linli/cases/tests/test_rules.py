"""What holds of the machine whatever the town writes into its rulebook."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.cases import rules
from linli.cases.actions.calls import CALLS
from linli.cases.actions.step import GUARDED
from linli.cases.rules import MOVES, Bounds, Standing
from linli.cases.words import DESK_OF, ENDED, STATE_LABELS, Desk, Source, State, Verdict
from linli.kernel import access
from linli.kernel.text import Text

AT = datetime(2026, 3, 10, 2, tzinfo=UTC)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
states = st.sampled_from(State)
names = st.sampled_from(sorted(MOVES))
people = st.sampled_from([uuid4(), uuid4()]) | st.none()


def everything(action: str) -> bool:
    return True


def after(move: rules.Move, state: State) -> State:
    return move.after or state


def reached(start: set[State], without: frozenset[str] = frozenset()) -> set[State]:
    """The states that can be reached from `start` by any moves but these."""
    known, waiting = set(start), list(start)
    while waiting:
        state = waiting.pop()
        for move in MOVES.values():
            if move.name not in without and state in move.before and after(move, state) not in known:
                known.add(after(move, state))
                waiting.append(after(move, state))
    return known


def test_every_state_can_be_reached_from_a_report() -> None:
    assert reached({State.REPORTED}) == set(State)


@pytest.mark.parametrize("state", sorted(set(State) - ENDED))
def test_every_open_state_has_a_way_to_the_end(state: State) -> None:
    assert reached({state}) & {State.CLOSED, State.FOLLOWED_UP}


@pytest.mark.parametrize("state", sorted(set(State) - ENDED))
def test_every_open_state_can_be_voided(state: State) -> None:
    assert state in MOVES["void"].before


def test_nothing_is_closed_but_by_closing_what_was_checked_or_by_settling() -> None:
    into = {move.name for move in MOVES.values() if move.after is State.CLOSED}
    assert into == {"close", "settle"}
    assert MOVES["close"].before == {State.CHECKED}
    assert State.CHECKED not in reached({State.REPORTED}, frozenset({"pass_check"}))


def test_what_was_declined_or_voided_stays_so() -> None:
    for state in (State.DECLINED, State.VOID, State.TRANSFERRED):
        assert reached({state}) == {state}


def test_only_a_closed_case_is_rated_or_reopened() -> None:
    assert MOVES["rate"].before == {State.CLOSED}
    assert MOVES["reopen"].before == {State.CLOSED, State.FOLLOWED_UP}


def test_every_state_has_a_desk_and_a_name_and_every_desk_a_state() -> None:
    assert set(DESK_OF) == set(State) == set(STATE_LABELS)
    assert set(DESK_OF.values()) == set(Desk)
    assert all(DESK_OF[state] in {Desk.DONE, Desk.CALL_BACK} for state in ENDED)


def test_every_row_of_the_table_can_be_called_and_names_its_source_in_both_languages() -> None:
    assert set(CALLS) == set(MOVES)
    for name, move in MOVES.items():
        assert move.name == name
        assert move.before
        assert move.source
        assert isinstance(move.label, Text)
        assert move.label.zh
        assert move.who.en


def test_every_action_of_the_table_is_granted_to_somebody() -> None:
    for move in MOVES.values():
        assert access.policy().grants(move.action), f"nobody may {move.action}"


ROLES = {
    "receiver": "受理员", "dispatcher": "派遣员", "duty_chief": "值班长", "grid_worker": "网格员", "grid_lead": "网格长",
    "checker": "核查员", "caller_back": "回访员", "reporter": "诉求人", "handler": "责任部门",
    "auditor": "监督员",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(MOVES))
def test_the_table_names_those_to_whom_the_rulebook_grants_the_move(name) -> None:
    move = MOVES[name]
    granted = {grant.role for grant in access.policy().grants(move.action) if grant.scope != "post"}
    assert {role for role, word in ROLES.items() if word in move.who.zh} == granted


@given(name=names, state=states, actor=people, handler=people, at=moments)
def test_a_guard_only_ever_refuses_and_never_fails(name, state, actor, handler, at) -> None:
    standing = Standing(state, actor_id=actor, handlers=frozenset({handler} - {None}))
    assert rules.guard(name, standing, at) in {None, *GUARDED}


@given(name=st.sampled_from(["take_check", "pass_check", "redo"]), who=st.uuids())
def test_whoever_handled_it_is_never_offered_its_check(name, who) -> None:
    for state in (State.HANDLED, State.CHECKING):
        own = Standing(state, actor_id=who, handlers=frozenset({who}))
        assert rules.guard(name, own, AT) == "checker"
        assert name not in {move.name for move in rules.moves(own, everything, AT)}
        assert rules.guard(name, Standing(state, actor_id=uuid4(), handlers=frozenset({who})), AT) is None


@given(
    reopens=st.integers(0, 5),
    most=st.integers(0, 5),
    closed=moments,
    days=st.integers(0, 60),
    later=st.timedeltas(timedelta(0), timedelta(days=90)),
)
def test_reopening_ends_with_the_count_or_with_the_days(reopens, most, closed, days, later) -> None:
    until = closed + timedelta(days=days)
    standing = Standing(
        State.CLOSED, reopens=reopens, closed_at=closed, reopen_until=until, bounds=Bounds(reopens=most)
    )
    allowed = rules.guard("reopen", standing, closed + later) is None
    assert allowed == (reopens < most and later <= timedelta(days=days))


@given(
    state=states, allowed=st.booleans(), granted=st.sets(st.sampled_from([m.action for m in MOVES.values()]))
)
def test_the_moves_are_those_that_state_post_and_guard_all_allow(state, allowed, granted) -> None:
    standing = Standing(state, settle_allowed=allowed, bounds=Bounds(reopens=1))
    offered = {move.name for move in rules.moves(standing, granted.__contains__, AT)}
    assert offered == {
        name
        for name, move in MOVES.items()
        if state in move.before and move.action in granted and rules.guard(name, standing, AT) is None
    }


@given(due=moments | st.none(), finished=moments | st.none(), state=states)
def test_a_verdict_is_open_late_or_on_time(due, finished, state) -> None:
    found = rules.verdict(due, finished, state)
    if found is Verdict.OVERDUE:
        assert due is not None
        assert finished is not None
        assert finished > due
    if finished is None and state not in {State.DECLINED, State.VOID, State.TRANSFERRED, State.MERGED}:
        assert found is Verdict.OPEN


@given(due=moments, finished=moments, more=st.timedeltas(timedelta(0), timedelta(days=30)))
def test_more_time_never_makes_a_verdict_worse(due, finished, more) -> None:
    if rules.verdict(due, finished, State.CLOSED) is Verdict.ON_TIME:
        assert rules.verdict(due + more, finished, State.CLOSED) is Verdict.ON_TIME
    assert rules.verdict(due, due, State.CLOSED) is Verdict.ON_TIME


@given(
    source=st.sampled_from(Source),
    settle=st.booleans(),
    post=st.booleans(),
    who=st.sampled_from(["grid_worker", "HW"]),
)
def test_only_a_simple_matter_of_the_grid_goes_past_the_centre(source, settle, post, who) -> None:
    straight = rules.goes_straight(settle, who, source, post)
    assert straight == (
        settle and post and who == "grid_worker" and source not in {Source.HOTLINE, Source.POLICE}
    )


@pytest.mark.parametrize(
    ("source", "limit"),
    [(Source.HOTLINE, "dispatch_hotline"), (Source.POLICE, "dispatch_police"), (Source.RESIDENT, "dispatch")],
)
def test_the_limit_until_dispatch_follows_the_door_through_which_it_came(source, limit) -> None:
    assert rules.dispatch_limit_name(source) == limit
