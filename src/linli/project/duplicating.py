"""The command `linli duplicates`, as it talks to the terminal.

Exit codes: 0 every row was compared; 1 nothing was written; 3 some rows could not be read.
"""

from __future__ import annotations

import csv
import os
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from linli.intake import mapping as mappings
from linli.intake import queries
from linli.intake.duplicates.files import Listener
from linli.intake.words import Refusal
from linli.kernel import clock, sheets

ALL, NOTHING, SOME = 0, 1, 3
SHOWN = 20
err = Console(stderr=True)


def duplicates(out: Console, file: Path, mapping: Path, target: Path, *, earlier: bool) -> int:
    """Write a line a row: its number, its candidates best first, their scores; tell which rows cannot be read."""
    wrong = _wrong(file, target)
    if wrong:
        err.print(f"[red]{wrong}[/red]", highlight=False, soft_wrap=True)
        return NOTHING
    chosen = mappings.load(mapping, lambda code: True)  # kinds are only compared, never opened
    refused: list[Refusal] = []
    missing: list[str] = []
    shown = queries.candidates_shown()
    started, rows, with_some = time.monotonic(), 0, 0
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as made, _bar() as bar:
            task = bar.add_task("比对 / comparing", total=None)
            writer = csv.writer(made)
            writer.writerow(_heading(shown))
            compared = queries.rows_compared(
                file, chosen, at=clock.now(), earlier=earlier,
                listener=Listener(
                    refused.append, missing.append,
                    lambda done, total: bar.update(task, completed=done, total=total),
                ),
            )  # fmt: skip
            for row in compared:
                rows += 1
                with_some += bool(row.hits)
                keys = [sheets.safe(hit.matter.key) for hit in row.hits]
                scores = [f"{hit.likeness.score:.4f}" for hit in row.hits]
                blank = [""] * (shown - len(keys))
                writer.writerow([sheets.safe(row.number), *keys, *blank, *scores, *blank])
        if rows > len(refused) or not refused:
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    if missing:
        out.print(
            f"文件没有这些列,不参加比对 / the file lacks these columns: {', '.join(missing)}", markup=False
        )
    _tell(out, target, rows, with_some, refused, time.monotonic() - started)
    if refused:
        return SOME if rows > len(refused) else NOTHING
    return ALL


def _wrong(file: Path, target: Path) -> str:
    if target.exists() and target.samefile(file):
        return "结果不能写进原文件 / the result cannot be written into the file itself: --out"
    if target.is_dir():
        return f"{target} 是文件夹 / is a folder: --out"
    if not target.parent.is_dir():
        return f"没有这个文件夹 / there is no such folder: {target.parent}"
    if not os.access(target.parent, os.W_OK):
        return f"这个文件夹不可写 / this folder cannot be written to: {target.parent}"
    return ""


def _heading(shown: int) -> list[str]:
    places = range(1, shown + 1)
    return [
        "number",
        *(f"candidate_{place}" for place in places),
        *(f"score_{place}" for place in places),
    ]


def _tell(
    out: Console, target: Path, rows: int, with_some: int, refused: list[Refusal], seconds: float
) -> None:
    for each in refused[:SHOWN]:
        place = " ".join(part for part in (each.field, f"“{each.value}”" if each.value else "") if part)
        out.print(
            f"  第 {each.line} 行 / line {each.line}: {place} {each.reason.zh} / {each.reason.en}",
            highlight=False, markup=False, soft_wrap=True,
        )  # fmt: skip
    if refused:
        out.print(f"未比对 {len(refused):,} 行 / rows that could not be read", highlight=False)
    if rows > len(refused) or not refused:
        rate = f"{rows / seconds:,.0f}" if seconds else ""
        out.print(
            f"{rows:,} 行,{with_some:,} 行有候选 / rows, with candidates → {target}"
            f" ({seconds:.1f} 秒 / s, {rate} 行/秒 / rows a second)",
            highlight=False, markup=False, soft_wrap=True,
        )  # fmt: skip


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=err, transient=True)
