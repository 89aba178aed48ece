"""A chief, a contract and a squad, for tests that look at every page."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from linli.responsibility import actions, queries
from linli.responsibility.actions import Signed
from linli.territory import queries as territory
from tests.world import Town, actor

WORDS = ("第一中队", "禾泾律师事务所", "宋律师", "每月驻点半天,审查合同", "021-10000000")


def to_look_at(town: Town, at: datetime) -> dict[str, UUID]:
    """Ids of a river with a chief, a village's contract that expires soon, and a squad of Heyuan's grids."""
    guan, today = actor(town, "guan", at), queries.today(at)
    zhou, chen = (actor(town, who, at).posts[0].id for who in ("zhou", "chen"))
    river = next(place.id for place in territory.snapshot().places if place.kind == "river")
    actions.name_chief(place_id=river, post_id=zhou, since=today, by=guan, at=at)
    given = Signed(
        WORDS[1], WORDS[2], WORDS[3], [town.unit("001")], today, today + timedelta(days=20), contact=WORDS[4]
    )
    contract = actions.sign_contract(given, by=guan, at=at)
    units = [town.unit("001-1"), town.unit("001-2")]
    squad = actions.set_squad(name=WORDS[0], units=units, leader=zhou, deputies=[chen], by=guan, at=at)
    return {"place_id": river, "contract_id": contract.id, "squad_id": squad.id}
