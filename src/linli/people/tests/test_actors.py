"""Who is asking, and how soon somebody who lost their post or account is nobody."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection, transaction
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from linli.kernel import journal
from linli.kernel.access import ANONYMOUS, SYSTEM, Actor
from linli.kernel.errors import Problem
from linli.people import actions, queries
from linli.people.models import ApiKey, Revision, Tenure
from linli.people.queries import staffing
from linli.people.tests.town import AT, DAY_ONE, Town, account, build, staffed


def asked(key: str = "", **session: Any) -> HttpRequest:
    request = RequestFactory().get("/", headers={"Authorization": f"Bearer {key}"} if key else {})
    request.user = AnonymousUser()
    request.session = SessionBase()
    request.session.update(session)
    return request


def administrator(town: Town, unit: str) -> Actor:
    tenure = staffed("administrator", getattr(town, unit), f"admin-{unit}")
    return queries.actor_for(tenure.holder_id, AT)


def test_an_account_acts_with_the_posts_that_it_holds_at_that_moment(town: Town) -> None:
    tenure = staffed("grid_worker", town.east_1, "w1")
    actor = queries.actor_for(tenure.holder_id, AT)
    assert (actor.kind, actor.account_id, actor.name) == ("account", tenure.holder_id, "w1")
    assert [(post.role, post.unit_id) for post in actor.posts] == [("grid_worker", town.east_1)]
    assert queries.actor_for(tenure.holder_id, DAY_ONE - timedelta(seconds=1)).posts == ()


def test_an_ended_tenure_gives_nothing_from_that_moment_on(town: Town) -> None:
    tenure = staffed("grid_worker", town.east_1, "w1")
    actions.end_tenure(tenure_id=tenure.id, reason="调离", by=SYSTEM, at=AT)
    assert queries.actor_for(tenure.holder_id, AT).posts == ()
    assert queries.actor_for(tenure.holder_id, AT - timedelta(seconds=1)).holds("grid_worker")


def test_an_account_without_a_post_is_known_but_may_nothing(town: Town) -> None:
    actor = queries.actor_for(account("nobody"), AT)
    assert (actor.kind, actor.posts) == ("account", ())


def test_a_closed_account_is_nobody(town: Town) -> None:
    tenure = staffed("grid_worker", town.east_1, "w1")
    actions.close_account(account_id=tenure.holder_id, reason="离职", by=SYSTEM, at=AT)
    assert queries.actor_for(tenure.holder_id, AT) is ANONYMOUS
    plain = account("plain")
    actions.close_account(account_id=plain.id, reason="离职", by=SYSTEM, at=AT)
    assert queries.actor_for(plain, AT) is ANONYMOUS


def test_a_key_acts_as_its_account_until_it_is_revoked(town: Town) -> None:
    tenure = staffed("receiver", town.town, "hotline")
    key, plain = actions.create_api_key(account_id=tenure.holder_id, name="12345", by=SYSTEM, at=AT)
    assert plain.startswith("lk_")
    assert plain not in str(ApiKey.objects.values().get())
    assert queries.actor_of(asked(plain)).account_id == tenure.holder_id
    actions.revoke_api_key(key_id=key.id, by=SYSTEM, at=AT)
    with pytest.raises(Problem) as refused:
        queries.actor_of(asked(plain))
    assert refused.value.error.status == 401


@pytest.mark.parametrize("key", ["lk_wrong", "wrong", "lk_", "lk_" + "é" * 40])
def test_an_unknown_key_is_refused_and_never_taken_for_nobody(town: Town, key: str) -> None:
    with pytest.raises(Problem) as refused:
        queries.actor_of(asked(key))
    assert refused.value.error.status == 401


def test_a_verified_telephone_in_the_session_acts_as_its_resident(town: Town) -> None:
    resident = actions.register_resident(phone="13812345678", by=SYSTEM, at=AT)
    actor = queries.actor_of(asked(**{queries.RESIDENT_IN_SESSION: str(resident.id)}))
    assert (actor.kind, actor.resident_id) == ("resident", resident.id)
    assert queries.actor_of(asked()) is ANONYMOUS


def test_a_telephone_proved_beside_an_account_counts_but_makes_nobody_at_a_desk_a_reporter(
    town: Town,
) -> None:
    resident = actions.register_resident(phone="13812345678", by=SYSTEM, at=AT)
    held = {queries.RESIDENT_IN_SESSION: str(resident.id)}
    citizen, clerk = account("citizen"), staffed("receiver", town.east, "clerk").holder
    for person, is_resident in ((citizen, True), (clerk, False)):
        request = asked(**held)
        request.user = person
        actor = queries.actor_of(request)
        assert (actor.kind, actor.account_id) == ("account", person.id)
        assert actor.resident_id == (resident.id if is_resident else None)


def test_a_village_administrator_appoints_in_the_village_and_nowhere_else(town: Town) -> None:
    admin = administrator(town, "east")
    post = actions.open_post(role="grid_worker", unit_id=town.east_1, title="网格员", by=admin, at=AT)
    actions.appoint(post_id=post.id, holder_id=account("new").id, by=admin, at=AT)
    for unit in (town.west, town.town):
        with pytest.raises(Problem) as refused:
            actions.open_post(role="grid_worker", unit_id=unit, title="网格员", by=admin, at=AT)
        assert refused.value.error.status == 403


def test_nobody_reaches_a_departments_matters_by_a_post_in_a_village(town: Town) -> None:
    admin = administrator(town, "east")
    with pytest.raises(Problem) as refused:
        actions.open_post(
            role="handler", unit_id=town.east, title="x", department_id=town.office.id, by=admin, at=AT
        )
    assert refused.value.error.status == 403


def test_nobody_takes_over_an_account_that_reaches_further(town: Town) -> None:
    village, above = administrator(town, "east"), administrator(town, "town")
    assert above.account_id is not None
    assert village.account_id is not None
    for attempt in (
        lambda: actions.set_password(
            account_id=above.account_id, password="Neues-Passwort-9", by=village, at=AT
        ),
        lambda: actions.create_api_key(account_id=above.account_id, name="k", by=village, at=AT),
        lambda: actions.close_account(account_id=above.account_id, reason="x", by=village, at=AT),
    ):
        with pytest.raises(Problem) as refused:
            attempt()
        assert refused.value.error.status == 403
    actions.set_password(account_id=village.account_id, password="Neues-Passwort-9", by=above, at=AT)


def test_a_grid_worker_manages_nobody(town: Town) -> None:
    worker = queries.actor_for(staffed("grid_worker", town.east_1, "w1").holder_id, AT)
    with pytest.raises(Problem):
        actions.create_account(username="friend", name="friend", by=worker, at=AT)


def test_the_same_person_cannot_hold_the_same_post_twice_at_once(town: Town) -> None:
    tenure = staffed("grid_worker", town.east_1, "w1")
    with pytest.raises(Problem) as refused:
        actions.appoint(post_id=tenure.post_id, holder_id=tenure.holder_id, by=SYSTEM, at=AT)
    assert refused.value.error.code == "people.already-holds"
    actions.end_tenure(tenure_id=tenure.id, reason="轮岗", by=SYSTEM, at=AT)
    actions.appoint(post_id=tenure.post_id, holder_id=tenure.holder_id, by=SYSTEM, at=AT)


def test_a_sign_in_name_belongs_to_one_account_whatever_its_case(town: Town) -> None:
    account("Wang")
    with pytest.raises(Problem) as refused:
        account("wang")
    assert refused.value.error.status == 409


def test_every_change_stands_in_the_journal(town: Town) -> None:
    tenure = staffed("grid_worker", town.east_1, "w1")
    actions.end_tenure(tenure_id=tenure.id, reason="调离", by=SYSTEM, at=AT)
    actions.close_post(post_id=tenure.post_id, reason="撤并", by=SYSTEM, at=AT)
    said = [line.fact.sentence().zh for line in journal.history(tenure.post_id)]
    assert said == [
        "设立岗位 grid_worker",
        "w1任grid_worker",
        "w1不再任grid_worker:调离",
        "撤销岗位 grid_worker:撤并",
    ]


@pytest.mark.django_db(transaction=True)
def test_reading_posts_costs_no_query_once_they_are_in_memory() -> None:
    town = build()
    worker = staffed("grid_worker", town.east_1, "w1")
    queries.responsible_for(town.east_1, "grid_worker", AT)
    with CaptureQueriesContext(connection) as asked_for:
        assert queries.responsible_for(town.east_1, "grid_worker", AT).post_id == worker.post_id
        assert queries.actor_for(worker.holder_id, AT).holds("grid_worker")
    assert len(asked_for) == 0


@pytest.mark.django_db(transaction=True)
def test_a_session_whose_account_is_closed_ends_with_the_next_request() -> None:
    town = build()
    tenure = staffed("grid_worker", town.east_1, "w1")
    client = Client()
    client.force_login(tenure.holder, "allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/departments/").status_code == 200
    actions.close_account(account_id=tenure.holder_id, reason="离职", by=SYSTEM, at=AT)
    assert client.get("/departments/").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_what_another_process_changed_is_seen_within_a_second() -> None:
    town = build()
    tenure = staffed("grid_worker", town.east_1, "w1")
    assert queries.actor_for(tenure.holder_id, AT).posts
    token = staffing.picture().token
    Tenure.objects.filter(pk=tenure.id).update(ends=AT)  # as another process would, past this one's memory
    Revision.objects.update(token=tenure.id)
    deadline = time.monotonic() + 1.5
    while queries.actor_for(tenure.holder_id, AT).posts and time.monotonic() < deadline:
        time.sleep(0.05)
    assert queries.actor_for(tenure.holder_id, AT).posts == ()
    assert staffing.picture().token != token


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_seen_by_anybody_else() -> None:
    town = build()
    worker = account("w1")
    seen: list[bool] = []

    def look() -> None:
        seen.append(bool(queries.actor_for(worker.id, AT).posts))
        connection.close()

    with transaction.atomic():
        post = actions.open_post(
            role="grid_worker", unit_id=town.east_1, title="网格员", by=SYSTEM, at=DAY_ONE
        )
        actions.appoint(post_id=post.id, holder_id=worker.id, by=SYSTEM, at=DAY_ONE)
        assert queries.actor_for(worker.id, AT).posts
        other = threading.Thread(target=look)
        other.start()
        other.join()
        transaction.set_rollback(True)
    assert seen == [False]
    assert queries.actor_for(worker.id, AT).posts == ()
