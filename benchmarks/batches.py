"""Taking in a hotline's batch of 100,000 rows: from the upload to the last result, by the worker's own jobs.

Two runs an engine. `batches`: rows with category, address and point. `batches-asking`: rows without a category, whose
kind is told by their text, compared with the open matters for probable duplicates. Every other row has a telephone,
60,000 numbers in all. Counted is everything: reading the file, looking through it, taking it in. `bare` is the
driver writing the same rows of the same tables (COPY, executemany) in one transaction.

LINLI_BENCH_ROWS is how many rows (100,000).
"""

from __future__ import annotations

import csv
import io
import os
import random
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from benchmarks import town
from benchmarks.report import result

ROWS = int(os.environ.get("LINLI_BENCH_ROWS", "100000"))
HEADING = ("工单编号", "诉求内容", "地址", "诉求类别", "诉求人", "联系电话", "来电时间", "经度", "纬度")
WHAT = ("路口垃圾没人清,气味很大", "夜里施工声音太吵,睡不着觉", "下水道堵了,污水流到路上", "路灯坏了三天,晚上很黑",
        "楼道里堆满杂物,担心着火", "树枝挡住了窗户,请修剪", "占道经营,行人走不过去", "楼上漏水,邻居不肯修")  # fmt: skip
KINDS = ("E06010", "E06028", "E01018", "E06005")
TABLES = (
    "cases_case", "kernel_fact", "kernel_secret", "kernel_clock", "people_resident", "notices_notice", "intake_batchrow",
)  # fmt: skip


def sheet(seed: str, *, kinds: bool) -> bytes:
    """The file: a street's worth of matters a day, each told in its own words."""
    chance = random.Random(seed)
    from linli.kernel import clock

    start = clock.local(clock.now()) - timedelta(hours=12)
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(HEADING)
    for number in range(ROWS):
        what = f"{WHAT[number % len(WHAT)]}。{chance.randrange(1, 900)}号门口,{chance.randrange(1, 60)}天了,请来人看看。"
        phone = f"139{chance.randrange(60_000):08d}" if number % 2 else ""
        when = start + timedelta(seconds=number % 36_000)
        out.writerow(
            (
                f"{seed}{number:07d}", what, f"{chance.randrange(1, 400)}弄{chance.randrange(1, 90)}号",
                KINDS[number % len(KINDS)] if kinds else "", "王女士" if phone else "", phone,
                f"{when:%Y-%m-%d %H:%M:%S}", f"{town.WEST + chance.random() * 5 * town.SIDE:.6f}",
                f"{town.SOUTH + chance.random() * 4 * town.SIDE:.6f}",
            )
        )  # fmt: skip
    return text.getvalue().encode()


def take(data: bytes, *, asking: bool) -> dict[str, float]:
    """Upload, look, take in; the seconds of each."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from linli.cases.words import Source
    from linli.intake.actions import batches as actions
    from linli.intake.models import Batch
    from linli.kernel import clock, jobs
    from linli.people import queries as people
    from linli.people.models import Account

    by = people.actor_for(Account.objects.get(username="bench"), clock.now())
    spent: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        found = work()
        spent[name] = time.perf_counter() - began
        return found

    def worked() -> None:
        while jobs.work_once(clock.now()):
            pass

    def look() -> None:
        actions.set_columns(
            batch_id, columns=Batch.objects.get(pk=batch_id).columns, find_duplicates=asking, suggest=asking, by=by,
            at=clock.now(),
        )  # fmt: skip
        worked()

    def open_all() -> None:
        actions.take(batch_id, by=by, at=clock.now())
        worked()

    file = SimpleUploadedFile("12345.csv", data)
    batch_id, _ = timed("upload", lambda: actions.upload(file, source=Source.HOTLINE, by=by, at=clock.now()))
    timed("look", look)
    batch = Batch.objects.get(pk=batch_id)
    if batch.unknown:
        actions.set_kinds(batch_id, kinds=dict.fromkeys(batch.unknown, KINDS[0]), by=by, at=clock.now())
    timed("take", open_all)
    batch.refresh_from_db()
    if batch.state != "done" or batch.counts["take"]["taken"] != ROWS:
        raise RuntimeError(f"{batch.state}: {batch.counts}")
    print(f"  {batch.counts['look']}", file=sys.stderr)
    return spent


def bare(engine: str) -> float:
    """Seconds in which the driver writes the same rows again, into the emptied tables."""
    from django.db import connection

    with connection.cursor() as cursor:
        names, rows = {}, {}
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table}")
            names[table] = [column[0] for column in cursor.description]
            rows[table] = cursor.fetchall()
    raw = connection.connection
    return (_bare_sqlite if engine == "sqlite" else _bare_postgresql)(raw, names, rows)


def _bare_sqlite(raw: Any, names: dict[str, list[str]], rows: dict[str, list[Any]]) -> float:
    copies = {table: f"bare_{table}" for table in TABLES}
    for table, copy in copies.items():
        (made,) = raw.execute("SELECT sql FROM sqlite_master WHERE name = ?", [table]).fetchone()
        raw.execute(made.replace(f'"{table}"', f'"{copy}"', 1))
        for (index,) in raw.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type = 'index' AND sql IS NOT NULL", [table]
        ).fetchall():
            first, _, rest = index.partition(" ON ")
            raw.execute(f'{first.rstrip(chr(34))}_bare" ON {rest.replace(table, copy, 1)}')
    began = time.perf_counter()
    raw.execute("BEGIN IMMEDIATE")
    for table, copy in copies.items():
        places = ", ".join("?" * len(names[table]))
        raw.executemany(f"INSERT INTO {copy} VALUES ({places})", rows[table])
    raw.execute("COMMIT")
    return time.perf_counter() - began


def _bare_postgresql(raw: Any, names: dict[str, list[str]], rows: dict[str, list[Any]]) -> float:
    from psycopg.types.json import Json

    with raw.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
        raw.commit()
        began = time.perf_counter()
        for table in TABLES:
            columns = ", ".join(f'"{name}"' for name in names[table])
            with cursor.copy(f"COPY bare_{table} ({columns}) FROM STDIN") as copy:
                for row in rows[table]:
                    copy.write_row([Json(v) if isinstance(v, list | dict) else v for v in row])
        raw.commit()
        return time.perf_counter() - began


def main() -> None:
    """One engine when it is named, else both, told to the report."""
    if len(sys.argv) < 2:
        sys.exit(town.each_engine("benchmarks.batches"))
    engine = sys.argv[1]
    town.connect(engine)
    town.build()
    plain = take(sheet("A", kinds=True), asking=False)
    reference = ROWS / bare(engine)
    asking = take(sheet("B", kinds=False), asking=True)
    for name, spent in (("batches", plain), ("batches-asking", asking)):
        parts = ", ".join(f"{part} {ROWS / seconds:,.0f}/s" for part, seconds in spent.items())
        print(f"  {name}, {engine}: {parts}")
        result(name, engine=engine, ours=ROWS / sum(spent.values()), bare=reference, unit="rows/s", n=ROWS)


if __name__ == "__main__":
    main()
