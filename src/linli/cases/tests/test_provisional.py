"""A deadline past the last published calendar is provisional, and becomes certain when the calendar comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from linli.cases import queries
from linli.cases.actions import charging, moves, opening, timers
from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.words import Source, State
from linli.kernel import clocks, journal, worktime
from linli.kernel.access import SYSTEM
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.kernel.workcalendar import DayException
from tests.world import Town, actor

pytestmark = pytest.mark.django_db
LATE = datetime(2026, 12, 30, 2, 0, tzinfo=UTC)


def test_a_provisional_deadline_becomes_certain_with_the_calendar(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    lng, lat = town.point_in("201-1-2")
    report = opening.Report(
        id=uuid7(LATE), source=Source.HOTLINE, kind="E06011", text="积存垃圾", lng=lng, lat=lat
    )
    case_id = opening.open_case(report, by=SYSTEM, at=LATE).id
    moves.accept(case_id, by=SYSTEM, at=LATE)
    moves.register(case_id, by=SYSTEM, at=LATE)
    before = charging.dispatch(case_id, by=SYSTEM, at=LATE)
    assert before.due_provisional
    # Charging somebody else three days later does not begin the limit anew, now or when the calendar comes.
    again = charging.dispatch(
        case_id, by=SYSTEM, at=LATE + timedelta(days=3), department=town.departments["CG"]
    )
    assert again.due_at == before.due_at

    assert timers.settle_provisional(LATE) == 0, "nothing is published yet"

    published = worktime.default_calendar()
    holiday = DayException(False, Text("元旦调休", "New Year"), "notice")
    days = {**published.exceptions, datetime(2027, 1, 4).date(): holiday}  # noqa: DTZ001 - a day, not a moment
    fuller = worktime.Calendar(
        version="2027", zone=published.zone, hours=published.hours, exceptions=days,
        last_published=datetime(2027, 12, 31).date(), source="notice",  # noqa: DTZ001 - a day, not a moment
    )  # fmt: skip
    monkeypatch.setattr(worktime, "default_calendar", lambda: fuller)

    assert timers.settle_provisional(LATE) == 1
    case = Case.objects.get(pk=case_id)
    condition = queries.condition_of(case)
    assert condition is not None
    assert case.due_at == worktime.deadline(LATE, condition.limit, fuller).due
    assert not case.due_provisional
    (clock,) = [each for each in clocks.running(case_id) if each.name == "cases.handle"]
    assert clock.due_at == case.due_at
    assert "DeadlineSettled" in journal.history(case_id)[-1].kind
    assert timers.settle_provisional(LATE) == 0


def test_more_time_that_was_granted_stays_granted_when_the_calendar_comes(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = loop.in_state(State.HANDLING, town, LATE, kind="E06011", source=Source.HOTLINE, by=SYSTEM).id
    for who, move in (("ma", "ask_extension"), ("lu", "grant_extension")):
        loop.make(move, case_id, actor(town, who, LATE), LATE)
    before = Case.objects.get(pk=case_id)
    assert before.due_provisional
    published = worktime.default_calendar()
    last = datetime(2027, 12, 31).date()  # noqa: DTZ001 - a day, not a moment
    monkeypatch.setattr(
        worktime, "default_calendar", lambda: replace(published, last_published=last, _edges=[])
    )
    assert timers.settle_provisional(LATE) == 1
    after = Case.objects.get(pk=case_id)
    assert (after.due_at, after.due_provisional) == (before.due_at, False)
