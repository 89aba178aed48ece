"""Many hands on one matter: who is called, what each may do, whose limits run, and that none is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.cases import queries, rules
from linli.cases.actions import moves, parts
from linli.cases.actions.parts import Helper, PartLimits
from linli.cases.models import Assignment, Case
from linli.cases.tests import loop
from linli.cases.tests.loop import AT, DAY, HOUR, MINUTE, each, in_state
from linli.cases.tests.test_together import at_once
from linli.cases.words import ENDED, State, Verdict
from linli.kernel import clocks, jobs, journal
from linli.kernel.access import SYSTEM
from linli.kernel.errors import Problem
from linli.kernel.models import FactRow
from linli.kernel.worktime import Limit, Unit
from linli.notices.models import Notice
from linli.people.words import Role
from tests.world import Town, actor

LIMITS = PartLimits(
    Limit(1, Unit.URGENT_HOUR),
    Limit(24, Unit.URGENT_HOUR),
    Limit(4, Unit.URGENT_HOUR),
    Limit(3, Unit.WORK_DAY),
)
TASK, WHY = "到场联合查看", "已电话解决,无须到场"


def helper(town: Town, code: str, task: str = TASK, limits: PartLimits = LIMITS, **more: Any) -> Helper:
    return Helper(department=town.departments[code], task=task, limits=limits, **more)


def called(town: Town, *codes: str, state: State = State.HANDLING, who: str = "zhou") -> Case:
    case = in_state(state, town)
    by = actor(town, who)
    return parts.call(case.id, helpers=[helper(town, code) for code in codes or ("CG", "PA")], by=by, at=AT)


def part_of(case: Case, town: Town, code: str) -> Assignment:
    return Assignment.objects.get(case_id=case.id, part="help", department_id=town.departments[code])


def running(part: Assignment) -> list[str]:
    return sorted(clock.name.removeprefix("cases.") for clock in clocks.running(part.id))


def counts(case: Case) -> tuple[int, int, int]:
    case = Case.objects.get(pk=case.id)
    return case.parts, case.open_parts, case.version


def refused(work: Callable[[], Any]) -> str:
    with pytest.raises(Problem) as found:
        work()
    return found.value.error.code


@pytest.mark.django_db
def test_helpers_are_called_beside_the_lead_each_with_a_task_and_limits(town: Town) -> None:
    case = in_state(State.HANDLING, town)
    after = parts.call(
        case.id, helpers=[helper(town, "CG"), helper(town, "PA")], by=actor(town, "zhou"), at=AT
    )
    assert (after.parts, after.open_parts, after.version) == (2, 2, case.version + 1)
    assert (after.state, after.department_id, after.next_due_at) == (
        case.state,
        case.department_id,
        case.next_due_at,
    )
    part = part_of(case, town, "CG")
    assert (part.sign_due, part.contact_due, part.arrive_due) == (AT + HOUR, AT + DAY, AT + 4 * HOUR)
    assert part.task == TASK
    assert running(part) == ["part_arrive", "part_contact", "part_handle", "part_sign"]
    lead = Assignment.objects.get(case_id=case.id, part="lead", done_at=None)
    assert lead.department_id == case.department_id
    fact = journal.history(case.id)[-1].fact
    assert fact.sentence().zh == "召集协办:城管中队、平安办"
    assert fact.tasks == (TASK, TASK)


@pytest.mark.django_db
def test_a_call_sent_twice_is_one_call_and_other_content_under_its_id_is_refused(town: Town) -> None:
    case, by, write = in_state(State.HANDLING, town), actor(town, "zhou"), uuid4()
    first = parts.call(case.id, helpers=[helper(town, "CG")], by=by, at=AT, id=write)
    again = parts.call(
        case.id, helpers=[helper(town, "CG")], by=by, at=AT + MINUTE, id=write, version=case.version
    )
    assert counts(first) == counts(again) == (1, 1, case.version + 1)
    other = lambda: parts.call(case.id, helpers=[helper(town, "PA")], by=by, at=AT, id=write)  # noqa: E731 - one use
    assert refused(other) == "retry-differs"


@pytest.mark.django_db
@each(
    ("who", "helpers", "code"),
    [
        ("zhou", lambda t: [], "invalid"),
        ("zhou", lambda t: [helper(t, "CG", task=" ")], "invalid"),
        ("zhou", lambda t: [helper(t, "CG", task="长" * 401)], "invalid"),
        ("zhou", lambda t: [Helper(task=TASK)], "invalid"),
        ("zhou", lambda t: [Helper(department=uuid4(), task=TASK)], "invalid"),
        ("zhou", lambda t: [Helper(post=uuid4(), task=TASK)], "invalid"),
        ("zhou", lambda t: [helper(t, "HW")], "cases.leads-already"),
        ("zhou", lambda t: [helper(t, "CG"), helper(t, "CG")], "cases.called-already"),
        ("ma", lambda t: [helper(t, "CG")], "not-allowed"),
        ("gu", lambda t: [helper(t, "CG")], "not-allowed"),
        ("lead-201", lambda t: [helper(t, "CG")], "not-found"),
        ("cg-1", lambda t: [helper(t, "CG")], "not-found"),
    ],
)
def test_a_call_that_cannot_be_is_refused_and_changes_nothing(
    town: Town, who: str, helpers: Callable[[Town], list[Helper]], code: str
) -> None:
    case = in_state(State.HANDLING, town)
    before, facts = counts(case), FactRow.objects.count()
    assert refused(lambda: parts.call(case.id, helpers=helpers(town), by=actor(town, who), at=AT)) == code
    assert (counts(case), FactRow.objects.count()) == (before, facts)


@pytest.mark.django_db
def test_helpers_are_called_only_while_somebody_leads_or_is_about_to(town: Town) -> None:
    for state in loop.WAYS:
        case = in_state(state, town)
        work = partial(parts.call, case.id, helpers=[helper(town, "CG")], by=actor(town, "zhou"), at=AT)
        if state in rules.CALLABLE:
            assert work().open_parts == 1
        else:
            assert refused(work) == "cases.part-not-open"


@pytest.mark.django_db
def test_a_part_goes_its_way_and_each_limit_ends_when_it_is_kept(town: Town) -> None:
    case, cg = called(town, "CG"), actor(town, "cg-1")
    part, version = part_of(case, town, "CG"), case.version
    assert refused(lambda: parts.contact(part.id, by=cg, at=AT, text="已联系")) == "cases.part-unsigned"
    signed = parts.sign(part.id, by=cg, at=AT + MINUTE)
    assert (signed.signed_at, signed.holder_id) == (AT + MINUTE, cg.account_id)
    assert running(part) == ["part_arrive", "part_contact", "part_handle"]
    parts.contact(part.id, by=cg, at=AT + 2 * MINUTE, text="与周网格长商定,下午到场")
    parts.arrive(part.id, by=cg, at=AT + HOUR, how="code", metres=35)
    assert running(part) == ["part_handle"]
    assert counts(case) == (1, 1, version)
    done = parts.finish(part.id, by=cg, at=AT + 2 * HOUR, result="摊点已劝离", photos=[loop.picture(cg)])
    assert (done.done_at, done.ending, running(part)) == (AT + 2 * HOUR, "done", [])
    assert counts(case) == (1, 0, version + 1)
    told = [line.fact.sentence().zh for line in journal.history(case.id)][-4:]
    assert told == ["城管中队已签收协办任务", "城管中队已联系:与周网格长商定,下午到场",
                    "城管中队已到场报到,距案件位置约 35 米", "城管中队完成协办:摊点已劝离"]  # fmt: skip
    assert refused(lambda: parts.finish(part.id, by=cg, at=AT + DAY, result="再来")) == "cases.part-not-open"


def arrival(part: Assignment, at: Any = AT + 2 * DAY) -> Verdict | None:
    return queries.part_verdict(Assignment.objects.get(pk=part.id), "part_arrive", at)


@pytest.mark.django_db
@each("limit_is_over", [False, True])
def test_a_part_to_which_nobody_came_is_done_only_with_the_reason_and_counts_as_not_come(
    town: Town, limit_is_over: bool
) -> None:
    case, cg = called(town, "CG"), actor(town, "cg-1")
    part, at = part_of(case, town, "CG"), AT + (5 * HOUR if limit_is_over else HOUR)
    parts.sign(part.id, by=cg, at=AT)
    clocks.fire_due(at)
    raised = [line.fact.clock for line in journal.history(case.id) if line.kind == "cases.PartMissed"]
    assert raised == (["part_arrive"] if limit_is_over else [])
    before = FactRow.objects.count()
    for why in ("", "  ", "长" * 201):
        with pytest.raises(Problem) as found:
            parts.finish(part.id, by=cg, at=at, result="好了", absence=why)
        assert (found.value.error.status, set(found.value.fields)) == (422, {"absence"})
    with pytest.raises(Problem) as found:
        parts.finish(part.id, by=cg, at=at, result="")
    assert set(found.value.fields) == {"result", "absence"}
    assert FactRow.objects.count() == before
    done = parts.finish(part.id, by=cg, at=at, result="好了", absence=f" {WHY} ")
    assert (done.absence, running(part)) == (WHY, [])
    fact = journal.history(case.id)[-1].fact
    assert fact.absence == WHY
    assert fact.sentence().zh == f"城管中队完成协办:好了(未到场:{WHY})"
    assert WHY not in FactRow.objects.filter(kind="cases.PartFinished").latest("seq").data
    assert arrival(part) is (Verdict.OVERDUE if limit_is_over else Verdict.ABSENT)
    kept = queries.helper_figures([Assignment.objects.get(pk=part.id)], at + DAY)[0].kept["part_arrive"]
    assert (kept.on_time, kept.late + kept.absent, kept.share) == (0, 1, 0)
    assert queries.part_row(done, at).stage.zh == "已完成,未到场"
    assert [line.fact.clock for line in journal.history(case.id) if line.kind == "cases.PartMissed"] == raised


@pytest.mark.django_db
def test_whoever_came_or_was_not_asked_to_come_says_no_reason_and_a_released_helper_need_not_have_come(
    town: Town,
) -> None:
    case = called(town, "CG", "PA")
    cg, pa = part_of(case, town, "CG"), part_of(case, town, "PA")
    parts.arrive(cg.id, by=actor(town, "cg-1"), at=AT)
    assert parts.finish(cg.id, by=actor(town, "cg-1"), at=AT, result="好了", absence=WHY).absence == ""
    assert arrival(cg) is Verdict.ON_TIME
    parts.release(pa.id, by=actor(town, "zhou"), at=AT, reason="不用来了")
    assert arrival(pa) is None
    only_sign = helper(town, "SZ", limits=PartLimits(Limit(1, Unit.URGENT_HOUR)))
    parts.call(case.id, helpers=[only_sign], by=actor(town, "zhou"), at=AT)
    sz = part_of(case, town, "SZ")
    parts.sign(sz.id, by=actor(town, "sz-1"), at=AT)
    assert parts.finish(sz.id, by=actor(town, "sz-1"), at=AT, result="好了").absence == ""


@pytest.mark.django_db
def test_turning_up_is_a_signature_and_a_contact_too(town: Town) -> None:
    part = part_of(called(town, "CG"), town, "CG")
    there = parts.arrive(part.id, by=actor(town, "cg-1"), at=AT + MINUTE, how="code")
    assert there.signed_at == there.contacted_at == there.arrived_at == AT + MINUTE
    assert running(part) == ["part_handle"]


@pytest.mark.django_db
def test_whoever_called_may_confirm_that_a_helper_came_and_others_may_not(town: Town) -> None:
    case = called(town, "CG", "PA")
    cg, pa = part_of(case, town, "CG"), part_of(case, town, "PA")
    assert refused(lambda: parts.arrive(cg.id, by=actor(town, "pa-1"), at=AT)) == "not-allowed"
    assert refused(lambda: parts.arrive(cg.id, by=actor(town, "ma"), at=AT)) == "not-allowed"
    assert parts.arrive(cg.id, by=actor(town, "zhou"), at=AT).holder_id is None
    assert parts.arrive(pa.id, by=actor(town, "lu"), at=AT).arrived_at == AT
    assert journal.history(case.id)[-1].fact.how == "hand"


@pytest.mark.django_db
def test_a_case_closes_only_when_every_part_is_done_or_released_with_its_reason(town: Town) -> None:
    case = called(town, "CG", "PA")
    for who, move in (("ma", "hand_in"), ("gu", "pass_check")):
        loop.make(move, case.id, actor(town, who))
    close = lambda: moves.close(case.id, by=actor(town, "shen"), at=AT)  # noqa: E731 - tried three times
    assert refused(close) == "cases.parts-open"
    cg, pa = part_of(case, town, "CG"), part_of(case, town, "PA")
    parts.sign(cg.id, by=actor(town, "cg-1"), at=AT)
    parts.finish(cg.id, by=actor(town, "cg-1"), at=AT, result="办好了", absence=WHY)
    assert refused(close) == "cases.parts-open"
    zhou = actor(town, "zhou")
    assert refused(lambda: parts.release(pa.id, by=zhou, at=AT, reason=" ")) == "invalid"
    assert parts.release(pa.id, by=zhou, at=AT, reason="不再需要").ending == "released"
    assert running(pa) == []
    assert close().state == State.CLOSED


@pytest.mark.django_db
@each(("who", "code"), [("ma", "not-allowed"), ("pa-1", "not-allowed"), ("shen", "not-allowed"), ("chen", "not-allowed"), ("lead-201", "not-found")])  # fmt: skip
def test_only_whoever_called_or_the_centre_releases_a_helper(town: Town, who: str, code: str) -> None:
    part = part_of(called(town, "PA"), town, "PA")
    assert refused(lambda: parts.release(part.id, by=actor(town, who), at=AT, reason="不来了")) == code


@pytest.mark.django_db
def test_the_grid_lead_does_not_release_whom_the_centre_called(town: Town) -> None:
    part = part_of(called(town, "PA", who="lu"), town, "PA")
    assert (
        refused(lambda: parts.release(part.id, by=actor(town, "zhou"), at=AT, reason="不要")) == "not-allowed"
    )
    assert parts.release(part.id, by=actor(town, "qian"), at=AT, reason="情况已变").ending == "released"


@pytest.mark.django_db
def test_a_helper_sees_the_case_while_helping_and_afterwards_but_may_not_move_it(town: Town) -> None:
    case = in_state(State.HANDLING, town)
    cg = actor(town, "cg-1")
    assert not queries.sees_as_staff(cg, case)
    case = parts.call(case.id, helpers=[helper(town, "CG")], by=actor(town, "zhou"), at=AT)
    part = part_of(case, town, "CG")
    for _ in range(2):
        case = Case.objects.get(pk=case.id)
        assert queries.sees_as_staff(cg, case)
        assert case in queries.visible_to(cg)
        assert case not in queries.visible_to(cg, "case.hand_in")
        assert queries.moves_for(case, cg, AT) == []
        if part.done_at is None:
            assert [p.id for p in queries.own_open_parts(cg)] == [part.id]
            parts.sign(part.id, by=cg, at=AT)
            part = parts.finish(part.id, by=cg, at=AT, result="好了", absence=WHY)
    assert queries.own_open_parts(cg) == []
    assert [p.id for p in queries.own_ended_parts(cg)] == [part.id]
    assert not queries.sees_as_staff(actor(town, "pa-1"), case)


@pytest.mark.django_db
def test_whoever_does_not_come_is_raised_to_the_centre_once_and_those_concerned_are_told(town: Town) -> None:
    case = called(town, "CG")
    escalations = case.escalations
    clocks.fire_due(AT + HOUR + MINUTE)
    clocks.fire_due(AT + HOUR + MINUTE)
    told = [line.fact for line in journal.history(case.id) if line.kind.startswith("cases.Part")][1:]
    assert [type(fact).__name__ for fact in told] == ["PartNear", "PartMissed"]
    missed = told[1]
    assert (missed.clock, missed.to_zh, missed.raised_to) == ("part_sign", "城管中队", town.root)
    assert Case.objects.get(pk=case.id).escalations == escalations
    jobs.work_once(AT + HOUR + 2 * MINUTE)
    heard = Notice.objects.filter(about=case.id, template="part-missed").values_list(
        "to_account_id", flat=True
    )
    assert {town.accounts["qian"], town.accounts["cg-1"]} <= set(heard)
    assert Notice.objects.filter(about=case.id, template="called-to-help").exists()


@pytest.mark.django_db
def test_a_post_that_does_not_come_is_raised_one_unit_higher_each_working_day(town: Town) -> None:
    case = in_state(State.HANDLING, town)
    village = next(key for key in town.posts if key[0] == Role.GRID_LEAD and key[1].endswith("001"))
    worker = next(key for key in town.posts if key[0] == Role.GRID_WORKER and key[1].endswith("001-1"))
    limits = PartLimits(sign=Limit(1, Unit.URGENT_HOUR))
    one = Helper(post=town.posts[worker][0], task=TASK, limits=limits)
    parts.call(case.id, helpers=[one], by=actor(town, "lu"), at=AT)
    clocks.fire_due(AT + 5 * DAY)
    clocks.fire_due(AT + 10 * DAY)
    missed = [line.fact for line in journal.history(case.id) if line.kind == "cases.PartMissed"]
    assert [fact.raised_to for fact in missed] == [town.units[village[1]], town.root]


@pytest.mark.django_db
def test_while_the_case_is_suspended_nothing_of_a_part_moves_and_afterwards_what_was_left_is_left(
    town: Town,
) -> None:
    case = called(town, "CG")
    part = part_of(case, town, "CG")
    assert parts.pause(case.id, AT + 30 * MINUTE) == 1
    Case.objects.filter(pk=case.id).update(state=State.SUSPENDED, desk="suspended")
    assert refused(lambda: parts.sign(part.id, by=actor(town, "cg-1"), at=AT + HOUR)) == "cases.part-not-open"
    assert clocks.fire_due(AT + 9 * DAY) == 0 or running(part) == [
        "part_arrive",
        "part_contact",
        "part_handle",
        "part_sign",
    ]
    assert not FactRow.objects.filter(about=case.id, kind="cases.PartMissed").exists()
    Case.objects.filter(pk=case.id).update(state=State.HANDLING, desk="handle")
    back = AT + 10 * DAY
    assert parts.resume(case.id, back) == 1
    part.refresh_from_db()
    assert part.sign_due == back + 30 * MINUTE
    assert part.arrive_due == back + 3 * HOUR + 30 * MINUTE
    dues = {clock.name: clock.due_at for clock in clocks.running(part.id)}
    assert dues["cases.part_handle"] == part.due_at
    moved = journal.history(case.id)[-1].fact
    assert dict(zip(moved.clocks, moved.dues, strict=True))["part_sign"] == part.sign_due
    parts.sign(part.id, by=actor(town, "cg-1"), at=back)


@pytest.mark.django_db
def test_when_a_case_ends_or_goes_elsewhere_its_helpers_are_released(town: Town) -> None:
    case = called(town, "CG", "PA")
    assert parts.release_all(case.id, by=actor(town, "shen"), at=AT, reason="案件作废") == 2
    assert counts(case) == (2, 0, case.version)
    assert parts.release_all(case.id, by=SYSTEM, at=AT, reason="案件作废") == 0
    assert {part.ending for part in queries.parts_of(case.id)} == {"released"}
    assert running(part_of(case, town, "CG")) == []


@pytest.mark.django_db
def test_each_step_sent_again_with_its_id_changes_nothing(town: Town) -> None:
    case, cg = called(town, "CG"), actor(town, "cg-1")
    part = part_of(case, town, "CG")
    steps: list[Callable[[UUID], Any]] = [
        lambda id: parts.sign(part.id, by=cg, at=AT, id=id),
        lambda id: parts.contact(part.id, by=cg, at=AT, text="通话", id=id),
        lambda id: parts.arrive(part.id, by=cg, at=AT, how="code", id=id),
        lambda id: parts.finish(part.id, by=cg, at=AT, result="好了", absence=WHY, id=id),
    ]
    for step in steps:
        write = uuid4()
        step(write)
        facts = FactRow.objects.filter(about=case.id).count()
        step(write)
        assert FactRow.objects.filter(about=case.id).count() == facts
    assert refused(lambda: parts.sign(part.id, by=cg, at=AT, id=write)) == "retry-differs"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_finish_or_release_a_part_at_once_one_does_and_it_counts_once(town: Town) -> None:
    case = called(town, "CG", "PA")
    cg = part_of(case, town, "CG")
    parts.sign(cg.id, by=actor(town, "cg-1"), at=AT)
    works = [
        lambda: parts.finish(cg.id, by=actor(town, "cg-1"), at=AT, result="好了", absence=WHY),
        lambda: parts.finish(cg.id, by=actor(town, "cg-2"), at=AT, result="好了", absence=WHY),
        lambda: parts.release(cg.id, by=actor(town, "zhou"), at=AT, reason="不用了"),
    ]
    answers = at_once(works)
    assert sum(isinstance(answer, Assignment) for answer in answers) == 1, answers
    assert {answer.error.status for answer in answers if isinstance(answer, Problem)} == {409}
    assert counts(case)[:2] == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_call_the_same_helper_at_once_one_does_and_a_retry_is_the_same_call(town: Town) -> None:
    case = in_state(State.HANDLING, town)
    write = uuid4()
    call = lambda id: parts.call(case.id, helpers=[helper(town, "CG")], by=actor(town, "zhou"), at=AT, id=id)  # noqa: E731 - four threads
    answers = at_once(
        [lambda: call(write), lambda: call(write), lambda: call(uuid4()), lambda: call(uuid4())]
    )
    assert counts(case)[:2] == (1, 1)
    assert Assignment.objects.filter(case_id=case.id, part="help").count() == 1
    assert {a.error.code for a in answers if isinstance(a, Problem)} <= {
        "cases.called-already",
        "retry-differs",
        "conflict",
    }


MOMENTS = st.integers(0, 10**6).map(lambda seconds: AT + timedelta(seconds=seconds))


@given(MOMENTS, st.none() | MOMENTS, st.none() | MOMENTS, MOMENTS)
def test_a_limit_is_late_exactly_when_its_end_passed_before_it_was_kept_or_needless(
    due, kept_at, ended_at, at
) -> None:
    verdict = rules.kept(due, kept_at, ended_at, at)
    over = kept_at or ended_at or at
    assert (verdict is Verdict.OVERDUE) == (over > due)
    assert (verdict is Verdict.OPEN) == (kept_at is None and ended_at is None and at <= due)
    assert rules.kept(None, kept_at, ended_at, at) is None
    expected = rules.kept(due, kept_at, ended_at, at, expected=True)
    assert expected is (Verdict.ABSENT if verdict is None else verdict)


@given(
    st.sampled_from(sorted(set(rules.PART_MOVES) - {"call"})), st.sampled_from(list(State)), st.booleans(),
    st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
def test_no_step_is_open_on_an_ended_part_or_a_case_that_ended_or_rests(
    name: str, state: State, signed: bool, contacted: bool, arrived: bool, ended: bool
) -> None:
    standing = rules.PartStanding(state, signed, contacted, arrived, ended)
    refused = rules.part_guard(name, standing)
    if ended or state in ENDED or state is State.SUSPENDED:
        assert refused == "closed"
    elif name == "release":
        assert refused is None
    elif refused is None:
        assert not {"sign": signed, "contact": contacted, "arrive": arrived}.get(name, False)


@pytest.mark.django_db
@each("move", ["dispatch", "rule"])
def test_a_helper_that_is_charged_with_the_matter_itself_helps_no_more(town: Town, move: str) -> None:
    case = called(town, "CG", "PA", state=State.DISPATCHED)
    part, other = part_of(case, town, "CG"), part_of(case, town, "PA")
    case = loop.make(move, case.id, actor(town, "qian"), AT, department=town.departments["CG"])
    assert (case.department_id, case.parts, case.open_parts) == (town.departments["CG"], 2, 1)
    part.refresh_from_db()
    assert (part.done_at, part.ending) == (AT, "released")
    assert running(part) == []
    assert running(other)
    (told,) = [line for line in journal.history(case.id) if line.kind == "cases.PartsReleased"]
    assert "改为牵头" in told.fact.sentence().zh
    open_now = Assignment.objects.filter(case_id=case.id, done_at=None)
    assert set(open_now.values_list("department_id", "part")) == {
        (town.departments["CG"], "lead"),
        (town.departments["PA"], "help"),
    }
