"""What every page is given."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from linli.kernel.text import in_chinese


def page(request: HttpRequest) -> dict[str, Any]:
    """The page's language and whether this is the demo town."""
    return {"lang": "zh-CN" if in_chinese() else "en", "demo": settings.DEMO}
