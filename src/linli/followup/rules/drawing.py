"""A random sample that anybody can draw again.

1. The population is the list of case ids in lower-case text form, sorted. Its hash is SHA-256 over the ids joined by
   line feeds.
2. The seed is 32 random bytes. Its SHA-256 is published together with population hash and sample size before anybody
   is shown the seed: that is the commitment.
3. Afterwards the seed is shown. Every id gets the number HMAC-SHA-256(key = seed, message = id); the sample is the
   `size` ids with the smallest numbers, in that order.

`scripts/redraw.py` does the same with nothing but Python.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from uuid import UUID

SEED_BYTES = 32
ALGORITHM = "linli-draw-1: HMAC-SHA-256(seed, id) ascending"


def population_of(ids: Iterable[UUID]) -> list[str]:
    """The ids as texts in their order; none twice."""
    return sorted({str(each) for each in ids})


def population_hash(population: Sequence[str]) -> str:
    """SHA-256 of the sorted ids joined by line feeds, in hex."""
    return hashlib.sha256("\n".join(population).encode()).hexdigest()


def commitment(seed: bytes) -> str:
    """What is published before the seed is: its SHA-256 in hex."""
    return hashlib.sha256(seed).hexdigest()


def number_of(seed: bytes, case_id: str) -> str:
    """The number by which this case is drawn."""
    return hmac.new(seed, case_id.encode(), hashlib.sha256).hexdigest()


def sample(seed: bytes, population: Sequence[str], size: int) -> list[str]:
    """The `size` ids with the smallest numbers, smallest first; all of them when there are not so many."""
    return sorted(population, key=lambda case_id: number_of(seed, case_id))[:size]


def spread(cases: Sequence[UUID], eligible: dict[UUID, frozenset[UUID]]) -> dict[UUID, UUID | None]:
    """Who inspects which case: for each in turn the eligible person with the fewest so far; None without one."""
    load: dict[UUID, int] = {}
    found: dict[UUID, UUID | None] = {}
    for case in cases:
        people = sorted(eligible.get(case, frozenset()), key=lambda who: (load.get(who, 0), str(who)))
        found[case] = people[0] if people else None
        if people:
            load[people[0]] = load.get(people[0], 0) + 1
    return found
