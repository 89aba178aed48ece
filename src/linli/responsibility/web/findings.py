"""What is wrong with who answers for what, as a list and on a map."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.kernel import clock
from linli.responsibility import queries
from linli.responsibility.web import asking


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Gaps, double leads, rules that hold no more, vacant and doubled posts in the reader's own units."""
    actor, at = asking.reader(request), clock.now()
    groups = queries.standing(queries.findings(actor, at))
    context = {
        "groups": groups,
        "total": sum(group.number for group in groups),
        "units": reverse("responsibility:map"),
        "edits": queries.may_edit(actor),
        "tabs": asking.tabs("findings", actor),
        "now": at,
    }
    return render(request, "responsibility/findings.html", context)


@require_safe
def on_map(request: HttpRequest) -> HttpResponse:
    """The reader's own units as GeoJSON, each with what is worst in it."""
    actor = asking.reader(request)
    answer = HttpResponse(queries.on_map(actor, clock.now()), content_type="application/geo+json")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
