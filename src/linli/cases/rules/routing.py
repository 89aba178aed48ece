"""Whether it was in time, which limit runs first, and which way a new matter goes."""

from __future__ import annotations

from datetime import datetime

from linli.cases.words import ENDED, Source, State, Verdict


def verdict(due_at: datetime | None, finished_at: datetime | None, state: State) -> Verdict:
    """On time when the work was finished no later than its deadline; open until the matter has ended.

    What is declined, void, transferred out or merged counts as on time, and so does what ended without a deadline (settled on the
    spot): no limit was broken.
    """
    if state in {State.DECLINED, State.VOID, State.TRANSFERRED, State.MERGED}:
        return Verdict.ON_TIME
    if state not in ENDED or finished_at is None:
        return Verdict.OPEN
    return Verdict.ON_TIME if due_at is None or finished_at <= due_at else Verdict.OVERDUE


def dispatch_limit_name(source: Source) -> str:
    """Which limit of the rulebook runs from the report to the dispatch: hotline 24 h, police transfer 2 h."""
    return {Source.HOTLINE: "dispatch_hotline", Source.POLICE: "dispatch_police"}.get(source, "dispatch")


def goes_straight(settle_allowed: bool, responsible: str, source: Source, grid_post_found: bool) -> bool:
    """Whether a new matter goes straight to the micro-grid's post instead of through the centre.

    Simple matters (the catalogue lets the grid settle them and names a grid post) stay in the grid;
    hotline tickets and police transfers always go through the centre (seed 廊下: 简易案件微网格自处置).
    """
    through_centre = source in {Source.HOTLINE, Source.POLICE}
    return settle_allowed and responsible.startswith("grid_") and grid_post_found and not through_centre
