"""What texts and addresses have in common, for Chinese and for alphabets alike. Pure.

A text is compared by its pairs of neighbouring characters, hashed into BITS places of one whole number, so that
comparing two is two operations on numbers. An address is compared by its words: words of letters, and pairs of
Chinese characters; house numbers are left out, because neighbours report the same matter, and compared apart
(`house_numbers`): how far apart they are tells addresses of one street from each other.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from functools import lru_cache
from itertools import pairwise

BITS = 1024
LEAST_FRAGMENT = 2
_WORDS = re.compile(r"[^\W\d_\u3400-\u9fff]{2,}|[\u3400-\u9fff]+")
_NUMBERS = re.compile(r"(\d{1,5})(?:-\d{1,5})?\s*(?:(号楼|幢|栋)|(号(?!线)|弄)|室)")
Numbers = tuple[int | None, int | None, int | None, int | None]
_RUNS = re.compile(r"[\w]+")


def plain(text: str, most: int) -> str:
    """The first `most` characters, one width and case, without signs and with single spaces."""
    folded = unicodedata.normalize("NFKC", text[:most]).casefold()
    return " ".join(_RUNS.findall(folded))


@lru_cache(maxsize=65_536)
def _bit(pair: str) -> int:
    return 1 << (zlib.crc32(pair.encode("utf-8", "surrogatepass")) % BITS)


def signature(text: str) -> int:
    """The hashed pairs of a text that `plain` gave; 0 when it has none."""
    found = 0
    for first, second in pairwise(text):
        found |= _bit(first + second)
    return found


def overlap(one: int, other: int) -> float:
    """The share of the pairs of both that both have, from 0 to 1; 0 when neither has any."""
    either = (one | other).bit_count()
    return (one & other).bit_count() / either if either else 0.0


@lru_cache(maxsize=16_384)
def address_words(address: str) -> frozenset[str]:
    """The words by which an address is compared."""
    found: set[str] = set()
    for run in _WORDS.findall(unicodedata.normalize("NFKC", address).casefold()):
        if run[0] < "\u3400" or len(run) == 1:
            found.add(run)
        else:
            found.update(run[place : place + 2] for place in range(len(run) - 1))
    return _kept(frozenset(found))


def house_numbers(address: str) -> Numbers:
    """The numbers that an address names, each the first of its sort or None: lane, house, building, room."""
    found: list[int | None] = [None, None, None, None]
    for match in _NUMBERS.finditer(unicodedata.normalize("NFKC", address)):
        building, street = match[2], match[3]
        place = 2 if building else 3 if street is None else 0 if street == "弄" else 1
        if found[place] is None:
            found[place] = int(match[1])
    return (found[0], found[1], found[2], found[3])


@lru_cache(maxsize=16_384)
def _kept(words: frozenset[str]) -> frozenset[str]:
    """Of equal sets always the same one: neighbours' addresses have the same words, and are compared a lot."""
    return words


def common_fragments(one: str, other: str, most: int = 3) -> list[str]:
    """The longest stretches (words of an alphabet whole) that both texts have, longest first.

    Both as `plain` gave them.
    """
    pairs = {other[place : place + 2] for place in range(len(other) - 1)}
    words = set(other.split())
    found: dict[str, None] = {}
    for run in one.split():
        if run.isascii():
            if run in words and not run.isdigit() and len(run) > LEAST_FRAGMENT:
                found[run] = None
            continue
        start = 0
        for place in range(1, len(run) + 1):
            if place < len(run) and run[place - 1 : place + 1] in pairs:
                continue
            if place - start >= LEAST_FRAGMENT and run[start:place] in other:
                found[run[start:place]] = None
            start = place
    return sorted(found, key=lambda each: (-len(each), each))[:most]
