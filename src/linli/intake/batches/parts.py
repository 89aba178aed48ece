"""The rows of a file as they are kept until they are taken in: packed, then encrypted, a thousand at a time."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from uuid import UUID

from linli.intake.batches.sheet import Line
from linli.kernel.fields import decrypt_bytes, encrypt_bytes


def cut(lines: Sequence[Line], size: int) -> Iterator[Sequence[Line]]:
    """The lines in parts of this size, the last one smaller."""
    for start in range(0, len(lines), size):
        yield lines[start : start + size]


def close(batch_id: UUID, number: int, lines: Sequence[Line]) -> bytes:
    """The part as it is stored."""
    kept = [(line, cells) if isinstance(cells, list) else (line, None, *cells) for line, cells in lines]
    data = json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return encrypt_bytes(zlib.compress(data, 1), _place(batch_id, number))


def open_(batch_id: UUID, number: int, ciphertext: bytes) -> list[Line]:
    """The lines of a stored part."""
    data = zlib.decompress(decrypt_bytes(ciphertext, _place(batch_id, number)))
    found = json.loads(data.decode("utf-8", "surrogatepass"))
    return [(line, cells if cells is not None else (reason[0], reason[1])) for line, cells, *reason in found]


def _place(batch_id: UUID, number: int) -> str:
    return f"intake_batchpart|ciphertext|{batch_id}/{number}"
