"""What the page of a case shows of following up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from linli.cases import queries as cases
from linli.cases.queries import Case
from linli.cases.words import Desk, State
from linli.followup.models import Inspection
from linli.followup.queries.calling import ACTION, opted_out
from linli.followup.queries.exclusions import ASK, STANDINGS, exclusion_of, standing
from linli.followup.queries.rates import grounds
from linli.followup.words import Found
from linli.kernel import access
from linli.kernel.access import Actor
from linli.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Panel:
    """What follows this case's closing, for one reader. `no_calls_until`: the reporter asked not to be called."""

    may_call: bool
    no_calls_until: datetime | None
    exclusion: object | None
    ground: Text | None
    standing: Text | None
    may_ask: bool
    inspections: tuple[tuple[Inspection, Text | None], ...]


def panel(case: Case, actor: Actor, at: datetime) -> Panel | None:
    """The panel of a closed case; None for an open one, and where there is nothing to show."""
    if case.state not in {State.CLOSED, State.FOLLOWED_UP}:
        return None
    subject = cases.subject_of(case)
    one = exclusion_of(case)
    looked = Inspection.objects.filter(case_id=case.id, draw__drawn_at__isnull=False).order_by("id")
    waits = case.state == State.CLOSED and case.desk == Desk.CALL_BACK
    calls = access.may(actor, ACTION, subject)
    wish = opted_out(case.reporter_id, at) if calls else None
    found = Panel(
        may_call=waits and calls and wish is None,
        no_calls_until=wish.until if wish else None,
        exclusion=one,
        ground=grounds().get(one.reason) if one else None,
        standing=STANDINGS[standing(one)] if one else None,
        may_ask=one is None and access.may(actor, ASK, subject),
        inspections=tuple((each, Found(each.found).label if each.found else None) for each in looked),
    )
    shown = found.may_call or found.no_calls_until or found.exclusion or found.may_ask or found.inspections
    return found if shown else None
