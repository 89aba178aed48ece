"""Gaps, doubles and rules that hold no more: found, counted and drawn."""

from __future__ import annotations

import json
import time

from linli.kernel import editions
from linli.kernel.access import SYSTEM
from linli.people import actions as people
from linli.people.models import Tenure
from linli.people.words import Taker
from linli.responsibility import queries
from linli.responsibility.words import Flaw, Found
from linli.territory import actions as territory
from linli.territory.actions import NewPlace
from tests.world import AT, Town, actor


def found(town: Town, flaw: Flaw, who: str = "guan") -> list[Found]:
    return [each for each in queries.findings(actor(town, who), AT) if each.flaw is flaw]


def leave(town: Town, *usernames: str) -> None:
    for tenure in Tenure.objects.filter(holder__username__in=usernames, ends=None):
        people.end_tenure(tenure_id=tenure.id, reason="调离", by=SYSTEM, at=AT)


def lead(town: Town, prefix: str, taker: Taker, **given: object) -> None:
    people.set_cell(
        kind_prefix=prefix, part="lead", takers=[taker], by=SYSTEM, at=AT, **{"unit_id": town.root, **given}
    )  # type: ignore[arg-type]  # whatever the test gives


def test_a_vacant_grid_whose_lead_stands_in_is_no_gap(town: Town) -> None:
    assert found(town, Flaw.GAP) == []
    assert [each.unit.zh for each in found(town, Flaw.VACANT) if each.unit] == ["东泾村第2网格"]


def test_a_department_that_nobody_is_in_is_a_gap_of_the_whole_town_told_once(town: Town) -> None:
    leave(town, "hw-1", "ma", "hw-2", "hw-3")
    gaps = found(town, Flaw.GAP)
    assert {each.unit_id for each in gaps} == {town.root}
    assert any("E06010" in each.kinds for each in gaps)
    assert all(each.counted == 8 * len(each.kinds) for each in gaps)
    assert "无人在岗" in gaps[0].why.zh


def test_a_village_without_lead_and_worker_is_a_gap_below_which_another_may_end_it(town: Town) -> None:
    leave(town, "lead-201", "grid-201-1")
    gaps = [each for each in found(town, Flaw.GAP) if "E06005" in each.kinds]
    assert [each.unit_id for each in gaps] == [town.unit("201")]
    (gap,) = gaps
    lead(town, gap.prefix, Taker("", town.departments["CG"]), unit_id=town.unit("201-1"))
    after = [each for each in found(town, Flaw.GAP) if "E06005" in each.kinds]
    assert sum(each.counted for each in after) < gap.counted


def test_a_kind_that_was_withdrawn_from_the_town_is_no_gap(town: Town) -> None:
    leave(town, "lh-1", "lh-2", "lh-3")
    led = {kind for each in found(town, Flaw.GAP) for kind in each.kinds}
    assert "E06025" in led
    assert not led & {"E03011", "E03012", "L06909"}


def test_a_rule_that_names_nothing_that_is_there_is_told(town: Town) -> None:
    lead(town, "Z99", Taker("grid_lead", None))
    lead(town, "E07", Taker("checker", None), unit_id=town.unit("001"))
    empty = people.open_department(code="XX", name="撤并办", unit_id=town.root, by=SYSTEM, at=AT)
    lead(town, "E08", Taker("", empty.id))
    leave(town, "gu", "checker-2")
    said = {each.prefix: each.why.zh for each in found(town, Flaw.LOST)}
    assert said == {"Z99": "事项清单中没有 Z99", "E07": "核查员无人在岗", "E08": "撤并办无人在岗"}


def test_two_places_that_meet_with_different_leads_are_a_double(town: Town) -> None:
    lng, lat = town.point_in("001-1-1")
    places = [
        territory.add_place(
            NewPlace(name=name, kind=kind, unit_id=town.root, lng=lng, lat=lat), by=SYSTEM, at=AT
        )
        for name, kind in (("试验河", "river"), ("试验路", "road"))
    ]
    lead(town, "E06", Taker("", town.departments["LH"]), place_id=places[0])
    assert found(town, Flaw.DOUBLE) == []
    lead(town, "E06013", Taker("", town.departments["SZ"]), place_id=places[1])
    (double,) = found(town, Flaw.DOUBLE)
    assert (double.prefix, double.place_id) == ("E06013", places[1])
    assert double.unit_id == town.unit("001-1-1")  # where they meet, though both are the town's
    drawn = json.loads(queries.on_map(actor(town, "guan"), AT))["features"]
    states = {feature["properties"]["id"]: feature["properties"]["state"] for feature in drawn}
    assert [states[str(town.unit(name))] for name in ("001-1", "201-1")] == ["double", "fine"]
    assert found(town, Flaw.DOUBLE, "zhou") == [double]
    assert found(town, Flaw.DOUBLE, "lead-201") == []
    assert "试验河" in double.why.zh
    assert "试验路" in double.why.zh


def test_who_holds_two_posts_and_posts_that_several_hold_are_told(town: Town) -> None:
    assert any(each.mend == "post" for each in found(town, Flaw.SHARED))


def test_a_cooperative_duty_without_a_department_above_is_told(town: Town) -> None:
    editions.publish(
        "duties", {"duties": [{"code": "E06", "standing": "cooperative", "lead_zh": "", "source_zh": "清单"}]},
        source="test", effective_from=AT, by=SYSTEM, at=AT,
    )  # fmt: skip
    assert [each.prefix for each in found(town, Flaw.NO_ABOVE)] == ["E06"]


def test_everybody_reads_what_is_wrong_in_their_own_units_alone(town: Town) -> None:
    leave(town, "lead-201", "grid-201-1")
    own = {each.unit_id for each in found(town, Flaw.GAP, "zhou")}
    assert own == set()
    assert found(town, Flaw.GAP, "shen")


def test_the_map_says_of_every_unit_what_is_worst_in_it(town: Town) -> None:
    leave(town, "lead-201", "grid-201-1")
    drawn = json.loads(queries.on_map(actor(town, "guan"), AT))["features"]
    states = {feature["properties"]["id"]: feature["properties"]["state"] for feature in drawn}
    assert [states[str(town.unit(name))] for name in ("201-1", "201-2", "001-1", "201")] == [
        "gap", "gap", "fine", "",
    ]  # fmt: skip
    own = json.loads(queries.on_map(actor(town, "zhou"), AT))["features"]
    assert {feature["properties"]["id"] for feature in own} == {
        str(town.unit(name)) for name in ("001", "001-1", "001-2")
    }


def test_a_thousand_units_are_looked_through_in_a_moment(town: Town) -> None:
    for number in range(300):
        territory.open_unit(
            code=f"310199100001-1-{number + 10:03}", name=f"第{number}微网格", rank="micro",
            parent=town.unit("001-1"), by=SYSTEM, at=AT,
        )  # fmt: skip
    for prefix in ("E06", "E07", "E08", "E09", "L90"):
        lead(town, prefix, Taker("grid_lead", None))
    started = time.process_time()
    queries.findings(actor(town, "guan"), AT)
    assert time.process_time() - started < 5.0  # ten times the aim, for a busy machine
