"""Whistle and report-in in the browser: blown from the case's page, scanned on the spot, met, finished, rated."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from linli.joint.tests.whistles import REASON, TASK
from tests.browser import looking
from tests.browser.conftest import DESK, PHONE, Stage

PAGES = {
    "whistles": ("zhou", "/desk/whistles/"),
    "whistle": ("zhou", "/desk/whistles/{id}/"),
    "whistle-of-helper": ("pa-1", "/desk/whistles/{id}/"),
    "whistle-waiting": ("qian", "/desk/whistles/{waiting}/"),
    "whistle-choose": ("zhou", "/desk/whistles/on/{case}/"),
    "whistle-new": ("zhou", "/desk/whistles/on/{case}/?template=urgent"),
    "whistle-hard": ("lu", "/desk/whistles/on/{case}/?template=tackle"),
    "code": ("zhou", "/desk/whistles/{id}/code/"),
    "report-in": ("pa-1", "/desk/whistles/{id}/report-in/?code=123456"),
    "minutes-new": ("zhou", "/desk/whistles/{id}/meetings/"),
    "minutes": ("zhou", "/desk/whistles/meetings/{meeting}/"),
    "lists": ("zhou", "/desk/whistles/{id}/lists/"),
    "unit-lists": ("qian", "/desk/whistles/lists/"),
    "my-parts": ("pa-1", "/desk/parts/"),
    "no-parts": ("gu", "/desk/parts/"),
    "part-done": ("zhou", "/desk/parts/{part}/"),
    "part-open": ("cg-1", "/desk/parts/{open_part}/"),
    "part-of-caller": ("zhou", "/desk/parts/{open_part}/"),
    "figures": ("qian", "/desk/parts/figures/"),
    "case-with-helpers": ("zhou", "/desk/case/{case}/"),
}
WRITTEN = (
    TASK, REASON, "禾苑路口", "各方商定三项措施", "修复路牙", "缺少封路设备", "摊点已劝离", "现场配合好",
    "摊主当场撤走,已电话确认", "立即到场处置险情", "参加联合攻坚,提出并落实本部门措施",
)  # fmt: skip


@pytest.fixture(scope="session")
def scene(stage: Stage) -> dict[str, str]:
    """A whistle with everything, one that waits, and one whose parts are open."""
    whole = stage("whistle", met=True, done=True)
    begun = stage("whistle")
    return {**whole, "waiting": stage("whistle", template="tackle")["id"], "open_part": begun["part"]}


@pytest.fixture(scope="session")
def data(stage: Stage, scene: dict[str, str]) -> list[str]:
    """What people wrote, the same in both languages."""
    return [*stage("data"), *WRITTEN]


@pytest.mark.parametrize("language", looking.LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_whistle_can_be_read_on_every_screen_in_either_language(
    name: str, language: str, reader: Callable[..., Page], scene: dict[str, str], data: list[str],
    picture: Callable[[Page, str], None],
) -> None:  # fmt: skip
    who, path = PAGES[name]
    page = reader(who=who, language=language)
    answer = page.goto(path.format(**scene))
    assert answer is not None
    assert answer.status == 200
    assert looking.everywhere(page, f"joint-{name}", language, data, picture) == ""


def test_a_matter_is_whistled_scanned_helped_and_rated_and_works_without_scripts(
    new_page: Callable[..., Page], stage: Stage
) -> None:
    case = stage("advance", state="handling")
    lead = new_page(DESK, who="zhou")
    lead.goto(f"/desk/case/{case['id']}/")
    lead.get_by_role("link", name="吹哨", exact=True).click()
    lead.get_by_role("link", name="选推进哨").click()
    lead.get_by_label("为什么吹哨").fill("占道经营,屡劝不改")
    lead.locator("li", has_text="城管中队").get_by_role("checkbox").check()
    lead.get_by_role("button", name="吹哨").click()
    expect(lead.get_by_role("status").filter(has_text="协办单位已收到通知").first).to_be_visible()
    lead.get_by_role("link", name="现场报到码").click()
    code = lead.locator(".sign-in-code strong").inner_text()
    assert re.fullmatch(r"\d{6}", code)
    whistle = lead.url.split("/")[-3]

    helper = new_page(PHONE, who="cg-1", java_script_enabled=False)
    helper.goto(f"/desk/whistles/{whistle}/report-in/?code={code}")
    helper.get_by_role("button", name="我已到场").click()
    expect(helper.locator("h1")).to_contain_text("已到场")
    helper.get_by_label("协办结果").fill("摊点已劝离")
    helper.locator("form:has([name=result]) button").click()
    expect(helper.locator("h1")).to_contain_text("已完成")
    helper.get_by_label("较好").check()
    helper.get_by_role("button", name="提交评价").click()
    expect(helper.locator("#rate")).to_contain_text("较好")

    lead.goto(f"/desk/case/{case['id']}/")
    expect(lead.locator("#whistle")).to_contain_text("已完成")


def test_an_approval_waits_for_another_and_then_calls(new_page: Callable[..., Page], stage: Stage) -> None:
    waiting = stage("whistle", template="tackle")
    own = new_page(DESK, who="zhou")
    own.goto(f"/desk/whistles/{waiting['id']}/")
    expect(own.get_by_role("button", name="批准并召集")).to_have_count(0)
    chief = new_page(DESK, who="qian")
    chief.goto(f"/desk/whistles/{waiting['id']}/")
    chief.get_by_role("button", name="批准并召集").click()
    expect(chief.locator("main")).to_contain_text("已吹哨")
    own.reload()
    expect(own.get_by_role("link", name="现场报到码")).to_be_visible()
