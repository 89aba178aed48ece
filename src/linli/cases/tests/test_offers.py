"""What a page or the interface offers is exactly what it then takes: every state × somebody of every role × every move."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from linli.cases import rules
from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.tests.loop import API, in_state, key_of, picture
from linli.cases.words import State
from linli.kernel import clock
from linli.kernel.access import SYSTEM
from linli.people import actions as people
from tests.world import AT, Town, actor

WHO = ("chen", "grid-201-1", "shen", "lu", "ma", "cg-1", "gu", "yao", "qian", "lin")
REFUSALS = {
    "not-found": 404, "not-allowed": 403, "cases.move-not-open": 409, "cases.checker-is-handler": 403,
    "cases.not-settled-here": 422, "cases.reopen-bound": 409, "cases.ruled-already": 409, "cases.ruling-needed": 409,
    "cases.return-late": 409, "cases.once-only": 409, "cases.too-late": 409, "cases.waiting-already": 409,
    "cases.nothing-asked": 409, "cases.own-request": 403, "cases.parts-open": 409, "cases.not-supervised": 409,
}  # fmt: skip


class Asker:
    """Somebody who asks what is open to them, and tries everything."""

    def __init__(self, town: Town, username: str, main: UUID | None = None) -> None:
        self.town, self.main = town, main
        self.browser, self.key = Client(), key_of(town, username)
        self.photo = picture(actor(town, username), clock.now())

    def offered(self, case: Case) -> set[str] | None:
        """The moves on offer; None when the case is not theirs to see."""
        answer = self.browser.get(f"{API}/cases/{case.id}", headers=self.key)
        return set(answer.json()["moves"]) if answer.status_code == 200 else None

    def tries(self, case: Case, move: str) -> tuple[int, str]:
        """Status and code of trying it; undone afterwards."""
        body = loop.needed(move, self.town, self.main, clock.now())
        if move in loop.PICTURED:
            body["photos"] = [str(self.photo)]
        with transaction.atomic():
            answer = self.browser.post(
                f"{API}/cases/{case.id}/moves/{move}",
                json.dumps(
                    body,
                    default=lambda value: value.isoformat() if isinstance(value, datetime) else str(value),
                ),
                content_type="application/json",
                headers=self.key,
            )
            transaction.set_rollback(True)
        return answer.status_code, answer.json().get("code", "")


@pytest.mark.django_db
@pytest.mark.parametrize("state", list(State))
def test_a_move_is_offered_exactly_when_it_is_taken(state: State, town: Town) -> None:
    case = in_state(state, town, clock.now(), reporter_id=town.resident)
    main = in_state(State.HANDLED, town, clock.now())
    for username in WHO:
        asker = Asker(town, username, main.id)
        offered = asker.offered(case)
        for move in rules.MOVES:
            status, code = asker.tries(case, move)
            what = f"{username} {move} in {state}: offered {offered}, answer {status} {code}"
            if offered is not None and move in offered:
                assert status == 200, what
            elif offered is None:
                assert (status, code) == (404, "not-found"), what
            else:
                assert REFUSALS.get(code) == status, what


@pytest.mark.django_db
def test_one_who_handled_a_matter_in_the_grid_is_never_offered_its_check(town: Town) -> None:
    second = people.create_account(username="second", name="钱小妹", by=SYSTEM, at=AT)
    seat = next(
        post
        for (role, unit), (post, *_) in town.posts.items()
        if role == "grid_worker" and unit.endswith("001-1")
    )
    people.appoint(post_id=seat, holder_id=second.id, by=SYSTEM, at=AT)
    town.accounts["second"] = second.id
    case = loop.opened(town, AT, kind=loop.GRID_MATTER)
    case = loop.make("sign", case.id, actor(town, "chen"), AT)
    case = loop.make("hand_in", case.id, actor(town, "chen"), AT)
    checks = {"take_check", "pass_check", "redo"}
    assert not Asker(town, "chen").offered(case) & checks
    assert Asker(town, "second").offered(case) >= checks
    assert Asker(town, "chen").tries(case, "pass_check") == (403, "cases.checker-is-handler")


@pytest.mark.django_db
def test_one_who_signed_for_it_does_not_check_what_a_colleague_handed_in(town: Town) -> None:
    """Both had it in hand: neither is the other person whom the rule asks for."""
    second = people.create_account(username="second", name="钱小妹", by=SYSTEM, at=AT)
    seat = next(
        post
        for (role, unit), (post, *_) in town.posts.items()
        if role == "grid_worker" and unit.endswith("001-1")
    )
    people.appoint(post_id=seat, holder_id=second.id, by=SYSTEM, at=AT)
    town.accounts["second"] = second.id
    case = loop.opened(town, AT, kind=loop.GRID_MATTER)
    case = loop.make("sign", case.id, actor(town, "chen"), AT)
    case = loop.make("hand_in", case.id, actor(town, "second"), AT)
    for username in ("chen", "second"):
        assert Asker(town, username).tries(case, "pass_check") == (403, "cases.checker-is-handler")
    assert Asker(town, "zhou").tries(case, "pass_check")[0] == 200
