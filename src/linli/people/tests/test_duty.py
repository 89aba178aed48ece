"""Who is responsible: the catalogue's word, the town's list, vacancies and the way up."""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kernel.access import SYSTEM
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people import actions, queries
from linli.people.models import Responsibility
from linli.people.rules.duty import Held, Seat, Staffing, Step, responsible
from linli.people.tests.town import AT, DAY_ONE, Town, post, staffed
from linli.people.words import Role


def zh(why: tuple[Text, ...]) -> str:
    return ";".join(text.zh for text in why)


def leads(prefix: str, unit: UUID, role: str) -> Responsibility:
    return actions.set_responsibility(kind_prefix=prefix, unit_id=unit, role=role, by=SYSTEM, at=DAY_ONE)


def test_a_grid_matter_goes_to_the_grid_worker_of_that_grid(town: Town) -> None:
    worker = staffed("grid_worker", town.east_1, "w1")
    staffed("grid_worker", town.east_2, "w2")
    found = queries.responsible_for(town.east_1, "grid_worker", AT)
    assert (found.post_id, found.holder_ids, found.unit_id) == (
        worker.post_id,
        (worker.holder_id,),
        town.east_1,
    )
    assert zh(found.why) == "事项清单规定由网格员负责;由东村第1网格的网格员负责"
    assert not found.fallback


def test_a_vacant_post_passes_the_matter_up_and_says_so(town: Town) -> None:
    post("grid_worker", town.east_1)
    lead = staffed("grid_lead", town.east, "lead")
    found = queries.responsible_for(town.east_1, "grid_worker", AT)
    assert (found.post_id, found.unit_id) == (lead.post_id, town.east)
    assert "东村第1网格的网格员岗位空缺;由东村的网格长负责" in zh(found.why)
    assert "the post Grid worker at 第1网格, 东村 is vacant" in "; ".join(text.en for text in found.why)


def test_a_neighbours_worker_never_gets_the_matter(town: Town) -> None:
    post("grid_worker", town.east_1)
    staffed("grid_worker", town.west_1, "stranger")
    staffed("grid_lead", town.west, "other")
    desk = staffed("dispatcher", town.town, "desk")
    found = queries.responsible_for(town.east_1, "grid_worker", AT)
    assert found.holder_ids == (desk.holder_id,)


def test_an_empty_way_up_ends_at_the_dispatchers_desk_and_is_marked(town: Town) -> None:
    desk = staffed("dispatcher", town.town, "desk")
    found = queries.responsible_for(town.east_1, "grid_worker", AT)
    assert found.fallback
    assert found.post_id == desk.post_id
    assert zh(found.why).endswith("转禾泾镇的派遣员待派遣")


def test_without_anybody_it_waits_and_says_so(town: Town) -> None:
    found = queries.responsible_for(town.east_1, "grid_worker", AT)
    assert found.fallback
    assert found.holder_ids == ()
    assert "暂无在岗的派遣员" in zh(found.why)


def test_a_department_is_found_by_its_code_up_the_tree(town: Town) -> None:
    one = staffed("handler", town.town, "h1", town.office)
    two = staffed("handler", town.town, "h2", town.office)
    found = queries.responsible_for(town.east_1, "HW", AT)
    assert found.department_id == town.office.id
    assert found.post_id is None
    assert set(found.holder_ids) == {one.holder_id, two.holder_id}
    assert zh(found.why) == "事项清单规定由环卫所负责"


def test_a_department_without_anybody_goes_to_the_desk(town: Town) -> None:
    post("handler", town.town, town.office)
    desk = staffed("dispatcher", town.town, "desk")
    found = queries.responsible_for(town.east_1, "HW", AT)
    assert (found.department_id, found.post_id, found.fallback) == (None, desk.post_id, True)
    assert "环卫所目前无人在岗" in zh(found.why)


def test_a_department_nobody_knows_goes_to_the_desk(town: Town) -> None:
    desk = staffed("dispatcher", town.town, "desk")
    found = queries.responsible_for(town.east_1, "NOPE", AT)
    assert found.post_id == desk.post_id
    assert "没有代码为NOPE的部门" in zh(found.why)


def test_the_towns_list_wins_by_the_longest_prefix_then_the_nearest_unit(town: Town) -> None:
    staffed("handler", town.town, "handler1", town.office)
    worker = staffed("grid_worker", town.east_1, "w1")
    lead = staffed("grid_lead", town.east, "lead")
    actions.set_responsibility(
        kind_prefix="06", unit_id=town.town, department_id=town.office.id, by=SYSTEM, at=DAY_ONE
    )
    leads("06", town.east, "grid_lead")
    leads("06010", town.town, "grid_worker")
    assert queries.responsible_for(town.east_1, "HW", AT, "06010").post_id == worker.post_id
    assert queries.responsible_for(town.east_1, "HW", AT, "06011").post_id == lead.post_id
    assert queries.responsible_for(town.west_1, "grid_worker", AT, "06011").department_id == town.office.id
    assert queries.responsible_for(town.east_1, "grid_worker", AT, "09001").post_id == worker.post_id
    assert "本地责任清单规定" in zh(queries.responsible_for(town.east_1, "HW", AT, "06011").why)


def test_a_new_lead_replaces_the_old_one_and_clearing_gives_it_back(town: Town) -> None:
    staffed("handler", town.town, "handler1", town.office)
    lead = staffed("grid_lead", town.east, "lead")
    leads("06", town.east, "grid_worker")
    row = leads("06", town.east, "grid_lead")
    assert queries.responsible_for(town.east_1, "HW", AT, "06010").post_id == lead.post_id
    actions.clear_responsibility(row_id=row.id, by=SYSTEM, at=AT)
    assert queries.responsible_for(town.east_1, "HW", AT, "06010").department_id == town.office.id


def test_a_tenure_counts_from_its_start_until_before_its_end(town: Town) -> None:
    tenure = staffed("grid_worker", town.east_1, "w1")
    actions.end_tenure(tenure_id=tenure.id, reason="调离", by=SYSTEM, at=AT, ends=AT + timedelta(days=1))
    moments = {-40: 0, 0: 1, 1: 0}
    for days, holders in moments.items():
        found = queries.responsible_for(town.east_1, "grid_worker", AT + timedelta(days=days))
        assert len(found.holder_ids) == holders


def test_an_answer_is_not_remembered_past_the_moment_at_which_a_tenure_ends(town: Town) -> None:
    tenure = staffed("grid_worker", town.east_1, "w1")
    actions.end_tenure(tenure_id=tenure.id, reason="调离", by=SYSTEM, at=DAY_ONE, ends=AT)
    for moment, holders in ((AT - timedelta(microseconds=1), 1), (AT, 0), (AT - timedelta(days=1), 1)):
        assert len(queries.responsible_for(town.east_1, "grid_worker", moment).holder_ids) == holders


def test_what_is_not_located_waits_at_the_only_desk(town: Town) -> None:
    desk = staffed("dispatcher", town.town, "desk")
    assert queries.responsible_for(None, "grid_worker", AT).post_id == desk.post_id


def test_a_closed_account_leaves_its_post_vacant(town: Town) -> None:
    tenure = staffed("grid_worker", town.east_1, "w1")
    actions.close_account(account_id=tenure.holder_id, reason="离职", by=SYSTEM, at=AT)
    assert queries.responsible_for(town.east_1, "grid_worker", AT).holder_ids == ()


def test_asking_takes_microseconds() -> None:
    staffing, way_up = _large(), tuple(Step(uuid7(), Text(str(n), str(n))) for n in range(4))
    rounds = 2000
    started = time.process_time()
    for _ in range(rounds):
        responsible(staffing, way_up, "grid_worker", AT, "06010")
    assert (time.process_time() - started) / rounds < 200e-6  # ten times the aim, for a busy machine


def _large() -> Staffing:
    seats = [_seat(uuid7(), held=True) for _ in range(1000)]
    return Staffing(seats={(seat.unit_id, str(seat.role)): (seat,) for seat in seats})


def _seat(unit_id: UUID, *, held: bool) -> Seat:
    tenures = (Held(uuid7(), uuid7(), "某人", DAY_ONE, None),) if held else ()
    return Seat(uuid7(), Role.GRID_WORKER, unit_id, None, Text("网格员", "worker"), DAY_ONE, None, tenures)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["none", "vacant", "held"]), min_size=1, max_size=8))
def test_the_nearest_held_post_on_the_way_up_takes_it_and_every_vacancy_below_is_named(
    states: list[str],
) -> None:
    way_up = [Step(uuid7(), Text(f"单元{n}", f"unit {n}")) for n in range(len(states))]
    seats = {
        (step.id, "grid_worker"): (_seat(step.id, held=state == "held"),)
        for step, state in zip(way_up, states, strict=True)
        if state != "none"
    }
    found = responsible(Staffing(seats=seats), way_up, "grid_worker", AT)
    nearest = states.index("held") if "held" in states else len(states)
    assert found.unit_id == (way_up[nearest].id if nearest < len(states) else None)
    assert found.fallback == ("held" not in states)
    for step, state in zip(way_up[:nearest], states, strict=False):
        assert (f"{step.name.zh}的网格员岗位空缺" in zh(found.why)) == (state == "vacant")
