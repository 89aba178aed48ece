"""Texts as counted character n-grams, in whole arrays: the number of texts, not of characters, costs Python.

An n-gram of one to three characters is one whole number (21 bits a character), so a vocabulary is a sorted
array and looking up is a search in it. Letters count without case, digits all alike: a number says nothing
about the kind of a matter, and no telephone number is learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LONGEST_GRAM = 3
_BITS = 21
_AT_ONCE = 1_000  # texts: so much memory and no more
_BREAK = 0  # between two texts; no n-gram spans it

Codes = NDArray[np.uint32]
Ints = NDArray[np.int64]
Grams = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Found:
    """The n-grams of some texts, each where it stands: `row` the text, `start` the place in `codes`, `length`."""

    gram: Grams
    row: Ints
    start: Ints
    length: Ints


def codes_of(texts: Sequence[str], most: int) -> tuple[Codes, Ints]:
    """The texts' characters one after another with a break after each, and the place where each text begins.

    Of a text at most `most` characters count. One number a character: a place in the numbers is a place in the
    text.
    """
    cut = [text[:most] for text in texts]
    joined = "\0".join(cut) + "\0"
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32)
    lengths = np.fromiter((len(text) + 1 for text in cut), np.int64, len(cut))
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1])) if len(cut) else np.zeros(0, np.int64)
    breaks = np.zeros(len(codes), bool)
    breaks[starts + lengths - 1] = True
    return _alike(codes, breaks), starts.astype(np.int64)


def _alike(codes: Codes, breaks: NDArray[np.bool_]) -> Codes:
    """Full-width as half-width, small letters, one digit, one blank."""
    codes = np.where((codes >= 0xFF01) & (codes <= 0xFF5E), codes - 0xFEE0, codes)
    codes = np.where((codes >= 65) & (codes <= 90), codes + 32, codes)
    codes = np.where((codes >= 48) & (codes <= 57), 48, codes)
    codes = np.where((codes <= 32) | (codes == 0x3000) | (codes == 0xA0), 32, codes)
    return np.where(breaks, _BREAK, codes).astype(np.uint32)


def grams_of(texts: Sequence[str], shortest: int, longest: int, most: int) -> Found:
    """Every n-gram of `shortest` to `longest` (at most three) characters that is not blank."""
    codes, starts = codes_of(texts, most)
    rows = np.cumsum(codes == _BREAK) - (codes == _BREAK)
    wide = codes.astype(np.uint64)
    parts: list[tuple[Grams, Ints, Ints, int]] = []
    packed, sound = wide, codes != _BREAK
    inked = sound & (codes != 32)
    for length in range(1, longest + 1):
        if length > 1:
            follow = np.roll(wide, -(length - 1))
            packed = (packed << np.uint64(_BITS)) | follow
            sound = sound & (follow != _BREAK)
            inked = inked | (follow != 32)
        if length >= shortest:
            start = np.flatnonzero(sound & inked)
            parts.append((packed[start], rows[start], start, length))
    if not parts:
        raise ValueError("an n-gram has one to three characters")
    return Found(
        np.concatenate([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        np.concatenate([part[2] for part in parts]) if len(starts) else np.zeros(0, np.int64),
        np.concatenate([np.full(len(part[0]), part[3], np.int64) for part in parts]),
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """How often each known n-gram stands in each text: entries sorted by text; text i has entries bounds[i:i+2]."""

    feature: Ints
    count: NDArray[np.float32]
    bounds: Ints


@dataclass(frozen=True, slots=True)
class Cut:
    """How texts are cut: n-grams of `shortest` to `longest` characters, of the first `most` characters."""

    shortest: int
    longest: int
    most: int

    def grams(self, texts: Sequence[str]) -> Found:
        """The n-grams of the texts."""
        return grams_of(texts, self.shortest, self.longest, self.most)

    def vocabulary(self, texts: Sequence[str], rare: int) -> tuple[Grams, Ints]:
        """The n-grams that at least `rare` texts have, sorted, and how many texts have each."""
        grams, texts_with = np.zeros(0, np.uint64), np.zeros(0, np.int64)
        for part in _parts(texts):
            found = self.grams(part)
            own, place = np.unique(found.gram, return_inverse=True)
            once = np.unique(found.row * max(1, len(own)) + place) % max(1, len(own))
            merged, where = np.unique(np.concatenate((grams, own)), return_inverse=True)
            numbers = np.concatenate((texts_with, np.bincount(once, minlength=len(own))))
            grams, texts_with = merged, np.bincount(where, numbers, len(merged)).astype(np.int64)
        kept = texts_with >= rare
        return grams[kept], texts_with[kept]

    def counted(self, texts: Sequence[str], vocabulary: Grams) -> Counted:
        """How often the n-grams of the vocabulary stand in the texts."""
        parts = [_counted(self.grams(part), vocabulary, len(part)) for part in _parts(texts)]
        if len(parts) == 1:
            return parts[0]
        ends = np.cumsum([0, *(len(part.feature) for part in parts)])
        bounds = [part.bounds[1:] + end for part, end in zip(parts, ends[:-1], strict=True)]
        return Counted(
            np.concatenate([np.zeros(0, np.int64), *(part.feature for part in parts)]),
            np.concatenate([np.zeros(0, np.float32), *(part.count for part in parts)]),
            np.concatenate([np.zeros(1, np.int64), *bounds]),
        )


def _parts(texts: Sequence[str]) -> list[Sequence[str]]:
    return [texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE)]


def _counted(found: Found, vocabulary: Grams, texts: int) -> Counted:
    size = len(vocabulary)
    if size == 0 or len(found.gram) == 0:
        return Counted(np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(texts + 1, np.int64))
    feature = np.searchsorted(vocabulary, found.gram)
    feature[feature == size] = 0
    known = vocabulary[feature] == found.gram
    keys, counts = np.unique(found.row[known] * size + feature[known], return_counts=True)
    bounds = np.searchsorted(keys, np.arange(texts + 1, dtype=np.int64) * size)
    return Counted((keys % size).astype(np.int64), counts.astype(np.float32), bounds.astype(np.int64))
