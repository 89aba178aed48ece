"""Learning a model from labelled texts, and measuring it: ridge regression of ±1 for each label.

Two ways to the same numbers: in closed form for some thousand texts, which a web process does at its first
suggestion without importing scikit-learn (2 s), and scikit-learn's ridge for more. Folds and figures are
scikit-learn's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from linli.intake.suggestion.grams import Cut, Grams
from linli.intake.suggestion.model import Floats, Model, weighed
from linli.intake.suggestion.words import NOTHING_TO_LEARN
from linli.kernel.errors import Problem
from linli.kernel.text import Text

FEW = 6_500
_BLOCK = 500
SHARPEST = np.geomspace(0.5, 60, 60)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to learn: n-grams in fewer than `rare` texts, and the rarest beyond `most_grams`, do not count; `penalty` keeps weights small; with `balance` 0
    every text weighs alike, with 1 every label."""

    cut: Cut
    rare: int
    most_grams: int
    penalty: float
    balance: float
    sharpness: float = 1.0


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts with the label of each."""

    texts: Sequence[str]
    labels: Sequence[str]

    def and_(self, other: Labelled) -> Labelled:
        """These and those."""
        return Labelled([*self.texts, *other.texts], [*self.labels, *other.labels])

    def chosen(self, rows: NDArray[Any]) -> Labelled:
        """Those of these places."""
        return Labelled([self.texts[row] for row in rows], [self.labels[row] for row in rows])


NONE = Labelled((), ())


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """How well one label is found; shares from 0 to 1."""

    label: str
    rows: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, eq=False)
class Measured:
    """What cross-validation found: every text was judged by a model that had not seen it."""

    rows: int
    folds: int
    seed: int
    macro_f1: float
    accuracy: float
    top3: float
    labels: tuple[LabelFigures, ...]
    predicted: tuple[str, ...]
    sharpness: float

    def about(self) -> dict[str, Any]:
        """The figures as a model file keeps them."""
        return {
            "rows": self.rows, "folds": self.folds, "seed": self.seed, "macro_f1": round(self.macro_f1, 4),
            "accuracy": round(self.accuracy, 4), "top3": round(self.top3, 4),
        }  # fmt: skip


def fit(data: Labelled, recipe: Recipe, *, about: Mapping[str, Any] | None = None) -> Model:
    """The model of these texts; the same for the same texts in the same order.

    Raises NOTHING_TO_LEARN with fewer than two labels, or when the texts have nothing in common.
    """
    prepared = _prepare(data, recipe)
    solve = _in_closed_form if len(data.texts) <= FEW else _by_scikit_learn
    return prepared.model(*solve(prepared, recipe.penalty), recipe, about)


def _in_closed_form(prepared: _Prepared, penalty: float) -> tuple[Floats, Floats]:
    """Weights and biases by solving the dual: quick, but time and memory grow with the square of the texts."""
    from scipy.linalg import solve

    rows, weights = prepared.rows, prepared.weights.astype(np.float32)
    targets = prepared.targets.astype(np.float32)
    share, root = weights / weights.sum(), np.sqrt(weights)
    middle, level = rows.T @ share, share @ targets
    # The products of the centred rows, without ever writing a centred (that is, dense) row down.
    towards, square, flipped = rows @ middle, middle @ middle, rows.T.tocsr()
    products = np.empty((len(weights), len(weights)), np.float32)
    for start in range(0, len(weights), _BLOCK):
        part = slice(start, start + _BLOCK)
        block = (rows[part] @ flipped).toarray()
        products[part] = (block - towards[part, None] - towards + square) * root[part, None] * root
    products[np.diag_indices_from(products)] += np.float32(penalty)
    wanted = (targets - level) * root[:, None]
    dual = solve(products, wanted, assume_a="pos", overwrite_a=True, overwrite_b=True) * root[:, None]
    found = rows.T @ dual - middle[:, None] * dual.sum(axis=0)
    return found, level - middle @ found


def _by_scikit_learn(prepared: _Prepared, penalty: float) -> tuple[Floats, Floats]:
    """The same weights and biases by conjugate gradients, for any number of texts."""
    from sklearn.linear_model import Ridge

    ridge = Ridge(alpha=penalty, solver="sparse_cg", tol=1e-6)
    ridge.fit(prepared.rows.astype(np.float64), prepared.targets, sample_weight=prepared.weights)
    return ridge.coef_.T, ridge.intercept_


@dataclass(frozen=True, eq=False)
class _Prepared:
    labels: tuple[str, ...]
    vocabulary: Grams
    idf: Floats
    rows: Any  # a scipy CSR matrix; scipy ships no types
    targets: NDArray[np.float64]
    weights: NDArray[np.float64]

    def model(
        self, weights: NDArray[Any], bias: NDArray[Any], recipe: Recipe, about: Mapping[str, Any] | None
    ) -> Model:
        return Model(
            self.labels,
            self.vocabulary,
            self.idf,
            np.ascontiguousarray(weights, dtype=np.float32),
            np.asarray(bias, dtype=np.float32),
            recipe.cut,
            recipe.sharpness,
            dict(about or {}),
        )


def _prepare(data: Labelled, recipe: Recipe) -> _Prepared:
    labels = tuple(sorted(set(data.labels)))
    if len(labels) < 2:
        raise Problem(NOTHING_TO_LEARN, fields={"label": ONE_LABEL})
    vocabulary, texts_with = _usual(*recipe.cut.vocabulary(data.texts, recipe.rare), recipe.most_grams)
    if not len(vocabulary):
        raise Problem(NOTHING_TO_LEARN, fields={"text": NO_WORDS})
    texts = len(data.texts)
    idf = (np.log((1 + texts) / (1 + texts_with)) + 1).astype(np.float32)
    rows = weighed(recipe.cut.counted(data.texts, vocabulary), idf)
    place = {label: column for column, label in enumerate(labels)}
    column = np.array([place[label] for label in data.labels])
    targets = np.full((texts, len(labels)), -1.0)
    targets[np.arange(texts), column] = 1.0
    weights = (1.0 / np.bincount(column)[column]) ** recipe.balance
    weights /= weights.mean()
    return _Prepared(labels, vocabulary, idf, rows, targets, weights)


def _usual(vocabulary: Grams, texts_with: NDArray[Any], most: int) -> tuple[Grams, NDArray[Any]]:
    """The n-grams that most texts have, so many that a model stays small in memory; in their order."""
    if len(vocabulary) <= most:
        return vocabulary, texts_with
    kept = np.sort(np.argsort(-texts_with, kind="stable")[:most])
    return vocabulary[kept], texts_with[kept]


def cross_validated(
    data: Labelled, recipe: Recipe, *, folds: int, seed: int, beside: Labelled = NONE
) -> Measured:
    """How well the recipe does on texts that it has not seen, in stratified folds drawn with the seed.

    `beside` is learned in every fold and never judged. Raises NOTHING_TO_LEARN when a label has fewer rows
    than there are folds, or there is one label only.
    """
    from sklearn.model_selection import StratifiedKFold

    check(data, folds)
    order = tuple(sorted({*data.labels, *beside.labels}))
    place = {label: column for column, label in enumerate(order)}
    shares = np.zeros((len(data.texts), len(order)))
    split = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for learned, judged in split.split(np.zeros(len(data.texts)), np.array(data.labels)):
        model = fit(data.chosen(learned).and_(beside), replace(recipe, sharpness=1.0))
        columns = [place[label] for label in model.labels]
        shares[np.ix_(judged, columns)] = model.shares([data.texts[row] for row in judged])
    truth = np.array([place[label] for label in data.labels])
    return _figures(data, order, shares, truth, (folds, seed))


def check(data: Labelled, folds: int) -> None:
    """Refuse what cannot be cross-validated."""
    counts = Counter(data.labels)
    if len(counts) < 2:
        raise Problem(NOTHING_TO_LEARN, fields={"label": ONE_LABEL if counts else NO_ROWS})
    few = sorted(label for label, count in counts.items() if count < folds)
    if few:
        named = ", ".join(f"{label[:20]} ({counts[label]})" for label in few[:10])
        raise Problem(NOTHING_TO_LEARN, fields={"label": TOO_FEW.fill(n=folds, labels=named, count=len(few))})


def _figures(
    data: Labelled, order: tuple[str, ...], shares: NDArray[Any], truth: NDArray[Any], how: tuple[int, int]
) -> Measured:
    from sklearn.metrics import precision_recall_fscore_support

    best = np.argsort(-shares, axis=1, kind="stable")
    chosen = best[:, 0]
    own = sorted(set(truth.tolist()))
    precision, recall, f1, rows = precision_recall_fscore_support(
        truth, chosen, labels=own, average=None, zero_division=0.0
    )
    return Measured(
        rows=len(data.texts),
        folds=how[0],
        seed=how[1],
        macro_f1=float(np.mean(f1)),
        accuracy=float(np.mean(chosen == truth)),
        top3=float(np.mean((best[:, :3] == truth[:, None]).any(axis=1))),
        labels=tuple(
            LabelFigures(order[label], int(n), float(p), float(r), float(f))
            for label, n, p, r, f in zip(own, rows, precision, recall, f1, strict=True)
        ),
        predicted=tuple(order[label] for label in chosen),
        sharpness=_sharpness(shares, truth),
    )


def macro_f1(truth: Sequence[str], predicted: Sequence[str]) -> float:
    """The mean over the labels of the truth of their F1; 0 to 1."""
    from sklearn.metrics import f1_score

    own = sorted(set(truth))
    return float(f1_score(truth, predicted, labels=own, average="macro", zero_division=0.0))


def _sharpness(shares: NDArray[Any], truth: NDArray[Any]) -> float:
    """With which sharpness the shares of unseen texts are most believable (temperature scaling)."""
    scores = np.log(np.maximum(shares, 1e-12))
    own = scores[np.arange(len(truth)), truth]

    def surprise(sharp: float) -> float:
        powers = scores * sharp
        top = powers.max(axis=1)
        total = top + np.log(np.exp(powers - top[:, None]).sum(axis=1))
        return float(np.mean(total - own * sharp))

    return float(min(SHARPEST, key=surprise))


NO_ROWS = Text("没有可用的行", "there is no row that can be used")
ONE_LABEL = Text("只有一个类别,无从区分", "there is only one label; nothing to tell apart")
NO_WORDS = Text("文字太少,没有重复出现的词", "the texts are too few and too short: nothing occurs twice")
TOO_FEW = Text(
    "{count} 个类别不足 {n} 行:{labels};请补充,或加 --skip-rare 不学这些类别",
    "{count} labels have fewer than {n} rows: {labels}; add rows, or leave them out with --skip-rare",
)
