"""Random moves by random people at advancing times, with the limits running out between them: what never breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from linli.cases import queries, rules
from linli.cases.actions import parts
from linli.cases.actions.parts import Helper, PartLimits
from linli.cases.models import Assignment, Case, Request
from linli.cases.rules.replay import replay
from linli.cases.tests import loop
from linli.cases.tests.loop import AT, DAY, HOUR, MINUTE, make
from linli.cases.words import DESK_OF, ENDED, Desk, Source, State
from linli.kernel import clocks, journal, worktime
from linli.kernel.access import ANONYMOUS, SYSTEM, Actor
from linli.kernel.errors import Problem
from linli.kernel.worktime import Limit, Unit
from linli.people import actions as people
from tests.world import Town, actor, stateful

FACT_OF = {
    "ask_verify": "VerificationAsked", "verify": "CaseVerified", "accept": "CaseAccepted", "decline": "CaseDeclined",
    "register": "CaseRegistered", "dispatch": "CaseDispatched", "sign": "CaseSigned", "note": "ProgressNoted",
    "hand_in": "CaseHandedIn", "settle": "CaseSettled", "take_check": "CheckTaken", "pass_check": "CheckPassed",
    "redo": "RedoOrdered", "close": "CaseClosed", "ask": "ReporterAsked", "rate": "CaseRated",
    "reopen": "CaseReopened", "void": "CaseVoided", "transfer_out": "CaseTransferred", "merge": "CaseMerged",
    "unmerge": "MergeUndone", "return": "CaseReturned", "rule": "RulingMade", "contact": "ReporterContacted",
    "ask_extension": "WishAsked", "grant_extension": "WishGranted", "refuse_extension": "WishRefused",
    "ask_suspension": "WishAsked", "grant_suspension": "WishGranted", "refuse_suspension": "WishRefused",
    "resume": "CaseResumed", "supervise": "SupervisionRaised", "reply": "SupervisionAnswered",
    "lift": "SupervisionLifted", "appeal": "WishAsked", "grant_appeal": "WishGranted", "refuse_appeal": "WishRefused",
}  # fmt: skip
RUNNING = {
    State.REPORTED: {"dispatch"}, State.VERIFYING: {"dispatch", "verify"}, State.ACCEPTED: {"dispatch"},
    State.REGISTERED: {"dispatch"}, State.DISPATCHED: {"sign", "handle"}, State.HANDLING: {"handle"},
    State.HANDLED: {"check"}, State.CHECKING: {"check"}, State.CHECKED: {"close"}, State.CLOSED: {"call_back"},
    State.RETURNED: {"dispatch", "handle"}, State.SUSPENDED: {"handle", "suspend"},
}  # fmt: skip
CHARGED = {
    State.DISPATCHED, State.HANDLING, State.HANDLED, State.CHECKING, State.CHECKED, State.SUSPENDED,
}  # fmt: skip
DECIDED_IN = {
    "extension": {State.HANDLING, State.SUSPENDED}, "suspension": {State.HANDLING, State.SUSPENDED},
    "appeal": {State.CLOSED, State.FOLLOWED_UP},
}  # fmt: skip
STAFF = (
    "chen",
    "zhou",
    "shen",
    "lu",
    "ma",
    "gu",
    "yao",
    "qian",
    "guan",
    "lin",
    "cg-1",
    "lead-201",
    "grid-201-1",
)
REFUSED = {403, 404, 409, 422}
CALLERS = ("zhou", "lu", "qian", "lead-201", "ma")
HELPERS = ("cg-1", "pa-1", "sz-1", "lu", "qian", "ma", "gu")
OFFICES = ("CG", "PA", "SZ", "HW")
LIMITS = PartLimits(sign=Limit(1, Unit.URGENT_HOUR), handle=Limit(3, Unit.WORK_DAY))
PART_FACT = {
    "sign": "PartSigned", "contact": "PartContacted", "arrive": "PartArrived", "finish": "PartFinished",
    "release": "PartsReleased",
}  # fmt: skip
PART_WORDS: dict[str, dict[str, Any]] = {
    "contact": {"text": "谈过"},
    "finish": {"result": "好了", "absence": "已电话解决"},
    "release": {"reason": "不用"},
}
BY_CLOCK = {"DeadlineNear", "DeadlineMissed", "CaseResumed", "PartNear", "PartMissed", "PartsMoved"}


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
    wishes: dict[str, set[UUID | None]] = field(default_factory=dict)
    paused: datetime | None = None
    contact: bool = False
    contacted: bool = False
    reply_owed: bool = False
    before_merge: tuple[State, datetime | None, bool, bool] | None = None
    helping: set[UUID | None] = field(default_factory=set)
    parts: int = 0

    @property
    def open_parts(self) -> int:
        """Every open part is another department's."""
        return len(self.helping)


class Loop(RuleBasedStateMachine):
    """One case in the small town, with helpers coming and going."""

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
        self.main = loop.in_state(State.HANDLED, self.town, AT).id
        facts = ["CaseReported"]
        if found.state == State.DISPATCHED:
            facts.append("CaseDispatched")
        self.expected = Expected(State(found.state), facts, due=found.due_at)
        self.expected.contact = known and found.state == State.DISPATCHED

    def teardown(self) -> None:
        if hasattr(self, "id"):
            helped = [part.id for part in queries.parts_of(self.id)]
            clocks.stop_many([self.id, self.main, *helped], at=self.at)

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
        changes: dict[str, Any] = {"id": write, **loop.needed(move, self.town, self.main, self.at)}
        if not offered:
            changes["photos"] = []
        before = Case.objects.get(pk=self.id)
        self.card, self.charged = before.supervised, (before.department_id, before.post_id)
        found, refused = self.tried(move, by, changes)
        assert (found is not None) == offered, f"{move} by {by.name}: offered {offered}, answer {refused}"
        if found is None:
            assert refused in REFUSED
            return
        self.follow(move, by, found)
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

    def follow(self, move: str, by: Actor, found: Case) -> None:
        row, expected = rules.MOVES[move], self.expected
        was = expected.state
        expected.version += 1
        expected.state = row.after or expected.state
        owed, spoken = expected.reply_owed, expected.contact
        self.helpers_follow(move, found)
        moved = move in {"dispatch", "rule"} and (found.department_id, found.post_id) != self.charged
        if self.card and (move == "return" or moved):
            expected.facts.append("SupervisionLifted")
        self.lapse(row.after)
        expected.facts.append("WishHeard" if self.heard_only(move, by) else FACT_OF[move])
        if move in {"dispatch", "rule"} and expected.due is None:
            expected.due = self.limit_from(self.at, found)
        if move == "reopen":
            expected.due, expected.reopens, expected.contacted = None, expected.reopens + 1, False
        if move == "redo":
            expected.redos += 1
        if move == "grant_extension":
            assert expected.due is not None
            expected.due = worktime.deadline(
                expected.due, Limit(1, self.unit_of(found)), worktime.default_calendar()
            ).due
        if move == "grant_suspension":
            expected.paused = self.at
        if move == "resume":
            self.run_on(found)
        if move == "merge":
            expected.before_merge = (was, expected.due, owed, spoken)
        if move == "unmerge":
            assert expected.before_merge is not None
            expected.state, expected.due, expected.reply_owed, expected.contact = expected.before_merge
        self.contact_follows(move)
        expected.reply_owed = (expected.reply_owed or move == "supervise") and not (
            move in {"reply", "lift", "return"} or moved or row.after in ENDED
        )

    def contact_follows(self, move: str) -> None:
        """Whether whoever is charged still has to speak with the reporter."""
        expected = self.expected
        expected.contacted = expected.contacted or move == "contact"
        if move in {"dispatch", "rule"}:
            expected.contact = self.reporter is not None and not expected.contacted
        if move == "contact" or expected.state not in {State.DISPATCHED, State.HANDLING, State.SUSPENDED}:
            expected.contact = False

    def helpers_follow(self, move: str, found: Case) -> None:
        """What a move of the case does to whoever helps."""
        expected = self.expected
        if move in {"dispatch", "rule"} and found.department_id in expected.helping:
            expected.facts.append("PartsReleased")
            expected.helping.discard(found.department_id)
        if expected.open_parts and move in {"void", "resume"}:
            expected.facts.append("PartsReleased" if move == "void" else "PartsMoved")
            if move == "void":
                expected.helping.clear()

    def lapse(self, after: State | None) -> None:
        """Requests that nobody decided before the case left where they meant something."""
        for wish in sorted(self.expected.wishes):
            if after is not None and after not in DECIDED_IN[wish]:
                del self.expected.wishes[wish]
                self.expected.facts.append("WishLapsed")

    def heard_only(self, move: str, by: Actor) -> bool:
        """Whether this was the first of two voices for an appeal."""
        verb, _, wish = move.partition("_")
        if move in {"ask_extension", "ask_suspension", "appeal"}:
            self.expected.wishes[wish or "appeal"] = set()
        elif verb in {"grant", "refuse"}:
            voices = self.expected.wishes[wish]
            voices.add(by.account_id)
            if move == "grant_appeal" and len(voices) < queries.bound("appeal_voices"):
                return True
            del self.expected.wishes[wish]
        return False

    def limit_from(self, at: datetime, case: Case) -> datetime:
        condition = queries.condition_of(case)
        assert condition is not None
        return worktime.deadline(at, condition.limit, worktime.default_calendar()).due

    def unit_of(self, case: Case) -> worktime.Unit:
        condition = queries.condition_of(case)
        assert condition is not None
        return condition.limit.unit

    def run_on(self, case: Case, at: datetime | None = None) -> None:
        """What was left of the handling limit is left again."""
        expected = self.expected
        assert expected.due is not None
        assert expected.paused is not None
        expected.due = worktime.resumed(
            expected.due, expected.paused, at or self.at, self.unit_of(case), worktime.default_calendar()
        ).due
        expected.paused = None

    @rule(name=st.sampled_from(CALLERS), code=st.sampled_from(OFFICES), minutes=st.integers(1, 90))
    def somebody_calls_a_helper(self, name: str, code: str, minutes: int) -> None:
        self.at += minutes * MINUTE
        case, by, office = Case.objects.get(pk=self.id), self.who(name), self.town.departments[code]
        busy = {part.department_id for part in queries.parts_of(self.id) if part.done_at is None}
        offered = queries.sees_as_staff(by, case) and queries.may_call(by, case)
        fits = office not in busy | {case.department_id}
        helper = Helper(department=office, task="到场", limits=LIMITS)
        refused = self.refused(lambda: parts.call(self.id, helpers=[helper], by=by, at=self.at))
        assert (refused is None) == (offered and fits), f"call by {name}: answer {refused}"
        if refused is None:
            self.expected.version += 1
            self.expected.parts += 1
            self.expected.helping.add(office)
            self.expected.facts.append("PartsCalled")

    @rule(
        step=st.sampled_from(sorted(PART_FACT)), name=st.sampled_from(HELPERS), which=st.integers(0, 9),
        minutes=st.integers(1, 300),
    )  # fmt: skip
    def somebody_makes_a_step_of_a_part(self, step: str, name: str, which: int, minutes: int) -> None:
        known = [part for part in queries.parts_of(self.id) if part.done_at is None]
        if not known:
            return
        self.at += minutes * MINUTE
        part, by = known[which % len(known)], self.who(name)
        offered = queries.sees_as_staff(by, part.case) and step in {
            move.name for move in queries.part_moves(part, part.case, by)
        }
        work = partial(getattr(parts, step), part.id, by=by, at=self.at, **PART_WORDS.get(step, {}))
        refused = self.refused(work)
        assert (refused is None) == offered, f"{step} by {name}: offered {offered}, answer {refused}"
        if refused is None:
            ends = step in {"finish", "release"}
            self.expected.version += ends
            if ends:
                self.expected.helping.discard(part.department_id)
            self.expected.facts.append(PART_FACT[step])

    def refused(self, work: Callable[[], Any]) -> int | None:
        refused = None
        try:
            work()
        except Problem as problem:
            refused = problem.error.status
        assert refused is None or refused in REFUSED
        return refused

    @rule(hours=st.integers(1, 200))
    def time_passes(self, hours: int) -> None:
        self.at += hours * HOUR
        before = len(journal.history(self.id))
        clocks.fire_due(self.at, worker="machine")
        new = [line.kind.removeprefix("cases.") for line in journal.history(self.id)][before:]
        assert set(new) <= BY_CLOCK
        if self.expected.state in ENDED - {State.CLOSED}:
            assert not new
        if "CaseResumed" in new:
            assert self.expected.state is State.SUSPENDED
            self.expected.state, self.expected.version = State.HANDLING, self.expected.version + 1
            self.run_on(Case.objects.get(pk=self.id))
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
        aside = {"reply": self.expected.reply_owed, "contact": self.expected.contact}
        assert names == sorted(wanted | {name for name, runs in aside.items() if runs})
        for clock in running:
            rests = self.expected.state is State.SUSPENDED and clock.name in {"cases.handle", "cases.contact"}
            assert (clock.paused_at is not None) == rests
        queued = [
            clock.due_at for clock in running if clock.paused_at is None and clock.name != "cases.reply"
        ]
        assert case.next_due_at == min(queued, default=None)
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
    def every_helper_is_counted_and_none_is_left_behind_by_the_end(self) -> None:
        if not hasattr(self, "id"):
            return
        case, known, expected = Case.objects.get(pk=self.id), queries.parts_of(self.id), self.expected
        still = [part for part in known if part.done_at is None]
        assert (
            (case.parts, case.open_parts) == (len(known), len(still)) == (expected.parts, expected.open_parts)
        )
        assert not (still and expected.state in ENDED)
        for part in known:
            running = clocks.running(part.id)
            assert bool(running) == (part.done_at is None)
            resting = expected.state is State.SUSPENDED
            assert all((clock.paused_at is not None) == resting for clock in running)

    @invariant()
    def what_is_asked_waits_until_it_is_decided(self) -> None:
        if not hasattr(self, "id"):
            return
        case = Case.objects.get(pk=self.id)
        waiting = set(Request.objects.filter(case_id=self.id, granted=None).values_list("wish", flat=True))
        assert waiting == set(self.expected.wishes)
        assert case.wishes == len(waiting)
        assert bool(case.supervised) or not self.expected.reply_owed
        assert (case.merged_into_id == self.main) == (self.expected.state is State.MERGED)

    @invariant()
    def the_journal_tells_the_whole_story(self) -> None:
        if not hasattr(self, "id"):
            return
        lines = journal.history(self.id)
        assert [line.kind.removeprefix("cases.") for line in lines] == self.expected.facts
        replayed = replay([(line.fact, line.at) for line in lines], worktime.default_calendar())
        assert Case.objects.get(pk=self.id).due_at == replayed.due


@pytest.mark.django_db
def test_whatever_is_tried_the_case_its_limits_and_its_record_agree(town: Town) -> None:
    Loop.town = town
    Loop.residents = [people.register_resident(phone="16100000009", name="何女士", by=SYSTEM, at=AT - DAY).id]
    run_state_machine_as_test(Loop, settings=stateful())


def test_the_machine_knows_every_move() -> None:
    assert set(FACT_OF) == set(rules.MOVES)
    assert timedelta(0) < MINUTE
