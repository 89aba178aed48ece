"""Who answers for places, who advises villages and which grids work as one in 禾泾镇, before its history begins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from linli.kernel import clock
from linli.kernel.access import SYSTEM, Actor
from linli.people import queries as people
from linli.people.words import Role
from linli.responsibility import actions, queries
from linli.responsibility.actions import Signed
from linli.territory import actions as land
from linli.territory import queries as territory
from linli.territory.actions import NewPlace

from .names import GROUNDS, TOWN_CODE, VILLAGES
from .play import Play
from .world import Town

# Place, role, end of the unit's code. What is not here has no chief, so that the page has it to show.
CHIEFS = (
    ("禾泾港", Role.DUTY_CHIEF, ""), ("白鹭塘", Role.GRID_LEAD, "201"), ("双桥港", Role.GRID_LEAD, "212"),
    ("禾泾大道", Role.DUTY_CHIEF, ""), ("人民路", Role.GRID_LEAD, "001"), ("东泾公路", Role.GRID_LEAD, "201"),
    ("禾泾公园", Role.GRID_LEAD, "001"), ("东泾水杉林", Role.GRID_WORKER, "201-1"),
    ("东泾高标准农田", Role.GRID_LEAD, "201"), ("金禾稻田", Role.GRID_LEAD, "211"),
    ("禾泾客运站", Role.GRID_LEAD, "002"), ("新城地铁站", Role.GRID_LEAD, "004"),
)  # fmt: skip
SQUADS = (("001", "禾苑网格治理中队", 5), ("201", "东泾网格治理中队", 4))
CLAIMS = {"001": "chen", "201": "grid-201-1"}
"""Who of a squad claims, by the village."""
EXPIRES = timedelta(days=20)


def set_up(town: Town, at: datetime, end: datetime) -> None:
    """The administrator enters woods and fields, names chiefs, keeps two contracts of which one ends soon after
    `end`, and forms two squads; one village has no adviser."""
    by = people.actor_for(town.accounts["guan"], at)
    land.add_places(_grounds(town), by=SYSTEM, at=at)
    _chiefs(town, by, at)
    _contracts(town, by, at, end)
    for village, name, most in SQUADS:
        _squad(town, village, name, most, by, at)


def _grounds(town: Town) -> list[NewPlace]:
    here = [spot for spot in GROUNDS if TOWN_CODE[:9] + spot.village in town.units]
    found = []
    for spot in here:
        unit = f"{spot.village}-2-1"
        lng, lat = town.point_in(unit)
        found.append(
            NewPlace(
                spot.name, spot.kind, town.unit(unit), round(lng, 6), round(lat, 6), name_en=spot.name_en
            )
        )
    return found


def _post(town: Town, role: Role, unit: str) -> UUID | None:
    return next(iter(town.posts.get((role, TOWN_CODE[:9] + (unit or "000")), [])), None)


def _place(name: str) -> UUID | None:
    return next((place.id for place in territory.snapshot().places if place.name == name), None)


def _chiefs(town: Town, by: Actor, at: datetime) -> None:
    for name, role, unit in CHIEFS:
        place, post = _place(name), _post(town, role, unit)
        if place and post:
            actions.name_chief(place_id=place, post_id=post, since=clock.local(at).date(), by=by, at=at)


def _contracts(town: Town, by: Actor, at: datetime, end: datetime) -> None:
    """Two firms: the communities' contract runs on, the villages' ends soon, and the last village has none."""
    codes = [v.code for v in VILLAGES if TOWN_CODE[:9] + v.code in town.units]
    first, last = clock.local(at).date(), clock.local(end).date()
    long_, soon = [c for c in codes if c < "100"], [c for c in codes if c > "100"][:-1]
    for firm, lawyer, coverage, covered, starts, ends in (
        ("禾正律师事务所", "陶然", "每月驻点半天,审查合同和居民公约,参与纠纷调解", long_,
         first, last + timedelta(days=300)),
        ("泾明律师事务所", "沈知白", "每月进村一次,审查村级合同,宅基地和土地流转咨询", soon,
         first - timedelta(days=365), last + EXPIRES),
    ):  # fmt: skip
        if covered:
            units = [town.unit(code) for code in covered]
            given = Signed(firm, lawyer, coverage, units, starts, ends, contact="镇司法所转")
            actions.sign_contract(given, by=by, at=at)


def _squad(town: Town, village: str, name: str, most: int, by: Actor, at: datetime) -> None:
    areas = [f"{village}-{number}" for number in range(1, most + 1)]
    areas = [area for area in areas if TOWN_CODE[:9] + area in town.units]
    leader = _post(town, Role.GRID_LEAD, village)
    deputies = [post for area in areas[:1] if (post := _post(town, Role.GRID_WORKER, area))]
    if leader and len(areas) > 1:
        actions.set_squad(
            name=name,
            units=[town.unit(area) for area in areas],
            leader=leader,
            deputies=deputies,
            by=by,
            at=at,
        )


# Plots


def _claim(play: Play) -> None:
    who = CLAIMS[play.matter.arrival.micro[:3]]
    by = play.actor(who)
    squad = next(each for each in queries.squads_of(by, play.at))
    actions.claim(squad_id=squad.id, case_id=play.id, by=by, at=play.at)
    play.matter.handler = who


def squad_claims(play: Play) -> Iterator[datetime]:
    """A neighbour of the squad takes what lay with another post, and sees it through."""
    yield play.at + timedelta(minutes=25)
    _claim(play)
    play.go_on("work")


def squad_claimed(play: Play) -> Iterator[datetime]:
    """Claimed a short while ago, and in hand now."""
    yield play.at + timedelta(minutes=20)
    _claim(play)


def chief_changes(play: Play) -> Iterator[datetime]:
    """The river's chief moved on, and another took over the next day."""
    yield play.at + timedelta(hours=1)
    town, by, place = play.history.town, play.actor("guan"), _place("北横河")
    old, new = _post(town, Role.GRID_LEAD, "001"), _post(town, Role.GRID_LEAD, "201")
    if place is None or old is None or new is None:
        return
    day = clock.local(play.at).date()
    made = actions.name_chief(place_id=place, post_id=old, since=day, by=by, at=play.at)
    yield play.at + timedelta(days=12)
    day = clock.local(play.at).date()
    by = play.actor("guan")
    actions.end_chief(chief_id=made.id, until=day, reason="河段调整,由沿岸村接任", by=by, at=play.at)
    actions.name_chief(place_id=place, post_id=new, since=day, by=by, at=play.at)


STANDING = (squad_claims, squad_claimed, chief_changes)
