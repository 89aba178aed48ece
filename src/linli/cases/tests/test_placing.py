"""A report whose place lies outside the grid is placed by the clerk, and is then routed from there."""

from __future__ import annotations

import pytest

from linli.cases import queries
from linli.cases.actions import charging, moves, opening
from linli.cases.models import Case
from linli.cases.words import Source
from linli.kernel.access import SYSTEM
from linli.kernel.errors import Problem
from linli.kernel.ids import uuid7
from tests.world import AT, Town, actor

pytestmark = pytest.mark.django_db


def by_note() -> str:
    """A kind whose handling needs no photo."""
    return next(kind.code for kind in queries.catalogue(None).matters() if kind.evidence == "note")


def outside(town: Town) -> Case:
    report = opening.Report(
        id=uuid7(AT), source=Source.HOTLINE, kind="E06010", text="垃圾", lng=110.0, lat=20.0
    )
    return Case.objects.get(pk=opening.open_case(report, by=SYSTEM, at=AT).id)


def test_a_clerk_places_what_was_not_located(town: Town) -> None:
    case, unit = outside(town), town.unit("201-1")
    assert case.located == "none"
    moves.accept(case.id, by=actor(town, "shen", at=AT), at=AT, unit=unit)
    case.refresh_from_db()
    assert case.unit_id == unit
    assert case.located == "given"
    assert case.a2 == unit
    assert case.why


def test_a_unit_that_does_not_exist_is_refused(town: Town) -> None:
    case = outside(town)
    with pytest.raises(Problem) as refused:
        moves.accept(case.id, by=actor(town, "shen", at=AT), at=AT, unit=uuid7(AT))
    assert "unit" in refused.value.fields


def test_after_several_redos_the_unit_above_sees_the_case(town: Town) -> None:
    lng, lat = town.point_in("201-1-2")
    report = opening.Report(
        id=uuid7(AT), source=Source.HOTLINE, kind=by_note(), text="占道", lng=lng, lat=lat
    )
    case_id = opening.open_case(report, by=SYSTEM, at=AT).id
    for move in (moves.accept, moves.register, charging.dispatch, moves.sign):
        move(case_id, by=SYSTEM, at=AT)
    for number in range(3):
        case = Case.objects.get(pk=case_id)
        assert case.raised_to_id is None, number
        moves.hand_in(case_id, by=SYSTEM, at=AT, result="已处理")
        moves.order_redo(case_id, by=SYSTEM, at=AT, reason="还有残留")
    assert Case.objects.get(pk=case_id).raised_to_id is not None


def test_a_grid_worker_does_not_take_in_what_came_by_the_hotline(town: Town) -> None:
    lng, lat = town.point_in("201-1-2")
    report = opening.Report(id=uuid7(AT), source=Source.HOTLINE, kind="E06010", text="垃圾", lng=lng, lat=lat)
    with pytest.raises(Problem) as refused:
        opening.open_case(report, by=actor(town, "chen", at=AT), at=AT)
    assert refused.value.error.status == 403
