"""The town on a map, and the same as a list."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.cases import queries
from linli.cases.words import ENDED, Source, State, number_of
from linli.desk import asking, rows
from linli.desk.asking import for_staff
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.text import Text, in_chinese
from linli.kernel.web import invalid
from linli.territory import queries as territory
from linli.ui import dates

DRAWN = ("town", "village", "area")
LISTED = 100
SHOWN = {"open": Text("未办结", "Open"), "ended": Text("已办结", "Closed")}


@require_safe
@for_staff
def page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The visible cases with a place, on the map and as a list below it."""
    at = clock.now()
    chosen = asking.filter_of(request.GET)
    show, ended = _shown(request)
    listed = queries.on_map(actor, chosen, None, at, ended=ended, most=LISTED + 1)
    query = asking.query_of(request.GET, show=show or "all")
    context: dict[str, Any] = {
        "source": reverse("desk:map-cases") + query + ("&" if query else "?") + "bbox={bbox}",
        "units": reverse("desk:map-units"),
        "places": reverse("desk:map-places"),
        "rows": [rows.row(case, at) for case in listed[:LISTED]],
        "more": len(listed) > LISTED,
        "q": chosen.words,
        "filters": [
            {"name": "show", "label": Text("状态", "State"), "value": show, "choices": list(SHOWN.items())},
            {"name": "unit", "label": Text("网格", "Unit"), "value": request.GET.get("unit", ""),
             "choices": asking.units_of(actor)},
            {"name": "source", "label": Text("来源", "Source"), "value": chosen.source,
             "choices": [(each.value, each.label) for each in Source]},
            {"name": "due", "label": Text("时限", "Time"), "value": chosen.due, "choices": list(asking.DUE.items())},
        ],
        "now": at,
    }  # fmt: skip
    return render(request, "desk/map.html", context)


@require_safe
@for_staff
def cases(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The visible cases inside `bbox` (west,south,east,north in WGS-84 degrees) as GeoJSON points."""
    at = clock.now()
    _, ended = _shown(request)
    found = queries.on_map(
        actor, asking.filter_of(request.GET), _box(request.GET.get("bbox", "")), at, ended=ended
    )
    return JsonResponse({"type": "FeatureCollection", "features": [_feature(case, at) for case in found]})


def _shown(request: HttpRequest) -> tuple[str, bool | None]:
    """Which cases: open unless the reader chose otherwise; whether they ended, None for all."""
    show = request.GET.get("show", "open")
    return (show, show == "ended") if show in SHOWN else ("", None)


def _feature(case: queries.Case, at: Any) -> dict[str, Any]:
    done = State(case.state) in ENDED
    due = case.next_due_at
    kind = rows.kind_name(case, queries.kind_of(case))
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [case.lng, case.lat]},
        "properties": {
            "title": str(kind),
            "url": reverse("desk:case", args=[case.id]),
            "state": "done" if done else rows.time_state(due, at) or "paused",
            "when": str(State(case.state).label) if done else str(dates.left(due, at)) if due else "",
            "ref": number_of(case.serial, case.reported_at),
            "unit": str(rows.place(case.unit_id)),
        },
    }


def _box(value: str) -> tuple[float, float, float, float] | None:
    if not value:
        return None
    try:
        west, south, east, north = (float(part) for part in value.split(","))
    except ValueError:
        raise invalid(bbox=Text("范围应为四个经纬度数", "The box is four numbers of degrees")) from None
    if not (-360 <= west <= east <= 360 and -90 <= south <= north <= 90):
        raise invalid(bbox=Text("范围不正确", "The box is impossible"))
    return west, south, east, north


@require_safe
@for_staff
def units(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Boundaries as GeoJSON: town, villages and area grids; with `parent` the units directly below it."""
    parent = asking.uuid(request.GET, "parent")
    tree, chinese = territory.snapshot(), in_chinese()
    cache: dict[Any, str] = tree.remembered
    key = ("desk", parent, chinese)
    if key not in cache:
        parts = (
            [territory.geojson(parent=parent)] if parent else [territory.geojson(rank=rank) for rank in DRAWN]
        )
        found = [each for part in parts for each in json.loads(part)["features"]]
        for each in found:
            if not chinese:
                each["properties"]["name"] = each["properties"]["name_en"]
        cache[key] = json.dumps({"type": "FeatureCollection", "features": found}, ensure_ascii=False)
    return _geojson(cache[key])


@require_safe
@for_staff
def places(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Named places as GeoJSON points."""
    found = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [place.lng, place.lat]},
            "properties": {"name": str(Text(place.name, place.name_en or place.name)), "kind": place.kind},
        }
        for place in territory.snapshot().places
        if place.lng is not None and place.lat is not None
    ]
    return _geojson(json.dumps({"type": "FeatureCollection", "features": found}, ensure_ascii=False))


def _geojson(content: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/geo+json")
    answer.headers["Cache-Control"] = "private, max-age=60"
    answer.headers["Vary"] = "Cookie"
    return answer
