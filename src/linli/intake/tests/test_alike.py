"""What makes two reports alike, and the search for them: promises that hold for any reports."""

from __future__ import annotations

import dataclasses
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from linli.intake.duplicates import index, language, rules
from linli.intake.duplicates.index import Index
from linli.intake.duplicates.rules import DAY, Matter
from linli.kernel import rulebook

LAW = rules.law_of(rulebook.table("duplicates"))
WORDS = ("路灯不亮", "垃圾没人清", "井盖丢了", "噪音扰民", "Street light out", "pothole", "")
PLACES = ("富民路8号", "富民路12弄", "东村三组", "12 Main St", "", "景阳村")


def equal_weight(word: str) -> float:
    return 1.0


@st.composite
def matters(draw: st.DrawFn) -> Matter:
    placed = draw(st.booleans())
    at = draw(st.floats(0, 40 * DAY))
    ended = draw(st.none() | st.floats(0, 20 * DAY))
    return Matter(
        key=str(draw(st.integers(0, 10**6))),
        kind=draw(st.sampled_from(("lamp", "lane", "noise"))),
        group=draw(st.sampled_from(("parts", "events"))),
        text=draw(st.sampled_from(WORDS) | st.text(max_size=30)),
        address=draw(st.sampled_from(PLACES)),
        lng=draw(st.floats(121.0, 121.004)) if placed else None,
        lat=draw(st.floats(30.9, 30.904)) if placed else None,
        unit=draw(st.sampled_from(("", "a", "b"))),
        at=at,
        ended=None if ended is None else at + ended,
    )


def worded(matter: Matter) -> Matter:
    matter.words = language.address_words(matter.address)
    return matter


@given(matters(), matters())
def test_a_score_is_from_nothing_to_one_and_the_same_in_either_order(one: Matter, other: Matter) -> None:
    there = rules.likeness(worded(one), worded(other), LAW, equal_weight)
    back = rules.likeness(other, one, LAW, equal_weight)
    assert 0.0 <= there.score <= 1.0
    assert there == back


@given(matters(), matters())
def test_what_the_search_expects_at_most_is_never_less_than_the_score(one: Matter, other: Matter) -> None:
    (bound,) = index.bounds(worded(one), [worded(other)], LAW)
    assert bound >= rules.likeness(one, other, LAW, equal_weight).score * (1 - 1e-9)


@given(matters(), st.floats(0, 0.003), st.floats(0, 0.003))
def test_further_away_is_never_more_alike(one: Matter, near: float, more: float) -> None:
    one = worded(dataclasses.replace(one, lng=121.0, lat=30.9))
    closer = worded(dataclasses.replace(one, lng=121.0 + near))
    further = worded(dataclasses.replace(one, lng=121.0 + near + more))
    score = [rules.likeness(one, other, LAW, equal_weight).score for other in (closer, further)]
    assert score[0] >= score[1]


@given(matters(), st.floats(0, 100 * DAY), st.floats(0, 100 * DAY))
def test_longer_ago_is_never_more_alike(one: Matter, gap: float, more: float) -> None:
    one = worded(dataclasses.replace(one, ended=None))
    sooner = worded(dataclasses.replace(one, at=one.at + gap))
    later = worded(dataclasses.replace(one, at=one.at + gap + more))
    score = [rules.likeness(one, other, LAW, equal_weight).score for other in (sooner, later)]
    assert score[0] >= score[1]


def test_the_same_report_again_at_the_same_moment_scores_one() -> None:
    one = Matter("1", "lamp", "parts", "路灯不亮", "富民路8号", 121.0, 30.9, "a", 0.0)
    again = dataclasses.replace(one, key="2")
    assert rules.likeness(worded(one), worded(again), LAW, equal_weight).score == 1.0


def test_a_matter_that_had_ended_is_less_alike_than_one_that_waits() -> None:
    asked = Matter("1", "lamp", "parts", "路灯不亮", "", 121.0, 30.9, "", 5 * DAY)
    waiting = dataclasses.replace(asked, key="2", at=DAY)
    ended = dataclasses.replace(waiting, key="3", ended=2 * DAY)
    made = Index(LAW)
    made.extend([ended, waiting])
    assert [hit.matter.key for hit in made.query(asked)] == ["2", "3"]


@given(
    st.lists(matters(), max_size=25, unique_by=lambda matter: matter.key), st.randoms(use_true_random=False)
)
@settings(max_examples=60)
def test_the_order_of_reports_changes_nothing(reports: list[Matter], shuffled: random.Random) -> None:
    def found(order: list[Matter]) -> dict[str, list[tuple[str, float]]]:
        made = Index(LAW)
        made.extend(order)
        return {
            asked.key: [(hit.matter.key, hit.likeness.score) for hit in made.query(asked)]
            for asked in reports
        }

    mixed = list(reports)
    shuffled.shuffle(mixed)
    first = found(reports)
    assert first == found(mixed)
    assert all(key not in [each for each, _ in hits] for key, hits in first.items())
    assert all(len(hits) <= LAW.shown for hits in first.values())


@given(st.lists(matters(), min_size=2, max_size=25, unique_by=lambda matter: matter.key))
@settings(max_examples=60)
def test_the_search_finds_what_comparing_with_every_report_finds(reports: list[Matter]) -> None:
    made = Index(LAW)
    made.extend(reports[1:])
    asked = worded(reports[0])
    weights = index.weights(made)
    near = [
        like.score
        for other in reports[1:]
        if (like := rules.likeness(asked, other, LAW, weights)).score > 0
        # Far points, or no point and another group, are looked up by their rarest address words only.
        and (like.metres is not None and like.metres <= LAW.radius)
    ]
    hits = [hit.likeness.score for hit in made.query(asked, most=len(reports))]
    assert sorted(near, reverse=True) == [score for score in hits if score in near][: len(near)]


def test_points_far_apart_are_compared_when_their_addresses_share_a_rare_word() -> None:
    there = Matter("1", "lamp", "parts", "light out", "12 Colebrook St South Boston", -71.05, 42.33, "", 0.0)
    wrong_point = dataclasses.replace(
        there, key="2", address="0 Colebrook St South Boston", lng=-71.09, at=DAY
    )
    elsewhere = dataclasses.replace(there, key="3", address="5 Other Rd Dorchester", lng=-71.09, at=DAY)
    made = Index(LAW)
    made.extend([there])
    assert [hit.matter.key for hit in made.query(wrong_point)] == ["1"]
    assert made.query(elsewhere) == []


def test_without_a_point_the_unit_and_the_address_tell() -> None:
    one = Matter("1", "lamp", "parts", "路灯不亮", "富民路8号", None, None, "a", 0.0)
    same = dataclasses.replace(one, key="2", address="富民路10号", at=DAY)
    other_unit = dataclasses.replace(one, key="3", address="", unit="b", at=DAY)
    made = Index(LAW)
    made.extend([one])
    assert [hit.matter.key for hit in made.query(same)] == ["1"]
    assert made.query(other_unit) == []


NUMBERED = st.tuples(
    st.none() | st.integers(1, 400),
    st.none() | st.integers(1, 400),
    st.none() | st.integers(1, 60),
    st.none() | st.integers(101, 1802),
)


def numbered(street: str, numbers: tuple[int | None, ...], key: str = "1") -> Matter:
    """A report from there without a point."""
    signs = ("弄", "号", "幢", "室")
    said = "".join(
        f"{number}{sign}" for number, sign in zip(numbers, signs, strict=True) if number is not None
    )
    return worded(Matter(key, "lamp", "parts", "路灯不亮", f"{street}{said}", None, None, "a", 0.0))


def alike(one: Matter, other: Matter) -> rules.Likeness:
    return rules.likeness(one, other, LAW, equal_weight)


@given(NUMBERED)
def test_the_numbers_of_an_address_are_read_as_they_are_written(numbers: tuple[int | None, ...]) -> None:
    assert language.house_numbers(numbered("幸福路", numbers).address) == numbers


def test_what_is_no_number_of_a_house_is_none() -> None:
    assert language.house_numbers("地铁10号线站台") == (None, None, None, None)
    assert language.house_numbers("12 Main St, Apt 4") == (None, None, None, None)
    assert language.house_numbers("禾苑二村 ３５ 号楼1单元") == (None, None, 35, None)
    assert language.house_numbers("幸福路12-3号") == (None, 12, None, None)
    assert language.house_numbers("富民路12弄8号3栋201室") == (12, 8, 3, 201)


@given(NUMBERED, NUMBERED)
def test_numbers_only_ever_lower_how_alike_addresses_are_and_never_to_nothing(
    here: tuple[int | None, ...], there: tuple[int | None, ...]
) -> None:
    one, other = numbered("幸福路", here), numbered("幸福路", there, "2")
    factor = rules.number_factor(one, other, LAW)
    assert 0.0 < factor <= 1.0
    assert factor == rules.number_factor(other, one, LAW)
    differ = any(a is not None and b is not None and a != b for a, b in zip(here, there, strict=True))
    assert (factor < 1.0) == differ


@given(st.integers(1, 300), st.integers(0, 300), st.integers(0, 300))
def test_houses_further_apart_on_one_street_are_never_more_alike(first: int, near: int, more: int) -> None:
    asked, none = numbered("幸福路", (None, first, None, None)), (None, None)
    closer = numbered("幸福路", (None, first + near, *none))
    further = numbered("幸福路", (None, first + near + more, *none))
    assert alike(asked, closer).score >= alike(asked, further).score


def test_the_other_end_of_a_street_is_not_the_same_place_and_neighbours_are() -> None:
    asked = numbered("幸福路", (None, 12, None, None))
    same, neighbour, end = (
        numbered("幸福路", (None, number, None, None), str(number)) for number in (12, 14, 98)
    )
    assert alike(asked, same).score > 0.9
    assert alike(asked, neighbour).score > 0.9 * alike(asked, same).score
    assert alike(asked, end).score < 0.5 * alike(asked, same).score
    assert alike(asked, end).address < LAW.address_least <= alike(asked, neighbour).address
    elsewhere = dataclasses.replace(end, unit="b")
    assert alike(asked, worded(elsewhere)).score == 0.0


def test_true_duplicates_stay_found_however_their_addresses_are_written() -> None:
    told = (
        "幸福路12弄8号3幢201室",
        "幸福路12弄8号",
        "幸福路12弄",
        "幸福路 １２ 弄8号3栋",
        "幸福路12弄8号3号楼",
    )
    made = Index(LAW)
    made.extend(
        Matter(str(n), "lamp", "parts", "路灯不亮", address, None, None, "a", 0.0)
        for n, address in enumerate(told)
    )
    for address in told:
        hits = made.query(Matter("asked", "lamp", "parts", "路灯不亮", address, None, None, "a", DAY))
        assert len(hits) == len(told)


def test_common_fragments_are_the_longest_stretches_of_both() -> None:
    one, other = (language.plain(text, 100) for text in ("小区下水道堵塞,污水外溢!", "下水道堵塞三天,没人管"))
    assert language.common_fragments(one, other) == ["下水道堵塞"]
    english = [
        language.plain(text, 100) for text in ("The street light is out", "STREET LIGHT out of order 12")
    ]
    assert language.common_fragments(*english) == ["street", "light", "out"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_texts_of_any_characters_can_be_compared(one: str, other: str) -> None:
    here, there = language.plain(one, 50), language.plain(other, 50)
    assert 0.0 <= language.overlap(language.signature(here), language.signature(there)) <= 1.0
    assert all(each in here and each in there for each in language.common_fragments(here, there))
    language.address_words(one)
