"""What every page is given."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from linli.kernel import clock
from linli.kernel.text import Text, in_chinese
from linli.ui.words import THEME_COOKIE, THEMES, TOWN


def page(request: HttpRequest) -> dict[str, Any]:
    """The page's language and theme, the town's name, the present moment, whether this is the demo town.

    A view's own value of the same name wins.
    """
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "lang": "zh-CN" if in_chinese() else "en",
        "theme": theme if theme in THEMES else "",
        "demo": settings.DEMO,
        "town_name": town_name(),
        "now": clock.now(),
    }


def town_name() -> Text:
    """The town's name as `TOWN_NAME` (and `TOWN_NAME_EN`) of the settings give it."""
    zh = getattr(settings, "TOWN_NAME", "") or TOWN.zh
    return Text(zh, getattr(settings, "TOWN_NAME_EN", "") or (TOWN.en if zh == TOWN.zh else zh))
