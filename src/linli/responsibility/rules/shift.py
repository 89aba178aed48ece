"""What a change of the matrix moves, counted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from linli.kernel.text import Text


class Flow(NamedTuple):
    """So many cases would go from one taker to another."""

    before: Text
    after: Text
    number: int


class Balance(NamedTuple):
    """How many cases a taker would lose and gain."""

    who: Text
    lost: int
    gained: int

    @property
    def net(self) -> int:
        """More (or, below zero, fewer) than before."""
        return self.gained - self.lost


def flows(pairs: Iterable[tuple[Text, Text]]) -> list[Flow]:
    """From whom to whom how many, the most first; pairs that stay where they are do not count."""
    counted = Counter(pair for pair in pairs if pair[0] != pair[1])
    return sorted(
        (Flow(*pair, n) for pair, n in counted.items()), key=lambda f: (-f.number, f.before, f.after)
    )


def balances(found: Iterable[Flow]) -> list[Balance]:
    """What each taker would lose and gain; losses and gains of all together are equal."""
    lost: Counter[Text] = Counter()
    gained: Counter[Text] = Counter()
    for flow in found:
        lost[flow.before] += flow.number
        gained[flow.after] += flow.number
    return sorted(
        (Balance(who, lost[who], gained[who]) for who in {**lost, **gained}),
        key=lambda b: (-(b.lost + b.gained), b.who),
    )
