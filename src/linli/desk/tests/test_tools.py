"""The page of everything beside the queues: no link that does not open for its reader."""

from __future__ import annotations

import pytest

from linli.desk.tests.conftest import Desk

WHO = ("chen", "zhou", "shen", "lu", "ma", "gu", "yao", "qian", "jian", "guan")


@pytest.mark.parametrize("who", WHO)
def test_every_page_that_is_offered_opens(desk: Desk, who: str) -> None:
    browser = desk.client(who)
    page = browser.get("/desk/more/").content.decode()
    links = {part.split('"')[0] for part in page.split('tool-card" href="')[1:]}
    assert links
    for link in links:
        assert browser.get(link, follow=True).status_code == 200, (who, link)


def test_what_does_not_open_is_not_offered(desk: Desk) -> None:
    assert "/desk/batches/" not in desk.client("chen").get("/desk/more/").content.decode()
    assert "/desk/batches/" in desk.client("shen").get("/desk/more/").content.decode()
