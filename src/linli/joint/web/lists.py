"""The three lists, of one whistle or of all open ones of a unit, as a page and as Excel."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.cases import queries as cases
from linli.joint import queries
from linli.joint.models import Whistle
from linli.joint.queries.whistles import SHOWN_AT_MOST
from linli.joint.web.asking import for_staff, uuid
from linli.joint.words import Stand
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_ALLOWED, Problem
from linli.kernel.text import Text
from linli.territory import queries as territory

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NO_UNIT = Text("没有这个单元", "There is no such unit")


@require_safe
@for_staff
def of_one(request: HttpRequest, actor: Actor, whistle_id: UUID) -> HttpResponse:
    """The lists of one whistle."""
    found = queries.whistle_for(actor, whistle_id)
    address = reverse("joint:lists-file", args=[whistle_id])
    return _page(request, [found], address, {"row": queries.rows([found])[0]})


@require_safe
@for_staff
def file_of_one(request: HttpRequest, actor: Actor, whistle_id: UUID) -> HttpResponse:
    """The lists of one whistle as Excel."""
    return _file([queries.whistle_for(actor, whistle_id)], clock.now())


@require_safe
@for_staff
def of_unit(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The lists of all whistles with open parts in a unit, or wherever one sees cases."""
    unit, found = _open(request, actor)
    address = reverse("joint:unit-lists-file") + (f"?unit={unit}" if unit else "")
    tree = territory.snapshot()
    units = _units(actor)
    more = {"units": units, "unit": str(unit or ""), "unit_name": tree.path_text(unit) if unit else None}
    return _page(request, found, address, more)


@require_safe
@for_staff
def file_of_unit(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The same as Excel."""
    return _file(_open(request, actor)[1], clock.now())


def _open(request: HttpRequest, actor: Actor) -> tuple[UUID | None, list[Whistle]]:
    if not cases.watches(actor):
        raise Problem(NOT_ALLOWED)
    unit = uuid(request.GET, "unit")
    found = queries.whistles(actor, Stand.CALLED).filter(case__open_parts__gt=0)
    if unit is not None:
        if territory.snapshot().unit(unit) is None:
            raise Problem(INVALID, fields={"unit": NO_UNIT})
        below = {each.id for each in territory.snapshot().descendants(unit, closed=True)} | {unit}
        found = found.filter(unit_id__in=below)
    return unit, list(found[:SHOWN_AT_MOST])


def _units(actor: Actor) -> list[tuple[str, str]]:
    """The units from which somebody whistles in the actor's reach: their own, and those right below."""
    tree = territory.snapshot()
    tops = dict.fromkeys(post.unit_id for post in actor.posts if tree.unit(post.unit_id) is not None)
    found = [unit for top in tops for unit in (tree.chain(top)[-1], *tree.children(top))]
    return [(str(unit.id), str(unit.title)) for unit in dict.fromkeys(found)]


def _page(request: HttpRequest, found: list[Whistle], address: str, more: dict[str, Any]) -> HttpResponse:
    at = clock.now()
    sheets = queries.sheets(found, at)
    tables = [
        {
            "name": table.name,
            "heads": table.heads,
            "rows": [
                {"case": case_id, "cells": list(zip(table.heads, row, strict=True))}
                for row, case_id in zip(table.rows, table.links, strict=True)
            ],
        }
        for table in sheets.tables
    ]
    context = {"sheets": sheets, "tables": tables, "file": address, "now": at, **more}
    return render(request, "joint/lists.html", context)


def _file(found: list[Whistle], at: datetime) -> HttpResponse:
    answer = HttpResponse(queries.workbook(queries.sheets(found, at)), content_type=EXCEL)
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="whistle-{clock.local(at):%Y%m%d-%H%M}.xlsx"'
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
