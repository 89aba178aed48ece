"""Every read of this room: `scope` (whose matrix one may see), `grid` (the matrix as a page), `findings` (gaps, doubles),
`proposals` (drafts and what they change), `whatif` (which cases they would move)."""

from linli.responsibility.queries.findings import Standing, findings, kind_name, on_map, standing
from linli.responsibility.queries.grid import Cell, Grid, GridRow, Named, cell, grid, takers
from linli.responsibility.queries.proposals import (
    Plan,
    duty_lines,
    lines_with,
    matrix_lines,
    plan_of,
    proposal_for,
    proposals_of,
    read_duties,
)
from linli.responsibility.queries.scope import default_unit, managed_units, may_edit, may_read, own_tops
from linli.responsibility.queries.sheets import Sheets, sheets, years
from linli.responsibility.queries.whatif import Moved, Shift, what_if, window

__all__ = [
    "Cell",
    "Grid",
    "GridRow",
    "Moved",
    "Named",
    "Plan",
    "Sheets",
    "Shift",
    "Standing",
    "cell",
    "default_unit",
    "duty_lines",
    "findings",
    "grid",
    "kind_name",
    "lines_with",
    "managed_units",
    "matrix_lines",
    "may_edit",
    "may_read",
    "on_map",
    "own_tops",
    "plan_of",
    "proposal_for",
    "proposals_of",
    "read_duties",
    "sheets",
    "standing",
    "takers",
    "what_if",
    "window",
    "years",
]
