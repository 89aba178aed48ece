"""Which kinds a few words or a sentence suggest, in Chinese or English. Pure.

Chinese is compared by pairs of neighbouring characters, English by words without their plural s.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from linli.kernel.text import Text

_WORD = re.compile(r"[a-z][a-z'-]*")
_HAN = re.compile(r"[㐀-鿿]+")
_TEXT_MOST = 300  # characters of a long report that are looked at
_STOP = frozenset({
    "a", "an", "and", "at", "by", "for", "from", "in", "is", "it", "my", "not", "of",
    "on", "or", "our", "problem", "that", "the", "there", "this", "to", "with",
})  # fmt: skip
# Points; only their order matters. A name outweighs a keyword, a keyword outweighs a likeness.
_CODE, _SAME_NAME, _SAME_KEYWORD, _NAME_WITHIN, _WITHIN_NAME, _KEYWORD, _LIKE = 1000, 200, 100, 60, 40, 20, 30


@dataclass(frozen=True, slots=True)
class Query:
    """A text as it is compared."""

    text: str
    pairs: frozenset[str]
    words: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Query:
        """The text in lower case, its character pairs and its words."""
        low = text.strip().lower()[:_TEXT_MOST]
        return cls(low, _pairs(low), _words(low))


@dataclass(frozen=True, slots=True)
class Entry:
    """A kind as it is looked for."""

    code: str
    numbers: frozenset[str]
    zh: str
    en: str
    names: Query
    keywords: tuple[Query, ...]
    first: bool

    @classmethod
    def of(cls, code: str, legacy: Sequence[str], name: Text, keywords: Sequence[str], first: bool) -> Entry:
        """`first`: comes before others of the same rank."""
        zh, en = name.zh.removesuffix("异常").lower(), name.en.lower()
        numbers = frozenset(n.lower() for n in (code, code[1:], *legacy))
        return cls(code, numbers, zh, en, Query.of(f"{zh} {en}"), tuple(map(Query.of, keywords)), first)

    def points(self, asked: Query) -> float:
        """How well it fits; 0 when it does not."""
        if asked.text in self.numbers:
            return _CODE
        return self._by_name(asked) + self._by_keywords(asked)

    def _by_name(self, asked: Query) -> float:
        if asked.text in (self.zh, self.en):
            return _SAME_NAME
        points = float(_NAME_WITHIN + len(self.zh)) if self.zh in asked.text else 0.0
        if len(asked.text) > 1 and (asked.text in self.zh or asked.text in self.en):
            points += _WITHIN_NAME
        return points + _LIKE * (
            _share(asked.pairs, self.names.pairs) + _share(asked.words, self.names.words)
        )

    def _by_keywords(self, asked: Query) -> float:
        best = likeness = 0.0
        for keyword in self.keywords:
            if keyword.text == asked.text:
                best = max(best, _SAME_KEYWORD)
            elif _holds(asked, keyword):
                best = max(best, _KEYWORD + 4 * len(keyword.text if keyword.pairs else keyword.words))
            elif len(asked.text) > 1 and asked.text in keyword.text:
                best = max(best, _KEYWORD / 2)
            else:
                shared = _share(asked.pairs, keyword.pairs) + _share(asked.words, keyword.words)
                likeness = max(likeness, shared)
        return best + _KEYWORD / 2 * likeness


def ranked(text: str, entries: Sequence[Entry]) -> list[str]:
    """The codes of the entries that fit the text at all, best first."""
    asked = Query.of(text)
    if not asked.text:
        return []
    scored = [(entry.points(asked), entry) for entry in entries]
    best = [(points, entry) for points, entry in scored if points > 0]
    best.sort(key=lambda found: (-found[0], not found[1].first))
    return [entry.code for _, entry in best]


def _holds(asked: Query, keyword: Query) -> bool:
    if keyword.words:
        return keyword.words <= asked.words
    return keyword.text in asked.text


def _share(asked: frozenset[str], other: frozenset[str]) -> float:
    return len(asked & other) / len(other) if other else 0.0


def _pairs(text: str) -> frozenset[str]:
    return frozenset(a + b for run in _HAN.findall(text) for a, b in pairwise(run))


def _words(text: str) -> frozenset[str]:
    words = (w.strip("'-") for w in _WORD.findall(text))
    return frozenset(_singular(w) for w in words if w not in _STOP and len(w) > 1)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
