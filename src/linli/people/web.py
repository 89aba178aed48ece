"""Posts and departments, for staff to look at: who sits where, what is vacant, who holds two."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_ALLOWED, NOT_FOUND, NOT_SIGNED_IN, Problem
from linli.kernel.text import Text
from linli.people import queries
from linli.people.queries import PostRow
from linli.territory import queries as territory
from linli.territory.words import RANK_NAMES, Rank

SHOWN = {
    "": Text("本级岗位", "Posts here"),
    "all": Text("全部岗位", "All posts below"),
    "vacant": Text("空缺", "Vacant"),
    "doubled": Text("兼任", "Doubled"),
}


@require_safe
def posts(request: HttpRequest, unit_id: UUID | None = None) -> HttpResponse:
    """The posts of a unit and how everything below it is staffed; without a unit, the widest of one's own."""
    actor = _staff(request)
    snapshot = territory.snapshot()
    if unit_id is None:
        widest = min((post.unit_id for post in actor.posts), key=snapshot.depth)
        return redirect("people:posts-of", unit_id=widest)
    chain = snapshot.chain(unit_id)
    if not chain:
        raise Problem(NOT_FOUND)
    at = clock.now()
    here, below = queries.posts_table(unit_id, at), queries.posts_below(unit_id, at)
    chosen: dict[str, tuple[PostRow, ...]] = {
        "": here,
        "all": below,
        "vacant": tuple(row for row in below if row.vacant),
        "doubled": tuple(row for row in below if row.doubled or row.shared),
    }
    show = request.GET.get("show", "")
    show = show if show in chosen else ""
    address = reverse("people:posts-of", kwargs={"unit_id": unit_id})
    context: dict[str, Any] = {
        "unit": chain[-1],
        "rank": RANK_NAMES[Rank(chain[-1].rank)] if chain[-1].rank in frozenset(Rank) else "",
        "above": chain[:-1],
        "rows": chosen[show],
        "show": show,
        "tabs": [
            {
                "label": label,
                "url": f"{address}?show={key}" if key else address,
                "active": key == show,
                "count": len(chosen[key]),
                "alarm": key == "vacant" and bool(chosen[key]),
            }
            for key, label in SHOWN.items()
        ],
        "children": queries.staffing_of_children(unit_id, at),
        "now": at,
    }
    return render(request, "people/posts.html", context)


@require_safe
def departments(request: HttpRequest) -> HttpResponse:
    """Every department with its posts."""
    _staff(request)
    at = clock.now()
    rows = [(row, queries.department_posts(row.id, at)) for row in queries.departments(at)]
    return render(request, "people/departments.html", {"departments": rows, "now": at})


def _staff(request: HttpRequest) -> Actor:
    """The actor, who holds some post: names of colleagues are for colleagues."""
    actor = queries.actor_of(request)
    if not actor.posts:
        raise Problem(NOT_ALLOWED if actor.kind in ("account", "resident") else NOT_SIGNED_IN)
    return actor
