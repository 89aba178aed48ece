"""A real browser for the tests of this folder: Chromium, driven by Playwright, seeing this machine only.

A page must not fail behind the reader's back: an error in its console or scripts, or a request that leaves
this machine, fails the test. Pictures of pages can be kept by `LINLI_PICTURES=folder`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
HERE = {"127.0.0.1", "localhost", "::1"}


@pytest.fixture(scope="session", autouse=True)
def _django_beside_playwright() -> Iterator[None]:
    """Playwright runs an event loop in this thread, and Django would refuse the database beside one."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """LINLI_CHROMIUM, else the system's Chromium, else the one that Playwright downloaded."""
    program = os.environ.get("LINLI_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program,
            # Chromium's own sandbox needs what root in a container has not; only our own pages are opened.
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages, each with its own cookies: `new_page(PHONE)`, `new_page(DESK, java_script_enabled=False)`.

    Afterwards no page may have had an error, and none may have asked another machine. A test that expects one
    takes it from the list: `page.errors.clear()`.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(size: dict[str, int] = DESK, **options: object) -> Page:
        context = browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", **options)
        context.set_default_timeout(10_000)
        contexts.append(context)

        def here_only(route: Route) -> None:
            address = urlsplit(route.request.url)
            if address.scheme in {"data", "blob"} or address.hostname in HERE:
                route.continue_()
            else:
                errors.append(f"asked {route.request.url}")
                route.abort()

        context.route("**/*", here_only)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda said: errors.append(f"{page.url}: {said.text}") if said.type == "error" else None,
        )
        page.errors = errors
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors, "\n".join(errors)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A desk's screen, 1280 pixels wide."""
    return new_page(DESK)


@pytest.fixture
def phone(new_page: Callable[..., Page]) -> Page:
    """A resident's phone, 360 pixels wide."""
    return new_page(PHONE, has_touch=True, is_mobile=True)


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """`picture(page, "name")` keeps a picture of the whole page where LINLI_PICTURES says, if it does."""
    folder = os.environ.get("LINLI_PICTURES")

    def take(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder, f"{name}.png"), full_page=True)

    return take
