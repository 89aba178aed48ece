"""Facts to JSON and back: UUIDs, moments, dates, decimals, enums, tuples, nested dataclasses.

The JSON is canonical (sorted keys, no spaces), because the journal's tree hashes it. Reading goes by the
type hints of the dataclass, so the JSON carries no type tags and stays readable for others.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID


def dumps(value: Any) -> str:
    """Canonical JSON of plain values and of everything named above."""
    return _ENCODER.encode(value)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, in hex: the fingerprint of a request's content."""
    return hashlib.sha256(dumps(value).encode()).hexdigest()


def moment(value: datetime) -> str:
    """An aware moment as text in UTC with six decimals: one form for one moment."""
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: getattr(value, name) for name in field_names(type(value))}
    raise TypeError(f"{type(value).__name__} has no place in a fact")


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


_names: dict[type[Any], tuple[str, ...]] = {}


def field_names(cls: type[Any]) -> tuple[str, ...]:
    """The dataclass's fields, in order."""
    found = _names.get(cls)
    if found is None:
        found = _names[cls] = tuple(f.name for f in dataclasses.fields(cls))
    return found


def build(cls: type[Any], data: dict[str, Any]) -> Any:
    """The dataclass from decoded JSON. Unknown names are left out; missing ones take their defaults."""
    readers = _readers.get(cls)
    if readers is None:
        hints = get_type_hints(cls)
        readers = _readers[cls] = {name: _reader(hints[name]) for name in field_names(cls)}
    return cls(**{name: readers[name](value) for name, value in data.items() if name in readers})


_readers: dict[type[Any], dict[str, Callable[[Any], Any]]] = {}


def _reader(hint: Any) -> Callable[[Any], Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _optional([_reader(a) for a in arguments if a is not type(None)])
    if origin in (tuple, list, set, frozenset):
        return _sequence(origin, arguments)
    if origin is dict:
        return _mapping(_reader(arguments[1]))
    return _scalar(hint)


def _scalar(hint: Any) -> Callable[[Any], Any]:
    if isinstance(hint, type):
        if dataclasses.is_dataclass(hint):
            return lambda value: build(hint, value)
        for kind, read in _SCALARS.items():
            if issubclass(hint, kind):
                return read(hint)
        if issubclass(hint, tuple) and hasattr(hint, "_fields"):
            return lambda value: hint(*value)
    return lambda value: value


_SCALARS: dict[type[Any], Callable[[type[Any]], Callable[[Any], Any]]] = {
    UUID: lambda hint: UUID,
    datetime: lambda hint: datetime.fromisoformat,
    date: lambda hint: date.fromisoformat,
    Decimal: lambda hint: Decimal,
    Enum: lambda hint: hint,
}


def _optional(readers: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    """Null, or the first member of the union that reads it: two members must not share a JSON form."""

    def read(value: Any) -> Any:
        if value is None:
            return None
        for reader in readers:
            try:
                return reader(value)
            except (TypeError, ValueError, AttributeError):
                continue
        return value

    return read


def _sequence(origin: type[Any], arguments: tuple[Any, ...]) -> Callable[[Any], Any]:
    if origin is tuple and arguments and arguments[-1] is not Ellipsis:
        readers = [_reader(a) for a in arguments]
        return lambda value: tuple(r(v) for r, v in zip(readers, value, strict=True))
    one = _reader(arguments[0]) if arguments else _scalar(None)
    return lambda value: origin(one(v) for v in value)


def _mapping(one: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: {k: one(v) for k, v in value.items()}
