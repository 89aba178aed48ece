"""No link leads nowhere: everybody follows every sort of link that they are shown."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import urldefrag, urljoin, urlsplit
from urllib.request import Request, urlopen

import pytest
from django.utils.encoding import iri_to_uri
from playwright.sync_api import Page

from tests.browser import looking
from tests.browser.conftest import WAIT, Stage

EVERYBODY = ("", "lin", "shen", "lu", "ma", "gu", "yao", "chen", "zhou", "qian", "guan", "jian", "wei")
ALIKE = 3
"""So many addresses of one sort are followed by each: hundreds of kinds have the same page."""
MAPS_ARE_READY = "() => !document.querySelector('.maplibregl-map:not([data-ready])')"
CHANGING = re.compile(r"/[0-9a-f]{8}-[0-9a-f-]{27}(?=/)|/\d{8,}/[A-Z2-7]{10}(?=/)|/catalogue/[^/?]+(?=/)")
OPENED: set[str] = set()
"""Sorts of pages that somebody's browser has opened already."""


class Links(HTMLParser):
    """Where a page leads, and what it loads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and ((name == "href" and tag in {"a", "link"}) or name == "src"):
                self.found.append(value)


class Answer(NamedTuple):
    """What an address answered, where it led in the end, and its text if it is a page."""

    status: int
    address: str
    page: str


def ask(address: str, cookie: str) -> Answer:
    """As the browser would ask, but without one: hundreds of answers are only read for their links."""
    asked = Request(iri_to_uri(address), headers={"Cookie": cookie, "Accept": "text/html,*/*"})
    try:
        with urlopen(asked, timeout=WAIT / 1000) as answer:
            is_page = answer.headers.get_content_type() == "text/html"
            return Answer(answer.status, answer.url, answer.read().decode() if is_page else "")
    except HTTPError as refused:
        with refused:
            return Answer(refused.code, address, "")


def sort_of(address: str) -> str:
    """The address without what differs between pages of one sort."""
    parts = urlsplit(address)
    asked = ",".join(sorted(part.split("=")[0] for part in parts.query.split("&") if part))
    return f"{CHANGING.sub('/*', parts.path)}?{asked}"


@pytest.mark.parametrize("who", EVERYBODY, ids=lambda who: who or "anonymous")
def test_no_link_is_dead_and_no_page_scrolls_sideways(
    who: str, reader: Callable[..., Page], stage: Stage
) -> None:
    page = reader(who=who)
    cookie = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
    waiting = deque((f"{stage.address}{path}", "start") for path in ("/", "/desk/" if who else "/t/"))
    known = {address for address, _ in waiting}
    followed: Counter[str] = Counter()
    dead: list[str] = []
    shown: dict[str, str] = {}
    while waiting:
        address, at = waiting.popleft()
        sort = sort_of(address)
        followed[sort] += 1
        if followed[sort] > ALIKE:
            continue
        answer = ask(address, cookie)
        if answer.status >= 400:
            dead.append(f"{answer.status} {address} on {at}")
        if not answer.page:
            continue
        shown.setdefault(sort, address)
        for link in Links(answer.page).found:
            target = urldefrag(urljoin(answer.address, link)).url
            if target.startswith(stage.address) and target not in known:
                known.add(target)
                waiting.append((target, address))
    assert "\n".join(dead) == ""
    wide = {}
    for sort, address in shown.items():
        if sort not in OPENED or "/desk/case/" in sort:
            OPENED.add(sort)
            page.goto(address)
            page.wait_for_function(MAPS_ARE_READY)  # left before, it complains of what it did not get
            wide[sort] = looking.too_wide(page)
    assert {sort: what for sort, what in wide.items() if what} == {}
    assert len(shown) > 3
