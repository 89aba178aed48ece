"""How many due clocks the scheduler fires a second, with what a fired clock does to its case.

Bare: one driver connection that makes the same changes (the clock, the case, the fact), one commit a clock.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from typing import Any

from benchmarks import town
from benchmarks.opening import KIND, TEXT, new_id
from benchmarks.report import result

CASES = 3_000


def main() -> int:
    """Measure the engine that is named, or each in turn."""
    if len(sys.argv) < 2:
        return town.each_engine("benchmarks.scheduler")
    engine = sys.argv[1]
    town.connect(engine)
    town.build()
    open_cases(2 * CASES)
    bare = measure_bare(engine)
    ours = measure_ours()
    result("scheduler", engine=engine, ours=ours, bare=bare, unit="clocks/s", n=CASES)
    return 0


def open_cases(count: int) -> None:
    """Cases whose dispatch clock has run out long ago, warned already."""
    from django.db import transaction
    from django.db.models import F

    from linli.cases.actions import opening
    from linli.cases.words import Source
    from linli.kernel import access, clock
    from linli.kernel.models import ClockRow

    at = clock.now() - timedelta(days=20)
    with transaction.atomic():
        for _ in range(count):
            report = opening.Report(
                id=new_id(),
                source=Source.WALK_IN,
                kind=KIND,
                text=TEXT,
                lng=town.WEST + 0.01,
                lat=town.SOUTH + 0.01,
            )
            opening.open_case(report, by=access.SYSTEM, at=at)
    ClockRow.objects.update(step=1, next_at=F("due_at"))


def measure_ours() -> float:
    """Clocks a second through the scheduler and the case's own handler."""
    from linli.kernel import clock, clocks

    start = time.perf_counter()
    fired = clocks.fire_due(clock.now())
    assert fired == CASES, fired
    return fired / (time.perf_counter() - start)


def measure_bare(engine: str) -> float:
    """The same writes, by hand, of the other half of the clocks."""
    from django.db import connection

    from linli.kernel.models import ClockRow, FactRow

    ids = list(ClockRow.objects.order_by("id").values_list("id", "about")[:CASES])
    fact = FactRow.objects.order_by("seq").values().first()
    assert fact is not None
    fact_columns = [name for name in fact if name not in {"seq", "txid", "recorded_at"}]
    names = ", ".join("id" if name == "fact_id" else name for name in fact_columns)
    places = ", ".join(["%s"] * len(fact_columns))
    insert = f"INSERT INTO kernel_fact ({names}) VALUES ({places})"
    start = time.perf_counter()
    for clock_id, about in ids:
        with connection.cursor() as cursor:
            _once(cursor, engine, clock_id, about, insert, [fact[name] for name in fact_columns])
    return CASES / (time.perf_counter() - start)


def _once(cursor: Any, engine: str, clock_id: Any, about: Any, insert: str, values: list[Any]) -> None:
    key = (lambda value: value) if engine == "postgresql" else (lambda value: value.hex)
    values = [key(new_id()), values[1], key(about), *values[3:]]
    values = [
        v.hex if engine == "sqlite" and hasattr(v, "hex") and not isinstance(v, float) else v for v in values
    ]
    cursor.execute("BEGIN")
    cursor.execute("UPDATE cases_case SET escalations = escalations + 1 WHERE id = %s", [key(about)])
    cursor.execute(insert, values)
    cursor.execute("UPDATE kernel_clock SET step = 2, next_at = NULL WHERE id = %s", [key(clock_id)])
    cursor.execute("COMMIT")


if __name__ == "__main__":
    sys.exit(main())
