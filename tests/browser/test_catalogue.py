"""The catalogue as the town's own law, in the browser: a change from the draft to the edition in force, and looks."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser import looking
from tests.browser.conftest import DESK, PHONE

KEEPER = "guan"
HOME = "/desk/catalogue/"
Pages = Callable[..., Page]
FIRST = 60_000
"""Milliseconds: an installation makes the model of suggestions when it is asked for the first time."""


def begun(page: Page, title: str) -> str:
    """The address of a draft that was just opened."""
    page.goto(f"{HOME}versions/")
    page.locator("details", has=page.locator("#draft-title")).locator("summary").click()
    page.locator("#draft-title").fill(title)
    page.locator("form", has=page.locator("#draft-title")).locator("button[type=submit]").click()
    expect(page.locator("h1")).to_contain_text(title)
    return re.sub(r"^https?://[^/]+", "", page.url)


@pytest.fixture
def title() -> str:
    """A name that no other draft has."""
    return f"R-{uuid4().hex[:6].upper()}"


def test_a_keeper_changes_a_kind_sees_the_difference_and_publishes_it(new_page: Pages, title: str) -> None:
    page = new_page(DESK, who=KEEPER)
    draft = begun(page, title)
    page.locator("#q").fill("垃圾没人收")
    page.locator("form[role=search] button").click()
    page.locator(".kind-list a", has_text="E06010").click()
    page.locator("#id_conditions-0-limit").fill("3")
    page.locator("#id_checklist_zh").fill("地面干净\n照片同一角度")
    page.locator("#id_checklist_en").fill("Ground clean\nSame angle")
    with page.expect_navigation():
        page.locator("form.kind-form .submit-bar button").click()
    expect(page.locator(".change")).to_contain_text("暴露垃圾")
    expect(page.locator(".field-changes").first).to_contain_text("地面干净")
    page.locator("#source").fill("网格中心第三次例会纪要")
    page.locator("#publish button[type=submit]").click()
    page.locator("dialog[open] button, [data-confirm-yes]").last.click()
    expect(page.locator("table")).to_contain_text("网格中心第三次例会纪要")
    page.goto(f"{HOME}E06010/")
    expect(page.locator("main")).to_contain_text("3 个工作时")
    page.goto(draft)
    expect(page.locator("main")).to_contain_text("已发布为第")


def test_what_another_saved_meanwhile_is_told_and_the_words_are_kept(new_page: Pages, title: str) -> None:
    mine, theirs = new_page(DESK, who=KEEPER), new_page(DESK, who="qian")
    draft = begun(mine, title)
    mine.goto(f"{draft}E06013/")
    theirs.goto(f"{draft}E06013/")
    for page, name in ((theirs, "路面坏了"), (mine, "路破了")):
        page.locator("#id_name_zh").fill(name)
        with page.expect_navigation():
            page.locator("form.kind-form .submit-bar button").click()
    expect(mine.get_by_role("alert")).to_contain_text("内容已被他人更新")
    expect(mine.locator("#id_name_zh")).to_have_value("路破了")
    mine.errors.clear()  # the browser reports the refusal itself


def test_the_bench_works_without_scripts(new_page: Pages) -> None:
    page = new_page(PHONE, who="shen", java_script_enabled=False)
    page.set_default_timeout(FIRST)
    page.goto(f"{HOME}bench/")
    page.locator("#id_text").fill("有人在楼道停放电动车")
    page.locator("#id_kind").fill("L93001")
    page.locator("form.bench-form button[type=submit]").click()
    expect(page.locator(".side-by-side")).to_contain_text("L93001")
    expect(page.locator(".side-by-side")).to_contain_text("消防安全管理规定")


@pytest.mark.parametrize("language", looking.LANGUAGES)
def test_every_page_of_the_catalogue_can_be_read_by_everybody(
    new_page: Pages, title: str, language: str, picture: Callable[[Page, str], None]
) -> None:
    draft = begun(new_page(DESK, who=KEEPER), title)
    page = new_page(PHONE, who=KEEPER, language=language)
    page.set_default_timeout(FIRST)
    data = [title, "管理员 方宁", "钱卫东", "出租房里住了十几个人", "网格中心第三次例会纪要"]
    found: list[str] = []

    def look(name: str) -> None:
        wrong = looking.everywhere(page, f"catalogue-{name}", language, data, picture)
        found.extend([name, wrong] if wrong else [])

    for name, address in (
        ("list", HOME), ("kind", f"{HOME}L91003/"), ("old", f"{HOME}E06010/?edition=1"), ("versions", f"{HOME}versions/"),
        ("form", f"{draft}L90003/"), ("new", f"{draft}new/?class=L93"), ("draft", draft),
    ):  # fmt: skip
        page.goto(address)
        look(name)
    page.goto(f"{draft}L90003/")
    page.locator("#id_conditions-0-limit").fill("0")
    with page.expect_navigation():
        page.locator("form.kind-form .submit-bar button").click()
    look("wrong")
    page.errors.clear()  # the browser reports the refusal itself
    page.locator("#id_conditions-0-limit").fill("2")
    page.locator("#id_name_zh").fill("群租房")
    page.locator("#id_name_en").fill("Crowded rental")
    with page.expect_navigation():
        page.locator("form.kind-form .submit-bar button").click()
    look("changed")
    page.goto(f"{HOME}differences/?old=1&new=d-{draft.rstrip('/').rpartition('/')[2]}")
    look("differences")
    page.goto(f"{HOME}bench/?new=d-{draft.rstrip('/').rpartition('/')[2]}")
    page.locator("#id_text").fill("出租房里住了十几个人")
    page.locator("#id_kind").fill("L90003")
    with page.expect_navigation():
        page.locator("form.bench-form button[type=submit]").click()
    look("bench")
    assert "\n".join(found) == ""
