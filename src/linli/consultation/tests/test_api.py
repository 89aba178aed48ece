"""Consultations over JSON: the whole way, who reads what, what is refused, retries, two at once, fixed costs."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from linli.cases.tests.loop import API, UNKNOWN, each, key_of, post, queries_of, signed_in, told
from linli.cases.tests.test_together import at_once, sending
from linli.consultation import queries
from linli.consultation.models import Consultation, Opinion, Verdict
from linli.consultation.tests.making import PDF, SAID, all_said, asked, hard_case, paper, said
from linli.consultation.words import Level
from linli.kernel import clock
from linli.kernel.models import FactRow
from tests.world import Town

READ = "consultation.OpinionRead"


@pytest.fixture(autouse=True)
def _own_key(settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"


def asking(town: Town, **changes: Any) -> dict[str, Any]:
    given = {
        "id": str(uuid4()), "topic": "占道经营", "question": "能否清理?电话 13812345678", "risk": "orange",
        "accounts": [str(town.accounts["lawyer"])], "departments": [str(town.departments["CG"])],
        "documents": [{"name": "材料.pdf", "content": b64encode(PDF).decode()}],
    }  # fmt: skip
    return given | changes


def now_asked(town: Town, **changes: Any) -> Consultation:
    """A consultation of this very moment, as the interface knows no other."""
    at = clock.now()
    return asked(town, hard_case(town, at), at=at, **changes)


@pytest.mark.django_db
def test_a_consultation_goes_from_the_question_to_the_decision(town: Town) -> None:
    case = hard_case(town, clock.now())
    chief, lawyer, team = (signed_in(town, who) for who in ("qian", "lawyer", "cg-1"))
    offered = told(chief.get(f"{API}/cases/{case.id}/consultations/candidates"))
    assert str(town.accounts["lawyer"]) in {one["id"] for one in offered["accounts"]}
    assert str(town.departments["CG"]) in {one["id"] for one in offered["departments"]}
    made = told(post(chief, f"/cases/{case.id}/consultations", asking(town)), 201)
    assert "138****5678" in made["question"]
    assert set(made["steps"]) == {"decisions", "asked", "withdraw"}
    path = f"/consultations/{made['id']}"
    (line,) = told(lawyer.get(f"{API}/consultations", {"show": "waiting"}))["consultations"]
    assert (line["id"], line["waiting"], line["answered"]) == (made["id"], 2, 0)
    (sheet,) = told(lawyer.get(f"{API}{path}"))["documents"]
    taken = told(post(lawyer, f"/consultations/documents/{sheet['id']}/take", {}))
    assert b64decode(taken["content"]) == PDF

    given = told(post(lawyer, f"{path}/opinions", {"text": "可以清理。", "level": "open"}), 201)
    assert [one["text"] for each in given["asked"] for one in each["opinions"]] == ["可以清理。"]
    more = {"accounts": [str(town.accounts["expert"])]}
    assert len(told(post(chief, f"{path}/asked", more))["asked"]) == 3
    declined = told(post(team, f"{path}/decline", {"ground": "outside", "reason": "不在我们职责范围"}))
    assert declined["stage"] == "declined"
    told(team.get(f"{API}{path}"), 404)

    (opinion,) = queries.current(Consultation.objects.get().id)
    decision = {"text": "责令改正后清理。", "weighed": [{"opinion": str(opinion.id), "followed": True}]}
    assert told(post(chief, f"{path}/decisions", decision), 409)["code"] == "consultation.still-waiting"
    done = told(post(chief, f"{path}/decisions", decision | {"waived": "情况紧急不再等待"}), 201)
    assert (done["stage"], done["decisions"][0]["genuine"], done["decisions"][0]["holds"]) == ("decided", True, True)  # fmt: skip
    assert [one["id"] for one in told(chief.get(f"{API}/consultations", {"show": "ended"}))["consultations"]] == [made["id"]]  # fmt: skip
    assert [one["id"] for one in told(chief.get(f"{API}/cases/{case.id}/consultations"))] == [made["id"]]


@pytest.mark.django_db
@each(
    ("who", "level", "status"),
    [
        ("qian", Level.OPEN, 200), ("qian", Level.INVOLVED, 200), ("qian", Level.CHIEF, 200),
        ("lawyer", Level.OPEN, 200), ("lawyer", Level.INVOLVED, 200), ("lawyer", Level.CHIEF, 404),
        ("cg-1", Level.CHIEF, 200),  # wrote it
        ("expert", Level.CHIEF, 404), ("lu", Level.OPEN, 200), ("lu", Level.INVOLVED, 404), ("lu", Level.CHIEF, 404),
        ("jian", Level.CHIEF, 404), ("guan", Level.INVOLVED, 404), ("sz-1", Level.OPEN, 404), ("lin", Level.OPEN, 403),
        ("", Level.OPEN, 401),
    ],
)  # fmt: skip
def test_an_opinion_is_read_by_its_level_and_every_look_at_a_confidential_one_is_on_record(
    town: Town, who: str, level: Level, status: int
) -> None:
    found = now_asked(town)
    all_said(town, found, clock.now())
    opinion = Opinion.objects.get(invitation__consultation=found, level=level)
    client = signed_in(town, who) if who else Client()
    answer = post(client, f"/consultations/opinions/{opinion.id}/read", {})
    read = told(answer, status)
    looks = FactRow.objects.filter(about=found.case_id, kind=READ)
    if status != 200:
        assert not looks.exists()
        assert not [text for text in SAID if text in answer.content.decode()]
        return
    assert (read["text"], read["level"]) == (SAID[list(Level).index(level)], level)
    assert answer.headers["Cache-Control"] == "no-store"
    assert [look.by_id for look in looks] == ([] if level is Level.OPEN else [town.accounts[who]])


@pytest.mark.django_db
@each(("who", "words"), [("qian", 1), ("lawyer", 1), ("expert", 1), ("cg-1", 1), ("lu", 1)])
def test_no_other_answer_holds_the_words_of_a_confidential_opinion(town: Town, who: str, words: int) -> None:
    found = now_asked(town)
    all_said(town, found, clock.now())
    client = signed_in(town, who)
    for path in (f"/consultations/{found.id}", "/consultations", f"/cases/{found.case_id}/history"):
        text = client.get(f"{API}{path}").content.decode()
        assert not [secret for secret in SAID[1:] if secret in text], path
    shown = client.get(f"{API}/consultations/{found.id}")
    assert shown.headers["Cache-Control"] == "no-store"
    assert (
        sum(one["text"] is not None for asked in told(shown)["asked"] for one in asked["opinions"]) == words
    )
    assert not FactRow.objects.filter(about=found.case_id, kind=READ).exists()


@pytest.mark.django_db
def test_taking_a_document_of_a_confidential_opinion_is_a_look_and_others_do_not_get_it(town: Town) -> None:
    found = now_asked(town)
    said(town, found, "expert", Level.INVOLVED, clock.now(), documents=[paper()])
    document = Opinion.objects.get().documents.get()
    path = f"/consultations/documents/{document.id}/take"
    for who, status in (("lu", 404), ("sz-1", 404), ("lin", 403)):
        told(post(signed_in(town, who), path, {}), status)
    assert not FactRow.objects.filter(kind=READ).exists()
    assert told(post(signed_in(town, "lawyer"), path, {}))["sha256"] == document.sha256
    assert FactRow.objects.filter(kind=READ, about=found.case_id).count() == 1


@pytest.mark.django_db
@each(
    ("who", "method", "path", "body", "status"),
    [
        ("", "get", "/consultations", None, 401), ("lin", "get", "/consultations", None, 403),
        ("sz-1", "get", "/consultations/ONE", None, 404), ("lin", "get", "/consultations/ONE", None, 403),
        ("qian", "get", f"/consultations/{UNKNOWN}", None, 404),
        ("lawyer", "get", "/cases/CASE/consultations", None, 404), ("sz-1", "get", "/cases/CASE/consultations", None, 404),
        ("lin", "get", "/cases/CASE/consultations", None, 404), ("ma", "get", "/cases/CASE/consultations", None, 200),
        ("ma", "get", "/cases/CASE/consultations/candidates", None, 403),
        ("ma", "post", "/cases/CASE/consultations", "ask", 403), ("sz-1", "post", "/cases/CASE/consultations", "ask", 404),
        ("lawyer", "post", "/cases/CASE/consultations", "ask", 404),
        ("ma", "post", "/consultations/ONE/opinions", {"text": "我看行", "level": "open"}, 403),
        ("sz-1", "post", "/consultations/ONE/opinions", {"text": "我看行", "level": "open"}, 404),
        ("sz-1", "post", "/consultations/ONE/decline", {"ground": "time", "reason": "没有时间"}, 404),
        ("lawyer", "post", "/consultations/ONE/decisions", {"text": "清理", "weighed": []}, 403),
        ("lu", "post", "/consultations/ONE/decisions", {"text": "清理", "weighed": []}, 403),
        ("lawyer", "post", "/consultations/ONE/withdraw", {"reason": "不用问了"}, 403),
        ("sz-1", "post", "/consultations/ONE/withdraw", {"reason": "不用问了"}, 404),
        ("lawyer", "post", "/consultations/ONE/asked", {}, 403), ("sz-1", "post", "/consultations/ONE/asked", {}, 404),
        ("guan", "get", "/consultations/ONE", None, 200),
    ],
)  # fmt: skip
def test_whoever_it_is_nothing_to_is_kept_out(
    town: Town, who: str, method: str, path: str, body: Any, status: int
) -> None:
    found = now_asked(town)
    client = signed_in(town, who) if who else Client()
    path = path.replace("ONE", str(found.id)).replace("CASE", str(found.case_id))
    sent = asking(town) if body == "ask" else body
    told(client.get(f"{API}{path}") if method == "get" else post(client, path, sent), status)


@pytest.mark.django_db
@each(
    ("change", "status"),
    [
        ({"topic": ""}, 422), ({"topic": "长" * 61}, 422), ({"question": " "}, 422), ({"question": "长" * 4001}, 422),
        ({"question": "长" * 20_001}, 422), ({"risk": "purple"}, 422), ({"accounts": [], "departments": []}, 422),
        ({"accounts": ["x"]}, 422), ({"accounts": [UNKNOWN]}, 422), ({"departments": [UNKNOWN]}, 422),
        ({"pictures": [UNKNOWN]}, 422), ({"documents": [{"name": "a.pdf", "content": "!!"}]}, 415),
        ({"documents": [{"name": "a.pdf", "content": "aGVsbG8="}]}, 415),
        ({"documents": [{"name": "a.exe", "content": b64encode(PDF).decode()}]}, 415),
        ({"documents": [{"name": "a.pdf", "content": b64encode(PDF).decode()}] * 6}, 422),
        ({"documents": "a.pdf"}, 422), ({"id": 7}, 422), ({"question": "问\x00题"}, 400),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_is_refused_and_nothing_is_written(
    town: Town, change: dict[str, Any], status: int
) -> None:
    case = hard_case(town, clock.now())
    told(post(signed_in(town, "qian"), f"/cases/{case.id}/consultations", asking(town) | change), status)
    assert not Consultation.objects.exists()


@pytest.mark.django_db
@each(
    ("who", "path", "body", "code"),
    [
        ("lawyer", "opinions", {"text": " ", "level": "open"}, "invalid"),
        ("lawyer", "opinions", {"text": "可以", "level": "secret"}, "invalid"),
        ("lawyer", "opinions", {"text": "可以"}, "invalid"), ("lawyer", "opinions", {"text": "长" * 8001, "level": "open"}, "invalid"),
        ("lawyer", "decline", {"ground": "lazy", "reason": "没有时间"}, "invalid"),
        ("lawyer", "decline", {"ground": "time", "reason": "忙"}, "invalid"),
        ("qian", "opinions", {"text": "可以", "level": "open"}, "consultation.not-asked"),
        ("qian", "decisions", {"text": "清理", "weighed": []}, "consultation.still-waiting"),
        ("qian", "decisions", {"text": "清理", "weighed": [], "supersedes": 1}, "consultation.decided-meanwhile"),
        ("qian", "decisions", {"text": "清理", "weighed": [], "supersedes": -1}, "invalid"),
        ("qian", "decisions", {"text": "清理", "weighed": [{"opinion": UNKNOWN, "followed": True}], "waived": "不再等待了"}, "invalid"),
        ("qian", "withdraw", {"reason": "忙"}, "invalid"), ("qian", "asked", {}, "invalid"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_or_decided_is_refused(
    town: Town, who: str, path: str, body: dict[str, Any], code: str
) -> None:
    found = now_asked(town)
    answer = post(signed_in(town, who), f"/consultations/{found.id}/{path}", body)
    assert told(answer, answer.status_code)["code"] == code
    assert answer.status_code in {403, 409, 422}
    assert not Opinion.objects.exists()
    assert not Verdict.objects.exists()


@pytest.mark.django_db
def test_what_is_sent_twice_is_done_once_and_the_same_id_for_something_else_is_told(town: Town) -> None:
    case = hard_case(town, clock.now())
    chief, lawyer, team = (signed_in(town, who) for who in ("qian", "lawyer", "cg-1"))
    body = asking(town)
    start = f"/cases/{case.id}/consultations"
    first, again = (told(post(chief, start, body), status) for status in (201, 200))
    assert first["id"] == again["id"] == body["id"]
    assert told(post(chief, start, body | {"topic": "别的"}), 409)["code"] == "retry-differs"
    path = f"/consultations/{first['id']}"
    steps: list[tuple[Client, str, dict[str, Any], dict[str, Any]]] = [
        (chief, "asked", {"accounts": [str(town.accounts["expert"])]}, {"accounts": []}),
        (lawyer, "opinions", {"text": "可以", "level": "open"}, {"text": "不可以"}),
        (team, "decline", {"ground": "time", "reason": "没有时间"}, {"ground": "outside"}),
        (chief, "withdraw", {"reason": "不用再问了"}, {"reason": "其实还要问"}),
    ]
    for client, name, given, other in steps:
        sent = given | {"id": str(uuid4())}
        assert post(client, f"{path}/{name}", sent).status_code in {200, 201}, name
        before = FactRow.objects.count()
        assert post(client, f"{path}/{name}", sent).status_code == 200, name
        assert FactRow.objects.count() == before, name
        assert told(post(client, f"{path}/{name}", sent | other), 409)["code"] == "retry-differs", name
    found = now_asked(town)
    opinions = all_said(town, found, clock.now())
    weighed = [{"opinion": str(each.id), "followed": True} for each in opinions]
    sent = {"id": str(uuid4()), "text": "清理", "weighed": weighed}
    made = [told(post(chief, f"/consultations/{found.id}/decisions", sent), status) for status in (201, 200)]
    assert made[0]["decisions"][0]["id"] == made[1]["decisions"][0]["id"]
    assert Verdict.objects.count() == 1


@pytest.mark.django_db
def test_a_list_goes_on_where_a_page_ends_and_costs_the_same_however_long(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def more() -> Consultation:
        found = now_asked(town)
        all_said(town, found, clock.now())
        return found

    def costs(found: Consultation) -> list[int]:
        paths = (
            "/consultations?show=decide",
            f"/consultations/{found.id}",
            f"/cases/{found.case_id}/consultations",
        )
        return [queries_of(chief, path) for path in paths]  # fmt: skip

    chief = signed_in(town, "qian")
    first = more()
    before = costs(first)
    made = {str(each.id) for each in (first, more(), more())}
    assert costs(first) == before
    assert max(before) <= 14, before
    monkeypatch.setattr("linli.consultation.queries.lists.SHOWN", 2)
    for show in ("decide", "asked"):
        seen: list[str] = []
        after = ""
        while True:
            found = told(chief.get(f"{API}/consultations", {"show": show, "after": after}))
            seen += [each["id"] for each in found["consultations"]]
            after = found["after"]
            if not after:
                break
        assert (len(seen), set(seen)) == (3, made), show
    told(chief.get(f"{API}/consultations", {"after": "x"}), 404)
    told(chief.get(f"{API}/consultations", {"show": "all"}), 422)


@pytest.mark.django_db(transaction=True)
def test_of_those_who_ask_answer_and_decide_at_once_each_does_it_once(town: Town) -> None:
    case = hard_case(town, clock.now())
    sent, chief = asking(town), key_of(town, "qian")
    answers = at_once([sending(f"/cases/{case.id}/consultations", sent, chief) for _ in range(3)])
    assert {status for status, _ in answers} <= {200, 201}, answers
    assert Consultation.objects.count() == 1
    path = f"/consultations/{sent['id']}"
    told(post(Client(), f"{path}/decline", {"ground": "time", "reason": "没有时间"}, key_of(town, "cg-1")))
    opinion = {"id": str(uuid4()), "text": "可以", "level": "open"}
    works = [sending(f"{path}/opinions", opinion, key_of(town, "lawyer")) for _ in range(2)]
    assert {status for status, _ in at_once(works)} <= {200, 201}
    weighed = [{"opinion": str(Opinion.objects.get().id), "followed": True}]
    works = [
        sending(f"{path}/decisions", {"text": text, "weighed": weighed}, chief) for text in ("清理", "不清理")
    ]
    assert sorted(status for status, _ in at_once(works)) == [201, 409]
    assert Verdict.objects.count() == 1
