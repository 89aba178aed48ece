"""A case is found by the number that its source gave it, also one that was imported."""

from __future__ import annotations

import base64
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from linli.cases import queries
from linli.cases.models import Case
from linli.cases.queries import Filter
from linli.cases.queries.numbers import systems
from linli.cases.tests import loop
from linli.cases.words import Source, tracking_code
from linli.kernel.fields import blind_index
from tests.world import AT, Town, actor


@pytest.fixture
def cases(town: Town) -> dict[str, Case]:
    """One from the hotline, and one from each of two other systems."""
    by = actor(town, "shen")
    found = {
        "hotline": loop.opened(town, by=by, source=Source.HOTLINE, source_number="12345-77"),
        "old": loop.opened(town, by=by, source=Source.POLICE, source_number="1"),
        "older": loop.opened(town, by=by, source=Source.POLICE, source_number="2"),
    }
    for system, number in (("old", "77"), ("older", "20240305000077")):
        Case.objects.filter(pk=found[system].pk).update(source="imported", source_number=f"{system}/{number}")
    return found


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("12345-77", {"hotline"}), ("77", {"old"}), ("old/77", {"old"}), ("20240305000077", {"older"}),
        ("nothing", set()), ("/77", set()),
    ],
)  # fmt: skip
def test_search_finds_it_by_that_number(
    town: Town, cases: dict[str, Case], words: str, wanted: set[str]
) -> None:
    by = actor(town, "shen")
    found = queries.narrowed(queries.visible_to(by), Filter(words=words), by, AT)
    assert {case.pk for case in found} == {cases[name].pk for name in wanted}


def test_the_systems_are_told_by_one_look_each(cases: dict[str, Case]) -> None:
    with CaptureQueriesContext(connection) as seen:
        assert systems() == ["old", "older"]
    assert len(seen) == 3


@given(case_id=st.uuids())
def test_a_tracking_code_is_the_beginning_of_the_cases_index_in_base32(case_id: UUID) -> None:
    """As it always was: codes that were told stay good."""
    index = bytes.fromhex(blind_index("tracking", case_id.hex))
    assert tracking_code(case_id) == base64.b32encode(index)[:10].decode()
