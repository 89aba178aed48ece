"""Whistles and parts over JSON: the whole way, who is kept out, what is refused, retries, two at once, fixed costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from linli.cases.tests.loop import (
    API,
    UNKNOWN,
    each,
    in_state,
    key_of,
    picture,
    post,
    queries_of,
    signed_in,
    told,
)
from linli.cases.tests.test_together import at_once, sending
from linli.cases.words import State
from linli.joint import queries
from linli.joint.models import Issue, Meeting, Rating, Whistle
from linli.joint.tests.whistles import blown, part
from linli.kernel import clock
from linli.kernel.models import FactRow
from tests.world import Town, actor


def now_blown(town: Town, *codes: str, **more: Any) -> Whistle:
    """A whistle of this very moment, as the interface knows no other."""
    return blown(town, *codes, at=clock.now() - timedelta(seconds=5), **more)


def whistle_body(town: Town, *codes: str, **changes: Any) -> dict[str, Any]:
    helpers = [
        {"department": str(town.departments[code]), "task": "到场联合查看"} for code in codes or ("CG", "PA")
    ]
    return {"id": str(uuid4()), "template": "advance", "reason": "屡劝不改", "helpers": helpers} | changes


@pytest.mark.django_db
def test_a_whistle_goes_from_the_call_to_the_ratings(town: Town) -> None:
    case = in_state(State.HANDLING, town, clock.now())
    zhou, cg = signed_in(town, "zhou"), signed_in(town, "cg-1")
    offered = told(zhou.get(f"{API}/cases/{case.id}/whistles/templates"))
    assert "advance" in {each["code"] for each in offered}
    proposed = told(zhou.get(f"{API}/cases/{case.id}/whistles/candidates", {"template": "advance"}))
    assert str(town.departments["CG"]) in {each["department"] for each in proposed}

    whistle = told(post(zhou, f"/cases/{case.id}/whistles", whistle_body(town, "CG")), 201)
    assert (whistle["stand"], whistle["open_parts"], whistle["called_by"]) == (
        "called", 1, whistle["called_by"],
    )  # fmt: skip
    assert {"code", "meetings", "problems"} <= set(whistle["steps"])
    (mine,) = told(cg.get(f"{API}/parts"))["parts"]
    assert (mine["case"], mine["task"]) == (str(case.id), "到场联合查看")

    path = f"/parts/{mine['id']}"
    signed = told(post(cg, f"{path}/sign", {"id": str(uuid4())}))
    assert signed["holder"]
    assert {"contact", "report-in", "finish"} <= set(signed["steps"])
    contacted = told(post(cg, f"{path}/contact", {"text": "十点到"}))
    assert [each["verdict"] for each in contacted["limits"] if each["name"] == "part_contact"] == ["on_time"]
    code = told(zhou.get(f"{API}/whistles/{whistle['id']}/code"))
    assert code["code"] in code["address"]
    come = told(post(cg, f"/whistles/{whistle['id']}/report-in", {"code": code["code"]}))
    assert come["id"] == mine["id"]
    assert "report-in" not in come["steps"]

    minutes = {
        "held_at": (clock.now() - timedelta(minutes=1)).isoformat(), "place": "路口", "minutes": "议定两项。",
        "came": [mine["id"]], "decisions": [{"department": str(town.departments["SZ"]), "task": "修复路牙"}],
    }  # fmt: skip
    held = told(post(zhou, f"/whistles/{whistle['id']}/meetings", minutes), 201)
    assert held["came"] == [mine["id"]]
    assert held["decisions"][0]["part"]
    assert told(cg.get(f"{API}/meetings/{held['id']}")) == held
    noted = told(
        post(cg, f"/whistles/{whistle['id']}/problems", {"text": "缺竣工图", "part": mine["id"]}), 201
    )
    settled = told(
        post(cg, f"/whistles/{whistle['id']}/problems/{noted['id']}/settle", {"solution": "已找到"})
    )
    assert settled["settled"]

    photo = str(picture(actor(town, "cg-1", clock.now()), clock.now()))
    done = told(post(cg, f"{path}/finish", {"result": "已清退", "photos": [photo]}))
    assert (done["ending"], done["rates"]) == ("done", "helper")
    assert told(post(cg, f"{path}/ratings", {"mark": "good"}), 201)["side"] == "helper"
    assert told(post(zhou, f"{path}/ratings", {"mark": "excellent"}), 201)["side"] == "caller"
    whole = told(zhou.get(f"{API}/whistles/{whistle['id']}"))
    assert [len(whole[name]) for name in ("helpers", "meetings", "problems")] == [2, 1, 1]
    assert {each["side"] for each in whole["helpers"][0]["ratings"]} == {"helper", "caller"}
    assert [each["id"] for each in told(cg.get(f"{API}/parts", {"ended": "true"}))["parts"]] == [mine["id"]]


@pytest.mark.django_db
def test_a_whistle_that_waits_is_approved_by_another_and_may_be_withdrawn(town: Town) -> None:
    case = in_state(State.HANDLING, town, clock.now())
    zhou, qian = signed_in(town, "zhou"), signed_in(town, "qian")
    made = told(post(zhou, f"/cases/{case.id}/whistles", whistle_body(town, template="tackle")), 201)
    assert (made["stand"], made["steps"], len(made["invited"])) == ("waiting", ["refuse", "problems"], 2)
    path = f"/whistles/{made['id']}"
    assert told(zhou.get(f"{API}{path}/code"), 409)["code"] == "joint.not-called"
    assert told(post(zhou, f"{path}/approve", {}), 403)["code"] == "not-allowed"
    body = {"id": str(uuid4())}
    assert told(post(qian, f"{path}/approve", body))["open_parts"] == 2
    assert told(post(qian, f"{path}/approve", body))["open_parts"] == 2
    assert told(post(qian, f"{path}/refuse", {"reason": "晚了"}), 409)["code"] == "joint.decided"

    other = in_state(State.HANDLING, town, clock.now())
    again = told(post(zhou, f"/cases/{other.id}/whistles", whistle_body(town, template="tackle")), 201)
    drawn = told(post(zhou, f"/whistles/{again['id']}/refuse", {"reason": "自行解决"}))
    assert (drawn["stand"], drawn["decision"]) == ("refused", "自行解决")


@pytest.mark.django_db
def test_who_called_confirms_an_arrival_and_releases_and_a_helper_does_neither(town: Town) -> None:
    whistle = now_blown(town)
    cg, pa = part(whistle, town, "CG"), part(whistle, town, "PA")
    assert told(post(signed_in(town, "cg-1"), f"/parts/{cg.id}/arrive", {}), 403)["code"] == "not-allowed"
    zhou = signed_in(town, "zhou")
    assert told(post(zhou, f"/parts/{cg.id}/arrive", {}))["stage"]["en"] == "On the spot"
    released = told(post(zhou, f"/parts/{pa.id}/release", {"reason": "不需要了"}))
    assert released["ending"] == "released"
    helpers = told(zhou.get(f"{API}/cases/{whistle.case_id}/parts"))
    assert {each["id"]: each["ending"] for each in helpers} == {str(cg.id): "", str(pa.id): "released"}


@pytest.mark.django_db
@each(
    ("who", "method", "path", "status"),
    [
        ("", "get", "/parts", 401), ("", "get", "/whistles", 401), ("", "post", "/parts/PART/sign", 401),
        ("lin", "get", "/parts", 403), ("lin", "get", "/whistles", 403), ("lin", "get", "/parts/PART", 403),
        ("lawyer", "get", "/whistles", 403), ("lawyer", "get", "/whistles/WHISTLE", 404),
        ("sz-1", "get", "/parts/PART", 404), ("sz-1", "post", "/parts/PART/sign", 404),
        ("sz-1", "get", "/whistles/WHISTLE", 404), ("sz-1", "get", "/cases/CASE/parts", 404),
        ("sz-1", "post", "/whistles/WHISTLE/report-in", 404), ("sz-1", "post", "/whistles/WHISTLE/meetings", 404),
        ("sz-1", "post", "/cases/CASE/whistles", 404), ("sz-1", "get", "/cases/CASE/whistles/templates", 404),
        ("ma", "get", "/whistles/WHISTLE", 200), ("ma", "post", "/parts/PART/sign", 403),
        ("ma", "post", "/whistles/WHISTLE/report-in", 403), ("ma", "post", "/whistles/WHISTLE/meetings", 403),
        ("ma", "post", "/cases/CASE/whistles", 403), ("ma", "get", "/cases/CASE/whistles/templates", 403),
        ("ma", "get", "/whistles/WHISTLE/code", 403), ("cg-1", "get", "/whistles/WHISTLE/code", 403),
        ("cg-1", "post", "/parts/PART/release", 403), ("cg-1", "post", "/whistles/WHISTLE/meetings", 403),
        ("cg-1", "post", "/whistles/WHISTLE/approve", 403), ("gu", "post", "/whistles/WHISTLE/problems", 403),
        ("zhou", "post", "/whistles/WHISTLE/report-in", 403), ("zhou", "get", "/whistles/" + UNKNOWN, 404),
        ("zhou", "get", "/meetings/" + UNKNOWN, 404), ("zhou", "get", "/parts/" + UNKNOWN, 404),
    ],
)  # fmt: skip
def test_whoever_has_no_part_in_it_is_kept_out(
    town: Town, who: str, method: str, path: str, status: int
) -> None:
    whistle = now_blown(town)
    client = signed_in(town, who) if who else Client()
    named = {"PART": part(whistle, town, "CG").id, "WHISTLE": whistle.id, "CASE": whistle.case_id}
    for name, value in named.items():
        path = path.replace(name, str(value))
    body = whistle_body(town, "SZ") | {
        "code": "123456", "held_at": clock.now().isoformat(), "place": "路口", "minutes": "纪要", "reason": "不需要",
        "text": "缺图纸",
    }  # fmt: skip
    answer = client.get(f"{API}{path}") if method == "get" else post(client, path, body)
    told(answer, status)


@pytest.mark.django_db
@each(
    ("change", "status", "code"),
    [
        ({"reason": ""}, 422, "invalid"), ({"reason": "长" * 1001}, 422, "invalid"), ({"reason": None}, 422, "invalid"),
        ({"place": "长" * 201}, 422, "invalid"), ({"helpers": []}, 422, "invalid"),
        ({"helpers": [{"task": "做"}]}, 422, "invalid"),
        ({"helpers": [{"department": UNKNOWN, "task": "做"}]}, 422, None),
        ({"helpers": [{"department": UNKNOWN, "post": UNKNOWN, "task": "做"}]}, 422, "invalid"),
        ({"helpers": [{"department": "CG"}]}, 422, "invalid"), ({"helpers": "CG"}, 422, "invalid"),
        ({"template": "nothing"}, 422, "joint.no-template"), ({"id": "x"}, 422, "invalid"),
        ({"version": 1}, 409, "conflict"), ({"version": 0}, 422, "invalid"), ({"reason": "有\x00"}, 400, "malformed"),
    ],
)  # fmt: skip
def test_a_whistle_that_cannot_be_is_refused_and_nothing_is_written(
    town: Town, change: dict[str, Any], status: int, code: str | None
) -> None:
    case = in_state(State.HANDLING, town, clock.now())
    found = told(
        post(signed_in(town, "zhou"), f"/cases/{case.id}/whistles", whistle_body(town) | change), status
    )
    assert code is None or found["code"] == code
    assert not Whistle.objects.exists()


@pytest.mark.django_db
@each(
    ("who", "path", "body", "code"),
    [
        ("cg-1", "/parts/PART/contact", {"text": "已联系"}, "cases.part-unsigned"),
        ("cg-1", "/parts/PART/finish", {"result": "好了"}, "cases.part-unsigned"),
        ("cg-1", "/parts/PART/contact", {}, "invalid"), ("cg-1", "/parts/PART/finish", {"result": 1}, "invalid"),
        ("cg-1", "/parts/PART/ratings", {"mark": "good"}, "joint.not-ended"),
        ("cg-1", "/parts/PART/ratings", {"mark": "none"}, "invalid"),
        ("cg-1", "/whistles/WHISTLE/report-in", {"code": "000000000"}, "joint.wrong-code"),
        ("cg-1", "/whistles/WHISTLE/report-in", {"code": "1", "lng": 181, "lat": 0}, "invalid"),
        ("cg-1", "/whistles/WHISTLE/problems", {"text": " "}, "invalid"),
        ("cg-1", "/whistles/WHISTLE/problems", {"text": "缺图", "part": UNKNOWN}, "invalid"),
        ("cg-1", f"/whistles/WHISTLE/problems/{UNKNOWN}/settle", {"solution": "好了"}, "not-found"),
        ("zhou", "/parts/PART/release", {"reason": " "}, "invalid"),
        ("zhou", "/whistles/WHISTLE/approve", {}, "not-allowed"),
        ("qian", "/whistles/WHISTLE/approve", {}, "joint.decided"),
        ("zhou", "/whistles/WHISTLE/meetings", {"held_at": "0001-01-01T00:00:00Z", "place": "x", "minutes": "y"}, "invalid"),
        ("zhou", "/whistles/WHISTLE/meetings", {"held_at": "2026-03-10T10:00:00", "place": "x", "minutes": "y"}, "invalid"),
        ("zhou", "/whistles/WHISTLE/meetings", {"held_at": "2126-03-10T10:00:00Z", "place": "x", "minutes": "y"}, "invalid"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_with_a_whistle_or_part_is_refused(
    town: Town, who: str, path: str, body: dict[str, Any], code: str
) -> None:
    whistle = now_blown(town)
    path = path.replace("PART", str(part(whistle, town, "CG").id)).replace("WHISTLE", str(whistle.id))
    answer = post(signed_in(town, who), path, body)
    assert (answer.json()["code"], answer.headers["Content-Type"]) == (code, "application/problem+json")
    assert answer.status_code in {403, 404, 409, 422}


@pytest.mark.django_db
def test_what_is_sent_twice_is_done_once_and_the_same_id_for_something_else_is_told(town: Town) -> None:
    case = in_state(State.HANDLING, town, clock.now())
    zhou, cg = signed_in(town, "zhou"), signed_in(town, "cg-1")
    body = whistle_body(town)
    path = f"/cases/{case.id}/whistles"
    first, second = (told(post(zhou, path, body), status) for status in (201, 200))
    assert first["id"] == second["id"] == body["id"]
    assert told(post(zhou, path, body | {"reason": "另一件"}), 409)["code"] == "retry-differs"
    mine = part(Whistle.objects.get(), town, "CG").id
    steps: list[tuple[Client, str, dict[str, Any], dict[str, Any]]] = [
        (cg, f"/parts/{mine}/sign", {}, {}),
        (cg, f"/parts/{mine}/contact", {"text": "十点到"}, {"text": "十一点到"}),
        (zhou, f"/parts/{mine}/arrive", {}, {}),
        (cg, f"/whistles/{first['id']}/problems", {"text": "缺图"}, {"text": "缺人"}),
        (zhou, f"/whistles/{first['id']}/meetings",
         {"held_at": clock.now().isoformat(), "place": "路口", "minutes": "纪要"}, {"minutes": "改过"}),
        (cg, f"/parts/{mine}/finish", {"result": "好了"}, {"result": "没好"}),
        (cg, f"/parts/{mine}/ratings", {"mark": "good"}, {"mark": "bad"}),
    ]  # fmt: skip
    for client, to, given, other in steps:
        sent = given | {"id": str(uuid4())}
        assert post(client, to, sent).status_code in {200, 201}, to
        before = FactRow.objects.count()
        assert post(client, to, sent).status_code == 200, to
        assert FactRow.objects.count() == before, to
        if other:
            assert told(post(client, to, sent | other), 409)["code"] == "retry-differs", to
    assert [model.objects.count() for model in (Whistle, Issue, Meeting, Rating)] == [1, 1, 1, 1]


@pytest.mark.django_db
def test_the_list_of_whistles_goes_on_where_a_page_ends(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [now_blown(town, "PA") for _ in range(3)]
    client, seen, after = signed_in(town, "zhou"), [], ""
    monkeypatch.setattr("linli.joint.api.whistles.SHOWN", 2)
    for _ in range(3):
        found = told(client.get(f"{API}/whistles", {"after": after}))
        seen += [each["id"] for each in found["whistles"]]
        after = found["after"]
        if not after:
            break
    assert sorted(seen) == sorted(str(each.id) for each in made)
    assert told(client.get(f"{API}/whistles", {"stand": "waiting"}))["whistles"] == []
    for wrong in ("x", "2026-03-10T00:00:00~x", f"0001-01-01T00:00:00+10:00~{UNKNOWN}"):
        told(client.get(f"{API}/whistles", {"after": wrong}), 404)
    told(client.get(f"{API}/whistles", {"stand": "no"}), 422)


@pytest.mark.django_db
def test_a_call_costs_the_same_queries_however_many_there_are(town: Town) -> None:
    few = now_blown(town, "PA")
    client, helper = signed_in(town, "zhou"), signed_in(town, "pa-1")

    def costs(whistle: Whistle) -> list[int]:
        asked = [
            (client, "/whistles"), (client, f"/whistles/{whistle.id}"), (helper, "/parts"),
            (client, f"/cases/{whistle.case_id}/parts"), (helper, f"/parts/{part(whistle, town, 'PA').id}"),
        ]  # fmt: skip
        return [queries_of(who, path) for who, path in asked]

    before = costs(few)
    many = [now_blown(town, "PA", "CG", "SZ", "LH") for _ in range(3)]
    for whistle in many:
        for text in ("缺图", "缺人"):
            post(helper, f"/whistles/{whistle.id}/problems", {"text": text})
        given = {"held_at": clock.now().isoformat(), "place": "路口", "minutes": "纪要"}
        post(client, f"/whistles/{whistle.id}/meetings", given)
    assert costs(many[0]) == before
    assert max(before) <= 12, before


@pytest.mark.django_db(transaction=True)
def test_of_two_who_do_the_same_at_once_one_does_and_the_other_is_told(town: Town) -> None:
    whistle = now_blown(town)
    mine = part(whistle, town, "CG").id
    works = [sending(f"/parts/{mine}/sign", {}, key_of(town, "cg-1")) for _ in range(3)]
    answers = at_once(works)
    assert sorted(status for status, _ in answers) == [200, 409, 409]
    case = in_state(State.HANDLING, town, clock.now())
    waits = told(
        post(Client(), f"/cases/{case.id}/whistles", whistle_body(town, template="tackle"), key_of(town, "zhou")), 201
    )  # fmt: skip
    path, key = f"/whistles/{waits['id']}", key_of(town, "qian")
    answers = at_once(
        [sending(f"{path}/approve", {}, key), sending(f"{path}/refuse", {"reason": "不必"}, key)]
    )
    assert sorted(status for status, _ in answers) == [200, 409]
    assert FactRow.objects.filter(about=case.id, kind="cases.PartsCalled").count() in {0, 1}


@pytest.mark.django_db(transaction=True)
def test_the_same_whistle_sent_three_times_at_once_is_blown_once(town: Town) -> None:
    case = in_state(State.HANDLING, town, clock.now())
    key, sent = key_of(town, "zhou"), whistle_body(town)
    answers = at_once([sending(f"/cases/{case.id}/whistles", sent, key) for _ in range(3)])
    assert {status for status, _ in answers} <= {200, 201}, answers
    assert {body["id"] for _, body in answers} == {sent["id"]}
    assert Whistle.objects.count() == 1
    assert len(queries.invitations(Whistle.objects.get())) == 2
