"""Suggestions in a browser: cards that come while one writes and can be chosen by keyboard, and the page that tells
how often they were followed; on a phone and at a desk, in both languages, without a barrier."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import looking
from tests.browser.conftest import DESK, Stage

LAMP, RUBBISH, NOISE = "E01037", "E06010", "L90001"
SAID = "我们这条街的路灯不亮,晚上黑漆漆的,老人不敢出门"
VAGUE = "☃☃☃☃"


@pytest.fixture(scope="module")
def chosen(stage: Stage) -> list[dict[str, str]]:
    """Three cases: followed, followed as the second one, not followed."""
    return [
        stage("chosen", shown=shown, kind=kind, by="shen")
        for shown, kind in (([LAMP, RUBBISH], LAMP), ([LAMP, RUBBISH], RUBBISH), ([LAMP], NOISE))
    ]


def looked_at(
    page: Page, name: str, language: str, data: list[str], picture: Callable[[Page, str], None]
) -> None:
    """On a phone and at a desk, in this language."""
    found = looking.everywhere(page, f"suggestions-{name}", language, [*data, SAID], picture)
    assert not found, f"{name}\n{found}"


@pytest.mark.parametrize("language", looking.LANGUAGES)
def test_cards_come_while_one_writes(
    language: str, new_page: Callable[..., Page], stage: Stage, picture: Callable[[Page, str], None]
) -> None:
    page = new_page(DESK, who="shen", language=language)
    page.goto("/desk/new/")
    page.locator("#id_text").fill(SAID)
    first = page.locator("#suggested-1")
    expect(first).to_have_value(
        LAMP, timeout=60_000
    )  # the first suggestion of an installation makes the model
    expect(page.locator("mark").first).to_contain_text("路灯")
    first.focus()
    page.keyboard.press("Space")
    expect(first).to_be_checked()
    looked_at(page, "cards", language, list(stage("data")), picture)
    page.locator("#id_text").fill(VAGUE)
    expect(page.locator("#kind-choices mark")).to_have_count(0)


@pytest.mark.parametrize("language", looking.LANGUAGES)
def test_the_share_followed_is_shown_with_the_cases_that_were_not(
    language: str, new_page: Callable[..., Page], stage: Stage, chosen: list[dict[str, str]],
    picture: Callable[[Page, str], None],
) -> None:  # fmt: skip
    page = new_page(DESK, who="shen", language=language)
    answer = page.goto("/desk/suggestions/")
    assert answer
    assert answer.status == 200
    told = page.locator("dl.facts").inner_text()
    figures = re.search(r"(\d+)%\D+(\d+)\D+(\d+)", told)
    assert figures, told
    share, followed, of = map(int, figures.groups())
    # These three, of which two were followed, and what other tests of this town chose.
    assert followed >= 2
    assert of >= followed + 1
    assert share == round(100 * followed / of)
    looked_at(page, "page", language, list(stage("data")), picture)
    page.locator(f'a[href*="kind={NOISE}"]').click()
    expect(page.locator(f'#missed a[href*="{chosen[2]["id"]}"]')).to_be_visible()
