"""Identifiers: UUID version 7 (RFC 9562 §5.7), so that primary keys follow time."""

from __future__ import annotations

import os
from datetime import datetime
from uuid import UUID

from linli.kernel import clock


def uuid7(at: datetime | None = None) -> UUID:
    """A new UUIDv7 whose 48-bit timestamp is `at` (now, when not given); 74 bits are random."""
    millis = int((at or clock.now()).timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    tail = int.from_bytes(os.urandom(10), "big")
    value = millis << 80 | 0x7 << 76 | (tail >> 68 & 0xFFF) << 64 | 0b10 << 62 | tail & (1 << 62) - 1
    return UUID(int=value)
