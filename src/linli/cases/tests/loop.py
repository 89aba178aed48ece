"""What the tests of the loop share: who acts in the small town, a matter of each sort, and a way into every state."""

from __future__ import annotations

import inspect
import io
import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from linli.cases.actions import calls, opening
from linli.cases.models import Case
from linli.cases.words import Source, State
from linli.kernel import files
from linli.kernel.access import ANONYMOUS, SYSTEM, Actor
from linli.people import actions as people
from tests.world import AT, Town, actor

OFFICE_MATTER = "E06010"  # rubbish: the sanitation office's, a picture afterwards is needed, may be settled
OFFICE_ONLY = "E01018"  # a cesspit's cover: the sanitation office's, may not be settled by the grid
GRID_MATTER = "E06005"  # a messy balcony: the grid worker's own
NOTED = "E06028"  # noise: the town police's, a note will do as evidence
HERE = "001-1-1"
UNKNOWN = "019cabd8-3800-7162-b7e8-b140ea8b2c99"  # the id of nothing
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

# How a case gets into each state, by moves of those whose duty they are.
WAYS: dict[State, tuple[tuple[str, str], ...]] = {}
_MAIN = (
    ("shen", "accept", State.ACCEPTED),
    ("lu", "register", State.REGISTERED),
    ("lu", "dispatch", State.DISPATCHED),
    ("ma", "sign", State.HANDLING),
    ("ma", "hand_in", State.HANDLED),
    ("gu", "take_check", State.CHECKING),
    ("gu", "pass_check", State.CHECKED),
    ("shen", "close", State.CLOSED),
    ("yao", "rate", State.FOLLOWED_UP),
)
WAYS[State.REPORTED] = ()
for _who, _move, _state in _MAIN:
    WAYS[_state] = (*next(reversed(WAYS.values())), (_who, _move))
WAYS[State.RETURNED] = (*WAYS[State.DISPATCHED], ("ma", "return"))
WAYS[State.SUSPENDED] = (*WAYS[State.HANDLING], ("ma", "ask_suspension"), ("lu", "grant_suspension"))
WAYS[State.MERGED] = (*WAYS[State.DISPATCHED], ("lu", "merge"))
WAYS[State.TRANSFERRED] = (("shen", "transfer_out"),)
WAYS[State.VERIFYING] = (("shen", "ask_verify"),)
WAYS[State.DECLINED] = (("shen", "decline"),)
WAYS[State.VOID] = (("shen", "void"),)

NEEDED: dict[str, dict[str, Any]] = {
    "verify": {"finding": "现场有一堆垃圾"},
    "decline": {"reason": "beyond"},
    "note": {"text": "正在清运"},
    "hand_in": {"result": "已清理"},
    "settle": {"result": "当场清理"},
    "redo": {"reason": "还有一半"},
    "ask": {"text": "电话无人接听"},
    "rate": {"answer": "satisfied"},
    "reopen": {"reason": "又堆满了"},
    "void": {"reason": "mistake"},
    "transfer_out": {"reason": "petition"},
    "unmerge": {"reason": "其实是两处"},
    "return": {"reason": "不在环卫所职责范围内", "basis": "职责清单第 12 条", "reason_code": "not_ours"},
    "rule": {"reason": "按职责清单由城管中队承办"},
    "contact": {"text": "已电话联系,约定明天上门"},
    "ask_extension": {"amount": 1, "reason": "等待材料"},
    "refuse_extension": {"reason": "材料已到"},
    "ask_suspension": {"reason": "等待汛期结束"},
    "refuse_suspension": {"reason": "可以先处理一半"},
    "supervise": {"card": "yellow", "text": "请说明进展"},
    "reply": {"text": "明天完成"},
    "appeal": {"reason": "道路封闭无法进场"},
    "refuse_appeal": {"reason": "封路前已超时"},
}
"""What each move needs; those that name another row of the town: see `needed`."""
PICTURED = {"hand_in", "settle"}


def jpeg(size: tuple[int, int] = (32, 24), shade: int | None = None) -> bytes:
    """A small picture; another one every time unless a shade is given."""
    drawn = Image.new("RGB", size, (shade or 0, 90, 120))
    if shade is None:
        for place, value in enumerate(uuid4().bytes):
            drawn.putpixel((place, 0), (value, value, value))
    written = io.BytesIO()
    drawn.save(written, "PNG")
    return written.getvalue()


def picture(by: Actor, at: datetime = AT) -> UUID:
    """A stored picture of this sender that nothing uses yet."""
    return files.take_picture(jpeg(), "photo.png", "image/png", by=by.account_id, at=at).id


def report(town: Town, **changes: Any) -> opening.Report:
    """A report of rubbish in a micro-grid of Heyuan."""
    lng, lat = town.point_in(HERE)
    given: dict[str, Any] = {
        "id": uuid4(), "source": Source.RESIDENT, "kind": OFFICE_MATTER, "text": "路口垃圾没人清", "lng": lng,
        "lat": lat,
    }  # fmt: skip
    return opening.Report(**(given | changes))


def opened(town: Town, at: datetime = AT, by: Actor = ANONYMOUS, **changes: Any) -> Case:
    """The case of such a report."""
    return Case.objects.get(pk=opening.open_case(report(town, **changes), by=by, at=at).id)


def needed(move: str, town: Town, main: UUID | None = None, at: datetime = AT) -> dict[str, Any]:
    """What the move needs in this town; `main` is the case into which another is merged."""
    more: dict[str, dict[str, Any]] = {
        "rule": {"department": town.departments["CG"]},
        "merge": {"into": main},
        "ask_suspension": {"until": at + 60 * DAY},
    }
    return NEEDED.get(move, {}) | more.get(move, {})


def make(move: str, case_id: UUID, by: Actor, at: datetime = AT, **changes: Any) -> Case:
    """The move with what it needs."""
    given = NEEDED.get(move, {}) | changes
    if move in PICTURED and "photos" not in given:
        given = {**given, "photos": [picture(by, at)]}
    return calls.call(move, case_id, given, by=by, at=at)


def in_state(state: State, town: Town, at: datetime = AT, **changes: Any) -> Case:
    """A case that went its way into this state, a minute a step, ending before `at`."""
    way = WAYS[state]
    begun = at - (len(way) + 1) * MINUTE
    main = in_state(State.HANDLED, town, begun).id if state is State.MERGED else None
    case = opened(town, begun, **changes)
    for number, (who, move) in enumerate(way, 1):
        moment = begun + number * MINUTE
        case = make(move, case.id, actor(town, who, moment), moment, **needed(move, town, main, moment))
    return case


API = "/api/v1"


def key_of(town: Town, username: str) -> dict[str, str]:
    """The header with which a machine acts as this person."""
    _, plain = people.create_api_key(account_id=town.accounts[username], name="test", by=SYSTEM, at=AT)
    return {"Authorization": f"Bearer {plain}"}


def signed_in(town: Town, username: str, **options: Any) -> Client:
    """A browser in which this person is signed in."""
    client = Client(**options)
    client.force_login(get_user_model().objects.get(pk=town.accounts[username]))
    return client


def body_of(town: Town, **changes: Any) -> dict[str, Any]:
    """A report as JSON."""
    lng, lat = town.point_in(HERE)
    given = {"id": str(uuid4()), "kind": OFFICE_MATTER, "text": "路口垃圾没人清", "lng": lng, "lat": lat}
    return given | changes


def post(
    client: Client, path: str, body: object, headers: dict[str, str] | None = None, **options: Any
) -> HttpResponse:
    """Send it as JSON (or as it is, when it is bytes)."""
    data = body if isinstance(body, bytes) else json.dumps(body)
    return client.post(
        f"{API}{path}",
        data,
        content_type=options.pop("content_type", "application/json"),
        headers=headers,
        **options,
    )


def told(answer: HttpResponse, status: int = 200) -> Any:
    """What the answer says, when it has this status; a refusal is a problem document."""
    assert answer.status_code == status, answer.content.decode()
    kind = "application/problem+json" if status >= 400 else "application/json"
    assert answer.headers["Content-Type"].partition(";")[0] == kind
    return json.loads(answer.content)


def queries_of(client: Client, path: str) -> int:
    """How many queries reading this address costs, when it was read before. Whether staffing or the grid changed is
    asked at most once a second (staffing always in an open transaction): that is not counted."""
    client.get(f"{API}{path}")
    with CaptureQueriesContext(connection) as caught:
        told(client.get(f"{API}{path}"))
    versions = ("people_revision", "territory_territoryversion")
    return len([query for query in caught if not any(table in query["sql"] for table in versions)])


def each(
    names: str | tuple[str, ...], values: Iterable[Any]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Like `parametrize`, but all in one town: building it anew for every value would take most of the time.

    Each value is a subtest of its own, so one that fails does not hide the others.
    """
    named = (names,) if isinstance(names, str) else names

    def wrap(test: Callable[..., None]) -> Callable[..., None]:
        def run(subtests: Any, **fixtures: Any) -> None:
            for value in values:
                given = dict(zip(named, (value,) if isinstance(names, str) else value, strict=True))
                with subtests.test(str(value)[:60]):
                    test(**fixtures, **given)

        wanted = inspect.signature(test).parameters
        kept = [parameter for name, parameter in wanted.items() if name not in named]
        first = inspect.Parameter("subtests", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        run.__signature__ = inspect.Signature([first, *kept])
        run.__name__, run.__doc__ = test.__name__, test.__doc__
        return run

    return wrap
