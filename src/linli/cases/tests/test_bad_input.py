"""Whatever is sent to the JSON interface: a clear answer with a stable code, never a fault, nothing lost or doubled."""

from __future__ import annotations

import json
import struct
import zlib
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.cases.models import Assignment, Case, Evidence
from linli.cases.tests import loop
from linli.cases.tests.loop import (
    API,
    UNKNOWN,
    body_of,
    each,
    in_state,
    jpeg,
    key_of,
    opened,
    post,
    signed_in,
)
from linli.cases.words import Source, State, number_of, tracking_code
from linli.kernel import clock
from linli.kernel.access import SYSTEM
from linli.kernel.errors import CODES
from linli.kernel.models import FactRow
from linli.people import actions as people
from tests.world import AT, Town

pytestmark = pytest.mark.django_db
MOVE = "/cases/{id}/moves/{name}"


def problem(answer: Any, status: int, code: str | None = None) -> dict[str, Any]:
    """The answer is a problem document of this status, with a code that Linli declares."""
    assert answer.status_code == status, (answer.status_code, answer.content[:300])
    assert answer.headers["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    assert found["code"] in CODES
    assert CODES[found["code"]].status == status
    assert code in {None, found["code"]}
    for language in ("zh", "en"):
        assert found[language]["title"]
    return found


def rows() -> tuple[int, int, int, int]:
    """How much there is: to see that a refusal left nothing behind."""
    return Case.objects.count(), FactRow.objects.count(), Assignment.objects.count(), Evidence.objects.count()


BODIES = {
    "half a document": (b'{"text": "x"', 400),
    "no document": (b"", 422),
    "a list": (b"[1, 2]", 422),
    "a text": (b'"x"', 422),
    "a number": (b"7", 422),
    "nothing": (b"null", 422),
    "not UTF-8": (b'{"text": "\xff\xfe"}', 400),
    "UTF-16": ('{"text": "x"}'.encode("utf-16"), 422),
    "lists 100,000 deep": (b"[" * 100_000 + b"]" * 100_000, 400),
    "objects 100,000 deep": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400),
    "half a surrogate pair": (b'{"kind": "E06010", "text": "\\ud800", "address": "x"}', 400),
    "a NUL in a text": (b'{"kind": "E06010", "text": "a\\u0000b", "address": "x"}', 400),
    "a NUL in a name": (b'{"te\\u0000xt": "a"}', 400),
    "a number of 5,000 digits": (b'{"lng": ' + b"9" * 5000 + b"}", 400),
    "3 MB": (json.dumps({"text": "长" * 1_100_000}).encode(), 413),
}


@each("name", BODIES)
def test_a_body_that_cannot_be_read_is_refused(town: Town, client: Client, name: str) -> None:
    body, status = BODIES[name]
    before = rows()
    problem(post(client, "/cases", body), status)
    assert rows() == before


REPORTS: dict[str, dict[str, Any]] = {
    "no number": {"lng": float("nan")}, "endless": {"lng": float("inf")}, "too far east": {"lng": 180.001},
    "too far south": {"lat": -91}, "huge": {"lat": 1e308}, "words": {"lng": "east", "lat": "north"},
    "a list as a point": {"lng": [121.0]}, "half a point": {"lat": None}, "a yes as a point": {"lng": {}},
    "no such kind": {"kind": "E99999"}, "a kind of words": {"kind": "垃圾' OR 1=1 --"}, "no kind": {"kind": ""},
    "no text": {"text": "  "}, "a million letters": {"text": "a" * 1_000_000},
    "an id that is none": {"id": "seven"}, "a unit that is none": {"unit": "x"}, "an unknown unit": {"unit": UNKNOWN},
    "unknown photos": {"photos": [UNKNOWN]}, "ten photos": {"photos": [UNKNOWN for _ in range(10)]},
    "an unknown source": {"source": "oracle"}, "a negative accuracy": {"accuracy": -1},
    "an address that is too long": {"address": "弄" * 201},
}  # fmt: skip


@each("name", REPORTS)
def test_a_report_that_cannot_be_true_is_refused_and_says_where(
    town: Town, client: Client, name: str
) -> None:
    before = rows()
    found = problem(post(client, "/cases", body_of(town, **REPORTS[name])), 422)
    assert found.get("fields") or found["code"] not in {"invalid"}
    assert rows() == before


def test_a_number_that_json_cannot_hold_is_no_place(town: Town, client: Client) -> None:
    body = json.dumps(body_of(town)).replace('"lng": 1', '"lng": 1e999, "was": 1')
    problem(post(client, "/cases", body.encode()), 422, "invalid")


@each("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_another_content_type_is_no_way_around_the_rules(town: Town, client: Client, kind: str) -> None:
    """A document is read as JSON whatever it says it is, or refused; a form of another site opens nothing."""
    answer = post(
        signed_in(town, "shen", enforce_csrf_checks=True), "/cases", body_of(town), content_type=kind
    )
    problem(answer, 403, "not-allowed")
    answer = post(client, "/cases", b"text=x&kind=E06010", content_type=kind)
    assert answer.status_code in {400, 415}
    problem(answer, answer.status_code)


@each("path", ["/kinds?q=%00", "/kinds/E06%00", "/track/1%00?code=A", "/cases?desk=receive&after=%00"])
def test_a_nul_in_an_address_is_malformed(town: Town, client: Client, path: str) -> None:
    problem(client.get(f"{API}{path}"), 400, "malformed")


AFTER = [
    "x", "~", "2026-03-10T00:00:00+00:00", "2026-03-10T00:00:00~" + UNKNOWN, "9" * 99,
    "0001-01-01T00:00:00+14:00~" + UNKNOWN, "9999-12-31T23:59:59-14:00~" + UNKNOWN,
    "2026-03-10T00:00:00+00:00~" + "9" * 40, "2026-W10-1~x",
]  # fmt: skip


@each("after", AFTER)
def test_a_page_that_does_not_exist_is_not_found(town: Town, client: Client, after: str) -> None:
    answer = client.get(f"{API}/cases", {"desk": "receive", "after": after}, headers=key_of(town, "shen"))
    assert answer.status_code in {200, 404}, answer.content
    if answer.status_code == 200:
        assert answer.json()["after"] == ""


@each(
    ("query", "status"),
    [
        ({"desk": "nowhere"}, 422), ({}, 422), ({"desk": "receive", "unit": "x"}, 422), ({"desk": "receive", "due": "now"}, 422),
        ({"desk": "receive", "source": "a" * 13}, 422), ({"desk": "receive", "mine": "perhaps"}, 422),
        ({"desk": "receive", "unit": UNKNOWN}, 200), ({"desk": "receive", "kind": "%"}, 200),
    ],
)  # fmt: skip
def test_a_queue_is_asked_for_by_what_there_is(
    town: Town, client: Client, query: dict[str, str], status: int
) -> None:
    answer = client.get(f"{API}/cases", query, headers=key_of(town, "shen"))
    assert answer.status_code == status, answer.content
    if status >= 400:
        problem(answer, status)


def png_of(width: int, height: int) -> bytes:
    """A picture that is small as a file and huge when it is opened."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + part(b"IHDR", head)
        + part(b"IDAT", zlib.compress(b"\x00" * 1000))
        + part(b"IEND", b"")
    )


FILES = {
    "80 megapixels": ("p.png", png_of(10_000, 8_000), "image/png", 413),
    "2.5 thousand megapixels": ("p.png", png_of(50_000, 50_000), "image/png", 413),
    "a page that says it is a picture": ("p.png", b"<html><script>alert(1)</script>", "image/png", 415),
    "a page with a picture's name": ("p.html.png", b"GIF89a<script>alert(1)</script>", "image/png", 415),
    "a drawing with a script": ("p.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml", 415),
    "a picture named as a page": ("p.html", jpeg(shade=7), "text/html", 415),
    "a picture under another type": ("p.png", jpeg(shade=7), "image/jpeg", 415),
    "an archive": ("p.jpg", b"PK\x03\x04" + b"\x00" * 60, "image/jpeg", 415),
    "nothing": ("p.png", b"", "image/png", 422),
    "half a picture": ("p.png", jpeg(shade=7)[:60], "image/png", 422),
    "a name that climbs": ("../../../../etc/cron.d/p.sh", jpeg(shade=7), "image/png", 415),
}  # fmt: skip


@each("name", FILES)
def test_a_file_that_is_no_good_picture_is_refused(town: Town, client: Client, name: str) -> None:
    filename, data, kind, status = FILES[name]
    sent = SimpleUploadedFile(filename, data, kind)
    sent.name = filename
    problem(client.post(f"{API}/files", {"file": sent}), status)


def test_a_picture_with_a_page_behind_it_is_rebuilt_without_it(
    town: Town, client: Client, settings: Any
) -> None:
    sent = SimpleUploadedFile("p.png", jpeg() + b"<script>alert(1)</script>", "image/png")
    assert client.post(f"{API}/files", {"file": sent}).status_code in {201, 415, 422}
    assert not [p for p in settings.MEDIA_ROOT.rglob("*.jpg") if b"script" in p.read_bytes()]


@each(
    ("body", "kind", "status"),
    [
        (b"garbage", "multipart/form-data; boundary=xx", 422),
        (b"garbage", "multipart/form-data", 400),
        (b"--xx\r\nContent-Disposition: form-data; name=\"file\"", "multipart/form-data; boundary=xx", 422),
        (b"--x\r\n" + b"A" * 5000, "multipart/form-data; boundary=" + "x" * 300, 400),
        (b"{}", "application/json", 422),
    ],
)  # fmt: skip
def test_an_upload_that_is_no_form_is_refused(
    town: Town, client: Client, body: bytes, kind: str, status: int
) -> None:
    problem(client.post(f"{API}/files", body, content_type=kind), status)


def test_a_form_of_2001_fields_is_too_large(town: Town, client: Client) -> None:
    body = "&".join(f"f{n}=1" for n in range(2001))
    answer = client.post("/report/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    fields = {f"f{n}": "1" for n in range(2001)}
    problem(client.post(f"{API}/files", fields), 413, "too-large")


def test_a_case_of_others_and_one_that_does_not_exist_answer_alike(town: Town, client: Client) -> None:
    lng, lat = town.point_in("201-1-1")
    case = opened(town, lng=lng, lat=lat, kind=loop.OFFICE_ONLY)
    for who in ("chen", "ma", "lin"):
        key = key_of(town, who)
        for path in ("/cases/{}", "/cases/{}/history"):
            real = client.get(f"{API}{path.format(case.id)}", headers=key)
            none = client.get(f"{API}{path.format(uuid4())}", headers=key)
            assert problem(real, 404) == problem(none, 404)
        for name in ("accept", "sign", "settle", "close", "nonsense"):
            real = post(client, MOVE.format(id=case.id, name=name), {}, key)
            none = post(client, MOVE.format(id=uuid4(), name=name), {}, key)
            assert problem(real, 404) == problem(none, 404)


def test_an_id_of_another_kind_of_thing_is_not_found(town: Town, client: Client) -> None:
    key = key_of(town, "shen")
    for other in (town.root, town.accounts["shen"], town.departments["HW"]):
        problem(client.get(f"{API}/cases/{other}", headers=key), 404, "not-found")
        problem(post(client, MOVE.format(id=other, name="accept"), {}, key), 404, "not-found")
    problem(client.get(f"{API}/cases/not-an-id", headers=key), 404, "not-found")
    case = in_state(State.REGISTERED, town)
    for wrong in (
        {"department": str(town.root)},
        {"post": str(town.accounts["ma"])},
        {"department": str(uuid4())},
    ):
        problem(
            post(client, MOVE.format(id=case.id, name="dispatch"), wrong, key_of(town, "lu")), 422, "invalid"
        )


def test_a_move_that_the_state_does_not_allow_is_a_conflict_with_the_state_in_words(
    town: Town, client: Client
) -> None:
    case = in_state(State.HANDLING, town)
    found = problem(
        post(client, MOVE.format(id=case.id, name="accept"), {}, key_of(town, "shen")),
        409,
        "cases.move-not-open",
    )
    assert "处置中" in found["zh"]["title"]
    assert "Being handled" in found["en"]["title"]


def test_a_move_on_an_older_version_is_a_conflict_and_changes_nothing(town: Town, client: Client) -> None:
    case, key = opened(town), key_of(town, "shen")
    assert post(client, MOVE.format(id=case.id, name="ask_verify"), {"version": 1}, key).status_code == 200
    before = rows()
    problem(
        post(client, MOVE.format(id=case.id, name="void"), {"version": 1, "reason": "mistake"}, key),
        409,
        "conflict",
    )
    problem(
        post(client, MOVE.format(id=case.id, name="void"), {"version": 2**40, "reason": "mistake"}, key), 422
    )
    assert rows() == before


MISSING = {
    "verify": (State.VERIFYING, "chen"), "decline": (State.REPORTED, "shen"), "note": (State.HANDLING, "ma"),
    "hand_in": (State.HANDLING, "ma"), "redo": (State.HANDLED, "gu"), "ask": (State.CLOSED, "yao"),
    "rate": (State.CLOSED, "yao"), "reopen": (State.CLOSED, "yao"), "void": (State.REPORTED, "shen"),
    "settle": (State.REPORTED, "chen"),
}  # fmt: skip


@each("name", MISSING)
def test_a_move_without_what_it_needs_names_the_field_and_changes_nothing(
    town: Town, client: Client, name: str
) -> None:
    state, who = MISSING[name]
    case, key = in_state(state, town, clock.now()), key_of(town, who)
    before = rows()
    for body in ({}, {"reason": " ", "text": "\t", "result": "　", "finding": "", "answer": "x"}):
        assert problem(post(client, MOVE.format(id=case.id, name=name), body, key), 422)["fields"]
    assert rows() == before


def test_handing_in_without_the_photo_that_the_catalogue_asks_for_is_refused(
    town: Town, client: Client
) -> None:
    case, key = in_state(State.HANDLING, town), key_of(town, "ma")
    body = {"result": "已清理"}
    problem(post(client, MOVE.format(id=case.id, name="hand_in"), body, key), 422, "cases.evidence-missing")
    gone = {**body, "photos": [str(uuid4())]}
    problem(post(client, MOVE.format(id=case.id, name="hand_in"), gone, key), 422, "files.gone")
    assert Case.objects.get(pk=case.id).state == State.HANDLING


def test_a_picture_of_somebody_else_cannot_be_used(town: Town, client: Client) -> None:
    case = in_state(State.HANDLING, town)
    theirs = loop.picture(loop.actor(town, "gu"))
    body = {"result": "已清理", "photos": [str(theirs)]}
    problem(
        post(client, MOVE.format(id=case.id, name="hand_in"), body, key_of(town, "ma")), 422, "files.gone"
    )
    problem(post(client, "/cases", body_of(town, photos=[str(theirs)])), 422, "files.gone")


def test_the_same_report_sent_again_gives_the_same_answer(town: Town, client: Client) -> None:
    body = body_of(town)
    first, again = post(client, "/cases", body), post(client, "/cases", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert {**first.json(), "repeated": True} == again.json()
    problem(post(client, "/cases", {**body, "text": "另一件事"}), 409, "retry-differs")
    assert Case.objects.count() == 1


def test_the_id_of_another_write_opens_no_case(town: Town, client: Client) -> None:
    case, write = opened(town), str(uuid4())
    assert (
        post(client, MOVE.format(id=case.id, name="accept"), {"id": write}, key_of(town, "shen")).status_code
        == 200
    )
    problem(post(client, "/cases", body_of(town, id=write)), 409, "retry-differs")


def test_a_ticket_that_the_hotline_sends_twice_is_one_case(town: Town, client: Client) -> None:
    key = key_of(town, "shen")
    body = body_of(town, source=Source.HOTLINE, source_number="T-1")
    first = post(client, "/cases", body, key)
    again = post(client, "/cases", {**body, "id": str(uuid4())}, key)
    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 200, body["id"])
    problem(post(client, "/cases", {**body, "id": str(uuid4()), "text": "另一件"}, key), 409, "retry-differs")
    problem(post(client, "/cases", {**body, "id": str(uuid4())}), 401, "not-signed-in")


def test_a_move_sent_again_is_made_once_and_with_other_content_refused(town: Town, client: Client) -> None:
    case, write = in_state(State.HANDLING, town), str(uuid4())
    path, key = MOVE.format(id=case.id, name="note"), key_of(town, "ma")
    answers = [post(client, path, {"id": write, "text": "正在清运"}, key) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 200]
    assert len({a.content for a in answers}) == 1
    assert FactRow.objects.filter(about=case.id, kind="cases.ProgressNoted").count() == 1
    problem(post(client, path, {"id": write, "text": "另一句"}, key), 409, "retry-differs")
    other = in_state(State.HANDLING, town)
    problem(
        post(client, MOVE.format(id=other.id, name="note"), {"id": write, "text": "正在清运"}, key),
        409,
        "retry-differs",
    )


def test_the_reporter_of_a_wrong_code_and_of_an_unknown_number_get_the_same_answer(
    town: Town, client: Client
) -> None:
    case = opened(town)
    number = number_of(case.serial, case.reported_at)
    answers = [
        client.get(f"{API}/track/{n}", {"code": c})
        for n in (number, "20260310999999", "1", "x", "²0260310000001", "9" * 24)
        for c in ("AAAAAAAAAA", "查询码", "é", "x" * 20)
    ]
    assert {problem(a, 404)["code"] for a in answers} == {"not-found"}
    assert len({a.content for a in answers}) == 1
    assert client.get(f"{API}/track/{number}", {"code": tracking_code(case.id).lower()}).status_code == 200


def test_guessing_codes_is_held_up_and_following_ones_own_matter_is_not(town: Town, client: Client) -> None:
    case = opened(town)
    number, code = number_of(case.serial, case.reported_at), tracking_code(case.id)
    own = [client.get(f"{API}/track/{number}", {"code": code}).status_code for _ in range(65)]
    assert set(own) == {200}
    guesses = [
        client.get(
            f"{API}/track/{number}", {"code": f"A{n}"}, headers={"X-Forwarded-For": f"203.0.113.{n}"}
        ).status_code
        for n in range(62)
    ]
    assert guesses.count(429) >= 1
    answer = client.get(f"{API}/track/{number}", {"code": "B"}, headers={"Forwarded": "for=198.51.100.7"})
    assert problem(answer, 429, "too-many")
    assert int(answer.headers["Retry-After"]) > 0


def test_anonymous_reports_are_bounded_whatever_address_they_claim(town: Town, client: Client) -> None:
    sent = [
        post(
            client,
            "/cases",
            body_of(town),
            {"X-Forwarded-For": f"203.0.113.{n}", "X-Real-IP": f"203.0.113.{n}"},
        ).status_code
        for n in range(12)
    ]
    assert sent == [201] * 10 + [429] * 2
    assert Case.objects.count() == 10


def test_a_browser_session_cannot_write_without_its_token(town: Town) -> None:
    client = signed_in(town, "shen", enforce_csrf_checks=True)
    case = opened(town)
    problem(post(client, MOVE.format(id=case.id, name="accept"), {}), 403, "not-allowed")
    problem(
        client.post(f"{API}/files", {"file": SimpleUploadedFile("p.png", jpeg(), "image/png")}),
        403,
        "not-allowed",
    )
    assert client.get(f"{API}/cases/{case.id}").status_code == 200


def test_the_key_of_a_closed_account_is_dead_at_the_next_request(town: Town, client: Client) -> None:
    key, case = key_of(town, "shen"), opened(town)
    assert client.get(f"{API}/cases/{case.id}", headers=key).status_code == 200
    people.close_account(account_id=town.accounts["shen"], reason="离职", by=SYSTEM, at=AT)
    problem(client.get(f"{API}/cases/{case.id}", headers=key), 401, "not-signed-in")
    problem(post(client, MOVE.format(id=case.id, name="accept"), {}, key), 401, "not-signed-in")


@each(
    "header", ["Bearer", "Bearer ", "Bearer x", "Bearer lk_" + "x" * 9000, "Bearer lk_邻里", "bearer\tlk_x"]
)
def test_a_key_that_is_none_is_refused_everywhere(town: Town, client: Client, header: str) -> None:
    for path in (f"{API}/cases?desk=receive", f"{API}/cases/{uuid4()}", "/desk/", "/nowhere", "/"):
        answer = client.get(path, headers={"Authorization": header})
        assert answer.status_code < 500, (path, answer.content)


def test_nobody_sees_a_queue_without_signing_in_and_a_resident_has_none(town: Town, client: Client) -> None:
    answer = client.get(f"{API}/cases", {"desk": "receive"})
    problem(answer, 401, "not-signed-in")
    assert "Bearer" in answer.headers["WWW-Authenticate"]
    for desk in ("receive", "handle", "done"):
        problem(client.get(f"{API}/cases", {"desk": desk}, headers=key_of(town, "lin")), 403, "not-allowed")


def test_a_hundred_years_ahead_or_back_a_case_still_opens_and_is_found(town: Town) -> None:
    for years in (-30, 30):
        at = AT + timedelta(days=365 * years)
        case = opened(town, at)
        assert case.next_due_at is not None
        assert case.next_due_at > at
