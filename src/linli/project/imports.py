"""The commands that take data in and give it out, as they talk to the terminal.

Exit codes: 0 everything in the file is here now; 1 nothing was taken; 3 some lines were taken and some not.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from linli.cases import catalogue_import, exporting
from linli.cases import queries as case_queries
from linli.intake import actions as importing
from linli.intake import mapping as mappings
from linli.intake.words import Refusal
from linli.kernel import clock, sheets
from linli.kernel.access import SYSTEM
from linli.kernel.text import Text
from linli.territory import actions as territory
from linli.territory.words import HOW_NAMES, Crs, How

ALL, NOTHING, SOME = 0, 1, 3
SHOWN = 20
REPORT_COLUMNS = ("line", "number", "field", "value", "reason_zh", "reason_en")
err = Console(stderr=True)


def _both(text: Text) -> str:
    return f"{text.zh} / {text.en}"


def units(
    out: Console,
    file: Path,
    *,
    crs: str,
    parent: str,
    rank: str,
    code_from: str,
    name_from: str,
    dry_run: bool,
) -> int:
    """Show what importing the units would do, with findings; write it unless something is wrong."""
    if crs not in list(Crs):
        err.print(f"[red]crs: {', '.join(Crs)}[/red]")
        return NOTHING
    with _spinner("读取网格 / reading units"):
        plan = territory.plan_import(
            file, crs=None if crs == Crs.WGS84 else Crs(crs), parent=parent, rank=rank, code_from=code_from,
            name_from=name_from,
        )  # fmt: skip
    counts, *findings = territory.describe(plan)
    out.print(_both(counts), highlight=False)
    for text in findings[:SHOWN]:
        out.print(f"  {_both(text)}", highlight=False, markup=False)
    if len(findings) > SHOWN:
        out.print(f"  …… 另有 {len(findings) - SHOWN} 条 / and {len(findings) - SHOWN} more", highlight=False)
    if plan.blocked:
        err.print("[red]有错误,没有写入 / there are errors; nothing was written[/red]")
        return NOTHING
    if dry_run:
        out.print("预览:没有写入 / preview: nothing was written")
        return ALL
    with _spinner("写入 / writing"):
        territory.apply_plan(plan, by=SYSTEM, at=clock.now())
    out.print("[green]网格已导入 / the units are imported[/green]")
    return ALL


def catalogue(out: Console, file: Path, *, dry_run: bool) -> int:
    """Publish the file's catalogue as a new edition, or say what is wrong with it."""
    done = catalogue_import.import_file(file, by=SYSTEM, at=clock.now(), dry_run=dry_run)
    for found in done.findings[:SHOWN]:
        err.print(
            f"  {found.sheet} {found.line} {found.field}: {_both(found.reason)}",
            highlight=False,
            markup=False,
        )
    if done.findings:
        err.print(f"[red]{len(done.findings)} 处错误,没有写入 / errors; nothing was written[/red]")
        return NOTHING
    out.print(f"变更 {len(done.changes)} 项 / {len(done.changes)} changes", highlight=False)
    if done.edition is not None:
        out.print(
            f"[green]已发布第 {done.edition.version} 版 / edition {done.edition.version} is in force[/green]"
        )
    elif dry_run and done.changes:
        out.print("预览:没有写入 / preview: nothing was written")
    return ALL


def cases(out: Console, file: Path, mapping: Path, report: Path | None, *, dry_run: bool) -> int:
    """Import another system's cases; list every line that cannot be taken; sum up."""
    known = case_queries.catalogue(None)
    chosen = mappings.load(mapping, lambda code: known.kind(code) is not None)
    started = time.monotonic()
    with ExitStack() as stack:
        refusals = _Refusals(report, file)
        stack.callback(refusals.close)
        progress = stack.enter_context(_progress())
        listener = importing.Listener(refusals.hear, progress)
        outcome = importing.import_cases(
            file, chosen, by=SYSTEM, at=clock.now(), listener=listener, dry_run=dry_run
        )
    _sum_up(out, outcome, time.monotonic() - started, dry_run)
    refusals.show(out)
    if outcome.refused:
        return SOME if outcome.taken or outcome.already else NOTHING
    return ALL


def _sum_up(out: Console, outcome: importing.Outcome, seconds: float, dry_run: bool) -> None:
    table = Table(
        title="案件导入预览 / preview of the import" if dry_run else "案件导入 / import of cases",
        show_header=False,
    )
    table.add_column()
    table.add_column(justify="right")
    for label, number in (
        ("读取行数 / lines read", outcome.lines),
        ("可导入 / can be taken" if dry_run else "已导入 / taken", outcome.taken),
        ("此前已有 / already there", outcome.already),
        ("未导入 / refused", outcome.refused),
        ("  其中未结 / taken: open", outcome.open),
        ("  其中办结 / taken: ended", outcome.closed),
        ("  其中超期 / taken: overdue", outcome.overdue),
    ):
        table.add_row(label, f"{number:,}")
    for how, number in sorted(outcome.located.items()):
        name = HOW_NAMES[How(how)] if how in list(How) else Text("按网格代码", "By the unit's code")
        table.add_row(f"  定位 / located: {_both(name)}", f"{number:,}")
    out.print(table, highlight=False)
    for label, agreement in (
        ("按期或超期与记录一致 / verdict agrees with the record", outcome.ontime),
        ("所在网格与记录一致 / unit agrees with the record", outcome.unit),
    ):
        if agreement.compared:
            differing = f"{agreement.differing:,} / {agreement.compared:,}"
            out.print(f"{label}: {agreement.share:.2%}(不一致 / differing: {differing})", highlight=False)
    rate = f"{outcome.lines / seconds:,.0f}" if seconds else ""
    out.print(f"{seconds:.1f} 秒,每秒 {rate} 行 / {seconds:.1f} s, {rate} lines a second", highlight=False)
    if dry_run:
        out.print("预览:没有写入 / preview: nothing was written")


class _Refusals:
    """Writes refused lines to the report as they come, and keeps the first for the terminal.

    Without a report named, one is made beside the present folder's files when there are more than fit the
    terminal. It takes its name only when the import is through.
    """

    def __init__(self, report: Path | None, file: Path) -> None:
        self.path = report or Path.cwd() / f"{file.name.partition('.')[0]}.refused.csv"
        self.wanted = report is not None
        self.count = 0
        self.first: list[Refusal] = []
        self._part = self.path.with_name(f"{self.path.name}.{os.getpid()}.part")
        self._file: TextIO | None = None
        self._writer: Any = None
        if self.wanted:
            self._open()

    def _open(self) -> None:
        self._file = self._part.open("w", encoding="utf-8-sig", newline="")  # the mark is for Excel
        self._writer = csv.writer(self._file)
        self._writer.writerow(REPORT_COLUMNS)
        for refusal in self.first:
            self._write(refusal)

    def _write(self, refusal: Refusal) -> None:
        words = (refusal.number, refusal.field, refusal.value, refusal.reason.zh, refusal.reason.en)
        self._writer.writerow([refusal.line, *map(sheets.safe, words)])

    def hear(self, refusal: Refusal) -> None:
        self.count += 1
        if self._file is not None:
            self._write(refusal)
        if len(self.first) < SHOWN:
            self.first.append(refusal)
        elif self._file is None:
            self._open()
            self._write(refusal)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            if sys.exc_info()[0] is None:
                self._part.replace(self.path)
            else:
                self._part.unlink()

    def show(self, out: Console) -> None:
        """The list, and where the rest of it is."""
        for each in self.first:
            place = " ".join(part for part in (each.field, f"“{each.value}”" if each.value else "") if part)
            out.print(
                f"  第 {each.line} 行 / line {each.line}: {place} {_both(each.reason)}",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )
        if self._file is not None:
            out.print(
                f"未导入的行共 {self.count} 条,见 / {self.count} refused lines are listed in: {self.path}",
                highlight=False,
            )


def export(out: Console, file: Path | None, source: str) -> int:
    """Write one line a case to the file, or to standard output."""
    if source and not exporting.knows(source):
        err.print(
            f"[red]没有来源 {source} 的案件 / there are no cases of the source {source}[/red]",
            highlight=False,
        )
        return NOTHING
    if file is None:
        exporting.export_cases(sys.stdout, source)
        return ALL
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        with _spinner("导出 / exporting"), part.open("w", encoding="utf-8", newline="") as target:
            count = exporting.export_cases(target, source)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    out.print(f"{count:,} 件 / cases → {file}", highlight=False)
    return ALL


@contextmanager
def _spinner(label: str) -> Iterator[None]:
    with err.status(label):
        yield


@contextmanager
def _progress() -> Iterator[Any]:
    """A bar over the file's bytes (Excel: only the count), on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("导入案件 / importing", total=None)

        def tell(done: int, total: int, lines: int) -> None:
            whole = max(lines, round(lines * total / done)) if done and total else None
            bar.update(task, completed=lines, total=whole)

        yield tell
