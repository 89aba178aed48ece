"""The fingerprints of a hundred thousand reports."""

from __future__ import annotations

import hashlib
import json
from json.encoder import encode_basestring
from uuid import UUID

from linli.cases.actions.opening import Report


def fingerprint(report: Report) -> str:
    """`report.fingerprint()`, written out, because it is asked for a hundred thousand times."""
    photos = json.dumps(report.photos, default=str) if report.photos else "[]"
    parts = (
        f'"{report.id}"', f'"{report.source.value}"', _quoted(report.kind), _quoted(report.text),
        _number(report.lng), _number(report.lat), _number(report.accuracy), _quoted(report.address),
        _uuid(report.unit_id), photos, _uuid(report.reporter_id),
        "null" if report.source_number is None else _quoted(report.source_number),
    )  # fmt: skip
    return hashlib.sha256(f"[{', '.join(parts)}]".encode()).hexdigest()


_quoted = encode_basestring


def _number(value: float | None) -> str:
    return "null" if value is None else repr(value)  # as JSON writes it: a place on the map is finite


def _uuid(value: UUID | None) -> str:
    return "null" if value is None else f'"{value}"'
