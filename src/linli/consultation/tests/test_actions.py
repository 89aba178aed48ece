"""Asking, answering, declining, deciding, withdrawing: what is true afterwards, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from linli.cases import queries as cases
from linli.consultation import actions, queries, rules
from linli.consultation.models import Consultation, Invitation, Opinion, Verdict
from linli.consultation.tests.making import (
    QUESTION,
    TEXT,
    all_said,
    asked,
    hard_case,
    paper,
    said,
    weighed,
)
from linli.consultation.words import (
    ANSWERED_ALREADY,
    CLOSED,
    DECIDED_MEANWHILE,
    DECLINED_ALREADY,
    NO_DOCUMENT,
    NOT_ASKED,
    OPINION_CLOCK,
    OWN_OPINION,
    STILL_WAITING,
    Asked,
    Ground,
    Level,
    Risk,
    Stage,
    Upload,
    Weighing,
)
from linli.kernel import clocks, journal, seal
from linli.kernel.errors import (
    INVALID,
    NOT_ALLOWED,
    NOT_FOUND,
    RETRY_DIFFERS,
    TOO_LARGE,
    ErrorCode,
    Problem,
)
from linli.kernel.models import FactRow
from linli.notices.models import Notice
from linli.people import actions as people
from tests.world import AT, Town, actor

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _own_key(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def case(town: Town):
    return hard_case(town)


def refused(error: ErrorCode, write, *args, **given) -> Problem:
    with pytest.raises(Problem) as found:
        write(*args, **given)
    assert found.value.error is error
    return found.value


def kinds(case) -> list[str]:
    return [line.kind.rpartition(".")[2] for line in cases.history(case.id)]


def shown(town: Town, consultation: Consultation, who: str, at=AT) -> queries.Shown:
    by = actor(town, who, at)
    return queries.shown(queries.consultation_for(by, consultation.id, at), by, at)


def invitation(consultation: Consultation, town: Town, who: str) -> Invitation:
    return consultation.invitations.get(account_id=town.accounts[who])


def test_everybody_who_is_asked_gets_a_clock_by_the_risk_and_a_message(town: Town, case) -> None:
    made = asked(town, case)
    invited = list(made.invitations.all())
    assert len(invited) == 3
    for each in invited:
        (running,) = clocks.running(each.id)
        assert (running.name, str(running.amount), running.unit) == (OPINION_CLOCK, "2.00", "work_day")
        assert AT < running.warn_at < running.due_at == each.due_at
    told = set(Notice.objects.filter(template="opinion-asked").values_list("to_account_id", flat=True))
    assert {town.accounts["lawyer"], town.accounts["expert"], town.accounts["cg-1"]} <= told
    red = asked(town, case, risk=Risk.RED, accounts=[], topic="另一件")
    assert red.invitations.get().due_at == AT + timedelta(hours=24)


def test_the_question_is_nowhere_in_plain_and_the_case_record_does_not_hold_it(town: Town, case) -> None:
    made = asked(town, case)
    assert "ConsultationAsked" in kinds(case)
    for line in FactRow.objects.all():
        assert "直接清理" not in line.data
    assert queries.written(made.id).question == QUESTION


def test_the_asked_see_the_words_masked_and_only_chosen_pictures(town: Town, case) -> None:
    pictures = [item.file_id for items in cases.evidence(case.id).values() for item in items]
    made = asked(town, case, pictures=pictures[:1], documents=[paper()])
    by = actor(town, "lawyer")
    file = queries.file_of(queries.consultation_for(by, made.id, AT))
    assert "138****5678" in file.text
    assert queries.picture_for(by, made.id, pictures[0], AT) == pictures[0]
    refused(NOT_FOUND, queries.picture_for, by, made.id, uuid4(), AT)
    refused(NOT_FOUND, cases.case_for, by, case.id)
    document = made.documents.get()
    assert actions.take_document(document.id, by=by, at=AT).name == "法律意见书.pdf"
    refused(NOT_FOUND, actions.take_document, document.id, by=actor(town, "sz-1"), at=AT)


def test_an_opinion_is_signed_and_versioned_and_old_versions_stay_readable(town: Town, case) -> None:
    made = asked(town, case)
    first = said(town, made, "lawyer")
    second = said(town, made, "lawyer", text="补充:须先公告。", documents=[paper()])
    assert (first.version, second.version) == (1, 2)
    mine = next(each for each in shown(town, made, "qian").asked if each.id == first.invitation_id)
    assert [each.text for each in mine.opinions] == ["补充:须先公告。", TEXT]
    assert [each.current for each in mine.opinions] == [True, False]
    assert all(each.genuine for each in mine.opinions)
    assert [each.name for each in mine.opinions[0].documents] == ["法律意见书.pdf"]
    words = queries.written(made.id).opinions[first.id]
    assert not queries.genuine(first.note, rules.OPINION, words.salt, TEXT + "。")
    assert not queries.genuine(
        first.note.replace("level open", "level chief"), rules.OPINION, words.salt, TEXT
    )
    assert clocks.running(first.invitation_id) == []
    assert kinds(case).count("OpinionGiven") == 2


def test_changed_words_of_an_opinion_are_found_by_the_journal(town: Town, case) -> None:
    made = asked(town, case)
    said(town, made, "lawyer")
    seal.seal(AT)
    assert seal.verify().findings == []
    row = FactRow.objects.get(kind="consultation.OpinionWritten")
    from linli.kernel.fields import encrypt
    from linli.kernel.models import Secret

    Secret.objects.filter(fact_id=row.fact_id).update(
        ciphertext=encrypt('{"text":["00","换了"],"salt":["00","00"]}', journal.secret_place(row.fact_id))
    )
    assert len(seal.verify().findings) == 1


@pytest.mark.parametrize(
    ("who", "open_", "involved", "chief"),
    [
        ("qian", True, True, True),
        ("lu", True, False, False),  # sees the case, did not ask
        ("lawyer", True, True, False),
        ("cg-1", True, True, True),  # the author of the last one
        ("cg-2", True, True, False),
    ],
)
def test_an_opinion_is_read_by_its_level(town: Town, case, who, open_, involved, chief) -> None:
    made = asked(town, case)
    opinions = all_said(town, made)
    by = actor(town, who)
    for opinion, may in zip(opinions, (open_, involved, chief), strict=True):
        if may:
            assert actions.read_opinion(opinion.id, by=by, at=AT)[1]
        else:
            refused(NOT_FOUND, actions.read_opinion, opinion.id, by=by, at=AT)
    view = shown(town, made, who)
    found = {each.id: each for one in view.asked for each in one.opinions}
    assert [found[each.id].readable for each in opinions] == [open_, involved, chief]
    assert [found[each.id].text is not None for each in opinions] == [True, False, False]


def test_every_look_at_a_confidential_opinion_is_on_the_case_record(town: Town, case) -> None:
    made = asked(town, case)
    opinions = all_said(town, made)
    before = kinds(case).count("OpinionRead")
    for opinion in opinions:
        actions.read_opinion(opinion.id, by=actor(town, "qian"), at=AT)
    looks = [line for line in cases.history(case.id) if line.kind == "consultation.OpinionRead"]
    assert len(looks) - before == 2
    assert looks[0].by_label == actor(town, "qian").name
    assert "保密意见" in looks[0].fact.sentence().zh


def test_a_confidential_document_is_taken_by_readers_only_and_on_record(town: Town, case) -> None:
    made = asked(town, case)
    opinion = said(town, made, "expert", Level.CHIEF, documents=[paper()])
    document = opinion.documents.get()
    refused(NOT_FOUND, actions.take_document, document.id, by=actor(town, "lawyer"), at=AT)
    actions.take_document(document.id, by=actor(town, "qian"), at=AT)
    assert kinds(case).count("OpinionRead") == 1


def test_the_file_closes_for_the_asked_on_a_dated_day(town: Town, case) -> None:
    made = asked(town, case)
    by = actor(town, "lawyer")
    said(town, made, "lawyer")
    assert queries.consultation_for(by, made.id, AT + 7 * DAY - timedelta(seconds=1))
    refused(NOT_FOUND, queries.consultation_for, by, made.id, AT + 7 * DAY)
    assert made.id not in {each.id for each in queries.visible_to(by, AT + 7 * DAY)}
    refused(DECLINED_ALREADY, said, town, made, "lawyer", at=AT + 8 * DAY)


def test_declining_for_a_conflict_closes_the_file_at_once(town: Town, case) -> None:
    made = asked(town, case)
    by = actor(town, "lawyer")
    problem = refused(INVALID, actions.decline, made.id, by=by, at=AT, ground="conflict", reason_given="有")
    assert set(problem.fields) == {"reason"}
    refused(INVALID, actions.decline, made.id, by=by, at=AT, ground="mood", reason_given="没有心情")
    actions.decline(made.id, by=by, at=AT, ground=Ground.CONFLICT, reason_given="我代理过该商户")
    mine = invitation(made, town, "lawyer")
    assert mine.stage == Asked.DECLINED
    assert clocks.running(mine.id) == []
    refused(NOT_FOUND, queries.consultation_for, by, made.id, AT)
    refused(DECLINED_ALREADY, said, town, made, "lawyer")
    chief = next(each for each in shown(town, made, "qian").asked if each.id == mine.id)
    assert chief.reason == "我代理过该商户"
    other = next(each for each in shown(town, made, "lu").asked if each.id == mine.id)
    assert other.reason == ""
    assert all("我代理过该商户" not in str(line.fact) for line in cases.history(case.id))


def test_who_answered_cannot_decline_and_who_was_not_asked_can_do_neither(town: Town, case) -> None:
    made = asked(town, case)
    said(town, made, "lawyer")
    decline = {"at": AT, "ground": Ground.TIME, "reason_given": "出差在外"}
    refused(ANSWERED_ALREADY, actions.decline, made.id, by=actor(town, "lawyer"), **decline)
    refused(NOT_ASKED, actions.decline, made.id, by=actor(town, "lu"), **decline)
    refused(NOT_FOUND, said, town, made, "sz-1")
    refused(NOT_FOUND, said, town, made, "lin")
    people.end_tenure(tenure_id=_tenure(town, "expert"), reason="到期", by=actor(town, "guan"), at=AT)
    refused(NOT_FOUND, said, town, made, "expert", at=AT + DAY)


def _tenure(town: Town, who: str):
    from linli.people.models import Tenure

    return Tenure.objects.get(holder_id=town.accounts[who]).id


def test_a_decision_lists_what_is_followed_and_what_is_not(town: Town, case) -> None:
    made = asked(town, case)
    opinions = all_said(town, made)
    verdict = actions.decide(
        made.id, by=actor(town, "qian"), at=AT, text="责令改正后清理。", weighed=weighed(opinions)
    )
    view = shown(town, made, "lu")
    assert view.stage is Stage.DECIDED
    (decision,) = view.decisions
    assert decision.genuine
    assert decision.text == "责令改正后清理。"
    assert sorted((each.followed, each.reason) for each in decision.weighed) == [
        (False, "与现行规定不一致"), (False, "与现行规定不一致"), (True, ""),
    ]  # fmt: skip
    assert verdict.version == 1
    assert "采纳 1 条意见,未采纳 2 条" in cases.history(case.id)[-1].fact.sentence().zh
    refused(CLOSED, said, town, made, "lawyer")


def test_a_newer_version_must_be_weighed_not_the_one_it_replaced(town: Town, case) -> None:
    made = asked(town, case, departments=[], accounts=[town.accounts["lawyer"]])
    old = said(town, made, "lawyer")
    new = said(town, made, "lawyer", text="改为不可以。")
    problem = refused(
        INVALID, actions.decide, made.id, by=actor(town, "qian"), at=AT, text="定", weighed=weighed([old])
    )
    assert set(problem.fields) == {"weighed"}
    assert actions.decide(made.id, by=actor(town, "qian"), at=AT, text="定", weighed=weighed([new]))


def test_a_new_decision_supersedes_and_the_old_one_stays(town: Town, case) -> None:
    made = asked(town, case)
    opinions = all_said(town, made)
    chief = actor(town, "qian")
    first = actions.decide(made.id, by=chief, at=AT, text="甲", weighed=weighed(opinions))
    refused(DECIDED_MEANWHILE, actions.decide, made.id, by=chief, at=AT, text="乙", weighed=weighed(opinions))
    second = actions.decide(
        made.id, by=chief, at=AT + DAY, text="乙", weighed=weighed(opinions), supersedes=1
    )
    view = shown(town, made, "qian", AT + DAY)
    assert [(each.id, each.holds, each.text) for each in view.decisions] == [
        (second.id, True, "乙"), (first.id, False, "甲"),
    ]  # fmt: skip
    assert Verdict.objects.count() == 2


def test_nobody_who_is_asked_is_passed_over_silently(town: Town, case) -> None:
    made = asked(town, case)
    one = said(town, made, "lawyer")
    chief = actor(town, "qian")
    refused(STILL_WAITING, actions.decide, made.id, by=chief, at=AT, text="定", weighed=weighed([one]))
    actions.decide(made.id, by=chief, at=AT, text="定", weighed=weighed([one]), waived="当晚就要处置")
    assert {each.stage for each in made.invitations.all()} == {Asked.ANSWERED, Asked.RELEASED}
    assert queries.written(made.id).reasons[made.id] == "当晚就要处置"
    refused(NOT_FOUND, queries.consultation_for, actor(town, "expert"), made.id, AT)
    assert queries.consultation_for(actor(town, "lawyer"), made.id, AT)


def test_whoever_gave_an_opinion_decides_in_a_meeting_only(town: Town, case) -> None:
    made = asked(town, case, who="lu", accounts=[town.accounts["qian"]], departments=[])
    one = said(town, made, "qian")
    chief = actor(town, "qian")
    refused(OWN_OPINION, actions.decide, made.id, by=chief, at=AT, text="定", weighed=weighed([one]))
    few = refused(
        INVALID, actions.decide, made.id, by=chief, at=AT, text="定", weighed=weighed([one]),
        meeting=[town.accounts["lu"]],
    )  # fmt: skip
    assert set(few.fields) == {"meeting"}
    refused(
        INVALID, actions.decide, made.id, by=chief, at=AT, text="定", weighed=weighed([one]),
        meeting=[town.accounts["lu"], town.accounts["lin"]],
    )  # fmt: skip
    verdict = actions.decide(
        made.id, by=chief, at=AT, text="定", weighed=weighed([one]),
        meeting=[town.accounts["lu"], town.accounts["gu"]],
    )  # fmt: skip
    assert len(verdict.meeting) == 3


@pytest.mark.parametrize("who", ["lu", "shen", "ma", "lawyer", "guan", "jian", "zhou"])
def test_only_the_duty_chief_decides_and_hands_up(town: Town, case, who) -> None:
    made = asked(town, case)
    opinions = all_said(town, made)
    by = actor(town, who)
    with pytest.raises(Problem) as found:
        actions.decide(made.id, by=by, at=AT, text="定", weighed=weighed(opinions))
    assert found.value.error in {NOT_ALLOWED, NOT_FOUND}
    with pytest.raises(Problem) as found:
        actions.hand_up(case.id, by=by, at=AT, to="区城运中心", reason_given="超出镇级权限")
    assert found.value.error in {NOT_ALLOWED, NOT_FOUND}


@pytest.mark.parametrize("who", ["shen", "ma", "gu", "jian", "guan"])
def test_only_the_dispatcher_and_the_duty_chief_ask(town: Town, case, who) -> None:
    refused(NOT_ALLOWED, asked, town, case, who=who)
    refused(NOT_FOUND, asked, town, case, who="sz-1")


def test_withdrawing_closes_the_file_for_everybody_who_was_asked(town: Town, case) -> None:
    made = asked(town, case, who="lu")
    said(town, made, "lawyer")
    refused(NOT_ALLOWED, actions.withdraw, made.id, by=actor(town, "shen"), at=AT, reason_given="不需要了")
    actions.withdraw(made.id, by=actor(town, "lu"), at=AT, reason_given="当事人已和解")
    assert shown(town, made, "lu").withdrawn == "当事人已和解"
    for who in ("lawyer", "expert"):
        refused(NOT_FOUND, queries.consultation_for, actor(town, who), made.id, AT)
    for each in made.invitations.all():
        assert clocks.running(each.id) == []
    refused(CLOSED, actions.withdraw, made.id, by=actor(town, "qian"), at=AT, reason_given="再撤一次")
    refused(CLOSED, actions.decide, made.id, by=actor(town, "qian"), at=AT, text="定", weighed=[])


def test_the_clock_reminds_and_then_says_that_nobody_answered(town: Town, case) -> None:
    made = asked(town, case)
    mine = invitation(made, town, "lawyer")
    (running,) = clocks.running(mine.id)
    said(town, made, "expert")
    clocks.fire_due(running.warn_at)
    assert kinds(case).count("AnswerNear") == 2
    clocks.fire_due(running.due_at)
    assert kinds(case).count("AnswerMissed") == 2
    mine.refresh_from_db()
    assert mine.missed_at == running.due_at
    missed = Notice.objects.filter(template="opinion-missed", to_account_id=town.accounts["qian"])
    assert missed.count() == 2
    late = said(town, made, "lawyer", at=running.due_at + DAY)
    assert late.version == 1
    clocks.fire_due(running.due_at + 9 * DAY)
    assert kinds(case).count("AnswerMissed") == 2


def test_a_retry_is_harmless_and_other_content_is_refused(town: Town, case) -> None:
    ids = [uuid4() for _ in range(4)]
    made = asked(town, case, id=ids[0])
    assert asked(town, case, id=ids[0]).id == made.id
    refused(RETRY_DIFFERS, asked, town, case, id=ids[0], topic="别的")
    one = said(town, made, "lawyer", id=ids[1])
    assert said(town, made, "lawyer", id=ids[1]).id == one.id
    refused(RETRY_DIFFERS, said, town, made, "lawyer", id=ids[1], text="别的意见")
    decline = {"by": actor(town, "expert"), "at": AT, "ground": "time", "id": ids[2]}
    actions.decline(made.id, reason_given="出差在外", **decline)
    actions.decline(made.id, reason_given="出差在外", **decline)
    refused(RETRY_DIFFERS, actions.decline, made.id, reason_given="在开会呢", **decline)
    decide = {
        "by": actor(town, "qian"),
        "at": AT,
        "weighed": weighed([one]),
        "waived": "不能再等",
        "id": ids[3],
    }
    verdict = actions.decide(made.id, text="定", **decide)
    assert actions.decide(made.id, text="定", **decide).id == verdict.id
    refused(RETRY_DIFFERS, actions.decide, made.id, text="另定", **decide)
    counts = [model.objects.count() for model in (Consultation, Opinion, Verdict)]
    assert counts == [1, 1, 1]
    names = kinds(case)
    assert [names.count(k) for k in ("ConsultationAsked", "OpinionGiven", "OpinionDeclined", "ConsultationDecided")] == [1] * 4  # fmt: skip


BAD_ASKING = {
    "no question": ({"question": "  "}, "question"),
    "a long question": ({"question": "长" * 4001}, "question"),
    "a NUL": ({"question": "a\x00b"}, "question"),
    "no topic": ({"topic": ""}, "topic"),
    "a long topic": ({"topic": "长" * 61}, "topic"),
    "no such risk": ({"risk": "purple"}, "risk"),
    "nobody": ({"accounts": [], "departments": []}, "whom"),
    "an unknown person": ({"accounts": [uuid4()]}, "whom"),
    "an unknown department": ({"departments": [uuid4()]}, "whom"),
    "too many": ({"accounts": [uuid4() for _ in range(11)]}, "whom"),
    "another case's picture": ({"pictures": [uuid4()]}, "pictures"),
    "too many documents": ({"documents": [paper(more=bytes([n])) for n in range(6)]}, "documents"),
}


@pytest.mark.parametrize("name", BAD_ASKING)
def test_what_is_wrong_with_an_asking_is_said_at_its_field(town: Town, case, name) -> None:
    changes, field = BAD_ASKING[name]
    assert set(refused(INVALID, asked, town, case, **changes).fields) == {field}
    assert Consultation.objects.count() == 0


def test_neither_oneself_nor_the_reporter_nor_an_auditor_is_asked(town: Town, case) -> None:
    for who in ("qian", "jian", "lin"):
        problem = refused(INVALID, asked, town, case, accounts=[town.accounts[who]])
        assert set(problem.fields) == {"whom"}


def test_what_is_no_pdf_or_too_large_is_refused(town: Town, case) -> None:
    html = Upload("a.pdf", b"<script>alert(1)</script>")
    assert set(refused(NO_DOCUMENT, asked, town, case, documents=[html]).fields) == {"documents"}
    large = Upload("a.pdf", b"%PDF-" + b"x" * 10_485_760 + b"%%EOF")
    refused(TOO_LARGE, asked, town, case, documents=[large])


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"text": ""}, "text"), ({"text": "长" * 8001}, "text"), ({"level": "secret"}, "level")],
)
def test_what_is_wrong_with_an_opinion_is_said_at_its_field(town: Town, case, changes, field) -> None:
    made = asked(town, case)
    assert set(refused(INVALID, said, town, made, "lawyer", **changes).fields) == {field}


def test_a_long_or_missing_decision_is_refused_at_its_field(town: Town, case) -> None:
    made = asked(town, case)
    opinions = all_said(town, made)
    given = {"by": actor(town, "qian"), "at": AT}
    for text in ("", "长" * 8001):
        problem = refused(INVALID, actions.decide, made.id, text=text, weighed=weighed(opinions), **given)
        assert set(problem.fields) == {"text"}
    long = [Weighing(each.id, False, "长" * 1001) for each in opinions]
    assert set(refused(INVALID, actions.decide, made.id, text="定", weighed=long, **given).fields) == {
        "weighed"
    }


def test_lists_show_each_what_concerns_them(town: Town, case) -> None:
    made = asked(town, case, who="lu")
    listed = lambda who, tab: [line.consultation.id for line in queries.lines(tab, actor(town, who), AT)]  # noqa: E731 - a local shorthand
    assert listed("lawyer", "waiting") == [made.id]
    assert listed("cg-2", "waiting") == [made.id]
    assert listed("sz-1", "waiting") == []
    assert listed("lu", "asked") == [made.id]
    assert listed("qian", "decide") == []
    opinions = all_said(town, made)
    assert listed("lawyer", "waiting") == []
    assert listed("qian", "decide") == [made.id]
    actions.decide(made.id, by=actor(town, "qian"), at=AT, text="定", weighed=weighed(opinions))
    for who in ("qian", "lu", "shen", "lawyer", "cg-2"):
        assert listed(who, "ended") == [made.id], who
    assert listed("sz-1", "ended") == []
    assert listed("expert", "ended") == [made.id]
    assert queries.counts(actor(town, "qian"), AT) == {"waiting": 0, "decide": 0, "asked": 0, "ended": 1}


def test_the_panel_of_a_case_costs_little_and_is_for_staff(
    town: Town, case, django_assert_max_num_queries
) -> None:
    by = actor(town, "shen")
    with django_assert_max_num_queries(1):
        assert queries.case_panel(case, by, AT) is None
    assert queries.case_panel(case, actor(town, "lin"), AT) is None
    all_said(town, asked(town, case))
    with django_assert_max_num_queries(10):
        panel = queries.case_panel(case, by, AT)
    assert panel is not None
    assert not panel.may_ask
    assert queries.case_panel(case, actor(town, "qian"), AT).may_hand_up


def test_whoever_asked_asks_others_too_each_with_a_clock_of_their_own(town: Town, case) -> None:
    made = asked(town, case, who="lu", accounts=[town.accounts["lawyer"]], departments=[])
    first = invitation(made, town, "lawyer").due_at
    later, id = AT + DAY, uuid4()
    given = {"accounts": [town.accounts["expert"]], "departments": [town.departments["CG"]], "id": id}
    for _ in range(2):  # sent again it is one
        actions.ask_more(made.id, by=actor(town, "lu", later), at=later, **given)
    assert made.invitations.count() == 3
    assert invitation(made, town, "lawyer").due_at == first
    new = invitation(made, town, "expert")
    assert new.due_at > first
    (running,) = clocks.running(new.id)
    assert (running.started_at, running.due_at) == (later, new.due_at)
    told = set(Notice.objects.filter(template="opinion-asked").values_list("to_account_id", flat=True))
    assert {town.accounts["expert"], town.accounts["cg-1"]} <= told
    assert kinds(case).count("MoreAsked") == 1
    said(town, made, "expert", at=later)
    refused(RETRY_DIFFERS, actions.ask_more, made.id, by=actor(town, "lu", later), at=later, **(given | {"departments": []}))  # fmt: skip


def test_others_are_asked_only_while_it_is_open_and_by_whoever_asked_or_decides(town: Town, case) -> None:
    made = asked(town, case, who="lu", accounts=[town.accounts["lawyer"]], departments=[])

    def more(who: str = "lu", **given):
        return actions.ask_more(made.id, by=actor(town, who), at=AT, **given)

    expert = {"accounts": [town.accounts["expert"]]}
    for who, error in (("chen", NOT_ALLOWED), ("lawyer", NOT_ALLOWED), ("grid-201-1", NOT_FOUND)):
        refused(error, more, who, **expert)
    for given in (
        {},
        {"accounts": [town.accounts["lawyer"]]},
        {"accounts": [town.accounts["lu"]]},
        {"accounts": [uuid4()]},
        {"departments": [uuid4()]},
    ):
        assert set(refused(INVALID, more, **given).fields) == {"whom"}
    assert set(refused(INVALID, more, "qian", accounts=[town.accounts["lu"]]).fields) == {"whom"}
    more("qian", **expert)
    actions.withdraw(made.id, by=actor(town, "lu"), at=AT, reason_given="已另行解决")
    refused(CLOSED, more, departments=[town.departments["CG"]])
    assert made.invitations.count() == 2
