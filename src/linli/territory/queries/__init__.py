"""Every read of the territory."""

from linli.territory.queries.pages import (
    Span,
    UnitLine,
    boundary_on,
    boundary_spans,
    extent,
    geojson,
    place_shapes,
    rank_name,
    units_table,
)
from linli.territory.queries.tree import (
    NOT_LOCATED,
    Located,
    PlaceRow,
    Snapshot,
    UnitRow,
    forget,
    snapshot,
)

__all__ = [
    "NOT_LOCATED",
    "Located",
    "PlaceRow",
    "Snapshot",
    "Span",
    "UnitLine",
    "UnitRow",
    "boundary_on",
    "boundary_spans",
    "extent",
    "forget",
    "geojson",
    "place_shapes",
    "rank_name",
    "snapshot",
    "units_table",
]
