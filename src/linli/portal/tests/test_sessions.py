"""What a session may hold when a page is asked for: staff's posts, another release's draft, a lost picture."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.cases.tests.loop import jpeg, signed_in
from linli.kernel import files, rulebook
from linli.kernel.file_models import StoredFile
from linli.people.queries import RESIDENT_IN_SESSION
from linli.portal import drafts
from tests.world import Town

pytestmark = pytest.mark.django_db


def put(browser: Client, **values: object) -> None:
    session = browser.session
    session.update(values)
    session.save()


def test_staff_are_told_why_their_own_reports_are_elsewhere_instead_of_being_sent_round(town: Town) -> None:
    browser = signed_in(town, "shen")
    put(browser, **{RESIDENT_IN_SESSION: str(town.resident)})
    page = browser.get("/me/")
    assert page.status_code == 200
    assert "请先退出工作台" in page.content.decode()
    browser.cookies["django_language"] = "en"
    assert "sign out of the desk" in browser.get("/me/").content.decode()


def test_from_the_desk_the_way_to_ones_own_reports_leads_over_the_telephone(town: Town) -> None:
    browser = signed_in(town, "shen")
    left = browser.post("/accounts/logout/", {"next": "/me/"})
    assert left.headers["Location"] == "/me/"
    assert browser.get("/me/").headers["Location"].startswith("/me/phone/")


@pytest.mark.parametrize("kept", [{"text": "井盖坏了", "mood": 3}, {"text": "井盖坏了"}])
def test_a_draft_of_another_release_keeps_what_this_one_knows(
    town: Town, client: Client, kept: dict[str, object]
) -> None:
    put(client, **{drafts.IN_SESSION: kept})
    page = client.get("/report/where/")
    assert page.status_code == 200
    assert "井盖坏了" in client.get("/report/").content.decode()


def test_a_picture_that_the_disk_has_lost_is_not_found(town: Town, client: Client) -> None:
    sent = SimpleUploadedFile("p.png", jpeg(), "image/png")
    client.post("/report/", {"text": "井盖坏了", "photos": [sent]})
    file = StoredFile.objects.get()
    assert client.get(f"/report/photo/{file.id}/").status_code == 200
    files.path_of(file, thumbnail=True).unlink()
    assert client.get(f"/report/photo/{file.id}/").status_code == 404


def test_something_else_is_a_public_kind_of_the_catalogue_and_offered_last(
    town: Town, client: Client
) -> None:
    offered = rulebook.table("portal")["kinds"]
    put(client, **{drafts.IN_SESSION: {"text": "路口垃圾没人清", "address": "村口"}})
    page = client.get("/report/kind/").content.decode()
    found = [part.partition('"')[0] for part in page.split('name="kind" value="')[1:]]
    assert len(found) == offered["suggested"] + 1
    assert found[-1] == offered["other"]
