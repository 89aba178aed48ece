"""The town's own name on every page: `ui` stands below `territory` and cannot ask for it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from linli.territory import queries as territory


def town(request: HttpRequest) -> dict[str, Any]:
    """The only top unit's name, unless the settings name the town."""
    tops = territory.snapshot().roots()
    if settings.TOWN_NAME or len(tops) != 1:
        return {}
    return {"town_name": tops[0].title}
