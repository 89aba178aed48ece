"""The catalogue in force and the catalogues of earlier editions, parsed once a process."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from linli.kernel import clock, editions, rulebook
from linli.kernel.rulebook import BadTable

from .catalogue import Catalogue, Finding

TABLE: Final = "catalogue"
# How long another process may go on with the catalogue that was replaced.
_STALE_SECONDS: Final = 5.0
_lock = threading.Lock()
_in_force: tuple[float, int] | None = None


def load(version: int | None = None) -> Catalogue:
    """The catalogue of this edition; None: the one in force, at most five seconds old.

    Version 0 is the catalogue of the files, which holds as long as no edition is published. Raises KeyError
    for an edition that does not exist, BadTable when the rows are no catalogue.
    """
    wanted = _version_in_force() if version is None else version
    return _parsed(wanted) if wanted else _of_the_files()


def rows(version: int | None = None) -> dict[str, Any]:
    """The rows of the edition (None: in force), as they are exported and compared."""
    return _rows(_version_in_force() if version is None else version)


def forget() -> None:
    """Look everything up anew: after publishing, after restoring a database, between tests."""
    global _in_force
    with _lock:
        _in_force = None
        _parsed.cache_clear()  # the files do not change while the program runs: version 0 stays


def check(table: Mapping[str, Any] | None = None) -> list[Finding]:
    """What is wrong with the catalogue of the files (or with this table); empty when it can be published."""
    content = table if table is not None else rulebook.table(TABLE)
    made = Catalogue.parse(content["kinds"], content["conditions"])
    return [] if isinstance(made, Catalogue) else made


def _version_in_force() -> int:
    global _in_force
    known, moment = _in_force, time.monotonic()
    if known is not None and moment - known[0] < _STALE_SECONDS:
        return known[1]
    found = editions.current(TABLE, clock.now())
    version = found.version if found else 0
    with _lock:
        _in_force = (moment, version)
    return version


@lru_cache(maxsize=1)
def _of_the_files() -> Catalogue:
    return _read(0)


@lru_cache(maxsize=16)
def _parsed(version: int) -> Catalogue:
    return _read(version)


def _read(version: int) -> Catalogue:
    content = _rows(version)
    made = Catalogue.parse(content["kinds"], content["conditions"], version=version)
    if isinstance(made, Catalogue):
        return made
    first = made[0]
    raise BadTable(
        f"catalogue, edition {version}: {first.sheet}, line {first.line}, {first.field}: {first.reason.en}"
    )


def _rows(version: int) -> dict[str, Any]:
    if version == 0:
        return dict(rulebook.table(TABLE))
    found = editions.edition(TABLE, version)
    if found is None:
        raise KeyError(f"the catalogue has no edition {version}")
    return editions.rows_of(found)
