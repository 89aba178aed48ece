"""How much one resident may report and how long they have to wait; how long a text may be."""

from __future__ import annotations

from datetime import timedelta

import pytest

from linli.cases import queries
from linli.cases.actions import bounds, moves
from linli.cases.models import Case
from linli.cases.tests.loop import opened
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, TOO_MANY, Problem
from linli.kernel.models import FactRow
from tests.world import AT, Town, actor

pytestmark = pytest.mark.django_db


def test_a_resident_who_reported_too_much_hears_when_the_next_report_is_taken(town: Town) -> None:
    by = Actor("resident", resident_id=town.resident)
    for n in range(queries.bound("reports_per_day")):
        bounds.hold_report(by=by, sender="", at=AT + timedelta(minutes=n))
        case = opened(town)
        Case.objects.filter(pk=case.pk).update(
            reporter_id=town.resident, reported_at=AT + timedelta(minutes=n)
        )
    at = AT + timedelta(hours=1)
    with pytest.raises(Problem) as refused:
        bounds.hold_report(by=by, sender="", at=at)
    assert refused.value.error is TOO_MANY
    seconds = refused.value.params["seconds"]
    assert seconds == 23 * 3600
    bounds.hold_report(by=by, sender="", at=at + timedelta(seconds=seconds))


def test_the_reason_to_look_at_a_telephone_is_as_short_as_any_other_text(town: Town) -> None:
    case = opened(town, reporter_id=town.resident)
    with pytest.raises(Problem) as refused:
        moves.reveal_reporter(case.id, by=actor(town, "shen"), at=AT, reason="查" * 2001)
    assert refused.value.error is INVALID
    assert "reason" in refused.value.fields
    assert not FactRow.objects.filter(kind="cases.ReporterRevealed").exists()
    assert moves.reveal_reporter(case.id, by=actor(town, "shen"), at=AT, reason="查" * 2000)
