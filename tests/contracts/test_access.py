"""Who gets which answer at every address: the live system against the reviewed table `access_matrix.csv`.

A row is an operation of the JSON interface, a move, or a page; a column is somebody, seen from one case: it lies
in Heyuan's first grid, is handled by the sanitation office and was reported by lin. An address without a row fails.
After a change that is meant: LINLI_WRITE=1 pytest tests/contracts/test_access.py, and review the difference.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from linli.cases import rules
from linli.cases.actions import drafting
from linli.cases.actions.bounds import DAY
from linli.cases.models import Case, Evidence
from linli.cases.tests import loop
from linli.cases.words import State, number_of, tracking_code
from linli.consultation.tests import making as consulting
from linli.followup.tests import following
from linli.intake.tests.test_batches import upload
from linli.joint import actions
from linli.joint.tests import whistles
from linli.kernel import clock
from linli.kernel.access import SYSTEM
from linli.people import actions as people
from linli.people.models import Department, Post
from linli.people.words import Part
from linli.project.api import api
from linli.responsibility import actions as responsibility
from linli.responsibility.tests import responsible
from tests.world import Town, actor

TABLE = Path(__file__).with_name("access_matrix.csv")
PEOPLE = {
    "nobody": "",
    "closed account": "hw-3",
    "reporter": "lin",
    "another resident": "neighbour",
    "grid worker": "chen",
    "grid worker of another unit": "grid-201-1",
    "grid lead": "zhou",
    "grid lead of another village": "lead-201",
    "receiver": "shen",
    "dispatcher": "lu",
    "handler": "ma",
    "handler of another department": "cg-1",
    "checker": "gu",
    "caller-back": "yao",
    "duty chief": "qian",
    "auditor": "jian",
    "administrator": "guan",
    "legal adviser": "lawyer",
    "expert": "expert",
}
# The state in which a move is tried where the table allows several, and moves that a grid post makes.
TRIED_IN = {
    "settle": State.REPORTED,
    "dispatch": State.REGISTERED,
    "redo": State.HANDLED,
    "void": State.REPORTED,
}
OF_THE_GRID = ("sign", "note", "hand_in")


@dataclass
class Scene:
    """The town with its cases and everybody's browser."""

    town: Town
    case: Case
    browsers: dict[str, Client] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def scene(town: Town) -> Scene:
    """One case that is being handled, with a picture, and everybody signed in."""
    at = clock.now()
    case = loop.in_state(State.HANDLING, town, at, reporter_id=town.resident)
    seen = loop.make(
        "note", case.id, actor(town, "ma", at), at, photos=[loop.picture(actor(town, "ma", at), at)]
    )
    resident = people.register_resident(phone="16100000077", by=SYSTEM, at=at)
    town.accounts["neighbour"] = people.create_account(
        username="neighbour", name="何女士", by=SYSTEM, at=at
    ).id
    people.link_account(resident_id=resident.id, account_id=town.accounts["neighbour"], by=SYSTEM, at=at)
    made = Scene(town, seen)
    for label, username in PEOPLE.items():
        made.browsers[label] = loop.signed_in(town, username) if username else Client()
    people.close_account(account_id=town.accounts["hw-3"], reason="离职", by=SYSTEM, at=at)
    made.known = {
        "case_id": case.id, "unit_id": town.unit("001-1"), "filter_id": uuid4(), "page": "x",
        "file_id": Evidence.objects.get(case_id=case.id).file_id, "name": "receive", "move": "accept",
        "post_id": Post.objects.get(title="环卫所处置人员", tenures__holder__username="ma").id,
        "department_id": Department.objects.get(code="HW").id, "account_id": town.accounts["ma"],
        "number": number_of(case.serial, case.reported_at), "code": tracking_code(case.id),
        "proposal_id": responsibility.propose_cell(
            kind_prefix="E06", unit_id=town.root, part=Part.LEAD, takers=[], by=actor(town, "guan", at), at=at
        ).id,
        "batch_id": upload(town).id, "year": clock.local(at).year,
        "draft_id": drafting.open_draft(title="修订", by=actor(town, "guan", at), at=at).id,
        **whistled(town, at),
        **consulting.to_look_at(town, at),
        **following.to_look_at(town, at),
        **responsible.to_look_at(town, at),
    }  # fmt: skip
    return made


def whistled(town: Town, at: datetime) -> dict[str, UUID]:
    """A whistle on another such case, with the safety office helping: those of the columns do not help."""
    whistle = whistles.blown(town, "PA", at=at)
    given = {"held_at": at, "place": "社区", "minutes": "纪要"}
    zhou = actor(town, "zhou", at)
    meeting = actions.hold_meeting(whistle.id, **given, by=zhou, at=at)
    issue = actions.note_problem(whistle.id, text_="缺图纸", by=zhou, at=at)
    return {
        "whistle_id": whistle.id, "part_id": whistles.part(whistle, town, "PA").id, "meeting_id": meeting.id,
        "issue_id": issue.id,
    }  # fmt: skip


def answer(browser: Client, method: str, path: str, body: object = None) -> str:
    """The status of the answer; whatever the request changed is undone."""
    with transaction.atomic():
        if method == "GET":
            found = browser.get(path)
        elif path.startswith("/api/") and not path.endswith("/files"):
            found = browser.post(path, json.dumps(body or {}), content_type="application/json")
        else:
            found = browser.post(path, body or {})
        transaction.set_rollback(True)
    browser.cookies.pop("messages", None)
    return str(found.status_code)


def pages(patterns: list[Any], namespace: str = "", before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every named page of ours."""
    for each in patterns:
        if isinstance(each, URLResolver):
            prefix = before + str(each.pattern)
            if prefix.startswith(("api/", "accounts/", "admin/", "demo")):
                continue
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from pages(each.url_patterns, inner, prefix)
        elif each.name:
            yield namespace + each.name, each


def room_of(name: str) -> str:
    """Whose page it is: `desk` of `desk:home`."""
    return name.partition(":")[0] if ":" in name else "ui"


def page_rows(scene: Scene, room: str) -> Iterator[tuple[str, str, str, object]]:
    for name, pattern in pages(get_resolver().url_patterns):
        if room_of(name) != room:
            continue
        given = {key: scene.known[key] for key in pattern.pattern.converters}
        if name in {"desk:kind", "desk:catalogue-draft-kind"}:
            given["code"] = loop.OFFICE_MATTER
        if name == "desk:move":
            given["name"] = "note"
        path = reverse(name, kwargs=given)
        for method in ("GET", "POST"):
            if answer(Client(), method, path) != "405":
                yield f"{method} {name}", method, path, None


def operations() -> set[str]:
    """Every operation of the JSON interface, as `METHOD path`."""
    return {
        f"{method.upper()} {path}"
        for path, item in api.get_openapi_schema()["paths"].items()
        for method in item
        if method in {"get", "post", "put", "patch", "delete"}
    }


def api_rows(scene: Scene) -> Iterator[tuple[str, str, str, object]]:
    lng, lat = scene.town.point_in(loop.HERE)
    values = {**scene.known, "name": "note"}
    queries = {
        "/cases": "?desk=handle", "/kinds": "?q=垃圾", "/locate": f"?lng={lng}&lat={lat}",
        "/locate/address": "?text=禾苑", "/track/{number}": f"?code={scene.known['code']}",
        "/cases/{case_id}/whistles/candidates": "?template=advance",
    }  # fmt: skip
    bodies = bodies_of(scene)
    for operation in sorted(operations()):
        method, _, template = operation.partition(" ")
        short = template.removeprefix(loop.API)
        if short == "/kinds/{code}":
            values = {**values, "code": loop.OFFICE_MATTER}
        path = template.format(**values) + (queries.get(short, "") if method == "GET" else "")
        yield operation, method, path, bodies.get(short, {"text": "好"})


def bodies_of(scene: Scene) -> dict[str, dict[str, Any]]:
    """What each operation needs to be asked for in earnest: who may is looked at after what is said."""
    town, now = scene.town, clock.now().isoformat()
    reason, words = {"reason": "不再需要"}, {"words": "不是本单位的职责"}
    yesterday = (clock.local(clock.now()) - DAY).date().isoformat()
    helper = {"department": str(town.departments["CG"]), "task": "到场"}
    return {
        "/cases": loop.body_of(town),
        "/cases/{case_id}/whistles": {"template": "advance", "helpers": [helper], **reason},
        "/parts/{part_id}/finish": {"result": "好了"},
        "/parts/{part_id}/release": reason,
        "/parts/{part_id}/ratings": {"mark": "good"},
        "/whistles/{whistle_id}/refuse": reason,
        "/whistles/{whistle_id}/report-in": {"code": "000000"},
        "/whistles/{whistle_id}/meetings": {"held_at": now, "place": "社区", "minutes": "纪要"},
        "/whistles/{whistle_id}/problems/{issue_id}/settle": {"solution": "好了"},
        "/cases/{case_id}/consultations": {
            "topic": "执法依据", "question": "能否清理?", "risk": "green", "departments": [helper["department"]],
        },
        "/consultations/{consultation_id}/asked": {"departments": [helper["department"]]},
        "/consultations/{consultation_id}/opinions": {"text": "可以", "level": "open"},
        "/consultations/{consultation_id}/decline": {"ground": "time", **reason},
        "/consultations/{consultation_id}/decisions": {
            "text": "清理", "weighed": [{"opinion": str(scene.known["opinion_id"]), "followed": True}],
        },
        "/consultations/{consultation_id}/withdraw": reason,
        "/cases/{case_id}/exclusions": {"reason": "beyond", **words},
        "/followup/calls/{case_id}/results": {"outcome": "no_answer"},
        "/followup/exclusions/{exclusion_id}/decide": {"granted": True},
        "/followup/exclusions/{exclusion_id}/appeal": words,
        "/followup/draws": {
            "unit": str(town.root), "since": yesterday, "until": yesterday, "size": 1,
        },
        "/followup/inspections/{inspection_id}/findings": {"found": "solved", "words": "已清"},
    }  # fmt: skip


def move_rows(scene: Scene) -> Iterator[tuple[str, str, str, object]]:
    at = clock.now()
    wanted = [(name, loop.OFFICE_MATTER, "") for name in rules.MOVES]
    wanted += [(name, loop.GRID_MATTER, " (its own grid's)") for name in OF_THE_GRID]
    for name, kind, words in wanted:
        state = TRIED_IN.get(name) or min(rules.MOVES[name].before, key=lambda s: (len(loop.WAYS[s]), s))
        if kind == loop.GRID_MATTER:
            case = loop.opened(scene.town, at - DAY, kind=kind, reporter_id=scene.town.resident)
            if name != "sign":
                case = loop.make("sign", case.id, actor(scene.town, "chen"), at - DAY)
        else:
            case = loop.in_state(state, scene.town, at, reporter_id=scene.town.resident)
        path = f"{loop.API}/cases/{case.id}/moves/{name}"
        yield f"MOVE {name}{words}", "MOVE", path, loop.NEEDED.get(name, {})


def row_of(scene: Scene, method: str, path: str, body: object) -> dict[str, str]:
    found = {}
    for label, browser in scene.browsers.items():
        sent = body
        if method == "MOVE" and path.endswith(("/hand_in", "/settle")):
            sent = {**dict(body or {}), "photos": [str(_picture(scene, PEOPLE[label]))]}
        found[label] = answer(browser, "POST" if method == "MOVE" else method, path, sent)
    return found


def _picture(scene: Scene, username: str) -> UUID:
    by = actor(scene.town, username) if username else loop.ANONYMOUS
    return loop.picture(by, clock.now())


def reviewed() -> dict[str, dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row.pop("what"): row for row in csv.DictReader(file)}


PARTS: dict[str, Callable[[Scene], Iterator[tuple[str, str, str, object]]]] = {
    "api": api_rows,
    "moves": move_rows,
    **{
        room: partial(page_rows, room=room)
        for room in dict.fromkeys(room_of(name) for name, _ in pages(get_resolver().url_patterns))
    },
}


def part_of(what: str) -> str:
    """Which part of the table a row belongs to."""
    method, _, name = what.partition(" ")
    return "moves" if method == "MOVE" else "api" if name.startswith("/api/") else room_of(name)


@pytest.mark.parametrize("part", PARTS)
def test_everybody_gets_the_answer_that_was_reviewed_at_every_address(part: str, scene: Scene) -> None:
    live = {what: row_of(scene, method, path, body) for what, method, path, body in list(PARTS[part](scene))}
    if os.environ.get("LINLI_WRITE"):
        write(part, live)
    known = {what: row for what, row in reviewed().items() if part_of(what) == part}
    unlisted = sorted(live.keys() - known.keys())
    assert not unlisted, f"addresses without a reviewed row in {TABLE.name}: {unlisted}"
    assert sorted(known.keys() - live.keys()) == [], "rows for what is no longer there"
    wrong = [
        f"{what}, {label}: {row[label]}, reviewed {known[what][label]}"
        for what, row in live.items()
        for label in PEOPLE
        if row[label] != known[what][label]
    ]
    assert not wrong, "\n".join(wrong)
    assert not [
        f"{what} {label}" for what, row in live.items() for label in row if row[label].startswith("5")
    ]


def write(part: str, live: dict[str, dict[str, str]]) -> None:
    """Put these rows in place of the table's rows of this part."""
    rows: dict[str, dict[str, dict[str, str]]] = {each: {} for each in PARTS}
    for what, row in reviewed().items():
        rows[part_of(what)][what] = row
    rows[part] = live
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        written = csv.DictWriter(file, ["what", *PEOPLE], lineterminator="\n")
        written.writeheader()
        written.writerows({"what": what, **row} for each in PARTS for what, row in rows[each].items())


def test_the_reviewed_table_lets_no_stranger_near_a_case() -> None:
    """What must hold whatever the table says elsewhere: it is read here as it is, not as the system answers."""
    strangers = [
        "nobody",
        "closed account",
        "another resident",
        "grid worker of another unit",
        "handler of another department",
    ]
    for what, row in reviewed().items():
        if what.startswith("MOVE ") or "{case_id}" in what:
            assert {row[label] for label in strangers} <= {"401", "404"}, what
        assert row["nobody"] == row["closed account"], what
    moves = {what: row for what, row in reviewed().items() if what.startswith("MOVE ")}
    oversight = {f"MOVE {name}" for name in ("supervise", "lift", "grant_appeal", "refuse_appeal")}
    assert {row["administrator"] for row in moves.values()} == {"403"}
    assert {row["auditor"] for what, row in moves.items() if what not in oversight} == {"403"}
    assert {row["reporter"] for what, row in moves.items() if what not in {"MOVE rate", "MOVE reopen"}} == {
        "403"
    }
