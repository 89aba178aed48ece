"""A queue page at 10,000 and at 1,000,000 cases: it must cost nearly the same.

`bare` is the page's time at 10,000 cases, `ours` at 1,000,000; one case in ten is open. Both are the mean of
the faster half of the whole page's times, for the dispatcher of the town and a handler of one department;
both sizes fill the page, so that they show the same.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from benchmarks import town
from benchmarks.report import result

SIZES = (10_000, 1_000_000)
PAGES = {"dispatcher": "/desk/dispatch/", "handler": "/desk/handle/"}
TIMES = 25


def main() -> int:
    """Measure the engine that is named, or each in turn."""
    if len(sys.argv) < 2:
        return town.each_engine("benchmarks.queue")
    engine = sys.argv[1]
    town.connect(engine)
    town.build()
    accounts = town.staff(list(PAGES))
    found: dict[str, list[float]] = {name: [] for name in PAGES}
    have = 0
    for size in SIZES:
        fill(have, size)
        have = size
        for name, page in PAGES.items():
            found[name].append(page_time(accounts[name], page))
    for name, (small, large) in found.items():
        result(f"queue-{name}", engine=engine, ours=large, bare=small, unit="ms/page", n=SIZES[1])
    return 0


def page_time(account: Any, page: str) -> float:
    """The milliseconds of a page: mean of the faster half."""
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.force_login(account)
    taken = []
    for number in range(TIMES + 5):
        start = time.perf_counter()
        response = client.get(page)
        if number >= 5:
            taken.append((time.perf_counter() - start) * 1000)
        assert response.status_code == 200, response.content[:500]
    return statistics.mean(sorted(taken)[: TIMES // 2])


def fill(have: int, want: int) -> None:
    """Add cases up to this number, spread over the cells and departments, and let the database count them."""
    from django.db import connection, transaction

    from linli.cases.models import Case
    from linli.kernel import rows

    if connection.vendor == "sqlite":  # random inserts into ten indexes want them in memory
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size=-3000000")
    with transaction.atomic():
        rows.copy_in(Case, COLUMNS, cases(have, want))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


COLUMNS = (
    "id", "serial", "fingerprint", "source", "kind", "source_kind", "condition", "catalogue", "text", "address",
    "lng", "lat", "located", "unit_id", "a1", "a2", "state", "desk", "department_id", "why", "reported_at",
    "dispatched_at", "due_at", "next_due_at", "due_provisional", "escalations", "redos", "reopens", "settled",
    "answer", "version",
)  # fmt: skip


def cases(have: int, want: int) -> Iterator[tuple[Any, ...]]:
    """Rows of cases numbered from `have + 1` to `want`."""
    from linli.cases import queries
    from linli.kernel import clock
    from linli.kernel.ids import uuid7
    from linli.people.models import Department
    from linli.territory import queries as territory

    rng = random.Random(want)
    now = clock.now()
    edition = queries.catalogue(None).version
    kinds = [kind.code for kind in queries.catalogue(None).matters()][:60]
    tree = territory.snapshot()
    cells = [(unit.id, tree.ancestors(unit.id)) for unit in tree.units if unit.rank == "area"]
    departments = list(Department.objects.filter(code__in=("HW", "CG")).values_list("id", flat=True))
    for serial in range(have + 1, want + 1):
        reported = now - timedelta(minutes=rng.randrange(60, 2_000_000))
        state, desk, due = _stage(rng, now)
        unit_id, line = rng.choice(cells)
        department = rng.choice(departments) if desk in {"handle", "check", "done"} else None
        yield (
            uuid7(reported), serial, "", "resident", rng.choice(kinds), "", "", edition, "路口有一堆垃圾没有人清理",
            "东村", 121.01, 30.91, "inside", unit_id, line[1], line[2], state, desk, department, [], reported,
            reported, due, due, False, 0, 0, 0, False, "", 1,
        )  # fmt: skip


def _stage(rng: random.Random, now: datetime) -> tuple[str, str, datetime | None]:
    if rng.random() > 0.1:
        return "followed_up", "done", None
    state, desk = rng.choice(
        [("reported", "receive"), ("registered", "dispatch"), ("handling", "handle"), ("handled", "check")]
    )
    return state, desk, now + timedelta(minutes=rng.randrange(-3000, 6000))


if __name__ == "__main__":
    sys.exit(main())
