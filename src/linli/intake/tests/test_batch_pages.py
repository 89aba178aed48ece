"""The pages of batches: upload, columns, preview, taking in, progress, files; refusals keep what was typed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from linli.cases.models import Case
from linli.cases.tests import loop
from linli.intake.actions import batch_runs
from linli.intake.batches.words import BatchState
from linli.intake.models import Batch
from linli.intake.tests.test_batches import KNOWN, ROWS, gone, sheet, work
from linli.kernel import clock, jobs
from tests.world import Town

PAGE = "/desk/batches/"


@pytest.fixture
def clerk(town: Town) -> Client:
    return loop.signed_in(town, "shen")


def send(clerk: Client, data: bytes | None = None, name: str = "12345.csv", **more: Any) -> Any:
    file = SimpleUploadedFile(name, sheet() if data is None else data)
    return clerk.post(PAGE, {"file": file, "source": "hotline", **more})


def columns(batch: Batch, **changes: str) -> dict[str, str]:
    return {f"field-{field}": label for field, label in batch.columns.items()} | changes


@pytest.fixture
def looked(clerk: Client) -> Iterator[Batch]:
    """A batch whose rows were looked through."""
    send(clerk)
    batch = Batch.objects.get()
    answer = clerk.post(f"{PAGE}{batch.id}/columns/", columns(batch))
    assert answer.status_code == 302
    work(clock.now())
    batch.refresh_from_db()
    assert batch.state == BatchState.LOOKED
    return batch


def test_an_upload_leads_to_its_columns_guessed_from_the_heading(clerk: Client) -> None:
    answer = send(clerk)
    assert answer.status_code == 302
    page = clerk.get(answer.url).content.decode()
    assert 'value="诉求内容" selected' in page
    assert "161****0011" in page
    assert "16100000011" not in page
    assert "王女士" not in page


def test_the_same_file_leads_to_the_batch_that_it_was(clerk: Client) -> None:
    first = send(clerk)
    again = send(clerk, name="again.csv")
    assert again.url == first.url
    assert "上传过" in clerk.get(again.url).content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"x", "首行不是列名"), (b"\x89PNG\0\0", "不是 Excel 或 CSV 文件"), (b"a,b\n", "没有可以接收的内容"),
        (b"PK\x03\x04 broken", "已损坏"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_on_the_page(clerk: Client, data: bytes, words: str) -> None:
    answer = send(clerk, data, source="police")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert '<option value="police" selected>' in page
    assert not Batch.objects.exists()


def test_no_file_at_all_is_refused(clerk: Client) -> None:
    answer = clerk.post(PAGE, {"source": "hotline"})
    assert answer.status_code == 422
    assert "请选择文件" in answer.content.decode()
    assert clerk.post(PAGE, {"file": "text", "source": "nonsense"}).status_code == 422


def test_wrong_columns_are_marked_and_the_choice_stays(clerk: Client) -> None:
    send(clerk)
    batch = Batch.objects.get()
    given = columns(batch, **{"field-text": "", "field-name": "地址"})
    answer = clerk.post(f"{PAGE}{batch.id}/columns/", given)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "请选择一列" in page
    assert "选了同一列" in page
    name = page[page.index('name="field-name"') :]
    assert '<option value="地址" selected>' in name[: name.index("</select>")]


def test_the_preview_shows_counts_unknown_categories_and_refused_lines(clerk: Client) -> None:
    rows = [
        *ROWS,
        ("H4", "", "禾苑路", "E06010", "", "", ""),
        ("H5", "有事", "禾苑路", "E06010", "", "", "昨天"),
    ]
    send(clerk, sheet(rows))
    batch = Batch.objects.get()
    clerk.post(f"{PAGE}{batch.id}/columns/", columns(batch))
    running = clerk.get(f"{PAGE}{batch.id}/").content.decode()
    assert "正在核对" in running
    work(clock.now())
    page = clerk.get(f"{PAGE}{batch.id}/").content.decode()
    for words in ("噪音扰民", "没听说过的类别", "第 5 行", "缺少", "昨天", "不是可读的时间"):
        assert words in page
    assert f"{PAGE}{batch.id}/take/" not in page  # categories first


def test_matching_categories_opens_the_way_to_taking_in(clerk: Client, looked: Batch) -> None:
    order = sorted(looked.unknown, key=lambda theirs: (-looked.unknown[theirs]["rows"], theirs))
    given = {f"kind-{place}": KNOWN[theirs] for place, theirs in enumerate(order)}
    wrong = clerk.post(f"{PAGE}{looked.id}/kinds/", {**given, "kind-0": "没有这种事项"})
    assert wrong.status_code == 422
    assert "没有这种事项" in wrong.content.decode()
    assert clerk.post(f"{PAGE}{looked.id}/take/").status_code == 422
    assert clerk.post(f"{PAGE}{looked.id}/kinds/", given).status_code == 302
    page = clerk.get(f"{PAGE}{looked.id}/").content.decode()
    assert "接收 3 件" in page
    assert clerk.post(f"{PAGE}{looked.id}/take/").status_code == 302
    moving = clerk.get(f"{PAGE}{looked.id}/progress/")
    assert "HX-Refresh" not in moving.headers
    work(clock.now())
    assert clerk.get(f"{PAGE}{looked.id}/progress/").headers["HX-Refresh"] == "true"
    assert Case.objects.count() == 3
    done = clerk.get(f"{PAGE}{looked.id}/").content.decode()
    assert "处理结果" in done
    for name in ("batch-result", "batch-result-csv", "batch-replies", "batch-replies-csv"):
        answer = clerk.get(reverse(f"intake:{name}", args=[looked.id]))
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
    assert clerk.post(f"{PAGE}{looked.id}/drop/").status_code == 409


def test_a_suggested_kind_is_chosen_by_its_card(clerk: Client, looked: Batch) -> None:
    looked.unknown = {"噪音扰民": {"rows": 1, "where": [], "best": [loop.NOTED]}}
    looked.save()
    assert f'value="{loop.NOTED}"' in clerk.get(f"{PAGE}{looked.id}/").content.decode()
    clerk.post(f"{PAGE}{looked.id}/kinds/", {"kind-0": "", "kind-0-best": loop.NOTED})
    looked.refresh_from_db()
    assert looked.kinds["噪音扰民"] == loop.NOTED


def test_it_is_stopped_and_dropped_by_a_button(clerk: Client) -> None:
    send(clerk)
    batch = Batch.objects.get()
    clerk.post(f"{PAGE}{batch.id}/columns/", columns(batch))
    assert clerk.post(f"{PAGE}{batch.id}/stop/").status_code == 302
    work(clock.now())
    batch.refresh_from_db()
    assert batch.state == BatchState.MAPPING
    assert clerk.post(f"{PAGE}{batch.id}/drop/").status_code == 302
    assert clerk.get(f"{PAGE}{batch.id}/").status_code == 404


@pytest.mark.parametrize("who", ["chen", "ma", "gu", "jian"])
def test_others_have_no_way_in(town: Town, clerk: Client, who: str) -> None:
    send(clerk)
    batch = Batch.objects.get()
    other = loop.signed_in(town, who)
    assert other.get(PAGE).status_code == 403
    assert other.get(f"{PAGE}{batch.id}/").status_code == 403
    assert other.get(f"{PAGE}{batch.id}/result.csv").status_code == 403
    assert other.post(f"{PAGE}{batch.id}/take/").status_code == 403
    assert Client().get(PAGE).status_code == 401


def test_english_readers_read_english(town: Town, clerk: Client, looked: Batch) -> None:
    clerk.cookies["django_language"] = "en"
    page = clerk.get(f"{PAGE}{looked.id}/").content.decode()
    assert "Unknown categories" in page
    assert "未知类别" not in page
    answer = clerk.get(f"{PAGE}{looked.id}/result.csv").content.decode()
    assert answer.startswith("\ufeffLine,")


def test_a_page_costs_the_same_few_queries_however_many_batches_there_are(clerk: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            clerk.get(PAGE)
        return len([query for query in seen if "intake_" in query["sql"]])

    send(clerk)
    clerk.get(PAGE)
    before = cost()
    for number in range(5):
        send(clerk, sheet([(f"{number}", "有事", "禾苑路", "", "", "", "")]))
    assert cost() == before


def test_a_batch_that_stumbles_says_so_and_one_that_gave_up_says_why_and_can_go_on(
    clerk: Client, looked: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for theirs, kind in KNOWN.items():
        looked.kinds[theirs] = kind
    looked.save(update_fields=["kinds"])
    page = f"{PAGE}{looked.id}/"
    assert clerk.post(f"{page}take/").status_code == 302
    assert "出错" not in clerk.get(page).content.decode()
    monkeypatch.setattr(batch_runs.receiving, "open_cases", gone)
    at = clock.now()
    jobs.work_once(at)
    for address in (page, f"{page}progress/"):
        shown = clerk.get(address).content.decode()
        assert "这一部分出错 1 次" in shown
        assert "再次尝试" in shown
    assert "暂停" in clerk.get(page).content.decode()
    for hour in range(1, jobs.MAX_ATTEMPTS):
        jobs.work_once(at + timedelta(hours=hour))
    shown = clerk.get(page).content.decode()
    assert "反复出错,已停下" in shown
    assert "继续接收" in shown
    assert "接收已停下:开始接收的人" not in shown
    monkeypatch.undo()
    assert clerk.post(f"{page}take/").status_code == 302
    while jobs.work_once(clock.now()):
        pass
    assert "反复出错" not in clerk.get(page).content.decode()
    assert Case.objects.exists()
