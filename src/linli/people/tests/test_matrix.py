"""The responsibility matrix: places before units, the longest prefix, the nearest; cells, parts and the whole."""

from __future__ import annotations

import time
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kernel.access import SYSTEM, Actor
from linli.kernel.errors import Problem
from linli.kernel.ids import uuid7
from linli.kernel.journal import history
from linli.kernel.text import Text
from linli.people import actions, queries
from linli.people.models import Responsibility
from linli.people.rules import duty, matrix
from linli.people.rules.duty import Staffing, Step
from linli.people.tests.town import AT, DAY_ONE, Town, post, staffed
from linli.people.words import Entry, Part, Taker
from linli.territory import actions as territory
from linli.territory.actions import NewPlace

KINDS = ("E06025", "E06010", "E09001", "L90002")
PREFIXES = ("", "E", "E06", "E06025", "E09", "L90")


def river(town: Town, name: str = "禾泾河", lng: float = 121.0, lat: float = 30.9) -> UUID:
    return territory.add_place(
        NewPlace(name=name, kind="river", unit_id=town.east, lng=lng, lat=lat), by=SYSTEM, at=DAY_ONE
    )


def rule(unit: UUID, role: str = "", prefix: str = "E06", **given: object) -> Responsibility:
    return actions.set_responsibility(
        kind_prefix=prefix, unit_id=unit, role=role, by=SYSTEM, at=DAY_ONE, **given
    )  # type: ignore[arg-type]  # whatever the test gives


def zh(why: tuple[Text, ...]) -> str:
    return ";".join(text.zh for text in why)


def test_a_place_of_its_own_rule_goes_before_every_unit(town: Town) -> None:
    worker = staffed("grid_worker", town.east_1, "w1")
    lead = staffed("grid_lead", town.east, "lead")
    place = river(town)
    rule(town.town, "grid_worker", "E06025")
    rule(town.east, "grid_lead", "E06", place_id=place, source="河长制公示牌")
    at_river = queries.responsible_for(town.east_1, "HW", AT, "E06025", place)
    assert at_river.post_id == lead.post_id
    assert zh(at_river.why).startswith("本地责任清单规定,禾泾河的这类事项由网格长负责(依据:河长制公示牌)")
    assert "(source: 河长制公示牌)" in at_river.why[0].en
    assert queries.responsible_for(town.east_1, "HW", AT, "E06025").post_id == worker.post_id
    assert queries.responsible_for(town.east_1, "grid_worker", AT, "E09001", place).post_id == worker.post_id


def test_the_place_of_a_matter_is_the_nearest_that_leads_it_or_the_one_that_is_named(town: Town) -> None:
    far = river(town, "东塘河", 121.01)
    near = river(town)
    assert queries.place_for("E06025", 121.0, 30.9, "禾泾河边") is None
    rule(town.east, "grid_lead", place_id=near)
    rule(town.east, "grid_lead", place_id=far)
    assert queries.place_for("E06025", 121.0001, 30.9) == near
    assert queries.place_for("E06025", 121.0099, 30.9) == far
    assert queries.place_for("E06025", 121.005, 30.9) is None
    assert queries.place_for("E09001", 121.0, 30.9) is None
    assert queries.place_for("E06025", None, None, "东塘河闸口") == far
    assert queries.place_for("E06025", 121.005, 30.9, "东塘河闸口") is None
    assert queries.place_for("E06025", None, None, "") is None


def test_places_within_reach_of_each_other_with_different_leads_are_rivals(town: Town) -> None:
    one, two = river(town), river(town, "禾泾路", 121.0002)
    rule(town.east, "grid_lead", "E06", place_id=one)
    rule(town.east, "grid_lead", "E06025", place_id=two)
    assert queries.rivals() == []
    rule(town.east, "grid_worker", "E06025", place_id=two)
    ((first, second),) = queries.rivals()
    assert {first.place_id, second.place_id} == {one, two}
    rule(town.east, "grid_worker", "E06025", place_id=two)
    actions.set_cell(
        kind_prefix="E06", unit_id=town.east, place_id=one, part="lead", takers=[], by=SYSTEM, at=AT
    )
    assert queries.rivals() == []


def test_every_part_has_its_own_takers_and_the_catalogue_fills_in(town: Town) -> None:
    staffed("handler", town.town, "h1", town.office)
    lead = staffed("grid_lead", town.east, "lead")
    rule(town.town, "grid_lead", "E06", part="supervise")
    rule(town.east, "auditor", "E06", part="regulate")
    found = queries.parts_for(town.east_1, "E06010", AT, default="HW", helpers=("grid_lead", "NOPE"))
    assert [who.department_id for who in found[Part.LEAD]] == [town.office.id]
    assert [who.post_id for who in found[Part.HELP]] == [lead.post_id, None]
    assert [who.post_id for who in found[Part.SUPERVISE]] == [lead.post_id]
    (nobody,) = found[Part.REGULATE]
    assert (nobody.holder_ids, nobody.fallback) == ((), True)
    assert "监管" in zh(nobody.why)
    assert "派遣" not in zh(nobody.why)
    assert queries.parts_for(town.east_1, "E06010", AT)[Part.LEAD] == ()


def test_a_department_that_helps_is_named_although_nobody_is_there(town: Town) -> None:
    post("handler", town.town, town.office)
    actions.set_cell(
        kind_prefix="E06",
        unit_id=town.town,
        part="help",
        takers=[Taker("", town.office.id)],
        by=SYSTEM,
        at=AT,
    )
    (who,) = queries.parts_for(town.east_1, "E06010", AT)[Part.HELP]
    assert (who.department_id, who.holder_ids, who.fallback) == (town.office.id, (), True)


def test_a_cell_holds_exactly_what_was_chosen_and_every_change_is_a_fact(town: Town) -> None:
    def cell(*takers: Taker, source: str = "") -> int:
        return actions.set_cell(
            kind_prefix="E06", unit_id=town.east, part="help", takers=takers, source=source, by=SYSTEM, at=AT
        )

    office, lead = Taker("", town.office.id), Taker("grid_lead", None)
    assert cell(office, lead) == 2
    assert cell(lead, office, lead) == 0
    assert cell(lead) == 1
    assert cell(lead, source="镇办发 3 号") == 1
    assert cell() == 1
    assert not Responsibility.objects.exists()
    facts = [line for line in history(town.east) if line.kind == "people.ResponsibilitySet"]
    assert len(facts) == 5


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"part": "boss"}, "part"),
        ({"takers": [Taker("king", None)]}, "role"),
        ({"takers": [Taker("", None)]}, "role"),
        ({"takers": [Taker("grid_lead", None), Taker("grid_worker", None)]}, "takers"),
        ({"kind_prefix": "E 06"}, "kind_prefix"),
        ({"kind_prefix": "E" * 25}, "kind_prefix"),
        ({"place_id": UUID(int=1)}, "place"),
    ],
)
def test_a_cell_that_cannot_be_is_refused(town: Town, given: dict[str, object], field: str) -> None:
    fine = {"kind_prefix": "E06", "unit_id": town.east, "part": "lead", "takers": [Taker("grid_lead", None)]}
    with pytest.raises(Problem) as refused:
        actions.set_cell(**{**fine, **given}, by=SYSTEM, at=AT)  # type: ignore[arg-type]  # whatever the test gives
    assert field in refused.value.fields
    assert not Responsibility.objects.exists()


def test_a_place_belongs_to_its_unit(town: Town) -> None:
    with pytest.raises(Problem) as refused:
        rule(town.west, "grid_lead", place_id=river(town))
    assert "place" in refused.value.fields


def test_only_who_administers_the_unit_changes_its_cells(town: Town) -> None:
    lead = staffed("grid_lead", town.east, "lead")
    east = staffed("administrator", town.east, "east-admin")
    for holder, unit in ((lead, town.east), (east, town.west), (east, town.town)):
        with pytest.raises(Problem) as refused:
            lead_of(unit, queries.actor_for(holder.holder_id, AT))
        assert refused.value.error.status == 403
    assert lead_of(town.east, queries.actor_for(east.holder_id, AT)) == 1


def lead_of(unit: UUID, by: Actor) -> int:
    return actions.set_cell(
        kind_prefix="", unit_id=unit, part="lead", takers=[Taker("grid_lead", None)], by=by, at=AT
    )


def test_the_whole_matrix_is_replaced_at_once_with_one_fact_of_counts(town: Town) -> None:
    units = [town.town, town.east, town.west]
    kept = Entry("E06", town.town, None, Part.LEAD, "", town.office.id)
    actions.set_cell(kind_prefix="E06", unit_id=town.town, part="lead", takers=[kept.taker], by=SYSTEM, at=AT)
    rule(town.east, "grid_lead", "E09")
    base = queries.matrix_digest(queries.matrix_rows(units))
    new = [kept, Entry("E09", town.east, None, Part.LEAD, "grid_worker", None), Entry("L90", town.west, None, Part.HELP, "grid_lead", None)]  # fmt: skip
    found = actions.replace_matrix(rows=new, units=units, base=base, name="清单.xlsx", by=SYSTEM, at=AT)
    assert sorted(change.what for change in found) == ["added", "changed"]
    assert set(queries.matrix_rows()) == set(new)
    (fact,) = [line for line in history(town.town) if line.kind == "people.MatrixReplaced"]
    assert fact.fact.sentence().zh == "按“清单.xlsx”更新责任清单:新增 1 行,修改 1 行,删除 0 行,共 3 行"
    assert actions.replace_matrix(rows=new, units=units, base=base, name="x", by=SYSTEM, at=AT) == ()
    with pytest.raises(Problem) as refused:
        actions.replace_matrix(rows=[kept], units=units, base=base, name="x", by=SYSTEM, at=AT)
    assert refused.value.error.code == "people.matrix-stale"
    assert len(queries.matrix_rows()) == 3


def test_a_proposed_matrix_answers_without_being_in_force(town: Town) -> None:
    lead = staffed("grid_lead", town.east, "lead")
    worker = staffed("grid_worker", town.east_1, "w1")
    proposed = queries.routing([Entry("E06", town.east, None, Part.LEAD, "grid_lead", None)])
    assert proposed.responsible(town.east_1, "grid_worker", AT, "E06010").post_id == lead.post_id
    assert queries.routing().responsible(town.east_1, "grid_worker", AT, "E06010").post_id == worker.post_id
    assert queries.responsible_for(town.east_1, "grid_worker", AT, "E06010").post_id == worker.post_id


def test_asking_with_a_matrix_and_places_takes_microseconds(town: Town) -> None:
    staffed("grid_lead", town.east, "lead")
    place = river(town)
    rule(town.east, "grid_lead", "E06", place_id=place)
    for prefix in ("E06", "E07", "E08", "E09"):
        rule(town.town, "grid_worker", prefix)
    # Inside a test's transaction every question looks for changes; a routing is asked without.
    asked, rounds = queries.routing(), 2000
    started = time.process_time()
    for number in range(rounds):
        asked.responsible(town.east_1, "HW", AT, KINDS[number % 4], 121.0 + number * 1e-6, 30.9)
    assert (time.process_time() - started) / rounds < 300e-6  # ten times the aim, for a busy machine


NODES = tuple(uuid7() for _ in range(5))
PLACE = uuid7()
WAY_UP = tuple(Step(id, Text(f"单元{n}", f"unit {n}")) for n, id in enumerate(NODES))
AT_PLACE = Step(PLACE, Text("河", "river"))
cells = st.dictionaries(
    st.tuples(st.sampled_from(PREFIXES), st.sampled_from((*NODES, PLACE))),
    st.sampled_from(("grid_lead", "grid_worker", "checker")),
    max_size=14,
)


def made(cells: dict[tuple[str, UUID], str]) -> list[Entry]:
    return [
        Entry(prefix, NODES[0] if at == PLACE else at, PLACE if at == PLACE else None, Part.LEAD, role, None)
        for (prefix, at), role in cells.items()
    ]


def ruled(rows: list[Entry], kind: str) -> tuple[tuple[Entry, ...], Step | None]:
    staffing = Staffing(rows=matrix.index(rows))
    return duty.ruling(staffing, Part.LEAD, WAY_UP, kind, AT_PLACE)


@settings(max_examples=200)
@given(cells, st.sampled_from(KINDS), st.randoms())
def test_routing_does_not_depend_on_the_order_of_rows(cells: dict, kind: str, random: object) -> None:
    rows = made(cells)
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    assert ruled(rows, kind) == ruled(shuffled, kind)


@settings(max_examples=200)
@given(cells, st.sampled_from(KINDS))
def test_the_place_wins_then_the_longest_prefix_then_the_nearest_unit(cells: dict, kind: str) -> None:
    fits = [(prefix, at) for prefix, at in cells if kind.startswith(prefix)]
    order = {**{id: n for n, id in enumerate(NODES)}, PLACE: -1}
    expected = min(fits, key=lambda cell: (cell[1] != PLACE, -len(cell[0]), order[cell[1]]), default=None)
    rows, where = ruled(made(cells), kind)
    assert (expected is None) == (where is None)
    if expected is not None:
        assert where is not None
        assert (rows[0].kind_prefix, where.id, len(rows)) == (*expected, 1)


@settings(max_examples=200)
@given(cells, st.sampled_from(KINDS), st.integers(0, 20))
def test_taking_a_row_away_never_makes_a_second_lead(cells: dict, kind: str, which: int) -> None:
    rows = made(cells)
    if rows:
        rows.pop(which % len(rows))
    assert len(ruled(rows, kind)[0]) <= 1


@settings(max_examples=100)
@given(cells, cells)
def test_applying_the_changes_gives_the_other_matrix(old: dict, new: dict) -> None:
    before, after = made(old), made(new)
    found = matrix.changes(before, after)
    gone = {change.before for change in found if change.before}
    result = {row for row in before if row not in gone} | {c.after for c in found if c.after}
    assert result == set(after)
    assert matrix.changes(after, list(reversed(after))) == ()
