"""Stored pictures are seen by whom they concern, and kept by their browser alone."""

from __future__ import annotations

from django.test import Client

from linli.desk.tests.conftest import Desk
from linli.kernel.ids import uuid7


def test_a_picture_is_seen_by_those_who_see_its_case(desk: Desk) -> None:
    photo = desk.photo("shen")
    desk.report(photos=(photo,))
    for address in (f"/files/{photo}/", f"/files/{photo}/small/"):
        answer = desk.client("shen").get(address)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"].startswith("inline")
        assert "private" in answer["Cache-Control"]
        assert answer.content[:2] == b"\xff\xd8"
        assert desk.client("chen").get(address).status_code == 200
        assert desk.client("ma").get(address).status_code == 404
        assert Client().get(address).status_code == 404
    assert desk.client("shen").get(f"/files/{uuid7()}/").status_code == 404


def test_before_it_is_used_only_its_sender_sees_it(desk: Desk) -> None:
    photo = desk.photo("shen")
    answer = desk.client("shen").get(f"/files/{photo}/")
    assert answer.status_code == 200
    assert desk.client("qian").get(f"/files/{photo}/").status_code == 404
    assert Client().get(f"/files/{photo}/").status_code == 404


def test_a_browser_that_has_it_is_not_sent_it_again(desk: Desk) -> None:
    photo = desk.photo("shen")
    browser = desk.client("shen")
    first = browser.get(f"/files/{photo}/")
    etag = first["ETag"]
    again = browser.get(f"/files/{photo}/", headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert not again.content
    assert Client().get(f"/files/{photo}/", headers={"If-None-Match": etag}).status_code == 404
