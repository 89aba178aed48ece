"""The front page, and a resident's own matters."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.cases import queries as cases
from linli.cases.words import State, number_of, tracking_code
from linli.kernel import clock
from linli.people.queries import actor_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Report, follow, sign in: what people come for."""
    actor = actor_of(request)
    return render(request, "portal/home.html", {"actor": actor, "draft": "linli.draft" in request.session})


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What the resident reported, newest first; asks for the telephone number when it is not known.

    Staff are told why there is nothing here: at their desks they are no reporter, whatever telephone they prove.
    """
    actor = actor_of(request)
    if actor.resident_id is None and actor.posts:
        return render(request, "portal/mine_staff.html")
    if actor.resident_id is None:
        return redirect(f"{reverse('notices:phone')}?next={reverse('portal:mine')}")
    rows = []
    for case in cases.own_cases(actor.resident_id)[:100]:
        kind = cases.kind_of(case)
        number = number_of(case.serial, case.reported_at)
        rows.append(
            {
                "title": kind.name if kind else case.kind,
                "text": case.text,
                "number": number,
                "url": reverse("portal:track", args=[number, tracking_code(case.id)]),
                "state": State(case.state).label,
                "at": case.reported_at,
                "asks": case.state == State.CLOSED,
            }
        )
    return render(request, "portal/mine.html", {"rows": rows, "now": clock.now()})
