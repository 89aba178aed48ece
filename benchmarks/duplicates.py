"""Probable duplicates: the search while a report is typed in, the search over a file, and what it finds.

`python -m benchmarks.duplicates` measures, with 100,000 open cases, one query of `intake.queries.similar` on each
engine (bar: 20 ms) against the bare read of what lies near, and the rows a second of the index in memory (bar: 2,500).

`python -m benchmarks.duplicates recall OUT PAIRS` tells how many true pairs are among the candidates that
`linli duplicates FILE --mapping M --out OUT` gave (bar: 0.85). PAIRS is a CSV file with the columns `case_enquiry_id`
and `duplicate_of`; pairs of which one row is not in FILE are left out.
"""

from __future__ import annotations

import csv
import random
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import town
from benchmarks.report import result

OPEN, TIMES = 100_000, 150
ROWS = 100_000
DAYS = 90
THINGS = (
    "路灯",
    "井盖",
    "垃圾桶",
    "下水道",
    "消防通道",
    "电动车",
    "楼道",
    "水管",
    "围墙",
    "树木",
    "公交站",
    "健身器材",
)
TROUBLES = (
    "坏了没人修",
    "堵塞污水外溢",
    "被占用进不去车",
    "满了没人清运",
    "噪音扰民睡不着",
    "松动有安全隐患",
    "好几天没有水",
)
STREETS = ("富民路", "景阳路", "学府路", "东村", "漕廊公路", "建贡路", "新街", "荷塘路")
ASIDE = ("请尽快处理", "已经打过电话", "邻居都反映过", "老人出行不便", "晚上看不见", "")


def main() -> int:
    """Measure, or tell the recall."""
    if len(sys.argv) > 1 and sys.argv[1] == "recall":
        return recall(Path(sys.argv[2]), Path(sys.argv[3]))
    if len(sys.argv) > 1:
        query_times(sys.argv[1])
        return 0
    failed = town.each_engine("benchmarks.duplicates")
    index_rate()
    return failed


def said(rng: random.Random) -> str:
    """What a reporter might say."""
    street, place = rng.choice(STREETS), rng.randrange(1, 200)
    return f"{street}{place}号门口的{rng.choice(THINGS)}{rng.choice(TROUBLES)},{rng.choice(ASIDE)}"


def point(rng: random.Random) -> tuple[float, float]:
    """Somewhere in the town, half of them in one of its twenty settlements of some 600 m."""
    wide, high = 5 * town.SIDE, 4 * town.SIDE
    if rng.random() < 0.5:
        number = rng.randrange(20)
        east, north = (number % 5 + 0.5) / 5, (number // 5 + 0.5) / 4
        return town.WEST + east * wide + rng.gauss(0, 0.003), town.SOUTH + north * high + rng.gauss(0, 0.003)
    return town.WEST + rng.random() * wide, town.SOUTH + rng.random() * high


def query_times(engine: str) -> None:
    """The milliseconds of one query, with a point and without, for the clerk of the town."""
    town.connect(engine)
    town.build()
    account = town.staff(["receiver"])["receiver"]
    fill(OPEN)
    from linli.cases import queries as cases
    from linli.intake import queries
    from linli.kernel import clock
    from linli.people import queries as people
    from linli.territory import queries as territory

    at = clock.now()
    actor = people.actor_for(account, at)
    rng = random.Random(7)
    kinds = [kind.code for kind in cases.catalogue(None).matters()][:60]
    units = [unit.id for unit in territory.snapshot().units if unit.rank == "area"]
    for name in ("similar", "similar-no-point"):
        ours, bare, busy = [], [], []
        for number in range(TIMES + 20):
            lng, lat = point(rng)
            unit = rng.choice(units)
            asked: dict[str, Any] = {
                "text": said(rng),
                "kind": rng.choice(kinds),
                "unit_id": unit,
                "address": "富民路8号",
            }
            if name == "similar":
                asked |= {"lng": lng, "lat": lat}
                near = cases.near(lng, lat)
            else:
                near = cases.within(unit)
            start, worked = time.perf_counter(), time.process_time()
            queries.similar(actor, at=at, **asked)
            middle, worked = time.perf_counter(), time.process_time() - worked
            list(
                cases.Case.objects.filter(near, closed_at=None)
                .order_by("-reported_at")
                .values_list("id", "kind", "text", "lng", "lat", "reported_at")[:200]
            )
            if number >= 20:
                ours.append((middle - start) * 1000)
                busy.append(worked * 1000)
                bare.append((time.perf_counter() - middle) * 1000)
        late = statistics.quantiles(ours, n=20)[-1]
        print(
            f"  {name} on {engine}: 95 of 100 under {late:.1f} ms; {statistics.median(busy):.1f} ms of our processor"
        )
        result(
            name,
            engine=engine,
            ours=statistics.median(ours),
            bare=statistics.median(bare),
            unit="ms/query",
            n=TIMES,
        )


def fill(count: int) -> None:
    """So many open cases, and let the database count them."""
    from django.db import connection, transaction

    from benchmarks import queue
    from linli.cases.models import Case
    from linli.kernel import rows

    with transaction.atomic():
        rows.copy_in(Case, (*queue.COLUMNS, "cell"), _open_cases(count))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _open_cases(count: int) -> Iterator[tuple[Any, ...]]:
    from benchmarks import queue
    from linli.cases.rules import cell_of
    from linli.kernel import clock
    from linli.territory import queries as territory

    rng, now, tree = random.Random(3), clock.now(), territory.snapshot()
    places = {name: place for place, name in enumerate(queue.COLUMNS)}
    for row in queue.cases(0, count):
        made = list(row)
        lng, lat = point(rng) if rng.random() < 0.9 else (None, None)
        unit = tree.locate(lng, lat).unit if lng is not None and lat is not None else None
        reported = now - timedelta(minutes=rng.randrange(1, DAYS * 1440))
        if unit is not None:
            line = tree.ancestors(unit.id)
            made[places["unit_id"]], made[places["a1"]] = unit.id, line[1] if len(line) > 1 else None
            made[places["a2"]] = line[2] if len(line) > 2 else None
        for name, value in (
            ("lng", lng), ("lat", lat), ("text", said(rng)), ("address", f"{rng.choice(STREETS)}{rng.randrange(1, 200)}号"),
            ("reported_at", reported), ("state", "registered"), ("desk", "dispatch"), ("next_due_at", now), ("due_at", now),
        ):  # fmt: skip
            made[places[name]] = value
        yield (*made, cell_of(lng, lat))


def index_rate() -> None:
    """Rows a second, asked for and added one after the other; bare is one that keeps texts in a plain list."""
    town.connect("sqlite")
    from linli.intake.duplicates.index import Index
    from linli.intake.duplicates.rules import Matter
    from linli.intake.queries.comparing import law

    rng = random.Random(11)
    start = datetime(2026, 1, 1).timestamp()  # noqa: DTZ001 - any moment will do
    matters = []
    for number in range(ROWS):
        lng, lat = point(rng)
        kind = rng.randrange(60)
        matters.append(
            Matter(
                str(number), f"kind {kind}", f"group {kind // 6}", said(rng), f"{rng.choice(STREETS)}{rng.randrange(1, 200)}号",
                lng, lat, "", start + number * DAYS * 86400 / ROWS,
            )
        )  # fmt: skip
    made, begun = Index(law()), time.process_time()
    for matter in matters:
        made.query(matter)
        made.add(matter)
    ours = ROWS / (time.process_time() - begun)
    print(f"index of duplicates: {ours:,.0f} rows/s asked for and added, {ROWS:,} rows in {DAYS} days")
    result("duplicates-index", engine="memory", ours=ours, bare=2_500, unit="rows/s", n=ROWS)


def recall(found: Path, pairs: Path) -> int:
    """Print the share of true pairs whose one row is among the five candidates of the other."""
    with found.open(encoding="utf-8", newline="") as file:
        shown = {
            row["number"]: {row[name] for name in row if name.startswith("candidate_")}
            for row in csv.DictReader(file)
        }
    with pairs.open(encoding="utf-8", newline="") as file:
        true = [(row["case_enquiry_id"], row["duplicate_of"]) for row in csv.DictReader(file)]
    known = [(one, other) for one, other in true if one in shown and other in shown]
    if not known:
        print("no pair has both rows in the file")
        return 1
    there = sum(other in shown[one] for one, other in known) / len(known)
    either = sum(other in shown[one] or one in shown[other] for one, other in known) / len(known)
    print(f"{len(known)} pairs with both rows in the file, of {len(true)}")
    print(f"recall among five: {there:.3f} the marked one's candidates hold its original")
    print(f"                   {either:.3f} either row's candidates hold the other")
    return 0 if either >= 0.85 else 1


if __name__ == "__main__":
    sys.exit(main())
