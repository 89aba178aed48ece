"""The pages around a whistle: what they show to whom, what they refuse, and that nothing typed is lost."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from linli.cases.actions import parts
from linli.cases.models import Case
from linli.cases.tests.loop import UNKNOWN, each, in_state, jpeg, signed_in
from linli.cases.words import State
from linli.joint import actions, queries
from linli.joint.models import Issue, Meeting, Rating, Whistle
from linli.joint.tests.whistles import asked, blown, part
from linli.kernel import clock
from tests.world import Town, actor

pytestmark = pytest.mark.django_db


def now_blown(town: Town, *codes: str, **more: object) -> Whistle:
    """A whistle of this very moment, so that the pages' clock and the code's window agree."""
    return blown(town, *codes, at=clock.now() - timedelta(seconds=5), **more)


def url(name: str, *args: object) -> str:
    return reverse(f"joint:{name}", args=args)


def test_a_grid_lead_blows_the_whistle_from_the_page_of_the_case(town: Town) -> None:
    case = in_state(State.HANDLING, town, clock.now())
    client = signed_in(town, "zhou")
    assert url("new", case.id) in client.get(f"/desk/case/{case.id}/").content.decode()
    chosen = client.get(url("new", case.id)).content.decode()
    assert "推进哨" in chosen
    form = client.get(url("new", case.id), {"template": "urgent"}).content.decode()
    key = f"d-{town.departments['PA']}"
    assert f'value="{key}" checked' in form
    given = {
        "template": "urgent",
        "id": str(uuid4()),
        "reason": "墙体开裂",
        "helper": [key],
        f"task-{key}": "封控现场",
    }
    answer = client.post(url("new", case.id), given)
    whistle = Whistle.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, url("whistle", whistle.id))
    assert part(whistle, town, "PA").task == "封控现场"
    again = client.post(url("new", case.id), given)
    assert (again.status_code, Whistle.objects.count()) == (302, 1)
    page = client.get(f"/desk/case/{case.id}/").content.decode()
    assert "封控现场" in page
    assert "平安办" in page


@each(
    ("given", "status"),
    [
        ({"reason": "", "helper": ["KEY"]}, 422),
        ({"reason": "有理由", "helper": []}, 422),
        ({"reason": "有理由", "helper": ["KEY"], "task": ""}, 422),
        ({"reason": "有理由", "helper": ["KEY"], "task": "长" * 401}, 422),
        ({"reason": "理" * 1001, "helper": ["KEY"]}, 422),
        ({"reason": "有理由", "place": "长" * 201, "helper": ["KEY"]}, 422),
        ({"reason": "有理由", "helper": ["d-nothing"]}, 400),
        ({"reason": "有理由", "helper": [f"x-{UNKNOWN}"]}, 400),
        ({"reason": "有理由", "helper": [f"d-{UNKNOWN}"], "task": "做"}, 422),
        ({"reason": "有理由", "helper": ["KEY"], "id": "no-id"}, 400),
        ({"reason": "有\x00理由", "helper": ["KEY"]}, 422),
    ],
)
def test_a_refused_whistle_comes_back_with_what_was_typed(
    town: Town, given: dict[str, object], status: int
) -> None:
    case = in_state(State.HANDLING, town, clock.now())
    key = f"d-{town.departments['CG']}"
    task = str(given.get("task", "去现场"))
    helpers = [key if each == "KEY" else each for each in given["helper"]]  # type: ignore[attr-defined]  # a list
    sent = {
        "template": "advance", "id": given.get("id", str(uuid4())), "reason": given["reason"],
        "place": given.get("place", ""), "helper": helpers, f"task-{key}": task, f"task-d-{UNKNOWN}": task,
    }  # fmt: skip
    answer = signed_in(town, "zhou").post(url("new", case.id), sent)
    assert answer.status_code == status
    assert Whistle.objects.count() == 0
    if status == 422:
        shown = answer.content.decode()
        assert 'role="alert"' in shown
        if given["reason"] == "有理由":
            assert "有理由" in shown


@each(
    ("who", "name", "status"),
    [
        ("gu", "whistle", 200), ("ma", "whistle", 200), ("cg-1", "whistle", 200), ("sz-1", "whistle", 404),
        ("lead-201", "whistle", 404), ("lin", "whistle", 403), ("", "whistle", 302),
        ("zhou", "board", 200), ("lu", "board", 200), ("cg-1", "board", 403), ("ma", "board", 403),
        ("cg-1", "report-in", 200), ("ma", "report-in", 403), ("zhou", "report-in", 403), ("", "report-in", 302),
        ("zhou", "meeting-new", 200), ("cg-1", "meeting-new", 403), ("cg-1", "lists", 200), ("sz-1", "lists", 404),
        ("cg-1", "lists-file", 200), ("sz-1", "lists-file", 404),
    ],
)  # fmt: skip
def test_who_may_open_what_of_a_whistle(town: Town, who: str, name: str, status: int) -> None:
    whistle = now_blown(town)
    client = signed_in(town, who) if who else Client()
    assert client.get(url(name, whistle.id)).status_code == status
    assert client.get(url(name, uuid4())).status_code in {302, 403, 404}


@each(
    ("who", "status"),
    [("zhou", 200), ("cg-1", 200), ("jian", 200), ("guan", 200), ("lin", 403), ("", 302)],
)
def test_the_pages_for_all_staff_open_for_staff_alone(town: Town, who: str, status: int) -> None:
    now_blown(town)
    client = signed_in(town, who) if who else Client()
    for name in ("whistles", "mine", "figures", "unit-lists", "unit-lists-file"):
        assert client.get(url(name)).status_code == status, name


def test_a_waiting_whistle_is_approved_on_its_page_by_another(town: Town) -> None:
    whistle = now_blown(town, template="tackle")
    own, chief = signed_in(town, "zhou"), signed_in(town, "qian")
    assert "撤回" in own.get(url("whistle", whistle.id)).content.decode()
    assert own.post(url("whistle", whistle.id), {"do": "approve"}).status_code == 403
    assert chief.post(url("whistle", whistle.id), {"do": "nothing"}).status_code == 400
    assert chief.post(url("whistle", whistle.id), {"do": "refuse", "reason": ""}).status_code == 422
    assert chief.post(url("whistle", whistle.id), {"do": "approve", "id": str(uuid4())}).status_code == 302
    assert Case.objects.get(pk=whistle.case_id).open_parts == 2
    assert chief.post(url("whistle", whistle.id), {"do": "approve", "id": str(uuid4())}).status_code == 409


def test_a_helper_scans_the_code_and_reports_in_and_opening_it_changes_nothing(town: Town) -> None:
    whistle = now_blown(town)
    board = signed_in(town, "zhou").get(url("board", whistle.id))
    shown = board.content.decode()
    code = queries.code_at(whistle.id, clock.now())
    assert "<svg" in shown
    assert code in shown or queries.code_at(whistle.id, clock.now()) in shown
    assert board.headers["Cache-Control"] == "no-store"
    small = (
        signed_in(town, "zhou").get(url("board", whistle.id), headers={"HX-Request": "true"}).content.decode()
    )
    assert "<html" not in small
    helper, address = signed_in(town, "cg-1"), url("report-in", whistle.id)
    opened = helper.get(address, {"code": code}).content.decode()
    assert f'value="{code}"' in opened
    assert part(whistle, town, "CG").arrived_at is None
    assert helper.post(address, {"code": "123", "lng": "121.1", "lat": "30.8"}).status_code == 422
    for bad in ({"lng": "x", "lat": "1"}, {"lng": "nan", "lat": "1"}, {"lng": "inf", "lat": "1"}):
        assert helper.post(address, {"code": code, **bad}).status_code == 400
    assert helper.post(address, {"code": code, "lng": "181", "lat": "1"}).status_code == 422
    assert helper.post(address, {"code": code, "id": str(uuid4())}).status_code == 302
    assert part(whistle, town, "CG").arrived_at is not None
    assert "已报到" in helper.get(address).content.decode()


def test_a_telephone_that_is_not_signed_in_is_led_to_sign_in_and_back(town: Town) -> None:
    whistle = now_blown(town)
    address = url("report-in", whistle.id) + "?code=123456"
    answer = Client().get(address)
    assert answer.status_code == 302
    assert "code%3D123456" in answer.headers["Location"]
    assert Client().post(address, {"code": "1"}).status_code == 401


def test_a_part_goes_its_way_on_its_page(town: Town) -> None:
    whistle = now_blown(town)
    mine, helper = part(whistle, town, "CG"), signed_in(town, "cg-1")
    address = url("part", mine.id)
    assert TASKS in helper.get(url("mine")).content.decode()
    assert helper.post(address, {"do": "contact", "text": "先说"}).status_code == 409
    assert "先说" in helper.post(address, {"do": "contact", "text": "先说"}).content.decode()
    assert helper.post(address, {"do": "sign", "id": str(uuid4())}).status_code == 302
    assert helper.post(address, {"do": "contact", "text": ""}).status_code == 422
    assert helper.post(address, {"do": "contact", "text": "已通话", "id": str(uuid4())}).status_code == 302
    assert helper.post(address, {"do": "arrive"}).status_code == 403
    assert helper.post(address, {"do": "release", "reason": "不去了"}).status_code == 403
    assert helper.post(address, {"do": "dance"}).status_code == 400
    photo = io.BytesIO(jpeg())
    photo.name = "a.png"
    assert helper.post(address, {"do": "finish", "result": ""}).status_code == 422
    given = {"do": "finish", "result": "清理完毕", "photos": photo, "id": str(uuid4())}
    away = helper.post(address, given)
    assert away.status_code == 422
    shown = away.content.decode()
    assert "清理完毕" in shown
    assert 'name="absence"' in shown
    kept = re.findall(r'name="photos_kept" value="([^"]+)"', shown)
    assert len(kept) == 1
    answer = helper.post(address, given | {"photos": "", "photos_kept": kept, "absence": "已电话解决"})
    assert answer.status_code == 302
    for page in (address, f"/desk/case/{whistle.case_id}/", url("lists", whistle.id), url("unit-lists")):
        assert "未到场:已电话解决" in helper.get(page).content.decode(), page
    figures = {"helper": f"d-{town.departments['CG']}", "step": "part_arrive", "verdict": "absent"}
    counted = signed_in(town, "qian").get(url("figures"), figures).content.decode()
    assert "未到场有说明 1" in counted
    assert "未到场:已电话解决" in counted
    mine.refresh_from_db()
    assert mine.ending == "done"
    assert helper.post(address, {"do": "rate", "mark": "splendid"}).status_code == 422
    assert helper.post(address, {"do": "rate", "mark": "good", "comment": "合得来"}).status_code == 302
    assert "合得来" in helper.get(address).content.decode()
    assert "合得来" not in signed_in(town, "ma").get(address).content.decode()
    assert "合得来" in signed_in(town, "jian").get(address).content.decode()
    assert Rating.objects.count() == 1
    assert helper.post(address, {"do": "rate", "mark": "good"}).status_code == 409


TASKS = "到场联合查看"


def test_the_caller_confirms_an_arrival_and_releases_a_helper(town: Town) -> None:
    whistle = now_blown(town)
    caller = signed_in(town, "zhou")
    assert (
        caller.post(
            url("part", part(whistle, town, "CG").id), {"do": "arrive", "id": str(uuid4())}
        ).status_code
        == 302
    )
    assert part(whistle, town, "CG").arrived_at is not None
    assert (
        caller.post(
            url("part", part(whistle, town, "PA").id), {"do": "release", "reason": "不用了"}
        ).status_code
        == 302
    )
    assert part(whistle, town, "PA").ending == "released"


def test_minutes_are_written_printed_and_their_decisions_become_parts(town: Town) -> None:
    whistle = now_blown(town)
    caller, address = signed_in(town, "zhou"), url("meeting-new", whistle.id)
    sz = f"d-{town.departments['SZ']}"
    given = {
        "id": str(uuid4()), "held_at": "2026-03-10T09:30", "place": "路口", "minutes": "议定修复",
        "came": [str(part(whistle, town, "CG").id)], "who-1": sz, "task-1": "修路牙",
    }  # fmt: skip
    for bad in (
        {"held_at": "tomorrow"}, {"held_at": "0001-01-01T00:00"}, {"held_at": "2999-01-01T00:00"}, {"minutes": ""},
        {"place": ""}, {"who-1": "", "task-1": "没人"}, {"task-1": ""},
    ):  # fmt: skip
        answer = caller.post(address, {**given, **bad})
        assert answer.status_code == 422, bad
        if "minutes" not in bad:
            assert "议定修复" in answer.content.decode()
    assert caller.post(address, {**given, "who-1": "d-x"}).status_code == 400
    assert caller.post(address, {**given, "came": ["x"]}).status_code == 400
    answer = caller.post(address, given)
    assert answer.status_code == 302
    assert caller.post(address, given).status_code == 302
    assert Meeting.objects.count() == 1
    sheet = caller.get(answer.headers["Location"]).content.decode()
    assert "议定修复" in sheet
    assert "修路牙" in sheet
    assert part(whistle, town, "SZ").task == "修路牙"
    assert signed_in(town, "lead-201").get(answer.headers["Location"]).status_code == 404


def test_problems_are_listed_and_settled_on_the_page(town: Town) -> None:
    whistle = now_blown(town)
    address, works = url("whistle", whistle.id), signed_in(town, "cg-1")
    assert works.post(address, {"do": "problem", "text": ""}).status_code == 422
    assert works.post(address, {"do": "problem", "text": "缺设备", "part": "x"}).status_code == 422
    assert works.post(address, {"do": "problem", "text": "缺设备", "part": ""}).status_code == 302
    issue = Issue.objects.get()
    assert signed_in(town, "gu").post(address, {"do": "problem", "text": "我也说"}).status_code == 403
    assert works.post(address, {"do": "settle", "issue": UNKNOWN, "solution": "借到"}).status_code == 404
    assert works.post(address, {"do": "settle", "issue": "x", "solution": "借到"}).status_code == 400
    assert works.post(address, {"do": "settle", "issue": str(issue.id), "solution": ""}).status_code == 422
    assert (
        works.post(address, {"do": "settle", "issue": str(issue.id), "solution": "借到"}).status_code == 302
    )
    assert works.post(address, {"do": "settle", "issue": str(issue.id), "solution": "又"}).status_code == 409


def test_the_three_lists_say_the_same_on_the_page_and_in_excel_and_no_cell_is_a_formula(town: Town) -> None:
    whistle = blown(town, at=clock.now() - timedelta(hours=3))
    helpers = asked(town, "SZ", task="=1+1")
    actions.whistle(
        whistle.case_id,
        template="urgent",
        helpers=helpers,
        reason="再叫一家",
        by=actor(town, "lu"),
        at=clock.now(),
    )
    actions.note_problem(whistle.id, text_="@缺设备", by=actor(town, "zhou"), at=clock.now())
    client = signed_in(town, "zhou")
    page = client.get(url("unit-lists")).content.decode()
    for words in ("任务清单", "责任清单", "问题清单", "牵头", "环卫所", "未按时签收", "数据时间"):
        assert words in page
    book = load_workbook(io.BytesIO(client.get(url("unit-lists-file")).content))
    assert book.sheetnames == ["任务清单", "责任清单", "问题清单"]
    texts = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert "'=1+1" in texts
    assert "'@缺设备" in texts
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@"))]
    assert client.get(url("unit-lists"), {"unit": str(town.unit("001"))}).status_code == 200
    assert client.get(url("unit-lists"), {"unit": UNKNOWN}).status_code == 422
    assert client.get(url("unit-lists"), {"unit": "x"}).status_code == 400


def test_figures_of_helpers_open_to_the_parts_behind_them(town: Town) -> None:
    whistle = blown(town, at=clock.now() - timedelta(hours=3))
    cg = part(whistle, town, "CG")
    at = whistle.asked_at + timedelta(minutes=5)
    parts.sign(cg.id, by=actor(town, "cg-1", at), at=at)
    client = signed_in(town, "qian")
    page = client.get(url("figures")).content.decode()
    assert "100%" in page
    key = f"d-{town.departments['CG']}"
    assert f"helper={key}&amp;step=part_sign&amp;verdict=on_time" in page
    behind = client.get(
        url("figures"), {"helper": key, "step": "part_sign", "verdict": "on_time"}
    ).content.decode()
    assert url("part", cg.id) in behind
    late = client.get(
        url("figures"), {"helper": f"d-{town.departments['PA']}", "step": "part_sign", "verdict": "overdue"}
    )
    assert url("part", part(whistle, town, "PA").id) in late.content.decode()
    assert (
        client.get(url("figures"), {"days": "x", "helper": "?", "step": "?", "verdict": "?"}).status_code
        == 200
    )


def test_pages_cost_the_same_few_queries_however_many_whistles_there_are(town: Town) -> None:
    client = signed_in(town, "qian")

    def cost(name: str) -> int:
        client.get(url(name))
        with CaptureQueriesContext(connection) as found:
            assert client.get(url(name)).status_code == 200
        # Whether staffing or the grid changed is asked at most once a second, but always in an open transaction.
        return len([query for query in found if "_revision" not in query["sql"]])

    now_blown(town)
    before = {name: cost(name) for name in ("whistles", "unit-lists", "figures")}
    for _ in range(4):
        now_blown(town)
    assert {name: cost(name) for name in before} == before
    assert max(before.values()) <= 12


def test_a_case_that_nobody_helps_with_costs_one_query_more_for_the_panel(town: Town) -> None:
    case = in_state(State.HANDLING, town, clock.now())
    qian = actor(town, "qian", clock.now())
    with CaptureQueriesContext(connection) as found:
        queries.panel(case, qian, clock.now())
    assert len(found) == 1


def test_when_all_parts_have_ended_the_whistle_says_so_and_shows_no_code(town: Town) -> None:
    whistle = now_blown(town, "CG")
    zhou = signed_in(town, "zhou")
    board, page = url("board", whistle.id), url("whistle", whistle.id)
    assert board in zhou.get(page).content.decode()
    part_id = part(whistle, town, "CG").id
    parts.release(part_id, by=actor(town, "zhou", at=clock.now()), at=clock.now(), reason="不再需要")
    shown = zhou.get(page).content.decode()
    assert "协办都已结束" in shown
    assert board not in shown


def test_the_list_of_responsibilities_says_when_the_lead_is_late(town: Town) -> None:
    whistle = now_blown(town, "CG")
    case = Case.objects.get(pk=whistle.case_id)
    assert case.due_at is not None

    def lead(at: datetime) -> object:
        return queries.sheets([queries.whistle_for(actor(town, "zhou", at=at), whistle.id)], at).duties.rows[
            0
        ][-1]

    assert lead(case.due_at - timedelta(hours=1)) == case.due_at
    assert str(lead(case.due_at + timedelta(hours=1))) == "超时"
    Case.objects.filter(pk=case.id).update(handled_at=case.due_at)
    assert str(lead(case.due_at + timedelta(hours=1))) == "按时"
