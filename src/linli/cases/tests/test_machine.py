"""Random moves by random people at advancing times, with the limits running out between them: what never breaks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from linli.cases import events, queries, rules
from linli.cases.models import Assignment, Case
from linli.cases.tests import loop
from linli.cases.tests.loop import AT, DAY, HOUR, MINUTE, make
from linli.cases.words import DESK_OF, ENDED, Desk, Source, State
from linli.kernel import clocks, journal, worktime
from linli.kernel.access import ANONYMOUS, SYSTEM, Actor
from linli.kernel.errors import Problem
from linli.people import actions as people
from tests.world import Town, actor

FACT_OF = {
    "ask_verify": "VerificationAsked", "verify": "CaseVerified", "accept": "CaseAccepted", "decline": "CaseDeclined",
    "register": "CaseRegistered", "dispatch": "CaseDispatched", "sign": "CaseSigned", "note": "ProgressNoted",
    "hand_in": "CaseHandedIn", "settle": "CaseSettled", "take_check": "CheckTaken", "pass_check": "CheckPassed",
    "redo": "RedoOrdered", "close": "CaseClosed", "ask": "ReporterAsked", "rate": "CaseRated",
    "reopen": "CaseReopened", "void": "CaseVoided",
}  # fmt: skip
RUNNING = {
    State.REPORTED: {"dispatch"}, State.VERIFYING: {"dispatch", "verify"}, State.ACCEPTED: {"dispatch"},
    State.REGISTERED: {"dispatch"}, State.DISPATCHED: {"sign", "handle"}, State.HANDLING: {"handle"},
    State.HANDLED: {"check"}, State.CHECKING: {"check"}, State.CHECKED: {"close"}, State.CLOSED: {"call_back"},
}  # fmt: skip
CHARGED = {State.DISPATCHED, State.HANDLING, State.HANDLED, State.CHECKING, State.CHECKED}
STAFF = ("chen", "zhou", "shen", "lu", "ma", "gu", "yao", "qian", "guan", "cg-1", "lead-201", "grid-201-1")
REFUSED = {403, 404, 409, 422}


@dataclass
class Expected:
    """What the case must be, worked out beside it."""

    state: State
    facts: list[str]
    version: int = 1
    due: datetime | None = None
    missed: int = 0
    reopens: int = 0
    redos: int = 0
    ids: dict[UUID, tuple[str, str]] = field(default_factory=dict)


class Loop(RuleBasedStateMachine):
    """One case in the small town."""

    town: Town
    residents: list[UUID | None]

    @initialize(
        source=st.sampled_from([Source.RESIDENT, Source.HOTLINE, Source.POLICE]),
        kind=st.sampled_from([loop.OFFICE_MATTER, loop.GRID_MATTER, loop.OFFICE_ONLY, loop.NOTED]),
        known=st.booleans(),
    )
    def report(self, source: Source, kind: str, known: bool) -> None:
        self.at = AT
        self.reporter = self.residents[0] if known else None
        found = loop.opened(self.town, by=SYSTEM, source=source, kind=kind, reporter_id=self.reporter)
        self.id = found.id
        self.first = found
        facts = ["CaseReported"]
        if found.state == State.DISPATCHED:
            facts.append("CaseDispatched")
        self.expected = Expected(State(found.state), facts, due=found.due_at)

    def teardown(self) -> None:
        if hasattr(self, "id"):
            clocks.stop(self.id, at=self.at)

    def who(self, name: str) -> Actor:
        if name == "holder":
            return queries.holder_of(Case.objects.get(pk=self.id))
        return ANONYMOUS if name == "nobody" else actor(self.town, name, self.at)

    @rule(
        move=st.sampled_from(sorted(rules.MOVES)),
        name=st.sampled_from((*STAFF, "holder", "nobody")),
        minutes=st.integers(1, 90),
    )
    def anybody_tries_anything(self, move: str, name: str, minutes: int) -> None:
        self.at += minutes * MINUTE
        by = self.who(name)
        case = Case.objects.get(pk=self.id)
        offered = queries.may_see(by, case) and move in {m.name for m in queries.moves_for(case, by, self.at)}
        self.attempt(move, by, offered)

    @rule(data=st.data(), minutes=st.integers(1, 600))
    def somebody_makes_an_open_move(self, data: Any, minutes: int) -> None:
        self.at += minutes * MINUTE
        case = Case.objects.get(pk=self.id)
        open_moves = [
            (move.name, name)
            for name in (*STAFF, "holder")
            for move in queries.moves_for(case, self.who(name), self.at)
            if move.name not in {"void", "decline"}
        ]
        if open_moves:
            move, name = data.draw(st.sampled_from(open_moves))
            self.attempt(move, self.who(name), True)

    def attempt(self, move: str, by: Actor, offered: bool) -> None:
        write = uuid4()
        changes: dict[str, Any] = {"id": write}
        if not offered:
            changes["photos"] = []
        found, refused = self.tried(move, by, changes)
        assert (found is not None) == offered, f"{move} by {by.name}: offered {offered}, answer {refused}"
        if found is None:
            assert refused in REFUSED
            return
        self.follow(move, found)
        version = found.version
        again = make(move, self.id, by, self.at, **{**changes, "photos": self.photos_of(write)})
        assert again.version == version

    def tried(self, move: str, by: Actor, changes: dict[str, Any]) -> tuple[Case | None, int | None]:
        try:
            return make(move, self.id, by, self.at, **changes), None
        except Problem as problem:
            return None, problem.error.status

    def photos_of(self, write: UUID) -> list[UUID]:
        """A retry carries what was sent the first time."""
        recorded = journal.find(write)
        assert recorded is not None
        return [UUID(photo) for photo in getattr(recorded.fact, "photos", ())]

    def follow(self, move: str, found: Case) -> None:
        row, expected = rules.MOVES[move], self.expected
        expected.facts.append(FACT_OF[move])
        expected.version += 1
        expected.state = row.after or expected.state
        if move == "dispatch" and expected.due is None:
            condition = queries.condition_of(found)
            assert condition is not None
            expected.due = worktime.deadline(self.at, condition.limit, worktime.default_calendar()).due
        if move == "reopen":
            expected.due, expected.reopens = None, expected.reopens + 1
        if move == "redo":
            expected.redos += 1

    @rule(hours=st.integers(1, 200))
    def time_passes(self, hours: int) -> None:
        self.at += hours * HOUR
        before = len(journal.history(self.id))
        clocks.fire_due(self.at, worker="machine")
        new = [line.kind.removeprefix("cases.") for line in journal.history(self.id)][before:]
        assert set(new) <= {"DeadlineNear", "DeadlineMissed"}
        if self.expected.state in ENDED - {State.CLOSED}:
            assert not new
        self.expected.facts += new
        self.expected.missed += new.count("DeadlineMissed")
        assert clocks.fire_due(self.at, worker="machine") == 0

    @invariant()
    def the_case_is_what_was_done_to_it(self) -> None:
        if not hasattr(self, "id"):
            return
        case, expected = Case.objects.get(pk=self.id), self.expected
        asked = case.reporter_id is not None
        assert (State(case.state), case.version) == (expected.state, expected.version)
        desk = Desk.DONE if expected.state is State.CLOSED and not asked else DESK_OF[expected.state]
        assert case.desk == desk
        assert (case.due_at, case.reopens, case.redos) == (expected.due, expected.reopens, expected.redos)
        assert case.escalations == expected.missed
        assert (case.raised_to_id is not None) == bool(
            expected.missed or expected.reopens or case.raised_to_id
        )
        assert case.reporter_id == self.reporter
        assert (case.serial, case.reported_at, case.text, case.unit_id) == (
            self.first.serial, self.first.reported_at, self.first.text, self.first.unit_id,
        )  # fmt: skip
        assert (case.closed_at is not None) == (expected.state in ENDED)

    @invariant()
    def exactly_its_limits_run(self) -> None:
        if not hasattr(self, "id"):
            return
        case, running = Case.objects.get(pk=self.id), clocks.running(self.id)
        names = sorted(clock.name.removeprefix("cases.") for clock in running)
        wanted = RUNNING.get(self.expected.state, set())
        if self.expected.state is State.CLOSED and case.reporter_id is None:
            wanted = set()
        assert names == sorted(wanted)
        assert case.next_due_at == min((clock.due_at for clock in running), default=None)
        handling = [clock.due_at for clock in running if clock.name == "cases.handle"]
        assert handling in ([], [case.due_at])

    @invariant()
    def somebody_is_charged_with_it_exactly_while_it_is_handled(self) -> None:
        if not hasattr(self, "id"):
            return
        open_leads = Assignment.objects.filter(case_id=self.id, part="lead", done_at=None)
        assert open_leads.count() == (1 if self.expected.state in CHARGED else 0)
        lead, case = open_leads.first(), Case.objects.get(pk=self.id)
        if lead is not None:
            assert (lead.department_id, lead.post_id) == (case.department_id, case.post_id)
            if self.expected.state is not State.DISPATCHED:
                assert case.handler_id is not None

    @invariant()
    def the_journal_tells_the_whole_story(self) -> None:
        if not hasattr(self, "id"):
            return
        lines = journal.history(self.id)
        assert [line.kind.removeprefix("cases.") for line in lines] == self.expected.facts
        due = None
        for line in lines:
            if isinstance(line.fact, events.CaseDispatched):
                due = line.fact.due
            elif isinstance(line.fact, events.CaseReopened):
                due = None
        assert Case.objects.get(pk=self.id).due_at == due


@pytest.mark.django_db
def test_whatever_is_tried_the_case_its_limits_and_its_record_agree(town: Town) -> None:
    Loop.town = town
    Loop.residents = [people.register_resident(phone="16100000009", name="何女士", by=SYSTEM, at=AT - DAY).id]
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Loop,
        settings=settings(
            max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=checks,
            derandomize=settings().derandomize, database=None, phases=[Phase.generate], # shrinking on a database takes minutes
        ),
    )  # fmt: skip


def test_the_machine_knows_every_move() -> None:
    assert set(FACT_OF) == set(rules.MOVES)
    assert timedelta(0) < MINUTE
