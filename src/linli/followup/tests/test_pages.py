"""The pages of following up: each for whom it is, nothing typed is lost, bad input is an answer and not a fault."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.words import State
from linli.followup import actions
from linli.followup.models import Call, Draw, Exclusion, Inspection, Turn
from linli.followup.tests.following import closed
from linli.followup.words import Found
from linli.kernel import clock
from tests.world import Town, actor

DAY = timedelta(days=1)
HERE = "/desk/followup/"


def now_closed(town: Town, ago: timedelta = timedelta(hours=1)) -> Case:
    return closed(town, clock.now() - ago)


def call_body(**changes: str) -> dict[str, str]:
    given = {
        "id": str(uuid4()),
        "outcome": "reached",
        "solved": "yes",
        "answer": "satisfied",
        "words": "好了",
    }
    return {name: value for name, value in (given | changes).items() if value}


def test_a_caller_takes_the_next_sees_the_number_and_notes_the_call(town: Town) -> None:
    case = now_closed(town)
    yao = loop.signed_in(town, "yao")
    assert "取下一件" in yao.get(HERE).content.decode()
    address = reverse("followup:call", args=[case.id])
    assert yao.post(reverse("followup:take-next")).headers["Location"] == address
    page = yao.get(address).content.decode()
    assert "161****0001" in page
    assert "16100000001" not in page
    assert "禾泾镇网格中心" in page
    assert "禾苑社区" in page  # who watches it when it is reopened
    shown = yao.post(reverse("followup:number", args=[case.id]))
    assert "16100000001" in shown.content.decode()
    assert shown.headers["Cache-Control"] == "no-store"
    part = yao.post(reverse("followup:number", args=[case.id]), headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert yao.post(address, call_body()).headers["Location"] == HERE
    assert Call.objects.get().solved == "yes"
    assert "现在没有可以回访的案件" in yao.post(reverse("followup:take-next"), follow=True).content.decode()


def test_what_was_typed_stays_when_the_call_is_refused(town: Town) -> None:
    case = now_closed(town)
    yao = loop.signed_in(town, "yao")
    yao.post(reverse("followup:take-next"))
    page = yao.post(reverse("followup:call", args=[case.id]), call_body(solved="", words="原话在这里"))
    assert page.status_code == 422
    assert "原话在这里" in page.content.decode()
    assert "请问清是否解决" in page.content.decode()
    rated = now_closed(town)
    yao.post(reverse("followup:take", args=[rated.id]))
    loop.make("rate", rated.id, actor(town, "lin", clock.now()), clock.now())
    late = yao.post(reverse("followup:call", args=[rated.id]), call_body(words="记下的话"))
    assert late.status_code == 409
    assert "记下的话" in late.content.decode()


@loop.each(
    "changes",
    [
        {"id": ""},
        {"id": "x"},
        {"outcome": ""},
        {"outcome": "nonsense"},
        {"solved": "maybe"},
        {"answer": "unreachable"},
        {"words": "\x00"},
        {"words": "字" * 1001},
        {"outcome": "no_answer", "reopen": "on"},
    ],
)
def test_a_call_that_cannot_be_read_changes_nothing(changes: dict[str, str], town: Town) -> None:
    case = now_closed(town)
    yao = loop.signed_in(town, "yao")
    answer = yao.post(reverse("followup:call", args=[case.id]), call_body(**changes))
    assert answer.status_code in {400, 422}
    assert not Call.objects.exists()


def test_another_callers_case_is_shown_as_theirs(town: Town) -> None:
    case = now_closed(town)
    loop.signed_in(town, "yao").post(reverse("followup:take-next"))
    other = loop.signed_in(town, "caller-2")
    assert "另一位回访员正在回访此件" in other.get(reverse("followup:call", args=[case.id])).content.decode()
    assert other.post(reverse("followup:take", args=[case.id])).status_code == 409
    assert other.post(reverse("followup:back", args=[case.id])).status_code == 302
    assert Turn.objects.get().by_id == town.accounts["yao"]


def test_the_rates_open_to_their_cases_and_leave_as_excel(town: Town) -> None:
    case = now_closed(town)
    loop.make("rate", case.id, actor(town, "lin", clock.now()), clock.now())
    qian = loop.signed_in(town, "qian")
    for by in ("unit", "department"):
        page = qian.get(reverse("followup:rates"), {"by": by}).content.decode()
        assert "100.0%" in page
        assert "无数据" in page  # nobody was asked whether it is solved
        assert "截至" in page
    listed = qian.get(reverse("followup:rates-cases"), {"figure": "answer-satisfied"}).content.decode()
    assert reverse("desk:case", args=[case.id]) in listed
    line = str(town.unit("001"))
    assert (
        reverse("desk:case", args=[case.id])
        in qian.get(reverse("followup:rates-cases"), {"figure": "all", "line": line}).content.decode()
    )
    none = qian.get(reverse("followup:rates-cases"), {"figure": "all", "line": "none"}).content.decode()
    assert "没有案件" in none
    book = load_workbook(io.BytesIO(qian.get(reverse("followup:rates-sheet")).content))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0][0] == "三率"
    assert rows[-1][0] == "合计"
    assert "100.0%" in rows[-1]


@loop.each(
    ("name", "query", "status"),
    [
        ("rates", {"since": "x"}, 422),
        ("rates", {"since": "2026-05-01", "until": "2026-04-01"}, 422),
        ("rates", {"since": "2020-01-01", "until": "2026-04-01"}, 422),
        ("rates", {"unit": "x"}, 422),
        ("rates", {"unit": loop.UNKNOWN}, 422),
        ("rates", {"by": "person"}, 422),
        ("rates-sheet", {"since": "x"}, 400),
        ("rates-cases", {"since": "x"}, 400),
        ("rates-cases", {"figure": "nonsense"}, 404),
        ("rates-cases", {"line": "nonsense"}, 400),
        ("rates-cases", {"after": "nonsense"}, 404),
        ("exclusions", {"show": "nonsense"}, 404),
    ],
)
def test_an_address_that_cannot_be_read_is_refused(
    name: str, query: dict[str, str], status: int, town: Town
) -> None:
    assert loop.signed_in(town, "qian").get(reverse(f"followup:{name}"), query).status_code == status


def test_satisfaction_is_never_shown_of_a_single_worker(town: Town) -> None:
    page = loop.signed_in(town, "qian").get(reverse("followup:rates")).content.decode()
    for word in ("handler", "holder", "马建军", "陈小禾"):
        assert word not in page


def test_pages_take_the_same_few_queries_however_much_there_is(town: Town) -> None:
    yao, qian = loop.signed_in(town, "yao"), loop.signed_in(town, "qian")
    pages = [(yao, reverse("followup:calls")), (qian, reverse("followup:rates"))]
    pages += [(qian, reverse("followup:rates-cases")), (qian, reverse("followup:exclusions"))]
    pages += [(qian, reverse("followup:draws"))]

    def taken() -> list[int]:
        counts = []
        for browser, address in pages:
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(address).status_code == 200
            counts.append(len(queries))
        return counts

    def more() -> None:
        case = now_closed(town)
        actions.ask_exclusion(
            case.id,
            reason="beyond",
            words="不是本单位职责",
            id=uuid4(),
            by=actor(town, "ma", clock.now()),
            at=clock.now(),
        )

    more()
    taken()  # what is remembered is remembered now
    few = taken()
    for _ in range(5):
        more()
    # Whether posts or units changed is looked up every few seconds: up to three more, whatever there is.
    assert all(now <= before + 3 for now, before in zip(taken(), few, strict=True))
    assert max(few) <= 12


def test_a_department_asks_another_decides_and_it_appeals_on_pages(town: Town) -> None:
    case = now_closed(town)
    ma, qian, jian = (loop.signed_in(town, who) for who in ("ma", "qian", "jian"))
    new = reverse("followup:exclusion-new", args=[case.id])
    body = {"id": str(uuid4()), "reason": "beyond", "words": "这不是环卫所的职责"}
    short = ma.post(new, body | {"words": "短"})
    assert short.status_code == 422
    page = ma.post(new, body).headers["Location"]
    assert ma.post(new, body).headers["Location"] == page
    assert ma.get(new).headers["Location"] == page
    assert "审定" not in ma.get(page).content.decode().split("经过")[1]
    assert qian.post(page, {"do": "decide", "granted": "no"}).status_code == 422
    assert qian.post(page, {"do": "decide", "granted": "no", "words": "属于职责范围"}).status_code == 302
    assert ma.post(page, {"do": "appeal", "words": "职责清单第三条"}).status_code == 302
    assert qian.post(page, {"do": "decide", "granted": "yes"}).status_code == 403
    assert jian.post(page, {"do": "decide", "granted": "yes"}).status_code == 302
    assert Exclusion.objects.get().stands
    assert jian.post(page, {"do": "nonsense"}).status_code == 400
    assert "已剔除" in jian.get(reverse("followup:exclusions")).content.decode()


def draw_body(town: Town, **changes: str) -> dict[str, str]:
    today = clock.local(clock.now()).date()
    given = {
        "id": str(uuid4()), "unit": str(town.root), "since": str(today - 5 * DAY), "until": str(today - DAY), "size": "2",
    }  # fmt: skip
    return given | changes


def test_a_draw_goes_from_commitment_to_reopening_on_pages(town: Town) -> None:
    for _ in range(3):
        now_closed(town, 2 * DAY)
    jian, qian = loop.signed_in(town, "jian"), loop.signed_in(town, "qian")
    page = jian.post(reverse("followup:draws"), draw_body(town)).headers["Location"]
    one = Draw.objects.get()
    assert one.commitment in qian.get(page).content.decode()
    assert jian.post(reverse("followup:draw-reveal", args=[one.id])).status_code == 409
    assert qian.post(reverse("followup:draw-reveal", args=[one.id])).status_code == 302
    one.refresh_from_db()
    assert one.seed in qian.get(page).content.decode()
    published = json.loads(qian.get(reverse("followup:draw-json", args=[one.id])).content)
    assert len(published["sample"]) == 2
    inspection = Inspection.objects.order_by("position").first()
    assert inspection is not None
    name = next(name for name, account in town.accounts.items() if account == inspection.checker_id)
    checker = loop.signed_in(town, name)
    assert str(inspection.id) in checker.get(reverse("followup:inspections")).content.decode()
    place = reverse("followup:inspection", args=[inspection.id])
    assert checker.post(place, {"found": "not_solved"}).status_code == 422
    photo = io.BytesIO(loop.jpeg())
    photo.name = "there.png"
    done = checker.post(place, {"found": "not_solved", "words": "垃圾还在原处", "photos": photo})
    assert done.status_code == 302
    file = inspection.pictures.get().file_id
    seen = reverse("followup:inspection-picture", args=[inspection.id, file])
    assert checker.get(seen).headers["Content-Type"] == "image/jpeg"
    assert loop.signed_in(town, "grid-201-1").get(seen).status_code == 404
    shown = qian.get(page).content.decode()
    assert "100.0%" in shown
    assert qian.post(reverse("followup:inspection-reopen", args=[inspection.id])).status_code == 302
    assert Case.objects.get(pk=inspection.case_id).state == State.REGISTERED
    assert checker.post(place, {"found": "solved", "words": "再看一次"}).status_code == 409


@loop.each(
    ("changes", "status"),
    [
        ({"id": "x"}, 422),
        ({"unit": loop.UNKNOWN}, 422),
        ({"since": "x"}, 422),
        ({"size": "0"}, 422),
        ({"size": "999999999999999999999"}, 422),
        ({"until": "2999-01-01"}, 422),
        ({"until": "2020-01-01"}, 422),
    ],
)
def test_a_draw_that_cannot_be_is_refused_and_keeps_what_was_typed(
    changes: dict[str, str], status: int, town: Town
) -> None:
    now_closed(town, 2 * DAY)
    answer = loop.signed_in(town, "jian").post(reverse("followup:draws"), draw_body(town, **changes))
    assert answer.status_code == status
    assert not Draw.objects.exists()


@pytest.mark.parametrize("who", ["", "lin"])
def test_nobody_outside_the_staff_gets_in(who: str, town: Town) -> None:
    browser = loop.signed_in(town, who) if who else loop.signed_in(town, "lin").__class__()
    for name in ("calls", "rates", "rates-cases", "rates-sheet", "exclusions", "draws", "inspections"):
        assert browser.get(reverse(f"followup:{name}")).status_code == (403 if who else 401)


def test_a_wrong_picture_keeps_what_was_typed(town: Town) -> None:
    now_closed(town, 2 * DAY)
    loop.signed_in(town, "jian").post(reverse("followup:draws"), draw_body(town, size="1"))
    loop.signed_in(town, "qian").post(reverse("followup:draw-reveal", args=[Draw.objects.get().id]))
    inspection = Inspection.objects.get()
    name = next(name for name, account in town.accounts.items() if account == inspection.checker_id)
    file: Any = io.BytesIO(b"no picture")
    file.name = "x.png"
    body = {"found": Found.SOLVED.value, "words": "我写的情况", "photos": file}
    answer = loop.signed_in(town, name).post(reverse("followup:inspection", args=[inspection.id]), body)
    assert answer.status_code in {415, 422}
    assert "我写的情况" in answer.content.decode()
    bad = {"found": "solved", "words": "看过了", "photos_kept": "x"}
    assert (
        loop.signed_in(town, name).post(reverse("followup:inspection", args=[inspection.id]), bad).status_code
        == 400
    )
    assert Inspection.objects.get().found == ""


def test_the_page_of_a_closed_case_leads_on(town: Town) -> None:
    case = now_closed(town, 2 * DAY)
    address = reverse("desk:case", args=[case.id])
    assert (
        reverse("followup:call", args=[case.id]) in loop.signed_in(town, "yao").get(address).content.decode()
    )
    ma = loop.signed_in(town, "ma")
    assert reverse("followup:exclusion-new", args=[case.id]) in ma.get(address).content.decode()
    actions.ask_exclusion(
        case.id,
        reason="beyond",
        words="不是本单位职责",
        id=uuid4(),
        by=actor(town, "ma", clock.now()),
        at=clock.now(),
    )
    shown = ma.get(address).content.decode()
    assert "待审定" in shown
    assert reverse("followup:exclusion-new", args=[case.id]) not in shown
    loop.signed_in(town, "jian").post(reverse("followup:draws"), draw_body(town, size="1"))
    loop.signed_in(town, "qian").post(reverse("followup:draw-reveal", args=[Draw.objects.get().id]))
    assert "待复查" in ma.get(address).content.decode()
    begun = loop.opened(town, clock.now(), reporter_id=town.resident)
    assert (
        'id="closing"'
        not in loop.signed_in(town, "shen").get(reverse("desk:case", args=[begun.id])).content.decode()
    )
