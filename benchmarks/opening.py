"""Opening a case over HTTP, against bare driver loops that commit the same rows.

Ours: granian with the usual processes and threads, eight connections that post reports. Bare: eight
processes with one driver connection each, which execute the same inserts and commit. Besides the rate it
gives the processor time a case, of the server with its database against the loops with theirs.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks import town
from benchmarks.report import result

CLIENTS, SECONDS, ROUNDS = 8, 4.0, 3
KIND, TEXT = "E06010", "东村小学门口有一堆建筑垃圾,挡住了消防通道,已经三天没有人清理。"
TICK = os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Measure the engine that is named, or each in turn."""
    if len(sys.argv) < 2:
        return town.each_engine("benchmarks.opening")
    engine = sys.argv[1]
    town.connect(engine)
    key = town.build()
    rates: list[tuple[float, float, float, float, int]] = []
    with Web() as web:
        web.wait(key)
        for _ in range(ROUNDS):
            bare, bare_cpu = measure_bare(engine)
            ours, ours_cpu, n = web.measure(key)
            rates.append((ours, bare, ours_cpu, bare_cpu, n))
    rates.sort(key=lambda row: row[0] / row[1])
    ours, bare, ours_cpu, bare_cpu, n = rates[len(rates) // 2]
    result("opening", engine=engine, ours=ours, bare=bare, unit="cases/s", n=n)
    rates.sort(key=lambda row: row[2] / row[3])
    _, _, ours_cpu, bare_cpu, n = rates[len(rates) // 2]
    result("opening-processor", engine=engine, ours=ours_cpu, bare=bare_cpu, unit="µs/case", n=n)
    return 0


class Web:
    """The server as `linli serve --web` runs it."""

    def __enter__(self) -> Web:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [str(Path(sys.executable).with_name("linli")), "serve", "--web", "--port", str(self.port)]
        self.process = subprocess.Popen(command, start_new_session=True)
        return self

    def __exit__(self, *exc: object) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=20)

    def wait(self, key: str) -> None:
        """Until every process of it has answered and warmed up."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                self._load(key, 1.5)
                return
            except OSError:
                time.sleep(0.3)
        raise SystemExit("the server did not come up")

    def measure(self, key: str) -> tuple[float, float, int]:
        """Cases a second, processor µs a case, and how many were opened."""
        before, start = cpu_of(self.process.pid) + cpu_of_database(), time.perf_counter()
        n = self._load(key, SECONDS)
        took = time.perf_counter() - start
        cpu = cpu_of(self.process.pid) + cpu_of_database() - before
        return n / took, cpu / n * 1e6, n

    def _load(self, key: str, seconds: float) -> int:
        """Post reports over eight kept connections, from one thread, so that the load costs little itself."""
        until, count = time.perf_counter() + seconds, 0
        request = _request(key)
        with selectors.DefaultSelector() as ready:
            for _ in range(CLIENTS):
                wire = socket.create_connection(("127.0.0.1", self.port))
                wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                ready.register(wire, selectors.EVENT_READ, [b""])
                wire.sendall(request())
            while ready.get_map():
                for handle, _ in ready.select(timeout=30):
                    count += _heard(handle, ready, request if time.perf_counter() < until else None)
        return count


def _heard(handle: selectors.SelectorKey, ready: selectors.BaseSelector, request: Any) -> int:
    """Take what arrived; when the answer is whole, send the next request (or close): 1, else 0."""
    wire: Any = handle.fileobj
    held = handle.data
    more = wire.recv(65536)
    if not more:
        raise OSError("the server closed a connection")
    held[0] += more
    if not _whole(held[0]):
        return 0
    assert held[0].startswith(b"HTTP/1.1 201"), held[0][:300]
    held[0] = b""
    if request is not None:
        wire.sendall(request())
    else:
        ready.unregister(wire)
        wire.close()
    return 1


def _request(key: str) -> Any:
    """What makes one report after the other, each with an id of its own, as bytes on the wire."""
    tail = json.dumps(
        {
            "source": "walk_in",
            "kind": KIND,
            "text": TEXT,
            "lng": town.WEST + 0.0123,
            "lat": town.SOUTH + 0.0123,
        },
        ensure_ascii=False,
    )[1:].encode()
    head = (
        "POST /api/v1/cases HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {key}\r\nContent-Length: {len(tail) + 45}\r\n\r\n"
    ).encode()
    return lambda: head + b'{"id":"%s",' % str(new_id()).encode() + tail


def _whole(answer: bytes) -> bool:
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    return len(body) >= length


def new_id() -> UUID:
    """A UUIDv7, as a client makes it."""
    from linli.kernel.ids import uuid7

    return uuid7()


def rows_of_a_case(engine: str) -> list[tuple[str, list[Any]]]:
    """The very inserts that opening one case makes, as SQL and values."""
    from linli.cases.actions import opening
    from linli.cases.models import Case
    from linli.cases.words import Source
    from linli.kernel import access, clock

    report = opening.Report(
        id=new_id(),
        source=Source.WALK_IN,
        kind=KIND,
        text=TEXT,
        lng=town.WEST + 0.0123,
        lat=town.SOUTH + 0.0123,
    )
    case, more = opening.plan(report, by=access.SYSTEM, at=clock.now())
    if engine == "sqlite":
        case["serial"] = 0
    return [_statement(model, values) for model, values in [(Case, case), *more]]


def _statement(model: Any, values: dict[str, Any]) -> tuple[str, list[Any]]:
    from django.db import connection

    from linli.kernel import rows

    columns = tuple(values)
    adapted = rows._adapters(model, columns, connection.vendor)
    return rows._single(model, columns, (), "%s"), [
        a(v) for a, v in zip(adapted, values.values(), strict=True)
    ]


class Bare:
    """The inserts of one case as a driver's caller would write them: one by one, then a commit."""

    def __init__(self, engine: str, statements: list[tuple[str, list[Any]]]) -> None:
        self.engine = engine
        case_id = statements[0][1][0]
        # In each row the columns that hold the case's id, and the row's own id if it has another.
        self.rows = [
            (
                sql if engine == "postgresql" else sql.replace("%s", "?"),
                values,
                [k for k, v in enumerate(values) if v == case_id],
                [k for k, v in enumerate(values) if v != case_id and _is_id(v)][:1] if number else [],
            )
            for number, (sql, values) in enumerate(statements)
        ]
        self.wire: Any = self._connect()
        self.cursor = self.wire.cursor()

    def _connect(self) -> Any:
        if self.engine == "postgresql":
            import psycopg

            return psycopg.connect(os.environ["LINLI_BENCH_POSTGRESQL"], prepare_threshold=1)
        import sqlite3

        file = Path(os.environ["LINLI_DATA_DIR"]) / "linli.sqlite3"
        wire = sqlite3.connect(file, timeout=30, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-65536", "mmap_size=268435456"):
            wire.execute(f"PRAGMA {pragma}")
        return wire

    def _id(self) -> Any:
        return new_id() if self.engine == "postgresql" else new_id().hex

    def once(self) -> None:
        """Write one case and commit."""
        serial = None
        if self.engine == "sqlite":
            self.cursor.execute("BEGIN IMMEDIATE")
            serial = self.cursor.execute("SELECT COALESCE(MAX(serial), 0) + 1 FROM cases_case").fetchone()[0]
        case_id = self._id()
        for number, (sql, values, same, own) in enumerate(self.rows):
            values = list(values)
            for k in same:
                values[k] = case_id
            for k in own:
                values[k] = self._id()
            if serial is not None and number == 0:
                values[-1] = serial
            self.cursor.execute(sql, values)
        if self.engine == "postgresql":
            self.wire.commit()
        else:
            self.cursor.execute("COMMIT")


def bare_loop(engine: str, seconds: float, statements: list[tuple[str, list[Any]]], out: Any) -> None:
    """Write cases for some seconds; tells how many, and the processor seconds."""
    bare = Bare(engine, statements)
    until, count, cpu = time.perf_counter() + seconds, 0, time.process_time()
    while time.perf_counter() < until:
        bare.once()
        count += 1
    out.put((count, time.process_time() - cpu))


def _is_id(value: Any) -> bool:
    return isinstance(value, UUID) or (isinstance(value, str) and len(value) == 32 and value.isalnum())


def measure_bare(engine: str) -> tuple[float, float]:
    """Cases a second of eight loops, and the processor µs a case, with the database's."""
    from django.db import connection

    statements = rows_of_a_case(engine)
    connection.close()
    context = multiprocessing.get_context("fork")
    out = context.Queue()
    before, start = cpu_of_database(), time.perf_counter()
    loops = [
        context.Process(target=bare_loop, args=(engine, SECONDS, statements, out)) for _ in range(CLIENTS)
    ]
    for loop in loops:
        loop.start()
    found = [out.get(timeout=SECONDS + 30) for _ in loops]
    for loop in loops:
        loop.join()
    took = time.perf_counter() - start
    n = sum(count for count, _ in found)
    cpu = cpu_of_database() - before + sum(seconds for _, seconds in found)
    return n / took, cpu / n * 1e6


def cpu_of(group: int) -> float:
    """Processor seconds of a process group so far."""
    return sum(times for pgid, _, times in _processes() if pgid == group)


def cpu_of_database() -> float:
    """Processor seconds of the PostgreSQL server of this benchmark so far; 0 on SQLite."""
    if "LINLI_DATABASE_URL" not in os.environ:
        return 0.0
    port = os.environ["LINLI_BENCH_POSTGRESQL"].rsplit(":", 1)[1].split("/")[0]
    groups = {
        pgid for pgid, command, _ in _processes() if f"port={port}" in command or f"-p {port}" in command
    }
    return sum(times for pgid, command, times in _processes() if pgid in groups or "postgres:" in command)


def _processes() -> list[tuple[int, str, float]]:
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            stat = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        # utime, stime and those of children that have ended
        times = sum(int(stat[k]) for k in (11, 12, 13, 14)) / TICK
        found.append((int(stat[2]), command, times))
    return found


if __name__ == "__main__":
    sys.exit(main())
