"""Open matters like the one that is being taken in, and matters that keep coming back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from linli.cases import queries as cases
from linli.intake import queries
from linli.intake.queries.comparing import numbers
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import MALFORMED, NOT_ALLOWED, NOT_SIGNED_IN, Problem
from linli.kernel.text import Text
from linli.people import queries as people
from linli.territory import queries as territory

TEXT_MOST, ADDRESS_MOST = 4000, 200
DAYS = {7: Text("近 7 天", "7 days"), 30: Text("近 30 天", "30 days"), 90: Text("近 90 天", "90 days")}

AS_MANY = Text("与前一期持平", "as many as in the days before")
RISING = Text("比前一期({before} 件)多 {n} 件", "{n} more than in the days before ({before})")
FALLING = Text("比前一期({before} 件)少 {n} 件", "{n} fewer than in the days before ({before})")


@require_POST
def similar(request: HttpRequest) -> HttpResponse:
    """The open matters that what was typed so far is probably about, as a fragment.

    Takes `text`, `kind`, `lng`, `lat`, `unit`, `address`, `exclude`; each may be empty. What is longer than a report
    may be is cut: this helps with writing, it refuses no text.
    """
    actor = _actor(request)
    if not cases.may_take_in(actor):
        raise Problem(NOT_ALLOWED)
    at, given = clock.now(), request.POST
    text, address = _words(given.get("text", ""), TEXT_MOST), _words(given.get("address", ""), ADDRESS_MOST)
    lng, lat = _degrees(given.get("lng", ""), 180.0), _degrees(given.get("lat", ""), 90.0)
    unit_id = _uuid(given.get("unit", ""))
    if lng is None or lat is None:
        lng = lat = None
    if unit_id is None:
        unit_id = _unit_of(lng, lat, address)
    found = queries.similar(
        actor, text=text, kind=_words(given.get("kind", ""), 20), lng=lng, lat=lat, unit_id=unit_id,
        address=address, at=at, exclude=_uuid(given.get("exclude", "")),
    )  # fmt: skip
    into = _uuid(given.get("into", ""))
    rows = [
        {"one": one, "url": reverse("desk:case", args=[one.id]), "chosen": one.id == into} for one in found
    ]
    context = {
        "rows": rows,
        "joined": any(row["chosen"] for row in rows),
        "said": bool(text.strip() or address.strip() or lng is not None),
        "placed": bool(address.strip() or lng is not None or given.get("unit", "").strip()),
        "now": at,
    }
    return render(request, "intake/_similar.html", context)


@require_safe
def recurring(request: HttpRequest) -> HttpResponse:
    """Matters that keep coming back at one place or from one cause, in the chosen days."""
    actor, at = _actor(request), clock.now()
    if not cases.watches(actor):
        raise Problem(NOT_ALLOWED)
    usual = int(numbers("recurring")["days"])
    given = request.GET.get("days", "")
    days = int(given) if given.isascii() and given.isdigit() and int(given[:4]) in DAYS else usual
    groups = queries.recurring(actor, since=at - timedelta(days=days), until=at, at=at)
    here = reverse("intake:recurring")
    chosen = DAYS if usual in DAYS else {usual: Text("近 {n} 天", "{n} days").fill(n=usual)} | DAYS
    context = {
        "places": [_group(group) for group in groups if group.before is not None],
        "causes": [_group(group) for group in groups if group.before is None],
        "least": numbers("recurring")["least"],
        "days": days,
        "tabs": [
            {"url": f"{here}?days={each}", "label": label, "active": each == days}
            for each, label in chosen.items()
        ],
        "now": at,
    }
    return render(request, "intake/recurring.html", context)


def _actor(request: HttpRequest) -> Actor:
    actor = people.actor_of(request)
    if not actor.posts:
        raise Problem(NOT_ALLOWED if actor.kind in ("account", "resident") else NOT_SIGNED_IN)
    return actor


def _words(value: str, most: int) -> str:
    return value[:most].replace("\x00", " ")


def _degrees(value: str, most: float) -> float | None:
    """The number; None when nothing is given. Raises MALFORMED."""
    if not value.strip():
        return None
    try:
        found = float(value)
    except ValueError:
        raise Problem(MALFORMED) from None
    if not abs(found) <= most:
        raise Problem(MALFORMED)
    return found


def _uuid(value: str) -> UUID | None:
    if not value.strip():
        return None
    try:
        return UUID(value.strip())
    except ValueError:
        raise Problem(MALFORMED) from None


def _unit_of(lng: float | None, lat: float | None, address: str) -> UUID | None:
    """Where the matter would be placed: by its point, else by its address, else at the only top unit."""
    tree = territory.snapshot()
    if lng is not None and lat is not None:
        unit = tree.locate(lng, lat).unit
    else:
        unit = tree.locate_address(address).unit if address.strip() else None
    roots = tree.roots()
    return unit.id if unit else roots[0].id if len(roots) == 1 else None


def _group(group: queries.Group) -> dict[str, Any]:
    members = [{"one": one, "url": reverse("desk:case", args=[one.id])} for one in group.members]
    return {"group": group, "members": members, "trend": _trend(group)}


def _trend(group: queries.Group) -> Text | None:
    """Against the days before, in words; None when there is nothing to compare with."""
    if group.before is None:
        return None
    if group.count == group.before:
        return AS_MANY
    words = RISING if group.count > group.before else FALLING
    return words.fill(n=abs(group.count - group.before), before=group.before)
