"""The three rates of a month and of a year among 1,000,000 cases closed in nearly four years.

`ours` is the whole table (three rates by village, answers, exclusions), `bare` the plainest question about the same
cases: how many of each answer. Both in milliseconds, the mean of the faster half.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from benchmarks import town
from benchmarks.report import result

SIZE = 1_000_000
DAYS = 1389
PERIODS = {"month": 30, "year": 366}
TIMES = {"month": 9, "year": 3}
RESIDENTS = 200


def main() -> int:
    """Measure the engine that is named, or each in turn."""
    if len(sys.argv) < 2:
        return town.each_engine("benchmarks.rates")
    engine = sys.argv[1]
    town.connect(engine)
    town.build()
    account = town.staff(["duty_chief"])["duty_chief"]
    fill(int(sys.argv[2]) if len(sys.argv) > 2 else SIZE)
    from django.db.models import Count

    from linli.followup import queries
    from linli.followup.queries import Scope
    from linli.kernel import clock
    from linli.people import queries as people

    at = clock.now()
    actor = people.actor_for(account.id, at)
    for name, days in PERIODS.items():
        scope = Scope(at - timedelta(days=days), at)
        cohort = queries.cohort(actor, scope)
        bare = taken(
            lambda cohort=cohort: list(cohort.order_by().values("answer").annotate(n=Count("pk"))), name
        )
        ours = taken(lambda scope=scope: queries.table(actor, scope, at), name)
        counted = queries.table(actor, scope, at).total.total
        result(f"rates-{name}", engine=engine, ours=ours, bare=bare, unit="ms", n=counted)
    return 0


def taken(ask: Callable[[], Any], name: str) -> float:
    """The milliseconds of a question: mean of the faster half."""
    times = []
    for _ in range(TIMES[name]):
        start = time.perf_counter()
        ask()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.mean(sorted(times)[: len(times) // 2 + 1])


def fill(size: int) -> None:
    """Closed cases of the last years, a third of them called about, one in two hundred left out."""
    from django.db import connection, transaction

    from linli.cases.models import Case
    from linli.followup.models import Call, Exclusion
    from linli.kernel import clock, rows
    from linli.kernel.access import SYSTEM
    from linli.people import actions as people

    residents = [
        people.register_resident(phone=f"161{number:08d}", by=SYSTEM, at=clock.now()).id
        for number in range(RESIDENTS)
    ]
    if connection.vendor == "sqlite":  # random inserts into a dozen indexes want them in memory
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size=-3000000")
    made = list(cases(size, residents))
    with transaction.atomic():
        rows.copy_in(Case, COLUMNS, (row for row, _, _ in made))
        rows.copy_in(Call, CALL, (row for _, row, _ in made if row))
        rows.copy_in(Exclusion, EXCLUSION, (row for _, _, row in made if row))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


COLUMNS = (
    "id", "serial", "fingerprint", "source", "kind", "source_kind", "condition", "catalogue", "text", "address",
    "lng", "lat", "located", "unit_id", "a1", "a2", "state", "desk", "department_id", "reporter_id", "why",
    "reported_at", "dispatched_at", "contacted_at", "handled_at", "closed_at", "due_at", "due_provisional",
    "escalations", "redos", "reopens", "settled", "answer", "version",
)  # fmt: skip
CALL = ("id", "case_id", "round", "at", "outcome", "solved", "answer", "fingerprint")
EXCLUSION = ("id", "case_id", "round", "reason", "asked_at", "granted", "decided_at", "stands")
Row = tuple[Any, ...]


def cases(size: int, residents: list[Any]) -> Iterator[tuple[Row, Row, Row]]:
    """So many cases, each with its call and its exclusion, if it has any."""
    from linli.cases import queries
    from linli.kernel import clock
    from linli.kernel.ids import uuid7
    from linli.people.models import Department
    from linli.territory import queries as territory

    rng, now = random.Random(size), clock.now()
    edition = queries.catalogue(None).version
    kinds = [kind.code for kind in queries.catalogue(None).matters()][:60]
    tree = territory.snapshot()
    cells = [(unit.id, tree.ancestors(unit.id)) for unit in tree.units if unit.rank == "area"]
    departments = list(Department.objects.values_list("id", flat=True))
    for serial in range(1, size + 1):
        closed = now - timedelta(minutes=rng.randrange(60, DAYS * 1440))
        reported = closed - timedelta(hours=rng.randrange(10, 100))
        contacted = reported + timedelta(hours=rng.randrange(1, 40)) if rng.random() < 0.8 else None
        answer = rng.choice(("satisfied", "satisfied", "mostly", "neutral", "unsatisfied", "unreachable", ""))
        case_id, (unit_id, line) = uuid7(reported), rng.choice(cells)
        row = (
            case_id, serial, "", "resident", rng.choice(kinds), "", "", edition, "路口有一堆垃圾没有人清理",
            "东村", 121.01, 30.91, "inside", unit_id, line[1], line[2], "followed_up" if answer else "closed",
            "done" if answer else "call_back", rng.choice(departments), rng.choice(residents), [], reported, reported,
            contacted, closed, closed, closed, False, 0, 0, 0, False, answer, 1,
        )  # fmt: skip
        asked = answer not in {"", "unreachable"} and rng.random() < 0.5
        solved = rng.choice(("yes", "yes", "partly", "no"))
        call = (uuid7(closed), case_id, 0, closed, "reached", solved, answer, "") if asked else ()
        out = rng.random() < 0.005
        exclusion = (uuid7(closed), case_id, 0, "beyond", closed, True, closed, True) if out else ()
        yield row, call, exclusion


if __name__ == "__main__":
    sys.exit(main())
