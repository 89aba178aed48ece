"""Residents by telephone and code."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from linli.kernel import journal
from linli.kernel.access import SYSTEM, Actor
from linli.kernel.errors import Problem
from linli.people import actions, queries
from linli.people.models import PhoneCode, Resident
from linli.people.tests.town import AT, Town, account

PHONE = "13812345678"


def issue(phone: str = PHONE, minutes: float = 0, sender: str = "192.0.2.1") -> actions.IssuedCode:
    return actions.issue_phone_code(phone=phone, sender=sender, at=AT + timedelta(minutes=minutes))


def refusal(phone: str, code: str, minutes: float = 1) -> str:
    with pytest.raises(Problem) as refused:
        actions.verify_phone_code(phone=phone, code=code, at=AT + timedelta(minutes=minutes))
    return refused.value.error.code


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


@pytest.mark.django_db
def test_the_right_code_makes_the_resident_once() -> None:
    first = actions.verify_phone_code(phone="+86 138-1234-5678", code=issue().code, at=AT)
    again = actions.verify_phone_code(phone=PHONE, code=issue(minutes=2).code, at=AT + timedelta(minutes=3))
    assert first.id == again.id
    assert queries.phone_of(first.id) == "+8613812345678"
    assert queries.resident_id_of("１３８ 1234 5678") == first.id


@pytest.mark.django_db
def test_a_code_works_once_and_full_width_digits_are_taken() -> None:
    code = issue().code
    actions.verify_phone_code(
        phone=PHONE, code=code.translate(str.maketrans("0123456789", "０１２３４５６７８９")), at=AT
    )
    assert refusal(PHONE, code) == "people.wrong-code"


@pytest.mark.django_db
def test_five_wrong_tries_end_the_code_even_for_the_right_one() -> None:
    code = issue().code
    for _ in range(5):
        assert refusal(PHONE, other_than(code)) == "people.wrong-code"
    assert refusal(PHONE, code) == "people.wrong-code"
    assert not Resident.objects.exists()


@pytest.mark.django_db
def test_a_code_dies_after_ten_minutes_and_with_the_next_one() -> None:
    assert refusal(PHONE, issue().code, minutes=10) == "people.wrong-code"
    old = issue(minutes=20).code
    new = issue(minutes=22).code
    if old != new:
        assert refusal(PHONE, old, minutes=23) == "people.wrong-code"
    actions.verify_phone_code(phone=PHONE, code=new, at=AT + timedelta(minutes=24))


@pytest.mark.django_db
def test_a_code_belongs_to_its_telephone() -> None:
    code = issue().code
    issue("13912345678", sender="192.0.2.2")
    assert refusal("13712345678", code) == "people.wrong-code"


@pytest.mark.django_db
def test_asking_too_often_is_refused_for_the_telephone_and_for_the_address() -> None:
    issue()
    with pytest.raises(Problem) as soon:
        issue(minutes=0.5)
    assert soon.value.error.status == 429
    for n in range(29):
        issue(f"139000000{n:02}", minutes=1)
    with pytest.raises(Problem) as many:
        issue("13900000099", minutes=1)
    assert many.value.error.status == 429
    issue("13900000099", minutes=1, sender="192.0.2.9")


@pytest.mark.django_db
def test_neither_number_nor_code_is_stored_in_clear() -> None:
    issued = issue()
    resident = actions.verify_phone_code(phone=PHONE, code=issued.code, at=AT)
    rows = str(list(PhoneCode.objects.values())) + str(list(Resident.objects.values()))
    assert PHONE not in rows
    assert f"'{issued.code}'" not in rows
    assert PHONE not in " ".join(line.fact.sentence().zh for line in journal.history(resident.id))


@pytest.mark.django_db
def test_a_bad_number_says_which_field_is_wrong() -> None:
    with pytest.raises(Problem) as refused:
        issue("12345")
    assert refused.value.error.status == 422
    assert "phone" in refused.value.fields


def test_a_clerk_takes_a_caller_down_and_a_stranger_does_not(town: Town) -> None:
    resident = actions.register_resident(phone=PHONE, name="王 阿姨", by=SYSTEM, at=AT)
    assert actions.register_resident(phone="+8613812345678", name="李", by=SYSTEM, at=AT).id == resident.id
    assert queries.name_of(resident.id) == "王 阿姨"
    with pytest.raises(Problem):
        actions.register_resident(phone=PHONE, by=queries.actor_for(account("plain"), AT), at=AT)


def test_a_resident_can_sign_in_with_an_account_of_their_own(town: Town) -> None:
    mine, other = account("mine"), account("other")
    resident = actions.register_resident(phone=PHONE, by=SYSTEM, at=AT)
    by = Actor("account", account_id=mine.id)
    actions.link_account(resident_id=resident.id, account_id=mine.id, by=by, at=AT)
    assert queries.actor_for(mine, AT).resident_id == resident.id
    with pytest.raises(Problem):
        actions.link_account(resident_id=resident.id, account_id=other.id, by=by, at=AT)


@pytest.mark.django_db(transaction=True)
def test_guessing_from_many_connections_at_once_gives_no_more_than_five_tries() -> None:
    code = issue().code
    wrong = [f"{n:06}" for n in range(40) if f"{n:06}" != code]

    def guess(guesses: list[str]) -> None:
        for one in guesses:
            with pytest.raises(Problem):
                actions.verify_phone_code(phone=PHONE, code=one, at=AT)
        connection.close()

    threads = [threading.Thread(target=guess, args=(wrong[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert PhoneCode.objects.get().attempts == 5
    assert refusal(PHONE, code) == "people.wrong-code"


@pytest.mark.django_db(transaction=True)
def test_the_same_code_sent_twice_at_once_is_taken_once() -> None:
    code, taken = issue().code, []

    def verify() -> None:
        try:
            taken.append(actions.verify_phone_code(phone=PHONE, code=code, at=AT).id)
        except Problem:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=verify) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 1
    assert Resident.objects.count() == 1
