"""The matrix as a grid, and one cell of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_ALLOWED, Problem
from linli.kernel.text import Text
from linli.people import actions as people_actions
from linli.people import queries as people
from linli.people.words import PART_LABELS
from linli.responsibility import actions, files, queries
from linli.responsibility.forms import CellForm
from linli.responsibility.web import asking
from linli.territory import queries as territory

SAVED = Text("责任清单已更新", "The matrix is changed")
SAME = Text("内容没有变化", "Nothing was different")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Who has which part in which kinds of matter, at a unit or a place; administrators change cells."""
    actor, at = asking.reader(request), clock.now()
    unit, place = asking.where(actor, request.GET)
    made = queries.grid(unit, at, place=place, opened=request.GET.get("class", ""))
    context = {
        **_about(actor, unit, place),
        "grid": made,
        "chief": queries.place_chief(place, at) if place else None,
        "parts": list(PART_LABELS.items()),
        "may_edit": queries.may_edit(actor, unit.id),
        "edits_any": queries.may_edit(actor),
        "tabs": asking.tabs("matrix", actor),
        "here": _query(unit, place),
        "cell_url": reverse("responsibility:cell"),
        "now": at,
    }
    return render(request, "responsibility/matrix.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def cell(request: HttpRequest) -> HttpResponse:
    """One cell: see who has the part and why; administrators choose others, or ask what it would move."""
    actor, at = asking.editor(request), clock.now()
    unit, place = asking.where(actor, request.GET)
    part, prefix = asking.part_of(request.GET), request.GET.get("kind", "")
    if not queries.may_edit(actor, unit.id):
        raise Problem(NOT_ALLOWED)
    name, shown = queries.cell(prefix, part, unit, at, place)
    known = queries.takers(at)
    rows, own = people.ruling_rows(part, unit.id, prefix, place.id if place else None)
    chosen = tuple(row.taker for row in rows) if own else ()
    form = CellForm(part=part, known=known, own=chosen, source=shown.source)
    status = 200
    if request.method == "POST":
        form = CellForm(request.POST, part=part, known=known)
        given = {
            "kind_prefix": prefix, "unit_id": unit.id, "part": part, "place_id": place.id if place else None,
            "by": actor, "at": at,
        }  # fmt: skip
        try:
            if form.is_valid():
                given |= {"takers": form.takers(), "source": form.cleaned_data["source"]}
                return _done(request, given)
            status = 422
        except Problem as problem:
            status = asking.refused(form, problem)
    context = {
        **_about(actor, unit, place),
        "form": form, "cell": shown, "part": part.label, "name": name, "prefix": prefix, "now": at,
        "action": f"{request.path}?{request.GET.urlencode()}",
        "back": f"{reverse('responsibility:matrix')}?{_query(unit, place)}",
    }  # fmt: skip
    piece = request.headers.get("HX-Request") == "true" and request.method != "POST"
    template = "responsibility/_cell.html" if piece else "responsibility/cell.html"
    return render(request, template, context, status=status)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The matrix as Excel: of the units that the reader administers, or else may see."""
    actor, at = asking.reader(request), clock.now()
    lines = queries.matrix_lines(actor, at)
    title = Text("责任清单", "Responsibility matrix")
    return asking.download(files.write(title, files.MATRIX_HEADINGS, lines), "responsibility.xlsx")


def _done(request: HttpRequest, given: dict[str, Any]) -> HttpResponse:
    if request.POST.get("do") == "what_if":
        proposal = actions.propose_cell(**given)
        return redirect("responsibility:what-if", proposal.id)
    number = people_actions.set_cell(**given)
    asking.tell(request, SAVED if number else SAME)
    unit, place = asking.where(given["by"], request.GET)
    opened = {"class": request.GET["class"]} if request.GET.get("class") else {}
    query = urlencode({**_where(unit, place), **opened})
    return redirect(
        f"{reverse('responsibility:matrix')}?{query}#{given['kind_prefix'] or 'all'}-{given['part']}"
    )


def _where(unit: territory.UnitRow, place: territory.PlaceRow | None) -> dict[str, str]:
    return {"place": str(place.id)} if place else {"unit": str(unit.id)}


def _query(unit: territory.UnitRow, place: territory.PlaceRow | None) -> str:
    return urlencode(_where(unit, place))


def _about(actor: Actor, unit: territory.UnitRow, place: territory.PlaceRow | None) -> dict[str, Any]:
    """The unit and the place, what is above and below, and the places of the unit."""
    tree = territory.snapshot()
    above = [each for each in tree.chain(unit.id)[:-1] if queries.may_read(actor, each.id)]
    return {
        "unit": unit,
        "place": place,
        "place_name": Text(place.name, place.name_en or place.name) if place else None,
        "above": above,
        "below": tree.children(unit.id),
        "places": [
            {"id": each.id, "name": Text(each.name, each.name_en or each.name)}
            for each in tree.places
            if each.unit_id == unit.id
        ],
    }
