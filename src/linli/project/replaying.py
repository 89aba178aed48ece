"""`linli deadlines`: every deadline worked out again from the journal, and what differs."""

from __future__ import annotations

from rich.console import Console

from linli.cases import queries

SHOWN = 20


def deadlines(out: Console) -> int:
    """Compare every case's deadline with the one that follows from its record; 1 when any differs."""
    checked = differing = 0
    for one in queries.deadlines_replayed():
        checked += 1
        if one.agrees:
            continue
        differing += 1
        if differing <= SHOWN:
            out.print(f"{one.number}  {one.shown}  ≠  {one.replayed}", highlight=False)
    if differing > SHOWN:
        out.print(f"…… 另有 {differing - SHOWN} 件 / and {differing - SHOWN} more", highlight=False)
    out.print(
        f"核对 {checked:,} 件,不一致 {differing:,} 件 / {checked:,} cases, {differing:,} differ",
        highlight=False,
    )
    return 1 if differing else 0
