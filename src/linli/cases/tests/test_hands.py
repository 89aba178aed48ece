"""Several hands on one matter: returning and ruling, more time, resting, cards, appeals, merging, leaving the town."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from linli.cases import clocks as case_clocks
from linli.cases import events, queries
from linli.cases.models import Assignment, Case, Merge, Request, Ruling
from linli.cases.tests import loop
from linli.cases.tests.loop import AT, DAY, HOUR, in_state, make, needed
from linli.cases.words import State, Verdict, number_of
from linli.kernel import clocks, jobs, journal, worktime
from linli.kernel.access import SYSTEM
from linli.kernel.errors import Problem
from linli.kernel.worktime import Limit
from linli.notices.models import Notice
from linli.people import actions as people_actions
from linli.people import queries as people
from linli.people.models import Post
from linli.people.words import Standing
from tests.world import Town, actor

pytestmark = pytest.mark.django_db
CALENDAR = worktime.default_calendar


def does(town: Town, who: str, move: str, case: Case, at: datetime = AT, **changes: Any) -> Case:
    return make(move, case.id, actor(town, who, at), at, **{**needed(move, town, at=at), **changes})


def refused(
    code: str, town: Town, who: str, move: str, case: Case, at: datetime = AT, **changes: Any
) -> Problem:
    with pytest.raises(Problem) as caught:
        does(town, who, move, case, at, **changes)
    assert caught.value.error.code == code
    return caught.value


def running(case: Case) -> dict[str, datetime]:
    return {clock.name.removeprefix("cases."): clock.due_at for clock in clocks.running(case.id)}


# returning and ruling


def test_a_returned_case_is_back_with_the_dispatcher_and_its_deadline_runs_on(town: Town) -> None:
    case = in_state(State.DISPATCHED, town)
    due = case.due_at
    case = does(town, "ma", "return", case)
    assert (case.state, case.desk, case.department_id, case.returns) == ("returned", "dispatch", None, 1)
    assert case.due_at == due
    assert running(case)["handle"] == due
    assert not Assignment.objects.filter(case_id=case.id, done_at=None).exists()
    case = does(town, "lu", "dispatch", case, department=town.departments["CG"])
    assert (case.state, case.due_at) == ("dispatched", due)


@loop.each(
    ("words", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "不是我"}, "reason"),
        ({"basis": " "}, "basis"),
        ({"reason_code": "because"}, "reason_code"),
    ],
)
def test_a_return_says_why_and_on_which_entry_it_rests(town: Town, words: dict[str, str], field: str) -> None:
    case = in_state(State.DISPATCHED, town)
    assert field in refused("invalid", town, "ma", "return", case, **words).fields


def test_after_the_limit_to_return_it_stays(town: Town) -> None:
    case = in_state(State.DISPATCHED, town)
    assert case.dispatched_at is not None
    until = worktime.deadline(case.dispatched_at, queries.limit("return"), CALENDAR()).due
    refused("cases.return-late", town, "ma", "return", case, until + timedelta(seconds=1))
    assert does(town, "ma", "return", case, until).state == "returned"


def test_the_number_of_returns_ends_in_a_ruling_after_which_nobody_returns_it(town: Town) -> None:
    case = in_state(State.DISPATCHED, town)
    for _ in range(queries.bound("returns")):
        case = does(town, "ma", "return", case)
        if case.returns < queries.bound("returns"):
            case = does(town, "lu", "dispatch", case)
    refused("cases.ruling-needed", town, "lu", "dispatch", case)
    refused("not-allowed", town, "lu", "rule", case)
    case = does(town, "qian", "rule", case)
    assert (case.state, case.ruled, case.department_id) == ("dispatched", True, town.departments["CG"])
    refused("cases.ruled-already", town, "cg-1", "return", case)
    refused("cases.ruled-already", town, "lu", "dispatch", case, department=town.departments["HW"])
    assert (
        does(town, "qian", "rule", case, department=town.departments["HW"]).department_id
        == town.departments["HW"]
    )


def test_a_ruling_is_a_precedent_for_the_next_matter_of_its_kind(town: Town) -> None:
    case = does(town, "qian", "rule", does(town, "ma", "return", in_state(State.DISPATCHED, town)))
    near = loop.opened(town)
    other_kind = loop.opened(town, kind=loop.NOTED)
    (found,) = queries.precedents(near)
    assert (found.case_id, found.near, found.department_id) == (case.id, True, town.departments["CG"])
    assert found.number == number_of(case.serial, case.reported_at)
    assert not queries.precedents(other_kind)
    assert not queries.precedents(case)
    assert Ruling.objects.count() == 1


# more time


def test_more_time_is_counted_from_the_deadline_and_only_another_grants_it(town: Town) -> None:
    case = in_state(State.HANDLING, town)
    due = case.due_at
    assert due is not None
    case = does(town, "ma", "ask_extension", case)
    assert (case.wishes, case.due_at) == (1, due)
    refused("not-allowed", town, "ma", "grant_extension", case)
    case = does(town, "lu", "grant_extension", case)
    condition = queries.condition_of(case)
    assert condition is not None
    longer = worktime.deadline(due, Limit(1, condition.limit.unit), CALENDAR()).due
    assert (case.due_at, case.next_due_at, case.extensions, case.wishes) == (longer, longer, 1, 0)
    assert running(case)["handle"] == longer


def test_nobody_decides_what_they_asked_for_themselves(town: Town) -> None:
    """Somebody may hold a handler's and a dispatcher's post at once."""
    seat = Post.objects.filter(department_id=town.departments["HW"], role="handler").values_list(
        "id", flat=True
    )[0]
    people_actions.appoint(post_id=seat, holder_id=town.accounts["lu"], by=SYSTEM, at=AT)
    case = in_state(State.DISPATCHED, town)
    case = does(town, "lu", "sign", case)
    case = does(town, "lu", "ask_extension", case)
    refused("cases.own-request", town, "lu", "grant_extension", case)
    refused("cases.own-request", town, "lu", "refuse_extension", case)
    assert does(town, "qian", "refuse_extension", case).wishes == 0


def test_an_extension_is_bounded_in_time_size_and_number(town: Town) -> None:
    case = in_state(State.HANDLING, town)
    assert case.due_at is not None
    refused("cases.too-late", town, "ma", "ask_extension", case, case.due_at + timedelta(seconds=1))
    for amount in (0, -1, 1000):
        assert "amount" in refused("invalid", town, "ma", "ask_extension", case, amount=amount).fields
    for _ in range(queries.bound("extensions")):
        case = does(town, "ma", "ask_extension", case)
        refused("cases.waiting-already", town, "ma", "ask_extension", case)
        case = does(town, "lu", "grant_extension", case)
    refused("cases.once-only", town, "ma", "ask_extension", case)


def test_a_request_lapses_when_the_work_is_handed_in(town: Town) -> None:
    case = does(town, "ma", "ask_extension", in_state(State.HANDLING, town))
    case = does(town, "ma", "hand_in", case)
    assert case.wishes == 0
    assert Request.objects.get(case_id=case.id).granted is False
    assert "cases.WishLapsed" in [line.kind for line in journal.history(case.id)]


# resting


def test_a_suspended_case_stands_still_until_its_day_and_then_goes_on_by_itself(town: Town) -> None:
    case = does(town, "ma", "ask_suspension", in_state(State.HANDLING, town))
    due = case.due_at
    assert due is not None
    case = does(town, "lu", "grant_suspension", case)
    assert (case.state, case.desk, case.suspensions) == ("suspended", "suspended", 1)
    for move in ("note", "hand_in", "ask_extension", "contact", "settle", "dispatch"):
        refused(
            "cases.move-not-open" if move != "settle" else "not-allowed",
            town,
            "ma" if move != "dispatch" else "lu",
            move,
            case,
        )
    until = case.next_due_at
    assert until is not None
    clocks.fire_due(until - HOUR)
    assert Case.objects.get(pk=case.id).escalations == 0
    clocks.fire_due(until)
    case = Case.objects.get(pk=case.id)
    assert case.state == "handling"
    condition = queries.condition_of(case)
    assert condition is not None
    assert case.due_at == worktime.resumed(due, AT, until, condition.limit.unit, CALENDAR()).due
    assert case.due_at is not None
    assert case.due_at > until
    assert running(case) == {"handle": case.due_at}
    refused("cases.once-only", town, "ma", "ask_suspension", case, until)


def test_a_suspension_ends_within_a_year_and_is_no_way_out_of_being_late(town: Town) -> None:
    case = in_state(State.HANDLING, town)
    for until in (AT, AT - DAY, AT + 366 * DAY):
        assert "until" in refused("invalid", town, "ma", "ask_suspension", case, until=until).fields
    case = does(town, "ma", "ask_suspension", case)
    assert case.due_at is not None
    refused("cases.too-late", town, "lu", "grant_suspension", case, case.due_at + timedelta(seconds=1))


# cards


def test_a_yellow_card_without_an_answer_turns_red_and_is_raised(town: Town) -> None:
    case = does(town, "qian", "supervise", in_state(State.HANDLING, town))
    card = queries.card_of(case)
    assert card is not None
    assert case.supervised == "yellow"
    clocks.fire_due(card.reply_due)
    case = Case.objects.get(pk=case.id)
    assert (case.supervised, case.state) == ("red", "handling")
    assert case.escalations >= 1
    case = does(town, "ma", "reply", case, card.reply_due)
    refused("cases.not-supervised", town, "ma", "reply", case, card.reply_due)
    case = does(town, "qian", "lift", case, card.reply_due)
    assert case.supervised == ""
    refused("cases.not-supervised", town, "qian", "lift", case, card.reply_due)


def test_the_card_of_a_matter_that_ends_is_lifted(town: Town) -> None:
    case = does(town, "qian", "supervise", in_state(State.CHECKED, town))
    case = does(town, "shen", "close", case)
    assert case.supervised == ""
    assert "reply" not in running(case)
    refused("invalid", town, "qian", "supervise", in_state(State.HANDLING, town), card="green")


def test_a_card_is_lifted_when_the_matter_is_returned_and_none_is_shown_to_nobody(town: Town) -> None:
    case = does(town, "qian", "supervise", in_state(State.DISPATCHED, town))
    card = queries.card_of(case)
    assert card is not None
    case = does(town, "ma", "return", case)
    assert (case.supervised, queries.card_of(case)) == ("", None)
    assert "reply" not in running(case)
    (lifted,) = [line for line in journal.history(case.id) if line.kind == "cases.SupervisionLifted"]
    assert "退单" in lifted.fact.sentence().zh
    refused("cases.move-not-open", town, "qian", "supervise", case)
    case = does(town, "lu", "dispatch", case, department=town.departments["CG"])
    clocks.fire_due(card.reply_due)
    assert Case.objects.get(pk=case.id).supervised == ""
    assert does(town, "qian", "supervise", case).supervised == "yellow"


@loop.each(("who", "move"), [("lu", "dispatch"), ("qian", "rule")])
def test_a_card_is_lifted_when_another_is_charged_and_they_may_be_shown_one_with_a_limit_of_their_own(
    town: Town, who: str, move: str
) -> None:
    case = does(town, "qian", "supervise", in_state(State.DISPATCHED, town))
    card = queries.card_of(case)
    assert card is not None
    case = does(town, who, move, case, AT + HOUR, department=town.departments["CG"])
    assert (case.supervised, queries.card_of(case)) == ("", None)
    assert "reply" not in running(case)
    (lifted,) = [line for line in journal.history(case.id) if line.kind == "cases.SupervisionLifted"]
    assert "改派" in lifted.fact.sentence().zh
    clocks.fire_due(card.reply_due)
    assert Case.objects.get(pk=case.id).supervised == ""
    case = does(town, "qian", "supervise", case, AT + DAY)
    anew = queries.card_of(case)
    assert anew is not None
    assert anew.reply_due > card.reply_due
    assert running(case)["reply"] == anew.reply_due


def test_a_card_stays_with_its_limit_when_the_same_ones_are_charged_again(town: Town) -> None:
    case = does(town, "qian", "supervise", in_state(State.DISPATCHED, town))
    card = queries.card_of(case)
    assert card is not None
    case = does(town, "lu", "dispatch", case, AT + HOUR, department=case.department_id)
    assert case.supervised == "yellow"
    assert running(case)["reply"] == card.reply_due
    assert not [line for line in journal.history(case.id) if line.kind == "cases.SupervisionLifted"]
    clocks.fire_due(card.reply_due)
    assert Case.objects.get(pk=case.id).supervised == "red"


# appeals


def late(town: Town) -> tuple[Case, datetime]:
    case = in_state(State.HANDLING, town, reporter_id=town.resident)
    assert case.due_at is not None
    after = case.due_at + HOUR
    for who, move in (("ma", "hand_in"), ("gu", "pass_check"), ("shen", "close")):
        case = does(town, who, move, case, after)
    return case, after


def test_an_appeal_is_decided_by_two_and_leaves_the_times_as_they_are(town: Town) -> None:
    case, at = late(town)
    due, handled = case.due_at, case.handled_at
    case = does(town, "ma", "appeal", case, at)
    case = does(town, "qian", "grant_appeal", case, at)
    assert not case.excused
    refused("cases.own-request", town, "qian", "grant_appeal", case, at)
    case = does(town, "jian", "grant_appeal", case, at)
    assert (case.excused, case.due_at, case.handled_at, case.wishes) == (True, due, handled, 0)
    assert queries.standing(case, SYSTEM).verdict is Verdict.OVERDUE
    refused("cases.once-only", town, "ma", "appeal", case, at)


def test_one_voice_dismisses_an_appeal_and_there_is_no_second(town: Town) -> None:
    case, at = late(town)
    case = does(town, "ma", "appeal", case, at)
    case = does(town, "jian", "refuse_appeal", case, at)
    assert not case.excused
    refused("cases.once-only", town, "ma", "appeal", case, at)


def test_who_was_in_time_or_waits_too_long_has_nothing_to_appeal(town: Town) -> None:
    refused("cases.too-late", town, "ma", "appeal", in_state(State.CLOSED, town))
    case, at = late(town)
    until = worktime.deadline(at, queries.limit("appeal"), CALENDAR()).due
    refused("cases.too-late", town, "ma", "appeal", case, until + timedelta(seconds=1))


# merging


def both(town: Town) -> tuple[Case, Case]:
    """A main case in hand, and a later dispatched one with an earlier deadline."""
    main = in_state(State.HANDLING, town, AT, reporter_id=town.resident)
    main = does(town, "lu", "grant_extension", does(town, "ma", "ask_extension", main))
    other = in_state(State.DISPATCHED, town, AT + 5 * loop.MINUTE)
    return main, other


def test_the_stricter_limit_governs_and_undoing_gives_both_theirs_back(town: Town) -> None:
    main, other = both(town)
    before, after = main.due_at, other.due_at
    assert before is not None
    assert after is not None
    assert after < before
    clocks_before = running(other)
    other = does(town, "lu", "merge", other, AT + HOUR, into=main.id)
    main = Case.objects.get(pk=main.id)
    assert (other.state, other.merged_into_id, other.department_id) == ("merged", main.id, None)
    assert not running(other)
    assert main.due_at == running(main)["handle"] == after
    assert main.next_due_at == min(running(main).values())
    other = does(town, "lu", "unmerge", other, AT + 2 * HOUR)
    main = Case.objects.get(pk=main.id)
    assert (other.state, other.merged_into_id, other.due_at, other.closed_at) == (
        "dispatched",
        None,
        after,
        None,
    )
    assert running(other) == clocks_before
    assert Assignment.objects.filter(case_id=other.id, part="lead", done_at=None).count() == 1
    assert main.due_at == running(main)["handle"] == before
    assert main.next_due_at == min(running(main).values())
    assert Merge.objects.get(case_id=other.id).undone_at is not None


def test_what_is_further_on_is_never_merged_into_what_is_behind(town: Town) -> None:
    main, other = in_state(State.HANDLING, town), loop.opened(town)
    refused("cases.not-mergeable", town, "lu", "merge", main, into=other.id)
    refused("cases.not-mergeable", town, "lu", "merge", main, into=main.id)
    refused("cases.not-mergeable", town, "lu", "merge", other, into=in_state(State.CLOSED, town).id)
    refused("not-found", town, "lu", "merge", other, into=uuid4())
    refused("invalid", town, "lu", "merge", other, into=None)
    other = does(town, "lu", "merge", other, into=main.id)
    third = in_state(State.HANDLING, town)
    refused("cases.not-mergeable", town, "lu", "merge", main, into=third.id)
    refused("cases.not-mergeable", town, "lu", "merge", third, into=other.id)


def test_both_reporters_hear_of_the_merge_and_of_the_end(town: Town) -> None:
    second = people_actions.register_resident(phone="13900000077", by=SYSTEM, at=AT)
    main, other = (
        in_state(State.CHECKED, town, reporter_id=town.resident),
        loop.opened(town, reporter_id=second.id),
    )
    other = does(town, "shen", "merge", other, into=main.id)
    main = does(town, "shen", "close", main)
    while jobs.work_once(AT):
        pass
    said = [(notice.template, notice.to_resident_id) for notice in Notice.objects.order_by("id")]
    assert ("merged", second.id) in said
    assert ("closed-together", second.id) in said
    assert ("closed-please-rate", second.id) not in said
    assert ("closed-please-rate", town.resident) in said
    told = [text for _, text in queries.own_story(Case.objects.get(pk=other.id))]
    assert any(text and "已办结" in text.zh for text in told)


# leaving the town


def test_a_matter_for_others_leaves_with_its_reason_and_stays_on_record(town: Town) -> None:
    case = does(town, "shen", "transfer_out", loop.opened(town))
    assert (case.state, case.desk) == ("transferred", "done")
    assert case.closed_at == AT
    assert not running(case)
    refused("invalid", town, "shen", "transfer_out", loop.opened(town), reason="somewhere")
    line = journal.history(case.id)[-1]
    assert isinstance(line.fact, events.CaseTransferred)


def test_a_duty_that_was_withdrawn_is_refused_with_whoever_has_to_take_it(town: Town) -> None:
    codes = [kind.code for kind in queries.catalogue(None).kinds.values()]
    withdrawn = next(code for code in codes if people.duty(code, AT).standing is Standing.WITHDRAWN)
    case = loop.opened(town, kind=withdrawn)
    assert case.state == "reported"
    for who, move in (("shen", "accept"), ("lu", "register")):
        case = does(town, who, move, case)
    problem = refused("cases.withdrawn", town, "lu", "dispatch", case, department=town.departments["CG"])
    assert people.duty(withdrawn, AT).lead.zh in problem.title.zh


def test_a_duty_in_which_the_town_helps_names_who_leads(town: Town) -> None:
    codes = [kind.code for kind in queries.catalogue(None).kinds.values()]
    helps = next(code for code in codes if people.duty(code, AT).standing is Standing.COOPERATIVE)
    case = loop.opened(town, kind=helps)
    for who, move in (("shen", "accept"), ("lu", "register")):
        case = does(town, who, move, case)
    case = does(town, "lu", "dispatch", case, department=town.departments["CG"])
    assert any(people.duty(helps, AT).lead.zh in zh for zh, _ in case.why)


def test_the_first_word_with_the_reporter_is_kept(town: Town) -> None:
    case = does(town, "ma", "contact", in_state(State.HANDLING, town))
    first = case.contacted_at
    assert first == AT
    assert does(town, "ma", "contact", case, AT + HOUR).contacted_at == first
    assert case_clocks.NAMES["suspend"].zh
