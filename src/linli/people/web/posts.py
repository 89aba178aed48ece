"""The posts of a unit: who sits where, what is vacant, who holds two. Administrators open posts here."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_ALLOWED, NOT_FOUND, Problem
from linli.kernel.text import Text
from linli.people import actions, queries
from linli.people.forms import PostForm
from linli.people.queries import PostRow
from linli.people.web.asking import staff, tried
from linli.people.words import Role
from linli.territory import queries as territory
from linli.territory.words import RANK_NAMES, Rank

SHOWN = {
    "": Text("本级岗位", "Posts here"),
    "all": Text("全部岗位", "All posts below"),
    "vacant": Text("空缺", "Vacant"),
    "doubled": Text("兼任", "Doubled"),
}
OPENED = Text("岗位已设立,请任命任职人", "The post is open; appoint somebody to it")
NEEDS_DEPARTMENT = Text("处置人员须属于一个部门", "A handler belongs to a department")


@require_safe
def widest(request: HttpRequest) -> HttpResponse:
    """The posts of the widest unit at which one holds a post oneself."""
    actor, tree = staff(request), territory.snapshot()
    return redirect("people:posts-of", unit_id=min((p.unit_id for p in actor.posts), key=tree.depth))


@require_http_methods(["GET", "HEAD", "POST"])
def posts(request: HttpRequest, unit_id: UUID) -> HttpResponse:
    """The posts of a unit and how everything below it is staffed; administrators open a post here."""
    actor, at = staff(request), clock.now()
    chain = territory.snapshot().chain(unit_id)
    if not chain:
        raise Problem(NOT_FOUND)
    may = chain[-1].open and queries.may_manage(actor, unit_id)
    form, status = PostForm(departments=_departments(actor, unit_id, at)), 200
    if request.method == "POST":
        if not may:
            raise Problem(NOT_ALLOWED)
        form = PostForm(request.POST, departments=_departments(actor, unit_id, at))
        made: list[UUID] = []
        problem = tried(request, form, lambda data: made.append(_open(data, unit_id, actor, at)), OPENED)
        if problem is None:
            return redirect("people:post", post_id=made[0])
        status = problem.error.status
    context = _table(request, unit_id, at) | {
        "unit": chain[-1],
        "rank": RANK_NAMES[Rank(chain[-1].rank)] if chain[-1].rank in frozenset(Rank) else "",
        "above": chain[:-1],
        "children": queries.staffing_of_children(unit_id, at),
        "form": form if may else None,
        "now": at,
    }
    context["manageable"] = (
        {row.id for row in context["rows"] if queries.may_manage_post(actor, row.id)}
        if queries.may_manage(actor)
        else set()
    )
    return render(request, "people/posts.html", context, status=status)


def _table(request: HttpRequest, unit_id: UUID, at: datetime) -> dict[str, Any]:
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
    tabs = [
        {
            "label": label,
            "url": f"{address}?show={key}" if key else address,
            "active": key == show,
            "count": len(chosen[key]),
            "alarm": key == "vacant" and bool(chosen[key]),
        }
        for key, label in SHOWN.items()
    ]
    return {"rows": chosen[show], "show": show, "tabs": tabs}


def _departments(actor: Actor, unit_id: UUID, at: datetime) -> list[tuple[str, str]]:
    """The departments that serve the unit and that the actor may staff."""
    above = territory.snapshot().ancestors(unit_id)
    return [
        (str(row.id), f"{row.code} {row.name}")
        for row in queries.departments(at)
        if row.unit_id in above and queries.may_manage(actor, row.unit_id)
    ]


def _open(data: dict[str, Any], unit_id: UUID, actor: Actor, at: datetime) -> UUID:
    role, department = Role(data["role"]), data["department"]
    if role is Role.HANDLER and not department:
        raise Problem(INVALID, fields={"department": NEEDS_DEPARTMENT})
    return actions.open_post(
        role=role,
        unit_id=unit_id,
        department_id=UUID(department) if department else None,
        title=data["title"].strip() or role.label.zh,
        title_en=data["title_en"] if data["title"].strip() else role.label.en,
        by=actor,
        at=at,
    ).id
