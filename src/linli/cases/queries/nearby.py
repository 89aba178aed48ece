"""What lies near a point, by the cells of the ground."""

from __future__ import annotations

from django.db.models import Q

from linli.cases.rules import cells_around


def near(lng: float, lat: float) -> Q:
    """Cases in the point's cell or one beside it (WGS-84 degrees): all within 190 metres, and some further away.

    With `closed_at=None` and a range of `reported_at` it is answered from one index.
    """
    return Q(cell__in=cells_around(lng, lat))
