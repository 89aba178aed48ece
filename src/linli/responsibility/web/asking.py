"""Who asks, where, and what every page of this room shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from linli.kernel.access import Actor
from linli.kernel.errors import INTERNAL, MALFORMED, NOT_ALLOWED, NOT_FOUND, NOT_SIGNED_IN, Problem
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import Part
from linli.responsibility import queries
from linli.territory import queries as territory

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def reader(request: HttpRequest) -> Actor:
    """The actor, who may see the matrix of some unit."""
    actor = people.actor_of(request)
    if not queries.own_tops(actor):
        raise Problem(NOT_SIGNED_IN if actor.kind == "anonymous" else NOT_ALLOWED)
    return actor


def editor(request: HttpRequest) -> Actor:
    """The actor, who administers some unit."""
    actor = reader(request)
    if not queries.may_edit(actor):
        raise Problem(NOT_ALLOWED)
    return actor


def list_keeper(request: HttpRequest) -> Actor:
    """The actor, who administers the whole town, for which the duty list holds."""
    actor = editor(request)
    if not keeps_list(actor):
        raise Problem(NOT_ALLOWED)
    return actor


def keeps_list(actor: Actor) -> bool:
    """Whether the actor administers everything."""
    return all(queries.may_edit(actor, root.id) for root in territory.snapshot().roots())


def where(actor: Actor, given: Mapping[str, str]) -> tuple[territory.UnitRow, territory.PlaceRow | None]:
    """The unit and the place that the address names; the actor's own unit when it names none."""
    tree = territory.snapshot()
    place = people.place_row(found) if (found := uuid_of(given, "place")) else None
    unit_id = place.unit_id if place else uuid_of(given, "unit")
    unit = tree.unit(unit_id) if unit_id else queries.default_unit(actor)
    if unit is None or (given.get("place") and place is None) or not queries.may_read(actor, unit.id):
        raise Problem(NOT_FOUND)
    return unit, place


def part_of(given: Mapping[str, str]) -> Part:
    """The part that the address names."""
    value = given.get("part", "")
    if value not in frozenset(Part):
        raise Problem(NOT_FOUND)
    return Part(value)


def day_of(given: Mapping[str, str], at: datetime) -> date:
    """The day that the address names; the town's present one without any."""
    try:
        day = date.fromisoformat(given["day"]) if given.get("day") else queries.today(at)
    except ValueError:
        raise Problem(NOT_FOUND) from None
    if not 2000 <= day.year <= 2200:
        raise Problem(NOT_FOUND)
    return day


def write_id(request: HttpRequest) -> UUID | None:
    """The id that the page gave this write."""
    try:
        return UUID(request.POST["id"]) if request.POST.get("id") else None
    except ValueError:
        raise Problem(MALFORMED) from None


def uuid_of(given: Mapping[str, str], name: str) -> UUID | None:
    """An id in the address or the form; None without any."""
    try:
        return UUID(given[name]) if given.get(name) else None
    except ValueError:
        raise Problem(NOT_FOUND) from None


def tabs(active: str, actor: Actor) -> list[dict[str, Any]]:
    """The pages of this room."""
    shown = [
        ("matrix", Text("责任清单", "Matrix"), "layout-grid"),
        ("findings", Text("缺口与重复", "Gaps and doubles"), "alert-triangle"),
        ("duties", Text("履职事项清单", "Duty list"), "list-details"),
        ("chiefs", Text("五长制", "Chiefs"), "map-pin"),
        ("advisers", Text("法律顾问", "Legal advisers"), "scale"),
        ("squads", Text("网格中队", "Squads"), "users"),
        ("sheets", Text("四个一", "Four sheets"), "printer"),
    ]
    return [
        {"label": label, "url": reverse(f"responsibility:{name}"), "icon": icon, "active": name == active}
        for name, label, icon in shown
    ]


def download(data: bytes, name: str) -> HttpResponse:
    """A file to keep."""
    answer = HttpResponse(data, content_type=EXCEL)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def refused(form: forms.Form, problem: Problem, **called: str) -> int:
    """Show a refusal at the fields that it names (`called`: what the form calls them); a refusal of the person or
    the address goes on as it is."""
    if problem.error.status in {401, 403, 404} or problem.error is INTERNAL:
        raise problem
    for field, text in problem.fields.items():
        name = called.get(field, field)
        form.add_error(name if name in form.fields else None, str(text))
    if not problem.fields:
        form.add_error(None, str(said(problem)))
    return problem.error.status


def said(problem: Problem) -> Text:
    """The refusal in a sentence, with what to do."""
    title, hint = problem.title, problem.error.hint
    return Text(f"{title.zh}。{hint.zh}", f"{title.en}. {hint.en}")


def tell(request: HttpRequest, text: Text) -> None:
    """Say it on the next page."""
    messages.success(request, str(text))
