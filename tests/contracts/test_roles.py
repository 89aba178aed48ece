"""Who may do what: one table, four reaches, and nobody by accident."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import access, rulebook
from linli.kernel.access import ANONYMOUS, SYSTEM, Actor, HeldPost, Subject
from linli.kernel.errors import NOT_ALLOWED, NOT_SIGNED_IN, Problem
from linli.kernel.text import Text
from linli.people.words import Role

HERE, THERE, OFFICE, SEAT, SELF = (UUID(int=number) for number in range(1, 6))
ACTIONS = sorted(access.policy().by_action)
ROLES = sorted({grant.role for grants in access.policy().by_action.values() for grant in grants})
ids = st.sampled_from([HERE, THERE, OFFICE, SEAT, SELF])
subjects = st.builds(
    Subject,
    units=st.frozensets(ids),
    departments=st.frozensets(ids),
    posts=st.frozensets(ids),
    residents=st.frozensets(ids),
)


def holder(role: str, *, unit: UUID = HERE, office: UUID | None = OFFICE, seat: UUID = SEAT) -> Actor:
    return Actor(
        "account", account_id=uuid4(), posts=(HeldPost(seat, role, unit, office, Text("岗", "post")),)
    )


def test_the_table_speaks_of_roles_that_exist_and_states_its_source() -> None:
    table = rulebook.table("access")
    assert table["version"]
    assert table["source"]
    assert set(ROLES) - {"anyone", "reporter"} <= {role.value for role in Role}
    assert {row["scope"] for row in table["grant"]} <= {"unit", "department", "post", "everyone"}


@given(action=st.sampled_from(ACTIONS), subject=subjects)
def test_nobody_may_only_what_everybody_may(action: str, subject: Subject) -> None:
    assert access.may(ANONYMOUS, action, subject) == (action == "case.report")
    assert access.may(Actor("account", account_id=uuid4()), action, subject) == (action == "case.report")
    assert access.may(SYSTEM, action, subject)


@given(action=st.sampled_from(ACTIONS), role=st.sampled_from([r.value for r in Role]), subject=subjects)
def test_a_post_reaches_as_far_as_the_table_says_and_no_further(
    action: str, role: str, subject: Subject
) -> None:
    scopes = {grant.scope for grant in access.policy().grants(action) if grant.role == role}
    expected = action == "case.report" or (
        ("unit" in scopes and HERE in subject.units)
        or ("department" in scopes and OFFICE in subject.departments)
        or ("post" in scopes and SEAT in subject.posts)
        or "everyone" in scopes
    )
    assert access.may(holder(role), action, subject) == expected


@given(
    action=st.sampled_from(ACTIONS),
    subject=subjects,
    one=st.sampled_from([*Role]),
    other=st.sampled_from([*Role]),
)
def test_a_second_post_never_takes_anything_away(
    action: str, subject: Subject, one: Role, other: Role
) -> None:
    single, second = holder(one.value), holder(other.value, unit=THERE, seat=SELF)
    both = Actor("account", account_id=single.account_id, posts=(*single.posts, *second.posts))
    assert access.may(both, action, subject) == (
        access.may(single, action, subject) or access.may(second, action, subject)
    )


@given(subject=subjects)
def test_a_resident_may_what_reporters_may_on_their_own_matter_alone(subject: Subject) -> None:
    resident = Actor("resident", resident_id=SELF)
    for action in ACTIONS:
        own = (
            any(grant.role == "reporter" for grant in access.policy().grants(action))
            and SELF in subject.residents
        )
        assert access.may(resident, action, subject) == (own or action == "case.report")


def test_a_handler_without_a_department_reaches_nothing() -> None:
    lost = holder("handler", office=None)
    assert not access.may(lost, "case.sign", Subject(departments=frozenset({OFFICE})))
    assert not access.may(lost, "case.sign", Subject())


@pytest.mark.parametrize(("actor", "error"), [(ANONYMOUS, NOT_SIGNED_IN), (holder("auditor"), NOT_ALLOWED)])
def test_a_refusal_asks_a_stranger_to_sign_in_and_tells_the_others(actor: Actor, error: object) -> None:
    with pytest.raises(Problem) as refused:
        access.require(actor, "case.accept", Subject(units=frozenset({HERE})))
    assert refused.value.error is error


def test_what_nobody_granted_nobody_may() -> None:
    for role in Role:
        assert not access.may(holder(role.value), "case.burn", Subject(units=frozenset({HERE})))
    assert list(access.reach(holder("receiver"), "case.burn")) == []


OVERSIGHT = {"case.supervise", "case.decide_appeal", "followup.decide", "followup.draw"}
"""What who oversees does beside looking: cards, the second voice on what counts as late, and the draw of what is
looked at again (domain reference: 督查). None of it handles or routes a matter."""


def test_who_only_looks_neither_handles_nor_routes_anything() -> None:
    for action in ACTIONS:
        grants = {grant.role for grant in access.policy().grants(action)}
        if "auditor" in grants:
            assert action.endswith(".view") or action in OVERSIGHT
        if "administrator" in grants:
            assert action.endswith(".view") or action in {"town.manage", "catalogue.manage"}
