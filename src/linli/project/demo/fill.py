"""Filling the demo: once, from the beginning to the end, or again from the beginning when it was interrupted."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from linli.kernel import clock, editions, journal
from linli.kernel.access import SYSTEM
from linli.kernel.models import FactRow

from . import matrix, script, standing
from .arrivals import Arrivals
from .events import DemoBegun, DemoFilled
from .history import History
from .world import SEED, Town, build_town

DEMO = uuid5(NAMESPACE_URL, "linli-demo")
"""What the two facts are about."""
PER_DAY = 33.0
MESSAGES_SENT = timedelta(days=4)
BEFORE_ANY = "kernel.EditionPublished"  # all that a new database's journal holds
NOT_A_DEMO = (
    "这个数据库里已有别的数据,不会改成演示镇 / this database holds other data and is not made into a demo"
)
AGAIN = "上次没有建完,从头再来 / the last filling did not end; beginning again"
READY = "演示镇已在 / the demo town is there"


def ensure(out: Console, *, days: int = 90, seed: int = SEED) -> None:
    """The demo town is there and complete: made now if it was not, untouched if it was.

    A filling that did not end is thrown away and made anew. A database with other data is refused (exit 2).
    """
    kinds = set(FactRow.objects.order_by().values_list("kind", flat=True).distinct())
    if DemoFilled.KIND in kinds:
        out.print(READY)
        return
    if DemoBegun.KIND in kinds:
        out.print(AGAIN)
        _start_over()
    elif kinds - {BEFORE_ANY}:
        Console(stderr=True).print(f"[red]{NOT_A_DEMO}[/red]")
        raise SystemExit(2)
    _fill(out, days, seed, clock.now().replace(microsecond=0))


def make_history(
    town: Town, *, start: datetime, end: datetime, per_day: float, seed: int,
    progress: Callable[[datetime], None] | None = None,
) -> History:  # fmt: skip
    """Let the town live from start to end with about so many reports a day, and what everybody needs to see."""
    standing.set_up(town, start, end)
    stream = Arrivals(town.land, seed)
    history = History(town, start, end, seed)
    coming = [*stream.between(start, end, per_day), *script.arrivals(stream, start, end)]
    history.sheets = script.sheets(stream, end)
    history.run(coming, progress)
    return history


def _fill(out: Console, days: int, seed: int, end: datetime) -> None:
    start, shown = end - timedelta(days=days), settings.DEMO
    journal.record(DemoBegun(days, seed), about=DEMO, by=SYSTEM, at=end)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with _quick_commits(), Progress(*columns, console=out) as progress:
        task = progress.add_task("网格、岗位和人员 / grids, posts, people", total=days)
        town = build_town(start - timedelta(hours=1), seed=seed)
        progress.update(task, description=f"{days} 天的案件 / {days} days of cases")

        def passed(at: datetime) -> None:
            # Text messages of long ago were only shown in the app: thousands of sendings would show nothing.
            settings.DEMO = shown and end - at < MESSAGES_SENT
            progress.update(task, completed=(at - start) / timedelta(days=1))

        made = make_history(town, start=start, end=end, per_day=PER_DAY, seed=seed, progress=passed)
        settings.DEMO = shown
        matrix.lay_down(town, end)
        progress.update(task, completed=days)
    journal.record(DemoFilled(made.counts["cases"]), about=DEMO, by=SYSTEM, at=end)
    out.print(f"{READY}:{made.counts['cases']} 件 / cases, {made.counts['pictures']} 张照片 / pictures")


@contextmanager
def _quick_commits() -> Iterator[None]:
    """Commits do not wait for the disk meanwhile; afterwards everything is on it.

    Safe here, because a filling that did not reach its end is thrown away.
    """
    sqlite = connection.vendor == "sqlite"
    before = _ask("PRAGMA synchronous") if sqlite else 0
    _tell("PRAGMA synchronous=OFF" if sqlite else "SET synchronous_commit TO off")
    try:
        yield
    finally:
        if sqlite:
            _tell("PRAGMA optimize")
            _tell(f"PRAGMA synchronous={before}")
            _tell("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            _tell("RESET synchronous_commit")


def _ask(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def _tell(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _start_over() -> None:
    """Throw the unfinished demo away: an empty database and no pictures."""
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    if connection.vendor == "sqlite":
        connection.close()
        for ending in ("", "-wal", "-shm"):
            Path(f"{connection.settings_dict['NAME']}{ending}").unlink(missing_ok=True)
        call_command("migrate", interactive=False, verbosity=0)
    else:
        call_command("flush", interactive=False, verbosity=0)
    editions.sync_files(clock.now())
