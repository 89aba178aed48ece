"""The town's own name on every page: `ui` stands below `territory` and cannot ask for it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest

from linli.territory import queries as territory


def town(request: HttpRequest) -> dict[str, Any]:
    """The only top unit's name, unless the settings name the town. A page that says the database is down
    still comes."""
    try:
        tops = territory.snapshot().roots()
    except DatabaseError:
        return {}
    if settings.TOWN_NAME or len(tops) != 1:
        return {}
    return {"town_name": tops[0].title}
