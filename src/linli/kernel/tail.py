"""Reading the journal's end without skipping what commits late.

PostgreSQL hands out `seq` at the insert and shows the row at the commit, so 10 can be visible while 9 is
still to come. A transaction has its number (`txid`) before it takes a `seq` (see `FactRow`). Hence: once
every transaction that was running when `seq` h was visible has ended, everything up to h has either come
or will never come. Rows without a gap before them need no such proof.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from django.db import connection

from linli.kernel.models import FactRow


@dataclass
class _Horizon:
    """All up to `proved` is final; all up to `candidate` is, once every transaction below `until` ended."""

    proved: int = 0
    candidate: int = 0
    until: int = 0


_horizons: dict[str, _Horizon] = {}
_lock = threading.Lock()

_SNAPSHOT = """
    SELECT coalesce((SELECT max(seq) FROM kernel_fact), 0),
           pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
           ARRAY(SELECT x::text::bigint FROM pg_snapshot_xip(pg_current_snapshot()) x)
"""
# Transactions of other databases of the same server write no facts here. Only what is positively known to be
# elsewhere is left out.
_ELSEWHERE = """
    SELECT l.transactionid::text::bigint FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'transactionid' AND l.granted AND l.mode = 'ExclusiveLock'
      AND a.datid <> (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def settled(seq: int, limit: int) -> list[FactRow]:
    """The rows after `seq`, in order, up to the last one before which nothing can still appear."""
    final = _advance() if connection.vendor == "postgresql" else None
    found = list(FactRow.objects.filter(seq__gt=seq).order_by("seq")[:limit])
    if final is None:
        return found
    end = seq
    for count, row in enumerate(found):
        if row.seq > final and row.seq != end + 1:
            return found[:count]
        end = row.seq
    return found


def _advance() -> int:
    """The highest number known to be final, after a look at what is running now."""
    with connection.cursor() as cursor:
        cursor.execute(_SNAPSHOT)
        highest, xmax, running = cursor.fetchone()
        if running:
            cursor.execute(_ELSEWHERE)
            foreign = {row[0] for row in cursor.fetchall()}
            running = [x for x in running if x & 0xFFFFFFFF not in foreign]
    oldest = min(running, default=xmax)
    with _lock:
        horizon = _horizons.setdefault(str(connection.settings_dict["NAME"]), _Horizon())
        if oldest >= horizon.until:
            horizon.proved = max(horizon.proved, horizon.candidate)
            horizon.candidate, horizon.until = highest, xmax
        if oldest >= xmax:
            horizon.proved = max(horizon.proved, highest)
        return horizon.proved
