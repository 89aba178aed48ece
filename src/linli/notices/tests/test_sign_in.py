"""A resident proves a telephone number in the browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from linli.notices import queries
from linli.people.models import Resident
from linli.people.queries import RESIDENT_IN_SESSION

PHONE = "138 1234 5678"


@pytest.fixture
def client(db: None, settings: Any) -> Client:
    settings.DEMO, settings.NOTICE_URL = True, ""
    return Client()


def sent_code() -> str:
    found = re.search(r"\d{6}", queries.recent_demo()[0].body.zh)
    assert found
    return found[0]


def test_number_and_code_make_the_session_the_residents_under_a_new_key(client: Client) -> None:
    answer = client.post("/me/phone/?next=/mine/", {"phone": PHONE})
    assert (answer.status_code, answer["Location"]) == (302, "/me/phone/code/?next=%2Fmine%2F")
    before = client.session.session_key
    page = client.get(answer["Location"])
    assert "138****5678" in page.content.decode()
    done = client.post(answer["Location"], {"code": sent_code()})
    assert (done.status_code, done["Location"]) == (302, "/mine/")
    assert client.session.session_key != before
    assert client.session[RESIDENT_IN_SESSION] == str(Resident.objects.get().id)
    assert "linli.phone" not in client.session
    client.post("/me/leave/")
    assert RESIDENT_IN_SESSION not in client.session


@pytest.mark.parametrize("where", ["https://example.org/", "//example.org", "javascript:alert(1)", "\\\\x"])
def test_nobody_is_sent_to_another_house_afterwards(client: Client, where: str) -> None:
    client.post("/me/phone/", {"phone": PHONE})
    assert client.post("/me/phone/code/", {"code": sent_code(), "next": where})["Location"] == "/"


def test_a_wrong_number_and_a_wrong_code_are_explained_where_they_were_typed(client: Client) -> None:
    answer = client.post("/me/phone/", {"phone": "12345"})
    assert answer.status_code == 422
    assert "电话号码不正确" in answer.content.decode()
    client.post("/me/phone/", {"phone": PHONE})
    answer = client.post("/me/phone/code/", {"code": "x"})
    assert answer.status_code == 422
    assert "验证码不正确或已失效" in answer.content.decode()
    assert client.post("/me/phone/", {"phone": PHONE}).status_code == 429
    assert client.post("/me/phone/", {}).status_code == 422


def test_the_number_does_not_lie_readable_in_the_session(client: Client) -> None:
    client.post("/me/phone/", {"phone": PHONE})
    assert "13812345678" not in str(dict(client.session))


def test_the_code_page_without_a_number_asks_for_the_number(client: Client) -> None:
    assert client.get("/me/phone/code/")["Location"].startswith("/me/phone/")


def test_the_pages_read_in_english_too(client: Client) -> None:
    client.cookies["linli_language"] = "en"
    page = client.get("/me/phone/", headers={"Accept-Language": "en"}).content.decode()
    assert "<h1>" in page
