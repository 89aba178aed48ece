"""The command of the four sheets, as it talks to the terminal. Exit codes: 0 written, 1 nothing was written."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from linli.kernel import clock
from linli.kernel.access import SYSTEM
from linli.responsibility import printing, queries
from linli.territory import queries as territory

DONE, NOTHING = 0, 1
FORMATS = ("pdf", "docx", "both")
SETTERS: dict[str, Callable[[dict[str, Any]], bytes]] = {"pdf": printing.pdf, "docx": printing.word}
NEAR = 8
err = Console(stderr=True)


def sheets(out: Console, code: str, year: int | None, folder: Path, wanted: str) -> int:
    """Write the unit's sheets of the year (this one without any) into the folder, which is made if it is missing.

    A file of the same name is replaced by a whole new one; nothing is written when the unit or the year is unknown.
    """
    at = clock.now()
    unit = next((each for each in territory.snapshot().units if each.code == code.strip()), None)
    if unit is None:
        return _unknown(code.strip())
    year = clock.local(at).year if year is None else year
    if not queries.has_sheets(year, at):
        last = clock.local(at).year
        return _refuse(
            f"年度应在 {queries.FIRST_YEAR} 至 {last} 之间 / the year is between {queries.FIRST_YEAR} and {last}"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = list(_write(code.strip(), unit.id, year, folder, wanted, at))
    except OSError as error:
        return _refuse(f"不能写入 / cannot be written: {error.filename or folder}: {error.strerror}")
    for path, size in written:
        out.print(f"{unit.title.zh} {year} → {path} ({size:,} B)", highlight=False, soft_wrap=True)
    return DONE


def _write(
    code: str, unit_id: Any, year: int, folder: Path, wanted: str, at: datetime
) -> list[tuple[Path, int]]:
    with err.status("汇总数据 / gathering") as status:
        said = queries.sheets(SYSTEM, unit_id, year, at).plain()
        written = []
        for ending, setter in SETTERS.items():
            if wanted in (ending, "both"):
                status.update(f"排版 / setting {ending.upper()}")
                written.append(_file(folder / f"{code}-{year}-四个一.{ending}", setter(said)))
    return written


def _file(path: Path, data: bytes) -> tuple[Path, int]:
    """Put it there as a whole: a printer in the next room never finds half a file."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    os.replace(part, path)
    return path, len(data)


def _unknown(code: str) -> int:
    known = [each for each in territory.snapshot().units if code and code in each.code]
    _refuse(f"没有这个单元 / there is no unit {code}")
    for each in known[:NEAR]:
        err.print(f"  {each.code}  {each.title.zh} / {each.title.en}", highlight=False, markup=False)
    if not territory.snapshot().units:
        err.print("还没有网格 / no units yet: linli import-units FILE", highlight=False)
    return NOTHING


def _refuse(why: str) -> int:
    err.print(f"[red]{why}[/red]", highlight=False, soft_wrap=True)
    return NOTHING
