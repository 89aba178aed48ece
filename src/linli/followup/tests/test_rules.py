"""The law of following up: when somebody counts as not reachable, the rates, the draw."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.cases.words import Answer, Source
from linli.followup.rules import calling, drawing, rates
from linli.followup.rules.calling import CallingLaw, Try
from linli.followup.rules.rates import IN_TIME, NOT_IN_TIME, NOT_TO_BE, Cell, Law, Share
from linli.followup.words import Outcome, Rate, Solved
from linli.kernel import rulebook

TABLE = rulebook.table("followup")
CALLING = CallingLaw.of(TABLE["calling"])
LAW = Law.of(TABLE)
REDRAW = Path(__file__).resolve().parents[4] / "scripts" / "redraw.py"


def at(day: int, clock: str, outcome: Outcome = Outcome.NO_ANSWER) -> Try:
    return Try(outcome, datetime.combine(date(2026, 3, day), time.fromisoformat(clock), UTC))


def weekday(day: date) -> bool:
    return day.isoweekday() < 6


@pytest.mark.parametrize(
    ("tries", "enough"),
    [
        ([], False),
        ([at(9, "09:30"), at(9, "15:00"), at(9, "16:00")], False),  # one day
        ([at(9, "09:30"), at(10, "10:00"), at(11, "11:00")], False),  # one half of the day
        ([at(9, "09:30"), at(10, "15:00")], False),  # two tries
        ([at(9, "09:30"), at(9, "10:30"), at(10, "15:00")], True),
        ([at(9, "09:30"), at(9, "10:30"), at(10, "15:00", Outcome.LATER)], False),  # they did answer
        ([at(9, "09:30", Outcome.WRONG)], True),
    ],
)
def test_cannot_be_reached_needs_enough_tries_on_different_days_in_different_halves(
    tries: list[Try], enough: bool
) -> None:
    assert calling.unreachable(tries, CALLING) is enough
    if not any(each.outcome is Outcome.WRONG for each in tries):
        assert (calling.still_missing(tries, CALLING) == (0, 0, 0)) is enough


moments = st.builds(
    lambda minutes: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minutes), st.integers(0, 90_000)
)
tried = st.lists(st.builds(Try, st.sampled_from(Outcome), moments), max_size=8)


@given(tried, moments)
def test_trying_at_the_suggested_times_always_comes_to_an_end(before: list[Try], now: datetime) -> None:
    tries, moment = list(before), now
    for _ in range(10):
        if calling.unreachable(tries, CALLING):
            return
        suggested = calling.next_try(tries, CALLING, weekday, moment)
        assert suggested > moment
        assert weekday(suggested.date())
        assert suggested.time() in {half.begins for half in CALLING.halves}
        tries.append(Try(Outcome.NO_ANSWER, suggested))
        moment = suggested
    raise AssertionError("never enough")


@given(tried, st.builds(Try, st.sampled_from([Outcome.NO_ANSWER, Outcome.BUSY]), moments))
def test_one_try_more_never_makes_somebody_reachable_again(tries: list[Try], more: Try) -> None:
    if calling.unreachable(tries, CALLING):
        assert calling.unreachable([*tries, more], CALLING)


def test_the_next_try_is_in_the_other_half_of_the_day() -> None:
    tried_once = [at(9, "09:40")]
    assert calling.next_try(tried_once, CALLING, weekday, at(9, "09:40").at) == at(9, "14:00").at
    friday = at(13, "15:00")
    assert calling.next_try([friday], CALLING, weekday, friday.at) == at(16, "09:00").at


@pytest.mark.parametrize(
    ("source", "major", "code"),
    [
        (Source.RESIDENT, "C01", "general"),
        (Source.HOTLINE, "C01", "hotline"),
        (Source.POLICE, "E08", "police"),
        (Source.RESIDENT, "E06", "environment"),
        (Source.HOTLINE, "E06", "environment"),
    ],
)
def test_the_script_that_fits_best_is_read(source: Source, major: str, code: str) -> None:
    assert calling.script_for(TABLE["script"], source=source, major=major).code == code


def test_every_script_asks_apart_whether_it_is_solved_and_whether_they_are_satisfied() -> None:
    for row in TABLE["script"]:
        asked = "".join(question["zh"] for question in row["question"])
        assert "解决" in asked
        assert "满意" in asked
        for place in ("{town}", "{kind}", "{number}"):
            assert place in row["opening_zh"]
            assert place in row["opening_en"]
        assert row["source"]


cells = st.builds(
    Cell,
    answer=st.sampled_from(["", *(each.value for each in Answer)]),
    contact=st.sampled_from([NOT_TO_BE, IN_TIME, NOT_IN_TIME]),
    solved=st.sampled_from(["", *(each.value for each in Solved)]),
    ground=st.sampled_from(["", *LAW.leaves_out]),
    excused=st.booleans(),
    count=st.integers(1, 50),
)
many = st.lists(cells, max_size=12)


@given(many)
def test_a_rate_lies_between_nothing_and_everything_or_is_none(found: list[Cell]) -> None:
    said = rates.rates(found, LAW)
    assert said.total == sum(cell.count for cell in found)
    for rate, share in said.shares.items():
        assert 0 <= share.part <= share.whole <= said.total
        assert (share.value is None) is (share.whole == 0)
        if share.value is not None:
            assert 0 <= share.value <= 1
        if rate is Rate.SATISFACTION:
            assert sum(said.answers.values()) == share.whole
        if rate is Rate.RESOLUTION:
            assert sum(said.solved.values()) == share.whole


@given(many, cells)
def test_leaving_a_case_out_changes_nothing_for_the_others(found: list[Cell], one: Cell) -> None:
    """What is left out of a rate stands in neither half of it: the others count as if it had never been."""
    for ground, touched in LAW.leaves_out.items():
        out = Cell(one.answer, one.contact, one.solved, ground, one.excused, one.count)
        without, beside = rates.rates(found, LAW), rates.rates([*found, out], LAW)
        for rate in touched:
            assert beside.shares[rate].whole == without.shares[rate].whole
            assert beside.shares[rate].part == pytest.approx(without.shares[rate].part)
        assert beside.excluded[ground] >= without.excluded[ground] + one.count


@given(many, many)
def test_two_groups_together_are_what_they_are_apart(first: list[Cell], second: list[Cell]) -> None:
    together = rates.rates([*first, *second], LAW)
    apart = rates.rates(first, LAW), rates.rates(second, LAW)
    for rate in Rate:
        assert together.shares[rate].whole == sum(each.shares[rate].whole for each in apart)
        assert together.shares[rate].part == pytest.approx(sum(each.shares[rate].part for each in apart))


def test_without_anything_to_count_there_is_no_rate() -> None:
    assert Share().value is None
    assert all(share.value is None for share in rates.rates([], LAW).shares.values())
    unreached = Cell(Answer.UNREACHABLE, NOT_TO_BE, "", "", False, 3)
    assert all(share.value is None for share in rates.rates([unreached], LAW).shares.values())


def test_the_rates_are_those_of_the_domain_reference() -> None:
    found = [
        Cell(Answer.SATISFIED, IN_TIME, Solved.YES, "", False, 6),
        Cell(Answer.MOSTLY, NOT_IN_TIME, Solved.PARTLY, "", False, 2),
        Cell(Answer.UNSATISFIED, IN_TIME, Solved.NO, "", False, 2),
        Cell(Answer.UNSATISFIED, NOT_IN_TIME, Solved.NO, "unreasonable", False, 5),
        Cell(Answer.UNREACHABLE, IN_TIME, "", "", False, 1),
        Cell("", NOT_IN_TIME, "", "", True, 4),
    ]
    shares = rates.rates(found, LAW).shares
    assert shares[Rate.RESPONSE].value == pytest.approx(9 / 11)
    assert shares[Rate.RESOLUTION].value == pytest.approx(6 / 10)
    assert shares[Rate.SATISFACTION].value == pytest.approx((6 + 2 * 0.8) / 10)


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_interval_holds_the_share_and_stays_within_bounds(hits: int, misses: int) -> None:
    found = rates.wilson(hits, hits + misses, 0.95)
    if hits + misses == 0:
        assert found is None
        return
    assert found is not None
    low, high = found
    assert 0 <= low <= hits / (hits + misses) <= high <= 1
    assert low < high


def test_the_interval_is_the_published_one() -> None:
    low, high = rates.wilson(15, 148, 0.95) or (0, 0)  # Newcombe 1998, Statistics in Medicine 17:857, table I
    assert (round(low, 4), round(high, 4)) == (0.0624, 0.1605)


seeds = st.binary(min_size=32, max_size=32)
populations = st.lists(st.uuids(), min_size=1, max_size=60, unique=True)


@given(seeds, populations, st.integers(1, 60))
def test_a_sample_has_its_size_names_nobody_twice_and_does_not_hang_on_the_order(
    seed: bytes, ids: list[UUID], size: int
) -> None:
    population = drawing.population_of(ids)
    drawn = drawing.sample(seed, population, size)
    assert len(drawn) == len(set(drawn)) == min(size, len(ids))
    assert set(drawn) <= set(population)
    assert drawn == drawing.sample(seed, population[::-1], size)
    assert drawn == drawing.sample(seed, population, size + 1)[:size]


@given(populations, st.data())
def test_inspections_go_round_and_never_to_whom_they_must_not(ids: list[UUID], data: st.DataObject) -> None:
    people = [UUID(int=number) for number in range(1, 5)]
    may = {case: frozenset(data.draw(st.sets(st.sampled_from(people)))) for case in ids}
    found = drawing.spread(ids, may)
    assert all(who in may[case] if may[case] else who is None for case, who in found.items())
    everybody = drawing.spread(ids, dict.fromkeys(ids, frozenset(people)))
    loads = [sum(who == one for who in everybody.values()) for one in people]
    assert max(loads) - min(loads) <= 1


def _published(seed: bytes, count: int = 40, size: int = 7) -> dict[str, object]:
    population = drawing.population_of(UUID(int=number * 7919) for number in range(1, count + 1))
    return {
        "population": population, "population_sha256": drawing.population_hash(population), "size": size,
        "commitment": drawing.commitment(seed), "seed": seed.hex(),
        "sample": drawing.sample(seed, population, size),
    }  # fmt: skip


def _redrawn(folder: Path, published: dict[str, object]) -> subprocess.CompletedProcess[str]:
    file = folder / "draw.json"
    file.write_text(json.dumps(published))
    return subprocess.run(
        [sys.executable, "-I", str(REDRAW), str(file)], capture_output=True, text=True, check=False
    )


def test_anybody_redraws_the_same_sample_with_nothing_but_python(tmp_path: Path) -> None:
    published = _published(bytes(range(32)))
    done = _redrawn(tmp_path, published)
    assert done.returncode == 0
    assert done.stdout.split() == published["sample"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"seed": ""}, "not published yet"),
        ({"seed": bytes(32).hex()}, "seed is not the one"),
        ({"seed": "zz"}, "does not fit"),
        ({"population": []}, "population is not the one"),
        ({"population": ["b", "a"]}, "not sorted"),
        ({"sample": []}, "not what this seed draws"),
    ],
)
def test_a_draw_that_was_tampered_with_does_not_redraw(
    changed: dict[str, object], said: str, tmp_path: Path
) -> None:
    done = _redrawn(tmp_path, _published(bytes(range(32))) | changed)
    assert done.returncode == 1
    assert said in done.stderr


def test_a_case_is_as_likely_drawn_as_any_other() -> None:
    population = drawing.population_of(UUID(int=number) for number in range(1, 21))
    hits = dict.fromkeys(population, 0)
    for number in range(2000):
        for case in drawing.sample(number.to_bytes(32, "big"), population, 5):
            hits[case] += 1
    assert all(abs(count - 500) < 5 * (2000 * 0.25 * 0.75) ** 0.5 for count in hits.values())


def test_calling_hours_are_in_the_order_of_the_day() -> None:
    assert [half.code for half in CALLING.halves] == ["morning", "afternoon"]
    assert CALLING.half_of(time(8)).code == "morning"
    assert CALLING.half_of(time(13)).code == "morning"
    assert CALLING.half_of(time(14)).code == "afternoon"
