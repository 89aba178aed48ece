"""What the page of a case shows beside its moves: duplicates to choose from, steps, the list for the check, and to whom
the tracking page of a merged matter belongs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import looking
from tests.browser.conftest import DESK, Stage

SAID, SAME = "中心路口的垃圾堆了三天没人清", "中心路口垃圾堆了好几天"

QUOTED = ("中心路口", "垃圾堆了", "没人清", "垃圾", "路口")
"""Of the reporters' own words, those that are said to be in both."""


@pytest.fixture(scope="session")
def scene(stage: Stage) -> dict[str, str]:
    """A matter with a duplicate, one in hand, one to be checked, and one that was merged into a closed one."""
    stage("open", text=SAME, source="hotline")
    merged, main = stage("open", of_resident=True, text=SAID), stage("advance", state="checked")
    stage("make", move="merge", case=merged["id"], by="shen", into=main["id"])
    stage("make", move="close", case=main["id"], by="shen")
    return {
        "alike": stage("open", text=SAID, source="hotline")["id"],
        "handling": stage("advance", state="handling")["id"],
        "handled": stage("advance", state="handled")["id"],
        "merged": f"/t/{merged['number']}/{merged['code']}/",
    }


PAGES = {
    "merge": ("shen", "/desk/case/{alike}/", "merge"),
    "handling": ("ma", "/desk/case/{handling}/", "hand_in"),
    "checking": ("gu", "/desk/case/{handled}/", "pass_check"),
    "merged": ("", "{merged}", ""),
}


@pytest.mark.parametrize("language", looking.LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_the_page_can_be_read_on_every_screen_in_either_language(
    name: str, language: str, reader: Callable[..., Page], scene: dict[str, str], stage: Stage,
    picture: Callable[[Page, str], None],
) -> None:  # fmt: skip
    who, path, move = PAGES[name]
    page = reader(who=who, language=language)
    page.goto(path.format(**scene))
    if move:
        form = page.locator("details.move", has=page.locator(f"form[action$='/move/{move}/']"))
        if form.get_attribute("open") is None:
            form.locator("summary").click()
        expect(form.locator("form")).to_be_visible()
    data = [*stage("data"), SAID, SAME, *QUOTED]
    assert looking.everywhere(page, f"case-help-{name}", language, data, picture) == ""


def test_a_probable_duplicate_is_chosen_and_the_matter_goes_into_it(
    new_page: Callable[..., Page], stage: Stage
) -> None:
    same, case = (stage("open", text=text, source="hotline") for text in (SAME, SAID))
    page = new_page(DESK, who="shen")
    page.goto(f"/desk/case/{case['id']}/")
    form = page.locator("details.move", has=page.locator("form[action$='/move/merge/']"))
    form.locator("summary").click()
    form.locator(f"input[name=into][value='{same['id']}']").check()
    form.locator("button[type=submit]").click()
    expect(page.locator(".matter-head")).to_contain_text("已并案")
    assert stage("case", case=case["id"])["state"] == "merged"
