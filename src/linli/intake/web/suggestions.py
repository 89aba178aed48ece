"""Suggested kinds beside a form, and how often clerks followed them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from linli.cases import queries as cases
from linli.cases.words import number_of
from linli.intake.queries import suggestions as queries
from linli.kernel import access, clock
from linli.kernel.access import Actor
from linli.kernel.errors import MALFORMED, NOT_ALLOWED, NOT_SIGNED_IN, Problem
from linli.kernel.text import Text
from linli.people import queries as people
from linli.territory import queries as territory

TEXT_MOST = 4000
DAYS = {30: Text("近 30 天", "30 days"), 90: Text("近 90 天", "90 days"), 365: Text("近一年", "A year")}


def _taker_in(request: HttpRequest) -> Actor:
    actor = people.actor_of(request)
    if actor.kind == "anonymous":
        raise Problem(NOT_SIGNED_IN)
    if not any(True for _ in access.reach(actor, "case.intake")):
        raise Problem(NOT_ALLOWED)
    return actor


@require_POST
def suggest(request: HttpRequest) -> HttpResponse:
    """Cards of the kinds that `text` suggests at `unit` (may be empty); `kind` is the one chosen so far.

    Whatever is longer than a report may be is cut: this helps with writing, it refuses nothing.
    """
    _taker_in(request)
    text = request.POST.get("text", "")[:TEXT_MOST].replace("\x00", " ")
    chosen = request.POST.get("kind", "")[:20]
    at = clock.now()
    found = queries.suggest(text, unit_id=_unit(request.POST.get("unit", "")), at=at) if text.strip() else []
    kinds = [_card(each) for each in found]
    if chosen and chosen not in [card["value"] for card in kinds]:
        kind = cases.catalogue(None).kind(chosen)
        kinds = [_plain(kind), *kinds] if kind else kinds
    context = {"suggestions": kinds, "shown": " ".join(each.kind for each in found), "kind_value": chosen, "said": bool(text.strip())}  # fmt: skip
    return render(request, "intake/_suggestions.html", context)


def _unit(value: str) -> UUID | None:
    """The unit of this id; None when it is empty or no unit of the town. Raises MALFORMED."""
    if not value.strip():
        return None
    try:
        unit_id = UUID(value.strip())
    except ValueError:
        raise Problem(MALFORMED) from None
    return unit_id if territory.snapshot().unit(unit_id) else None


def _card(found: queries.Suggestion) -> dict[str, Any]:
    return {
        "value": found.kind,
        "name": found.name,
        "major": found.major,
        "sure": min(99, round(found.score * 100)),  # nobody is quite sure
        "words": [{"text": word, "lang": "en" if word.isascii() else "zh"} for word in found.words],
        "taker": found.taker,
        "why": found.why,
    }


def _plain(kind: cases.Kind) -> dict[str, Any]:
    return {"value": kind.code, "name": kind.name, "major": kind.major.name}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """How often the kind that a clerk chose was among those suggested, by kind, and the latest that were not."""
    if people.actor_of(request).kind == "anonymous":
        return redirect_to_login(request.get_full_path())
    actor, at = _taker_in(request), clock.now()
    days = _days(request.GET.get("days", ""))
    kind = request.GET.get("kind", "")[:20]
    since = at - timedelta(days=days)
    rate = queries.hit_rate(actor, since, at=at)
    here = reverse("intake:suggestions")
    context = {
        "rate": rate,
        "share": _percent(rate.followed, rate.asked),
        "first": _percent(rate.first, rate.asked),
        "kinds": [
            {"rate": each, "share": _percent(each.followed, each.asked), "first": _percent(each.first, each.asked),
             "url": f"{here}?days={days}&kind={each.kind}#missed"}
            for each in rate.kinds
        ],
        "missed": [_missed(choice) for choice in queries.missed(actor, since, kind)],
        "only": _name(kind) if kind else "",
        "all_url": f"{here}?days={days}",
        "tabs": [{"url": f"{here}?days={each}", "label": label, "active": each == days} for each, label in DAYS.items()],
        "model": queries.model_in_force(),
        "now": at,
    }  # fmt: skip
    return render(request, "intake/suggestions.html", context)


def _days(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and int(value[:4]) in DAYS else 30


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


def _missed(choice: queries.Missed) -> dict[str, Any]:
    return {
        "number": number_of(choice.serial, choice.reported_at),
        "url": reverse("desk:case", args=[choice.case_id]),
        "at": choice.at,
        "shown": [_name(code) for code in choice.shown],
        "chosen": _name(choice.chosen),
    }


def _name(code: str) -> Text:
    kind = cases.catalogue(None).kind(code)
    return kind.name if kind else Text(code, code)
