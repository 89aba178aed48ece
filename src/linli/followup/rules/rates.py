"""The three rates (三率) and a share with its interval: formulas alone.

响应率 = contacted within the limit / those to be contacted; 解决率 = the reporter says solved / valid call-backs;
满意率 = (satisfied + weight × mostly …) / valid answers (domain reference §1.7). What is left out of a rate stands in
neither half of its fraction. Without anything to count there is no rate: None, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import sqrt
from statistics import NormalDist
from typing import Any

from linli.cases.words import Answer
from linli.followup.words import Ground, Rate, Solved

NOT_TO_BE, IN_TIME, NOT_IN_TIME = "", "in_time", "not_in_time"
"""Contact with the reporter: nobody to contact; contacted within the limit; later or never."""
VALID = (Answer.SATISFIED, Answer.MOSTLY, Answer.NEUTRAL, Answer.UNSATISFIED)


@dataclass(frozen=True, slots=True)
class Law:
    """The rulebook's weights, and which rates each ground of exclusion leaves a case out of."""

    weights: Mapping[Answer, float]
    partly: float
    leaves_out: Mapping[str, frozenset[Rate]]

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Law:
        """From the table `followup` of the rulebook. A weight lies between 0 and 1."""
        given = table["weights"]
        weights = {answer: float(given[answer.value]) for answer in VALID}
        partly = float(given["partly"])
        if not all(0 <= weight <= 1 for weight in (*weights.values(), partly)):
            raise ValueError("weights of the rulebook lie between 0 and 1")
        grounds = {row["code"]: frozenset(Rate(each) for each in row["from"]) for row in table["exclusion"]}
        return cls(weights, partly, grounds)

    def grounds_for(self, rate: Rate) -> frozenset[str]:
        """The grounds that leave a case out of this rate."""
        return frozenset(code for code, rates in self.leaves_out.items() if rate in rates)


@dataclass(frozen=True, slots=True)
class Cell:
    """Cases that are alike in all that the rates look at, and how many they are.

    `answer` and `solved` are what the reporter said ("" when nothing was said), `contact` one of the three words
    above, `ground` an exclusion that stands ("" without), `excused` an appeal against the overdue mark that was upheld.
    """

    answer: str
    contact: str
    solved: str
    ground: str
    excused: bool
    count: int

    @property
    def grounds(self) -> tuple[str, ...]:
        """Every ground of exclusion that these cases have."""
        found = [self.ground] if self.ground else []
        if self.answer == Answer.UNREACHABLE:
            found.append(Ground.UNREACHABLE.value)
        if self.excused:
            found.append(Ground.EXCUSED.value)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Share:
    """A fraction: `part` (weighted where the rate is) of `whole` cases."""

    part: float = 0
    whole: int = 0

    @property
    def value(self) -> float | None:
        """Between 0 and 1; None when there is nothing to count."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Rates:
    """The three rates of some cases, what the reporters answered, and what was left out for which reason."""

    total: int
    shares: Mapping[Rate, Share]
    answers: Mapping[str, int] = field(default_factory=dict)
    solved: Mapping[str, int] = field(default_factory=dict)
    excluded: Mapping[str, int] = field(default_factory=dict)


def rates(cells: Iterable[Cell], law: Law) -> Rates:
    """The three rates of these cases."""
    total = 0
    parts, wholes = {rate: 0.0 for rate in Rate}, {rate: 0 for rate in Rate}
    answers: dict[str, int] = {answer.value: 0 for answer in VALID}
    solved: dict[str, int] = {each.value: 0 for each in Solved}
    excluded: dict[str, int] = dict.fromkeys(law.leaves_out, 0)
    for cell in cells:
        total += cell.count
        for ground in cell.grounds:
            excluded[ground] = excluded.get(ground, 0) + cell.count
        for rate in Rate:
            weight = weight_of(cell, rate, law)
            if weight is None:
                continue
            wholes[rate] += cell.count
            parts[rate] += weight * cell.count
            if rate is Rate.SATISFACTION:
                answers[cell.answer] += cell.count
            elif rate is Rate.RESOLUTION:
                solved[cell.solved] += cell.count
    shares = {rate: Share(min(parts[rate], wholes[rate]), wholes[rate]) for rate in Rate}
    return Rates(total, shares, answers, solved, excluded)


def weight_of(cell: Cell, rate: Rate, law: Law) -> float | None:
    """What one of these cases counts for in this rate, between 0 and 1; None when it does not count at all."""
    if any(rate in law.leaves_out.get(ground, frozenset()) for ground in cell.grounds):
        return None
    if rate is Rate.RESPONSE:
        return None if cell.contact == NOT_TO_BE else float(cell.contact == IN_TIME)
    if rate is Rate.RESOLUTION:
        if not cell.solved:
            return None
        return {Solved.YES: 1.0, Solved.PARTLY: law.partly, Solved.NO: 0.0}[Solved(cell.solved)]
    return law.weights.get(Answer(cell.answer)) if cell.answer else None


def wilson(hits: int, tried: int, confidence: float) -> tuple[float, float] | None:
    """The score interval of a share (Wilson 1927, JASA 22:209-212), within 0 and 1; None when nothing was tried.

    Unlike the usual interval it stays sensible for few tries and for shares near 0 and 1.
    """
    if not tried:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, square = hits / tried, z * z / tried
    middle = (share + square / 2) / (1 + square)
    half = z * sqrt(share * (1 - share) / tried + square / (4 * tried)) / (1 + square)
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == tried else min(1.0, middle + half)
    return low, high
