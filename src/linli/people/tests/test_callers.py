"""Residents of a whole batch are those whom a clerk would register one by one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import codec, journal
from linli.kernel.access import ANONYMOUS, SYSTEM
from linli.kernel.errors import NOT_SIGNED_IN, Problem
from linli.kernel.models import FactRow
from linli.people import actions, queries
from linli.people.models import Resident
from linli.people.rules import phone
from linli.people.tests.town import AT

PEOPLE = [
    ("16100000021", "王女士"), ("161 0000 0021", ""), ("+86 16100000022", ""), ("021-57391234", "李"), ("", "无名"),
    ("号码不对", "张"), ("16100000023", "x" * 41), ("16100000022", "后来说的名字"),
]  # fmt: skip


def told(resident_id: object) -> list[object]:
    return [
        (line.kind, line.fact, line.at, line.by_kind, line.by_label) for line in journal.history(resident_id)
    ]


pytestmark = pytest.mark.django_db


def test_all_at_once_are_what_they_are_one_by_one() -> None:
    found = actions.register_residents(people=PEOPLE, by=SYSTEM, at=AT)
    assert found[0] == found[1]
    assert found[2] == found[7]
    assert [number is None for number in found] == [False] * 4 + [True, True] + [False] * 2
    shown = [(queries.phone_of(id), queries.name_of(id), told(id)) for id in found if id]
    for line in FactRow.objects.all():
        assert codec.dumps(json.loads(line.data)) == line.data, "in the one form in which the journal writes"
    Resident.objects.all().delete()
    for number, name in (
        ("16100000021", "王女士"),
        ("16100000022", "后来说的名字"),
        ("021-57391234", "李"),
        ("16100000023", ""),
    ):
        one = actions.register_resident(phone=number, name=name, by=SYSTEM, at=AT)
        assert (queries.phone_of(one.id), queries.name_of(one.id), told(one.id)) in shown


def test_who_is_known_stays_and_gets_a_name_once() -> None:
    before = actions.register_resident(phone="16100000031", by=SYSTEM, at=AT)
    named = actions.register_resident(phone="16100000032", name="原名", by=SYSTEM, at=AT)
    found = actions.register_residents(
        people=[("16100000031", "新名"), ("16100000032", "别名")], by=SYSTEM, at=AT
    )
    assert found == [before.id, named.id]
    assert [queries.name_of(id) for id in found if id] == ["新名", "原名"]
    assert actions.register_residents(people=[], by=SYSTEM, at=AT) == []


def test_only_a_clerk_may() -> None:
    with pytest.raises(Problem) as refused:
        actions.register_residents(people=PEOPLE, by=ANONYMOUS, at=AT)
    assert refused.value.error is NOT_SIGNED_IN


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_the_short_way_of_a_mobile_number_says_the_same_as_the_long_one(number: str) -> None:
    assert phone.normalise_phone(number) == phone.normalise_phone(f" {number}") == f"+86{number}"
