"""Importing another system's cases against the bare driver writing the same rows into the same tables.

The file is the full Boston 311 set when LINLI_BOSTON311 gives its path, else 40,000 lines made from the sample in
examples/boston311. Ours is everything: reading, judging, locating, writing, committing. Bare is COPY (psycopg) or
executemany (sqlite3) of ready-made tuples, also committed as one transaction, with the same indexes.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.report import result

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "boston311"
ROUNDS = 3
LINES = 40_000
TABLES = ("cases_case", "kernel_fact", "kernel_clock")
OURS = "WHERE kind LIKE 'cases.%'"  # the journal also tells of the units' import


def run(engine: str) -> list[dict[str, Any]]:
    """Measure on `sqlite` or `postgresql` in a process of its own; LINLI_BENCH_POSTGRESQL is the empty database."""
    with tempfile.TemporaryDirectory(prefix="linli-bench-", dir=os.environ.get("LINLI_DATA_DIR")) as folder:
        url = "sqlite:///" if engine == "sqlite" else os.environ["LINLI_BENCH_POSTGRESQL"]
        environment = {
            **os.environ,
            "LINLI_DATA_DIR": folder,
            "LINLI_DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "linli.project.settings",
        }
        command = [sys.executable, "-m", "benchmarks.importing", engine, folder]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def generated(folder: Path) -> Path:
    """The sample's lines again and again, each time with other numbers and eleven days later."""
    target = folder / "generated.csv"
    with (EXAMPLE / "sample.csv").open(encoding="utf-8", newline="") as source:
        heading, *lines = list(csv.reader(source))
    place = {name: heading.index(name) for name in ("case_enquiry_id", "open_dt", "target_dt", "closed_dt")}
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heading)
        for number in range(LINES):
            line = list(lines[number % len(lines)])
            line[place["case_enquiry_id"]] = f"9{number:011d}"
            for name in ("open_dt", "target_dt", "closed_dt"):
                if line[place[name]]:
                    later = datetime.fromisoformat(line[place[name]]) + timedelta(
                        days=11 * (number // len(lines))
                    )
                    line[place[name]] = later.isoformat(sep=" ")
            writer.writerow(line)
    return target


def _measure(engine: str, folder: Path) -> list[dict[str, Any]]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from linli.kernel import clock
    from linli.kernel.access import SYSTEM
    from linli.territory import actions as territory

    call_command("migrate", interactive=False, verbosity=0)
    territory.apply_plan(territory.plan_import(EXAMPLE / "districts.geojson"), by=SYSTEM, at=clock.now())
    connection.close()
    file = Path(os.environ["LINLI_BOSTON311"]) if os.environ.get("LINLI_BOSTON311") else generated(folder)
    side = _Sqlite(folder) if engine == "sqlite" else _Postgresql()
    ours, bare, lines = [], [], 0
    for _ in range(ROUNDS):
        side.empty()
        seconds, lines = _ours(file)
        ours.append(seconds)
        rows = side.rows()
        side.empty()
        bare.append(_timed(lambda ready=rows: side.write(ready)))
        print(f"{engine}: ours {ours[-1]:.2f} s, bare {bare[-1]:.2f} s", file=sys.stderr)
    a, b = lines / min(ours), lines / min(bare)
    return [
        {
            "name": "importing",
            "engine": engine,
            "ours": a,
            "bare": b,
            "ratio": a / b,
            "unit": "cases/s",
            "n": lines,
        }
    ]


def _ours(file: Path) -> tuple[float, int]:
    from django.db import connection

    from linli.cases import queries
    from linli.intake import actions as importing
    from linli.intake import mapping
    from linli.kernel import clock
    from linli.kernel.access import SYSTEM

    known = queries.catalogue(None).kinds
    chosen = mapping.load(EXAMPLE / "boston311.toml", known.__contains__)
    listener = importing.Listener(lambda refusal: None, lambda done, size, lines: None)
    began = time.perf_counter()
    outcome = importing.import_cases(file, chosen, by=SYSTEM, at=clock.now(), listener=listener)
    seconds = time.perf_counter() - began
    connection.close()
    if outcome.taken != outcome.lines:
        raise RuntimeError(f"{outcome.refused} lines were refused, {outcome.already} were there")
    return seconds, outcome.taken


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


class _Sqlite:
    """Starts every time from a copy of the file with empty tables."""

    def __init__(self, folder: Path) -> None:
        from django.conf import settings

        self.options = settings.DATABASES["default"]["OPTIONS"]["init_command"]
        self.file = folder / "linli.sqlite3"
        self.clean = folder / "empty.sqlite3"
        with sqlite3.connect(self.file) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.file, self.clean)

    def empty(self) -> None:
        for ending in ("", "-wal", "-shm"):
            Path(f"{self.file}{ending}").unlink(missing_ok=True)
        shutil.copy(self.clean, self.file)

    def rows(self) -> dict[str, tuple[list[str], list[Any]]]:
        with sqlite3.connect(self.file) as connection:
            return {name: self._table(connection, name) for name in TABLES}

    def _table(self, connection: sqlite3.Connection, name: str) -> tuple[list[str], list[Any]]:
        found = connection.execute(f"SELECT * FROM {name} {OURS * (name == 'kernel_fact')} ORDER BY rowid")
        return [column[0] for column in found.description], found.fetchall()

    def write(self, ready: dict[str, tuple[list[str], list[Any]]]) -> None:
        connection = sqlite3.connect(self.file, isolation_level=None)
        connection.executescript(self.options)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("BEGIN IMMEDIATE")
        for name, (columns, rows) in ready.items():
            places = ", ".join("?" * len(columns))
            connection.executemany(
                f"INSERT INTO {name} ({', '.join(map(_quoted, columns))}) VALUES ({places})", rows
            )
        connection.execute("COMMIT")
        connection.close()


class _Postgresql:
    """Empties the tables before every turn."""

    def __init__(self) -> None:
        self.url = os.environ["LINLI_DATABASE_URL"]

    def _connect(self) -> Any:
        import psycopg

        return psycopg.connect(self.url)

    def empty(self) -> None:
        with self._connect() as connection:
            connection.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")

    def rows(self) -> dict[str, tuple[list[str], list[Any]]]:
        from psycopg.types.json import set_json_loads

        with self._connect() as connection:
            set_json_loads(lambda text: text.decode() if isinstance(text, bytes) else text, connection)
            found = {}
            for name in TABLES:
                journal = name == "kernel_fact"
                order = "seq" if journal else "id"
                cursor = connection.execute(f"SELECT * FROM {name} {OURS * journal} ORDER BY {order}")
                found[name] = ([column.name for column in cursor.description], cursor.fetchall())
        return found

    def write(self, ready: dict[str, tuple[list[str], list[Any]]]) -> None:
        with self._connect() as connection, connection.cursor() as cursor:
            for name, (columns, rows) in ready.items():
                with cursor.copy(f"COPY {name} ({', '.join(map(_quoted, columns))}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)


def _quoted(name: str) -> str:
    return f'"{name}"'


def main() -> None:
    """Both engines, told to the report."""
    if len(sys.argv) == 3:
        print(json.dumps(_measure(sys.argv[1], Path(sys.argv[2]))))
        return
    if not os.environ.get("LINLI_BOSTON311"):
        print("LINLI_BOSTON311 (path of the full file) is not given: lines made from the sample are used")
    for engine in ("sqlite", "postgresql"):
        for line in run(engine):
            line.pop("ratio")
            result(line.pop("name"), **line)


if __name__ == "__main__":
    main()
