"""The arithmetic of the whistle: distances, codes and their windows, who speaks for which side."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.joint import queries, rules
from linli.joint.queries.whistles import _templates
from linli.joint.words import Side
from linli.kernel import rulebook
from linli.territory.words import Rank
from tests.world import AT

LNG, LAT = st.floats(-180, 180), st.floats(-90, 90)


@given(LNG, LAT, LNG, LAT)
def test_a_distance_is_the_same_both_ways_and_never_more_than_half_the_earth(
    lng: float, lat: float, other_lng: float, other_lat: float
) -> None:
    found = rules.metres(lng, lat, other_lng, other_lat)
    assert 0 <= found <= 20_015_200
    assert abs(found - rules.metres(other_lng, other_lat, lng, lat)) <= 1
    assert rules.metres(lng, lat, lng, lat) == 0


@pytest.mark.parametrize(("dlat", "metres"), [(0.001, 111), (0.01, 1112), (0.1, 11_120)])
def test_a_distance_along_a_meridian_is_what_it_is_on_the_ground(dlat: float, metres: int) -> None:
    assert rules.metres(121.0, 30.8, 121.0, 30.8 + dlat) == metres


@given(st.integers(0, 10**8), st.integers(1, 3600))
def test_a_code_is_shown_until_its_window_ends(seconds: int, length: int) -> None:
    at = AT + timedelta(seconds=seconds)
    left = rules.seconds_left(at, length)
    assert 1 <= left <= length
    assert rules.window(at + timedelta(seconds=left), length) == rules.window(at, length) + 1
    assert rules.window(at + timedelta(seconds=left - 1), length) == rules.window(at, length)


@given(st.binary(min_size=32, max_size=32), st.integers(4, 10))
def test_a_code_has_always_its_digits(mac: bytes, count: int) -> None:
    code = rules.digits(mac.hex(), count)
    assert len(code) == count
    assert code.isdigit()


def test_a_helper_speaks_for_the_helpers_even_if_they_called() -> None:
    assert rules.side_of(helps=True, calls=True) is Side.HELPER
    assert rules.side_of(helps=False, calls=True) is Side.CALLER
    assert rules.side_of(helps=False, calls=False) is None


def test_every_shipped_whistle_has_its_source_and_starts_at_a_village_or_above() -> None:
    rows = rulebook.table("whistles")["template"]
    assert {"advance", "tackle"} <= set(_templates())
    assert all(row["source"] and row["zh"] and row["en"] for row in rows)
    for one in _templates().values():
        assert Rank.VILLAGE in one.starts
        assert one.starts.isdisjoint({Rank.AREA, Rank.MICRO})
        assert {"sign", "handle"} <= set(one.limits)
    assert queries.template("tackle").approve
    assert str(queries.template("advance").limits["handle"]) == "3 work_day"
    assert str(queries.template("tackle").limits["handle"]) == "5 work_day"
    assert str(queries.template("advance").limits["contact"]) == "24 urgent_hour"
