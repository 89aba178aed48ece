"""Administrators staff the town in the browser; each within their own units."""

from __future__ import annotations

import pytest
from django.test import Client

from linli.kernel import clock
from linli.kernel.access import SYSTEM
from linli.people import actions, queries
from linli.people.models import Account, ApiKey, Department, Post, Tenure
from linli.people.tests.test_pages import signed_in
from linli.people.tests.town import AT, Town, account, post, staffed


@pytest.fixture
def boss(town: Town) -> Client:
    """The browser of the town's administrator."""
    return signed_in(staffed("administrator", town.town, "boss").holder)


@pytest.fixture
def neighbour(town: Town) -> Client:
    """The browser of the administrator of the western village."""
    return signed_in(staffed("administrator", town.west, "westboss").holder)


def roles(username: str) -> list[str]:
    found = queries.actor_for(Account.objects.get(username=username), clock.now())
    return [held.role for held in found.posts]


def test_a_post_is_opened_and_somebody_new_is_appointed_to_it(town: Town, boss: Client) -> None:
    answer = boss.post(f"/posts/{town.east}/", {"role": "grid_lead", "title": "东村网格长"})
    made = Post.objects.get(unit_id=town.east)
    assert answer["Location"] == f"/post/{made.id}/"
    hired = {"do": "hire", "name": "王芳", "username": "wang", "password": "Xk29dkwpqm"}
    assert boss.post(f"/post/{made.id}/", hired).status_code == 302
    assert roles("wang") == ["grid_lead"]
    assert Client().login(username="wang", password="Xk29dkwpqm")
    assert "王芳" in boss.get(f"/post/{made.id}/").content.decode()


def test_somebody_known_is_found_by_name_and_appointed(town: Town, boss: Client) -> None:
    seat, known = post("checker", town.town), account("li", "李强")
    path = f"/post/{seat.id}/"
    assert str(known.id) in boss.get(path, {"q": "李"}).content.decode()
    assert "没有找到账号" in boss.get(path, {"q": "谁也不是"}).content.decode()
    answer = boss.post(path, {"do": "appoint", "q": "li", "holder": str(known.id), "since": "2026-02-01"})
    assert answer.status_code == 302
    assert roles("li") == ["checker"]
    again = boss.post(path, {"do": "appoint", "q": "li", "holder": str(known.id)})
    assert again.status_code == 409
    assert "此人已在该岗位任职" in again.content.decode()


def test_a_tenure_ends_with_a_reason_and_a_post_is_closed(town: Town, boss: Client) -> None:
    tenure = staffed("grid_lead", town.east, "li")
    path = f"/post/{tenure.post_id}/"
    without = boss.post(path, {"do": "end", "tenure": str(tenure.id), "reason": ""})
    assert without.status_code == 422
    assert boss.post(path, {"do": "end", "tenure": str(tenure.id), "reason": "调离"}).status_code == 302
    assert roles("li") == []
    assert Tenure.objects.get(pk=tenure.id).ended_reason == "调离"
    assert boss.post(path, {"do": "end", "tenure": str(tenure.id), "reason": "调离"}).status_code == 404
    assert boss.post(path, {"do": "close", "reason": "撤并"})["Location"] == f"/posts/{town.east}/"
    assert boss.get(path).status_code == 404


def test_a_refused_form_keeps_what_was_typed_and_says_why_in_both_languages(town: Town, boss: Client) -> None:
    account("taken")
    sent = {"name": "王芳芳", "username": "Taken", "password": ""}
    answer = boss.post("/people/", sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "这个登录名已" in page or "登录名已被使用" in page
    assert 'value="王芳芳"' in page
    boss.cookies["django_language"] = "en"
    page = boss.post("/people/", sent).content.decode()
    assert "This sign-in name is taken" in page
    handler = boss.post(f"/posts/{town.east}/", {"role": "handler", "title": "环卫工"})
    assert handler.status_code == 422
    assert "A handler belongs to a department" in handler.content.decode()
    assert 'value="环卫工"' in handler.content.decode()


def test_departments_are_opened_and_renamed(town: Town, boss: Client) -> None:
    sent = {"code": "LH", "name": "绿化所", "unit": "310199100"}
    assert boss.post("/departments/", sent).status_code == 302
    assert boss.post("/departments/", sent).status_code == 409
    assert boss.post("/departments/", {**sent, "unit": "1"}).status_code == 422
    office = Department.objects.get(code="LH")
    assert office.unit_id == town.town
    path = f"/departments/{office.id}/"
    assert 'value="绿化所"' in boss.get(path).content.decode()
    assert boss.post(path, {"name": "园林所", "name_en": "Gardens"}).status_code == 302
    assert "园林所" in boss.get("/departments/").content.decode()


def test_an_account_gets_a_password_and_a_key_that_is_shown_once(town: Town, boss: Client) -> None:
    answer = boss.post("/people/", {"name": "接口", "username": "robot", "password": ""})
    robot = Account.objects.get(username="robot")
    path = f"/people/{robot.id}/"
    assert answer["Location"] == path
    assert boss.post(path, {"do": "password", "password": "123"}).status_code == 422
    assert boss.post(path, {"do": "password", "password": "Xk29dkwpqm"}).status_code == 302
    assert Client().login(username="robot", password="Xk29dkwpqm")
    shown = boss.post(path, {"do": "key", "key_name": "网站"})
    assert shown["Cache-Control"] == "no-store"
    assert "lk_" in shown.content.decode()
    assert "lk_" not in boss.get(path).content.decode()
    key = ApiKey.objects.get()
    assert boss.post(path, {"do": "revoke", "key": str(key.id)}).status_code == 302
    assert ApiKey.objects.get().revoked_at
    assert boss.post(path, {"do": "close", "reason": "停用"}).status_code == 302
    assert not Account.objects.get(pk=robot.id).is_active


def test_another_villages_administrator_can_do_none_of_it(town: Town, neighbour: Client) -> None:
    tenure = staffed("grid_lead", town.east, "li")
    office_post = post("handler", town.west, town.office)
    before = [model.objects.count() for model in (Post, Tenure, Account, Department)]
    person = f"/people/{tenure.holder_id}/"
    for path, sent in (
        (f"/posts/{town.east}/", {"role": "checker"}),
        (f"/posts/{town.town}/", {"role": "administrator"}),
        (f"/post/{tenure.post_id}/", {"do": "close", "reason": "x"}),
        (f"/post/{tenure.post_id}/", {"do": "end", "tenure": str(tenure.id), "reason": "x"}),
        (f"/post/{office_post.id}/", {"do": "hire", "name": "我", "username": "me"}),
        ("/departments/", {"code": "X", "name": "X", "unit": "310199100"}),
        (f"/departments/{town.office.id}/", {"name": "X"}),
    ):
        assert neighbour.post(path, sent).status_code == 403, path
    assert neighbour.get(person).status_code == 404
    assert neighbour.post(person, {"do": "password", "password": "Xk29dkwpqm"}).status_code == 404
    assert "li" not in neighbour.get("/people/").content.decode().split("<tbody>")[1].split("</tbody>")[0]
    assert [model.objects.count() for model in (Post, Tenure, Account, Department)] == before
    assert neighbour.post(f"/posts/{town.west}/", {"role": "checker"}).status_code == 302


def test_who_is_no_administrator_sees_no_buttons_and_is_refused(town: Town) -> None:
    tenure = staffed("grid_lead", town.east, "li")
    lead = signed_in(tenure.holder)
    page = lead.get(f"/posts/{town.east}/").content.decode()
    assert "设立岗位" not in page
    assert "/post/" not in page
    assert "/people/" not in page
    assert "设立部门" not in lead.get("/departments/").content.decode()
    for path in ("/people/", f"/people/{tenure.holder_id}/", f"/post/{tenure.post_id}/"):
        assert lead.get(path).status_code == 403
        assert lead.post(path).status_code == 403
        assert Client().get(path).status_code == 401
    assert lead.post(f"/posts/{town.east}/", {"role": "checker"}).status_code == 403
    assert lead.post("/departments/", {"code": "X"}).status_code == 403


def test_a_residents_account_is_not_among_the_staff(town: Town, boss: Client) -> None:
    resident = actions.register_resident(phone="16100000009", by=SYSTEM, at=AT)
    person = account("auntie", "林阿姨")
    actions.link_account(resident_id=resident.id, account_id=person.id, by=SYSTEM, at=AT)
    assert "auntie" not in boss.get("/people/").content.decode()
    assert boss.get(f"/people/{person.id}/").status_code == 404


def test_a_waiting_account_of_the_command_line_cannot_be_taken_over(town: Town, neighbour: Client) -> None:
    root = actions.create_account(username="root", name="根", is_staff=True, by=SYSTEM, at=AT)
    answer = neighbour.post(f"/people/{root.id}/", {"do": "password", "password": "Xk29dkwpqm"})
    assert answer.status_code in {403, 404}


def test_a_form_without_its_token_and_an_unknown_wish_are_refused(town: Town, boss: Client) -> None:
    tenure = staffed("grid_lead", town.east, "li")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(
        Account.objects.get(username="boss"), "allauth.account.auth_backends.AuthenticationBackend"
    )
    assert strict.post("/people/", {"name": "x", "username": "xx"}).status_code == 403
    assert boss.post(f"/post/{tenure.post_id}/", {"do": "promote"}).status_code == 400
    assert boss.post(f"/people/{tenure.holder_id}/", {}).status_code == 400
    assert boss.post(f"/people/{tenure.holder_id}/", {"do": "revoke", "key": "x"}).status_code == 400
