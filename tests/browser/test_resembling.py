"""Matters like one another, in a browser: beside the form that takes one in, and those that keep coming back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from linli.cases.tests.loop import NOTED
from tests.browser import looking
from tests.browser.conftest import PHONE, Stage

TROUBLE = "夜里施工机器轰鸣睡不着"
ADDRESS = "禾苑路 16 号"
DAY = 86_400


@pytest.fixture(scope="module")
def noisy(stage: Stage) -> list[str]:
    """Three matters of one kind at one place, and one elsewhere told in the same words; what people wrote."""
    for days in (1, 2, 3):
        stage("open", age=days * DAY, kind=NOTED, text=TROUBLE, address=ADDRESS)
    stage("open", age=DAY, kind=NOTED, text=TROUBLE, address=ADDRESS, lng=None, lat=None)
    lng, lat = stage("point", unit="201-1-1")
    stage("open", age=DAY / 2, kind=NOTED, text=TROUBLE, lng=lng, lat=lat)
    return [*stage("data"), TROUBLE, ADDRESS]


@pytest.mark.parametrize("language", looking.LANGUAGES)
def test_what_keeps_coming_back_can_be_read_by_everybody(
    language: str, reader: Callable[..., Page], noisy: list[str], picture: Callable[[Page, str], None]
) -> None:
    page = reader(who="shen", language=language)
    answer = page.goto("/desk/recurring/?days=7")
    assert answer is not None
    assert answer.status == 200
    group = page.locator("#places li", has_text=ADDRESS).first
    group.locator("summary").click()
    expect(group).to_contain_text(TROUBLE)
    assert looking.everywhere(page, "recurring", language, noisy, picture) == ""
    group.locator("a", has_text=TROUBLE).first.click()
    expect(page.locator("main")).to_contain_text(TROUBLE)


def test_the_page_of_a_place_without_such_matters_says_what_will_appear(
    reader: Callable[..., Page], stage: Stage, picture: Callable[[Page, str], None]
) -> None:
    page = reader(who="grid-201-1")
    page.goto("/desk/recurring/?days=7")
    expect(page.locator("#places")).to_contain_text("没有反复出现的地点")
    found = looking.told(phone=looking.faults(page, "zh", list(stage("data"))))
    assert not found, found
    picture(page, "recurring-empty-zh-phone")


@pytest.mark.parametrize("language", looking.LANGUAGES)
def test_while_a_report_is_typed_in_those_like_it_are_shown_with_why(
    language: str, new_page: Callable[..., Page], noisy: list[str], picture: Callable[[Page, str], None]
) -> None:
    page = new_page(PHONE, who="shen", language=language)
    page.goto("/desk/new/")
    page.locator("#id_address").fill(ADDRESS)
    page.locator("#id_text").press_sequentially(TROUBLE, delay=5)
    page.locator("#id_text").blur()
    row = page.locator("#similar li", has_text=TROUBLE).first
    expect(row).to_contain_text("都提到" if language == "zh-hans" else "both mention")
    assert looking.everywhere(page, "similar", language, noisy, picture) == ""
