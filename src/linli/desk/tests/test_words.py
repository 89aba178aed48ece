"""A Chinese page has no English left in it, and an English page has its own words."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from linli.desk.tests.conftest import Desk
from linli.people import actions as people

LATIN = re.compile(r"[A-Za-z]{2,}")
ALLOWED = {"English", "SOS"}
CODE = re.compile(r"\b(?:[CEL]\d{4,}(?:-\d+)?|SH\d+)\b")


class Visible(HTMLParser):
    """The text and labels of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in {"script", "style", "kbd", "code"}
        named = dict(attrs)
        self.parts += [named.get(key) or "" for key in ("aria-label", "title", "placeholder", "alt")]

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in {"script", "style", "kbd", "code"}

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def english_in(html: str) -> set[str]:
    page = Visible()
    page.feed(html)
    return set(LATIN.findall(CODE.sub("", " ".join(page.parts)))) - ALLOWED


def pages(desk: Desk) -> list[tuple[str, str]]:
    resident = people.register_resident(phone="13800001234", name="王秀英", by=desk.actor("shen"), at=desk.at)
    waiting = desk.report(reporter_id=resident.id, source_number="SH000001")
    handled = desk.report(photos=(desk.photo("shen"),))
    desk.to_handler(handled)
    desk.move(handled, ("hand_in", "ma"), result="好了", photos=[desk.photo("ma")])
    return [
        ("shen", "/desk/"),
        ("shen", f"/desk/receive/?case={waiting}"),
        ("qian", "/desk/dispatch/?due=soon"),
        ("shen", f"/desk/case/{waiting}/"),
        ("gu", f"/desk/case/{handled}/"),
        ("qian", f"/desk/case/{handled}/"),
        ("shen", "/desk/map/"),
        ("shen", "/desk/search/?q=垃圾"),
        ("shen", "/desk/catalogue/"),
        ("shen", "/desk/catalogue/E06010/"),
        ("shen", f"/desk/units/{desk.town.unit('001-1')}/"),
        ("chen", "/desk/new/"),
    ]


def test_a_chinese_page_has_no_english_words(desk: Desk) -> None:
    for who, address in pages(desk):
        answer = desk.client(who).get(address)
        assert answer.status_code == 200, address
        assert not english_in(answer.content.decode()), (address, english_in(answer.content.decode()))


def test_every_page_is_there_in_english(desk: Desk) -> None:
    for who, address in pages(desk):
        answer = desk.client(who, "en").get(address)
        html = answer.content.decode()
        assert answer.status_code == 200
        assert '<html lang="en"' in html
        assert "待办" not in html
        assert "下一步" not in html
