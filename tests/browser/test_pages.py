"""Every page, in both languages, on a phone and at a desk, light and dark: no barrier, no sideways scrolling,
no word of the other language, no error in the console (the fixture sees to that; a breach of the content
policy is one)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from playwright.sync_api import Page

from tests.browser import looking
from tests.browser.conftest import Stage


class Shown(NamedTuple):
    """A page: who looks at it, its address with `{…}` from backstage's `places`, what it answers."""

    who: str
    path: str
    status: int = 200


PAGES = {
    "front": Shown("", "/"),
    "front-of-staff": Shown("shen", "/"),
    "report-what": Shown("", "/report/"),
    "find": Shown("", "/t/"),
    "track-reported": Shown("", "/t/{reported_number}/{reported_code}/?new=1"),
    "track-handling": Shown("", "/t/{handling_number}/{handling_code}/"),
    "track-closed": Shown("", "/t/{closed_number}/{closed_code}/"),
    "track-declined": Shown("", "/t/{declined_number}/{declined_code}/"),
    "mine": Shown("lin", "/me/"),
    "phone": Shown("", "/me/phone/"),
    "sign-in": Shown("", "/accounts/login/"),
    "no-such-page": Shown("", "/nowhere/", 404),
    "refused": Shown("gu", "/desk/new/", 403),
    "demo-people": Shown("", "/demo/"),
    "home": Shown("shen", "/desk/"),
    "home-of-chief": Shown("qian", "/desk/"),
    "home-of-administrator": Shown("guan", "/desk/"),
    "home-without-post": Shown("wei", "/desk/"),
    "receive": Shown("shen", "/desk/receive/"),
    "receive-chosen": Shown("shen", "/desk/receive/?case={reported}"),
    "receive-narrowed": Shown("shen", "/desk/receive/?source=resident&due=soon"),
    "case-reported": Shown("shen", "/desk/case/{reported}/"),
    "case-checked": Shown("shen", "/desk/case/{checked}/"),
    "new": Shown("shen", "/desk/new/"),
    "new-of-grid-worker": Shown("chen", "/desk/new/"),
    "verify": Shown("chen", "/desk/verify/"),
    "case-verifying": Shown("chen", "/desk/case/{verifying}/"),
    "dispatch": Shown("lu", "/desk/dispatch/"),
    "case-registered": Shown("lu", "/desk/case/{registered}/"),
    "handle": Shown("ma", "/desk/handle/"),
    "case-handling": Shown("ma", "/desk/case/{handling}/"),
    "check": Shown("gu", "/desk/check/"),
    "case-checking": Shown("gu", "/desk/case/{checking}/"),
    "call-back": Shown("yao", "/desk/call_back/"),
    "case-closed": Shown("yao", "/desk/case/{closed}/"),
    "case-late": Shown("qian", "/desk/case/{late}/"),
    "case-void": Shown("jian", "/desk/case/{void}/"),
    "map": Shown("qian", "/desk/map/"),
    "search": Shown("shen", "/desk/search/"),
    "search-found": Shown("shen", "/desk/search/?q=垃圾"),
    "catalogue": Shown("shen", "/desk/catalogue/"),
    "catalogue-found": Shown("shen", "/desk/catalogue/?q=垃圾"),
    "kind": Shown("shen", "/desk/catalogue/E06010/"),
    "unit-town": Shown("shen", "/desk/units/{town}/"),
    "unit-village": Shown("shen", "/desk/units/{village}/"),
    "posts": Shown("shen", "/posts/"),
    "posts-of-village": Shown("shen", "/posts/{village}/"),
    "posts-of-administrator": Shown("guan", "/posts/{village}/"),
    "post": Shown("guan", "/post/{post}/"),
    "post-vacant": Shown("guan", "/post/{vacant}/"),
    "department": Shown("guan", "/departments/{department}/"),
    "accounts": Shown("guan", "/people/"),
    "account": Shown("guan", "/people/{account}/"),
    "departments": Shown("guan", "/departments/"),
    "password": Shown("wei", "/accounts/password/change/"),
    "sign-in-security": Shown("wei", "/accounts/2fa/"),
    "reauthenticate": Shown("wei", "/accounts/reauthenticate/"),
    "sign-out": Shown("wei", "/accounts/logout/"),
    "gallery-resident": Shown("", "/ui/gallery?shell=resident"),
    "gallery-staff": Shown("shen", "/ui/gallery?shell=staff"),
}


@pytest.fixture(scope="session")
def places(stage: Stage) -> dict[str, str]:
    """What stands for `{…}` in an address."""
    return dict(stage("places"))


@pytest.fixture(scope="session")
def data(stage: Stage) -> list[str]:
    """What people wrote, and names of people: the same in both languages."""
    return list(stage("data"))


@pytest.mark.parametrize("language", looking.LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_by_everybody_on_every_screen_in_their_language(
    name: str, language: str, reader: Callable[..., Page], places: dict[str, str], data: list[str],
    picture: Callable[[Page, str], None],
) -> None:  # fmt: skip
    shown = PAGES[name]
    page = reader(who=shown.who, language=language)
    answer = page.goto(shown.path.format(**places))
    assert answer is not None
    assert answer.status == shown.status
    if shown.status >= 400:
        page.errors.clear()  # Chromium reports the answer itself as an error
    assert looking.everywhere(page, name, language, data, picture) == ""
