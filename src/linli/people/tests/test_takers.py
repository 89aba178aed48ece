"""Who is chosen by hand, and who calls the JSON interface."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.test import RequestFactory

from linli.kernel.access import SYSTEM
from linli.kernel.errors import Problem
from linli.kernel.ids import uuid7
from linli.people import actions, queries
from linli.people.tests.test_duty_list import row
from linli.people.tests.town import AT, Town, post, staffed


def test_a_named_department_brings_everybody_who_handles_for_it(town: Town) -> None:
    tenure = staffed("handler", town.town, "h1", town.office)
    found = queries.named_taker(town.office.id, None, AT)
    assert (found.department_id, found.holder_ids) == (town.office.id, (tenure.holder_id,))
    assert queries.taker_name(found).zh == "环卫所"


def test_a_named_vacant_post_says_that_nobody_is_there(town: Town) -> None:
    vacant = post("grid_worker", town.east_1)
    found = queries.named_taker(None, vacant.id, AT)
    assert found.post_id == vacant.id
    assert "无人在岗" in found.why[-1].zh
    assert queries.taker_name(found).zh == "东村第1网格grid_worker"


def test_a_closed_or_unknown_post_cannot_be_named(town: Town) -> None:
    closed = post("grid_worker", town.east_1)
    actions.close_post(post_id=closed.id, reason="撤并", by=SYSTEM, at=AT)
    for chosen in (closed.id, uuid7(), None):
        with pytest.raises(Problem) as refused:
            queries.named_taker(None, chosen, AT)
        assert refused.value.error.status == 422


def test_a_write_with_a_browsers_session_needs_its_token_and_a_key_needs_none(town: Town) -> None:
    tenure = staffed("receiver", town.town, "r1")
    _, key = actions.create_api_key(account_id=tenure.holder_id, name="k", by=SYSTEM, at=AT)
    by_browser = RequestFactory().post("/api/v1/cases")
    by_browser.user, by_browser.session = tenure.holder, SessionBase()
    with pytest.raises(Problem) as refused:
        queries.caller(by_browser)
    assert refused.value.error.status == 403
    by_machine = RequestFactory().post("/api/v1/cases", headers={"Authorization": f"Bearer {key}"})
    assert queries.caller(by_machine).account_id == tenure.holder_id
    nobody = RequestFactory().post("/api/v1/cases")
    nobody.user, nobody.session = AnonymousUser(), SessionBase()
    assert queries.caller(nobody).kind == "anonymous"


def test_it_is_steady_only_between_moments_at_which_nothing_about_responsibility_changes(town: Town) -> None:
    tenure = staffed("grid_worker", town.east_1, "g1")
    assert queries.steady(AT, AT + timedelta(hours=3))
    assert not queries.steady(tenure.starts - timedelta(seconds=1), AT)
    actions.publish_duties(rows=[row("E06")], source="test", by=SYSTEM, at=AT + timedelta(hours=1))
    assert queries.steady(AT, AT + timedelta(minutes=59))
    assert not queries.steady(AT, AT + timedelta(hours=1))
