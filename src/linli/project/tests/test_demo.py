"""The demo town: what it is made of, who can be signed in as, and that it exists only where it should."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from linli.people import queries as people
from linli.people.words import Role
from linli.project.demo import land, names, world
from linli.project.demo.people import BEHIND, NAMED
from linli.project.demo.world import Town
from linli.territory import actions as territory
from linli.territory import queries as geography
from linli.territory.words import How
from tests.world import AT, actor


@pytest.fixture
def demo(settings: Any) -> None:
    settings.DEMO = True
    settings.ROOT_URLCONF = "linli.project.tests.demo_urls"


def test_the_land_has_the_units_that_it_should_and_neither_gap_nor_overlap(db: None) -> None:
    drawn = land.draw(names.VILLAGES, names.MICRO_GRIDS, world.SEED)
    plan = territory.plan_rows(list(world.rows(drawn)), source="demo")
    ranks = [row.rank for row in plan.new]
    assert {rank: ranks.count(rank) for rank in ranks} == {"town": 1, "village": 16, "area": 60, "micro": 165}
    assert plan.findings == []
    micros = [row for row in plan.new if row.rank == "micro"]
    assert all(20 <= (row.households or 0) <= 50 for row in micros)


def test_the_same_seed_draws_the_same_land() -> None:
    one, other = (land.draw(names.SMALL_VILLAGES, 8, 5) for _ in range(2))
    assert one.shape.equals_exact(other.shape)
    assert not one.shape.equals_exact(land.draw(names.SMALL_VILLAGES, 8, 6).shape)


def test_a_point_in_a_micro_grid_is_located_there(town: Town) -> None:
    found = geography.snapshot().locate(*town.point_in("201-1-2"))
    assert (found.unit_id, found.how) == (town.unit("201-1-2"), How.INSIDE)


def test_everybody_named_is_in_the_small_town_too(town: Town) -> None:
    for person in (*NAMED, *BEHIND):
        who = actor(town, person.username)
        assert who.posts or who.resident_id == town.resident


def test_a_vacant_grid_is_looked_after_one_level_up(town: Town) -> None:
    who = people.responsible_for(town.unit("201-2-1"), "grid_worker", AT)
    assert who.holder_ids == (town.accounts["lead-201"],)
    assert people.responsible_for(town.unit("001-2-1"), "grid_worker", AT).holder_ids == (
        town.accounts["chen"],
    )


def test_every_department_of_the_catalogue_is_staffed(town: Town) -> None:
    assert set(town.handlers) == {"CG", "HW", "SZ", "LH", "GA", "PA"}
    assert (Role.HANDLER, names.TOWN_CODE) in town.working


def test_the_page_shows_nine_people_in_both_languages(town: Town, demo: None, client: Client) -> None:
    chinese = client.get("/demo/").content.decode()
    assert chinese.count("data-person=") == len(NAMED) == 9
    assert "陈小禾" in chinese
    client.cookies["django_language"] = "en"
    assert "Receiving clerk" in client.get("/demo/").content.decode()


@pytest.mark.parametrize("username", [person.username for person in NAMED])
def test_one_click_signs_in(town: Town, demo: None, client: Client, username: str) -> None:
    answer = client.post("/demo/sign-in/", {"username": username})
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(town.accounts[username])


def test_signing_in_needs_the_forms_token(town: Town, demo: None) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/demo/sign-in/", {"username": "lin"}).status_code == 403


def test_nobody_else_can_be_signed_in_as(town: Town, demo: None, client: Client) -> None:
    assert client.post("/demo/sign-in/", {"username": "lead-201"}).status_code == 404
    assert client.get("/demo/sign-in/").status_code == 405


@pytest.mark.parametrize("address", ["192.0.2.4", "10.1.1.1", "", "nonsense"])
def test_the_page_is_for_this_machine_alone(town: Town, demo: None, client: Client, address: str) -> None:
    assert client.get("/demo/", REMOTE_ADDR=address).status_code == 404
    assert client.post("/demo/sign-in/", {"username": "lin"}, REMOTE_ADDR=address).status_code == 404


def test_without_the_demo_there_is_no_such_page(town: Town, client: Client, settings: Any) -> None:
    assert client.get("/demo/").status_code == 404
    settings.ROOT_URLCONF = "linli.project.tests.demo_urls"
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/sign-in/", {"username": "lin"}).status_code == 404
