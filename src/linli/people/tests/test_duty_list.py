"""The town's duty list: what is the town's own, what it helps with, what was taken back; its editions."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import editions, rulebook
from linli.kernel.access import SYSTEM
from linli.kernel.errors import Problem
from linli.people import actions, queries
from linli.people.rules import duty_list
from linli.people.tests.town import AT, Town, staffed
from linli.people.words import Standing


def row(code: str, standing: str = "basic", lead: str = "", **given: str) -> dict[str, str]:
    return {
        "code": code, "standing": standing, "lead_zh": lead, "lead_en": "", "source_zh": "清单第1项",
        "source_en": "item 1", **given,
    }  # fmt: skip


def test_the_longest_prefix_decides_and_what_is_not_listed_is_the_towns_own(town: Town) -> None:
    actions.publish_duties(
        rows=[row("E06"), row("E0603", "withdrawn", "区卫健委"), row("E08", "cooperative", "区住建局")],
        source="test", by=SYSTEM, at=AT,
    )  # fmt: skip
    taken = queries.duty("E06033", AT)
    assert (taken.standing, taken.lead.zh, taken.lead.en) == (Standing.WITHDRAWN, "区卫健委", "区卫健委")
    assert taken.source.en == "item 1"
    assert queries.duty("E06010", AT).standing is Standing.BASIC
    assert queries.duty("E08004", AT).standing is Standing.COOPERATIVE
    unlisted = queries.duty("L90001", AT)
    assert (unlisted.standing, unlisted.prefix) == (Standing.BASIC, "")
    assert "未列" in unlisted.source.zh


def test_the_list_of_the_files_holds_until_the_town_publishes_and_each_edition_keeps_its_time(
    town: Town,
) -> None:
    assert queries.duty("E06033", AT).standing is Standing.WITHDRAWN
    before = AT - timedelta(days=1)
    editions.sync_files(before)
    queries_of_files = queries.duty_rows(AT)
    made = actions.publish_duties(rows=[row("E06033")], source="镇办发 5 号", by=SYSTEM, at=AT)
    assert made is not None
    assert queries.duty("E06033", AT).standing is Standing.BASIC
    assert queries.duty("E06033", before).standing is Standing.WITHDRAWN
    assert queries.duty_edition(AT) == made.version
    assert actions.publish_duties(rows=[row("E06033")], source="x", by=SYSTEM, at=AT) is None
    again = actions.publish_duties(rows=queries_of_files, source="x", by=SYSTEM, at=AT + timedelta(hours=1))
    assert again is not None
    assert queries.duty("E06033", AT + timedelta(hours=1)).standing is Standing.WITHDRAWN


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (row(""), "code"),
        (row("E" * 25), "code"),
        (row("E06", "ours"), "standing"),
        (row("E06", "cooperative"), "lead_zh"),
        (row("E06", "withdrawn"), "lead_zh"),
        (row("E06", source_zh=""), "source_zh"),
        (row("E06", lead="区\n局"), "lead_zh"),
        (row("E06", lead="局" * 61), "lead_zh"),
    ],
)
def test_a_row_that_cannot_be_is_found_with_its_line_and_refused(
    town: Town, wrong: dict[str, str], field: str
) -> None:
    found = queries.duty_findings([row("E09"), wrong])
    assert [(each.line, each.field) for each in found] == [(3, field)]
    with pytest.raises(Problem):
        actions.publish_duties(rows=[wrong], source="test", by=SYSTEM, at=AT)
    assert editions.newest("duties") is None


def test_a_kind_listed_twice_or_unknown_to_the_catalogue_is_found() -> None:
    found = queries.duty_findings([row("E06"), row("E06"), row("Z")], [5, 9, 12], frozenset({"E06010"}))
    assert [(each.line, each.field) for each in found] == [(9, "code"), (12, "code")]


def test_only_who_administers_the_whole_town_publishes_a_list(town: Town) -> None:
    east = staffed("administrator", town.east, "east-admin")
    with pytest.raises(Problem) as refused:
        actions.publish_duties(rows=[row("E06")], source="x", by=queries.actor_for(east.holder_id, AT), at=AT)
    assert refused.value.error.status == 403


def test_the_list_that_linli_ships_is_sound_and_names_a_department_in_both_languages() -> None:
    rows = rulebook.table("duties")["duties"]
    assert queries.duty_findings(rows) == []
    assert all(each["lead_en"] for each in rows if each["standing"] != "basic")
    assert {each["standing"] for each in rows} == set(Standing)


def test_asking_takes_microseconds(town: Town) -> None:
    queries.duty("E06010", AT)
    started = time.process_time()
    for _ in range(2000):
        queries.duty("E06010", AT)
    assert (time.process_time() - started) / 2000 < 100e-6  # ten times the aim, for a busy machine


@given(
    st.dictionaries(st.text("E0L9", max_size=4), st.sampled_from(list(Standing))), st.text("E0L9", max_size=6)
)
def test_no_shorter_prefix_ever_speaks_over_a_longer_one(listed: dict[str, Standing], kind: str) -> None:
    found = duty_list.read([row(code, standing, "局") for code, standing in listed.items()]).of(kind)
    fits = [code for code in listed if kind.startswith(code)]
    assert found.standing == (listed[max(fits, key=len)] if fits else Standing.BASIC)
