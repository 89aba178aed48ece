"""Chiefs, advisers and squads in the browser: readable everywhere, and a task claimed by one click."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import looking
from tests.browser.conftest import PHONE, Stage

ROOM = "/desk/responsibility/"
PAGES = {
    "chiefs": ("guan", f"{ROOM}chiefs/"),
    "chief": ("guan", f"{ROOM}chiefs/{{place_id}}/"),
    "advisers": ("guan", f"{ROOM}advisers/"),
    "contract": ("guan", f"{ROOM}advisers/{{contract_id}}/"),
    "contract-new": ("guan", f"{ROOM}advisers/new/?renews={{contract_id}}"),
    "squads": ("guan", f"{ROOM}squads/"),
    "squad": ("guan", f"{ROOM}squads/{{squad_id}}/"),
    "squad-mine": ("zhou", "/desk/squad/"),
}


@pytest.fixture(scope="session")
def scene(stage: Stage) -> dict[str, str]:
    return dict(stage("chiefs"))


@pytest.fixture(scope="session")
def data(stage: Stage, scene: dict[str, str]) -> list[str]:
    return [*stage("data"), *stage("chiefs_words")]


@pytest.mark.parametrize("language", looking.LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_chiefs_advisers_and_squads_can_be_read_on_every_screen_in_either_language(
    name: str, language: str, reader: Callable[..., Page], scene: dict[str, str], data: list[str],
    picture: Callable[[Page, str], None],
) -> None:  # fmt: skip
    who, path = PAGES[name]
    page = reader(who=who, language=language)
    answer = page.goto(path.format(**scene))
    assert answer is not None
    assert answer.status == 200
    assert looking.everywhere(page, name, language, data, picture) == ""


def test_a_member_claims_a_task_from_the_phone(new_page: Callable[..., Page], scene: dict[str, str]) -> None:
    page = new_page(PHONE, who="zhou")
    page.goto("/desk/squad/")
    page.get_by_role("button", name=f"领办 {scene['task']}").click()
    expect(page.get_by_text("已领办,任务在")).to_be_visible()
    expect(page.get_by_role("button", name=f"领办 {scene['task']}")).to_have_count(0)
