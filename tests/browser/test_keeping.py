"""What was typed and not taken: it comes back to the form in which it was typed, and to no other."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, Stage

NEW = "/desk/new/?door=hotline"
NUMBER = "HL-2026-0007"


@pytest.fixture
def clerk(new_page: Callable[..., Page]) -> Page:
    """A clerk with a report half typed."""
    page = new_page(DESK, who="shen")
    page.goto(NEW)
    page.get_by_label("情况").fill("写了一半")
    page.locator("#id_source_number").fill(NUMBER)
    return page


def typed(page: Page) -> tuple[str, str]:
    return page.get_by_label("情况").input_value(), page.locator("#id_source_number").input_value()


def link_to_new(page: Page) -> None:
    """Follows the link by which a new matter is begun."""
    page.locator("a[href='/desk/new/']").first.click()
    expect(page.locator("h1")).to_contain_text("登记一件")
    page.wait_for_load_state("networkidle")


def refused(page: Page) -> None:
    """Sends the form without all that it needs."""
    page.locator("form.intake").evaluate("form => form.noValidate = true")
    page.locator(".intake .submit-bar button").click()
    expect(page.locator(".alert-danger").first).to_be_visible()
    page.errors.clear()  # type: ignore[attr-defined]  # Chromium reports the 422 itself


def test_a_refused_form_is_shown_with_what_was_typed_and_the_next_new_one_is_blank(clerk: Page) -> None:
    refused(clerk)
    assert typed(clerk) == ("写了一半", NUMBER)
    link_to_new(clerk)
    clerk.goto(NEW.replace("/new/", "/new/"))
    assert typed(clerk) == ("", "")
    expect(clerk.locator(".kept-note")).to_have_count(0)


def test_a_new_form_begun_by_a_link_is_blank_though_another_was_half_typed(clerk: Page) -> None:
    clerk.goto("/desk/")
    link_to_new(clerk)
    assert clerk.get_by_label("情况").input_value() == ""


def test_a_reload_going_back_and_another_door_lose_nothing(clerk: Page) -> None:
    clerk.reload()
    assert typed(clerk) == ("写了一半", NUMBER)
    clerk.locator("main .count-tabs a", has_text=re.compile("窗口|来访")).first.click()
    expect(clerk.get_by_label("情况")).to_have_value("写了一半")
    clerk.goto("/desk/")
    clerk.go_back()
    expect(clerk.get_by_label("情况")).to_have_value("写了一半")


def test_what_was_sent_while_the_network_was_gone_is_still_there_afterwards(clerk: Page) -> None:
    clerk.context.set_offline(True)
    clerk.locator("form.intake").evaluate("form => { form.noValidate = true; form.submit = form.submit }")
    clerk.locator(".intake .submit-bar button").click(no_wait_after=True)
    clerk.wait_for_url(re.compile("chrome-error|desk/new"))
    clerk.wait_for_timeout(500)
    clerk.context.set_offline(False)
    clerk.goto(NEW)
    assert typed(clerk) == ("写了一半", NUMBER)
    clerk.goto("/desk/")
    clerk.goto(NEW)
    assert typed(clerk) == ("写了一半", NUMBER)
    clerk.errors.clear()  # type: ignore[attr-defined]  # the network was gone


def test_what_was_taken_in_is_not_typed_again_into_the_next(clerk: Page, stage: Stage) -> None:
    text = f"占道经营 {uuid4()}"
    lng, lat = stage("point", unit="001-1-1")
    clerk.get_by_label("情况").fill(text)
    clerk.get_by_label("其他类别").fill("E06010")
    clerk.locator(".point-exact summary").click()
    clerk.locator("[data-lng]").fill(str(lng))
    clerk.locator("[data-lat]").fill(str(lat))
    clerk.locator(".intake .submit-bar button").click()
    expect(clerk.get_by_role("status").first).to_contain_text("已登记")
    clerk.goto(NEW)
    assert typed(clerk) == ("", "")
