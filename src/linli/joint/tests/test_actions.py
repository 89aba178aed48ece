"""Blowing the whistle, approving it, reporting in, meeting, listing problems, rating each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from linli.cases import queries as cases
from linli.cases.actions import parts
from linli.cases.models import Assignment, Case
from linli.cases.tests.loop import AT, DAY, HOUR, MINUTE, each, in_state
from linli.cases.tests.test_together import at_once
from linli.cases.words import State
from linli.joint import actions, queries
from linli.joint.actions import Decided
from linli.joint.models import Invitation, Issue, Meeting, Rating, Whistle
from linli.joint.tests.whistles import REASON, TASK, asked, blown, part
from linli.joint.words import Asked, Chosen, Mark, Side, Stand
from linli.kernel import jobs, journal
from linli.kernel.access import SYSTEM
from linli.kernel.errors import Problem
from linli.kernel.models import FactRow
from linli.notices.models import Notice
from linli.people import actions as people
from linli.people.words import Part, Role
from tests.world import Town, actor


def refused(work: Callable[[], Any]) -> str:
    with pytest.raises(Problem) as found:
        work()
    return found.value.error.code


@pytest.mark.django_db
def test_a_village_blows_the_whistle_and_its_helpers_are_called_with_the_templates_limits(town: Town) -> None:
    whistle = blown(town)
    assert (whistle.stand, whistle.unit_id, whistle.decided_at) == (Stand.CALLED, town.unit("001"), AT)
    case = Case.objects.get(pk=whistle.case_id)
    assert (case.parts, case.open_parts) == (2, 2)
    cg = part(whistle, town, "CG")
    assert (cg.sign_due, cg.contact_due) == (AT + HOUR, AT + DAY)
    assert {one.id for one in queries.invitations(whistle)} == {p.id for p in cases.parts_of(case.id)}
    told = [line.kind for line in journal.history(case.id)]
    assert told[-2:] == ["cases.PartsCalled", "joint.WhistleBlown"]


@pytest.mark.django_db
def test_a_hard_whistle_calls_nobody_until_another_than_the_whistler_approves(town: Town) -> None:
    whistle = blown(town, template="tackle")
    assert whistle.stand == Stand.WAITING
    assert Case.objects.get(pk=whistle.case_id).parts == 0
    assert refused(lambda: actions.approve(whistle.id, by=actor(town, "zhou"), at=AT)) == "not-allowed"
    assert refused(lambda: actions.approve(whistle.id, by=actor(town, "lu"), at=AT)) == "not-allowed"
    write = uuid4()
    actions.approve(whistle.id, by=actor(town, "qian"), at=AT + HOUR, id=write)
    actions.approve(whistle.id, by=actor(town, "qian"), at=AT + HOUR, id=write)
    assert Case.objects.get(pk=whistle.case_id).open_parts == 2
    assert part(whistle, town, "CG").sign_due == AT + 2 * HOUR
    assert (
        refused(lambda: actions.approve(whistle.id, by=actor(town, "qian"), at=AT + HOUR)) == "joint.decided"
    )
    # Whoever whistled, not whoever approved, is the caller: the grid lead may release.
    parts.release(part(whistle, town, "CG").id, by=actor(town, "zhou"), at=AT + HOUR, reason="已解决")


@pytest.mark.django_db
def test_nobody_approves_their_own_whistle_but_may_withdraw_it(town: Town) -> None:
    whistle = blown(town, template="tackle", who="qian")
    assert refused(lambda: actions.approve(whistle.id, by=actor(town, "qian"), at=AT)) == "joint.own-whistle"
    with pytest.raises(IntegrityError), transaction.atomic():
        Whistle.objects.filter(pk=whistle.id).update(
            stand=Stand.CALLED, decided_at=AT, decided_by_id=whistle.called_by_id
        )
    assert refused(lambda: actions.refuse(whistle.id, reason=" ", by=actor(town, "qian"), at=AT)) == "invalid"
    assert (
        actions.refuse(whistle.id, reason="已自行解决", by=actor(town, "qian"), at=AT).stand == Stand.REFUSED
    )
    assert Case.objects.get(pk=whistle.case_id).parts == 0


@pytest.mark.django_db
@each(
    ("change", "code"),
    [
        ({"template": "none"}, "joint.no-template"),
        ({"template": ""}, "joint.no-template"),
        ({"who": "ma"}, "not-allowed"),
        ({"who": "gu"}, "not-allowed"),
        ({"who": "chen"}, "not-allowed"),
        ({"who": "lead-201"}, "not-found"),
        ({"reason": " "}, "invalid"),
        ({"reason": "长" * 1001}, "invalid"),
        ({"place": "长" * 201}, "invalid"),
        ({"helpers": []}, "invalid"),
        ({"helpers": [Asked(task=TASK)]}, "invalid"),
        ({"helpers": [Asked(department=uuid4(), task=TASK)]}, "invalid"),
        ({"helpers": [Asked(department=uuid4(), post=uuid4(), task=TASK)]}, "invalid"),
        ({"helpers": [Asked(department=uuid4(), task=TASK)] * 13}, "joint.too-many-helpers"),
        ({"lead": True}, "cases.leads-already"),
        ({"state": State.REPORTED}, "cases.part-not-open"),
        ({"state": State.CLOSED}, "cases.part-not-open"),
        ({"state": State.CLOSED, "template": "tackle"}, "cases.part-not-open"),
    ],
)
def test_a_whistle_that_cannot_be_blown_is_refused_and_leaves_nothing(
    town: Town, change: dict[str, Any], code: str
) -> None:
    case = in_state(change.get("state", State.HANDLING), town)
    facts = FactRow.objects.count()
    helpers = change.get("helpers", asked(town, "HW") if change.get("lead") else asked(town, "CG"))
    work = partial(
        actions.whistle, case.id, template=change.get("template", "advance"), helpers=helpers,
        reason=change.get("reason", REASON), place=change.get("place", ""), by=actor(town, change.get("who", "zhou")), at=AT,
    )  # fmt: skip
    assert refused(work) == code
    assert (Whistle.objects.count(), FactRow.objects.count(), Invitation.objects.count()) == (0, facts, 0)


@pytest.mark.django_db
def test_a_grid_lead_below_the_village_does_not_blow_it(town: Town) -> None:
    case = in_state(State.HANDLING, town)
    post = people.open_post(
        role=Role.GRID_LEAD,
        unit_id=town.unit("001-1"),
        title="片区长",
        title_en="Area lead",
        by=SYSTEM,
        at=AT - DAY,
    )
    people.appoint(post_id=post.id, holder_id=town.accounts["grid-201-1"], by=SYSTEM, at=AT - DAY)
    lead = actor(town, "grid-201-1")
    assert queries.startable(lead, case) == []
    work = partial(
        actions.whistle, case.id, template="advance", helpers=asked(town, "CG"), reason=REASON, by=lead, at=AT
    )
    assert refused(work) == "joint.not-started-here"


@pytest.mark.django_db
def test_the_matrix_names_the_helpers_and_without_it_the_catalogue_and_the_template(town: Town) -> None:
    case = in_state(State.HANDLING, town)
    advance, urgent = queries.template("advance"), queries.template("urgent")
    kind = cases.kind_of(case)
    assert kind is not None
    by_template = [c for c in queries.candidates(case, urgent, AT) if c.proposed]
    assert {c.chosen for c in by_template} == {Chosen.CATALOGUE, Chosen.TEMPLATE}
    assert f"d-{town.departments['PA']}" in {c.key for c in by_template}
    people.set_responsibility(
        kind_prefix=case.kind[:3], unit_id=town.root, part=Part.HELP, department_id=town.departments["SZ"], by=SYSTEM, at=AT - DAY
    )  # fmt: skip
    by_matrix = [c for c in queries.candidates(case, advance, AT) if c.proposed]
    assert [c.key for c in by_matrix] == [f"d-{town.departments['SZ']}"]
    assert by_matrix[0].why is not None
    everybody = {c.key for c in queries.candidates(case, advance, AT)}
    assert f"d-{case.department_id}" not in everybody
    assert {key[0] for key in everybody} == {"d", "p"}


@pytest.mark.django_db
def test_a_whistle_sent_twice_is_one_and_other_content_is_refused(town: Town) -> None:
    case, write = in_state(State.HANDLING, town), uuid4()
    first = blown(town, case=case, id=write, version=case.version)
    again = blown(town, case=case, id=write, version=case.version)
    assert first.pk == again.pk
    assert Case.objects.get(pk=case.id).parts == 2
    assert refused(lambda: blown(town, "SZ", case=case, id=write)) == "retry-differs"


@pytest.mark.django_db(transaction=True)
def test_the_same_whistle_from_four_connections_is_blown_once(town: Town) -> None:
    case, write = in_state(State.HANDLING, town), uuid4()
    answers = at_once([partial(blown, town, case=case, id=write)] * 4)
    assert {answer.pk for answer in answers if isinstance(answer, Whistle)} == {write}
    assert {a.error.status for a in answers if isinstance(a, Problem)} <= {409}
    assert Whistle.objects.count() == 1
    assert Assignment.objects.filter(case_id=case.id, part="help").count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_on_a_whistle_at_once_one_does(town: Town) -> None:
    whistle = blown(town, template="tackle")
    works = [
        partial(actions.approve, whistle.id, by=actor(town, "qian"), at=AT),
        partial(actions.refuse, whistle.id, reason="撤回", by=actor(town, "zhou"), at=AT),
    ]
    answers = at_once(works)
    assert sum(isinstance(a, Whistle) for a in answers) == 1, answers
    whistle.refresh_from_db()
    assert Case.objects.get(pk=whistle.case_id).parts == (2 if whistle.stand == Stand.CALLED else 0)


@pytest.mark.django_db
def test_a_helper_reports_in_by_the_code_of_the_spot_wherever_they_stand(town: Town) -> None:
    whistle, cg = blown(town), actor(town, "cg-1")
    code = queries.code_at(whistle.id, AT)
    case = Case.objects.get(pk=whistle.case_id)
    assert len(code) == 6
    there = actions.report_in(whistle.id, code=code, by=cg, at=AT + MINUTE, lng=case.lng, lat=case.lat + 0.01)
    assert there.arrived_at == AT + MINUTE
    fact = journal.history(whistle.case_id)[-1].fact
    assert fact.how == "code"
    assert 1100 < fact.metres < 1125
    assert "lng" not in fact.__slots__


@pytest.mark.django_db
def test_a_code_changes_with_its_window_and_is_of_one_whistle_alone(town: Town) -> None:
    whistle, cg = blown(town), actor(town, "cg-1")
    seconds = timedelta(seconds=queries.code_seconds())
    code = queries.code_at(whistle.id, AT)
    assert queries.code_fits(whistle.id, f" {code} ", AT + seconds)
    assert not queries.code_fits(whistle.id, code, AT + 2 * seconds)
    assert not queries.code_fits(uuid4(), code, AT)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for guess in ("", "12", wrong, "一二三四五六", "\u0660" * 6, "9" * 5000):
        assert (
            refused(lambda guess=guess: actions.report_in(whistle.id, code=guess, by=cg, at=AT))
            == "joint.wrong-code"
        )
    assert part(whistle, town, "CG").arrived_at is None


@pytest.mark.django_db
def test_wrong_codes_are_counted_and_bystanders_have_nothing_to_report(town: Town) -> None:
    whistle = blown(town)
    code = queries.code_at(whistle.id, AT)
    assert (
        refused(lambda: actions.report_in(whistle.id, code=code, by=actor(town, "ma"), at=AT))
        == "not-allowed"
    )
    assert (
        refused(lambda: actions.report_in(whistle.id, code=code, by=actor(town, "sz-1"), at=AT))
        == "not-found"
    )
    cg = actor(town, "cg-1")
    codes = [refused(lambda: actions.report_in(whistle.id, code="000000", by=cg, at=AT)) for _ in range(31)]
    assert codes[-1] == "too-many"
    assert actions.report_in(whistle.id, code=code, by=cg, at=AT).arrived_at == AT


@pytest.mark.django_db
def test_a_meeting_keeps_its_minutes_and_makes_parts_of_what_it_decided(town: Town) -> None:
    whistle = blown(town)
    cg, write = part(whistle, town, "CG"), uuid4()
    decisions = [
        Decided(department=town.departments["SZ"], task="修复路牙"),
        Decided(department=town.departments["CG"], task="每日巡查两次"),
        Decided(department=town.departments["HW"], task="加密清运"),
    ]
    given = {
        "held_at": AT,
        "place": "禾苑路口",
        "minutes": "会议议定三项措施。",
        "came": [cg.id],
        "decisions": decisions,
    }
    meeting = actions.hold_meeting(whistle.id, **given, by=actor(town, "zhou"), at=AT + HOUR, id=write)
    again = actions.hold_meeting(whistle.id, **given, by=actor(town, "zhou"), at=AT + HOUR, id=write)
    assert meeting.pk == again.pk
    assert Meeting.objects.count() == 1
    assert [bool(one["part"]) for one in meeting.decisions] == [True, False, False]
    assert part(whistle, town, "SZ").task == "修复路牙"
    assert Case.objects.get(pk=whistle.case_id).open_parts == 3
    fact = journal.history(whistle.case_id)[-1].fact
    assert fact.came_zh == ("城管中队",)
    assert fact.minutes == "会议议定三项措施。"
    row = FactRow.objects.get(kind="joint.MeetingHeld")
    assert "议定" not in json.dumps(json.loads(row.data), ensure_ascii=False)


@pytest.mark.django_db
@each(
    ("change", "who", "code"),
    [
        ({}, "cg-1", "not-allowed"),
        ({}, "sz-1", "not-found"),
        ({"minutes": " "}, "zhou", "invalid"),
        ({"minutes": "长" * 8001}, "zhou", "invalid"),
        ({"place": ""}, "zhou", "invalid"),
        ({"held_at": AT + DAY}, "zhou", "invalid"),
        ({"came": [uuid4()]}, "zhou", "invalid"),
        ({"decisions": [Decided(task="x")]}, "zhou", "invalid"),
        ({"decisions": [Decided(department=uuid4(), task="x")]}, "zhou", "invalid"),
    ],
)
def test_minutes_that_cannot_be_are_refused(town: Town, change: dict[str, Any], who: str, code: str) -> None:
    whistle = blown(town)
    given = {"held_at": AT, "place": "社区", "minutes": "纪要"} | change
    assert refused(lambda: actions.hold_meeting(whistle.id, **given, by=actor(town, who), at=AT)) == code
    assert Meeting.objects.count() == 0


@pytest.mark.django_db
def test_a_refused_task_is_told_with_whose_it_is(town: Town) -> None:
    case = in_state(State.HANDLING, town)
    helpers = [*asked(town, "CG"), Asked(department=town.departments["SZ"], task=" ")]
    with pytest.raises(Problem) as caught:
        actions.whistle(
            case.id, template="advance", helpers=helpers, reason=REASON, by=actor(town, "zhou"), at=AT
        )
    assert caught.value.fields["task"].zh.startswith("市政")
    assert caught.value.fields["task"].zh.endswith("的任务:请填写此项")
    given = {"held_at": AT, "place": "社区", "minutes": "纪要", "decisions": [Decided(task="每日巡查两次")]}
    with pytest.raises(Problem) as caught:
        actions.hold_meeting(blown(town).id, **given, by=actor(town, "zhou"), at=AT)
    assert caught.value.fields["decisions"].zh == "“每日巡查两次”由谁来办?请选择"


@pytest.mark.django_db
def test_a_code_may_be_typed_in_groups_or_with_wide_digits(town: Town) -> None:
    whistle = blown(town)
    code = queries.code_at(whistle.id, AT)
    wide = code.translate({ord("0") + n: ord("０") + n for n in range(10)})
    for typed in (f" {code[:3]} {code[3:]} ", wide, f"{wide[:3]}\u3000{code[3:]}"):
        assert queries.code_fits(whistle.id, typed, AT)
    assert not queries.code_fits(whistle.id, f"{code}0", AT)


@pytest.mark.django_db
def test_no_meeting_before_the_whistle_is_approved(town: Town) -> None:
    whistle = blown(town, template="tackle")
    given = {"held_at": AT, "place": "社区", "minutes": "纪要"}
    assert (
        refused(lambda: actions.hold_meeting(whistle.id, **given, by=actor(town, "zhou"), at=AT))
        == "joint.not-called"
    )


@pytest.mark.django_db
def test_a_problem_stands_on_the_list_until_it_is_settled(town: Town) -> None:
    whistle = blown(town)
    cg = part(whistle, town, "CG")
    assert (
        refused(lambda: actions.note_problem(whistle.id, text_="x", by=actor(town, "gu"), at=AT))
        == "not-allowed"
    )
    assert (
        refused(lambda: actions.note_problem(whistle.id, text_=" ", by=actor(town, "zhou"), at=AT))
        == "invalid"
    )
    stranger = partial(
        actions.note_problem, whistle.id, text_="x", part=uuid4(), by=actor(town, "zhou"), at=AT
    )
    assert refused(stranger) == "invalid"
    issue = actions.note_problem(whistle.id, text_="缺少封路设备", part=cg.id, by=actor(town, "cg-1"), at=AT)
    found = queries.sheets([whistle], AT)
    assert found.open_issues == 1
    actions.settle_problem(issue.id, solution="市政所提供", by=actor(town, "ma"), at=AT + HOUR)
    again = partial(actions.settle_problem, issue.id, solution="又", by=actor(town, "ma"), at=AT + HOUR)
    assert refused(again) == "joint.settled-already"
    assert queries.sheets([whistle], AT).open_issues == 0
    assert Issue.objects.get().solution == "市政所提供"


@pytest.mark.django_db
def test_both_sides_rate_each_other_once_after_the_part_and_bystanders_see_nothing(town: Town) -> None:
    whistle, cg, zhou = blown(town), actor(town, "cg-1"), actor(town, "zhou")
    mine = part(whistle, town, "CG")
    assert refused(lambda: actions.rate(mine.id, mark=Mark.GOOD, by=cg, at=AT)) == "joint.not-ended"
    parts.sign(mine.id, by=cg, at=AT)
    parts.finish(mine.id, by=cg, at=AT, result="好了", absence="已电话解决")
    write = uuid4()
    actions.rate(mine.id, mark=Mark.GOOD, comment="现场配合好", by=cg, at=AT, id=write)
    actions.rate(mine.id, mark=Mark.GOOD, comment="现场配合好", by=cg, at=AT, id=write)
    assert (
        refused(lambda: actions.rate(mine.id, mark=Mark.BAD, by=actor(town, "cg-2"), at=AT))
        == "joint.rated-already"
    )
    assert refused(lambda: actions.rate(mine.id, mark=Mark.BAD, by=actor(town, "ma"), at=AT)) == "not-allowed"
    assert (
        refused(lambda: actions.rate(mine.id, mark=Mark.BAD, by=actor(town, "qian"), at=AT)) == "not-allowed"
    )
    assert actions.rate(mine.id, mark=Mark.FAIR, by=zhou, at=AT).side == Side.CALLER
    assert Rating.objects.count() == 2
    case = Case.objects.get(pk=whistle.case_id)
    for who, seen in (("cg-1", 2), ("zhou", 2), ("qian", 2), ("jian", 2), ("ma", 0), ("lu", 0), ("pa-1", 0)):
        shown = queries.panel(case, actor(town, who), AT)
        view = next(v for v in shown["parts"] if v.row.id == mine.id)
        assert (who, len(view.ratings)) == (who, seen)
    told = [line.fact.sentence().zh for line in journal.history(case.id)][-2:]
    assert told == ["城管中队评价了吹哨方", "吹哨方评价了城管中队"]


@pytest.mark.django_db
def test_whoever_holds_the_whistlers_post_next_speaks_for_it(town: Town) -> None:
    whistle, cg = blown(town), actor(town, "cg-1")
    mine = part(whistle, town, "CG")
    parts.sign(mine.id, by=cg, at=AT)
    parts.finish(mine.id, by=cg, at=AT, result="好了", absence="已电话解决")
    people.appoint(
        post_id=whistle.post_id,
        holder_id=town.accounts["grid-201-1"],
        by=SYSTEM,
        at=AT,
    )
    later = AT + HOUR
    next_one = actor(town, "grid-201-1", later)
    assert actions.rate(mine.id, mark=Mark.GOOD, by=next_one, at=later).side == Side.CALLER


@pytest.mark.django_db
def test_the_duty_chief_hears_of_a_whistle_that_waits_and_the_whistler_hears_the_answer(town: Town) -> None:
    whistle = blown(town, template="tackle")
    jobs.work_once(AT)
    assert heard(whistle, "whistle-waits") == {town.accounts["qian"]}
    actions.approve(whistle.id, by=actor(town, "qian"), at=AT)
    jobs.work_once(AT)
    assert heard(whistle, "whistle-decided") == {town.accounts["zhou"]}
    assert heard(blown(town), "whistle-waits") == set()


def heard(whistle: Whistle, template: str) -> set[Any]:
    told = Notice.objects.filter(about=whistle.case_id, template=template)
    return set(told.values_list("to_account_id", flat=True))
