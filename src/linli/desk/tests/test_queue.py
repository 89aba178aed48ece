"""The desks' queues: who may look, what is listed, moving many at once, kept filters."""

from __future__ import annotations

import re
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from linli.cases import queries
from linli.cases.words import Desk as Where
from linli.desk import rows
from linli.desk.tests.conftest import BACKEND, Desk
from linli.kernel import jobs
from linli.kernel.access import SYSTEM
from linli.kernel.ids import uuid7
from linli.people import actions as people


def test_who_is_not_signed_in_is_led_to_the_sign_in_page_and_back(desk: Desk) -> None:
    answer = Client().get("/desk/receive/?due=overdue")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/desk/receive/%3Fdue%3Doverdue"
    assert Client().post("/desk/receive/bulk/accept/").status_code == 401


def test_somebody_without_a_post_gets_a_friendly_page(desk: Desk) -> None:
    account = people.create_account(username="new", name="新人", by=SYSTEM, at=desk.at)
    browser = Client()
    browser.force_login(get_user_model().objects.get(pk=account.id), backend=BACKEND)
    assert "您目前没有岗位" in browser.get("/desk/").content.decode()
    assert browser.get("/desk/").status_code == 200
    assert browser.get("/desk/receive/").status_code == 403


def test_home_shows_ones_own_desks_with_what_is_late(desk: Desk) -> None:
    desk.report()
    desk.report(at=desk.at - timedelta(days=3))
    html = desk.client("shen").get("/desk/").content.decode()
    assert "受理" in html
    assert "已超时 1" in html
    assert "核查" not in re.sub(r"<nav.*?</nav>", "", html, flags=re.DOTALL)


def test_a_queue_lists_the_earliest_deadline_first(desk: Desk) -> None:
    late = desk.report(text="很早的一件", at=desk.at - timedelta(days=2))
    soon = desk.report(text="刚来的一件")
    html = desk.client("shen").get("/desk/receive/").content.decode()
    assert html.index(str(late)) < html.index(str(soon))


def test_the_address_bar_narrows_the_queue(desk: Desk) -> None:
    here, there = desk.report("001-1", text="这里有垃圾"), desk.report("201-1", text="那里路灯坏")
    browser = desk.client("shen")
    for query in (f"unit={desk.town.unit('001')}", "q=这里", f"kind=暴露垃圾&unit={desk.town.unit('001-1')}"):
        html = browser.get(f"/desk/receive/?{query}").content.decode()
        assert str(here) in html
        assert str(there) not in html
    assert "没有符合条件的案件" in browser.get("/desk/receive/?due=overdue").content.decode()
    assert str(here) in browser.get("/desk/receive/?source=hotline").content.decode()
    assert str(here) not in browser.get("/desk/receive/?mine=1&raised=1").content.decode()


def test_a_filter_that_makes_no_sense_is_refused(desk: Desk) -> None:
    browser = desk.client("shen")
    assert browser.get("/desk/receive/?unit=no").status_code == 400
    assert browser.get(f"/desk/receive/?unit={uuid7()}").status_code == 422
    assert browser.get("/desk/receive/?source=moon").status_code == 422
    assert browser.get("/desk/receive/?due=never").status_code == 422
    assert browser.get("/desk/receive/?after=x").status_code == 404
    assert browser.get(f"/desk/receive/?case={uuid7()}").status_code == 404
    assert browser.get("/desk/nowhere/").status_code == 404
    assert browser.get("/desk/done/").status_code == 404


def test_a_long_queue_costs_few_queries_and_every_case_is_on_one_page(desk: Desk) -> None:
    wanted = {str(desk.report(text=f"第 {n} 件")) for n in range(52)}
    browser = desk.client("shen")
    browser.get("/desk/receive/")
    with CaptureQueriesContext(connection) as asked:
        html = browser.get("/desk/receive/").content.decode()
    assert len(asked) <= 12, [query["sql"][:120] for query in asked]
    seen = set(re.findall(r'data-case="([0-9a-f-]+)"', html))
    assert len(seen) == 50
    following = re.search(r'rel="next" href="([^"]+)"', html)
    assert following is not None
    more = browser.get(following[1].replace("&amp;", "&")).content.decode()
    rest = set(re.findall(r'data-case="([0-9a-f-]+)"', more))
    assert seen | rest == wanted
    assert not seen & rest


def test_many_are_moved_at_once_and_the_rest_says_why(desk: Desk) -> None:
    ready = [desk.report(text=f"第 {n} 件") for n in range(3)]
    gone = desk.report(text="已受理的一件")
    desk.move(gone, ("accept", "shen"))
    browser = desk.client("shen")
    sent = {
        "case": [*map(str, ready), str(gone), str(uuid7())],
        "id": str(uuid7()),
        "back": "/desk/receive/?q=x",
    }
    answer = browser.post("/desk/receive/bulk/accept/", sent)
    assert answer["Location"] == "/desk/receive/?q=x"
    html = browser.get("/desk/receive/").content.decode()
    assert "受理:3 件已办" in html
    assert "受理:2 件未办" in html
    assert "案件现在处于“已受理”" in html
    assert {queries.case_for(SYSTEM, case).state for case in ready} == {"accepted"}
    browser.post("/desk/receive/bulk/accept/", sent)
    assert [line.kind for line in queries.history(ready[0])].count("cases.CaseAccepted") == 1


def test_cases_are_registered_dispatched_signed_for_and_closed_in_bulk(desk: Desk) -> None:
    case = desk.report()
    for where, name, who in (
        ("receive", "accept", "shen"),
        ("dispatch", "register", "lu"),
        ("dispatch", "dispatch", "lu"),
        ("handle", "sign", "ma"),
    ):
        answer = desk.client(who).post(f"/desk/{where}/bulk/{name}/", {"case": str(case), "id": str(uuid7())})
        assert answer.status_code == 302, name
    assert queries.case_for(SYSTEM, case).state == "handling"


def test_a_bulk_move_that_does_not_exist_here_is_not_found(desk: Desk) -> None:
    browser = desk.client("shen")
    assert browser.post("/desk/receive/bulk/void/", {"case": str(uuid7())}).status_code == 404
    assert browser.post("/desk/receive/bulk/close/", {"case": str(uuid7())}).status_code == 404
    assert browser.post("/desk/receive/bulk/accept/", {}).status_code == 422
    assert browser.post("/desk/receive/bulk/accept/", {"case": "x"}).status_code == 400


def test_a_page_tells_of_new_cases_without_moving(desk: Desk) -> None:
    desk.report()
    browser = desk.client("shen")
    html = browser.get("/desk/receive/").content.decode()
    poll = re.search(r'hx-get="([^"]*/fresh/[^"]*)"', html)
    assert poll is not None
    address = poll[1].replace("&amp;", "&")
    assert "<a" not in browser.get(address).content.decode()
    desk.report("001-2")
    assert "1 件新到或有变动" in browser.get(address).content.decode()


def test_a_filter_is_kept_found_again_and_dropped_by_its_owner_alone(desk: Desk) -> None:
    browser, other = desk.client("shen"), desk.client("qian")
    sent = {"name": "超时的", "query": "due=overdue&evil=1"}
    answer = browser.post("/desk/receive/filters/", sent)
    assert answer["Location"] == "/desk/receive/?due=overdue"
    assert "超时的" in browser.get("/desk/receive/").content.decode()
    assert "超时的" not in other.get("/desk/receive/").content.decode()
    kept = queries.saved_filters(desk.town.accounts["shen"]).get()
    address = reverse("desk:filter-drop", args=[kept.id])
    assert other.post(address).status_code == 404
    assert browser.post(address).status_code == 302
    assert not queries.saved_filters(desk.town.accounts["shen"]).exists()
    assert browser.post("/desk/receive/filters/", {"name": " ", "query": ""}).status_code == 422


def test_a_watcher_sees_every_desk_and_works_none(desk: Desk) -> None:
    case = desk.report()
    html = desk.client("jian").get("/desk/receive/").content.decode()
    assert str(case) in html
    assert "批量" not in html


def test_a_department_sees_what_is_its_own(desk: Desk) -> None:
    case = desk.report()
    assert str(case) not in desk.client("ma").get("/desk/handle/").content.decode()
    desk.to_handler(case)
    assert str(case) in desk.client("ma").get("/desk/handle/").content.decode()
    assert str(case) not in desk.client("cg-1").get("/desk/handle/").content.decode()


def test_summaries_stop_counting_at_the_cap(desk: Desk) -> None:
    desk.report()
    found = queries.desk_summaries(desk.actor("shen"), [Where.RECEIVE], desk.at)
    assert [(each.count, each.overdue) for each in found] == [(1, 0)]


def test_what_is_done_can_be_paged_through_though_it_has_no_deadline(desk: Desk) -> None:
    cases = [desk.report() for _ in range(5)]
    for case in cases:
        desk.move(case, ("decline", "shen"), reason="elsewhere")
    found, after = [], ""
    for _ in range(3):
        page = queries.queue(
            desk.actor("jian"), Where.DONE, queries.Filter(), at=desk.at, after=after, size=2
        )
        found += [case.id for case in page.cases]
        after = page.after
    assert (sorted(found), after) == (sorted(cases), "")


def test_a_message_leads_only_to_a_case_that_its_reader_may_still_see(desk: Desk) -> None:
    case = desk.report()
    desk.move(case, ("accept", "shen"), ("register", "shen"), ("dispatch", "lu"))
    desk.move(case, ("supervise", "qian"), card="yellow", text="请说明进展")
    while jobs.work_once(desk.at):
        pass
    link = f'href="/desk/case/{case}/"'
    assert link in desk.client("ma").get("/desk/").content.decode()
    more = {"reason": "不在职责范围内", "basis": "职责清单第 12 条", "reason_code": "not_ours"}
    desk.move(case, ("return", "ma"), **more)
    desk.move(case, ("dispatch", "lu"), department=desk.town.departments["CG"], note="改派")
    html = desk.client("ma").get("/desk/").content.decode()
    assert link not in html
    assert "我的消息" in html


def test_a_case_whose_lateness_is_not_counted_says_so() -> None:
    (flag,) = rows.flags(queries.Case(state="closed", excused=True))
    assert flag.label.zh == "申诉成立,不计超时"
