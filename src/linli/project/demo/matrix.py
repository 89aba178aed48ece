"""What 禾泾镇 lays down of who answers for what: a few rows of the matrix, with a double lead for the page to find."""

from __future__ import annotations

from datetime import datetime

from linli.kernel.access import SYSTEM
from linli.people import actions as people
from linli.people.words import Part, Taker
from linli.territory import queries as territory

from .world import Town

RIVERS = "禾泾镇河长制公示牌(演示)"
ROADS = "禾泾镇路长制名单(演示)"
TOWN = "禾泾镇综治例会纪要(演示)"

# Kind or class, part, department or role, source.
OF_THE_TOWN = (
    ("", Part.SUPERVISE, "auditor", TOWN),
    ("E06", Part.SUPERVISE, "checker", TOWN),
    ("E08", Part.REGULATE, "PA", TOWN),
    ("L90008", Part.HELP, "GA", TOWN),
)
OF_PLACES = {
    "river": (("E06025", "LH", RIVERS), ("E06036", "LH", RIVERS)),
    "road": (("E06036", "CG", ROADS),),
}


def lay_down(town: Town, at: datetime) -> None:
    """Who supervises, regulates and helps in the town, and who leads along its rivers and roads."""
    for kind, part, who, source in OF_THE_TOWN:
        office = town.departments.get(who)
        taker = Taker("", office) if office else Taker(who, None)
        people.set_cell(
            kind_prefix=kind, unit_id=town.root, part=part, takers=[taker], source=source, by=SYSTEM, at=at
        )
    for place in territory.snapshot().places:
        for kind, office_code, source in OF_PLACES.get(place.kind, ()):
            people.set_cell(
                kind_prefix=kind, unit_id=place.unit_id, place_id=place.id, part=Part.LEAD, source=source,
                takers=[Taker("", town.departments[office_code])], by=SYSTEM, at=at,
            )  # fmt: skip
