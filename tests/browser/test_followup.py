"""After closing, in a browser: the call, the rates, what is left out, the re-inspection; on a phone and at a desk, in
both languages, without a barrier."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from linli.kernel import clock
from tests.browser import looking
from tests.browser.conftest import DESK, PHONE, Stage

WORDS = "同一件事已经第五次来电"
SEEN = "垃圾还在原处"
SAID = "还是一堆垃圾"


@pytest.fixture(scope="module")
def after(stage: Stage, request: pytest.FixtureRequest) -> dict[str, str]:
    """Addresses of everything that follows a closing: made once, by people of the town, in a browser."""
    for days in (2, 2.1, 2.2, 2.3, 2.4):
        stage("long_closed", days=days)
    asked = stage("long_closed", days=1)["id"]
    return {"case": stage("long_closed", days=0.5)["id"], "asked": asked}


def sent(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_load_state()


def looked_at(
    page: Page, name: str, language: str, data: list[str], picture: Callable[[Page, str], None]
) -> None:
    """On a phone and at a desk, in this language."""
    found = looking.everywhere(page, f"followup-{name}", language, [*data, WORDS, SEEN, SAID], picture)
    assert not found, f"{name}\n{found}"


@pytest.mark.parametrize("language", looking.LANGUAGES)
def test_what_follows_a_closing_can_be_read_by_everybody(
    language: str, reader: Callable[..., Page], after: dict[str, str], stage: Stage,
    picture: Callable[[Page, str], None],
) -> None:  # fmt: skip
    data = list(stage("data"))
    shown = [
        ("yao", "calls", "/desk/followup/"),
        ("qian", "rates", "/desk/followup/rates/"),
        ("qian", "rates-by-department", "/desk/followup/rates/?by=department"),
        ("qian", "rates-cases", "/desk/followup/rates/cases/"),
        ("qian", "exclusions", "/desk/followup/exclusions/"),
        ("ma", "exclusion-new", f"/desk/followup/exclusions/new/{after['asked']}/"),
        ("jian", "draws", "/desk/followup/draws/"),
        ("gu", "inspections", "/desk/followup/inspections/"),
        ("yao", "call", f"/desk/followup/call/{after['case']}/"),
    ]
    for who, name, path in shown:
        page = reader(who=who, language=language)
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        looked_at(page, name, language, data, picture)


@pytest.mark.parametrize("language", looking.LANGUAGES)
def test_a_call_is_made_noted_and_reopened(
    language: str, new_page: Callable[..., Page], stage: Stage, picture: Callable[[Page, str], None]
) -> None:
    case = stage("long_closed", days=3)
    english = language == "en"
    page = new_page(PHONE, who="yao", language=language)
    page.goto(f"/desk/followup/call/{case['id']}/")
    sent(page, "Begin the call" if english else "开始回访")
    page.get_by_role("button", name="Show the number to call" if english else "显示号码拨打").click()
    expect(page.locator(".phone-shown")).to_contain_text("16100000001")
    looked_at(page, "call-taken", language, list(stage("data")), picture)
    page.get_by_role("button", name="Record it" if english else "记录", exact=True).click()
    page.get_by_label("Reached and asked" if english else "接通并问到").check()
    page.get_by_label("Not solved" if english else "未解决", exact=True).check()
    page.get_by_label("Not satisfied" if english else "不满意", exact=True).check()
    page.get_by_label("What the reporter said" if english else "诉求人怎么说").fill(SAID)
    page.get_by_label("The reporter wants it reopened" if english else "诉求人要求重开").check()
    sent(page, "Record it" if english else "记录")
    expect(page.locator("main")).to_contain_text("on record" if english else "已记录")
    assert stage("case", case=case["id"])["state"] == "registered"


def test_an_exclusion_is_asked_decided_and_seen_in_the_rates(
    new_page: Callable[..., Page], stage: Stage, picture: Callable[[Page, str], None]
) -> None:
    case = stage("long_closed", days=1.5)
    ma, qian = new_page(DESK, who="ma"), new_page(PHONE, who="qian")
    ma.goto(f"/desk/followup/exclusions/new/{case['id']}/")
    ma.get_by_label("无新情况的重复诉求").check()
    ma.get_by_label("具体情况").fill(WORDS)
    sent(ma, "提交申请")
    qian.goto(ma.url)
    looked_at(qian, "exclusion", "zh-hans", list(stage("data")), picture)
    qian.get_by_label("同意剔除").check()
    sent(qian, "审定")
    expect(qian.locator("main")).to_contain_text("已剔除")
    qian.goto("/desk/followup/rates/cases/?figure=out-repeated")
    expect(qian.locator("main")).to_contain_text(case["number"])
    ma.goto(qian.url)
    english = new_page(PHONE, who="jian", language="en")
    english.goto("/desk/followup/exclusions/")
    english.get_by_role("link", name=case["number"]).click()
    looked_at(english, "exclusion", "en", list(stage("data")), picture)


def test_a_draw_is_committed_drawn_and_inspected(
    new_page: Callable[..., Page], after: dict[str, str], stage: Stage, picture: Callable[[Page, str], None]
) -> None:
    jian, qian = new_page(DESK, who="jian"), new_page(DESK, who="qian")
    jian.goto("/desk/followup/draws/")
    jian.get_by_text("承诺一次抽样").click()
    today = clock.local(clock.now()).date()
    jian.get_by_label("结案日期从").fill(str(today - timedelta(days=20)))
    jian.get_by_label("到", exact=True).fill(str(today - timedelta(days=1)))
    jian.get_by_label("抽取件数").fill("3")
    sent(jian, "公布承诺")
    looked_at(jian, "draw-committed", "zh-hans", list(stage("data")), picture)
    qian.goto(jian.url)
    sent(qian, "公开种子并抽取")
    expect(qian.locator("main")).to_contain_text("种子已公开")
    looked_at(qian, "draw", "zh-hans", list(stage("data")), picture)
    english = new_page(DESK, who="qian", language="en")
    english.goto(jian.url)
    looked_at(english, "draw", "en", list(stage("data")), picture)
    qian.locator("main table a").first.click()
    place = qian.url
    gu = new_page(PHONE, who="checker-2")
    gu.goto(place)
    if gu.get_by_role("button", name="由我复查").count():
        sent(gu, "由我复查")
    looked_at(gu, "inspection", "zh-hans", list(stage("data")), picture)
    gu.get_by_label("结案但未解决").check()
    gu.get_by_label("现场情况").fill(SEEN)
    sent(gu, "提交复查结果")
    qian.goto(place)
    sent(qian, "重开,升一级督办")
    expect(qian.locator("main")).to_contain_text("已重开")
    english.goto(place)
    looked_at(english, "inspection", "en", list(stage("data")), picture)
