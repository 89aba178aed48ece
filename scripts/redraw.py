#!/usr/bin/env python3
"""Draw a re-inspection's sample again from what the town published, with nothing but Python.

    python3 redraw.py draw.json

Checks that the seed is the one that was committed to before the draw, that the population is the one whose hash was
published with it, and draws: every case id gets the number HMAC-SHA-256(key = seed, message = id), and the sample is
the ids with the smallest numbers, smallest first. Prints the sample; exits with 1 when anything does not fit.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from pathlib import Path


def redraw(published: dict[str, object]) -> list[str]:
    """The sample of a published draw; raises ValueError with what does not fit."""
    population = [str(each) for each in published["population"]]  # type: ignore[attr-defined]  # a list, as published
    if population != sorted(set(population)):
        raise ValueError("the population is not sorted, or names a case twice")
    if hashlib.sha256("\n".join(population).encode()).hexdigest() != published["population_sha256"]:
        raise ValueError("the population is not the one that was committed to")
    if not published["seed"]:
        raise ValueError("the seed is not published yet")
    seed = bytes.fromhex(str(published["seed"]))
    if hashlib.sha256(seed).hexdigest() != published["commitment"]:
        raise ValueError("the seed is not the one that was committed to")
    numbered = sorted(population, key=lambda case: hmac.new(seed, case.encode(), hashlib.sha256).hexdigest())
    sample = numbered[: int(str(published["size"]))]
    if sample != published["sample"]:
        raise ValueError("the published sample is not what this seed draws")
    return sample


def main() -> int:
    """Read the file, draw, print."""
    if len(sys.argv) != 2:
        print("usage: redraw.py draw.json", file=sys.stderr)
        return 2
    try:
        sample = redraw(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    except (OSError, KeyError, TypeError, ValueError) as error:
        print(f"does not fit: {error}", file=sys.stderr)
        return 1
    print("\n".join(sample))
    return 0


if __name__ == "__main__":
    sys.exit(main())
