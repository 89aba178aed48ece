"""What a town suggests before it has learned anything: a model of the catalogue's own words and of our sentences."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any, Final

from linli.cases.queries import Catalogue, Kind
from linli.intake.suggestion import fitting
from linli.intake.suggestion.fitting import Labelled, Recipe
from linli.intake.suggestion.grams import Cut
from linli.intake.suggestion.model import FORMAT, Model
from linli.kernel import rulebook

TABLE: Final = "suggestion"


def settings(section: str) -> dict[str, Any]:
    """A section of the rulebook's table."""
    found: dict[str, Any] = rulebook.table(TABLE)[section]
    return found


def recipe(section: str) -> Recipe:
    """How the rulebook says to learn: `learned` or `shipped`."""
    told = settings(section)
    return Recipe(
        Cut(int(told["shortest_gram"]), int(told["longest_gram"]), int(settings("offer")["longest"])),
        int(told["rare"]),
        int(told["most_grams"]),
        float(told["penalty"]),
        float(told["balance"]),
        float(told.get("sharpness", 1.0)),
    )


def documents(book: Catalogue) -> Labelled:
    """What the catalogue says of each kind of matter: its names and each keyword, in both languages."""
    texts: list[str] = []
    labels: list[str] = []
    for kind in book.matters():
        said = _said(kind)
        texts += said
        labels += [kind.code] * len(said)
    return Labelled(texts, labels)


def sentences(book: Catalogue) -> Labelled:
    """The rulebook's example sentences of those kinds that the catalogue has."""
    known = {kind.code for kind in book.matters()}
    rows = [row for row in rulebook.table(TABLE).get("sentences", ()) if row["kind"] in known]
    return Labelled([row["text"] for row in rows], [row["kind"] for row in rows])


def examples(book: Catalogue) -> Labelled:
    """All that a town ships with to learn from."""
    return documents(book).and_(sentences(book))


def digest(data: Labelled) -> str:
    """What tells the models of other texts or another recipe apart."""
    told = [FORMAT, asdict(recipe("shipped")), list(data.texts), list(data.labels)]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:16]


def model(data: Labelled) -> Model:
    """The model of what a town ships with; about a second of work."""
    return fitting.fit(data, recipe("shipped"), about={"made_of": "catalogue", "rows": len(data.texts)})


def _said(kind: Kind) -> list[str]:
    zh, en = kind.name.zh.removesuffix("异常"), kind.name.en.removesuffix(" problem")
    return [zh, en, *kind.keywords]
