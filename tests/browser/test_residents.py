"""What residents do, on a phone: report, follow, rate, have it taken up again."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from linli.cases.tests.loop import jpeg
from tests.browser.conftest import PHONE, Stage

PHONE_NUMBER = "16100000077"


@pytest.fixture
def photo(tmp_path: Path) -> str:
    """A photo file that no other test sent."""
    file = tmp_path / "照片.png"
    file.write_bytes(jpeg((640, 480)))
    return str(file)


def tap_the_map(page: Page) -> None:
    """Choose the place in the middle of the map."""
    page.locator(".linli-map canvas").wait_for()
    page.locator(".linli-map").scroll_into_view_if_needed()
    page.locator(".linli-map").tap()
    expect(page.locator("[data-said]")).to_contain_text("已选定位置")


def report(page: Page, text: str, *, photo: str = "", send: bool = True) -> None:
    """From the front page to the last step of a report, or to the matter's own page."""
    page.goto("/")
    page.get_by_role("link", name="上报").first.click()
    if photo:
        page.locator("input[name=photos]").set_input_files(photo)
        expect(page.locator("[data-photo-list] img")).to_have_count(1)
    page.get_by_label("发生了什么?").fill(text)
    page.get_by_role("button", name="下一步").click()
    tap_the_map(page)
    page.get_by_role("button", name="下一步").click()
    page.locator("input[name=kind]").first.check()
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("看一眼,就提交")
    if send:
        page.get_by_role("button", name="提交").click()


def test_a_resident_reports_with_a_photo_and_a_tap_on_the_map_and_follows_it_by_number_and_code(
    phone: Page, photo: str, stage: Stage, picture: Callable[[Page, str], None]
) -> None:
    text = f"路口垃圾没人清 {uuid4()}"
    report(phone, text, photo=photo, send=False)
    phone.go_back()
    picture(phone, "report-kind-zh-phone")
    phone.go_back()
    picture(phone, "report-where-zh-phone")
    expect(phone.locator("[data-lng]")).not_to_have_value("")
    phone.goto("/report/send/")
    picture(phone, "report-send-zh-phone")
    expect(phone.locator(".facts")).to_contain_text("禾泾镇")
    expect(phone.locator(".facts")).to_contain_text("1 张")
    phone.get_by_role("button", name="提交").click()
    expect(phone.get_by_role("status").first).to_contain_text("收到了,谢谢您!")
    number, code = (phone.locator(".facts dd strong").nth(n).inner_text() for n in range(2))
    assert stage("count", text=text) == 1

    phone.goto("/t/")
    phone.get_by_label("编号").fill(number)
    phone.get_by_label("查询码").fill(code.lower())
    phone.get_by_role("button", name="查询").click()
    expect(phone).to_have_url(re.compile(f"/t/{number}/{code}/"))
    expect(phone.locator("body")).to_contain_text(text)
    expect(phone.locator(".photo-strip img")).to_have_count(1)
    assert phone.locator(".photo-strip img").evaluate("one => one.decode().then(() => one.naturalWidth)") > 0


def test_number_and_code_that_do_not_fit_are_refused_kindly(phone: Page, stage: Stage) -> None:
    case = stage("open")
    phone.goto("/t/")
    phone.get_by_label("编号").fill(case["number"])
    phone.get_by_label("查询码").fill("AAAAAAAAAA")
    phone.get_by_role("button", name="查询").click()
    expect(phone.get_by_role("alert")).to_contain_text("编号和查询码对不上")
    phone.errors.clear()  # Chromium reports the 404 itself
    expect(phone.get_by_label("编号")).to_have_value(case["number"])


def test_pressing_send_twice_opens_one_case(phone: Page, stage: Stage) -> None:
    text = f"井盖松了 {uuid4()}"
    report(phone, text, send=False)
    phone.get_by_role("button", name="提交").dblclick(no_wait_after=True)
    expect(phone).to_have_url(re.compile("/t/"))  # the second press breaks the first's navigation off
    phone.wait_for_load_state()
    assert stage("count", text=text) == 1
    phone.goto("/report/send/")
    expect(phone).to_have_url(re.compile("/t/"))


def test_what_was_typed_survives_a_reload(phone: Page) -> None:
    phone.goto("/report/")
    phone.get_by_label("发生了什么?").fill("写了一半")
    phone.reload()
    expect(phone.get_by_label("发生了什么?")).to_have_value("写了一半")
    expect(phone.get_by_text("已恢复您上次没有提交的内容。")).to_be_visible()


def test_an_empty_report_says_what_is_missing_and_keeps_the_photo(phone: Page, photo: str) -> None:
    phone.goto("/report/")
    phone.locator("input[name=photos]").set_input_files(photo)
    expect(phone.locator("[data-photo-list] img")).to_have_count(1)
    phone.locator("#report-what").evaluate("form => form.noValidate = true")
    phone.get_by_role("button", name="下一步").click()
    expect(phone.get_by_role("alert")).to_contain_text("请写几个字说明情况")
    expect(phone.locator(".photo-kept img")).to_have_count(1)
    phone.errors.clear()  # Chromium reports the 422 itself


def test_a_report_works_without_scripts_by_address(new_page: Callable[..., Page], stage: Stage) -> None:
    page = new_page(PHONE, java_script_enabled=False)
    text = f"路灯不亮 {uuid4()}"
    page.goto("/report/")
    page.locator("[name=text]").fill(text)
    page.locator("#report-what .submit-bar button").click()
    page.locator("[name=address]").fill("禾苑路 8 号")
    page.locator("#report-where .submit-bar button").click()
    page.locator("input[name=kind]").first.check()
    page.locator("#report-kind .submit-bar button").click()
    page.locator("main .submit-bar button").click()
    assert page.locator("[role=status]").first.inner_text().startswith("收到了")
    assert stage("count", text=text) == 1


def test_the_language_switch_keeps_the_page(phone: Page, stage: Stage) -> None:
    case = stage("open")
    phone.goto(f"/t/{case['number']}/{case['code']}/?new=1")
    phone.get_by_role("button", name="English").click()
    expect(phone).to_have_url(re.compile(rf"/t/{case['number']}/{case['code']}/\?new=1$"))
    expect(phone.locator("html")).to_have_attribute("lang", "en")
    expect(phone.get_by_role("heading", name="The story so far")).to_be_visible()
    phone.get_by_role("button", name="中文").click()
    expect(phone.get_by_role("heading", name="经过")).to_be_visible()


def test_a_resident_proves_a_telephone_number_and_sees_their_own_reports(phone: Page, stage: Stage) -> None:
    phone.goto("/me/")
    phone.get_by_label("手机号").fill(PHONE_NUMBER)
    phone.get_by_role("button", name="获取验证码").click()
    (sent,) = stage("messages", phone=PHONE_NUMBER)
    code = re.search(r"\b\d{6}\b", sent)
    assert code is not None
    phone.get_by_label("验证码").fill("000000" if code.group() != "000000" else "111111")
    phone.get_by_role("button", name="确认").click()
    expect(phone.locator(".field-error").first).to_be_visible()
    phone.errors.clear()  # Chromium reports the 4xx itself
    phone.get_by_label("验证码").fill(code.group())
    phone.get_by_role("button", name="确认").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("我反映的事")

    text = f"树枝挡路 {uuid4()}"
    report(phone, text)
    phone.goto("/me/")
    expect(phone.locator(".matter-list")).to_contain_text(text[:20])
    phone.get_by_role("button", name="退出").click()
    phone.goto("/me/")
    expect(phone.get_by_label("手机号")).to_be_visible()


def test_whoever_is_not_satisfied_has_it_taken_up_again_one_level_up(phone: Page, stage: Stage) -> None:
    case = stage("advance", state="closed")
    phone.goto(f"/t/{case['number']}/{case['code']}/")
    phone.get_by_label("不满意").check()
    phone.get_by_label("想说的话").fill("还是臭")
    phone.get_by_role("button", name="提交评价").click()
    expect(phone.get_by_text("您的评价:不满意")).to_be_visible()
    phone.get_by_label("哪里还没有解决?").fill("又堆满了")
    phone.get_by_role("button", name="请求重办").click()
    expect(phone.locator(".state-line")).not_to_contain_text("已办结")
    assert stage("case", case=case["id"])["state"] == "registered"


def test_the_same_matter_seen_by_its_reporter_tells_no_names(phone: Page, stage: Stage) -> None:
    case = stage("advance", state="handling")
    phone.goto(f"/t/{case['number']}/{case['code']}/")
    expect(phone.locator("main")).to_contain_text("环卫所")
    expect(phone.locator("main")).not_to_contain_text("马建军")
