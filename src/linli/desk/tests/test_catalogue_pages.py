"""The catalogue as the town's own law, through its pages: drafts, differences, publishing, old cases, the bench."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from linli.cases import queries
from linli.cases.models import Case
from linli.cases.queries import catalogues
from linli.desk.tests.conftest import Desk
from linli.kernel import clock, editions, rulebook
from linli.kernel.access import SYSTEM

HOME = "/desk/catalogue/"
KEEPER = "guan"


@pytest.fixture
def keeper(desk: Desk) -> Client:
    """The administrator's browser, in a town whose first edition is published."""
    editions.sync_files(desk.at)
    return desk.client(KEEPER)


def text(answer: Any) -> str:
    """What the page holds."""
    return str(answer.content.decode())


def begun(browser: Client, title: str = "第三季度修订", **more: str) -> str:
    """The address of a draft that was just opened."""
    answer = browser.post(f"{HOME}drafts/", {"do": "open", "title": title, **more})
    assert answer.status_code == 302, text(answer)
    return str(answer.url)


def form_of(browser: Client, address: str) -> dict[str, Any]:
    """What the page's form of a kind would send unchanged."""
    page = browser.get(address)
    assert page.status_code == 200, text(page)
    form, conditions = page.context["form"], page.context["conditions"]
    given: dict[str, Any] = {"mark": page.context["mark"], "default": page.context["default"], "do": "save"}
    for bound in [*form, *(field for one in conditions for field in one), *conditions.management_form]:
        value = bound.value()
        if value not in (None, "", False):
            given[bound.html_name] = value if value is not True else "on"
    return given


def changed(browser: Client, draft: str, code: str = "E06010", **more: Any) -> Any:
    """The answer to saving a kind with these fields changed."""
    address = f"{draft}{code}/"
    return browser.post(address, form_of(browser, address) | more)


def publish(browser: Client, draft: str, day: str = "", **more: Any) -> Any:
    """The answer to publishing a draft as it is now."""
    seen = browser.get(draft).context["draft"].version
    return browser.post(
        draft, {"do": "publish", "seen": seen, "source": "例会纪要", "effective_from": day} | more
    )


@pytest.mark.django_db
def test_a_form_saved_as_it_came_changes_nothing(keeper: Client) -> None:
    draft = begun(keeper)
    for code in ("E06010", "E01002", "L90003", "C01001", "L97006"):
        assert changed(keeper, draft, code).status_code == 302
    assert keeper.get(draft).context["total"] == 0


@pytest.mark.django_db
def test_a_kind_is_changed_seen_as_a_difference_published_and_in_force(keeper: Client, desk: Desk) -> None:
    draft = begun(keeper)
    more = {"name_zh": "垃圾暴露", "conditions-0-limit": "2", "stage_sign": "2 work_hour", "public": ""}
    assert changed(keeper, draft, **more).status_code == 302
    page = keeper.get(draft)
    assert page.context["total"] == 1
    html = text(page)
    for words in ("暴露垃圾", "垃圾暴露", "环节时限", "居民可选", "时限"):
        assert words in html
    answer = publish(keeper, draft)
    assert answer.status_code == 302, text(answer)
    kind = queries.catalogue(None).kind("E06010")
    assert kind is not None
    assert (kind.name.zh, kind.default.limit.amount, kind.public) == ("垃圾暴露", 2, False)
    assert "例会纪要" in text(keeper.get(f"{HOME}versions/"))
    assert "方宁" in text(keeper.get(f"{HOME}versions/"))
    assert "垃圾暴露" in text(keeper.get(f"{HOME}differences/?new=2"))


@pytest.mark.django_db
def test_a_running_case_keeps_the_edition_with_which_it_began(keeper: Client, desk: Desk) -> None:
    case = desk.report("001-1")
    desk.move(case, ("accept", "shen"))
    draft = begun(keeper)
    changed(keeper, draft, **{"name_zh": "垃圾暴露", "conditions-0-limit": "1"})
    publish(keeper, draft)
    desk.move(case, ("register", "shen"), ("dispatch", "lu"))
    old = Case.objects.get(pk=case)
    assert old.catalogue == 1
    condition = queries.condition_of(old)
    assert condition is not None
    assert condition.limit.amount == 4
    assert "暴露垃圾" in text(desk.client("lu").get(f"/desk/case/{case}/"))
    fresh = desk.report("001-1", text="又有垃圾", at=clock.now())
    assert Case.objects.get(pk=fresh).catalogue == 2
    assert "垃圾暴露" in text(desk.client("shen").get(f"/desk/case/{fresh}/"))


@pytest.mark.django_db
def test_an_edition_with_a_later_day_waits_for_it(keeper: Client) -> None:
    draft = begun(keeper)
    changed(keeper, draft, name_zh="垃圾暴露")
    assert publish(keeper, draft, "2090-01-01").status_code == 302
    kind = queries.catalogue(None).kind("E06010")
    assert kind is not None
    assert kind.name.zh == "暴露垃圾"
    assert "待生效" in text(keeper.get(f"{HOME}versions/"))
    assert "第 2 版已定于" in text(keeper.get(begun(keeper, "另一份")))


@pytest.mark.django_db
def test_who_saves_what_another_changed_meanwhile_is_told_and_loses_nothing(keeper: Client) -> None:
    draft = begun(keeper)
    address = f"{draft}E06010/"
    mine, theirs = form_of(keeper, address), form_of(keeper, address)
    assert keeper.post(address, theirs | {"name_zh": "甲改的"}).status_code == 302
    answer = keeper.post(address, mine | {"name_zh": "乙改的"})
    assert answer.status_code == 409
    assert "乙改的" in text(answer)
    assert "甲改的" in text(keeper.get(draft))


@pytest.mark.django_db
def test_two_people_change_two_kinds_of_one_draft_side_by_side(keeper: Client) -> None:
    draft = begun(keeper)
    first, second = f"{draft}E06010/", f"{draft}E06013/"
    one, two = form_of(keeper, first), form_of(keeper, second)
    assert keeper.post(first, one | {"name_zh": "甲"}).status_code == 302
    assert keeper.post(second, two | {"name_zh": "乙"}).status_code == 302
    assert keeper.get(draft).context["total"] == 2


@pytest.mark.django_db
def test_what_was_not_seen_is_not_published(keeper: Client) -> None:
    draft = begun(keeper)
    changed(keeper, draft, name_zh="垃圾暴露")
    seen = keeper.get(draft).context["draft"].version
    changed(keeper, draft, "E06013", name_zh="破路")
    assert publish(keeper, draft, seen=str(seen)).status_code == 409
    assert editions.newest("catalogue").version == 1


@pytest.mark.django_db
def test_a_draft_on_an_edition_that_was_replaced_is_brought_up_to_date_first(keeper: Client) -> None:
    slow, quick = begun(keeper, "慢"), begun(keeper, "快")
    changed(keeper, slow, name_zh="慢改的")
    changed(keeper, quick, **{"name_en": "Quick", "name_zh": "快改的"})
    changed(keeper, quick, "E06013", name_zh="破路")
    assert publish(keeper, quick).status_code == 302
    answer = publish(keeper, slow)
    assert answer.status_code == 409
    assert "cases.draft-stale" in text(answer)
    assert keeper.post(slow, {"do": "rebase", "onto": "2"}).status_code == 302
    page = keeper.get(slow)
    assert "E06010" in text(page)
    assert page.context["total"] == 1
    assert publish(keeper, slow).status_code == 302
    book = queries.catalogue(None)
    assert [book.kinds[code].name.zh for code in ("E06010", "E06013")] == ["慢改的", "破路"]
    assert book.kinds["E06010"].name.en == "Quick"


@pytest.mark.django_db
def test_a_kind_is_added_with_a_condition_and_another_retired(keeper: Client) -> None:
    draft = begun(keeper)
    page = keeper.get(f"{draft}new/?class=L93")
    assert page.context["form"].initial["code"] == "L93021"
    given = {
        "code": "L93021", "name_zh": "无人机扰民", "name_en": "Drones", "major": "L93", "responsible": "GA",
        "checking": "photo", "evidence": "note", "public": "on", "mark": "", "default": "0", "do": "save",
        "conditions-TOTAL_FORMS": "2", "conditions-INITIAL_FORMS": "0", "conditions-0-text_zh": "低空飞行扰民",
        "conditions-0-text_en": "Flying low", "conditions-0-limit": "2", "conditions-0-unit": "work_hour",
        "conditions-0-closing_zh": "已停飞", "conditions-0-closing_en": "Stopped", "conditions-1-unit": "work_day",
    }  # fmt: skip
    assert keeper.post(f"{draft}new/", given).status_code == 302
    again = keeper.post(f"{draft}new/", given)
    assert again.status_code == 422
    assert "这个代码已有事项" in text(again)
    mark = form_of(keeper, f"{draft}L97006/")["mark"]
    assert keeper.post(f"{draft}L97006/", {"do": "retire", "mark": mark}).status_code == 302
    assert "停用" in text(keeper.get(draft))
    assert publish(keeper, draft).status_code == 302
    book = queries.catalogue(None)
    assert book.kind("L97006") is None
    assert book.kinds["L93021"].default.text.zh == "低空飞行扰民"
    assert "无人机扰民" in text(keeper.get(HOME))
    assert "L97006" in text(keeper.get(f"{HOME}L97006/?edition=1"))


@pytest.mark.django_db
def test_a_retired_kind_is_taken_up_again(keeper: Client) -> None:
    draft = begun(keeper)
    mark = form_of(keeper, f"{draft}E06010/")["mark"]
    keeper.post(f"{draft}E06010/", {"do": "retire", "mark": mark})
    assert keeper.get(draft).context["total"] == 1
    assert keeper.post(f"{draft}E06010/", {"do": "restore", "mark": ""}).status_code == 302
    assert keeper.get(draft).context["total"] == 0


BAD = [
    ("name_en", ""), ("name_zh", "很" * 121), ("conditions-0-limit", "0"), ("conditions-0-limit", "-1"),
    ("conditions-0-limit", "NaN"), ("conditions-0-limit", "1.5"), ("conditions-0-unit", "weeks"),
    ("responsible", "XX YY"), ("conditions-0-closing_zh", ""), ("stage_sign", "soon"), ("major", "Z99"),
    ("handling_en", "One\nTwo\nThree\nFour"), ("conditions-0-retire", "on"),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "value"), BAD)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(keeper: Client, name: str, value: str) -> None:
    draft = begun(keeper)
    more = {"conditions-0-unit": "work_day"} if value == "1.5" else {}
    answer = changed(keeper, draft, "E06020", **{"keywords_zh": "留着的词", name: value, **more})
    assert answer.status_code == 422, text(answer)
    assert "留着的词" in text(answer)
    assert "field-error" in text(answer) or "至少要有一个立案条件" in text(answer)
    assert keeper.get(draft).context["total"] == 0


@pytest.mark.django_db
def test_a_wrong_limit_is_told_at_the_top_and_at_its_own_field(keeper: Client) -> None:
    draft = begun(keeper)
    answer = changed(keeper, draft, "E06020", stage_sign="两小时")
    assert list(answer.context["form"].errors) == ["stage_sign"]
    answer = changed(keeper, draft, "E06020", **{"conditions-0-limit": "四个"})
    assert answer.status_code == 422
    assert "有内容需要更正" in text(answer)
    assert "#id_conditions-0-limit" in text(answer)


@pytest.mark.django_db
def test_publishing_needs_a_ground_a_day_that_is_not_past_and_a_change(keeper: Client) -> None:
    draft = begun(keeper)
    assert publish(keeper, draft).status_code == 422
    changed(keeper, draft, name_zh="垃圾暴露")
    for more in (
        {"source": " "},
        {"effective_from": "2020-01-01"},
        {"effective_from": "soon"},
        {"source": "长" * 401},
    ):
        answer = publish(keeper, draft, **more)
        assert answer.status_code == 422, more
        assert "field-error" in text(answer)
    assert editions.newest("catalogue").version == 1


@pytest.mark.django_db
def test_an_excel_file_is_seen_as_differences_before_it_is_published(keeper: Client) -> None:
    book = load_workbook(io.BytesIO(keeper.get(f"{HOME}excel/").content))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    row = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == "E06010")
    row[heads.index("名称")].value = "垃圾暴露"
    out = io.BytesIO()
    book.save(out)
    sent = SimpleUploadedFile("表.xlsx", out.getvalue())
    answer = keeper.post(f"{HOME}drafts/", {"do": "file", "file": sent})
    assert answer.status_code == 302, text(answer)
    page = keeper.get(answer.url)
    assert page.context["total"] == 1
    assert "垃圾暴露" in text(page)
    assert queries.catalogue(None).kinds["E06010"].name.zh == "暴露垃圾"
    assert publish(keeper, answer.url).status_code == 302
    assert queries.catalogue(None).kinds["E06010"].name.zh == "垃圾暴露"


FILES = [
    ("a.csv", b"code,name_zh\nE1,x\n", "\u7f3a\u5c11\u8fd9\u4e00\u5217"), ("a.xlsx", b"no book", "\u6587\u4ef6\u8bfb\u4e0d\u61c2"),
    ("a.pdf", b"%PDF", "Excel"), ("a.csv", b"code,name_zh,oops\nE1,x,y\n", "oops"),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "content", "words"), FILES)
def test_a_file_with_faults_is_answered_with_a_list_of_them(
    keeper: Client, name: str, content: bytes, words: str
) -> None:
    answer = keeper.post(f"{HOME}drafts/", {"do": "file", "file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422
    assert words in text(answer)
    assert catalogues.open_drafts() == []


@pytest.mark.django_db
def test_only_those_who_keep_the_catalogue_change_it_and_everybody_reads_it(
    keeper: Client, desk: Desk
) -> None:
    draft = begun(keeper)
    for who in ("shen", "chen", "ma", "jian"):
        browser = desk.client(who)
        assert browser.get(f"{HOME}versions/").status_code == 200
        assert browser.get(f"{HOME}differences/").status_code == 200
        assert browser.get(draft).status_code == 403
        assert browser.post(f"{HOME}drafts/", {"title": "x"}).status_code == 403
        assert browser.get(f"{HOME}?edition=d-{draft.rstrip('/').rpartition('/')[2]}").status_code == 403
    assert desk.client("qian").get(draft).status_code == 200
    assert Client().get(f"{HOME}versions/").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("?edition=99", 404), ("?edition=x", 400), ("?edition=d-x", 400), ("differences/?old=1&new=77", 404),
        ("?class=E06", 200), ("?class=E06&page=99", 404), ("excel/?edition=0", 200), ("?edition=0&q=%E5%9E%83", 200),
        ("bench/?kind=E06010&new=1", 200), ("E06010/?edition=1", 200), ("differences/?page=9", 404),
    ],
)  # fmt: skip
def test_addresses_that_name_nothing_are_refused(keeper: Client, path: str, status: int) -> None:
    assert keeper.get(HOME + path).status_code == status


@pytest.mark.django_db
def test_a_draft_is_given_up_and_stays_to_be_looked_at(keeper: Client) -> None:
    draft = begun(keeper)
    assert keeper.post(draft, {"do": "drop"}).status_code == 302
    assert "草稿已放弃" in text(keeper.get(draft))
    assert keeper.post(draft, {"do": "drop"}).status_code == 409
    assert changed(keeper, draft, name_zh="x").status_code == 409


@pytest.mark.django_db
def test_an_earlier_edition_is_brought_back_as_a_new_one(keeper: Client) -> None:
    draft = begun(keeper)
    changed(keeper, draft, name_zh="垃圾暴露")
    publish(keeper, draft)
    back = begun(keeper, "恢复", like="1")
    assert keeper.get(back).context["total"] == 1
    publish(keeper, back)
    assert queries.catalogue(None).version == 3
    assert queries.catalogue(None).kinds["E06010"].name.zh == "暴露垃圾"


def tried(browser: Client, **more: str) -> Any:
    """The bench's answer."""
    return browser.post(f"{HOME}bench/", {"text": "路口垃圾没人清", "source": "hotline"} | more)


@pytest.mark.django_db
def test_the_bench_says_what_a_report_would_become_and_writes_nothing(keeper: Client, desk: Desk) -> None:
    unit = str(desk.town.unit("001-1"))
    answer = tried(desk.client("shen"), unit=unit, kind="E06010", moment="2026-03-10T09:30")
    page = text(answer)
    for words in ("环卫所", "到镇中心受理", "派遣", "4 个工作时", "履职事项清单", "处置要求"):
        assert words in page, words
    assert "2026" in page
    straight = text(tried(desk.client("qian"), unit=unit, kind="E06005", source="resident"))
    assert "直接到网格" in straight
    assert Case.objects.count() == 0


@pytest.mark.django_db
def test_the_bench_suggests_a_kind_from_the_words_and_compares_a_draft_with_the_edition_in_force(
    keeper: Client,
) -> None:
    draft = begun(keeper)
    changed(keeper, draft, **{"conditions-0-limit": "1"})
    ref = f"d-{draft.rstrip('/').rpartition('/')[2]}"
    results = tried(keeper, text="\u66b4\u9732\u5783\u573e", new=ref).context["results"]
    assert [one["kind"].code for one in results] == ["E06010", "E06010"]
    assert [one["found"].condition.limit.amount for one in results] == [4, 1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"text": ""}, 422), ({"source": "spaceship"}, 422), ({"unit": "x"}, 422), ({"moment": "soon"}, 422),
        ({"moment": "0001-01-01T00:00"}, 422), ({"old": "77"}, 422), ({"text": "zzz qqq"}, 200),
        ({"kind": "E99999"}, 200), ({"text": "x" * 4001}, 422), ({"text": "\x00"}, 422),
    ],
)  # fmt: skip
def test_what_the_bench_cannot_read_is_told(keeper: Client, more: dict[str, str], status: int) -> None:
    assert tried(keeper, **more).status_code == status


@pytest.mark.django_db
def test_the_list_and_a_kind_cost_a_fixed_few_queries(
    keeper: Client, django_assert_max_num_queries: Any
) -> None:
    keeper.get(HOME)
    with django_assert_max_num_queries(14):
        keeper.get(HOME)
    with django_assert_max_num_queries(14):
        keeper.get(f"{HOME}E06010/")


@pytest.mark.django_db
def test_residents_find_the_social_kinds_when_they_report(desk: Desk) -> None:
    found = queries.catalogue(None).search("\u697c\u4e0a\u6f0f\u6c34\u5230\u6211\u5bb6", public=True)
    assert found[0].code == "L92002"


def test_every_sentence_of_the_journal_is_said_in_both_languages() -> None:
    from linli.kernel.drafts import DraftDropped, DraftOpened, DraftSaved

    for fact in (
        DraftOpened("catalogue", "x", 1),
        DraftSaved("catalogue", ("E1",), 1),
        DraftDropped("catalogue"),
    ):
        said = fact.sentence()
        assert re.search("[\u3400-\u9fff]", said.zh)
        assert said.en.isascii() or "“" in said.en


@pytest.mark.django_db
def test_the_list_of_editions_says_on_what_ground_in_the_readers_language(keeper: Client, desk: Desk) -> None:
    shown = text(keeper.get(f"{HOME}versions/"))
    assert "取自第三方转录" in shown
    assert "third-party transcription" not in shown
    english = desk.client(KEEPER, "en")
    said = text(english.get(f"{HOME}versions/"))
    assert "third-party transcription" in said
    assert "取自第三方转录" not in said
    older = editions.publish(
        "catalogue", {**catalogues.table_of(1), "source": "An older release"}, source="An older release",
        effective_from=desk.at, by=SYSTEM, at=desk.at,
    )  # fmt: skip
    shown = text(keeper.get(f"{HOME}versions/"))
    assert "An older release" not in shown
    assert older.source in text(english.get(f"{HOME}versions/"))
    draft = begun(keeper)
    assert changed(keeper, draft, name_zh="垃圾暴露").status_code == 302
    assert publish(keeper, draft).status_code == 302
    assert "例会纪要" in text(english.get(f"{HOME}versions/"))


def test_every_source_that_is_shipped_in_english_is_said_in_chinese_too() -> None:
    about = rulebook.table("catalogue")
    assert about["source"] in about["source_zh"]
