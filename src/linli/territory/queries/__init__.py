"""Every read of the territory."""

from linli.territory.queries.snapshot import (
    NOT_LOCATED,
    Located,
    PlaceRow,
    Snapshot,
    UnitRow,
    forget,
    snapshot,
)

__all__ = ["NOT_LOCATED", "Located", "PlaceRow", "Snapshot", "UnitRow", "forget", "snapshot"]
