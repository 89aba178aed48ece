"""The random re-inspection: committed first, drawn by anybody the same way, inspected by others, reopened if need be."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.words import State
from linli.followup import actions, queries
from linli.followup.models import Draw, Inspection, InspectionPicture
from linli.followup.tests.following import closed
from linli.followup.words import (
    DRAWN_BEFORE,
    INSPECTED_ALREADY,
    NOBODY_TO_DRAW,
    NOT_ELIGIBLE,
    NOT_YOURS,
    TOO_EARLY,
    Found,
)
from linli.kernel import files, journal
from linli.kernel.errors import CONFLICT, INVALID, NOT_ALLOWED, NOT_FOUND, RETRY_DIFFERS, Problem
from tests.world import AT, Town, actor

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
NOW = AT + DAY
REDRAW = Path(__file__).resolve().parents[4] / "scripts" / "redraw.py"


def committed(town: Town, at: datetime = NOW, **changes: Any) -> Draw:
    given = {
        "id": uuid4(), "unit": town.root, "since": AT - 5 * DAY, "until": AT + HOUR, "size": 3,
        "by": actor(town, "jian", at), "at": at,
    }  # fmt: skip
    return actions.commit_draw(**(given | changes))


def drawn(town: Town, at: datetime = NOW, **changes: Any) -> Draw:
    return actions.draw(committed(town, at, **changes).id, by=actor(town, "qian", at), at=at)


def refused(call: Any, error: object) -> None:
    with pytest.raises(Problem) as found:
        call()
    assert found.value.error is error


def by_of(town: Town, one: Inspection) -> Any:
    name = next(name for name, account in town.accounts.items() if account == one.checker_id)
    return actor(town, name, NOW)


def test_the_seed_is_fixed_before_anybody_can_know_it_and_shown_afterwards(town: Town) -> None:
    cases = [closed(town) for _ in range(5)]
    one = committed(town)
    facts = journal.history(one.id)
    assert facts[0].fact.commitment == one.commitment
    assert facts[0].fact.population_sha256 == one.population_sha256
    assert one.seed == ""
    assert one.commitment.encode() not in bytes(one.seed_cipher)
    shown = queries.published(one)
    assert (shown["seed"], shown["sample"]) == ("", [])
    after = actions.draw(one.id, by=actor(town, "qian", NOW), at=NOW)
    assert hashlib.sha256(bytes.fromhex(after.seed)).hexdigest() == one.commitment
    ids = "\n".join(sorted(str(case.id) for case in cases))
    assert hashlib.sha256(ids.encode()).hexdigest() == one.population_sha256
    assert len(journal.history(one.id)[1].fact.sample) == 3


def test_anybody_redraws_what_the_town_published(town: Town, tmp_path: Path) -> None:
    for _ in range(6):
        closed(town)
    one = drawn(town, size=4)
    file = tmp_path / "draw.json"
    file.write_text(json.dumps(queries.published(queries.whole_draw(one.id))))
    done = subprocess.run(
        [sys.executable, "-I", str(REDRAW), str(file)], capture_output=True, text=True, check=True
    )
    sample = Inspection.objects.filter(draw=one).order_by("position").values_list("case_id", flat=True)
    assert done.stdout.split() == [str(case_id) for case_id in sample]


def test_the_population_is_frozen_when_it_is_committed(town: Town) -> None:
    inside = {closed(town).id for _ in range(3)}
    closed(town, AT + 3 * HOUR)  # closed after the period
    loop.in_state(State.HANDLING, town, AT)
    loop.in_state(State.DECLINED, town, AT)
    one = committed(town, size=50)
    assert (one.population, one.size) == (3, 3)
    loop.make("reopen", next(iter(inside)), actor(town, "qian", NOW), NOW)
    assert {UUID(each) for each in queries.members(queries.whole_draw(one.id))} == inside
    after = actions.draw(one.id, by=actor(town, "qian", NOW), at=NOW)
    assert Inspection.objects.filter(draw=after).count() == 3


def test_whoever_committed_waits_and_another_need_not(town: Town) -> None:
    closed(town)
    one = committed(town)
    jian = actor(town, "jian", NOW)
    refused(lambda: actions.draw(one.id, by=jian, at=NOW + 29 * MINUTE), TOO_EARLY)
    first = actions.draw(one.id, by=jian, at=NOW + 30 * MINUTE)
    again = actions.draw(one.id, by=actor(town, "qian", NOW), at=NOW + HOUR)
    assert (first.seed, first.drawn_at) == (again.seed, again.drawn_at)
    assert len(journal.history(one.id)) == 2


def test_a_period_of_a_unit_is_drawn_from_once(town: Town) -> None:
    closed(town)
    write = uuid4()
    one = committed(town, id=write)
    assert committed(town, id=write).seed_cipher == one.seed_cipher
    refused(lambda: committed(town, id=write, size=1), RETRY_DIFFERS)
    refused(lambda: committed(town), DRAWN_BEFORE)
    assert committed(town, unit=town.unit("001")).population == 1
    assert Draw.objects.count() == 2


@loop.each(
    ("changes", "field"),
    [
        ({"size": 0}, "size"),
        ({"size": -3}, "size"),
        ({"size": 501}, "size"),
        ({"until": AT - 6 * DAY}, "until"),
        ({"until": AT - 5 * DAY}, "until"),
        ({"until": NOW + MINUTE}, "until"),
        ({"unit": UUID(loop.UNKNOWN)}, "unit"),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_its_field(
    changes: dict[str, Any], field: str, town: Town
) -> None:
    closed(town)
    with pytest.raises(Problem) as found:
        committed(town, **changes)
    assert found.value.error is INVALID
    assert set(found.value.fields) == {field}


def test_where_nothing_was_closed_nothing_is_drawn(town: Town) -> None:
    refused(lambda: committed(town), NOBODY_TO_DRAW)
    refused(lambda: actions.draw(uuid4(), by=actor(town, "qian"), at=NOW), NOT_FOUND)


@loop.each("who", ["shen", "ma", "gu", "chen", "yao", "guan", "lin"])
def test_only_duty_chief_and_auditor_draw(who: str, town: Town) -> None:
    closed(town)
    refused(lambda: committed(town, by=actor(town, who)), NOT_ALLOWED)
    one = Draw.objects.first() or committed(town)
    refused(lambda: actions.draw(one.id, by=actor(town, who), at=NOW), NOT_ALLOWED)


def test_nobody_inspects_what_they_handled_or_checked(town: Town) -> None:
    for _ in range(6):
        closed(town)  # checked by gu, handled by ma
    one = drawn(town, size=6)
    found = list(Inspection.objects.filter(draw=one))
    assert {town.accounts["gu"], town.accounts["ma"]}.isdisjoint({each.checker_id for each in found})
    assert all(each.checker_id for each in found)
    loads = Counter(each.checker_id for each in found)
    assert max(loads.values()) - min(loads.values()) <= 1
    refused(lambda: actions.take_inspection(found[0].id, by=actor(town, "gu", NOW), at=NOW), NOT_ELIGIBLE)
    refused(lambda: actions.take_inspection(found[0].id, by=actor(town, "ma", NOW), at=NOW), NOT_ALLOWED)
    refused(
        lambda: actions.take_inspection(found[0].id, by=actor(town, "grid-201-1", NOW), at=NOW), NOT_FOUND
    )


def test_an_inspection_is_written_by_whose_it_is_once(town: Town) -> None:
    closed(town)
    one = Inspection.objects.get(draw=drawn(town, size=1))
    mine = by_of(town, one)
    others = actor(town, "checker-2" if mine.account_id != town.accounts["checker-2"] else "zhou", NOW)
    look = {"found": Found.SOLVED, "words": "现场干净", "at": NOW}
    refused(lambda: actions.inspect(one.id, by=others, **look), NOT_YOURS)
    refused(lambda: actions.inspect(one.id, by=mine, **{**look, "words": " "}), INVALID)
    refused(lambda: actions.inspect(one.id, by=mine, **{**look, "words": "长" * 1001}), INVALID)
    actions.take_inspection(one.id, by=others, at=NOW)
    refused(lambda: actions.inspect(one.id, by=mine, **look), NOT_YOURS)
    photo = loop.picture(others, NOW)
    for _ in range(2):
        done = actions.inspect(one.id, by=others, photos=[photo], **look)
    assert (done.found, InspectionPicture.objects.count()) == ("solved", 1)
    refused(lambda: actions.inspect(one.id, by=others, **look), INSPECTED_ALREADY)
    refused(lambda: actions.take_inspection(one.id, by=mine, at=NOW), INSPECTED_ALREADY)
    assert journal.history(one.case_id)[-1].fact.sentence().zh == "复查:确已解决(现场干净)"


def test_a_picture_that_is_not_ones_own_shows_nothing(town: Town) -> None:
    closed(town)
    one = Inspection.objects.get(draw=drawn(town, size=1))
    look = {"found": Found.SOLVED, "words": "现场干净", "at": NOW, "by": by_of(town, one)}
    refused(
        lambda: actions.inspect(one.id, photos=[loop.picture(actor(town, "ma"), NOW)], **look), files.GONE
    )
    refused(lambda: actions.inspect(one.id, photos=[UUID(loop.UNKNOWN)], **look), files.GONE)
    assert Inspection.objects.get(pk=one.id).found == ""


def test_what_is_not_solved_is_counted_with_its_interval_and_reopened_in_one_click(town: Town) -> None:
    for _ in range(4):
        closed(town)
    one = drawn(town, size=4)
    looked = list(Inspection.objects.filter(draw=one).order_by("position"))
    for each, found in zip(
        looked, [Found.NOT_SOLVED, Found.SOLVED, Found.SOLVED, Found.UNCLEAR], strict=True
    ):
        actions.inspect(each.id, found=found, words="看过了", by=by_of(town, each), at=NOW)
    result = queries.draw_row(one).result
    assert (result.done, result.share) == (4, pytest.approx(1 / 3))
    low, high = result.interval or (1, 0)
    assert 0 < low < 1 / 3 < high < 1
    refused(lambda: actions.reopen_found(looked[1].id, by=actor(town, "qian", NOW), at=NOW), CONFLICT)
    refused(lambda: actions.reopen_found(looked[0].id, by=actor(town, "gu", NOW), at=NOW), NOT_ALLOWED)
    for _ in range(2):
        actions.reopen_found(looked[0].id, by=actor(town, "qian", NOW), at=NOW)
    case = Case.objects.get(pk=looked[0].case_id)
    assert (case.state, case.reopens) == (State.REGISTERED, 1)
    assert case.raised_to_id is not None
    assert Inspection.objects.get(pk=looked[0].id).reopened_at == NOW


def test_before_anything_was_looked_at_there_is_no_share(town: Town) -> None:
    closed(town)
    result = queries.draw_row(drawn(town)).result
    assert (result.share, result.interval) == (None, None)
    assert [row.result.drawn for row in queries.draws()] == [1]


def test_the_sample_shows_nobody_a_case_that_they_may_not_see(town: Town) -> None:
    closed(town)
    one = drawn(town, size=1)
    assert len(queries.inspections_of(one, actor(town, "chen", NOW))) == 1
    assert queries.inspections_of(one, actor(town, "grid-201-1", NOW)) == []
    inspection = Inspection.objects.get(draw=one)
    refused(lambda: queries.inspection_for(actor(town, "grid-201-1", NOW), inspection.id), NOT_FOUND)


@loop.each(
    "wrong",
    [
        {"found": "solved"},
        {"found": "nonsense", "inspected_at": NOW},
        {"reopened_at": NOW},
    ],
)
def test_the_table_refuses_what_no_inspection_can_be(wrong: dict[str, Any], town: Town) -> None:
    if not Inspection.objects.exists():
        closed(town)
        drawn(town, size=1)
    one = Inspection.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Inspection.objects.filter(pk=one.id).update(**wrong)
