"""The territory over JSON."""

from __future__ import annotations

from uuid import uuid4

import pytest

from linli.territory.tests.making import SIDE, SOUTH, WEST, town

pytestmark = pytest.mark.django_db
API = "/api/v1"


def test_anybody_may_ask_where_a_point_lies(client):
    town()
    found = client.get(f"{API}/locate", {"lng": WEST + 0.5 * SIDE, "lat": SOUTH + SIDE}).json()
    assert (found["unit"]["code"], found["how"]) == ("310199101001-A01", "inside")
    assert found["path"]["zh"] == "禾泾镇 / 西村村委会 / 西村第1网格"
    assert client.get(f"{API}/locate", {"lng": 0.5, "lat": 0.5}).json()["unit"] is None


@pytest.mark.parametrize(
    "point", [{"lng": 1}, {"lng": "x", "lat": 1}, {"lng": 999, "lat": 1}, {"lng": "nan", "lat": 1}]
)
def test_an_impossible_point_is_refused(client, point):
    assert client.get(f"{API}/locate", point).status_code == 422


def test_an_address_finds_its_unit(client):
    town()
    found = client.get(f"{API}/locate/address", {"text": "禾泾镇东村12号"}).json()
    assert (found["unit"]["code"], found["how"]) == ("310199101002", "address")
    assert client.get(f"{API}/locate/address", {"text": ""}).status_code == 422


def test_the_tree_and_its_boundaries_are_public(client):
    tree = town()
    (root,) = client.get(f"{API}/units").json()
    assert root["name"] == {"zh": "禾泾镇", "en": "Hejing Town"}
    assert len(client.get(f"{API}/units", {"parent": root["id"]}).json()) == 2
    assert client.get(f"{API}/units", {"parent": uuid4()}).status_code == 404
    assert client.get(f"{API}/units/{root['id']}").json()["code"] == "310199101000"
    assert client.get(f"{API}/units/{uuid4()}").status_code == 404
    drawn = client.get(f"{API}/units.geojson", {"parent": str(tree.roots()[0].id)}).json()
    assert len(drawn["features"]) == 2
    for odd in ({"rank": "nothing"}, {"parent": uuid4()}):
        assert client.get(f"{API}/units.geojson", odd).json()["features"] == []
