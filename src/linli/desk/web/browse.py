"""Looking things up: a case by number or words, the catalogue, who is responsible where."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linli.cases import queries
from linli.cases.queries import Kind
from linli.desk import asking, rows
from linli.desk.asking import for_staff
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import ROLE_LABELS, Role
from linli.territory import queries as territory

TABS = {"": Text("事件", "Matters"), "components": Text("部件", "Components")}


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
def catalogue(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The kinds of matter by class, or those that a few words suggest."""
    words = asking.text(request.GET, "q", asking.WORDS_MOST)
    components = request.GET.get("show") == "components"
    book = queries.catalogue(None)
    address = request.path
    context: dict[str, Any] = {
        "q": words,
        "found": [_short(kind) for kind in book.search(words, limit=30)] if words else [],
        "classes": []
        if words
        else [
            (major, [_short(kind) for kind in kinds])
            for major, kinds in book.tree(components=components).items()
        ],
        "tabs": [
            {
                "label": label,
                "url": f"{address}?show={key}" if key else address,
                "active": (key == "components") is components,
                "count": None,
            }
            for key, label in TABS.items()
        ],
        "edition": book.version,
    }
    return render(request, "desk/catalogue.html", context)


def _short(kind: Kind) -> dict[str, Any]:
    return {
        "code": kind.code,
        "name": kind.name,
        "settle": kind.settle,
        "limit": kind.default.limit.label,
        "responsible": taker_words(kind.responsible),
    }


def taker_words(code: str) -> Text:
    """A role or department code in words."""
    if code in set(Role):
        return ROLE_LABELS[Role(code)]
    at = clock.now()
    return next((office.name for office in people.departments(at) if office.code == code), Text(code, code))


@require_safe
@for_staff
def kind(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """One kind: conditions, limits, closing standards, who is responsible, what evidence, how it is checked."""
    found = queries.catalogue(None).kind(code)
    if found is None:
        raise Problem(NOT_FOUND)
    context = {
        "kind": found,
        "responsible": taker_words(found.responsible),
        "helpers": [taker_words(helper) for helper in found.helpers],
        "evidence": queries.evidence_words(found.evidence),
        "checking": queries.checking_words(found.checking),
        "keywords": "、".join(found.keywords),
    }
    return render(request, "desk/kind.html", context)


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
