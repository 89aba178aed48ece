"""Following up over JSON: the whole way, who is kept out, what is refused, retries, two at once, fixed costs."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from linli.cases.models import Case
from linli.cases.tests.loop import (
    API,
    UNKNOWN,
    each,
    key_of,
    make,
    picture,
    post,
    queries_of,
    signed_in,
    told,
)
from linli.cases.tests.test_together import at_once, sending
from linli.followup import actions
from linli.followup.models import Call, Draw, Exclusion, Inspection
from linli.followup.tests.following import closed, resident
from linli.kernel import clock
from linli.kernel.models import FactRow
from tests.world import Town, actor

DAY = timedelta(days=1)
WHY = "连续三次要求拆除合法建筑"


def now_closed(town: Town, ago: timedelta = timedelta(hours=1), **changes: Any) -> Case:
    """A case that was closed a little ago, as the interface knows no other moment than now."""
    return closed(town, clock.now() - ago, **changes)


def now_asked(town: Town) -> Exclusion:
    case, at = now_closed(town), clock.now()
    return actions.ask_exclusion(
        case.id, reason="unreasonable", words=WHY, id=uuid4(), by=actor(town, "ma", at), at=at
    )


def now_drawn(town: Town) -> Inspection:
    """A drawn case, given to somebody or nobody."""
    at = clock.now()
    one = actions.commit_draw(
        id=uuid4(), unit=town.root, since=at - 9 * DAY, until=at, size=1, by=actor(town, "jian", at), at=at
    )
    actions.draw(one.id, by=actor(town, "qian", at), at=at)
    return Inspection.objects.get(draw_id=one.id)


def days(**changes: Any) -> dict[str, Any]:
    """What was closed in the last week, without today."""
    today = clock.local(clock.now()).date()
    given = {"since": (today - 7 * DAY).isoformat(), "until": (today - DAY).isoformat(), "size": 1}
    return given | changes


@pytest.mark.django_db
def test_a_caller_takes_the_next_case_and_what_the_reporter_says_is_its_rating(town: Town) -> None:
    case = now_closed(town)
    yao, other = signed_in(town, "yao"), signed_in(town, "caller-2")
    assert told(yao.get(f"{API}/followup/calls"))["waiting"] == 1
    sheet = told(post(yao, "/followup/calls/next", {}))
    assert (sheet["case"], sheet["held"], sheet["open"]) == (str(case.id), "mine", True)
    assert sheet["script"]["questions"]
    assert told(yao.get(f"{API}/followup/calls"))["mine"]["case"] == str(case.id)
    path = f"/followup/calls/{case.id}"
    assert told(other.get(f"{API}{path}"))["held"] == "others"
    assert told(post(other, f"{path}/take", {}), 409)["code"] == "followup.taken"
    assert told(post(other, "/followup/calls/next", {}), 404)["code"] == "followup.nothing-to-call"
    assert told(post(yao, f"{path}/back", {}))["mine"] is None
    assert told(post(other, f"{path}/take", {}))["held"] == "mine"
    said = {"outcome": "reached", "solved": "partly", "answer": "mostly", "words": "还剩一半"}
    made = told(post(other, f"{path}/results", said), 201)
    assert (made["solved"], made["answer"]) == ("partly", "mostly")
    case.refresh_from_db()
    assert case.answer == "mostly"


@pytest.mark.django_db
def test_a_try_that_reaches_nobody_comes_back_later_and_a_refusal_ends_the_calls(town: Town) -> None:
    case = now_closed(town)
    yao, path = signed_in(town, "yao"), f"/followup/calls/{case.id}"
    told(post(yao, f"{path}/results", {"outcome": "busy"}), 201)
    sheet = told(yao.get(f"{API}{path}"))
    assert [one["outcome"] for one in sheet["calls"]] == ["busy"]
    assert sheet["missing"]["tries"] > 0
    assert told(yao.get(f"{API}/followup/calls"))["later"] == 1
    told(post(yao, f"{path}/results", {"outcome": "refused", "no_more_calls": True}), 201)
    assert told(yao.get(f"{API}{path}"))["no_calls_until"]
    assert told(post(yao, f"{path}/welcome", {}))["no_calls_until"] is None


@pytest.mark.django_db
def test_no_answer_holds_the_reporters_telephone(town: Town) -> None:
    case = now_closed(town)
    yao = signed_in(town, "yao")
    post(yao, "/followup/calls/next", {})
    for path in (f"/followup/calls/{case.id}", "/followup/calls"):
        text = yao.get(f"{API}{path}").content.decode()
        assert "16100000001" not in text
        assert "161****0001" not in text
    assert yao.post(f"{API}/followup/calls/{case.id}/number").status_code == 404


@pytest.mark.django_db
def test_an_exclusion_is_asked_decided_appealed_against_and_settled_by_a_third(town: Town) -> None:
    case = now_closed(town)
    ma, qian, jian = (signed_in(town, who) for who in ("ma", "qian", "jian"))
    grounds = {one["code"]: one for one in told(ma.get(f"{API}/followup/grounds"))}
    assert grounds["unreasonable"]["asked"]
    assert not grounds["unreachable"]["asked"]
    body = {"reason": "unreasonable", "words": WHY}
    asked = told(post(ma, f"/cases/{case.id}/exclusions", body), 201)
    path = f"/followup/exclusions/{asked['id']}"
    assert (asked["standing"], asked["steps"]) == ("waits", [])
    assert told(qian.get(f"{API}{path}"))["steps"] == ["decide"]
    refused = told(post(qian, f"{path}/decide", {"granted": False, "words": "诉求合理,应当计入"}))
    assert (refused["standing"], refused["stands"]) == ("refused", False)
    appealed = told(post(ma, f"{path}/appeal", {"words": "附上三次现场照片"}))
    assert (appealed["standing"], appealed["steps"]) == ("appealed", [])
    settled = told(post(jian, f"{path}/decide", {"granted": True, "words": "照片属实"}))
    assert (settled["standing"], settled["stands"], len(settled["said"])) == ("granted", True, 4)
    listed = told(ma.get(f"{API}/followup/exclusions", {"show": "granted"}))["exclusions"]
    assert [one["id"] for one in listed] == [asked["id"]]
    rates = told(qian.get(f"{API}/followup/rates"))
    assert (rates["total"]["closed"], rates["total"]["excluded"]["unreasonable"]) == (1, 1)


@pytest.mark.django_db
def test_rates_agree_with_the_cases_behind_each_figure(town: Town) -> None:
    made = [now_closed(town, resident=resident(number)) for number in range(3)]
    yao, qian = signed_in(town, "yao"), signed_in(town, "qian")
    for case, answer in zip(made, ("satisfied", "mostly", "unsatisfied"), strict=True):
        said = {"outcome": "reached", "solved": "yes", "answer": answer, "words": "如实"}
        told(post(yao, f"/followup/calls/{case.id}/results", said), 201)
    found = told(qian.get(f"{API}/followup/rates"))
    assert found["total"]["shares"]["resolution"] == {"part": 3, "whole": 3, "value": 1}
    assert found["total"]["shares"]["satisfaction"]["whole"] == 3
    assert sum(line["closed"] for line in found["lines"]) == found["total"]["closed"] == 3

    def behind(**given: Any) -> list[str]:
        return [one["id"] for one in told(qian.get(f"{API}/followup/rates/cases", given))["cases"]]

    assert set(behind()) == {str(case.id) for case in made}
    assert behind(figure="answer-mostly") == [str(made[1].id)]
    for line in found["lines"]:
        assert len(behind(line=line["key"] or "none")) == line["closed"]
    by_department = told(qian.get(f"{API}/followup/rates", {"by": "department"}))
    assert [line["key"] for line in by_department["lines"]] == [str(town.departments["HW"])]
    assert (
        told(qian.get(f"{API}/followup/rates", {"department": UNKNOWN}))["total"]["shares"]["response"][
            "value"
        ]
        is None
    )
    for wrong, status in (
        ({"figure": "none"}, 404), ({"line": "x"}, 400), ({"after": "x"}, 404), ({"unit": UNKNOWN}, 422),
        ({"since": "2026-13-01"}, 422), ({"since": "0001-01-01", "until": "0001-01-02"}, 422),
        ({"since": "9999-12-01", "until": "9999-12-31"}, 422), ({"since": "2020-01-01", "until": "2025-01-01"}, 422),
        ({"since": "2026-03-02", "until": "2026-03-01"}, 422), ({"by": "person"}, 422),
    ):  # fmt: skip
        told(qian.get(f"{API}/followup/rates/cases", wrong), status)


@pytest.mark.django_db
def test_a_sample_is_committed_drawn_inspected_and_reopened(town: Town) -> None:
    case = now_closed(town, 2 * DAY)
    jian, qian = signed_in(town, "jian"), signed_in(town, "qian")
    made = told(post(jian, "/followup/draws", days(unit=str(town.root))), 201)
    path = f"/followup/draws/{made['id']}"
    assert (made["population"], made["seed"], made["sample"], made["steps"]) == (1, "", [], [])
    assert told(post(jian, f"{path}/draw", {}), 409)["code"] == "followup.too-early"
    drawn = told(post(qian, f"{path}/draw", {}))
    assert hashlib.sha256(bytes.fromhex(drawn["seed"])).hexdigest() == made["commitment"]
    assert told(jian.get(f"{API}{path}/published"))["sample"] == [str(case.id)]
    assert told(jian.get(f"{API}/followup/draws"))["draws"][0]["id"] == made["id"]

    (one,) = drawn["sample"]
    other = signed_in(town, "checker-2")
    here = f"/followup/inspections/{one['id']}"
    if not told(other.get(f"{API}{here}"))["mine"]:
        assert "take" in told(other.get(f"{API}{here}"))["steps"]
        told(post(other, f"{here}/take", {}))
    assert [row["id"] for row in told(other.get(f"{API}/followup/inspections"))["mine"]] == [one["id"]]
    photo = str(picture(actor(town, "checker-2", clock.now()), clock.now()))
    said = {"found": "not_solved", "words": "还是一堆垃圾", "photos": [photo]}
    for _ in range(2):
        found = told(post(other, f"{here}/findings", said))
        assert (found["found"], found["pictures"]) == ("not_solved", [photo])
    assert (
        told(post(other, f"{here}/findings", said | {"words": "改口"}), 409)["code"]
        == "followup.inspected-already"
    )
    assert told(post(other, f"{here}/reopen", {}), 403)["code"] == "not-allowed"
    for _ in range(2):
        assert told(post(qian, f"{here}/reopen", {}))["reopened"]
    result = told(qian.get(f"{API}{path}"))["result"]
    assert (result["done"], result["not_solved"], result["share"]) == (1, 1, 1)


@pytest.mark.django_db
@each(
    ("who", "method", "path", "body", "status"),
    [
        *(("", "get", path, None, 401) for path in ("/followup/calls", "/followup/rates", "/followup/draws")),
        *(("lin", "get", path, None, 403) for path in (
            "/followup/calls", "/followup/rates", "/followup/rates/cases", "/followup/exclusions", "/followup/draws",
            "/followup/grounds", "/followup/inspections", "/followup/exclusions/EXCLUSION",
            "/followup/inspections/INSPECTION", "/followup/draws/DRAW/published",
        )),
        ("lawyer", "get", "/followup/rates", None, 403), ("ma", "get", "/followup/calls", None, 403),
        ("ma", "post", "/followup/calls/next", {}, 403), ("sz-1", "get", "/followup/calls/CASE", None, 404),
        ("ma", "get", "/followup/calls/CASE", None, 403), ("lin", "get", "/followup/calls/CASE", None, 403),
        ("ma", "post", "/followup/calls/CASE/take", {}, 403), ("sz-1", "post", "/followup/calls/CASE/take", {}, 404),
        ("ma", "post", "/followup/calls/CASE/results", {"outcome": "busy"}, 403),
        ("sz-1", "post", "/followup/calls/CASE/results", {"outcome": "busy"}, 404),
        ("sz-1", "post", "/followup/calls/CASE/back", {}, 404), ("sz-1", "post", "/followup/calls/CASE/welcome", {}, 404),
        ("sz-1", "post", "/cases/CASE/exclusions", {"reason": "beyond", "words": WHY}, 404),
        ("gu", "post", "/cases/CASE/exclusions", {"reason": "beyond", "words": WHY}, 403),
        ("sz-1", "get", "/followup/exclusions/EXCLUSION", None, 404),
        ("sz-1", "post", "/followup/exclusions/EXCLUSION/decide", {"granted": True}, 404),
        ("ma", "post", "/followup/exclusions/EXCLUSION/decide", {"granted": True}, 403),
        ("sz-1", "post", "/followup/exclusions/EXCLUSION/appeal", {"words": WHY}, 404),
        ("ma", "post", "/followup/draws", {"unit": UNKNOWN, "since": "2026-03-01", "until": "2026-03-02", "size": 1}, 403),
        ("ma", "post", "/followup/draws/DRAW/draw", {}, 403), ("ma", "get", "/followup/inspections", None, 403),
        ("sz-1", "get", "/followup/inspections/INSPECTION", None, 404),
        ("sz-1", "post", "/followup/inspections/INSPECTION/take", {}, 404),
        ("ma", "post", "/followup/inspections/INSPECTION/take", {}, 403),
        ("gu", "post", "/followup/inspections/INSPECTION/take", {}, 403),  # checked it
        ("ma", "post", "/followup/inspections/INSPECTION/findings", {"found": "solved", "words": "好了"}, 403),
        ("ma", "post", "/followup/inspections/INSPECTION/reopen", {}, 403),
        ("qian", "get", f"/followup/draws/{UNKNOWN}", None, 404), ("qian", "post", f"/followup/draws/{UNKNOWN}/draw", {}, 404),
        ("qian", "get", f"/followup/inspections/{UNKNOWN}", None, 404),
        ("qian", "get", f"/followup/exclusions/{UNKNOWN}", None, 404), ("yao", "get", f"/followup/calls/{UNKNOWN}", None, 404),
    ],
)  # fmt: skip
def test_whoever_it_is_not_for_is_kept_out(
    town: Town, who: str, method: str, path: str, body: Any, status: int
) -> None:
    exclusion, inspection = now_asked(town), now_drawn(town)
    named = {
        "CASE": exclusion.case_id, "EXCLUSION": exclusion.id, "DRAW": inspection.draw_id, "INSPECTION": inspection.id,
    }  # fmt: skip
    for name, value in named.items():
        path = path.replace(name, str(value))
    client = signed_in(town, who) if who else Client()
    told(client.get(f"{API}{path}") if method == "get" else post(client, path, body), status)


@pytest.mark.django_db
@each(
    ("who", "path", "body", "code"),
    [
        ("yao", "/followup/calls/CASE/results", {}, "invalid"),
        ("yao", "/followup/calls/CASE/results", {"outcome": "shouted"}, "invalid"),
        ("yao", "/followup/calls/CASE/results", {"outcome": "reached"}, "invalid"),
        ("yao", "/followup/calls/CASE/results", {"outcome": "reached", "solved": "yes", "answer": "unreachable"}, "invalid"),
        ("yao", "/followup/calls/CASE/results", {"outcome": "busy", "reopen": True}, "invalid"),
        ("yao", "/followup/calls/CASE/results", {"outcome": "busy", "words": "长" * 1001}, "invalid"),
        ("yao", "/followup/calls/CASE/results", {"outcome": "busy", "words": "\ud800"}, "malformed"),
        ("yao", "/followup/calls/CASE/results", {"outcome": "busy", "id": "x"}, "invalid"),
        ("ma", "/cases/CASE/exclusions", {"reason": "unreachable", "words": WHY}, "invalid"),
        ("ma", "/cases/CASE/exclusions", {"reason": "beyond", "words": "短"}, "invalid"),
        ("ma", "/cases/CASE/exclusions", {"reason": "beyond"}, "invalid"),
        ("qian", "/followup/draws", {"since": "2026-03-02", "until": "2026-03-01"}, "invalid"),
        ("qian", "/followup/draws", {"until": "9999-12-31"}, "invalid"), ("qian", "/followup/draws", {"size": 0}, "invalid"),
        ("qian", "/followup/draws", {"size": 501}, "invalid"), ("qian", "/followup/draws", {"unit": UNKNOWN}, "invalid"),
        ("qian", "/followup/draws", {"since": "2026-02-01", "until": "2026-02-02"}, "followup.nothing-to-draw"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_written(
    town: Town, who: str, path: str, body: dict[str, Any], code: str
) -> None:
    case = now_closed(town, 2 * DAY)
    sent = days(unit=str(town.root)) | body if path == "/followup/draws" else body
    answer = post(signed_in(town, who), path.replace("CASE", str(case.id)), sent)
    assert told(answer, answer.status_code)["code"] == code
    assert not Call.objects.exists()
    assert not Exclusion.objects.exists()
    assert not Draw.objects.exists()


@pytest.mark.django_db
def test_what_is_sent_twice_is_done_once_and_the_same_id_for_something_else_is_told(town: Town) -> None:
    case, rated = now_closed(town, 2 * DAY), now_closed(town, resident=resident(7))
    said = {"outcome": "reached", "solved": "yes", "answer": "satisfied", "words": "好了"}
    steps: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
        ("yao", f"/followup/calls/{rated.id}/results", said, {"answer": "unsatisfied"}),
        ("ma", f"/cases/{case.id}/exclusions", {"reason": "unreasonable", "words": WHY}, {"words": "另一个说法也够长"}),
        ("jian", "/followup/draws", days(unit=str(town.root)), {"size": 2}),
    ]  # fmt: skip
    for who, path, given, other in steps:
        client, sent = signed_in(town, who), given | {"id": str(uuid4())}
        first = told(post(client, path, sent), 201)
        before = FactRow.objects.count()
        assert told(post(client, path, sent), 200)["id"] == first["id"] == sent["id"]
        assert FactRow.objects.count() == before, path
        assert told(post(client, path, sent | other), 409)["code"] == "retry-differs", path
    assert [model.objects.count() for model in (Call, Exclusion, Draw)] == [1, 1, 1]


@pytest.mark.django_db
def test_lists_go_on_where_a_page_ends_and_cost_the_same_however_long(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    exclusion, qian, yao = now_asked(town), signed_in(town, "qian"), signed_in(town, "yao")
    drawn = now_drawn(town)
    asked = [
        (qian, "/followup/rates"), (qian, "/followup/rates/cases"), (qian, "/followup/exclusions"),
        (qian, f"/followup/exclusions/{exclusion.id}"), (qian, "/followup/draws"),
        (qian, f"/followup/draws/{drawn.draw_id}"), (qian, f"/followup/inspections/{drawn.id}"),
        (yao, "/followup/calls"), (yao, f"/followup/calls/{exclusion.case_id}"),
    ]  # fmt: skip
    before = [queries_of(client, path) for client, path in asked]
    made = {str(exclusion.id), str(now_asked(town).id), str(now_asked(town).id)}
    now_drawn(town)
    assert [queries_of(client, path) for client, path in asked] == before
    assert max(before) <= 16, before
    monkeypatch.setattr("linli.followup.queries.exclusions.SHOWN", 2)
    monkeypatch.setattr("linli.followup.queries.drawing.SHOWN", 1)
    monkeypatch.setattr("linli.followup.queries.rates.PAGE", 2)
    for path, name, number in (
        ("/followup/exclusions", "exclusions", 3), ("/followup/draws", "draws", 2), ("/followup/rates/cases", "cases", 3),
    ):  # fmt: skip
        seen: list[str] = []
        after = ""
        while True:
            found = told(qian.get(f"{API}{path}", {"after": after}))
            seen += [one["id"] for one in found[name]]
            after = found["after"]
            if not after:
                break
        assert (len(seen), len(set(seen))) == (number, number), path
        if name == "exclusions":
            assert set(seen) == made
        told(qian.get(f"{API}{path}", {"after": "x"}), 404)
    told(qian.get(f"{API}/followup/exclusions", {"show": "all"}), 422)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_do_the_same_at_once_one_does_and_the_other_is_told(town: Town) -> None:
    case = now_closed(town)
    keys = [key_of(town, who) for who in ("yao", "caller-2")]
    answers = at_once([sending("/followup/calls/next", {}, key) for key in keys])
    assert sorted(status for status, _ in answers) == [200, 404]
    holder = keys[[status for status, _ in answers].index(200)]
    said = {"outcome": "reached", "solved": "yes", "answer": "satisfied", "words": "好了"}
    path = f"/followup/calls/{case.id}/results"
    answers = at_once([sending(path, said | {"id": str(uuid4())}, holder) for _ in range(2)])
    assert sorted(status for status, _ in answers) == [201, 409], answers
    other = now_closed(town, resident=resident(3))
    same = said | {"id": str(uuid4())}
    answers = at_once([sending(f"/followup/calls/{other.id}/results", same, holder) for _ in range(3)])
    assert sorted(status for status, _ in answers) == [200, 200, 201], answers
    body = {"id": str(uuid4()), "reason": "unreasonable", "words": WHY}
    works = [sending(f"/cases/{case.id}/exclusions", body, key_of(town, "ma")) for _ in range(3)]
    assert sorted(status for status, _ in at_once(works)) == [200, 200, 201]
    one = Exclusion.objects.get()
    works = [
        sending(f"/followup/exclusions/{one.id}/decide", {"granted": True}, key_of(town, who))
        for who in ("qian", "jian")
    ]
    assert sorted(status for status, _ in at_once(works)) == [200, 409]


@pytest.mark.django_db
def test_a_reporter_rates_by_themselves_and_the_caller_is_told(town: Town) -> None:
    case = now_closed(town)
    yao = signed_in(town, "yao")
    told(post(yao, f"/followup/calls/{case.id}/take", {}))
    make("rate", case.id, actor(town, "lin", clock.now()), clock.now())
    said = {"outcome": "reached", "solved": "yes", "answer": "satisfied"}
    assert told(post(yao, f"/followup/calls/{case.id}/results", said), 409)["code"] == "followup.not-waiting"
    assert json.loads(yao.get(f"{API}/followup/calls/{case.id}").content)["open"] is False
