"""The territory over JSON: where a point lies, the tree, the boundaries. Open to everybody: grids are public."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import StringConstraints

from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.schemas import REFUSED, TextOut, clean
from linli.territory import queries

router = Router(tags=["territory"])


class UnitOut(Schema):
    """A unit of the grid tree."""

    id: UUID
    code: str
    name: TextOut
    rank: str
    parent: UUID | None
    depth: int


class PlaceFound(Schema):
    """Where a point lies; `how` says whether inside a boundary or merely near one."""

    unit: UnitOut | None
    path: TextOut | None
    how: str
    metres: float


@router.get("/locate", response={200: PlaceFound, **REFUSED}, summary="The unit of a point")
def locate(
    request: HttpRequest,
    lng: Annotated[float, Field(ge=-180, le=180)],
    lat: Annotated[float, Field(ge=-90, le=90)],
) -> Any:
    """The deepest unit that holds this WGS-84 point, else the nearest within the town's tolerance."""
    return _found(queries.snapshot().locate(lng, lat))


@router.get("/locate/address", response={200: PlaceFound, **REFUSED}, summary="The unit of an address")
def locate_address(
    request: HttpRequest, text: Annotated[str, StringConstraints(min_length=1, max_length=200), clean]
) -> Any:
    """The unit that the names in an address point to: of places, units and their other names."""
    return _found(queries.snapshot().locate_address(text))


@router.get("/units", response={200: list[UnitOut], **REFUSED}, summary="The units below one")
def units(request: HttpRequest, parent: UUID | None = None) -> Any:
    """The open units directly below `parent`; the top ones without it."""
    tree = queries.snapshot()
    if parent is None:
        return [_unit(unit) for unit in tree.roots()]
    if tree.unit(parent) is None:
        raise Problem(NOT_FOUND)
    return [_unit(unit) for unit in tree.children(parent)]


@router.get("/units/{uuid:unit_id}", response={200: UnitOut, **REFUSED}, summary="One unit")
def unit(request: HttpRequest, unit_id: UUID) -> Any:
    """The unit, also when it is closed."""
    found = queries.snapshot().unit(unit_id)
    if found is None:
        raise Problem(NOT_FOUND)
    return _unit(found)


@router.get("/units.geojson", response={200: dict[str, Any], **REFUSED}, summary="Boundaries")
def boundaries(
    request: HttpRequest,
    parent: UUID | None = None,
    rank: Annotated[str, StringConstraints(max_length=16)] = "",
) -> HttpResponse:
    """Boundaries as GeoJSON (WGS-84) of the units directly below `parent`, or of a rank."""
    text = queries.geojson(parent=parent, rank=rank)
    response = HttpResponse(text, content_type="application/json")
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


def _found(found: queries.Located) -> dict[str, Any]:
    path = queries.snapshot().path_text(found.unit.id) if found.unit else None
    return {
        "unit": _unit(found.unit) if found.unit else None,
        "path": TextOut.of(path) if path else None,
        "how": str(found.how),
        "metres": found.metres,
    }


def _unit(unit: queries.UnitRow) -> dict[str, Any]:
    return {
        "id": unit.id,
        "code": unit.code,
        "name": TextOut.of(unit.title),
        "rank": unit.rank,
        "parent": unit.parent_id,
        "depth": unit.depth,
    }
