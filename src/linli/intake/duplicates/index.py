"""The search: matters kept by place, by rare address word and by unit, each in order of time; in memory, no SQL.

A query looks only at what is near in one of the three ways and within the window, reckons from the cheap parts of
the score how good each can be at most, and compares texts and addresses from the best on, until nothing further can
be among the best. What it finds does not depend on the order in which matters were added.
"""

from __future__ import annotations

import math
import sys
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import nsmallest
from itertools import chain

from linli.intake.duplicates import language, rules
from linli.intake.duplicates.rules import Law, Likeness, Matter
from linli.territory.words import METRES_A_DEGREE

RAREST = 3
"""Of an address so many of its rarest words are looked up: the others find nothing new."""
_LEAST_COS = 0.01
_SLACK = 1.001
"""The bound reckons distance at one latitude, the score at the mean of two."""
_NARROWER, _NARROWINGS = 0.7, 60
_ROUNDING = 1.000_000_001
"""The bound and the score multiply in another order."""
Skip = Callable[[Matter], bool]


@dataclass(frozen=True, slots=True)
class Hit:
    """A candidate and why it is one."""

    matter: Matter
    likeness: Likeness


class _Line:
    """Matters in order of time."""

    __slots__ = ("matters", "times")

    def __init__(self) -> None:
        self.times: list[float] = []
        self.matters: list[Matter] = []

    def add(self, matter: Matter) -> None:
        if not self.times or matter.at >= self.times[-1]:
            self.times.append(matter.at)
            self.matters.append(matter)
        else:
            place = bisect_right(self.times, matter.at)
            self.times.insert(place, matter.at)
            self.matters.insert(place, matter)

    def span(self, at: float, window: float) -> tuple[int, int]:
        """From which to before which place those lie that came within the window around the moment."""
        return bisect_left(self.times, at - window), bisect_right(self.times, at + window)


class Index:
    """Matters that can be asked for those like another one. Not for several threads at once."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self._cells: defaultdict[tuple[int, int], _Line] = defaultdict(_Line)
        self._words: defaultdict[tuple[str, str], _Line] = defaultdict(_Line)
        self._units: defaultdict[tuple[str, str, bool], _Line] = defaultdict(_Line)
        self._seen: Counter[str] = Counter()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, matter: Matter) -> None:
        """From now on the matter can be found."""
        prepare(matter)
        matter.bits(self.law.read)
        self._count += 1
        pointless = matter.lng is None
        if matter.lng is not None and matter.lat is not None:
            self._cells[self._cell(matter.lng, matter.lat)].add(matter)
        if matter.unit:
            self._units[matter.unit, matter.group, pointless].add(matter)
        for word in matter.words:
            self._seen[word] += 1
            if self._seen[word] <= self.law.rare_most:
                self._words[matter.group, word].add(matter)

    def extend(self, matters: Iterable[Matter]) -> None:
        """Add them all."""
        for matter in matters:
            self.add(matter)

    def query(
        self, asked: Matter, *, most: int | None = None, least: float = 0.0, skip: Skip | None = None
    ) -> list[Hit]:
        """The `most` (else as many as the law shows) matters that are most alike, best first; never itself.

        With equal scores: nearest in time, then by key. `least` is the score below which nothing is found; `skip`
        says which matters are left out.
        """
        prepare(asked)
        wanted = most or self.law.shown
        near = self._near(asked)
        near.pop(asked, None)
        key = asked.key
        candidates = [other for other in near if other.key != key and (skip is None or not skip(other))]
        if len(candidates) > self.law.most:
            candidates = nsmallest(self.law.most, candidates, key=lambda m: (abs(m.at - asked.at), m.key))
        return _best(asked, candidates, self.law, weights(self), wanted, least)

    def _cell(self, lng: float, lat: float) -> tuple[int, int]:
        row = math.floor(lat * METRES_A_DEGREE / self.law.radius)
        return row, math.floor(lng * self._columns(row))

    def _columns(self, row: int) -> float:
        """Columns a degree of longitude in this row."""
        lat = row * self.law.radius / METRES_A_DEGREE
        return METRES_A_DEGREE * max(math.cos(math.radians(lat)), _LEAST_COS) / self.law.radius

    def _near(self, asked: Matter) -> dict[Matter, None]:
        """What is near in one of the three ways. Where many are, the window is narrowed until it holds no more than
        the law looks at: those nearest in time."""
        lines = [line for line in self._lines(asked) if line is not None and line.times]
        window = self.law.window
        spans = [line.span(asked.at, window) for line in lines]
        for _ in range(_NARROWINGS):
            if sum(end - first for first, end in spans) <= self.law.most:
                break
            window *= _NARROWER
            spans = [line.span(asked.at, window) for line in lines]
        return dict.fromkeys(
            chain.from_iterable(
                line.matters[first:end] for line, (first, end) in zip(lines, spans, strict=True)
            )
        )

    def _lines(self, asked: Matter) -> list[_Line | None]:
        law = self.law
        lines: list[_Line | None] = []
        if asked.lng is not None and asked.lat is not None:
            here = math.floor(asked.lat * METRES_A_DEGREE / law.radius)
            for row in (here - 1, here, here + 1):
                column = math.floor(asked.lng * self._columns(row))
                lines += [self._cells.get((row, column + step)) for step in (-1, 0, 1)]
        if asked.unit:
            lines.append(self._units.get((asked.unit, asked.group, True)))
            if asked.lng is None:
                lines.append(self._units.get((asked.unit, asked.group, False)))
        rare = [word for word in asked.words if self._seen[word] <= law.rare_most]
        rare.sort(key=lambda word: (self._seen[word], word))
        lines += [self._words.get((asked.group, word)) for word in rare[:RAREST]]
        return lines


def rank(asked: Matter, others: Iterable[Matter], law: Law, *, most: int, least: float = 0.0) -> list[Hit]:
    """As `Index.query`, of matters that somebody else has searched: those most alike, best first."""
    candidates = [other for other in others if other.key != asked.key]
    seen: Counter[str] = Counter()
    for matter in (asked, *candidates):
        prepare(matter)
        seen.update(matter.words)
    return _best(asked, candidates, law, _Weights(len(candidates), seen).__getitem__, most, least)


def prepare(matter: Matter) -> None:
    """Find the words of its address."""
    if not matter.words and matter.address:
        matter.words = language.address_words(matter.address)


def _best(
    asked: Matter, candidates: list[Matter], law: Law, weigh: rules.Weigh, wanted: int, least: float
) -> list[Hit]:
    least = least or sys.float_info.min
    most = bounds(asked, candidates, law, least)
    bits, silent = asked.bits(law.read), 1.0 - law.text
    best: list[Hit] = []
    places = [place for place, bound in enumerate(most) if bound >= least]
    for place in sorted(places, key=most.__getitem__, reverse=True):
        bound, other = most[place], candidates[place]
        enough = best[-1].likeness.score if len(best) >= wanted else least
        if bound < enough:
            break
        if (
            other.signed < 0
            and bound * (silent + law.text * language.overlap(bits, other.bits(law.read))) < enough
        ):
            continue
        like = rules.likeness(asked, other, law, weigh)
        if like.score >= least:
            best.append(Hit(other, like))
            if len(best) >= wanted:
                best.sort(key=_order)
                del best[wanted:]
    return sorted(best, key=_order)


class _Weights(dict[str, float]):
    """How much each address word tells, reckoned once a query."""

    def __init__(self, count: int, seen: Counter[str]) -> None:
        super().__init__()
        self.count = count
        self.seen = seen

    def __missing__(self, word: str) -> float:
        weight = self[word] = math.log(1.0 + (self.count + 1.0) / (self.seen[word] + 1.0))
        return weight


def weights(index: Index) -> rules.Weigh:
    """How much each address word tells among the matters of this index: the rarer, the more."""
    return _Weights(index._count, index._seen).__getitem__


def bounds(asked: Matter, others: list[Matter], law: Law, least: float = 0.0) -> list[float]:
    """What the score of each can be at most: as if addresses that share a word, and texts not read yet, were the same.
    0 where kind, time and place already say that it is less than `least`.

    The formulas of `rules`, written in one loop, because it runs a hundred times for each report that comes in.
    """
    kind, group, at, lng, lat, unit = asked.kind, asked.group, asked.at, asked.lng, asked.lat, asked.unit
    ended = math.inf if asked.ended is None else asked.ended
    words, bits = asked.words, asked.bits(law.read)
    told, silent = law.text, 1.0 - law.text
    per_lng = METRES_A_DEGREE * math.cos(math.radians(lat or 0.0)) / _SLACK
    per_lat = METRES_A_DEGREE / _SLACK
    half_time, half_m, radius, over = law.half_time, law.half_m, law.radius, law.ended
    same_group, other_kind = law.same_group, law.other_kind
    beside, alone = 1.0 - law.address, 1.0 - law.address_alone
    sqrt, floor = math.sqrt, least / _ROUNDING
    found = []
    for other in others:
        bound = 1.0 if other.kind == kind else same_group if other.group == group else other_kind
        gap = at - other.at
        if gap > 0.0:
            bound /= 1.0 + sqrt(gap / half_time)
            if other.ended is not None and other.ended <= at:
                bound *= over
        else:
            bound /= 1.0 + sqrt(-gap / half_time)
            if gap and ended <= other.at:
                bound *= over
        if bound < floor:
            found.append(0.0)
            continue
        if lng is None or lat is None or other.lng is None or other.lat is None:
            near = law.same_unit if unit and unit == other.unit else 0.0
            left = alone
        else:
            east, north = (lng - other.lng) * per_lng, (lat - other.lat) * per_lat
            metres = sqrt(east * east + north * north)
            near = half_m / (half_m + metres) if metres <= radius else 0.0
            left = beside
        if words is other.words or not words.isdisjoint(other.words):
            near = 1.0 - (1.0 - near) * left
        bound *= near
        if bound < floor:
            found.append(0.0)
            continue
        theirs = other.signed
        if theirs >= 0:
            either = (bits | theirs).bit_count()
            bound *= silent + told * ((bits & theirs).bit_count() / (either or 1))
        found.append(bound * _ROUNDING)
    return found


def _order(hit: Hit) -> tuple[float, float, str]:
    return -hit.likeness.score, hit.likeness.gap, hit.matter.key
