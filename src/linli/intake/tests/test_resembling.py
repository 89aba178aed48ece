"""Open matters like a report, rows of a batch, and matters that keep coming back: what is found, by whom, at what cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.tests.loop import DAY, HOUR, MINUTE
from linli.cases.words import State
from linli.intake import queries
from linli.intake.queries import Report
from linli.kernel.access import ANONYMOUS
from linli.kernel.text import Text
from linli.territory import queries as territory
from tests.world import AT, Town, actor

RUBBISH, NOISE = loop.OFFICE_MATTER, loop.NOTED


def asked(town: Town, **changes: Any) -> dict[str, Any]:
    lng, lat = town.point_in(loop.HERE)
    return {
        "text": "路口的垃圾没人清运",
        "kind": RUBBISH,
        "lng": lng,
        "lat": lat,
        "at": AT,
    } | changes


def test_an_open_matter_at_the_same_place_is_found_with_its_reasons(town: Town) -> None:
    case = loop.opened(town, AT - 3 * HOUR)
    (found,) = queries.similar(actor(town, "shen"), **asked(town))
    assert found.id == case.id
    assert found.number.endswith(f"{case.serial:06d}")
    assert found.state is State.REPORTED
    assert 0.12 <= found.score <= 1
    said = [reason.zh for reason in found.reasons]
    assert said[:3] == ["同一地点", "3小时前", "同一类别"]
    assert "垃圾没人清" in said[3]


@pytest.mark.parametrize("metres", [30, 80])
def test_the_distance_is_told_in_round_metres(town: Town, metres: int) -> None:
    loop.opened(town, AT - HOUR)
    lng, lat = town.point_in(loop.HERE)
    (found,) = queries.similar(actor(town, "shen"), **asked(town, lat=lat + metres / 111_195, lng=lng))
    assert found.reasons[0] == Text(f"相距约 {metres} 米", f"about {metres} m apart")


def test_nearer_alike_and_sooner_comes_first(town: Town) -> None:
    lng, lat = town.point_in(loop.HERE)
    far = loop.opened(town, AT - HOUR, lat=lat + 100 / 111_195, lng=lng)
    old = loop.opened(town, AT - 6 * DAY)
    other_kind = loop.opened(town, AT - HOUR, kind=NOISE, text="半夜施工噪音")
    best = loop.opened(town, AT - HOUR)
    found = [each.id for each in queries.similar(actor(town, "shen"), **asked(town))]
    assert found[0] == best.id
    assert found.index(old.id) < len(found)
    assert set(found) <= {far.id, old.id, other_kind.id, best.id}


def test_five_at_most_are_shown(town: Town) -> None:
    for minute in range(7):
        loop.opened(town, AT - (minute + 1) * MINUTE)
    assert len(queries.similar(actor(town, "shen"), **asked(town))) == 5


@pytest.mark.parametrize("state", [State.CLOSED, State.DECLINED, State.VOID])
def test_what_has_ended_is_not_proposed(town: Town, state: State) -> None:
    loop.in_state(state, town, AT - HOUR)
    assert queries.similar(actor(town, "shen"), **asked(town)) == []


def test_nothing_is_like_itself(town: Town) -> None:
    case = loop.opened(town, AT - HOUR)
    assert queries.similar(actor(town, "shen"), **asked(town, exclude=case.id)) == []


def test_nobody_is_shown_what_they_may_not_see(town: Town) -> None:
    loop.opened(town, AT - HOUR)
    assert queries.similar(actor(town, "chen"), **asked(town)) != []
    assert queries.similar(ANONYMOUS, **asked(town)) == []
    lng, lat = town.point_in("201-1-1")
    loop.opened(town, AT - HOUR, lng=lng, lat=lat)
    assert queries.similar(actor(town, "chen"), **asked(town, lng=lng, lat=lat)) == []


def test_without_a_point_the_unit_and_the_kind_find_it(town: Town) -> None:
    case = loop.opened(town, AT - HOUR)
    given = asked(town, lng=None, lat=None, unit_id=case.unit_id)
    (found,) = queries.similar(actor(town, "shen"), **given)
    assert found.id == case.id
    assert found.reasons[0].zh == "同一网格"
    assert queries.similar(actor(town, "shen"), **given | {"kind": NOISE}) == []
    assert queries.similar(actor(town, "shen"), **asked(town, lng=None, lat=None)) == []


def test_an_address_alone_finds_what_was_placed_more_exactly_elsewhere(town: Town) -> None:
    case = loop.opened(town, AT - HOUR, address="东村禾苑二村35号楼1单元")
    far = loop.opened(town, AT - HOUR, address="东村人民路农贸市场")
    top = territory.snapshot().chain(case.unit_id)
    told = asked(town, lng=None, lat=None, address="禾苑二村35号楼")
    for unit in (None, top[0].id, top[1].id):
        found = queries.similar(actor(town, "shen"), **told | {"unit_id": unit})
        assert [each.id for each in found] == [case.id]
        assert far.id != found[0].id
        assert "地址相近" in [reason.zh for reason in found[0].reasons]
    assert queries.similar(actor(town, "shen"), **told | {"unit_id": uuid4(), "address": ""}) == []


def test_a_report_without_a_kind_or_words_is_compared_all_the_same(town: Town) -> None:
    loop.opened(town, AT - HOUR)
    assert len(queries.similar(actor(town, "shen"), **asked(town, kind="", text=""))) == 1


def test_the_number_of_queries_does_not_grow_with_what_is_found(town: Town) -> None:
    shen = actor(town, "shen")
    unit = loop.opened(town, AT - HOUR).unit_id

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            queries.similar(shen, **asked(town, unit_id=unit))
        return len(seen)

    cost()
    few = cost()
    for minute in range(6):
        loop.opened(town, AT - (minute + 1) * MINUTE)
    assert cost() == few <= 3


def row(town: Town, **changes: Any) -> Report:
    lng, lat = town.point_in(loop.HERE)
    given: dict[str, Any] = {
        "text": "路口的垃圾没人清运", "kind": RUBBISH, "address": "", "lng": lng, "lat": lat, "unit_id": None, "at": AT,
    }  # fmt: skip
    return Report(**given | changes)


def test_rows_are_compared_with_open_matters_and_with_the_rows_before_them(town: Town) -> None:
    case = loop.opened(town, AT - HOUR)
    lng, lat = town.point_in("201-1-1")
    rows = [row(town), row(town, lng=lng, lat=lat), row(town, at=AT + MINUTE)]
    first, elsewhere, again = queries.similar_many(actor(town, "shen"), rows, at=AT)
    assert [(each.case_id, each.row) for each in first] == [(case.id, None)]
    assert elsewhere == []
    assert [(each.case_id, each.row) for each in again] == [(None, 0), (case.id, None)]


def test_rows_see_what_came_and_not_what_ended_since_the_last_time(town: Town) -> None:
    shen = actor(town, "shen")
    ended = loop.opened(town, AT - HOUR)
    assert len(queries.similar_many(shen, [row(town)], at=AT)[0]) == 1
    loop.make("decline", ended.id, shen, AT, reason="beyond")
    new = loop.opened(town, AT)
    ((found,),) = queries.similar_many(shen, [row(town, at=AT + MINUTE)], at=AT + MINUTE)
    assert found.case_id == new.id


def test_rows_cost_no_query_each(town: Town) -> None:
    shen = actor(town, "shen")
    loop.opened(town, AT - HOUR)

    def cost(count: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            queries.similar_many(shen, [row(town)] * count, at=AT)
        return len(seen)

    cost(1)
    assert cost(1) == cost(40) <= 3


def recur(town: Town, times: int, since: timedelta = 5 * DAY, **changes: Any) -> list[Case]:
    return [loop.opened(town, AT - since + number * HOUR, **changes) for number in range(times)]


def groups(town: Town, who: str = "shen") -> list[queries.Group]:
    return queries.recurring(actor(town, who), since=AT - 30 * DAY, until=AT, at=AT)


def test_one_kind_at_one_place_again_and_again_is_a_group(town: Town) -> None:
    cases = recur(town, 3)
    recur(town, 2, kind=NOISE, text="半夜施工")
    (group,) = groups(town)
    assert (group.count, group.before, group.open, group.more) == (3, 0, 3, 0)
    assert [member.id for member in group.members] == [case.id for case in reversed(cases)]
    assert group.words == ("路口垃圾没人清",)


def test_what_was_declined_does_not_make_a_group(town: Town) -> None:
    case = recur(town, 3)[0]
    loop.make("decline", case.id, actor(town, "shen"), AT, reason="beyond")
    assert groups(town) == []


def test_one_cause_in_several_places_is_a_group_of_its_own(town: Town) -> None:
    for place in ("001-1-1", "201-1-1"):
        lng, lat = town.point_in(place)
        recur(town, 2, lng=lng, lat=lat, text="自来水发黄不能喝")
    (group,) = groups(town)
    assert (group.before, group.count, group.places) == (None, 4, 2)
    assert group.words == ("自来水发黄不能喝",)


def test_groups_are_of_what_one_may_see(town: Town) -> None:
    lng, lat = town.point_in("201-1-1")
    recur(town, 3, lng=lng, lat=lat)
    assert groups(town) != []
    assert groups(town, "chen") == []
    assert queries.recurring(ANONYMOUS, since=AT - 30 * DAY, until=AT, at=AT) == []


def test_recurring_matters_cost_the_same_queries_however_many_there_are(town: Town) -> None:
    recur(town, 3)

    def cost() -> int:
        groups(town)  # what the town is made of is read anew every few seconds: not in what is counted
        with CaptureQueriesContext(connection) as seen:
            groups(town)
        return len(seen)

    few = cost()
    recur(town, 3, kind=NOISE, text="半夜施工")
    recur(town, 4)
    assert cost() == few <= 6


def test_what_could_be_placed_nowhere_is_found_by_its_address(town: Town) -> None:
    case = loop.opened(town, AT - HOUR, lng=None, lat=None, address="禾苑路 8 号")
    assert case.unit_id == town.root
    given = asked(town, lng=None, lat=None, unit_id=town.root)
    (found,) = queries.similar(actor(town, "shen"), **given | {"address": "禾苑路 12 号"})
    assert found.reasons[0].zh == "地址相近"
    assert queries.similar(actor(town, "shen"), **given | {"address": "禾苑路 298 号"}) == []
    assert queries.similar(actor(town, "shen"), **given | {"address": "学府路 1 号"}) == []
