"""Identifiers: UUID version 7 (RFC 9562 §5.7), so that primary keys follow time."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from linli.kernel import clock

_RANDOM_BYTES = 10


def uuid7(at: datetime | None = None) -> UUID:
    """A new UUIDv7 whose 48-bit timestamp is `at` (now, when not given); 74 bits are random."""
    return uuid7_from(at or clock.now(), os.urandom(_RANDOM_BYTES))


def uuid7_many(moments: Sequence[datetime]) -> list[UUID]:
    """A new UUIDv7 for each moment: the system is asked for random bytes once."""
    tails = os.urandom(_RANDOM_BYTES * len(moments))
    return [
        uuid7_from(at, tails[place : place + _RANDOM_BYTES])
        for at, place in zip(moments, range(0, len(tails), _RANDOM_BYTES), strict=True)
    ]


def uuid7_from(at: datetime, tail: bytes) -> UUID:
    """The UUIDv7 of this moment whose other 74 bits come from `tail` (ten bytes): the same again and again."""
    millis = int(at.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    bits = int.from_bytes(tail, "big")
    return UUID(int=millis << 80 | 0x7 << 76 | (bits >> 68 & 0xFFF) << 64 | 0b10 << 62 | bits & (1 << 62) - 1)
