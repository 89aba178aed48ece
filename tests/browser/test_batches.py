"""A hotline's file goes the whole way in a real browser: upload, columns, preview, categories, taking in, results."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import looking
from tests.browser.conftest import DESK, PHONE, Stage

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "hotline" / "sample.csv"
SOURCE = {"zh-hans": "hotline", "en": "letter"}
PATIENCE = 120_000


@pytest.fixture
def sample(tmp_path: Path) -> Callable[[str], str]:
    """The example's file with numbers and a name of its own, so that no test meets another's."""

    def made(mark: str) -> str:
        file = tmp_path / f"工单{mark}.csv"
        file.write_text(SAMPLE.read_text("utf-8-sig").replace("20261123", f"{mark}-"), "utf-8-sig")
        return str(file)

    return made


@pytest.fixture
def words(sample: Callable[[str], str]) -> list[str]:
    """What stands in the file: the same in both languages."""
    found = list(csv.reader(io.StringIO(SAMPLE.read_text("utf-8-sig"))))
    cells = [cell for row in found for cell in row]
    masked = [cell[:1] + "*" * (len(cell) - 1) for cell in cells if 1 < len(cell) < 8]
    return [*cells, *(cell[:40] for cell in cells), *masked, "工单"]


def upload(page: Page, file: str, source: str = "hotline") -> None:
    page.goto("/desk/batches/")
    page.locator("#batch-file").set_input_files(file)
    page.locator("#batch-source").select_option(source)
    page.locator("form:has(#batch-file) button").click()
    expect(page.locator("#field-text")).to_be_visible()


@pytest.mark.parametrize("language", looking.LANGUAGES)
def test_a_file_is_taken_in_from_the_upload_to_the_results(
    language: str, new_page: Callable[..., Page], stage: Stage, sample: Callable[[str], str],
    words: list[str], picture: Callable[[Page, str], None],
) -> None:  # fmt: skip
    short = looking.LANGUAGES[language]
    page = new_page(DESK, who="shen", language=language)
    data = list(stage("data"))
    mark = f"{short}7"
    found: list[str] = []

    def look(name: str) -> None:
        known = [*words, mark, f"工单{mark}.csv", *data]
        wrong = looking.everywhere(page, f"batch-{name}", language, known, picture)
        found.extend([name, wrong] if wrong else [])

    # Each language a source of its own: what one matched, the next file of that source knows.
    upload(page, sample(mark), SOURCE[language])
    expect(page.locator("#field-number")).to_have_value("工单编号")
    expect(page.locator("main")).not_to_contain_text("16100000101")
    look("columns")

    page.locator("form[action$='/columns/'] button[type=submit]").click()
    expect(page.locator("#kinds")).to_be_visible(timeout=PATIENCE)
    look("preview")

    for field in page.locator("#kinds fieldset").all():
        radio = field.locator("input[type=radio]")
        if radio.count():
            radio.first.check()
        else:
            field.locator("input[list]").fill("E06010")
    page.locator("#kinds button[type=submit]").click()
    take = page.locator("form[action$='/take/'] button")
    expect(take).to_be_visible()
    look("ready")
    take.click()
    expect(page.locator("a[href$='/result.xlsx']")).to_be_visible(timeout=PATIENCE)
    look("done")

    with page.expect_download() as download:
        page.locator("a[href$='/result.csv']").click()
    lines = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert len(lines) == 19
    ours = {line[1]: line for line in reversed(lines[1:])}
    assert ours[f"{mark}-00001"][3]
    assert stage("numbered", number=ours[f"{mark}-00001"][3])["text"].startswith("路口垃圾桶满了")
    assert not ours[f"{mark}-00018"][3]
    assert ours[f"{mark}-00018"][9]
    with page.expect_download() as download:
        page.locator("a[href$='/replies.xlsx']").click()
    assert download.value.suggested_filename.endswith(".xlsx")

    page.goto("/desk/batches/")
    look("list")
    upload_again = sample(mark)
    page.locator("#batch-file").set_input_files(upload_again)
    page.locator("#batch-source").select_option(SOURCE[language])
    page.locator("form:has(#batch-file) button").click()
    expect(page.get_by_role("status").first).to_be_visible()
    expect(page.locator("a[href$='/result.xlsx']")).to_be_visible()
    assert "\n".join(found) == ""


def test_what_cannot_be_read_is_said_and_the_source_stays_chosen(
    new_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = new_page(PHONE, who="shen")
    wrong = tmp_path / "照片.csv"
    wrong.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\r")
    page.goto("/desk/batches/")
    page.locator("#batch-source").select_option("police")
    page.locator("#batch-file").set_input_files(str(wrong))
    page.locator("form:has(#batch-file) button").click()
    expect(page.get_by_role("alert")).to_contain_text("不是 Excel 或 CSV 文件")
    expect(page.locator("#batch-source")).to_have_value("police")
    page.errors.clear()  # Chromium reports the 422 itself


def test_it_works_without_scripts(new_page: Callable[..., Page], sample: Callable[[str], str]) -> None:
    page = new_page(DESK, who="lu", java_script_enabled=False)
    upload(page, sample("plain"))
    page.locator("form[action$='/columns/'] button[type=submit]").click()
    for _ in range(240):
        if page.locator("#kinds").count() or page.locator("form[action$='/take/']").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    else:
        raise AssertionError("the preview did not come")
