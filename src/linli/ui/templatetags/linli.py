"""Template tags of the house: texts, icons, moments, time left, form fields, maps."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import cache
from typing import Any

from django import template
from django.forms import BoundField
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django_vite.core.asset_loader import DjangoViteAssetLoader

from linli.kernel import clock
from linli.kernel.text import Text
from linli.ui import dates, fields
from linli.ui.words import NO_DEADLINE, PROVISIONAL, PROVISIONAL_WHY, TIME_ICONS, TIME_LABELS, TimeState

register = template.Library()


@register.simple_tag
def t(zh: str, en: str, **values: object) -> str:
    """The text in the reader's language, with `{name}` places filled."""
    text = Text(zh, en)
    return conditional_escape(str(text.fill(**values) if values else text))


@cache
def _sprite() -> str:
    return str(DjangoViteAssetLoader.instance().generate_vite_asset_url("generated/icons.svg"))


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """The icon of frontend/icons.txt by its Tabler name; silent for screen readers unless it has a `label`."""
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>',
            label,
            _sprite(),
            name,
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', _sprite(), name)


@register.filter
def iso(day: date | None) -> str:
    """A day as Chinese papers and date fields write it: 2026-03-10; nothing for no day."""
    return day.isoformat()[:10] if day else ""


@register.simple_tag(takes_context=True)
def when(context: template.Context, moment: datetime | None) -> SafeString | str:
    """The moment as people say it (今天 14:20), the exact time on hover; seen at the context's `now`."""
    return _time(moment, dates.human(moment, _now(context))) if moment else ""


@register.simple_tag(takes_context=True)
def due_by(context: template.Context, moment: datetime | None) -> SafeString | str:
    """A deadline as people say it (今天 17:00 前, 周四 24:00 前), the exact time on hover."""
    return _time(moment, dates.by(moment, _now(context))) if moment else ""


@register.simple_tag(takes_context=True)
def time_left(
    context: template.Context, due: datetime | None, state: str = "", provisional: bool = False
) -> SafeString:
    """Icon, meaning and time left of a deadline.

    `state` is a `TimeState`; without one, only on time and overdue are told apart. A paused clock shows
    no time left. `provisional` marks a deadline past the last published calendar.
    """
    if not due and state != TimeState.PAUSED:
        return format_html('<span class="time-badge is-none">{}</span>', NO_DEADLINE)
    meaning = TimeState(state) if state else _meaning(due, _now(context))
    words = _time(due, _amount(due, _now(context), meaning)) if due and meaning != TimeState.PAUSED else ""
    mark = format_html('<abbr title="{}">{}</abbr>', PROVISIONAL_WHY, PROVISIONAL) if provisional else ""
    return format_html(
        '<span class="time-badge is-{}">{}<span>{}</span>{}{}</span>',
        meaning.value,
        icon(TIME_ICONS[meaning]),
        TIME_LABELS[meaning],
        words,
        mark,
    )


@register.simple_tag
def time_badge(state: str) -> SafeString:
    """Icon and word of one of the four time meanings."""
    meaning = TimeState(state)
    return format_html(
        '<span class="time-badge is-{}">{}<span>{}</span></span>',
        meaning.value,
        icon(TIME_ICONS[meaning]),
        TIME_LABELS[meaning],
    )


@register.inclusion_tag("ui/form/field.html")
def field(bound: BoundField, **extra: Any) -> dict[str, Any]:
    """A field of a Django form with label, help and errors tied to it; `extra` may replace `label` and `help`."""
    return fields.of(bound, **extra)


@register.simple_tag
def map_data(**options: object) -> str:
    """The options of a map as JSON for its `data-map`; options that are None or empty are left out."""
    given = {name: str(v) if isinstance(v, Text) else v for name, v in options.items() if v not in (None, "")}
    return conditional_escape(json.dumps(given, ensure_ascii=False))


def _now(context: template.Context) -> datetime:
    return context.get("now") or clock.now()


def _meaning(due: datetime | None, at: datetime) -> TimeState:
    return TimeState.OVERDUE if due and due < at else TimeState.ON_TIME


def _amount(due: datetime, at: datetime, meaning: TimeState) -> Text:
    # Beside the word "overdue" the bare length is enough.
    return dates.span(at - due) if meaning == TimeState.OVERDUE and due < at else dates.left(due, at)


def _time(moment: datetime, words: Text) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', dates.machine(moment), dates.exact(moment), words
    )
