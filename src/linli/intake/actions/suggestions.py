"""Writes of suggestions: what a clerk chose is noted, and the town learns from its own closed cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction

from linli.cases import queries as cases
from linli.intake.events import SuggestionsLearned
from linli.intake.models import Choice
from linli.intake.queries.suggestions import Closed, closed_examples
from linli.intake.suggestion import fitting, held, shipped
from linli.intake.suggestion.fitting import Labelled, Measured
from linli.intake.suggestion.model import Model, save
from linli.intake.suggestion.words import NOTHING_NEW, NOTHING_TO_LEARN, WORSE_MODEL
from linli.kernel import access, journal
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_ALLOWED, NOT_FOUND, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text

SHOWN_MOST = 8


def note_choice(*, case_id: UUID, shown: Sequence[str], chosen: str, at: datetime, by: Actor) -> None:
    """Note which kinds were suggested for the case (best first; none: nothing was said) and which was chosen.

    One note a case: noting again replaces it, so a retry changes nothing. Raises NOT_FOUND, NOT_ALLOWED for
    who may not take matters in where the case lies, INVALID for a kind that the catalogue does not have.
    """
    case = cases.Case.objects.filter(pk=case_id).first()
    if case is None:
        raise Problem(NOT_FOUND)
    subject = cases.subject_of(case)
    if not any(
        access.may(by, action, subject) for action in ("case.intake", "case.intake_any", "case.accept")
    ):
        raise Problem(NOT_ALLOWED)
    book = cases.catalogue(None)
    if book.kind(chosen) is None:
        raise Problem(INVALID, fields={"kind": Text("没有这个事项类别", "There is no such kind of matter")})
    kinds = [code for code in dict.fromkeys(shown) if book.kind(code) is not None][:SHOWN_MOST]
    rank = (kinds.index(chosen) + 1 if chosen in kinds else 0) if kinds else None
    values = {"shown": " ".join(kinds), "chosen": chosen, "rank": rank, "at": at, "by_id": by.account_id}
    with transaction.atomic():
        Choice.objects.update_or_create(case_id=case_id, defaults=values)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The new model beside the one in use, macro-F1 on the same cases, which neither had seen."""

    rows: int
    new: float
    present: float


@dataclass(frozen=True, eq=False)
class Learned:
    """What was learned: the figures, the comparison (None when forced without anything to compare), the model."""

    measured: Measured
    comparison: Comparison | None
    kinds: int
    cases: int
    model: Model


def learn_from_cases(*, by: Actor, at: datetime, seed: int | None = None, force: bool = False) -> Learned:
    """Train on the town's own closed cases beside the catalogue's words, and put the model in force.

    Every process uses it from its next suggestion on; the journal says what was learned. Refused, leaving the
    present model: NOTHING_TO_LEARN with too few closed cases; unless `force`, NOTHING_NEW when the present model
    knew nearly all of them already, WORSE_MODEL when it is better on cases that neither had seen.
    Only the operator may (NOT_ALLOWED).
    """
    if by.kind != "system":
        raise Problem(NOT_ALLOWED)
    rules, told = shipped.settings("learn"), shipped.settings("learned")
    book = cases.catalogue(None)
    found = closed_examples(book, int(rules["most"]), int(rules["most_a_kind"]))
    folds = int(told["folds"])
    judged, rest = _split(found, folds)
    least = int(rules["least"])
    if len(judged.times) < least:
        raise Problem(
            NOTHING_TO_LEARN, fields={"cases": TOO_FEW_CASES.fill(n=len(judged.times), least=rules["least"])}
        )
    beside = shipped.examples(book).and_(rest.data)
    seed = int(told["seed"]) if seed is None else seed
    recipe = shipped.recipe("learned")
    present = held.model()
    fresh = _fresh(judged, present)
    if not force and len(fresh) < least:
        raise Problem(NOTHING_NEW, fields={"cases": FRESH_CASES.fill(n=len(fresh), least=least)})
    measured = fitting.cross_validated(judged.data, recipe, folds=folds, seed=seed, beside=beside)
    comparison = _compared(judged.data, fresh, measured, present) if fresh else None
    if comparison and not force:
        _be_better(comparison, float(rules["margin"]))
    about = {
        "made_of": "cases", **measured.about(), "cases": len(found.times), "learned_at": at.isoformat(),
        "learned_until": max(found.times).isoformat(),
    }  # fmt: skip
    sharp = replace(recipe, sharpness=measured.sharpness)
    model = fitting.fit(judged.data.and_(beside), sharp, about=about)
    kinds = len(set(found.data.labels))
    with transaction.atomic():
        fact = SuggestionsLearned(
            len(found.times), kinds, round(measured.macro_f1, 4), round(measured.accuracy, 4)
        )
        journal.record(fact, about=uuid7(at), by=by, at=at)
        save(model, held.path())
    return Learned(measured, comparison, kinds, len(found.times), model)


def _split(found: Closed, folds: int) -> tuple[Closed, Closed]:
    """Cases of kinds that can be judged in so many folds, and the others, which are only learned."""
    count = Counter(found.data.labels)
    enough = np.array([count[label] >= folds for label in found.data.labels], dtype=bool)

    def part(places: Any) -> Closed:
        return Closed(found.data.chosen(places), tuple(found.times[place] for place in places))

    return part(np.flatnonzero(enough)), part(np.flatnonzero(~enough))


def _fresh(judged: Closed, present: Model) -> list[int]:
    """The places of the cases that closed after the present model had learned."""
    until = present.about.get("learned_until")
    since = datetime.fromisoformat(str(until)) if until else None
    return [place for place, at in enumerate(judged.times) if since is None or at > since]


def _compared(judged: Labelled, fresh: list[int], measured: Measured, present: Model) -> Comparison:
    """Both on the same cases, which neither had seen."""
    data = judged.chosen(np.array(fresh))
    before = [best[0][0] if best else "" for best in present.best(data.texts, 1)]
    after = [measured.predicted[place] for place in fresh]
    return Comparison(len(fresh), fitting.macro_f1(data.labels, after), fitting.macro_f1(data.labels, before))


def _be_better(comparison: Comparison, margin: float) -> None:
    if comparison.new < comparison.present - margin:
        new, present = f"{comparison.new:.3f}", f"{comparison.present:.3f}"
        said = FIGURES.fill(new=new, present=present, n=comparison.rows)
        raise Problem(WORSE_MODEL, fields={"macro_f1": said})


TOO_FEW_CASES = Text(
    "可用的已办结案件只有 {n} 件,至少需要 {least} 件(每类至少 5 件才计入)",
    "there are only {n} closed cases of use, and {least} are needed (of kinds with at least 5 each)",
)
FRESH_CASES = Text(
    "现用模型学习之后只办结了 {n} 件,至少需要 {least} 件才能比较",
    "only {n} cases were closed since the present model learned; {least} are needed to compare",
)
FIGURES = Text(
    "在双方都没见过的 {n} 件上,新模型宏平均 F1 {new},现用模型 {present}",
    "on {n} cases that neither had seen the new model has macro-F1 {new}, the present one {present}",
)
