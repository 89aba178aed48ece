"""A real browser for the tests of this folder: Chromium, driven by Playwright, seeing this machine only.

A page must not fail behind the reader's back: an error in its console or scripts, or a request that leaves
this machine, fails the test. Pictures of pages can be kept by `LINLI_PICTURES=folder`.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
HERE = {"127.0.0.1", "localhost", "::1"}
NOWHERE_ELSE = (
    f"--host-resolver-rules=MAP * ~NOTFOUND, {', '.join(f'EXCLUDE {host}' for host in sorted(HERE))}"
)
"""Chromium itself reaches no other machine. A handler of each request would do so too, but without its cache."""
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0
"""Seconds in which the town must be built and the server must answer."""
WAIT = 60_000.0
"""Milliseconds in which a page must do what is expected of it. A test that passes does not wait for them, and one that
fails should do so for what the page does, not for what else the machine does; how fast pages are is for the benchmarks."""


@dataclass
class Stage:
    """The running town: where it answers, and whoever does things in it that a test does not do in a browser.

    `stage("open", text="…")` asks tests/browser/backstage.py; see there for what may be asked.
    """

    address: str
    behind: subprocess.Popen[str]

    def __call__(self, do: str, **given: Any) -> Any:
        assert self.behind.stdin
        assert self.behind.stdout
        self.behind.stdin.write(json.dumps({"do": do, **given}) + "\n")
        self.behind.stdin.flush()
        line = self.behind.stdout.readline()
        assert line, f"backstage ended at {do}"
        return json.loads(line)

    def until(self, done: Callable[[], bool], seconds: float = WAIT / 1000) -> None:
        """Wait for what the worker does beside the web."""
        ends = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < ends, "the worker did not do it in time"
            time.sleep(0.2)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A town of its own under the real server, with the worker beside it. Its log must hold no error."""
    folder = tmp_path_factory.mktemp("town")
    environment = {
        **os.environ, "LINLI_DATA_DIR": str(folder), "LINLI_DEMO": "1", "LINLI_SQLITE_SYNC": "OFF",
    }  # fmt: skip
    environment.pop("LINLI_DATABASE_URL", None)
    log_path = folder / "log.txt"
    with log_path.open("w") as log:
        behind = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.backstage"], cwd=ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip
        server: subprocess.Popen[str] | None = None
        try:
            assert behind.stdout
            assert behind.stdout.readline() == '"ready"\n', log_path.read_text()
            server, address = _serve(environment, log)
            yield Stage(address, behind)
        finally:
            if server is not None:
                server.terminate()
                server.wait(timeout=30)
            behind.communicate(timeout=30)  # no more to do: it ends by itself
    wrong = [line for line in log_path.read_text().splitlines() if "ERROR" in line or "Traceback" in line]
    assert not wrong, log_path.read_text()


def _serve(environment: dict[str, str], log: IO[str]) -> tuple[subprocess.Popen[str], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "linli", "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=log, stderr=log)
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and server.poll() is None:
        try:
            with urlopen(f"{address}/", timeout=5):
                return server, address
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    server.terminate()
    raise AssertionError(f"the server did not answer at {address}")


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
    expect.set_options(timeout=WAIT)
    program = os.environ.get("LINLI_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program,
            # Chromium's own sandbox needs what root in a container has not; only our own pages are opened.
            args=[NOWHERE_ELSE, *(["--no-sandbox"] if os.geteuid() == 0 else [])],
        )
        yield chromium
        chromium.close()


def _opened(
    browser: Browser, address: str, size: dict[str, int], errors: list[str], options: dict[str, Any]
) -> Page:
    """A page of its own context that notes what must not happen on it."""
    context = browser.new_context(
        base_url=address, viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", **options
    )
    context.set_default_timeout(WAIT)

    def asked(request: Request) -> None:
        where = urlsplit(request.url)
        if where.scheme not in {"data", "blob"} and where.hostname not in HERE:
            errors.append(f"asked {request.url}")

    context.on("request", asked)
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
    page.on(
        "console", lambda said: errors.append(f"{page.url}: {said.text}") if said.type == "error" else None
    )
    page.errors = errors
    return page


def _become(context: BrowserContext, stage: Stage, who: str, language: str) -> None:
    """Sign this person in, in this language; nobody, when there is no name."""
    cookies = [stage("session", username=who)] if who else []
    if language:
        cookies.append({"name": "django_language", "value": language})
    context.add_cookies([{**cookie, "url": stage.address} for cookie in cookies])


@pytest.fixture
def new_page(browser: Browser, stage: Stage) -> Iterator[Callable[..., Page]]:
    """Opens pages, each with its own cookies: `new_page(PHONE)`, `new_page(DESK, java_script_enabled=False)`,
    `new_page(who="shen", language="en")`. Addresses are given without the town's own: `page.goto("/desk/")`.

    Afterwards no page may have had an error, and none may have asked another machine. A test that expects one
    takes it from the list: `page.errors.clear()`.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(
        size: dict[str, int] = DESK, *, who: str = "", language: str = "", **options: object
    ) -> Page:
        page = _opened(browser, stage.address, size, errors, options)
        contexts.append(page.context)
        _become(page.context, stage, who, language)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors, "\n".join(errors)


@pytest.fixture(scope="session")
def _reading(browser: Browser, stage: Stage) -> Iterator[Callable[[], Page]]:
    """The page on which everything is only looked at. A new one costs more than all that is shown on it: a process
    of the browser, and every script and style fetched and compiled anew."""
    pages: list[Page] = []

    def give() -> Page:
        if not pages or pages[-1].is_closed():
            pages.append(_opened(browser, stage.address, PHONE, [], {}))
        return pages[-1]

    yield give
    for page in pages:
        page.context.close()


@pytest.fixture
def reader(_reading: Callable[[], Page], stage: Stage) -> Iterator[Callable[..., Page]]:
    """The one page for looking only: `reader(who="shen", language="en")` is this person's phone, with no cookie,
    no stored word, no size and no colours of whoever looked before. What is typed and sent belongs on a `new_page`.
    The same must not happen on it, over the whole test.
    """
    errors = _reading().errors
    errors.clear()

    def read(*, who: str = "", language: str = "") -> Page:
        page = _reading()
        if page.url.startswith(stage.address):
            page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        page.context.clear_cookies()
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(PHONE)
        _become(page.context, stage, who, language)
        return page

    yield read
    found = list(errors)
    errors.clear()
    assert not found, "\n".join(found)


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
