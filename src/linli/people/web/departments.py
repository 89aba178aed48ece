"""Departments with their posts; administrators open and rename them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_ALLOWED, NOT_FOUND, Problem
from linli.kernel.text import Text
from linli.people import actions, queries
from linli.people.forms import DepartmentForm, RenameForm
from linli.people.web.asking import staff, tried
from linli.territory import queries as territory

OPENED, RENAMED = (
    Text("部门已设立", "The department is open"),
    Text("部门已更名", "The department is renamed"),
)
NO_UNIT = Text("没有这个单元", "There is no such unit")


@require_http_methods(["GET", "HEAD", "POST"])
def departments(request: HttpRequest) -> HttpResponse:
    """Every department with its posts; administrators open one here."""
    actor, at = staff(request), clock.now()
    form = DepartmentForm(initial={"unit": _own_unit(actor)})
    status = 200
    if request.method == "POST":
        if not queries.may_manage(actor):
            raise Problem(NOT_ALLOWED)
        form = DepartmentForm(request.POST)
        problem = tried(request, form, lambda data: _open(data, actor), OPENED)
        if problem is None:
            return redirect("people:departments")
        status = problem.error.status
    rows = [
        {
            "department": row,
            "posts": queries.department_posts(row.id, at),
            "may": queries.may_manage(actor, row.unit_id),
        }
        for row in queries.departments(at)
    ]
    context = {
        "rows": rows,
        "may_open": queries.may_manage(actor),
        "form": form,
        "manageable": _manageable(actor, [post.id for row in rows for post in row["posts"]]),  # type: ignore[attr-defined]  # posts are rows
        "now": at,
    }
    return render(request, "people/departments.html", context, status=status)


def _manageable(actor: Actor, posts: list[UUID]) -> set[UUID]:
    return {id for id in posts if queries.may_manage_post(actor, id)} if queries.may_manage(actor) else set()


def _open(data: dict[str, Any], actor: Actor) -> None:
    unit = territory.snapshot().by_code(data["unit"].strip())
    if unit is None or not unit.open:
        raise Problem(INVALID, fields={"unit": NO_UNIT})
    actions.open_department(
        code=data["code"],
        name=data["name"],
        name_en=data["name_en"],
        unit_id=unit.id,
        by=actor,
        at=clock.now(),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: HttpRequest, department_id: UUID) -> HttpResponse:
    """Give a department another name; its code, posts and cases stay."""
    actor, at = staff(request), clock.now()
    row = next((each for each in queries.departments(at) if each.id == department_id), None)
    if row is None:
        raise Problem(NOT_FOUND)
    if not queries.may_manage(actor, row.unit_id):
        raise Problem(NOT_ALLOWED)
    english = "" if row.name.en == row.name.zh else row.name.en
    form: Form = RenameForm(initial={"name": row.name.zh, "name_en": english})
    status = 200
    if request.method == "POST":
        form = RenameForm(request.POST)
        problem = tried(
            request,
            form,
            lambda data: actions.rename_department(
                department_id=department_id, name=data["name"], name_en=data["name_en"], by=actor, at=at
            ),
            RENAMED,
        )
        if problem is None:
            return redirect("people:departments")
        status = problem.error.status
    return render(
        request, "people/department.html", {"department": row, "form": form, "now": at}, status=status
    )


def _own_unit(actor: Actor) -> str:
    tree = territory.snapshot()
    for post in actor.posts:
        unit = tree.unit(post.unit_id)
        if unit is not None and queries.may_manage(actor, unit.id):
            return unit.code
    return ""
