"""Every write of the territory."""

from linli.territory.actions.importing import apply_plan, describe, finding_text, plan_import, plan_rows
from linli.territory.actions.places import NewPlace, add_alias, add_place, add_places
from linli.territory.actions.units import close_unit, open_unit, rename_unit, set_boundary
from linli.territory.rules.plan import Finding, Plan, Row

__all__ = [
    "Finding",
    "NewPlace",
    "Plan",
    "Row",
    "add_alias",
    "add_place",
    "add_places",
    "apply_plan",
    "close_unit",
    "describe",
    "finding_text",
    "open_unit",
    "plan_import",
    "plan_rows",
    "rename_unit",
    "set_boundary",
]
