"""Posts and departments in the browser."""

from __future__ import annotations

from django.test import Client

from linli.kernel.access import SYSTEM
from linli.kernel.ids import uuid7
from linli.people import actions
from linli.people.models import Account
from linli.people.tests.town import Town, account, post, staffed


def signed_in(holder: Account) -> Client:
    client = Client()
    client.force_login(holder, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_the_posts_of_a_village_show_holders_vacancies_and_doubles(town: Town) -> None:
    tenure = staffed("grid_lead", town.east, "lead")
    post("grid_worker", town.east_1)
    second = post("grid_worker", town.east_2)
    actions.appoint(post_id=second.id, holder_id=tenure.holder_id, by=SYSTEM, at=tenure.starts)
    client = signed_in(tenure.holder)
    assert client.get("/posts/")["Location"] == f"/posts/{town.east}/"
    page = client.get(f"/posts/{town.east}/").content.decode()
    assert "lead兼任grid_worker" in page
    assert "东村第1网格" in page
    vacant = client.get(f"/posts/{town.east}/?show=vacant").content.decode()
    assert "空缺" in vacant
    assert "兼任grid_worker" not in vacant
    assert client.get(f"/posts/{town.east}/?show=%27nonsense").status_code == 200


def test_departments_show_with_their_posts(town: Town) -> None:
    tenure = staffed("handler", town.town, "h1", town.office)
    page = signed_in(tenure.holder).get("/departments/").content.decode()
    assert "环卫所" in page
    assert "h1" in page


def test_names_of_staff_are_for_staff(town: Town) -> None:
    for path in ("/posts/", f"/posts/{town.east}/", "/departments/"):
        assert Client().get(path).status_code == 401
        assert (
            signed_in(Account.objects.filter(username="plain").first() or account("plain"))
            .get(path)
            .status_code
            == 403
        )


def test_an_unknown_unit_is_not_found(town: Town) -> None:
    tenure = staffed("grid_lead", town.east, "lead")
    assert signed_in(tenure.holder).get(f"/posts/{uuid7()}/").status_code == 404
