"""Which words of a text decided for a label: n-grams that spoke for it, merged back into pieces of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from linli.intake.suggestion.model import Model

_PIECE = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")  # runs without blanks and punctuation
_LATIN = re.compile(r"[0-9A-Za-z'’-]+")
_STRONG = 0.4  # of the strongest character: from here on a character belongs to what decided
_SHARE = 0.25  # of the strongest piece: a piece that is weaker did not decide


def words(model: Model, text: str, label: str, shown: int, longest: int) -> tuple[str, ...]:
    """The pieces of the text that spoke most for the label against the others, strongest first, as they stand there.

    At most `shown`, each of two to `longest` characters (of Latin words: whole words), none twice.
    """
    text = text[: model.cut.most]
    strength = _strength(model, text, model.labels.index(label))
    top = float(strength.max(initial=0.0))
    if top <= 0:
        return ()
    found: dict[str, float] = {}
    for start, end in _runs(text, strength, top * _STRONG, longest):
        piece = text[start:end]
        found[piece] = max(found.get(piece, 0.0), float(strength[start:end].sum()))
    ranked = sorted(found, key=lambda piece: (-found[piece], piece))
    chosen: list[str] = []
    for piece in ranked:
        if found[piece] < found[ranked[0]] * _SHARE or len(chosen) == shown:
            break
        if not any(piece in other for other in chosen):
            chosen.append(piece)
    return tuple(chosen)


def _strength(model: Model, text: str, column: int) -> NDArray[np.float64]:
    """For each character how much the n-grams over it speak for the label rather than for the others."""
    total = np.zeros(len(text))
    found = model.cut.grams([text])
    row = model.tfidf([text])
    if row.nnz == 0:
        return total
    weights = model.weights[row.indices]
    # Of one n-gram that stands there several times every place has its share.
    feature = np.searchsorted(model.vocabulary, found.gram)
    feature[feature == len(model.vocabulary)] = 0
    known = model.vocabulary[feature] == found.gram
    share = np.zeros(len(model.vocabulary))
    share[row.indices] = row.data * (weights[:, column] - weights.mean(axis=1))
    times = np.bincount(feature[known], minlength=len(model.vocabulary))
    feature, start, length = feature[known], found.start[known], found.length[known]
    each = share[feature] / times[feature] / length
    for offset in range(model.cut.longest):
        within = length > offset
        np.add.at(total, start[within] + offset, each[within])
    return total


def _runs(text: str, strength: NDArray[np.float64], strong: float, longest: int) -> Iterator[tuple[int, int]]:
    """Where strong characters stand together, within words of one script."""
    for piece in _PIECE.finditer(text):
        begin = piece.start()
        for latin in _LATIN.finditer(text, piece.start(), piece.end()):
            yield from _han(strength, begin, latin.start(), strong, longest)
            if latin.end() - latin.start() > 1 and strength[latin.start() : latin.end()].mean() >= strong / 2:
                yield latin.start(), latin.end()
            begin = latin.end()
        yield from _han(strength, begin, piece.end(), strong, longest)


def _han(
    strength: NDArray[np.float64], begin: int, end: int, strong: float, longest: int
) -> Iterator[tuple[int, int]]:
    place = begin
    while place < end:
        if strength[place] < strong:
            place += 1
            continue
        last = place
        while last < end and strength[last] >= strong and last - place < longest:
            last += 1
        if last - place == 1:  # a single character is hard to read: with the stronger of its neighbours
            before = strength[place - 1] if place > begin else -np.inf
            after = strength[last] if last < end else -np.inf
            place, last = (place - 1, last) if before > after else (place, min(end, last + 1))
        if last - place > 1:
            yield place, last
        place = max(last, place + 1)
