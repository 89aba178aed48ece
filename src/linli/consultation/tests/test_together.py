"""At the same moment, on the real engine: one decision, one version each, one dossier, nothing lost or doubled."""

from __future__ import annotations

from uuid import uuid4

import pytest

from linli.cases.tests.test_together import at_once
from linli.consultation import actions
from linli.consultation.models import Dossier, Invitation, Opinion, Verdict
from linli.consultation.tests.making import all_said, asked, hard_case, said, weighed
from linli.consultation.words import DECIDED_MEANWHILE, Asked
from linli.kernel import clocks, journal
from linli.kernel.errors import Problem
from linli.kernel.models import FactRow
from tests.world import AT, Town, actor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_key(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def case(town: Town):
    return hard_case(town)


def test_of_two_decisions_at_once_one_holds_and_the_other_is_told(town: Town, case) -> None:
    made = asked(town, case)
    opinions = weighed(all_said(town, made))
    chief = actor(town, "qian")
    answers = at_once(
        [
            lambda text=text: actions.decide(made.id, by=chief, at=AT, text=text, weighed=opinions)
            for text in ("甲", "乙", "丙")
        ]
    )
    refused = [each for each in answers if isinstance(each, Problem)]
    assert [each.error for each in refused] == [DECIDED_MEANWHILE] * 2, answers
    assert Verdict.objects.get().version == 1
    assert FactRow.objects.filter(kind="consultation.ConsultationDecided").count() == 1


def test_two_handlers_of_a_department_write_two_versions_and_neither_is_lost(town: Town, case) -> None:
    made = asked(town, case)
    answers = at_once(
        [lambda who=who: said(town, made, who, text=f"{who} 的意见") for who in ("cg-1", "cg-2", "cg-3")]
    )
    assert sorted(each.version for each in answers) == [1, 2, 3]
    mine = Invitation.objects.get(consultation=made, department_id=town.departments["CG"])
    assert (mine.versions, mine.stage) == (3, Asked.ANSWERED)
    assert clocks.running(mine.id) == []


def test_one_write_sent_several_times_at_once_is_one(town: Town, case) -> None:
    identity, opinion = uuid4(), uuid4()
    answers = at_once([lambda: asked(town, case, id=identity) for _ in range(4)])
    assert {getattr(each, "id", each) for each in answers} == {identity}
    made = asked(town, case, id=identity)
    answers = at_once([lambda: said(town, made, "lawyer", id=opinion) for _ in range(4)])
    assert {getattr(each, "id", each) for each in answers} == {opinion}
    assert Opinion.objects.count() == 1
    identity = uuid4()
    hand_up = {
        "by": actor(town, "qian"),
        "at": AT,
        "to": "区里",
        "reason_given": "超出镇级权限",
        "id": identity,
    }
    answers = at_once([lambda: actions.hand_up(case.id, **hand_up) for _ in range(3)])
    assert {getattr(each, "id", each) for each in answers} == {identity}
    assert Dossier.objects.count() == 1
    assert [line.kind for line in journal.history(case.id)].count("consultation.CaseHandedUp") == 1


def test_a_decision_and_an_opinion_at_once_leave_no_opinion_unweighed(town: Town, case) -> None:
    made = asked(town, case)
    opinions = all_said(town, made)
    chief = actor(town, "qian")
    decision, late = at_once(
        [
            lambda: actions.decide(made.id, by=chief, at=AT, text="定", weighed=weighed(opinions)),
            lambda: said(town, made, "lawyer", text="补充意见"),
        ]
    )
    assert isinstance(decision, Problem) is not isinstance(late, Problem)
