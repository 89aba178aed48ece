"""Looking things up: a case by number or words, who is responsible where."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linli.cases import queries
from linli.desk import asking, rows
from linli.desk.asking import for_staff
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_FOUND, Problem
from linli.people import queries as people
from linli.territory import queries as territory


@require_safe
@for_staff
def search(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Cases by our number, the source's number, or words in text and address."""
    at, words = clock.now(), asking.text(request.GET, "q", asking.WORDS_MOST)
    found = queries.search(actor, words)
    context = {"q": words, "rows": [rows.row(case, at) for case in found], "now": at}
    return render(request, "desk/search.html", context)


@require_safe
@for_staff
def unit(request: HttpRequest, actor: Actor, unit_id: UUID) -> HttpResponse:
    """Who is responsible for which kinds at this unit, and why."""
    tree = territory.snapshot()
    here = tree.unit(unit_id)
    if here is None:
        raise Problem(NOT_FOUND)
    at = clock.now()
    groups: dict[str, dict[str, Any]] = {}
    for each in queries.catalogue(None).matters():
        who = people.responsible_for(unit_id, each.responsible, at, each.code)
        name = people.taker_name(who)
        group = groups.setdefault(
            name.zh, {"name": name, "why": list(who.why), "fallback": who.fallback, "kinds": []}
        )
        group["kinds"].append(each)
    chain = tree.chain(unit_id)
    context = {
        "unit": here,
        "rank": territory.rank_name(here.rank),
        "above": chain[:-1],
        "below": tree.children(unit_id),
        "groups": sorted(groups.values(), key=lambda group: -len(group["kinds"])),
        "posts": people.posts_table(unit_id, at),
        "now": at,
    }
    return render(request, "desk/unit.html", context)
