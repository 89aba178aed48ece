"""Contracts of legal advisers and chiefs of places: who is covered on which day, what is refused, nothing is lost."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given as whenever
from hypothesis import strategies as st
from openpyxl import load_workbook

from linli.cases.tests.loop import signed_in
from linli.cases.tests.test_together import at_once
from linli.kernel import clock, journal
from linli.kernel.access import SYSTEM
from linli.kernel.errors import NOT_ALLOWED, NOT_FOUND, RETRY_DIFFERS, Problem
from linli.people import actions as people
from linli.people.words import Part, Taker
from linli.responsibility import actions, queries
from linli.responsibility.actions import Signed
from linli.responsibility.models import Chief, Contract
from linli.responsibility.rules.cover import DAY, Cover, Span, covered_until, standing
from linli.responsibility.words import CHIEF_ENDED, CONTRACT_ENDED, HAS_CHIEF
from linli.territory import queries as territory
from tests.world import AT, Town, actor

TODAY = date(2026, 3, 10)
ADVISERS = "/desk/responsibility/advisers/"
CHIEFS = "/desk/responsibility/chiefs/"
days = st.integers(0, 40).map(lambda n: TODAY + timedelta(days=n))
spans = st.lists(st.tuples(days, days).map(lambda two: Span(*two)), max_size=6)


@whenever(spans, days)
def test_covered_until_is_the_day_before_the_first_that_no_contract_holds(
    found: list[Span], day: date
) -> None:
    def held(when: date) -> bool:
        return any(span.first <= when <= span.last for span in found)

    until = covered_until(found, day)
    if until is None:
        assert not held(day)
    else:
        assert all(held(day + timedelta(days=n)) for n in range((until - day).days + 1))
        assert not held(until + DAY)
    assert (standing(found, day, 10)[0] is Cover.GAP) == (until is None)


def signed(town: Town, at: Any = AT, id: UUID | None = None, by: str = "guan", **changes: Any) -> Contract:
    given: dict[str, Any] = {
        "firm": "禾泾律师事务所", "lawyer": "宋律师", "coverage": "每月驻点半天", "units": [town.unit("001")],
        "starts": TODAY - timedelta(days=30), "ends": TODAY + timedelta(days=30), "contact": "021-10000000",
    }  # fmt: skip
    return actions.sign_contract(Signed(**(given | changes)), by=actor(town, by, at), at=at, id=id)


@pytest.mark.django_db
def test_every_village_shows_whether_an_adviser_covers_it_on_that_day(town: Town) -> None:
    first = signed(town)
    found = queries.advisers(SYSTEM, TODAY)
    assert [(row.name.zh, row.cover) for row in found.rows][-1] == ("禾苑社区", Cover.EXPIRING)
    assert (found.covered, found.share, found.number(Cover.GAP)) == (1, 50, 1)
    assert queries.advisers(SYSTEM, TODAY - timedelta(days=31)).covered == 0
    signed(town, starts=first.ends + DAY, ends=first.ends + timedelta(days=365), renews=first.id)
    row = queries.advisers(SYSTEM, TODAY).rows[-1]
    assert (row.cover, row.until) == (Cover.COVERED, first.ends + timedelta(days=365))
    assert [contract.id for contract in row.contracts] == [first.id]


@pytest.mark.django_db
def test_an_ended_contract_stays_on_record_and_its_village_is_a_gap(town: Town) -> None:
    made = signed(town)
    given = {"contract_id": made.id, "reason": "律师调离", "by": actor(town, "guan"), "at": AT}
    with pytest.raises(Problem) as outside:
        actions.end_contract(ended_on=TODAY + timedelta(days=60), **given)
    assert set(outside.value.fields) == {"ended_on"}
    actions.end_contract(ended_on=TODAY, **given)
    with pytest.raises(Problem) as again:
        actions.end_contract(ended_on=TODAY, **given)
    assert again.value.error is CONTRACT_ENDED
    assert queries.advisers(SYSTEM, TODAY).covered == 0
    assert queries.advisers(SYSTEM, TODAY - DAY).covered == 1
    assert [line.kind for line in journal.history(made.id)] == [
        "responsibility.ContractSigned", "responsibility.ContractEnded",
    ]  # fmt: skip


@pytest.mark.django_db
def test_what_is_no_contract_is_refused_at_its_field(town: Town, subtests: Any) -> None:
    for given, field in (
        ({"firm": " "}, "firm"), ({"lawyer": "长" * 61}, "lawyer"), ({"coverage": ""}, "coverage"), ({"units": []}, "units"),
        ({"units": [town.unit("001-1")]}, "units"), ({"ends": TODAY - timedelta(days=31)}, "ends"),
        ({"ends": TODAY + timedelta(days=3000)}, "ends"), ({"contact": "1" * 61}, "contact"),
    ):  # fmt: skip
        with subtests.test(field):
            with pytest.raises(Problem) as refused:
                signed(town, **given)
            assert field in refused.value.fields
    for given, error in (({"by": "zhou"}, NOT_ALLOWED), ({"renews": uuid4()}, NOT_FOUND)):
        with pytest.raises(Problem) as refused:
            signed(town, **given)
        assert refused.value.error is error
    id = uuid4()
    assert signed(town, id=id).pk == signed(town, id=id).pk
    with pytest.raises(Problem) as differs:
        signed(town, id=id, firm="别家")
    assert differs.value.error is RETRY_DIFFERS


@pytest.mark.django_db
def test_the_page_adds_renews_ends_and_exports(town: Town) -> None:
    browser, today = signed_in(town, "guan"), queries.today(clock.now())
    sent = {
        "units": [str(town.unit("001")), str(town.unit("201"))], "firm": "=禾泾律所", "lawyer": "宋律师", "coverage": "审查合同",
        "starts": today.isoformat(), "ends": (today - DAY).isoformat(), "contact": "",
    }  # fmt: skip
    refused = browser.post(f"{ADVISERS}new/", sent)
    assert refused.status_code == 422
    assert "=禾泾律所" in refused.text
    sent["ends"] = (today + timedelta(days=10)).isoformat()
    assert browser.post(f"{ADVISERS}new/", sent).status_code == 302
    made = Contract.objects.get()
    shown = browser.get(ADVISERS).text
    assert "即将到期" in shown
    assert "100%" in shown
    renewal = browser.get(f"{ADVISERS}new/?renews={made.id}").text
    assert (today + timedelta(days=11)).isoformat() in renewal
    sheet = load_workbook(io.BytesIO(browser.get(f"{ADVISERS}export/").content)).active
    assert [cell.value for cell in sheet[1]][:3] == ["村居", "状态", "律师事务所"]
    assert sheet.max_row == 3
    one = f"{ADVISERS}{made.id}/"
    assert browser.post(one, {"day": "x", "reason": ""}).status_code == 422
    assert browser.post(one, {"day": today.isoformat(), "reason": "解约"}).status_code == 302
    assert "无顾问" in browser.get(ADVISERS).text
    reader = signed_in(town, "zhou")
    assert reader.get(one).status_code == 200
    assert reader.post(one, {"day": today.isoformat(), "reason": "解约"}).status_code == 403
    for query in ("day=x", "day=0001-01-01"):
        assert browser.get(f"{ADVISERS}?{query}").status_code == 404


def river(name: str = "禾泾港") -> UUID:
    return next(place.id for place in territory.snapshot().places if place.name == name)


def post_of(town: Town, username: str, at: Any = AT) -> UUID:
    return actor(town, username, at).posts[0].id


def named(town: Town, at: Any = AT, by: str = "guan", **changes: Any) -> Chief:
    given: dict[str, Any] = {"place_id": river(), "post_id": post_of(town, "zhou", at), "since": TODAY}
    return actions.name_chief(**(given | changes), by=actor(town, by, at), at=at)


@pytest.mark.django_db
def test_a_river_has_one_chief_from_a_day_until_a_day(town: Town) -> None:
    made = named(town)
    table = queries.chiefs(SYSTEM, TODAY, AT)[0]
    assert (table.kind.code, len(table.rows), table.named, table.held) == ("river", 5, 1, 1)
    assert table.rows[-1].place_id == river()
    assert table.rows[-1].holders
    assert all(row.vacant for row in table.rows[:-1])
    assert queries.chiefs(SYSTEM, TODAY - DAY, AT)[0].named == 0
    with pytest.raises(Problem) as second:
        named(town, post_id=post_of(town, "chen"))
    assert second.value.error is HAS_CHIEF
    later = AT + timedelta(days=5)
    given = {"chief_id": made.id, "reason": "换届", "by": actor(town, "guan", later), "at": later}
    actions.end_chief(until=TODAY + timedelta(days=4), **given)
    with pytest.raises(Problem) as again:
        actions.end_chief(until=TODAY + timedelta(days=4), **given)
    assert again.value.error is CHIEF_ENDED
    assert [queries.chiefs(SYSTEM, TODAY + timedelta(days=n), later)[0].named for n in (3, 4)] == [1, 0]
    with pytest.raises(Problem) as overlap:
        named(town, later, since=TODAY + timedelta(days=3))
    assert set(overlap.value.fields) == {"since"}
    named(town, later, since=TODAY + timedelta(days=4))
    assert [line.kind.partition(".")[2] for line in journal.history(river())][-3:] == ["ChiefNamed", "ChiefEnded", "ChiefNamed"]  # fmt: skip


@pytest.mark.django_db
def test_what_is_no_appointment_is_refused(town: Town) -> None:
    for given, field in (({"post_id": uuid4()}, "post"), ({"since": TODAY + DAY}, "since")):
        with pytest.raises(Problem) as refused:
            named(town, **given)
        assert set(refused.value.fields) == {field}
    school = next(place.id for place in territory.snapshot().places if place.kind == "school")
    for given, error in (({"place_id": school}, NOT_FOUND), ({"place_id": uuid4()}, NOT_FOUND), ({"by": "lu"}, NOT_ALLOWED)):  # fmt: skip
        with pytest.raises(Problem) as refused:
            named(town, **given)
        assert refused.value.error is error
    id = uuid4()
    assert named(town, id=id).pk == named(town, id=id).pk
    with pytest.raises(Problem) as differs:
        named(town, id=id, post_id=post_of(town, "chen"))
    assert differs.value.error is RETRY_DIFFERS


@pytest.mark.django_db(transaction=True)
def test_of_two_chiefs_named_at_once_one_is(town: Town) -> None:
    works = [lambda who=who: named(town, post_id=post_of(town, who)).id for who in ("zhou", "chen")]
    answers = at_once(works)
    assert sum(isinstance(answer, UUID) for answer in answers) == 1
    assert [a.error for a in answers if isinstance(a, Problem)] == [HAS_CHIEF]


@pytest.mark.django_db(transaction=True)  # in a transaction that staffed the town every look asks anew
def test_the_page_names_and_ends_a_chief_in_a_fixed_few_queries(town: Town) -> None:
    browser, at = signed_in(town, "guan"), clock.now()
    path, today = f"{CHIEFS}{river()}/", queries.today(at).isoformat()
    assert browser.post(path, {"post": "", "day": today}).status_code == 422
    assert browser.post(path, {"post": str(post_of(town, "zhou", at)), "day": today}).status_code == 302
    chief = Chief.objects.get()
    again = browser.post(path, {"post": str(post_of(town, "chen", at)), "day": today})
    assert again.status_code == 409
    with CaptureQueriesContext(
        connection,
    ) as few:
        shown = browser.get(f"{CHIEFS}?kind=river")
    assert shown.status_code == 200
    assert "1/5" in shown.text
    for name in ("白鹭塘", "北横河", "双桥港"):
        named(town, at, place_id=river(name), since=queries.today(at))
    browser.get(CHIEFS)
    with CaptureQueriesContext(connection) as more:
        browser.get(f"{CHIEFS}?kind=river")
    assert len(more) <= len(few)
    office = Taker("", town.departments["LH"])
    people.set_cell(
        kind_prefix="E06", unit_id=town.root, place_id=river(), part=Part.LEAD, takers=[office],
        source="河长制公示牌", by=actor(town, "guan", at), at=at,
    )  # fmt: skip
    told = browser.get(path).text
    assert "绿化水务站" in told
    assert "河长制公示牌" in told
    matrix = browser.get(f"/desk/responsibility/?place={river()}").text
    assert "周国平" in matrix
    assert path in matrix
    unnamed = browser.get(f"/desk/responsibility/?place={river('杨树湾河')}").text
    assert "去任命" in unnamed
    ending = {"do": "end", "chief": str(chief.id), "day": today, "reason": "换届"}
    assert signed_in(town, "lu").post(path, ending).status_code == 403
    assert browser.post(path, ending | {"reason": ""}).status_code == 422
    assert browser.post(path, ending | {"chief": "x"}).status_code == 404
    assert browser.post(path, ending).status_code == 302
    assert browser.post(path, ending).status_code == 409
    assert "换届" in browser.get(path).text
