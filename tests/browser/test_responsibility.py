"""Responsibility in the browser: the matrix changed by keyboard and from the phone, a file put in force, the map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from linli.project.demo.names import TOWN_CODE
from tests.browser import looking
from tests.browser.conftest import DESK, PHONE, Stage

MATRIX = "/desk/responsibility/"
PAGES = {
    "matrix": ("guan", MATRIX),
    "matrix-class": ("guan", f"{MATRIX}?class=E06"),
    "matrix-read": ("zhou", MATRIX),
    "matrix-village": ("guan", f"{MATRIX}?unit={{village}}"),
    "matrix-cell": ("guan", f"{MATRIX}cell/?unit={{town}}&kind=E06&part=help"),
    "matrix-send": ("guan", f"{MATRIX}send/"),
    "gaps": ("guan", f"{MATRIX}findings/"),
    "duties": ("guan", f"{MATRIX}duties/"),
    "duties-send": ("guan", f"{MATRIX}send/?about=duties"),
    "duty": ("guan", f"{MATRIX}duties/row/?code=E05009"),
}


@pytest.fixture(scope="session")
def places(stage: Stage) -> dict[str, str]:
    return dict(stage("places"))


@pytest.fixture(scope="session")
def data(stage: Stage) -> list[str]:
    return list(stage("data"))


@pytest.mark.parametrize("language", looking.LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_responsibility_can_be_read_on_every_screen_in_either_language(
    name: str, language: str, reader: Callable[..., Page], places: dict[str, str], data: list[str],
    picture: Callable[[Page, str], None],
) -> None:  # fmt: skip
    who, path = PAGES[name]
    page = reader(who=who, language=language)
    answer = page.goto(path.format(**places))
    assert answer is not None
    assert answer.status == 200
    assert looking.everywhere(page, name, language, data, picture) == ""


def test_a_cell_is_chosen_and_changed_by_keyboard_alone(
    new_page: Callable[..., Page], places: dict[str, str]
) -> None:
    page = new_page(DESK, who="guan")
    page.goto(f"{MATRIX}?unit={places['village']}")
    page.locator("#E07-lead a").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#editor h2")).to_contain_text("宣传广告类")
    expect(page.locator("#editor h2")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.locator("#editor [name=source]").fill("镇办发 3 号")
    page.keyboard.press("Enter")
    expect(page.locator("#E07-lead strong")).to_have_text("城管中队")
    assert page.url.endswith("#E07-lead")
    page.locator("#E07-lead a").click()
    page.get_by_label("由谁牵头").select_option(value="")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#E07-lead strong")).to_have_count(0)


def test_a_cell_is_changed_from_the_phone_and_without_scripts(
    new_page: Callable[..., Page], places: dict[str, str]
) -> None:
    page = new_page(PHONE, who="guan", java_script_enabled=False)
    page.goto(f"{MATRIX}?unit={places['village']}")
    page.locator("#E08-lead a").click()
    page.get_by_label("由谁牵头").select_option(label="城管中队")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#E08-lead strong")).to_have_text("城管中队")
    page.locator("#E08-lead a").click()
    page.get_by_label("由谁牵头").select_option(value="")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#E08-lead strong")).to_have_count(0)


def test_an_exported_file_is_sent_back_changed_previewed_weighed_and_put_in_force(
    new_page: Callable[..., Page], tmp_path: Path, data: list[str], picture: Callable[[Page, str], None]
) -> None:
    page = new_page(DESK, who="guan")
    page.goto(MATRIX)
    with page.expect_download() as got:
        page.get_by_role("link", name="导出 Excel").click()
    assert got.value.suggested_filename == "responsibility.xlsx"
    file = tmp_path / "新清单.CSV"
    file.write_text(
        f"单元代码,事项代码,分工,部门或角色,依据\n{TOWN_CODE},E01018,牵头,CG,镇办发 4 号\n", "utf-8"
    )
    page.get_by_role("link", name="导入").click()
    page.get_by_label("Excel 或 CSV 文件").set_input_files(file)
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_text("新增 1")).to_be_visible()
    assert looking.told(desk={"axe": looking.barriers(page), "too wide": looking.too_wide(page)}) == ""
    picture(page, "proposal-zh-desk")
    page.get_by_role("link", name="会影响哪些案件").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("哪些案件会派给别人")
    assert looking.told(desk={"axe": looking.barriers(page), "too wide": looking.too_wide(page)}) == ""
    picture(page, "what-if-zh-desk")
    page.set_viewport_size(PHONE)
    assert looking.told(phone=looking.faults(page, "zh", data)) == ""
    picture(page, "what-if-zh-phone")
    page.go_back()
    assert looking.told(phone=looking.faults(page, "zh", data)) == ""
    page.get_by_role("button", name="确认生效").click()
    expect(page.get_by_text("已生效")).to_be_visible()
    page.goto(f"{MATRIX}?class=E01")
    expect(page.locator("#E01018-lead strong")).to_have_text("城管中队")


def test_a_file_with_a_wrong_line_says_which_and_cannot_be_put_in_force(
    new_page: Callable[..., Page], tmp_path: Path, data: list[str]
) -> None:
    page = new_page(PHONE, who="guan")
    page.goto(f"{MATRIX}send/")
    file = tmp_path / "有错的清单.CSV"
    file.write_text(f"单元代码,事项代码,分工,部门或角色\n{TOWN_CODE},E07,牵头,没有\n", "utf-8")
    page.get_by_label("Excel 或 CSV 文件").set_input_files(file)
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_text("第 2 行")).to_be_visible()
    expect(page.get_by_role("button", name="确认生效")).to_have_count(0)
    assert looking.told(phone=looking.faults(page, "zh", data)) == ""


def test_the_map_of_gaps_is_drawn_with_its_legend(new_page: Callable[..., Page]) -> None:
    page = new_page(DESK, who="guan")
    page.goto(f"{MATRIX}findings/")
    expect(page.locator(".linli-map[data-ready], .linli-map.is-missing")).to_have_count(1, timeout=20_000)
    expect(page.locator(".map-legend")).to_contain_text("无人牵头")
