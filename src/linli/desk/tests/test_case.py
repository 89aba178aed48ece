"""The page of one case: what it shows, its moves, and what happens when a move is refused."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

from django.core.files.uploadedfile import SimpleUploadedFile

from linli.cases import queries
from linli.cases.actions import parts
from linli.cases.words import Source, number_of
from linli.desk.tests.conftest import Desk, jpeg
from linli.kernel.access import SYSTEM
from linli.kernel.ids import uuid7
from linli.people import actions as people

Fields = Callable[..., dict[str, str]]


def test_a_case_that_is_not_yours_or_does_not_exist_is_not_found(desk: Desk) -> None:
    case = desk.report("201-1")
    browser = desk.client("chen")
    assert browser.get(f"/desk/case/{case}/").status_code == 404
    assert browser.post(f"/desk/case/{case}/move/verify/", {"finding": "x"}).status_code == 404
    assert browser.get(f"/desk/case/{uuid7()}/").status_code == 404
    assert browser.get("/desk/case/17/").status_code == 404
    assert browser.get(f"/desk/receive/?case={case}").status_code == 404


def test_the_page_offers_exactly_the_moves_that_are_open(desk: Desk) -> None:
    case = desk.report()
    for who in ("shen", "lu", "qian", "jian", "chen"):
        html = desk.client(who).get(f"/desk/case/{case}/").content.decode()
        open_now = queries.moves_for(queries.case_for(SYSTEM, case), desk.actor(who), desk.at)
        for name in ("accept", "decline", "void", "ask_verify", "dispatch", "verify", "settle"):
            assert (f"/move/{name}/" in html) is (name in {move.name for move in open_now}), (who, name)


def test_the_page_says_where_why_and_until_when(desk: Desk) -> None:
    case = desk.report(address="中心路12号", source_number="SH0001")
    desk.to_handler(case)
    html = unescape(desk.client("ma").get(f"/desk/case/{case}/").content.decode())
    for words in (
        "暴露垃圾",
        "中心路12号",
        "SH0001",
        "为什么是这个岗位?",
        "环卫所",
        "立案条件",
        "在边界内",
        "12345 热线",
    ):
        assert words in html, words
    assert "处置时限" in html
    assert "起算" in html


def test_a_move_is_made_and_sending_it_twice_moves_once(desk: Desk, fields: Fields) -> None:
    case = desk.report()
    browser = desk.client("shen")
    sent = fields(browser.get(f"/desk/case/{case}/").content.decode(), "accept") | {"kind": "E06010"}
    assert browser.post(f"/desk/case/{case}/move/accept/", sent)["Location"] == f"/desk/case/{case}/"
    assert browser.post(f"/desk/case/{case}/move/accept/", sent).status_code == 302
    assert [line.kind for line in queries.history(case)].count("cases.CaseAccepted") == 1


def test_the_kind_can_be_named_in_words(desk: Desk) -> None:
    case = desk.report()
    browser = desk.client("shen")
    wrong = browser.post(f"/desk/case/{case}/move/accept/", {"kind_other": "@@@@"})
    assert wrong.status_code == 422
    assert "没有这个事项类别" in wrong.content.decode()
    assert browser.post(f"/desk/case/{case}/move/accept/", {"kind_other": "乱堆杂物"}).status_code == 302
    assert queries.case_for(SYSTEM, case).kind == "E06036"


def test_a_case_that_changed_meanwhile_shows_what_changed_and_keeps_what_was_typed(
    desk: Desk, fields: Fields
) -> None:
    case = desk.report()
    desk.to_handler(case)
    browser = desk.client("ma")
    sent = fields(browser.get(f"/desk/case/{case}/").content.decode(), "hand_in")
    desk.move(case, ("note", "hw-2"), text="车已在路上")
    answer = browser.post(
        f"/desk/case/{case}/move/hand_in/",
        sent | {"result": "清理好了", "photos_kept": [str(desk.photo("ma"))]},
    )
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "内容已被他人更新" in html
    assert "您打开之后发生了" in html
    assert "车已在路上" in html
    assert "清理好了</textarea>" in html
    again = fields(html, "hand_in") | {"result": "清理好了", "photos_kept": [str(desk.photo("ma"))]}
    assert browser.post(f"/desk/case/{case}/move/hand_in/", again).status_code == 302


def test_a_move_that_is_no_longer_open_keeps_what_was_typed(desk: Desk) -> None:
    case = desk.report()
    desk.move(case, ("decline", "shen"), reason="elsewhere")
    answer = desk.client("shen").post(
        f"/desk/case/{case}/move/void/", {"reason": "duplicate", "note": "与昨天那件相同"}
    )
    assert answer.status_code == 409
    assert "与昨天那件相同" in answer.content.decode()
    assert "不予受理" in answer.content.decode()


def test_what_is_missing_is_named_and_the_photo_is_not_asked_for_again(desk: Desk) -> None:
    case = desk.report()
    desk.to_handler(case)
    browser = desk.client("ma")
    picture = SimpleUploadedFile("after.jpg", jpeg(), "image/jpeg")
    answer = browser.post(f"/desk/case/{case}/move/hand_in/", {"result": " ", "photos": picture})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "请填写此项" in html
    kept = html.split('name="photos_kept" value="', 1)[1].split('"', 1)[0]
    sent = {"result": "清理好了", "photos_kept": kept}
    assert browser.post(f"/desk/case/{case}/move/hand_in/", sent).status_code == 302
    assert queries.case_for(SYSTEM, case).state == "handled"


def test_a_missing_photo_and_a_file_that_is_none_are_told_apart(desk: Desk) -> None:
    case = desk.report()
    desk.to_handler(case)
    browser = desk.client("ma")
    address = f"/desk/case/{case}/move/hand_in/"
    missing = browser.post(address, {"result": "清理好了"})
    assert missing.status_code == 422
    assert "还缺少必需的照片" in missing.content.decode()
    fake = SimpleUploadedFile("a.jpg", b"<script>alert(1)</script>", "image/jpeg")
    refused = browser.post(address, {"result": "清理好了", "photos": fake})
    assert refused.status_code == 415
    assert "清理好了" in refused.content.decode()


def test_a_write_id_of_another_content_is_a_conflict(desk: Desk, fields: Fields) -> None:
    case = desk.report()
    desk.to_handler(case)
    browser = desk.client("ma")
    sent = fields(browser.get(f"/desk/case/{case}/").content.decode(), "note")
    assert browser.post(f"/desk/case/{case}/move/note/", sent | {"text": "一"}).status_code == 302
    answer = browser.post(f"/desk/case/{case}/move/note/", sent | {"text": "二"})
    assert answer.status_code == 409
    assert "二</textarea>" in answer.content.decode()
    assert sent["id"] not in answer.content.decode()


def test_what_cannot_be_read_is_malformed_and_never_a_fault(desk: Desk) -> None:
    case = desk.report()
    browser = desk.client("shen")
    address = f"/desk/case/{case}/move/decline/"
    for wrong in (
        {"id": "x"},
        {"version": "-1"},
        {"version": "9" * 30},
        {"note": "a\x00b"},
        {"photos_kept": "x"},
    ):
        assert browser.post(address, {"reason": "elsewhere"} | wrong).status_code == 400, wrong
    assert browser.post(address, {"reason": "moon"}).status_code == 422
    assert browser.post(address, {"reason": "elsewhere", "note": "长" * 5000}).status_code == 422
    assert browser.post(f"/desk/case/{case}/move/fly/", {}).status_code == 404
    assert browser.get(address).status_code == 302
    assert browser.post(f"/desk/case/{case}/move/dispatch/", {"to": "d:x"}).status_code in {400, 403}
    assert browser.post(address, {"reason": "elsewhere", "back": "//evil.example/"})["Location"].startswith(
        "/desk/"
    )


def test_a_dispatcher_may_name_another_department(desk: Desk) -> None:
    case = desk.report()
    desk.move(case, ("accept", "shen"), ("register", "shen"))
    browser = desk.client("lu")
    html = browser.get(f"/desk/case/{case}/").content.decode()
    assert "环卫所(按职责)" in html
    other = desk.town.departments["CG"]
    answer = browser.post(f"/desk/case/{case}/move/dispatch/", {"to": f"d:{other}", "note": "请协助"})
    assert answer.status_code == 302
    assert queries.case_for(SYSTEM, case).department_id == other


def test_whom_a_dispatcher_may_name_are_those_who_can_sign_for_it(desk: Desk) -> None:
    case = desk.report()
    desk.move(case, ("accept", "shen"), ("register", "shen"))
    html = desk.client("lu").get(f"/desk/case/{case}/").content.decode()
    offered = html.split('name="to"', 1)[1].split("</select>", 1)[0]
    assert "环卫所" in offered
    assert "网格员(" in offered
    for cannot in ("法律顾问", "专家", "监督员", "系统管理员", "受理员", "回访员"):
        assert cannot not in offered


def test_whoever_dispatches_again_reads_who_returned_it_and_why(desk: Desk) -> None:
    case = desk.report()
    desk.move(case, ("accept", "shen"), ("register", "shen"), ("dispatch", "lu"))
    desk.move(case, ("return", "ma"), reason="门前三包由城管负责", basis="第35条", reason_code="not_ours")
    html = desk.client("lu").get(f"/desk/case/{case}/").content.decode()
    form = html.split("/move/dispatch/", 1)[1].split("</form>", 1)[0]
    assert "环卫所退单" in form
    assert "门前三包由城管负责" in form


def test_an_extension_says_how_much_and_that_the_deadline_has_it(desk: Desk) -> None:
    case = desk.report()
    desk.to_handler(case)
    desk.move(case, ("ask_extension", "ma"), amount=2, reason="等配件")
    desk.move(case, ("grant_extension", "lu"))
    page = desk.client("ma").get(f"/desk/case/{case}/").content.decode()
    assert "提出延期申请(2 个" in page
    assert "同意延期申请(至 20" in page
    assert "其中已含批准的延期 1 次。" in page


def test_the_loop_goes_through_the_pages_to_the_answer(desk: Desk) -> None:
    case = desk.report()
    photo = str(desk.photo("ma"))
    for name, who, sent in (
        ("accept", "shen", {"kind": "E06010"}),
        ("register", "shen", {"condition": "E06010-1"}),
        ("dispatch", "lu", {"to": ""}),
        ("sign", "ma", {}),
        ("hand_in", "ma", {"result": "清理好了", "photos_kept": photo}),
        ("redo", "gu", {"reason_code": "half_done", "reason": "还有一袋"}),
        ("hand_in", "ma", {"result": "都清了", "photos_kept": str(desk.photo("ma"))}),
        ("pass_check", "gu", {"note": "干净"}),
        ("close", "shen", {}),
        ("ask", "yao", {"text": "无人接听"}),
        ("rate", "yao", {"answer": "satisfied", "comment": "很快"}),
    ):
        answer = desk.client(who).post(f"/desk/case/{case}/move/{name}/", sent)
        assert answer.status_code == 302, (name, answer.content.decode()[:2000])
    found = queries.case_for(SYSTEM, case)
    assert (found.state, found.answer, found.redos) == ("followed_up", "satisfied", 1)
    html = desk.client("qian").get(f"/desk/case/{case}/").content.decode()
    assert "只办了一部分:还有一袋" in html
    html = desk.client("qian", "en").get(f"/desk/case/{case}/").content.decode()
    assert "Done only in part: 还有一袋" in html


def test_a_case_that_waits_for_helpers_says_why_it_cannot_be_closed(desk: Desk) -> None:
    case = desk.report()
    desk.to_handler(case)
    police = parts.Helper(department=desk.town.departments["PA"], task="到场")
    parts.call(case, helpers=[police], by=desk.actor("lu"), at=desk.at)
    desk.move(case, ("hand_in", "ma"), result="清理好了", photos=[desk.photo("ma")])
    desk.move(case, ("pass_check", "gu"))
    html = desk.client("shen").get(f"/desk/case/{case}/").content.decode()
    assert "还有 1 项协办未完成" in html
    assert "/move/close/" not in html
    (part,) = queries.parts_of(case)
    parts.release(part.id, by=desk.actor("lu"), at=desk.at, reason="不再需要")
    html = desk.client("shen").get(f"/desk/case/{case}/").content.decode()
    assert "协办未完成" not in html
    assert "/move/close/" in html


def test_a_reason_that_the_rulebook_has_not_is_refused_and_what_was_written_stays(desk: Desk) -> None:
    case = desk.report()
    desk.move(case, ("accept", "shen"), ("register", "shen"), ("dispatch", "lu"), ("sign", "ma"))
    desk.move(case, ("hand_in", "ma"), result="清理好了", photos=[desk.photo("ma")])
    for code in ("", "nonsense"):
        sent = {"reason_code": code, "reason": "还有一袋"}
        answer = desk.client("gu").post(f"/desk/case/{case}/move/redo/", sent)
        assert answer.status_code == 422
        assert "还有一袋" in answer.content.decode()
    assert queries.case_for(SYSTEM, case).state == "handled"


def test_the_reporter_is_masked_and_looking_needs_a_reason_that_is_kept(desk: Desk) -> None:
    resident = people.register_resident(phone="13800001234", name="王秀英", by=desk.actor("shen"), at=desk.at)
    case = desk.report(reporter_id=resident.id)
    browser = desk.client("shen")
    html = browser.get(f"/desk/case/{case}/").content.decode()
    assert "138****1234" in html
    assert "王**" in html
    assert "13800001234" not in html
    assert browser.post(f"/desk/case/{case}/reporter/", {"reason": " "}).status_code == 422
    shown = browser.post(f"/desk/case/{case}/reporter/", {"reason": "核实地点"})
    assert "13800001234" in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    assert queries.history(case)[-1].kind == "cases.ReporterRevealed"
    assert desk.client("jian").post(f"/desk/case/{case}/reporter/", {"reason": "好奇"}).status_code == 403


def test_beside_a_queue_only_the_case_is_sent(desk: Desk) -> None:
    case = desk.report()
    answer = desk.client("shen").get(
        f"/desk/case/{case}/?back=/desk/receive/", headers={"HX-Request": "true"}
    )
    html = answer.content.decode()
    assert "<html" not in html
    assert f'data-matter="{case}"' in html
    assert 'name="back" value="/desk/receive/"' in html
    assert answer["Vary"].startswith("HX-Request") or "HX-Request" in answer["Vary"]


def test_who_reports_as_a_resident_is_not_named_to_staff_whatever_they_sign_in_with(desk: Desk) -> None:
    for who in ("lin", "ma"):  # a resident's account; somebody of the very department
        sender = desk.actor(who)
        assert sender.name
        case = desk.report(source=Source.RESIDENT, by=sender, reporter_id=sender.resident_id)
        desk.to_handler(case)
        first = queries.history(case)[0]
        html = desk.client("ma").get(f"/desk/case/{case}/").content.decode()
        assert (first.by_kind, first.by_label, str(first.by_post)) == ("resident", "", "")
        assert first.by_id == sender.account_id  # on the record, for whoever has to know
        story = html.split("timeline", 1)[1]
        assert sender.name not in story or who == "ma"
        assert "诉求人" in story


def test_whoever_returned_a_case_is_led_to_a_page_that_is_still_theirs(desk: Desk) -> None:
    case = desk.report()
    desk.move(case, ("accept", "shen"), ("register", "shen"), ("dispatch", "lu"))
    browser = desk.client("ma")
    form = {"reason": "不在环卫所职责范围内", "basis": "清单第 3 条", "reason_code": "not_ours"}
    answer = browser.post(f"/desk/case/{case}/move/return/", form)
    assert answer.status_code == 302
    assert browser.get(answer["Location"]).status_code == 200
    assert queries.case_for(SYSTEM, case).state == "returned"


def test_the_handler_reads_the_steps_and_the_evidence_and_the_checker_the_list_and_the_standard(
    desk: Desk,
) -> None:
    case = desk.report()
    found = desk.to_handler(case)
    kind, condition = queries.kind_of(found), queries.condition_of(found)
    assert kind is not None
    assert condition is not None
    assert kind.handling
    assert kind.checklist

    def form(who: str, move: str) -> str:
        html = unescape(desk.client(who).get(f"/desk/case/{case}/").content.decode())
        return html.split(f"/move/{move}/", 1)[1].split("</form>", 1)[0]

    handling = form("ma", "hand_in")
    for words in (*kind.handling, condition.closing, queries.evidence_words(kind.evidence)):
        assert str(words) in handling, words
    desk.move(case, ("hand_in", "ma"), result="清理好了", photos=[desk.photo("ma")])
    checking = form("gu", "pass_check")
    for words in (*kind.checklist, condition.closing, queries.checking_words(kind.checking)):
        assert str(words) in checking, words


def test_whoever_merges_chooses_among_the_probable_duplicates_or_names_another(desk: Desk) -> None:
    case, same = desk.report(text="中心路口的垃圾堆了三天没人清"), desk.report(text="中心路口垃圾堆了好几天")
    found, other = queries.case_for(SYSTEM, same), desk.report("201-1", text="路灯不亮", kind="E06028")
    browser = desk.client("shen")
    html = unescape(browser.get(f"/desk/case/{case}/").content.decode())
    form = html.split("/move/merge/", 1)[1].split("</form>", 1)[0]
    number = number_of(found.serial, found.reported_at)
    for words in (f'value="{same}"', number, found.text, "同一类别", 'name="into_number"'):
        assert words in form, words
    assert f'value="{case}"' not in form
    assert str(other) not in form
    assert form.index(str(same)) < form.index("into_number")
    empty = browser.post(f"/desk/case/{case}/move/merge/", {"into": "", "note": "看起来一样"})
    assert empty.status_code == 422
    assert "看起来一样" in empty.content.decode()
    assert browser.post(f"/desk/case/{case}/move/merge/", {"into": str(same)}).status_code == 302
    assert queries.case_for(SYSTEM, case).merged_into_id == same


def test_a_matter_that_is_less_far_on_is_not_offered_to_merge_into(desk: Desk) -> None:
    further, same = (
        desk.report(text="中心路口的垃圾堆了三天没人清"),
        desk.report(text="中心路口垃圾堆了好几天"),
    )
    desk.to_handler(further)
    browser = desk.client("lu")
    form = (
        browser.get(f"/desk/case/{further}/")
        .content.decode()
        .split("/move/merge/", 1)[1]
        .split("</form>", 1)[0]
    )
    assert str(same) not in form
    assert 'name="into_number"' in form
