"""The shells, the switches, the account's pages and the problem page, as a browser gets them."""

from __future__ import annotations

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db  # every page says the town's name

HAN = re.compile(r"[\u4e00-\u9fff]")


def words(page: str) -> str:
    """What a reader sees of a page: its text without tags and scripts."""
    body = page[page.index("<body") :]
    return re.sub(r"<script.*?</script>|<[^>]+>", " ", body, flags=re.DOTALL)


@pytest.mark.parametrize("shell", ["staff", "resident"])
def test_the_gallery_shows_every_widget_in_both_languages(client: Client, shell: str) -> None:
    chinese = client.get("/ui/gallery", {"shell": shell})
    assert chinese.status_code == 200
    assert "已超时" in chinese.content.decode()
    client.post("/settings/language", {"language": "en", "next": "/"})
    english = client.get("/ui/gallery", {"shell": shell}).content.decode()
    assert "Overdue" in english
    assert 'lang="en"' in english


def test_the_language_switch_is_remembered_and_returns_to_the_same_page(client: Client) -> None:
    answer = client.post("/settings/language", {"language": "en", "next": "/cases?kind=1"})
    assert (answer.status_code, answer["Location"]) == (302, "/cases?kind=1")
    assert client.cookies["django_language"].value == "en"
    client.post("/settings/language", {"language": "zh-hans"})
    assert client.cookies["django_language"].value == "zh-hans"


@pytest.mark.parametrize(
    "target", ["https://example.org/", "//example.org", "/\\example.org", "javascript:x", ""]
)
def test_a_switch_never_leads_away_from_the_town(client: Client, target: str) -> None:
    answer = client.post("/settings/language", {"language": "en", "next": target})
    assert answer["Location"] == "/"


def test_an_unknown_language_or_a_plain_visit_changes_nothing(client: Client) -> None:
    client.post("/settings/language", {"language": "xx"})
    assert "django_language" not in client.cookies
    assert client.get("/settings/language").status_code == 405


def test_light_and_dark_are_set_by_the_server_so_that_no_page_flashes(client: Client) -> None:
    assert "data-bs-theme" not in client.get("/nowhere").content.decode().split("<body")[0]
    client.post("/settings/theme", {"theme": "dark"})
    assert 'data-bs-theme="dark"' in client.get("/nowhere").content.decode()
    client.post("/settings/theme", {"theme": "auto"})
    assert "data-bs-theme=" not in client.get("/nowhere").content.decode()


def test_a_page_that_is_not_there_says_so_and_what_to_do(client: Client) -> None:
    answer = client.get("/nowhere")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "没有找到" in page
    assert "not-found" in page
    assert "回到首页" in page


@pytest.mark.parametrize("path", ["/nowhere", "/accounts/login/", "/ui/gallery"])
def test_pages_carry_no_inline_script_style_or_handler(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
    for tag in re.findall(r"<script[^>]*>", page):
        assert "src=" in tag or 'type="application/json"' in tag


def test_the_sign_in_page_is_in_the_readers_language_only(client: Client) -> None:
    chinese = words(client.get("/accounts/login/").content.decode())
    assert set(re.findall(r"[A-Za-z]{2,}", chinese)) <= {"English", "JavaScript"}
    client.cookies["django_language"] = "en"
    english = words(client.get("/accounts/login/").content.decode())
    assert set(HAN.findall(english)) <= set("中文")


@pytest.mark.parametrize(
    "path", ["password/change/", "2fa/", "2fa/totp/activate/", "2fa/webauthn/add/", "2fa/webauthn/"]
)
def test_the_accounts_own_pages_are_in_chinese(client: Client, django_user_model: type, path: str) -> None:
    account = django_user_model.objects.create_user(username="chenjing", password="a long pass phrase 1")
    client.force_login(account)
    client.post("/accounts/reauthenticate/", {"password": "a long pass phrase 1"})
    answer = client.get(f"/accounts/{path}")
    assert answer.status_code == 200
    left = set(re.findall(r"[A-Za-z]{4,}", words(answer.content.decode()))) - {
        "English",
        "JavaScript",
        "localhost",
    }
    assert not left


@pytest.mark.parametrize("path", ["email/", "password/reset/", "login/code/confirm/"])
def test_pages_that_would_need_mail_do_not_exist(client: Client, path: str) -> None:
    assert client.get(f"/accounts/{path}").status_code == 404
