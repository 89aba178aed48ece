"""Masking, who may read what, when somebody may answer, what a decision needs."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.consultation import rules
from linli.consultation.words import Asked, Level, Stage, Weighing
from tests.world import AT

LONG_RUN = re.compile(r"\d{7,}")
standings = st.builds(rules.Standing, st.booleans(), st.booleans(), st.booleans(), st.booleans())


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话 13812345678。", "电话 138****5678。"),
        ("138-1234-5678", "138****5678"),
        ("138 1234 5678找我", "138****5678找我"),
        ("+8613812345678", "+86*******5678"),
        ("021-57301234", "021****1234"),
        ("身份证 310116198001011234,速办", "310*************34"),
        ("31011619800101123X", "310*************3X"),
        ("案件 20260310000123 与 2026-03-10 有关", "案件 20260310000123 与 2026-03-10 有关"),
        ("2026-03-10 14 时,8 号楼 101 室", "2026-03-10 14 时,8 号楼 101 室"),
        ("罚款 200000 元", "罚款 200000 元"),
        ("", ""),
    ],
)
def test_personal_numbers_are_masked_and_case_numbers_and_dates_stay(text: str, masked: str) -> None:
    found = rules.mask(text)
    assert masked in found if "身份证" in text else found == masked


@given(st.text("0123456789 -+Xx号楼", max_size=60))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = rules.mask(text)
    assert rules.mask(once) == once


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text("号楼说,。", max_size=5))
def test_no_mobile_number_survives_masking(phone: str, beside: str) -> None:
    assert phone not in rules.mask(f"{beside}{phone}{beside}")


@given(st.sampled_from(Level), standings)
def test_a_stricter_level_is_never_read_by_more_people(level: Level, standing: rules.Standing) -> None:
    order = [Level.OPEN, Level.INVOLVED, Level.CHIEF]
    readable = [rules.may_read(each, standing, author=False) for each in order]
    assert readable == sorted(readable, reverse=True)
    assert rules.may_read(level, standing, author=True)
    if not standing.any:
        assert not any(readable)
    if standing.chief:
        assert all(readable)
    assert rules.logged(level) is (level is not Level.OPEN)


def test_the_file_is_seen_while_asked_and_until_a_dated_end() -> None:
    later = AT + timedelta(days=7)
    assert rules.sees_file(Asked.WAITING, None, AT)
    assert rules.sees_file(Asked.ANSWERED, later, AT)
    assert not rules.sees_file(Asked.ANSWERED, later, later)
    assert not rules.sees_file(Asked.ANSWERED, None, AT)
    for stage in (Asked.DECLINED, Asked.RELEASED):
        assert not rules.sees_file(stage, later, AT)


@pytest.mark.parametrize(
    ("stage", "asked", "until", "refused"),
    [
        (Stage.OPEN, Asked.WAITING, None, ""),
        (Stage.OPEN, Asked.ANSWERED, AT + timedelta(1), ""),
        (Stage.OPEN, Asked.ANSWERED, AT, "over"),
        (Stage.OPEN, Asked.DECLINED, AT, "over"),
        (Stage.DECIDED, Asked.ANSWERED, AT + timedelta(1), "closed"),
        (Stage.WITHDRAWN, Asked.WAITING, None, "closed"),
    ],
)
def test_when_an_opinion_may_be_given(stage, asked, until, refused) -> None:
    assert rules.answering(stage, asked, until, AT) == refused


def test_declining_comes_before_answering() -> None:
    assert rules.declining(Stage.OPEN, Asked.WAITING) == ""
    assert rules.declining(Stage.OPEN, Asked.ANSWERED) == "answered"
    assert rules.declining(Stage.OPEN, Asked.DECLINED) == "over"
    assert rules.declining(Stage.DECIDED, Asked.WAITING) == "closed"


ONE, TWO, CHIEF, OTHER, THIRD = (uuid4() for _ in range(5))
KNOWN = rules.Deciding(Stage.OPEN, {ONE: OTHER, TWO: OTHER}, waiting=0, decider=CHIEF)
BOTH = [Weighing(ONE, True), Weighing(TWO, False, "与规定不一致")]


@pytest.mark.parametrize(
    ("changes", "weighed", "waived", "refused"),
    [
        ({}, BOTH, "", ""),
        ({"stage": Stage.WITHDRAWN}, BOTH, "", "withdrawn"),
        ({"stage": Stage.DECIDED}, BOTH, "", ""),
        ({"waiting": 1}, BOTH, "", "waiting"),
        ({"waiting": 1}, BOTH, "时间紧迫", ""),
        ({"waiting": 1}, BOTH, " 急 ", "waiting"),
        ({}, BOTH[:1], "", "unweighed"),
        ({}, [*BOTH, BOTH[0]], "", "twice"),
        ({}, [*BOTH, Weighing(THIRD, True)], "", "unknown"),
        ({}, [BOTH[0], Weighing(TWO, False, "不")], "", "reason"),
        ({"decider": OTHER}, BOTH, "", "own"),
        ({"decider": OTHER, "meeting": frozenset({OTHER, CHIEF})}, BOTH, "", "small"),
        ({"decider": OTHER, "meeting": frozenset({OTHER, CHIEF, THIRD})}, BOTH, "", ""),
        ({"authors": {}}, [], "", ""),
    ],
)
def test_what_a_decision_needs(changes, weighed, waived, refused) -> None:
    known = rules.Deciding(
        **{name: getattr(KNOWN, name) for name in KNOWN.__slots__} | changes,
    )
    assert rules.deciding(known, weighed, waived) == refused


@given(
    st.dictionaries(st.uuids(), st.uuids(), max_size=4),
    st.integers(0, 2),
    st.lists(st.booleans(), max_size=4),
)
def test_an_accepted_decision_weighs_every_opinion_exactly_once(authors, waiting, followed) -> None:
    known = rules.Deciding(Stage.OPEN, authors, waiting, decider=CHIEF)
    weighed = [Weighing(key, yes, "因为不同") for key, yes in zip(authors, followed, strict=False)]
    if rules.deciding(known, weighed, "") == "":
        assert waiting == 0
        assert sorted(each.opinion for each in weighed) == sorted(authors)
    else:
        assert waiting or len(weighed) < len(authors)


@pytest.mark.parametrize(
    ("name", "data", "taken"),
    [
        ("a.pdf", b"%PDF-1.7 x %%EOF\n", True),
        ("A.PDF", b"%PDF-1.7 x %%EOF", True),
        ("a.pdf.exe", b"%PDF-1.7 x %%EOF", False),
        ("a.pdf", b"MZ%PDF-1.7 x %%EOF", False),
        ("a.pdf", b"<html>%PDF- %%EOF", False),
        ("a.pdf", b"%PDF-1.7", False),
        ("a.pdf", b"", False),
        ("a.pdf", b"%PDF-1.7 %%EOF" + b"x" * 2000, False),
    ],
)
def test_only_a_pdf_is_a_document(name: str, data: bytes, taken: bool) -> None:
    assert rules.is_document(name, data) is taken


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_statement_keeps_each_value_on_its_own_line(value: str, other: str) -> None:
    text = rules.statement(rules.OPINION, [("one", value), ("two", other)])
    assert len(text.split("\n")) == 4
    title, values = rules.read_statement(text)
    assert title == rules.OPINION
    assert values == {"one": " ".join(value.split()), "two": " ".join(other.split())}
