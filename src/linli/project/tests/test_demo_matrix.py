"""The demo's rows of the matrix: sound, cited, and with something to find."""

from __future__ import annotations

from linli.people import queries as people
from linli.people.words import Standing
from linli.project.demo.matrix import lay_down
from linli.project.demo.texts import THEMES
from linli.responsibility import queries
from linli.responsibility.words import Flaw
from tests.world import AT, Town, actor


def test_the_demo_lays_down_rules_with_their_sources_and_a_double_lead_to_find(town: Town) -> None:
    lay_down(town, AT)
    rows = people.matrix_rows()
    assert all(row.source for row in rows)
    flaws = {each.flaw for each in queries.findings(actor(town, "guan"), AT)}
    assert Flaw.DOUBLE in flaws
    assert not flaws & {Flaw.GAP, Flaw.LOST, Flaw.NO_ABOVE}


def test_nothing_that_the_demo_town_dispatches_was_withdrawn_from_towns(db: None) -> None:
    kinds = {kind for theme in THEMES for kind in dict(theme.kinds)}
    assert [kind for kind in kinds if people.duty(kind, AT).standing is Standing.WITHDRAWN] == []
