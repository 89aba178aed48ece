"""The resident's way: nothing typed is lost, nothing is sent twice, and a code opens one matter and no other."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.cases import queries as cases
from linli.cases.models import Case, Evidence
from linli.cases.tests import loop
from linli.cases.tests.loop import OFFICE_MATTER, each, in_state, jpeg, opened, signed_in
from linli.cases.words import State, number_of, tracking_code
from linli.kernel import clock, files, journal
from linli.kernel.access import SYSTEM
from linli.kernel.file_models import StoredFile
from linli.people import actions as people
from linli.people.queries import RESIDENT_IN_SESSION
from tests.world import AT, Town, actor

pytestmark = pytest.mark.django_db
SAID = "路口垃圾没人清"


def photo(data: bytes | None = None, name: str = "p.png", kind: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data or jpeg(), kind)


def up_to(step: str, browser: Client, town: Town, **first: Any) -> None:
    """Answer the questions before this step."""
    lng, lat = town.point_in("001-1-1")
    for path, fields in (
        ("/report/", {"text": SAID, **first}),
        ("/report/where/", {"lng": lng, "lat": lat}),
        ("/report/kind/", {"kind": OFFICE_MATTER}),
    ):
        if path == step:
            return
        assert browser.post(path, fields).status_code == 302


def sent(browser: Client, town: Town, **first: Any) -> str:
    """Report it; the address at which it is followed."""
    up_to("/report/send/", browser, town, **first)
    address: str = browser.post("/report/send/").headers["Location"].partition("?")[0]
    return address


def address_of(case: Case) -> str:
    return f"/t/{number_of(case.serial, case.reported_at)}/{tracking_code(case.id)}/"


def test_pressing_send_twice_opens_one_case_and_leads_to_it(town: Town, client: Client) -> None:
    first = sent(client, town)
    again = client.post("/report/send/")
    assert again.headers["Location"] == first
    assert client.get("/report/send/").headers["Location"] == first
    assert Case.objects.count() == 1


def test_a_second_report_of_the_same_browser_is_a_second_case(town: Town, client: Client) -> None:
    assert sent(client, town) != sent(client, town)
    assert Case.objects.count() == 2


def test_going_back_and_forward_keeps_every_answer(town: Town, client: Client) -> None:
    up_to("/report/send/", client, town, photos=[photo()])
    assert SAID in client.get("/report/").content.decode()
    assert client.get("/report/").content.decode().count("/report/photo/") == 1
    assert (
        "121." in client.get("/report/where/").content.decode()
        or "120." in client.get("/report/where/").content.decode()
    )
    assert OFFICE_MATTER in client.get("/report/kind/").content.decode()
    assert client.post("/report/", {"text": "改成别的话"}).status_code == 302
    assert "改成别的话" in client.get("/report/send/").content.decode()
    client.post("/report/send/")
    case = Case.objects.get()
    assert (case.text, Evidence.objects.filter(case=case).count()) == ("改成别的话", 1)


@each("path", ["/report/where/", "/report/kind/", "/report/send/"])
def test_a_step_that_is_not_reached_yet_leads_to_the_first(town: Town, client: Client, path: str) -> None:
    assert client.get(path).headers["Location"] == "/report/"
    assert client.post(path).headers["Location"] == "/report/"
    assert Case.objects.count() == 0


@each(
    ("path", "fields", "kept"),
    [
        ("/report/", {"text": ""}, ""),
        ("/report/", {"text": "长" * 1001}, "长" * 1001),
        ("/report/", {"text": "有\x00字"}, "字"),
        ("/report/where/", {"lng": "x", "lat": "31", "address": "某路7号"}, "某路7号"),
        ("/report/where/", {"lng": "121", "lat": "", "address": "某路7号"}, "某路7号"),
        ("/report/where/", {"lng": "nan", "lat": "nan", "address": "某路7号"}, "某路7号"),
        ("/report/where/", {"lng": "1e999", "lat": "31", "address": "某路7号"}, "某路7号"),
        ("/report/where/", {"lng": "181", "lat": "91", "address": "某路7号"}, "某路7号"),
        ("/report/where/", {"address": "路" * 201}, "路" * 201),
        ("/report/where/", {"lng": "", "lat": "", "address": " "}, ""),
        ("/report/kind/", {"kind": "E99999"}, ""),
        ("/report/kind/", {"kind": "' OR 1=1"}, ""),
        ("/report/kind/", {}, ""),
    ],
)
def test_a_wrong_answer_is_asked_again_with_what_was_typed(
    town: Town, client: Client, path: str, fields: dict[str, str], kept: str
) -> None:
    up_to(path, client, town)
    answer = client.post(path, fields)
    assert answer.status_code == 422
    assert kept in answer.content.decode()
    assert "error" in answer.content.decode() or "alert" in answer.content.decode()


def test_a_kind_that_is_not_for_residents_cannot_be_chosen(town: Town, client: Client) -> None:
    up_to("/report/kind/", client, town)
    assert client.post("/report/kind/", {"kind": "C01001"}).status_code == 422


@each(
    ("data", "name", "kind"),
    [
        (b"<script>alert(1)</script>", "p.png", "image/png"),
        (b"%PDF-1.7", "p.pdf", "application/pdf"),
        (jpeg(shade=7)[:70], "p.png", "image/png"),
        (jpeg(shade=7), "p.jpg", "image/jpeg"),
    ],
)
def test_a_photo_that_cannot_be_taken_is_named_and_the_words_stay(
    town: Town, data: bytes, name: str, kind: str
) -> None:
    answer = Client().post("/report/", {"text": SAID, "photos": [photo(), photo(data, name, kind)]})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert name in page
    assert SAID in page
    assert page.count("/report/photo/") == 1, "the good one of the two is kept"


def test_more_photos_than_are_taken_are_not_dropped_in_silence(town: Town, client: Client) -> None:
    most = files.counts()["per_matter"]
    answer = client.post("/report/", {"text": SAID, "photos": [photo() for _ in range(most + 1)]})
    assert answer.status_code == 422
    assert f"最多 {most} 张" in answer.content.decode()
    assert answer.content.decode().count("/report/photo/") == most
    assert client.post("/report/", {"text": SAID}).status_code == 302


def test_a_photo_can_be_taken_out_again(town: Town, client: Client) -> None:
    client.post("/report/", {"text": SAID, "photos": [photo(), photo()]})
    first = client.session["linli.draft"]["photos"][0]
    page = client.post("/report/", {"text": SAID + "!", "drop": first}).content.decode()
    assert SAID + "!" in page
    assert first not in page
    assert page.count("/report/photo/") == 1


def test_a_draft_photo_is_seen_by_its_own_browser_alone(town: Town, client: Client) -> None:
    client.post("/report/", {"text": SAID, "photos": [photo()]})
    path = f"/report/photo/{StoredFile.objects.get().id}/"
    assert client.get(path).status_code == 200
    assert Client().get(path).status_code == 404
    assert signed_in(town, "shen").get(path).status_code == 404


def test_signing_in_on_the_way_loses_neither_words_nor_photos(town: Town, client: Client) -> None:
    from django.contrib.auth import get_user_model

    up_to("/report/send/", client, town, photos=[photo()])
    client.force_login(get_user_model().objects.get(username="lin"))
    assert client.post("/report/send/").status_code == 302
    case = Case.objects.get()
    assert (case.reporter_id, Evidence.objects.filter(case=case).count()) == (town.resident, 1)


def test_a_photo_that_was_forgotten_meanwhile_is_said_and_the_draft_goes_on(
    town: Town, client: Client
) -> None:
    up_to("/report/send/", client, town, photos=[photo()])
    StoredFile.objects.all().delete()
    answer = client.post("/report/send/")
    assert answer.status_code == 422
    assert "图片已失效" in answer.content.decode()
    gone = client.session["linli.draft"]["photos"][0]
    client.post("/report/", {"text": SAID, "drop": gone})
    assert client.post("/report/send/").status_code == 302
    assert Case.objects.count() == 1


def test_a_report_whose_answer_was_lost_can_be_changed_and_sent(town: Town, client: Client) -> None:
    """The case was written, but the browser's session was not: the same draft is there again."""
    up_to("/report/send/", client, town)
    draft = client.session["linli.draft"]
    client.post("/report/send/")
    session = client.session
    session["linli.draft"] = draft
    session.save()
    assert client.post("/report/send/").status_code == 302
    assert Case.objects.count() == 1
    session = client.session
    session["linli.draft"] = {**draft, "text": "还有一处"}
    session.save()
    assert client.post("/report/send/").status_code == 409
    assert client.post("/report/send/").status_code == 302
    assert sorted(Case.objects.values_list("text", flat=True)) == sorted([SAID, "还有一处"])


def test_a_report_without_a_number_is_bounded_and_the_draft_stays(town: Town, client: Client) -> None:
    for _ in range(10):
        sent(client, town)
    up_to("/report/send/", client, town)
    answer = client.post("/report/send/", headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == 429
    assert "太频繁" in answer.content.decode()
    assert client.session["linli.draft"]["text"] == SAID


def test_a_resident_reports_at_most_so_many_a_day(town: Town, client: Client) -> None:
    at = clock.now()
    for _ in range(20):
        opened(town, at, by=SYSTEM, reporter_id=town.resident)
    session = client.session
    session[RESIDENT_IN_SESSION] = str(town.resident)
    session.save()
    up_to("/report/send/", client, town)
    assert client.post("/report/send/").status_code == 429


def test_a_place_outside_the_town_is_taken_and_left_to_the_clerk(town: Town, client: Client) -> None:
    client.post("/report/", {"text": SAID})
    client.post("/report/where/", {"lng": "0.5", "lat": "0.5"})
    client.post("/report/kind/", {"kind": OFFICE_MATTER})
    assert client.post("/report/send/").status_code == 302
    assert (Case.objects.get().located, Case.objects.get().unit_id) == ("none", town.root)


# Following


@each("code", ["AAAAAAAAAA", "查询码", "é", "%00", "../..", "A" * 300, "<script>"])
def test_a_wrong_code_and_an_unknown_number_get_the_same_answer(
    town: Town, client: Client, code: str
) -> None:
    case = opened(town)
    known = number_of(case.serial, case.reported_at)
    answers = [client.get(f"/t/{number}/{code}/") for number in (known, "20260310999999")]
    assert {a.status_code for a in answers} <= {400, 404}
    shown = [token_free(a.content.decode().replace("20260310999999", known)) for a in answers]
    assert shown[0] == shown[1]
    asked = [client.post("/t/", {"number": number, "code": code}) for number in (known, "20260310999999")]
    assert [a.status_code for a in asked] == [422, 422] or {a.status_code for a in asked} == {404}
    shown = [token_free(a.content.decode().replace("20260310999999", known)) for a in asked]
    assert shown[0] == shown[1]


def token_free(page: str) -> str:
    return re.sub(r'"\w{64}"', "", page)


def test_only_wrong_guesses_are_counted(town: Town, client: Client) -> None:
    case = opened(town)
    assert {client.get(address_of(case)).status_code for _ in range(65)} == {200}
    statuses = [
        client.get(f"/t/1/{n}/", headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code for n in range(62)
    ]
    assert statuses[-1] == 429
    assert client.get(address_of(case)).status_code == 200


def test_a_number_is_found_however_it_is_written(town: Town, client: Client) -> None:
    case = opened(town)
    number, code = number_of(case.serial, case.reported_at), tracking_code(case.id)
    answer = client.post("/t/", {"number": f" {number[:8]}-{number[8:]} ", "code": f" {code.lower()} "})
    assert answer.headers["Location"] == address_of(case)


def test_a_matter_is_rated_once_and_only_when_it_is_closed(town: Town, client: Client) -> None:
    case = in_state(State.HANDLING, town, clock.now())
    assert client.post(f"{address_of(case)}rate/", {"answer": "satisfied"}).status_code == 409
    case = in_state(State.CLOSED, town, clock.now())
    assert client.post(f"{address_of(case)}rate/", {"answer": "unreachable"}).status_code == 422
    answer = client.post(f"{address_of(case)}rate/", {"answer": "", "comment": "话还没说完"})
    assert answer.status_code == 422
    assert "话还没说完" in answer.content.decode()
    assert client.post(f"{address_of(case)}rate/", {"answer": "neutral"}).status_code == 302
    assert client.post(f"{address_of(case)}rate/", {"answer": "satisfied"}).status_code == 409
    case.refresh_from_db()
    assert case.answer == "neutral"


def test_reopening_is_bounded_in_number_and_days(town: Town, client: Client) -> None:
    case = in_state(State.CLOSED, town, clock.now())
    case = loop.make("reopen", case.id, actor(town, "yao", clock.now()), clock.now())
    case = loop.make("dispatch", case.id, actor(town, "lu"), clock.now())
    for who, move in (("ma", "sign"), ("ma", "hand_in"), ("gu", "pass_check"), ("shen", "close")):
        case = loop.make(move, case.id, actor(town, who), clock.now())
    path = f"{address_of(case)}reopen/"
    assert client.post(path, {"reason": " "}).status_code == 422
    assert client.post(path, {"reason": "又堆满了"}).status_code == 302
    assert client.post(path, {"reason": "又堆满了"}).status_code == 409
    case.refresh_from_db()
    assert case.reopens == 2
    old = in_state(State.CLOSED, town, AT)
    assert client.post(f"{address_of(old)}reopen/", {"reason": "又堆满了"}).status_code == 409
    assert "/reopen/" not in client.get(address_of(old)).content.decode()


def test_the_code_of_one_matter_shows_no_picture_of_another_nor_of_a_check(
    town: Town, client: Client
) -> None:
    mine, theirs = in_state(State.HANDLED, town), in_state(State.HANDLED, town)
    after = Evidence.objects.get(case=mine).file_id
    other = Evidence.objects.get(case=theirs).file_id
    loop.make("pass_check", mine.id, actor(town, "gu"), AT, photos=[loop.picture(actor(town, "gu"))])
    check = Evidence.objects.get(case=mine, phase="check").file_id
    assert client.get(f"{address_of(mine)}photo/{after}/").status_code == 200
    assert client.get(f"{address_of(mine)}photo/{other}/").status_code == 404
    assert client.get(f"{address_of(mine)}photo/{check}/").status_code == 404
    assert client.get(f"/files/{after}/").status_code == 404


def test_the_holder_of_a_code_may_only_rate_and_reopen(town: Town, client: Client) -> None:
    from linli.cases import queries

    for state in State:
        case = in_state(state, town, clock.now())
        offered = {move.name for move in queries.moves_for(case, queries.holder_of(case), clock.now())}
        assert offered <= {"rate", "reopen"}
    resident = people.register_resident(phone="16100000088", by=SYSTEM, at=AT)
    session = client.session
    session[RESIDENT_IN_SESSION] = str(resident.id)
    session.save()
    assert str(case.id) not in client.get("/me/").content.decode()
    assert client.get(f"/api/v1/cases/{case.id}").status_code == 404


def test_the_story_names_no_member_of_staff_and_no_note_between_them(town: Town, client: Client) -> None:
    case = in_state(State.HANDLING, town)
    loop.make("note", case.id, actor(town, "ma"), AT, text="内部:联系了王师傅")
    loop.make("hand_in", case.id, actor(town, "ma"), AT, result="内部结果")
    loop.make("redo", case.id, actor(town, "gu"), AT, reason="内部理由")
    names = [actor(town, who).name for who in ("shen", "lu", "ma", "gu")]
    api = client.get(
        f"/api/v1/track/{number_of(case.serial, case.reported_at)}", {"code": tracking_code(case.id)}
    )
    for page in (client.get(address_of(case)).content.decode(), api.content.decode()):
        assert "内部" not in page
        assert not [name for name in names if name in page]


def test_a_resident_reads_over_the_interface_no_more_than_on_the_page(town: Town, client: Client) -> None:
    case = in_state(State.HANDLING, town, reporter_id=town.resident)
    loop.make("note", case.id, actor(town, "ma"), AT, text="内部:联系了王师傅")
    session = client.session
    session[RESIDENT_IN_SESSION] = str(town.resident)
    session.save()
    for path in (f"/api/v1/cases/{case.id}", f"/api/v1/cases/{case.id}/history"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "内部" not in answer.content.decode()
        assert actor(town, "ma").name not in answer.content.decode()


@each(
    "wanted",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:evil"],
)
def test_a_way_back_never_leads_to_another_site(town: Town, client: Client, wanted: str) -> None:
    for path in ("/settings/language", "/settings/theme"):
        found = client.post(path, {"next": wanted, "language": "en"}).headers["Location"]
        assert found.startswith("/")
        assert not found.startswith(("//", "/\\"))
    page = client.get("/me/phone/", {"next": wanted}).content.decode()
    for found in re.findall(r'name="next" value="([^"]*)"', page):
        assert found.startswith("/")
        assert not found.startswith(("//", "/\\"))
    answer = signed_in(town, "shen").post("/accounts/logout/", {"next": wanted})
    assert "evil" not in answer.headers.get("Location", "")


@each("end", ["close", "settle", "transfer_out"])
def test_whoever_reported_a_merged_matter_reads_what_became_of_the_main_one_and_is_asked_for_no_answer(
    town: Town, end: str
) -> None:
    """Its own earlier round had been closed and asked for an answer; that is no longer asked either."""
    mine = in_state(State.CLOSED, town, AT - loop.DAY, reporter_id=town.resident)
    mine = loop.make("reopen", mine.id, actor(town, "yao", AT), AT - loop.HOUR)
    before, who = {"close": (State.CHECKED, "shen"), "settle": (State.DISPATCHED, "zhou")}.get(
        end, (State.RETURNED, "shen")
    )
    main = in_state(before, town, AT)
    loop.make("merge", mine.id, actor(town, "lu", AT), AT, into=main.id)
    page = Client().get(address_of(mine)).content.decode()
    assert str(State(main.state).label) in page
    assert "请您评价" not in page
    loop.make(end, main.id, actor(town, who, AT + loop.HOUR), AT + loop.HOUR)
    page = Client().get(address_of(mine)).content.decode()
    answer = (
        Client()
        .get(f"/api/v1/track/{number_of(mine.serial, mine.reported_at)}", {"code": tracking_code(mine.id)})
        .json()
    )
    told = [line["sentence"] for line in answer["history"]]
    for text in (page, *(line["zh"] for line in told)):
        assert "请您评价" not in text
    assert not any("tell us" in line["en"] for line in told)
    assert 'id="rate"' not in page
    assert ("一并办结" if end != "transfer_out" else "已转给负责的机关") in page
    (line,) = [line for line in journal.history(main.id) if line.at == AT + loop.HOUR]
    (message,) = [one for one in cases.messages_to_reporters(line, AT) if one.about == mine.id]
    assert message.template == ("closed-together" if end != "transfer_out" else "transferred")
