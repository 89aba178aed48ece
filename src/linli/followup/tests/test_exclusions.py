"""Leaving a case out of rates: asked by the department, decided by another, appealed against once."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.words import State
from linli.followup import actions, queries
from linli.followup.models import Exclusion
from linli.followup.tests.following import closed
from linli.followup.words import (
    DECIDED_ALREADY,
    EXCLUDED_ALREADY,
    NO_APPEAL,
    NOT_CLOSED,
    OWN_DECISION,
)
from linli.kernel import journal
from linli.kernel.access import Actor, HeldPost
from linli.kernel.errors import INVALID, NOT_ALLOWED, NOT_FOUND, RETRY_DIFFERS, Problem
from linli.kernel.text import Text
from tests.world import AT, Town, actor

WHY = "连续三次要求拆除合法建筑"


def asked(town: Town, case: Case, **changes: Any) -> Exclusion:
    given = {"reason": "unreasonable", "words": WHY, "id": uuid4(), "by": actor(town, "ma"), "at": AT}
    return actions.ask_exclusion(case.id, **(given | changes))


def another_auditor(town: Town) -> Actor:
    """A third person who decides: the town has one duty chief and one auditor."""
    jian = actor(town, "jian")
    post = HeldPost(jian.posts[0].id, "auditor", town.root, None, Text("监督员", "Auditor"))
    return Actor("account", account_id=town.accounts["guan"], name="监督员二", posts=(post,))


def refused(call: Any, error: object) -> None:
    with pytest.raises(Problem) as found:
        call()
    assert found.value.error is error


def test_until_another_grants_it_the_case_counts(town: Town) -> None:
    case = closed(town)
    one = asked(town, case)
    assert (one.granted, one.stands) == (None, False)
    decided = actions.decide_exclusion(one.id, granted=True, words="", by=actor(town, "qian"), at=AT)
    assert decided.stands
    said = [line.fact.sentence().zh for line in journal.history(case.id)][-2:]
    assert said == [f"申请从三率中剔除:不合理诉求({WHY})", "同意剔除"]


def test_an_appeal_is_settled_by_somebody_who_decided_nothing_yet(town: Town) -> None:
    qian, jian, ma = actor(town, "qian"), actor(town, "jian"), actor(town, "ma")
    one = asked(town, closed(town))
    refused(lambda: actions.appeal_exclusion(one.id, words="还没有结论就申诉", by=ma, at=AT), NO_APPEAL)
    actions.decide_exclusion(one.id, granted=False, words="诉求合理,应当计入", by=qian, at=AT)
    actions.appeal_exclusion(one.id, words="附上三次现场照片", by=ma, at=AT)
    refused(lambda: actions.appeal_exclusion(one.id, words="再申诉一次看看", by=ma, at=AT), NO_APPEAL)
    refused(lambda: actions.decide_exclusion(one.id, granted=True, words="", by=qian, at=AT), OWN_DECISION)
    settled = actions.decide_exclusion(one.id, granted=True, words="照片属实", by=jian, at=AT)
    assert (settled.granted, settled.appeal_granted, settled.stands) == (False, True, True)
    refused(lambda: actions.decide_exclusion(one.id, granted=True, words="", by=jian, at=AT), DECIDED_ALREADY)


def test_whoever_decides_may_object_to_what_a_colleague_granted(town: Town) -> None:
    qian, jian = actor(town, "qian"), actor(town, "jian")
    one = asked(town, closed(town))
    actions.decide_exclusion(one.id, granted=True, words="", by=qian, at=AT)
    refused(lambda: actions.appeal_exclusion(one.id, words="对自己的结论申诉", by=qian, at=AT), OWN_DECISION)
    actions.appeal_exclusion(one.id, words="诉求人说的是事实", by=jian, at=AT)
    refused(lambda: actions.decide_exclusion(one.id, granted=True, words="", by=jian, at=AT), OWN_DECISION)
    third = another_auditor(town)
    settled = actions.decide_exclusion(one.id, granted=False, words="应当计入,理由不足", by=third, at=AT)
    assert not settled.stands


def test_nobody_decides_what_they_asked_for(town: Town) -> None:
    case = closed(town)
    ma = actor(town, "ma")
    both = Actor(
        "account", account_id=ma.account_id, name="马", posts=(*ma.posts, *actor(town, "qian").posts)
    )
    one = asked(town, case)
    refused(lambda: actions.decide_exclusion(one.id, granted=True, words="", by=both, at=AT), OWN_DECISION)
    with pytest.raises(IntegrityError), transaction.atomic():
        Exclusion.objects.filter(pk=one.id).update(
            granted=True, stands=True, decided_at=AT, decided_by=ma.account_id
        )


def test_it_is_asked_once_a_round_and_anew_after_a_reopening(town: Town) -> None:
    case, write = closed(town), uuid4()
    one = asked(town, case, id=write)
    assert asked(town, case, id=write).id == one.id
    refused(lambda: asked(town, case, id=write, words="另外的理由说明"), RETRY_DIFFERS)
    refused(lambda: asked(town, case), EXCLUDED_ALREADY)
    assert Exclusion.objects.count() == 1
    loop.make("reopen", case.id, actor(town, "qian"), AT)
    case.refresh_from_db()
    assert queries.exclusion_of(case) is None


def test_only_a_closed_case_can_be_left_out(town: Town) -> None:
    case = loop.in_state(State.HANDLING, town, AT)
    refused(lambda: asked(town, case), NOT_CLOSED)


@loop.each(
    ("reason", "words", "field"),
    [
        ("", WHY, "reason"),
        ("unreachable", WHY, "reason"),  # read from the case, never asked for
        ("excused", WHY, "reason"),
        ("nonsense", WHY, "reason"),
        ("beyond", "", "words"),
        ("beyond", "太短", "words"),
        ("beyond", "      ", "words"),
        ("beyond", "长" * 1001, "words"),
    ],
)
def test_without_a_ground_and_its_facts_nothing_is_asked(
    reason: str, words: str, field: str, town: Town
) -> None:
    case = closed(town)
    with pytest.raises(Problem) as found:
        asked(town, case, reason=reason, words=words)
    assert found.value.error is INVALID
    assert set(found.value.fields) == {field}


def test_a_refusal_says_why(town: Town) -> None:
    one = asked(town, closed(town))
    refused(
        lambda: actions.decide_exclusion(one.id, granted=False, words="", by=actor(town, "qian"), at=AT),
        INVALID,
    )


@loop.each(
    ("who", "error"),
    [
        ("shen", NOT_ALLOWED),
        ("qian", NOT_ALLOWED),
        ("yao", NOT_ALLOWED),
        ("cg-1", NOT_FOUND),
        ("lin", NOT_FOUND),
    ],
)
def test_only_the_department_that_handled_it_asks(who: str, error: object, town: Town) -> None:
    case = closed(town)
    refused(lambda: asked(town, case, by=actor(town, who)), error)


@loop.each(
    ("who", "error"), [("ma", NOT_ALLOWED), ("shen", NOT_ALLOWED), ("guan", NOT_ALLOWED), ("cg-1", NOT_FOUND)]
)
def test_only_duty_chief_and_auditor_decide(who: str, error: object, town: Town) -> None:
    one = asked(town, closed(town))
    by = actor(town, who)
    refused(lambda: actions.decide_exclusion(one.id, granted=True, words="", by=by, at=AT), error)
    actions.decide_exclusion(one.id, granted=True, words="", by=actor(town, "jian"), at=AT)
    if who in {"shen", "guan"}:
        refused(lambda: actions.appeal_exclusion(one.id, words="我也想申诉一下", by=by, at=AT), NOT_ALLOWED)


def test_what_there_is_not_is_not_found(town: Town) -> None:
    unknown, qian = UUID(loop.UNKNOWN), actor(town, "qian")
    refused(lambda: asked(town, Case(id=unknown)), NOT_FOUND)
    refused(lambda: actions.decide_exclusion(unknown, granted=True, words="", by=qian, at=AT), NOT_FOUND)
    refused(lambda: actions.appeal_exclusion(unknown, words="没有的申请", by=qian, at=AT), NOT_FOUND)


def test_the_list_tells_where_each_stands(town: Town) -> None:
    qian, jian = actor(town, "qian"), actor(town, "jian")
    waits, granted, no, appealed = (asked(town, closed(town)) for _ in range(4))
    for one, yes in ((granted, True), (no, False), (appealed, True)):
        actions.decide_exclusion(one.id, granted=yes, words="审定说明文字", by=qian, at=AT)
    actions.appeal_exclusion(appealed.id, words="不应当剔除此件", by=jian, at=AT)
    for chosen, expected in (
        ("waits", {waits.id}), ("granted", {granted.id, appealed.id}), ("refused", {no.id}),
        ("appealed", {appealed.id}), ("", {waits.id, granted.id, no.id, appealed.id}),
    ):  # fmt: skip
        assert {row.id for row in queries.exclusions_for(qian, chosen)} == expected
    assert queries.exclusions_for(actor(town, "cg-1")) == []
