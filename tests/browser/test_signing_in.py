"""Signing in with a password, and out again."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.backstage import PASSWORD


def sign_in(page: Page, password: str) -> None:
    """Fill in the form of the sign-in page."""
    page.get_by_label("用户名").fill("wei")
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def test_the_desk_asks_for_a_password_leads_on_to_what_was_wanted_and_lets_go_again(page: Page) -> None:
    page.goto("/desk/map/?q=垃圾")
    expect(page).to_have_url(re.compile(r"/accounts/login/\?next="))
    sign_in(page, "falsch-und-lang-genug")
    expect(page.get_by_role("alert")).to_be_visible()
    page.errors.clear()  # Chromium may report the refusal itself
    sign_in(page, PASSWORD)
    expect(page).to_have_url(re.compile("/desk/map/"))
    page.errors.clear()  # wei holds no post: 403
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="退出").click()
    page.goto("/desk/")
    expect(page).to_have_url(re.compile("/accounts/login/"))


def test_after_signing_in_one_may_add_a_second_factor(
    page: Page, picture: Callable[[Page, str], None]
) -> None:
    page.goto("/accounts/login/?next=/accounts/2fa/totp/activate/")
    sign_in(page, PASSWORD)
    expect(page).to_have_url(re.compile("/accounts/reauthenticate/"))
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="确认").click()
    expect(page).to_have_url(re.compile("/accounts/2fa/totp/activate/"))
    picture(page, "totp-zh-desk")
    expect(page.locator(".qr")).to_be_visible()
    assert page.locator(".qr").evaluate("one => one.complete && one.naturalWidth > 0")


def test_the_demos_people_sign_in_with_one_press(page: Page) -> None:
    page.goto("/demo/")
    page.locator("form", has=page.locator("[value=shen]")).get_by_role("button").first.click()
    expect(page).to_have_url(re.compile("/desk/"))
    expect(page.locator(".staff-top")).to_contain_text("沈佳怡")
