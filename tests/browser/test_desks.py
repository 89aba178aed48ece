"""What the town's people do at their desks: a matter's whole way, many at once, filters, clocks, collisions."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from linli.cases.tests.loop import GRID_MATTER, NOTED, jpeg
from tests.browser.conftest import DESK, PHONE, Stage


@pytest.fixture
def photo(tmp_path: Path) -> str:
    """A photo file that no other test sent."""
    file = tmp_path / "清理后.png"
    file.write_bytes(jpeg((640, 480)))
    return str(file)


def at_work(page: Page, case_id: str) -> Page:
    """The case's own page."""
    page.goto(f"/desk/case/{case_id}/")
    return page


def do(page: Page, move: str) -> None:
    """Unfold a move's form, if it is folded, and press its button."""
    form = page.locator(f"form[action$='/move/{move}/']")
    if not form.is_visible():
        page.locator("details.move", has=form).locator("summary").click()
    form.locator("button[type=submit]").click()


def said(page: Page) -> str:
    """What the page answered to the last move."""
    return page.get_by_role("status").filter(has_text=re.compile(r"\S")).first.inner_text()


def test_a_matter_goes_through_every_desk_to_the_reporter_who_has_it_taken_up_again(
    new_page: Callable[..., Page], stage: Stage, photo: str, picture: Callable[[Page, str], None]
) -> None:
    case = stage("open", text=f"垃圾桶倒了 {uuid4()}")

    clerk = new_page(DESK, who="shen")
    clerk.goto("/desk/receive/")
    row = clerk.locator("[data-queue-row]", has_text=case["number"])
    for _ in range(clerk.locator("[data-queue-row]").count()):
        clerk.keyboard.press("j")
        if row.locator("a[data-open]").evaluate("one => one === document.activeElement"):
            break
    clerk.keyboard.press("k")
    clerk.keyboard.press("j")
    clerk.keyboard.press("Enter")
    expect(clerk.locator(f"[data-matter='{case['id']}']")).to_be_visible()
    expect(clerk).to_have_url(re.compile(f"case={case['id']}"))
    do(clerk, "accept")
    assert case["number"] in said(clerk)

    dispatcher = at_work(new_page(DESK, who="lu"), case["id"])
    expect(dispatcher.locator("main")).to_contain_text("为什么是这个岗位?")
    do(dispatcher, "register")
    at_work(dispatcher, case["id"])
    do(dispatcher, "dispatch")
    assert case["number"] in said(dispatcher)

    handler = at_work(new_page(PHONE, who="ma"), case["id"])
    do(handler, "sign")
    at_work(handler, case["id"])
    form = handler.locator("form[action$='/move/hand_in/']")
    form.get_by_label("处置结果").fill("已扶正,垃圾清走")
    form.locator("input[type=file]").set_input_files(photo)
    expect(form.locator("[data-photo-list] img")).to_have_count(1)
    do(handler, "hand_in")
    assert case["number"] in said(handler)

    checker = at_work(new_page(DESK, who="gu"), case["id"])
    expect(checker.locator(".before-after img")).to_have_count(1)
    do(checker, "take_check")
    at_work(checker, case["id"])
    do(checker, "pass_check")

    do(at_work(clerk, case["id"]), "close")
    assert stage("case", case=case["id"])["state"] == "closed"
    picture(at_work(clerk, case["id"]), "case-whole-way-zh-desk")

    resident = new_page(PHONE, has_touch=True, is_mobile=True)
    resident.goto(f"/t/{case['number']}/{case['code']}/")
    resident.get_by_label("不满意").check()
    resident.get_by_role("button", name="提交评价").click()
    resident.get_by_label("哪里还没有解决?").fill("第二天又倒了")
    resident.get_by_role("button", name="请求重办").click()
    assert stage("case", case=case["id"])["state"] == "registered"
    history = at_work(dispatcher, case["id"]).locator(".timeline-list")
    expect(history).to_contain_text("第二天又倒了")


def test_a_grid_worker_reports_and_settles_on_the_spot(
    new_page: Callable[..., Page], stage: Stage, photo: str, tmp_path: Path
) -> None:
    page = new_page(PHONE, who="chen", has_touch=True, is_mobile=True)
    text = f"阳台乱堆 {uuid4()}"
    lng, lat = stage("point", unit="001-1-1")
    page.goto("/desk/new/")
    page.get_by_label("情况").fill(text)
    page.get_by_label("其他类别").fill(GRID_MATTER)
    page.locator(".point-exact summary").click()
    page.locator("[data-lng]").fill(str(lng))
    page.locator("[data-lat]").fill(str(lat))
    before = tmp_path / "before.png"
    before.write_bytes(jpeg((320, 240)))
    page.locator("input[name=photos]").set_input_files(str(before))
    page.locator("details.settle summary").click()
    page.get_by_label("当场已办结").check()
    page.get_by_label("处置结果").fill("户主当场收走")
    page.locator("input[name=after]").set_input_files(photo)
    expect(page.locator("[data-photo-list] img")).to_have_count(2)
    page.locator(".intake .submit-bar button").click()
    expect(page.get_by_role("status").first).to_contain_text("已登记,编号")
    expect(page.locator(".matter-head")).to_contain_text(re.compile("已结案|待核查|已办结"))
    assert stage("count", text=text) == 1


def test_several_are_accepted_at_once(page_of_clerk: Page, stage: Stage) -> None:
    cases = [stage("open", text=f"一批 {uuid4()}") for _ in range(3)]
    page_of_clerk.goto("/desk/receive/")
    bar = page_of_clerk.locator("[data-bulk]")
    expect(bar).to_be_hidden()
    for case in cases:
        page_of_clerk.locator("[data-queue-row]", has_text=case["number"]).get_by_role("checkbox").check()
    expect(bar.locator("[data-chosen]")).to_have_text("3")
    bar.get_by_role("button", name="批量受理").click()
    expect(page_of_clerk.get_by_role("status").first).to_contain_text("3 件已办")
    assert {stage("case", case=case["id"])["state"] for case in cases} == {"accepted"}


def test_a_filter_is_kept_under_a_name_and_its_address_shows_a_colleague_the_same(
    page_of_clerk: Page, new_page: Callable[..., Page], stage: Stage
) -> None:
    wanted = stage("open", kind=NOTED, text="夜里施工太吵")
    other = stage("open", text="垃圾没人清")
    name = f"噪声 {uuid4().hex[:6]}"
    page_of_clerk.goto("/desk/receive/")
    page_of_clerk.locator(".filter-fold summary").click()
    page_of_clerk.locator("#filter-kind").fill(NOTED)
    page_of_clerk.locator(".filter-fold").get_by_role("button", name="筛选").click()
    expect(page_of_clerk.locator("[data-queue-row]", has_text=wanted["number"])).to_be_visible()
    expect(page_of_clerk.locator("[data-queue-row]", has_text=other["number"])).to_have_count(0)
    page_of_clerk.locator("#filter-name").fill(name)
    page_of_clerk.get_by_role("button", name="保存").click()
    expect(page_of_clerk.get_by_role("link", name=name)).to_have_attribute("aria-current", "true")

    colleague = new_page(DESK, who="receiver-2")
    colleague.goto(page_of_clerk.url)
    expect(colleague.locator("[data-queue-row]", has_text=wanted["number"])).to_be_visible()
    expect(colleague.locator("[data-queue-row]", has_text=other["number"])).to_have_count(0)
    expect(colleague.get_by_role("link", name=name)).to_have_count(0)

    page_of_clerk.goto("/desk/receive/")
    page_of_clerk.get_by_role("link", name=name).click()
    expect(page_of_clerk.locator("[data-queue-row]", has_text=other["number"])).to_have_count(0)
    page_of_clerk.get_by_role("button", name=f"删去筛选 {name}").click()
    expect(page_of_clerk.get_by_role("link", name=name)).to_have_count(0)


def test_a_stale_tab_is_told_what_happened_meanwhile_and_keeps_what_was_typed(
    page_of_clerk: Page, stage: Stage
) -> None:
    case = stage("open")
    at_work(page_of_clerk, case["id"])
    form = page_of_clerk.locator("form[action$='/move/decline/']")
    page_of_clerk.locator("details.move", has=form).locator("summary").click()
    form.get_by_label("补充说明").fill("这件事归市里管,已告知诉求人")
    stage("make", move="accept", case=case["id"], by="receiver-2")
    form.locator("button[type=submit]").click()
    alert = page_of_clerk.get_by_role("alert")
    expect(alert).to_be_visible()
    page_of_clerk.errors.clear()  # Chromium reports the 409 itself
    expect(alert).to_contain_text("已受理")
    kept = page_of_clerk.locator("textarea").evaluate_all("all => all.map(one => one.value)")
    assert "这件事归市里管,已告知诉求人" in kept
    assert stage("case", case=case["id"])["state"] == "accepted"


def test_a_move_without_its_photo_is_refused_and_the_words_stay(
    new_page: Callable[..., Page], stage: Stage
) -> None:
    case = stage("advance", state="handling")
    page = at_work(new_page(PHONE, who="ma"), case["id"])
    form = page.locator("form[action$='/move/hand_in/']")
    form.evaluate("one => one.noValidate = true")
    form.get_by_label("处置结果").fill("清走了两车")
    do(page, "hand_in")
    expect(page.get_by_role("alert")).to_contain_text("还缺少必需的照片")
    page.errors.clear()  # Chromium reports the 422 itself
    expect(page.locator("form[action$='/move/hand_in/']").get_by_label("处置结果")).to_have_value(
        "清走了两车"
    )


def test_a_limit_runs_out_and_the_matter_is_raised(new_page: Callable[..., Page], stage: Stage) -> None:
    # A police transfer has to be dispatched within two hours, by day and by night; this one has a second left.
    case = stage("open", age=2 * 3600 - 1, source="police", kind=NOTED)
    stage.until(lambda: stage("case", case=case["id"])["escalations"] == "1")
    chief = at_work(new_page(DESK, who="qian"), case["id"])
    head = chief.locator(".matter-head")
    expect(head).to_contain_text("已超时")
    expect(head).to_contain_text("已升级")
    expect(chief.locator(".timeline-list")).to_contain_text("派遣")
    chief.goto("/desk/")
    expect(chief.locator("main")).to_contain_text(case["number"])


def test_double_clicking_a_move_makes_it_once(page_of_clerk: Page, stage: Stage) -> None:
    case = stage("open")
    at_work(page_of_clerk, case["id"])
    with page_of_clerk.expect_navigation():
        page_of_clerk.locator("form[action$='/move/accept/'] button[type=submit]").dblclick(
            no_wait_after=True
        )
    page_of_clerk.wait_for_load_state()
    assert stage("case", case=case["id"])["state"] == "accepted"
    assert page_of_clerk.get_by_role("alert").count() == 0


def test_typed_words_survive_a_reload(new_page: Callable[..., Page], stage: Stage) -> None:
    case = stage("advance", state="handling")
    page = at_work(new_page(PHONE, who="ma"), case["id"])
    page.locator("form[action$='/move/hand_in/']").get_by_label("处置结果").fill("正在写")
    page.reload()
    expect(page.locator("form[action$='/move/hand_in/']").get_by_label("处置结果")).to_have_value("正在写")


def test_the_desk_works_without_scripts(new_page: Callable[..., Page], stage: Stage) -> None:
    case = stage("open")
    page = new_page(DESK, who="shen", java_script_enabled=False)
    page.goto("/desk/receive/")
    page.locator("[data-queue-row]", has_text=case["number"]).locator("a[data-open]").click()
    page.locator("form[action$='/move/accept/'] button[type=submit]").click()
    assert stage("case", case=case["id"])["state"] == "accepted"


def test_what_is_new_is_offered_and_never_moves_the_list_under_a_reader(
    page_of_clerk: Page, stage: Stage
) -> None:
    page_of_clerk.goto("/desk/receive/")
    before = page_of_clerk.locator("[data-queue-row]").count()
    stage("open")
    page_of_clerk.evaluate(
        "() => { const one = document.querySelector('.fresh');"
        " htmx.ajax('get', one.getAttribute('hx-get'), {source: one, target: one, swap: 'outerHTML'}); }"
    )
    expect(page_of_clerk.locator(".fresh a")).to_contain_text("件新到或有变动")
    assert page_of_clerk.locator("[data-queue-row]").count() == before


def test_showing_a_reporters_number_needs_a_reason_and_is_on_the_record(
    page_of_clerk: Page, stage: Stage
) -> None:
    case = stage("open", of_resident=True)
    at_work(page_of_clerk, case["id"])
    page_of_clerk.locator(".reveal summary").click()
    page_of_clerk.get_by_label("查看的原因").fill("核对地点")
    page_of_clerk.locator(".reveal button").click()
    expect(page_of_clerk.locator(".phone-shown")).to_contain_text("16100000001")
    at_work(page_of_clerk, case["id"])
    expect(page_of_clerk.locator(".timeline-list")).to_contain_text("核对地点")


@pytest.fixture
def page_of_clerk(new_page: Callable[..., Page]) -> Page:
    """The receiving clerk's screen."""
    return new_page(DESK, who="shen")
