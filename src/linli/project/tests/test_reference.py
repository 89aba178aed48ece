"""Django's admin shows reference data to the accounts of `linli createadmin`, and nothing else to anybody."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from linli.kernel import journal
from linli.kernel.access import SYSTEM
from linli.people import actions as people
from linli.people.models import Account, Department, Post
from linli.project.reference import site
from tests.world import OPENED, Town

LISTS = ("/admin/people/department/", "/admin/people/post/")


@pytest.fixture
def boss(town: Town) -> Client:
    """An administrator of the town whose account was made from the command line."""
    account = people.create_account(username="boss", name="方宁", is_staff=True, by=SYSTEM, at=OPENED)
    seat = people.open_post(
        role="administrator", unit_id=town.unit("000"), title="系统管理员", by=SYSTEM, at=OPENED
    )
    people.appoint(post_id=seat.id, holder_id=account.id, by=SYSTEM, at=OPENED)
    return signed_in(account)


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_only_reference_data_is_in_it() -> None:
    assert set(site._registry) == {Department, Post}


def test_its_pages_speak_the_readers_language_and_keep_to_the_content_policy(boss: Client) -> None:
    for path in ("/admin/", *LISTS, f"{LISTS[1]}{Post.objects.first().pk}/change/"):
        answer = boss.get(path)
        assert answer.status_code == 200, path
        page = answer.content.decode()
        assert "基础数据" in page
        assert "script-src" not in answer["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style\b|<[^>]*\s(style|on[a-z]+)=", page), path


def test_sign_in_is_the_towns_own(town: Town) -> None:
    assert Client().get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert Client().get("/admin/login/?next=/admin/")["Location"] == "/accounts/login/?next=/admin/"
    for path in ("/admin/", *LISTS):
        answer = signed_in(Account.objects.get(username="guan")).get(path, follow=True)
        assert answer.status_code == 403


def test_a_departments_name_is_corrected_through_the_journal(boss: Client) -> None:
    office = Department.objects.get(code="HW")
    path = f"{LISTS[0]}{office.pk}/change/"
    assert boss.get(path).status_code == 200
    assert boss.post(path, {"name": "环境卫生所", "name_en": "Sanitation"}).status_code == 302
    assert Department.objects.get(pk=office.pk).name == "环境卫生所"
    assert [line.kind for line in journal.history(office.id)][-1] == "people.DepartmentRenamed"


def test_nothing_else_is_written_there(boss: Client) -> None:
    seat = Post.objects.first()
    assert seat is not None
    for path in (
        f"{LISTS[0]}add/",
        f"{LISTS[1]}add/",
        f"{LISTS[1]}{seat.pk}/delete/",
        f"{LISTS[0]}{Department.objects.first().pk}/delete/",
    ):
        assert boss.post(path, {}).status_code == 403, path
    assert boss.post(f"{LISTS[1]}{seat.pk}/change/", {"title": "x"}).status_code == 403


def test_an_account_without_a_post_only_looks(town: Town) -> None:
    account = people.create_account(username="boss", name="方宁", is_staff=True, by=SYSTEM, at=OPENED)
    office = Department.objects.get(code="HW")
    client = signed_in(account)
    assert client.get(LISTS[0]).status_code == 200
    assert client.post(f"{LISTS[0]}{office.pk}/change/", {"name": "别的"}).status_code == 403
