"""What the lines of a part say, once the columns are known: rows, and refusals with their reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from linli.cases import queries as cases
from linli.cases.queries import Catalogue
from linli.intake.batches.rows import Reader, Row
from linli.intake.batches.sheet import Line
from linli.intake.batches.words import NO_KIND, Field
from linli.intake.models import Batch
from linli.intake.words import Refusal, Refused
from linli.kernel import clock, rulebook
from linli.kernel.text import Text

TWICE = Text("与第 {line} 行编号相同", "has the same number as line {line}")
UNKNOWN_KIND = Text("类别没有对应", "is a category that is not matched")
NO_CATEGORY = Text("没有类别,也无法从内容判断", "has no category, and its text does not tell one")
CATEGORIES_KEPT = 1_000
Suggest = Callable[[Sequence[str]], list[str]]
"""Our kind for each text, empty where the text does not tell."""


@dataclass(slots=True)
class Judged:
    """The rows of a part that can be taken, and those that cannot."""

    rows: list[Row] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    twice: list[Refusal] = field(default_factory=list)


class Judge:
    """Judges the parts of one batch. `at` is now."""

    def __init__(self, batch: Batch, at: datetime) -> None:
        places = {label: place for place, label in enumerate(batch.header)}
        self.kinds: dict[str, str] = batch.kinds
        self.twice: dict[str, int] = batch.twice
        self.catalogue = cases.catalogue(None)
        self.names = names_of(self.catalogue)
        self.kind_of = lru_cache(maxsize=CATEGORIES_KEPT)(self._kind_of)
        self.reader = Reader(
            {name: places[label] for name, label in batch.columns.items()},
            kind_of=self.kind_of,
            zone=clock.town_zone(),
            at=at,
            oldest_days=limits()["rows"]["oldest_days"],
        )

    def part(self, lines: Iterable[Line]) -> Judged:
        """Every line, except that rows without a kind still have none."""
        found = Judged()
        for line, cells in lines:
            try:
                if isinstance(cells, tuple):
                    raise Refused("", "", Text(*cells))
                first = self.twice.get(str(line)) if self.twice else None
                if first is not None:
                    number = self.reader.number_of(cells)
                    reason = TWICE.fill(line=first)
                    found.twice.append(Refusal(line, number, Field.NUMBER, number, reason))
                    continue
                found.rows.append(self.reader.take(line, cells))
            except Refused as refused:
                number = self.reader.number_of(cells) if isinstance(cells, list) else ""
                found.refused.append(Refusal(line, number, refused.field, refused.value, refused.reason))
        return found

    def settle_kinds(self, judged: Judged, suggest: Suggest | None) -> int:
        """Give a kind to the rows that name no category: by their text, else the one that the clerk chose for them.
        Rows that still have none are refused. How many were given one by their text."""
        bare = [row for row in judged.rows if not row.kind and not row.theirs]
        by_text = 0
        if suggest and bare:
            for row, kind in zip(bare, suggest([row.text for row in bare]), strict=True):
                row.kind = kind
                by_text += bool(kind)
        for row in bare:
            row.kind = row.kind or self._chosen(NO_KIND)
        kept = [row for row in judged.rows if row.kind]
        for row in judged.rows:
            if not row.kind:
                reason = UNKNOWN_KIND if row.theirs else NO_CATEGORY
                judged.refused.append(Refusal(row.line, row.number, Field.KIND, row.theirs[:40], reason))
        judged.rows = kept
        return by_text

    def _kind_of(self, theirs: str) -> str:
        return self._chosen(theirs) or kind_named(theirs, self.catalogue, self.names)

    def _chosen(self, theirs: str) -> str:
        code = self.kinds.get(theirs, "")
        return code if code in self.catalogue.kinds else ""


def names_of(catalogue: Catalogue) -> dict[str, str]:
    """The kinds by their names, in both languages; a name that two kinds share tells nothing."""
    found: dict[str, set[str]] = {}
    for kind in catalogue.matters():
        for name in {kind.name.zh.strip(), kind.name.en.strip().casefold()}:
            found.setdefault(name, set()).add(kind.code)
    return {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}


def kind_named(theirs: str, catalogue: Catalogue, names: dict[str, str]) -> str:
    """Our kind that a category names: by code or by a number of the national classification, also of 2013; by
    name; or by the last step of a path (城市管理/市容/占道经营)."""
    numbered = catalogue.by_number(theirs)
    if numbered is not None or theirs in catalogue.kinds:
        return numbered.code if numbered else theirs
    for name in (theirs, theirs.casefold(), *_last_steps(theirs)):
        if name in names:
            return names[name]
    return ""


def _last_steps(theirs: str) -> list[str]:
    return [theirs.rpartition(sign)[2].strip() for sign in ("/", "-", ">", "\\", "|") if sign in theirs]


def limits() -> dict[str, Any]:
    """The rulebook's numbers for batches."""
    return rulebook.table("batches")


def find_twice(numbers: Iterable[tuple[int, str]], first: dict[str, int]) -> dict[str, int]:
    """Of lines with a number that stands in an earlier line: the first line, by the later one. `first` has the
    numbers of the lines before, and those of these afterwards."""
    twice: dict[str, int] = {}
    for line, number in numbers:
        if number and first.setdefault(number, line) != line:
            twice[str(line)] = first[number]
    return twice
