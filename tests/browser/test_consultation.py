"""Judging a hard case in the browser: asked, answered, weighed, handed up; and every page on every screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from linli.consultation import verify_dossier
from linli.consultation.tests.making import PDF
from tests.browser import looking
from tests.browser.conftest import DESK, PHONE, Stage

TYPED = (
    "占道经营的执法依据",
    "商户在消防通道摆摊,能不能直接清理?",
    "可以责令限期改正。",
    "责令改正。",
    "与现行规定不一致",
)


UNFOLD = "for (const one of document.querySelectorAll('main details, aside details')) one.open = true"


class Shown(NamedTuple):
    """A page: who looks at it, its address with `{…}` from backstage's `consulted`."""

    who: str
    path: str


PAGES = {
    "list-waiting": Shown("lawyer", "/desk/consultations/?show=waiting"),
    "list-empty": Shown("ma", "/desk/consultations/?show=waiting"),
    "list-decide": Shown("qian", "/desk/consultations/?show=decide"),
    "list-asked": Shown("qian", "/desk/consultations/?show=asked"),
    "list-ended": Shown("qian", "/desk/consultations/?show=ended"),
    "ask": Shown("qian", "/desk/consultations/ask/{case}/"),
    "asked": Shown("lawyer", "/desk/consultations/{open}/"),
    "to-decide": Shown("qian", "/desk/consultations/{ready}/"),
    "decided": Shown("shen", "/desk/consultations/{decided}/"),
    "hand-up": Shown("qian", "/desk/consultations/hand-up/{case}/"),
    "dossier": Shown("qian", "/desk/consultations/dossiers/{dossier}/"),
    "case": Shown("qian", "/desk/case/{case}/"),
}


@pytest.fixture(scope="session")
def consulted(stage: Stage) -> dict[str, str]:
    """A consultation that waits, one that is to be decided, one that was, and a dossier."""
    return dict(stage("consulted"))


@pytest.fixture(scope="session")
def data(stage: Stage, consulted: dict[str, str]) -> list[str]:
    """What people wrote and what they are called: the same in both languages."""
    return [*stage("data"), *stage("consulted_words"), *TYPED]


@pytest.mark.parametrize("language", looking.LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_can_be_read_by_everybody_on_every_screen(
    name: str, language: str, reader: Callable[..., Page], consulted: dict[str, str], data: list[str],
    picture: Callable[[Page, str], None],
) -> None:  # fmt: skip
    shown = PAGES[name]
    page = reader(who=shown.who, language=language)
    answer = page.goto(shown.path.format(**consulted))
    assert answer is not None
    assert answer.status == 200
    page.evaluate(UNFOLD)
    assert looking.everywhere(page, f"consultation-{name}", language, data, picture) == ""


def unfold(page: Page, do: str) -> None:
    """Open the form of this step, if it is folded."""
    form = page.locator(f"form:has(input[name=do][value={do}])")
    if not form.is_visible():
        page.locator("details.move", has=form).locator("summary").first.click()


def test_a_hard_case_is_judged_and_handed_up(
    new_page: Callable[..., Page], stage: Stage, tmp_path: Path, picture: Callable[[Page, str], None]
) -> None:
    case = stage("advance", state="handling")
    paper = tmp_path / "材料.pdf"
    paper.write_bytes(PDF)

    chief = new_page(DESK, who="qian")
    chief.goto(f"/desk/case/{case['id']}/")
    chief.get_by_role("link", name="征求意见").click()
    chief.get_by_label("事由").fill(TYPED[0])
    chief.get_by_label("要回答的问题").fill(TYPED[1])
    chief.get_by_role("button", name="发出").click()
    expect(chief.get_by_role("alert")).to_contain_text("请选择征求谁的意见")
    chief.errors.clear()  # Chromium reports the answer itself as an error
    expect(chief.get_by_label("要回答的问题")).to_have_value(TYPED[1])
    chief.get_by_label("陶然").check()
    chief.get_by_label("橙色").check()
    chief.locator("input[type=file]").set_input_files(str(paper))
    chief.get_by_role("button", name="发出").click()
    expect(chief.get_by_role("heading", level=1)).to_have_text(TYPED[0])
    address = chief.url

    lawyer = new_page(PHONE, who="lawyer", has_touch=True, is_mobile=True)
    lawyer.goto("/desk/consultations/")
    expect(lawyer.get_by_role("link", name=TYPED[0]).first).to_be_visible()
    lawyer.goto(address)
    expect(lawyer.locator("main")).to_contain_text(TYPED[1])
    with lawyer.expect_download() as taken:
        lawyer.get_by_role("button", name="材料.pdf").click()
    assert Path(taken.value.path()).read_bytes() == PDF
    unfold(lawyer, "answer")
    lawyer.get_by_label("意见", exact=True).fill(TYPED[2])
    lawyer.get_by_label("仅值班长").check()
    lawyer.get_by_role("button", name="提交并签名").click()
    expect(lawyer.get_by_role("status").first).to_contain_text("已提交并签名")

    chief.goto(address)
    picture(chief, "consultation-answered-zh-desk")
    chief.get_by_role("button", name="查看(会记入案件)").click()
    expect(chief.locator("main")).to_contain_text(TYPED[2])
    chief.goto(address)
    unfold(chief, "decide")
    chief.get_by_label("决定", exact=True).fill(TYPED[3])
    chief.get_by_label("未采纳", exact=True).check()
    chief.get_by_role("button", name="作出决定").click()
    expect(chief.get_by_role("alert")).to_contain_text("请写明理由")
    chief.errors.clear()
    chief.get_by_label("采纳或未采纳").fill(TYPED[4])
    chief.get_by_role("button", name="作出决定").click()
    expect(chief.locator("main")).to_contain_text("签名有效")

    chief.goto(f"/desk/case/{case['id']}/")
    panel = chief.locator("#judging")
    expect(panel).to_contain_text(TYPED[3])
    expect(panel).to_contain_text(TYPED[4])
    expect(chief.locator(".timeline-list")).to_contain_text("保密意见")
    picture(chief, "consultation-case-with-decision-zh-desk")
    panel.get_by_role("link", name="报送卷宗").click()
    chief.get_by_label("报送哪里").fill("区城运中心")
    chief.get_by_label("报送理由").fill("超出镇级权限")
    chief.get_by_role("button", name="生成卷宗").click()
    with chief.expect_download() as download:
        chief.get_by_role("button", name="下载").click()
    data = Path(download.value.path()).read_bytes()
    findings, said = verify_dossier.check(data)
    assert findings == []
    assert said["case"] == case["number"]
    assert TYPED[2].encode() not in data
