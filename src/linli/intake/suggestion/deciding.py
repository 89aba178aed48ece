"""Which words of a text decided for a label: n-grams that spoke for it, merged back into pieces of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from linli.intake.suggestion.model import Model

_PIECE = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")  # runs without blanks and punctuation
_LATIN = re.compile(r"[0-9A-Za-z'’-]+")
_STRONG = 0.4  # of the strongest character: from here on a character belongs to what decided
_SHARE = 0.25  # of the strongest piece: a piece that is weaker did not decide


def words(model: Model, text: str, labels: Sequence[str], shown: int, longest: int) -> list[tuple[str, ...]]:
    """For each label the pieces of the text that spoke most for it against the others, strongest first.

    At most `shown` a label, each of two to `longest` characters (of Latin words: whole words), none twice, as they
    stand in the text.
    """
    text = text[: model.cut.most]
    strengths = _strengths(model, text, [model.labels.index(label) for label in labels])
    return [_strongest(text, strength, shown, longest) for strength in strengths]


def _strongest(text: str, strength: NDArray[np.float64], shown: int, longest: int) -> tuple[str, ...]:
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


def _strengths(model: Model, text: str, columns: Sequence[int]) -> list[NDArray[np.float64]]:
    """For each label how much the n-grams over each character speak for it rather than for the others."""
    row = model.tfidf([text])
    if row.nnz == 0:
        return [np.zeros(len(text)) for _ in columns]
    weights = model.weights[row.indices]
    found = model.cut.grams([text])
    feature = np.searchsorted(model.vocabulary, found.gram)
    feature[feature == len(model.vocabulary)] = 0
    known = model.vocabulary[feature] == found.gram
    # The place of each n-gram of the text among those of the row, which are in order.
    entry, start, length = (
        np.searchsorted(row.indices, feature[known]),
        found.start[known],
        found.length[known],
    )
    # Of one n-gram that stands there several times every place has its share.
    times = np.bincount(entry, minlength=row.nnz)[entry] * length
    means = weights.mean(axis=1)
    return [
        _spread(((weights[:, column] - means) * row.data)[entry] / times, start, length, len(text))
        for column in columns
    ]


def _spread(
    each: NDArray[np.float64], start: NDArray[np.int64], length: NDArray[np.int64], size: int
) -> NDArray[np.float64]:
    total = np.zeros(size)
    for offset in range(int(length.max(initial=0))):
        within = length > offset
        total += np.bincount(start[within] + offset, each[within], size)
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
