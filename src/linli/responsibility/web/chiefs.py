"""Chiefs of rivers, roads, woods, fields and stations: who answers for which, naming and ending."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from linli.kernel import clock, journal
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_ALLOWED, Problem
from linli.kernel.text import Text
from linli.responsibility import actions, queries
from linli.responsibility.squad_forms import ChiefForm, EndForm
from linli.responsibility.web import asking

NAMED, ENDED = Text("已任命", "Named"), Text("已卸任", "The appointment has ended")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """One kind of chief as of a day, vacancies first, with how many places of every kind have one."""
    actor, at = asking.reader(request), clock.now()
    day = asking.day_of(request.GET, at)
    tables = queries.chiefs(actor, day, at)
    shown = next((each for each in tables if each.kind.code == request.GET.get("kind")), tables[0])
    listed = queries.chiefs_book()["listed"]
    here = reverse("responsibility:chiefs")
    context = {
        "tables": [(each, f"{here}?kind={each.kind.code}&day={day}") for each in tables],
        "shown": shown, "rows": shown.rows[:listed], "more": len(shown.rows) - listed, "day": day,
        "tabs": asking.tabs("chiefs", actor), "now": at,
    }  # fmt: skip
    return render(request, "responsibility/chiefs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """Who answers for one place and did before; whoever manages it names a chief, or ends the appointment."""
    actor, at, status = asking.reader(request), clock.now(), 200
    found, kind = queries.place_of(actor, place_id)
    chief, edits = queries.chief_now(place_id), queries.may_edit(actor, found.unit_id)
    choices = queries.chief_choices(actor, at) if edits else []
    today = {"day": queries.today(at)}
    ends = request.POST.get("do") == "end"
    form = EndForm(initial=today) if chief else ChiefForm(posts=choices, initial=today)
    if request.method == "POST":
        form, status = EndForm(request.POST) if ends else ChiefForm(request.POST, posts=choices), 422
        try:
            if not edits:
                raise Problem(NOT_ALLOWED)
            if form.is_valid():
                _write(form, place_id, asking.uuid_of(request.POST, "chief"), actor, at)
                asking.tell(request, ENDED if ends else NAMED)
                return redirect("responsibility:chief", place_id)
        except Problem as problem:
            status = asking.refused(form, problem, since="day", until="day")
    context = {
        "place": found, "name": Text(found.name, found.name_en or found.name), "kind": kind, "chief": chief,
        "post": queries.post_label(chief.post_id, at) if chief else None, "edits": edits, "form": form, "ends": isinstance(form, EndForm),
        "before": [(each, queries.post_name(each.post_id)) for each in queries.chiefs_before(place_id)],
        "lines": queries.lines_at(place_id), "history": journal.history(place_id), "tabs": asking.tabs("chiefs", actor), "now": at,
    }  # fmt: skip
    return render(request, "responsibility/chief.html", context, status=status)


def _write(
    form: EndForm | ChiefForm, place_id: UUID, chief_id: UUID | None, actor: Actor, at: datetime
) -> None:
    given = form.cleaned_data
    if isinstance(form, EndForm):
        end = {"until": given["day"], "reason": given["reason"]}
        actions.end_chief(chief_id=chief_id or place_id, **end, by=actor, at=at)
    else:
        named = {"post_id": UUID(given["post"]), "since": given["day"], "id": given["id"]}
        actions.name_chief(place_id=place_id, **named, by=actor, at=at)
