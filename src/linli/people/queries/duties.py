"""The town's duty list in force, parsed once a process: asked at every dispatch, so it costs no query.

Editions of the rulebook table `duties` are looked up at most every five seconds. A database without any
edition uses the files.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from linli.kernel import editions, rulebook
from linli.kernel.rulebook_models import Edition
from linli.people.rules import duty_list
from linli.people.rules.duty_list import DutyList
from linli.people.words import Duty, DutyFinding

DUTIES: Final = "duties"
"""The rulebook table, and the sheet in it."""
_STALE_SECONDS: Final = 5.0
_lock = threading.Lock()
_known: tuple[float, tuple[tuple[datetime, int, str], ...]] | None = None


def duty(kind_code: str, at: datetime) -> Duty:
    """What the duty list in force at the moment says of the kind: the row with the longest prefix of its code.

    `.standing` says whether the town handles it, only helps or must not be charged with it; `.lead` names the
    department above, `.source` cites the list. A kind that is not listed is the town's own. From memory.
    """
    return _parsed(*_edition_at(at)).of(kind_code)


def duty_rows(at: datetime) -> list[dict[str, str]]:
    """The rows of the list in force at the moment, in their order."""
    return [dict(row) for row in _rows(_edition_at(at)[0]).get(DUTIES, [])]


def duty_about(at: datetime) -> dict[str, Any]:
    """What the list in force says besides its rows: its version as the files call it, its source."""
    return {name: value for name, value in _rows(_edition_at(at)[0]).items() if name != DUTIES}


def duty_edition(at: datetime) -> int:
    """The number of the edition in force; 0: that of the files."""
    return _edition_at(at)[0]


def same_list(first: datetime, last: datetime) -> bool:
    """Whether no other list comes into force after the first moment until the last."""
    return not any(first < effective <= last for effective, _, _ in _editions())


def duty_findings(
    rows: Sequence[Mapping[str, str]], lines: Sequence[int] = (), kinds: frozenset[str] | None = None
) -> list[DutyFinding]:
    """What is wrong with the rows of a duty list; empty when they can be published."""
    return duty_list.check(rows, lines, kinds)


def forget() -> None:
    """Look the editions up anew: after publishing, between tests."""
    global _known  # one list per process is the purpose
    with _lock:
        _known = None


def _edition_at(at: datetime) -> tuple[int, str]:
    """Number and digest of the edition that came into force last before the moment; 0 before the first."""
    found = (0, "")
    for effective, version, sha256 in _editions():
        if effective <= at:
            found = (version, sha256)
    return found


def _editions() -> tuple[tuple[datetime, int, str], ...]:
    global _known  # one list per process is the purpose
    known, moment = _known, time.monotonic()
    if known is not None and moment - known[0] < _STALE_SECONDS:
        return known[1]
    rows = Edition.objects.filter(table=DUTIES).order_by("effective_from", "version")
    found = tuple(rows.values_list("effective_from", "version", "sha256"))
    with _lock:
        _known = (moment, found)
    return found


@lru_cache(maxsize=16)
def _parsed(version: int, sha256: str) -> DutyList:
    # The digest tells an edition from one of the same number that was rolled back.
    return duty_list.read(_rows(version).get(DUTIES, []))


def _rows(version: int) -> dict[str, Any]:
    if version == 0:
        return dict(rulebook.table(DUTIES))
    found = editions.edition(DUTIES, version)
    return editions.rows_of(found) if found else {}
