"""Finding a unit from the words of an address. Pure: names and the tree in, the best unit out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

LONGEST_ADDRESS = 200
_SUFFIXES = re.compile(r"(社区居民委员会|社区居委会|居民委员会|村民委员会|居委会|村委会|民委员会)$")
_NOISE = re.compile(r"[\s,,。、.;;::/\\·()()\-_]+")


class Target(NamedTuple):
    """What a name stands for: a unit's index, and the place when it is one."""

    unit: int
    place: int = -1


@dataclass(frozen=True, slots=True)
class Match:
    """The unit that the address names best, the place if one was named, and the matched words."""

    unit: int
    place: int
    words: str


def folded(text: str) -> str:
    """The text as it is compared: width, case, blanks and punctuation do not count."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text).casefold())


def variants(name: str) -> set[str]:
    """The forms in which people write a unit's name: 三村居委会 is also 三村."""
    whole = folded(name)
    short = _SUFFIXES.sub("", whole)
    return {form for form in (whole, short) if len(form) >= 2}


class Names:
    """Every known name, ready to be found inside an address."""

    def __init__(self, names: Iterable[tuple[str, Target]], chain: Callable[[int], Sequence[int]]) -> None:
        """`chain(unit)` gives the indexes of the units above it, top first, and itself."""
        self._chain = chain
        self._targets: dict[str, list[Target]] = {}
        for name, target in names:
            for form in variants(name):
                known = self._targets.setdefault(form, [])
                if target not in known:
                    known.append(target)
        self._lengths = sorted({len(form) for form in self._targets}, reverse=True)

    def find(self, address: str) -> Match | None:
        """The unit whose names, with those of the units above it, cover most of the address.

        Of equal ones the deeper; when two different units fit equally, the unit above both; None when no
        name is known or nothing is above both.
        """
        hits = self._hits(folded(address[:LONGEST_ADDRESS]))
        if not hits:
            return None
        covered: dict[int, set[int]] = {}
        for start, form in hits:
            for target in self._targets[form]:
                covered.setdefault(target.unit, set()).update(range(start, start + len(form)))
        ranked = [(self._score(unit, covered), unit) for unit in covered]
        top = max(score for score, _ in ranked)
        best = sorted(unit for score, unit in ranked if score == top)
        unit = best[0] if len(best) == 1 else self._above_all(best)
        if unit < 0:
            return None
        return Match(unit, self._place(unit, hits), "".join(form for _, form in hits))

    def _hits(self, text: str) -> list[tuple[int, str]]:
        """Known names in the text, longest first at each position, none inside another."""
        hits, start = [], 0
        while start < len(text):
            form = next(
                (text[start : start + n] for n in self._lengths if text[start : start + n] in self._targets),
                None,
            )
            if form is None:
                start += 1
            else:
                hits.append((start, form))
                start += len(form)
        return hits

    def _score(self, unit: int, covered: dict[int, set[int]]) -> tuple[int, int]:
        chain = self._chain(unit)
        letters: set[int] = set()
        for index in chain:
            letters |= covered.get(index, set())
        return len(letters), len(chain)

    def _above_all(self, units: list[int]) -> int:
        chains = [self._chain(unit) for unit in units]
        common = -1
        for level in zip(*chains, strict=False):
            if len(set(level)) > 1:
                break
            common = level[0]
        return common

    def _place(self, unit: int, hits: list[tuple[int, str]]) -> int:
        """The last place named in the address that lies in the unit: addresses go from large to small."""
        found = -1
        for _, form in hits:
            for target in self._targets[form]:
                if target.unit == unit and target.place >= 0:
                    found = target.place
        return found
