"""The rows of a file compared with each other, as `linli duplicates` does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from linli.intake.duplicates import files, rules
from linli.intake.duplicates.files import Compared, Listener
from linli.intake.duplicates.rules import Law
from linli.intake.mapping import CaseMapping
from linli.kernel import rulebook

TABLE = "duplicates"


def law() -> Law:
    """The rulebook's numbers."""
    return rules.law_of(rulebook.table(TABLE))


def numbers(section: str) -> dict[str, Any]:
    """A section of the rulebook's table, such as `recurring`."""
    return dict(rulebook.table(TABLE)[section])


def candidates_shown() -> int:
    """How many candidates are shown for a report."""
    return law().shown


def rows_compared(
    path: Path,
    mapping: CaseMapping,
    *,
    at: datetime,
    earlier: bool,
    listener: Listener,
) -> Iterator[Compared]:
    """Every row of the file with the rows most like it; see `duplicates.files.rows_compared`."""
    return files.rows_compared(path, mapping, law(), at=at, earlier=earlier, listener=listener)
