"""Suggesting kinds: texts a second and macro-F1 by five-fold cross-validation, against plain scikit-learn.

    python -m benchmarks.suggestion [FILE TEXT[+TEXT…] LABEL]

FILE (CSV or Excel) may also be given as LINLI_BENCH_LABELLED="FILE TEXT LABEL". Without one the example sentences
of the rulebook are taken, whose labels are far too many for their number: only the speed is told then.
Bars: 1,500 texts/s; macro-F1 0.82 on a labelled file of a hotline.
"""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
import numpy as np

from benchmarks.report import result

TEXTS = 20_000
ROUNDS = 5


def asked() -> list[str]:
    """The labelled file, its columns of texts and of labels, when they were given."""
    return sys.argv[1:] or shlex.split(os.environ.get("LINLI_BENCH_LABELLED", ""))


def labelled() -> tuple[Any, int]:
    """The texts with their labels, and into how many folds they can be drawn."""
    from linli.cases import queries as cases
    from linli.intake.suggestion import shipped, tables

    if given := asked():
        file, text, label = given
        data, _ = tables.labelled(tables.read(Path(file), text.split("+"), label))
        return data, int(shipped.settings("learned")["folds"])
    data = shipped.sentences(cases.catalogue(0))
    count = Counter(data.labels)
    folds = 2
    return data.chosen(np.array([n for n, label in enumerate(data.labels) if count[label] >= folds])), folds


def plain(data: Any, folds: int, seed: int) -> tuple[float, Any]:
    """Macro-F1 of the usual pipeline of scikit-learn on the same folds, and that pipeline trained on all."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics import f1_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    pipeline = make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True), LinearSVC()
    )
    split = StratifiedKFold(folds, shuffle=True, random_state=seed)
    told = cross_val_predict(pipeline, data.texts, data.labels, cv=split)
    return float(f1_score(data.labels, told, average="macro")), pipeline.fit(data.texts, data.labels)


def rate(work: Callable[[], Any], texts: int) -> float:
    """Texts a processor second, the median of some rounds: other processes on the machine count less."""
    work()
    took = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        took.append(time.process_time() - start)
    return texts / sorted(took)[ROUNDS // 2]


def run() -> None:
    """Print the figures."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.project.settings")
    django.setup()
    from linli.intake.suggestion import fitting, shipped

    data, folds = labelled()
    recipe, seed = shipped.recipe("learned"), int(shipped.settings("learned")["seed"])
    measured = fitting.cross_validated(data, recipe, folds=folds, seed=seed)
    bare_f1, pipeline = plain(data, folds, seed)
    model = fitting.fit(data, recipe)
    many = (list(data.texts) * (TEXTS // len(data.texts) + 1))[:TEXTS]
    few = many[: TEXTS // 10]
    ours = rate(lambda: model.best(many, 3), len(many))
    bare = rate(lambda: pipeline.decision_function(few), len(few))
    result("suggest_texts", engine="memory", ours=ours, bare=bare, unit="texts/s", n=len(many))
    if asked():
        result("suggest_macro_f1", engine="memory", ours=100 * measured.macro_f1, bare=100 * bare_f1, unit="of 100", n=measured.rows)  # fmt: skip


if __name__ == "__main__":
    run()
