"""Random calls and steps of helpers by random people, with limits running out and rests between: nobody is lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from linli.cases import queries, rules
from linli.cases.actions import parts
from linli.cases.actions.parts import Helper, PartLimits
from linli.cases.models import Assignment, Case
from linli.cases.part_words import PART_TIMES
from linli.cases.tests import loop
from linli.cases.tests.loop import AT, HOUR, MINUTE
from linli.cases.words import ENDED, State
from linli.kernel import clocks, journal
from linli.kernel.access import Actor
from linli.kernel.errors import Problem
from linli.kernel.worktime import Limit, Unit
from tests.world import Town, actor, stateful

LIMITS = PartLimits(
    Limit(1, Unit.URGENT_HOUR), Limit(24, Unit.URGENT_HOUR), Limit(4, Unit.WORK_HOUR), Limit(3, Unit.WORK_DAY)
)
OFFICES = ("CG", "PA", "SZ", "HW")
STAFF = ("zhou", "lu", "qian", "cg-1", "cg-2", "pa-1", "sz-1", "ma", "gu", "shen", "lead-201")
REFUSED = {403, 404, 409, 422}


class Parts(RuleBasedStateMachine):
    """One case of the sanitation office in the small town, with helpers coming and going."""

    town: Town

    @initialize(state=st.sampled_from([State.REGISTERED, State.DISPATCHED, State.HANDLING]))
    def begin(self, state: State) -> None:
        self.at = AT
        self.id = loop.in_state(state, self.town).id
        self.called: set[UUID] = set()
        self.version = self.case.version

    @property
    def case(self) -> Case:
        return Case.objects.get(pk=self.id)

    def teardown(self) -> None:
        if hasattr(self, "id"):
            clocks.stop_many([self.id, *self.called], at=self.at)

    def who(self, name: str) -> Actor:
        return actor(self.town, name, self.at)

    @staticmethod
    def refused(work: Callable[[], Any]) -> int | None:
        try:
            work()
        except Problem as problem:
            return problem.error.status
        return None

    @rule(
        name=st.sampled_from(STAFF), codes=st.lists(st.sampled_from(OFFICES), min_size=1, max_size=3), minutes=st.integers(1, 90)
    )  # fmt: skip
    def somebody_calls(self, name: str, codes: list[str], minutes: int) -> None:
        self.at += minutes * MINUTE
        by, write, case = self.who(name), uuid4(), self.case
        helpers = [
            Helper(department=self.town.departments[code], task="到场", limits=LIMITS) for code in codes
        ]
        busy = {part.department_id for part in queries.parts_of(self.id) if part.done_at is None}
        busy.add(case.department_id)
        wanted = [helper.department for helper in helpers]
        fits = len(set(wanted)) == len(wanted) and not busy & set(wanted)
        offered = queries.sees_as_staff(by, case) and queries.may_call(by, case) and fits
        call = partial(parts.call, self.id, helpers=helpers, by=by, at=self.at, id=write)
        refused = self.refused(call)
        assert (refused is None) == offered, f"{name}: offered {offered}, answer {refused}"
        if refused is not None:
            assert refused in REFUSED
            return
        self.version += 1
        assert call().version == self.version
        self.called = {part.id for part in queries.parts_of(self.id)}

    @rule(
        step=st.sampled_from(["sign", "contact", "arrive", "finish", "release"]), name=st.sampled_from(STAFF),
        which=st.integers(0, 20), minutes=st.integers(1, 300),
    )  # fmt: skip
    def somebody_makes_a_step(self, step: str, name: str, which: int, minutes: int) -> None:
        self.at += minutes * MINUTE
        known = queries.parts_of(self.id)
        if not known:
            return
        part, by, write = known[which % len(known)], self.who(name), uuid4()
        offered = queries.sees_as_staff(by, part.case) and step in {
            move.name for move in queries.part_moves(part, part.case, by)
        }
        words: dict[str, Any] = {
            "contact": {"text": "谈过"},
            "finish": {"result": "好了", "absence": "已电话解决"},
            "release": {"reason": "不用"},
        }.get(step, {})
        work = getattr(parts, step)
        make = partial(work, part.id, by=by, at=self.at, id=write, **words)
        refused = self.refused(make)
        assert (refused is None) == offered, f"{step} by {name}: offered {offered}, answer {refused}"
        if refused is not None:
            assert refused in REFUSED
            return
        self.version += step in {"finish", "release"}
        facts = len(journal.history(self.id))
        make()
        assert len(journal.history(self.id)) == facts

    @rule(hours=st.integers(1, 100))
    def time_passes(self, hours: int) -> None:
        self.at += hours * HOUR
        before = len(journal.history(self.id))
        clocks.fire_due(self.at, worker="machine")
        new = {line.kind for line in journal.history(self.id)[before:]}
        assert new <= {"cases.PartNear", "cases.PartMissed", "cases.DeadlineNear", "cases.DeadlineMissed"}
        assert clocks.fire_due(self.at, worker="machine") == 0

    @rule(hours=st.integers(1, 300))
    def the_case_rests_and_goes_on(self, hours: int) -> None:
        case = self.case
        if case.state != State.HANDLING:
            return
        parts.pause(self.id, self.at)
        clocks.pause(self.id, at=self.at)
        Case.objects.filter(pk=self.id).update(state=State.SUSPENDED, desk="suspended")
        self.at += hours * HOUR
        clocks.fire_due(self.at, worker="machine")
        missed = [line for line in journal.history(self.id) if line.kind == "cases.PartMissed"]
        assert not [line for line in missed if line.at == self.at]
        for part in queries.parts_of(self.id):
            assert queries.part_moves(part, part.case, self.who("lu")) == []
        Case.objects.filter(pk=self.id).update(state=State.HANDLING, desk="handle")
        parts.resume(self.id, self.at)
        for clock in clocks.running(self.id):
            clocks.resume(self.id, clock.name, due_at=clock.due_at + hours * HOUR, at=self.at)

    @rule(which=st.integers(0, 9))
    def seldom_everybody_is_released(self, which: int) -> None:
        if which == 0:
            parts.release_all(self.id, by=self.who("shen"), at=self.at, reason="情况已变")

    @invariant()
    def no_helper_is_lost(self) -> None:
        if not hasattr(self, "id"):
            return
        case, known = self.case, queries.parts_of(self.id)
        assert {part.id for part in known} >= self.called
        assert (case.parts, case.open_parts) == (len(known), sum(part.done_at is None for part in known))
        assert case.version == self.version
        assert State(case.state) not in ENDED
        assert all((part.done_at is None) == (part.ending == "") for part in known)

    @invariant()
    def exactly_the_limits_of_what_is_not_done_run(self) -> None:
        if not hasattr(self, "id"):
            return
        for part in queries.parts_of(self.id):
            running = {clock.name.removeprefix("cases."): clock.due_at for clock in clocks.running(part.id)}
            wanted = {
                name: getattr(part, due)
                for name, (due, kept) in PART_TIMES.items()
                if part.done_at is None and getattr(part, kept) is None
            }
            assert running == wanted

    @invariant()
    def the_lead_stays_and_the_case_is_not_late_because_of_a_helper(self) -> None:
        if not hasattr(self, "id"):
            return
        leads = Assignment.objects.filter(case_id=self.id, part="lead", done_at=None).count()
        assert leads == (0 if self.case.state == State.REGISTERED else 1)
        assert rules.PART_MOVES["call"].after is None


@pytest.mark.django_db
def test_whatever_helpers_and_callers_try_no_part_and_no_limit_is_lost(town: Town) -> None:
    Parts.town = town
    run_state_machine_as_test(Parts, settings=stateful())
