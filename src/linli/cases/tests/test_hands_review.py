"""Where several hands cross: a merge undone, a round begun anew, a request too late, the same thing sent twice."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import pytest
from django.test import Client

from linli.cases import queries
from linli.cases.actions import settle_now
from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.tests.loop import AT, DAY, HOUR, MINUTE, in_state
from linli.cases.tests.test_hands import does, late, refused, running
from linli.cases.words import Source, State, number_of, tracking_code
from linli.kernel import clocks, journal
from linli.kernel.errors import Problem
from linli.people.words import Role
from tests.world import Town, actor

pytestmark = pytest.mark.django_db


def again(case: Case) -> Case:
    return Case.objects.get(pk=case.id)


def longer(town: Town, case: Case) -> Case:
    """With one extension."""
    return does(town, "lu", "grant_extension", does(town, "ma", "ask_extension", case))


def due(case: Case) -> datetime:
    assert case.due_at is not None
    return case.due_at


# merging


def test_a_card_and_its_limit_are_open_again_after_an_undone_merge(town: Town) -> None:
    main, other = in_state(State.HANDLED, town), in_state(State.HANDLING, town)
    other = does(town, "qian", "supervise", other)
    card = queries.card_of(other)
    other = does(town, "lu", "merge", other, into=main.id)
    assert (other.supervised, running(other)) == ("", {})
    other = does(town, "lu", "unmerge", other, AT + HOUR)
    assert other.supervised == "yellow"
    assert queries.card_of(again(other)) == card
    assert "reply" in running(other)
    other = does(town, "ma", "reply", other, AT + HOUR)
    other = does(town, "qian", "lift", other, AT + HOUR)
    assert (other.supervised, running(other)) == ("", {"handle": other.due_at})


def test_what_is_suspended_takes_in_no_other_case(town: Town) -> None:
    """Its clock stands still; that of whoever reported the same today may not."""
    resting = in_state(State.SUSPENDED, town)
    problem = refused(
        "cases.not-mergeable", town, "lu", "merge", in_state(State.HANDLING, town), into=resting.id
    )
    assert "into" in problem.fields


def test_merges_may_be_undone_in_any_order(town: Town) -> None:
    main = longer(town, longer(town, in_state(State.HANDLING, town)))
    before = due(main)
    first = longer(town, in_state(State.HANDLING, town, AT + MINUTE))
    second = in_state(State.HANDLING, town, AT + 2 * MINUTE)
    assert due(second) < due(first) < before
    does(town, "lu", "merge", first, AT + HOUR, into=main.id)
    does(town, "lu", "merge", second, AT + HOUR, into=main.id)
    assert again(main).due_at == second.due_at
    does(town, "lu", "unmerge", first, AT + 2 * HOUR)
    assert again(main).due_at == second.due_at
    does(town, "lu", "unmerge", second, AT + 2 * HOUR)
    main = again(main)
    assert main.due_at == main.next_due_at == running(main)["handle"] == before


def test_after_an_undone_merge_the_queue_shows_the_main_cases_own_next_limit(town: Town) -> None:
    main = longer(town, in_state(State.HANDLING, town))
    waiting = loop.opened(town, AT)
    assert waiting.next_due_at is not None
    assert waiting.next_due_at < due(main)
    strict = in_state(State.HANDLING, town, AT + MINUTE)
    does(town, "lu", "merge", waiting, AT + MINUTE, into=main.id)
    assert again(main).next_due_at == due(main)
    does(town, "lu", "merge", strict, AT + HOUR, into=main.id)
    assert again(main).next_due_at == due(strict)
    does(town, "lu", "unmerge", strict, AT + 2 * HOUR)
    assert again(main).next_due_at == due(main)


def test_the_warning_of_a_limit_that_is_given_back_is_its_own(town: Town) -> None:
    main = longer(town, in_state(State.HANDLING, town))
    strict = in_state(State.HANDLING, town, AT + MINUTE)
    does(town, "lu", "merge", strict, AT + HOUR, into=main.id)
    (tight,) = clocks.running(main.id)
    does(town, "lu", "unmerge", strict, AT + 2 * HOUR)
    (loose,) = clocks.running(main.id)
    assert tight.warn_at is not None
    assert loose.warn_at is not None
    assert loose.warn_at > tight.warn_at


def test_whoever_undoes_a_merge_is_answered_with_the_moves_that_are_open(town: Town) -> None:
    main, other = in_state(State.HANDLED, town), in_state(State.DISPATCHED, town)
    does(town, "lu", "merge", other, into=main.id)
    found = does(town, "lu", "unmerge", other)
    assert isinstance(found.department_id, UUID)
    ma = actor(town, "ma", AT)
    assert queries.moves_for(found, ma, AT) == queries.moves_for(again(found), ma, AT)


def test_a_case_into_which_others_were_merged_is_not_voided(town: Town) -> None:
    main, other = in_state(State.HANDLING, town), loop.opened(town, reporter_id=town.resident)
    does(town, "shen", "merge", other, into=main.id)
    refused("cases.others-joined", town, "shen", "void", main)
    does(town, "shen", "unmerge", other)
    assert does(town, "shen", "void", main).state == "void"


def test_whoever_reported_a_merged_case_follows_the_main_one_by_the_interface_too(town: Town) -> None:
    main, other = in_state(State.CHECKED, town), loop.opened(town)
    other = does(town, "shen", "merge", other, into=main.id)
    does(town, "shen", "close", main, AT + HOUR)
    number = number_of(other.serial, other.reported_at)
    answer = Client().get(f"{loop.API}/track/{number}", {"code": tracking_code(other.id)})
    told = [line["sentence"]["zh"] for line in answer.json()["history"]]
    assert any("已办结" in line for line in told)
    assert not any("已清理" in line for line in told), "what staff wrote stays with staff"


# a round begun anew


def test_what_was_excused_once_is_not_excused_after_reopening(town: Town) -> None:
    case, at = late(town)
    case = does(town, "ma", "appeal", case, at)
    for who in ("qian", "jian"):
        case = does(town, who, "grant_appeal", case, at)
    assert case.excused
    case = does(town, "yao", "reopen", case, at)
    assert not case.excused


def test_a_ruling_holds_after_reopening(town: Town) -> None:
    case = does(town, "qian", "rule", in_state(State.DISPATCHED, town))
    assert case.department_id == town.departments["CG"]
    for who, move in (
        ("cg-1", "sign"),
        ("cg-1", "hand_in"),
        ("gu", "pass_check"),
        ("shen", "close"),
        ("yao", "reopen"),
    ):
        case = does(town, who, move, case)
    refused("cases.ruled-already", town, "lu", "dispatch", case, department=town.departments["HW"])
    case = does(town, "lu", "dispatch", case)
    assert case.department_id == town.departments["CG"]
    refused("cases.ruled-already", town, "cg-1", "return", case)


def test_after_verifying_the_queue_shows_the_limit_that_a_merge_made_stricter(town: Town) -> None:
    shen = actor(town, "shen", AT)
    case = loop.opened(town, source=Source.HOTLINE, by=shen)
    strict = loop.opened(town, AT - 20 * HOUR, source=Source.HOTLINE, by=shen)
    does(town, "shen", "merge", strict, into=case.id)
    assert again(case).next_due_at == strict.next_due_at
    case = does(town, "shen", "ask_verify", case)
    case = does(town, "zhou", "verify", case)
    assert case.next_due_at == running(case)["dispatch"] == strict.next_due_at


# requests


def test_a_late_matter_offers_no_suspension(town: Town) -> None:
    asked = does(town, "ma", "ask_suspension", in_state(State.HANDLING, town))
    at = due(asked) + HOUR
    assert "grant_suspension" not in {m.name for m in queries.moves_for(asked, actor(town, "lu", at), at)}
    assert "refuse_suspension" in {m.name for m in queries.moves_for(asked, actor(town, "lu", at), at)}
    refused("cases.too-late", town, "ma", "ask_suspension", in_state(State.HANDLING, town), at + 30 * DAY)


# the same thing twice


def test_whoever_returned_a_case_may_send_that_again_though_it_is_theirs_no_longer(town: Town) -> None:
    case = does(town, "qian", "dispatch", in_state(State.REGISTERED, town), department=town.departments["CG"])
    write = uuid4()
    first = does(town, "cg-1", "return", case, id=write)
    assert does(town, "cg-1", "return", case, id=write).version == first.version
    refused("not-found", town, "cg-1", "return", case, id=uuid4())
    refused("not-found", town, "cg-2", "return", case, id=write)


def test_the_same_report_sent_for_another_end_is_not_said_to_be_done(town: Town) -> None:
    shen = actor(town, "shen", AT)
    report = loop.report(town, source=Source.PHONE, id=uuid4())
    first = settle_now.open_and_transfer(report, reason="petition", by=shen, at=AT)
    assert settle_now.open_and_transfer(report, reason="petition", by=shen, at=AT).repeated
    assert first.state == "transferred"
    main = in_state(State.HANDLED, town)
    with pytest.raises(Problem) as caught:
        settle_now.open_and_merge(report, into=main.id, by=shen, at=AT)
    assert caught.value.error.code == "retry-differs"
    with pytest.raises(Problem) as caught:
        settle_now.open_and_transfer(report, reason="police", by=shen, at=AT)
    assert caught.value.error.code == "retry-differs"


# said once


def missed(case: Case) -> int:
    return sum(line.kind == "cases.DeadlineMissed" for line in journal.history(case.id))


def test_what_was_late_before_it_was_merged_is_not_raised_again_for_that_when_the_merge_is_undone(
    town: Town,
) -> None:
    case, main = in_state(State.HANDLING, town), in_state(State.HANDLED, town, AT + MINUTE)
    at = due(case) + MINUTE
    clocks.fire_due(at)
    assert missed(case) == 1
    does(town, "lu", "merge", case, at, into=main.id)
    back = does(town, "lu", "unmerge", again(case), at + HOUR)
    before = [line.kind for line in journal.history(case.id)]
    clocks.fire_due(at + HOUR)
    assert [line.kind for line in journal.history(case.id)] == before
    (clock,) = [one for one in clocks.running(back.id) if one.name == "cases.handle"]
    assert clock.next_at is not None
    clocks.fire_due(clock.next_at)
    assert missed(case) == 2


def test_a_main_case_that_was_late_is_not_raised_again_by_a_merge_or_by_its_undoing(town: Town) -> None:
    strict = in_state(State.HANDLING, town)
    main = in_state(State.HANDLING, town, AT + 2 * MINUTE)
    assert due(strict) < due(main)
    at = due(main) + MINUTE
    clocks.fire_due(at)
    assert missed(main) == 1
    does(town, "lu", "merge", strict, at, into=main.id)
    assert again(main).due_at == strict.due_at == running(main)["handle"]
    clocks.fire_due(at + MINUTE)
    does(town, "lu", "unmerge", again(strict), at + 2 * MINUTE)
    assert again(main).due_at == main.due_at == running(main)["handle"]
    clocks.fire_due(at + 3 * MINUTE)
    assert missed(main) == 1


def test_an_appeal_that_nobody_decided_is_not_the_only_one(town: Town) -> None:
    case, at = late(town)
    case = does(town, "ma", "appeal", case, at)
    case = does(town, "yao", "reopen", case, at)
    assert case.wishes == 0
    case = does(town, "lu", "dispatch", case, at)
    for who, move in (("ma", "sign"), ("ma", "hand_in"), ("gu", "pass_check"), ("shen", "close")):
        at = at + 10 * DAY
        case = does(town, who, move, case, at)
    case = does(town, "ma", "appeal", case, at)
    case = does(town, "qian", "refuse_appeal", case, at)
    assert refused("cases.once-only", town, "ma", "appeal", case, at)


def test_what_is_sent_back_late_was_raised_already_and_is_raised_again_only_after_the_interval(
    town: Town,
) -> None:
    case = in_state(State.HANDLING, town)
    at = due(case) + MINUTE
    clocks.fire_due(at)
    assert missed(case) == 1
    for who, move in (("ma", "hand_in"), ("gu", "take_check"), ("gu", "redo")):
        case = does(town, who, move, again(case), at)
    clocks.fire_due(at)
    assert missed(case) == 1
    (clock,) = [one for one in clocks.running(case.id) if one.name == "cases.handle"]
    assert clock.next_at is not None
    clocks.fire_due(clock.next_at)
    assert missed(case) == 2


def test_what_is_sent_back_after_the_limit_though_it_was_handed_in_before_it_is_late_from_then_on(
    town: Town,
) -> None:
    case = in_state(State.HANDLED, town)
    at = due(case) + MINUTE
    clocks.fire_due(at)
    before = missed(case)
    for who, move in (("gu", "take_check"), ("gu", "redo")):
        case = does(town, who, move, again(case), at)
    clocks.fire_due(at)
    assert missed(case) == before + 1
    moments = [line.at for line in journal.history(case.id)]
    assert moments == sorted(moments)


def test_a_matter_is_charged_only_to_a_post_that_signs_for_it(town: Town) -> None:
    case = in_state(State.REGISTERED, town)
    (lawyer, worker) = (
        next(posts[0] for (named, _), posts in town.posts.items() if named is role and posts)
        for role in (Role.LEGAL_ADVISER, Role.GRID_WORKER)
    )
    assert "to" in refused("invalid", town, "lu", "dispatch", case, post=lawyer).fields
    assert does(town, "lu", "dispatch", case, post=worker).post_id == worker
