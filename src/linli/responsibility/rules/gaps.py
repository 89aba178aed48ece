"""Where a gap begins: told once at the highest unit in all of which nobody fills it. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Container, Sequence
from itertools import accumulate


def tops(
    units: Sequence[tuple[int, int]], missing: Callable[[int], bool], own: Container[int]
) -> list[tuple[int, int, int]]:
    """The highest units all of whose smallest units miss somebody: the unit, the first of its smallest units,
    and how many they are.

    Matters lie in the smallest units, so only those count. `units` are positions in a walk of the tree, each
    with the position after its last descendant. `missing` is asked only of units with something of their `own`;
    any other one is as the unit above it.
    """
    answers = _answers(units, missing, own)
    leaves = [
        (index, answers[n])
        for n, (index, end) in enumerate(units)
        if n + 1 == len(units) or units[n + 1][0] >= end
    ]
    places = [index for index, _ in leaves]
    filled = [0, *accumulate(not gap for _, gap in leaves)]
    found: list[tuple[int, int, int]] = []
    past = -1
    for index, end in units:
        first, last = bisect_left(places, index), bisect_left(places, end)
        if index >= past and filled[first] == filled[last]:
            found.append((index, places[first], last - first))
            past = end
    return found


def _answers(
    units: Sequence[tuple[int, int]], missing: Callable[[int], bool], own: Container[int]
) -> list[bool]:
    answers: list[bool] = []
    above: list[tuple[int, bool]] = []
    for index, end in units:
        while above and index >= above[-1][0]:
            above.pop()
        gap = missing(index) if not above or index in own else above[-1][1]
        above.append((end, gap))
        answers.append(gap)
    return answers
