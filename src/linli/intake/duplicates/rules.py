"""What makes two reports alike: kind × place × time × text, each from 0 to 1. Pure; numbers come from the rulebook.

Every part is symmetric and falls with distance and with time, so the score does too (tests/test_alike.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from linli.intake.duplicates import language
from linli.territory.words import METRES_A_DEGREE

DAY = 86_400.0
Weigh = Callable[[str], float]
"""How much an address word tells: the rarer, the more."""


@dataclass(frozen=True, slots=True)
class Law:
    """The rulebook's table `duplicates`, as numbers; what each means stands in the table."""

    shown: int
    threshold: float
    window: float
    radius: float
    most: int
    same_group: float
    other_kind: float
    half_m: float
    same_unit: float
    address: float
    address_alone: float
    rare_most: int
    address_least: float
    half_number: float
    other_building: float
    other_room: float
    half_time: float
    ended: float
    text: float
    read: int


def law_of(table: dict[str, Any]) -> Law:
    """The numbers of the table, times in seconds."""
    search, kind, place, number = table["search"], table["kind"], table["place"], table["number"]
    return Law(
        shown=search["shown"],
        threshold=search["threshold"],
        window=search["window_days"] * DAY,
        radius=float(search["radius_m"]),
        most=search["most"],
        same_group=kind["same_group"],
        other_kind=kind["other"],
        half_m=float(place["half_m"]),
        same_unit=place["same_unit"],
        address=place["address"],
        address_alone=place["address_alone"],
        rare_most=place["rare_most"],
        address_least=place["address_least"],
        half_number=float(number["half"]),
        other_building=number["building"],
        other_room=number["room"],
        half_time=table["time"]["half_days"] * DAY,
        ended=table["time"]["ended"],
        text=table["text"]["weight"],
        read=table["text"]["read"],
    )


@dataclass(slots=True, eq=False)
class Matter:
    """A report as it is compared. `kind` is the finest name of its sort, `group` what is wider.

    `at` and `ended` are seconds since 1970 (ended None: it has not). Prepared once by `prepare`, at its first use.
    """

    key: str
    kind: str
    group: str
    text: str
    address: str
    lng: float | None
    lat: float | None
    unit: str
    at: float
    ended: float | None = None
    words: frozenset[str] = field(default=frozenset(), init=False)
    signed: int = field(default=-1, init=False)
    numbered: language.Numbers | None = field(default=None, init=False)

    def numbers(self) -> language.Numbers:
        """The numbers that its address names, found at the first use."""
        if self.numbered is None:
            self.numbered = language.house_numbers(self.address)
        return self.numbered

    def bits(self, read: int) -> int:
        """The text's signature, made at the first use."""
        if self.signed < 0:
            self.signed = language.signature(language.plain(self.text, read))
        return self.signed


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two reports are, and why. `metres` is None where a point is missing; `gap` is in seconds."""

    score: float
    metres: float | None
    gap: float
    same_kind: bool
    address: float
    text: float


def metres_between(one: Matter, other: Matter) -> float | None:
    """The distance, or None where a point is missing. On a plane at the mean latitude: right to a metre in a town."""
    if one.lng is None or one.lat is None or other.lng is None or other.lat is None:
        return None
    across = abs(one.lng - other.lng)
    across = min(across, 360.0 - across) * math.cos(math.radians((one.lat + other.lat) / 2))
    return METRES_A_DEGREE * math.hypot(across, one.lat - other.lat)


def kind_factor(one: Matter, other: Matter, law: Law) -> float:
    """1 for the same kind."""
    if one.kind == other.kind:
        return 1.0
    return law.same_group if one.group == other.group else law.other_kind


def time_factor(one: Matter, other: Matter, law: Law) -> float:
    """1 at the same moment; 0 outside the window; less when the earlier one had ended before the later one came."""
    gap = abs(one.at - other.at)
    if gap > law.window:
        return 0.0
    earlier, later = (one, other) if one.at <= other.at else (other, one)
    over = earlier.ended is not None and earlier.ended <= later.at and gap > 0
    return (law.ended if over else 1.0) / (1.0 + math.sqrt(gap / law.half_time))


def address_alike(one: Matter, other: Matter, weigh: Weigh) -> float:
    """The share of the address words of both that both have, rare words counting more."""
    if one.words is other.words or one.words == other.words:
        return 1.0 if one.words else 0.0
    shared = one.words & other.words
    if not shared:
        return 0.0
    # Summed in a set order, so that two reports are exactly as alike in either order.
    common = sum(sorted(map(weigh, shared)))
    apart = sum(sorted(map(weigh, one.words ^ other.words)))
    return common / (common + apart)


def number_factor(one: Matter, other: Matter, law: Law) -> float:
    """1 unless both addresses name a number of one sort (lane, house, building, room) and the two differ; then the less,
    the further apart houses and lanes are, and a fixed share for another building or room. Never 0."""
    if one.address == other.address:
        return 1.0
    here, there = one.numbers(), other.numbers()
    factor = 1.0
    for mine, theirs in zip(here[:2], there[:2], strict=True):
        if mine is not None and theirs is not None:
            factor /= 1.0 + abs(mine - theirs) / law.half_number
    for mine, theirs, share in zip(here[2:], there[2:], (law.other_building, law.other_room), strict=True):
        if mine is not None and theirs is not None and mine != theirs:
            factor *= share
    return factor


def nearness(one: Matter, other: Matter, metres: float | None, law: Law) -> float:
    """1 at the same point; 0 beyond the radius; a fixed share in the same unit where a point is missing."""
    if metres is None:
        return law.same_unit if one.unit and one.unit == other.unit else 0.0
    return 1.0 / (1.0 + metres / law.half_m) if metres <= law.radius else 0.0


def place_factor(near: float, alike: float, metres: float | None, law: Law) -> float:
    """Near, or with the same address: one makes up for the other. Addresses far apart must be clearly alike."""
    if near == 0.0 and alike < law.address_least:
        return 0.0
    return 1.0 - (1.0 - near) * (1.0 - (law.address_alone if metres is None else law.address) * alike)


def likeness(one: Matter, other: Matter, law: Law, weigh: Weigh) -> Likeness:
    """How alike the two are; the score is 0 to 1, and the same in either order."""
    metres = metres_between(one, other)
    alike = address_alike(one, other, weigh)
    if alike:
        alike *= number_factor(one, other, law)
    place = place_factor(nearness(one, other, metres, law), alike, metres, law)
    text = language.overlap(one.bits(law.read), other.bits(law.read))
    score = (
        kind_factor(one, other, law)
        * place
        * time_factor(one, other, law)
        * (1.0 - law.text + law.text * text)
    )
    return Likeness(score, metres, abs(one.at - other.at), one.kind == other.kind, alike, text)
