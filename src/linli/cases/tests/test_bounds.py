"""How much one resident may report, and how long they have to wait."""

from __future__ import annotations

from datetime import timedelta

import pytest

from linli.cases import queries
from linli.cases.actions import bounds
from linli.cases.models import Case
from linli.cases.tests.loop import opened
from linli.kernel.access import Actor
from linli.kernel.errors import TOO_MANY, Problem
from tests.world import AT, Town

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
