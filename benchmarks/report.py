"""How a benchmark tells what it measured."""

from __future__ import annotations

import json
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "var" / "bench.jsonl"


def result(name: str, *, engine: str, ours: float, bare: float, unit: str, n: int) -> float:
    """Print ours, the bare reference and their ratio, append them to var/bench.jsonl, and return the ratio.

    `unit` is that of `ours` and `bare` alike ("cases/s", "s"); `n` is how many things were done.
    """
    ratio = ours / bare
    print(f"{name:<24}{engine:<12}{ours:12,.1f} {unit:<10} bare {bare:12,.1f}  ratio {ratio:6.2f}  n {n:,}")
    line = {
        "name": name,
        "engine": engine,
        "ours": ours,
        "bare": bare,
        "ratio": round(ratio, 4),
        "unit": unit,
        "n": n,
    }
    FILE.parent.mkdir(exist_ok=True)
    with FILE.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    return ratio
