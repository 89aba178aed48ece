"""Template tags of the house."""

from __future__ import annotations

from django import template
from django.utils.html import conditional_escape

from linli.kernel.text import Text

register = template.Library()


@register.simple_tag
def t(zh: str, en: str, **values: object) -> str:
    """The text in the reader's language, with `{name}` places filled."""
    text = Text(zh, en)
    return conditional_escape(str(text.fill(**values) if values else text))
