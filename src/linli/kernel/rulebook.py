"""The town's law as data: tables shipped with Linli, overlaid by the town's own folders.

A table is `NAME.toml`, or a folder `NAME/` of CSV and TOML files, one a sheet. Folders are read in the order
of `folders()`; a later one wins key by key, and in sheets row by row (by the column `code`) and cell by cell.
`retired = true` (in CSV a column `retired` with 1) takes an entry out. A table keeps `version` and `source`;
a folder states them in `about.toml`.

A town's own folders are given in the environment variable LINLI_RULEBOOKS, separated as in PATH. No Django
here: editions that were published into the database are in `kernel.editions`.
"""

from __future__ import annotations

import csv
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

DEFAULT = Path(__file__).resolve().parent.parent / "rulebooks" / "default"
VARIABLE = "LINLI_RULEBOOKS"
ABOUT = "about"
KEY = "code"
RETIRED = "retired"
_YES = frozenset({"1", "true", "yes", "是"})

Row = dict[str, Any]
Rows = dict[str, Any]


class BadTable(ValueError):
    """A rulebook file that cannot be read, or a table that no folder holds; says which file and why."""


def folders() -> tuple[Path, ...]:
    """The shipped folder, then the town's own in the order given."""
    return _folders(os.environ.get(VARIABLE, ""))


@cache
def _folders(own: str) -> tuple[Path, ...]:
    named = (folder for folder in own.split(os.pathsep) if folder.strip())
    return (DEFAULT, *(Path(folder).expanduser() for folder in named))


def table(name: str) -> Rows:
    """The merged table: a mapping as in its TOML file, or sheet by sheet as in its folder.

    Always has `version` and `source`. Read once a process and shared: do not change it. Raises BadTable.
    """
    return _table(name, folders())


def names() -> tuple[str, ...]:
    """The names of all tables that the folders hold, in order."""
    return tuple(sorted({_name(path) for folder in folders() for path in _entries(folder)}))


def reload() -> None:
    """Read the files again at the next use."""
    _table.cache_clear()


def read(name: str, sources: Iterable[Path]) -> Rows:
    """The table merged from these folders; nothing is remembered. Raises BadTable."""
    merged: Rows = {}
    found = False
    for folder in sources:
        path = folder / f"{name}.toml"
        if path.is_file():
            merged, found = _merged(merged, _toml(path)), True
        if (folder / name).is_dir():
            merged, found = _merged(merged, _sheets(folder / name)), True
    if not found:
        raise BadTable(f"no rulebook folder holds a table {name!r}")
    complete: Rows = _without_retired(merged)
    return {"version": "", "source": "", **complete}


@cache
def _table(name: str, sources: tuple[Path, ...]) -> Rows:
    return read(name, sources)


def _entries(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise BadTable(f"{folder} is named in {VARIABLE} but is no folder")
    for path in folder.iterdir():
        if path.suffix == ".toml" or (path.is_dir() and not path.name.startswith((".", "_"))):
            yield path


def _name(path: Path) -> str:
    return path.name.removesuffix(".toml")


def _toml(path: Path) -> Rows:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadTable(f"{path}: {error}") from error


def _sheets(folder: Path) -> Rows:
    sheets: Rows = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".csv":
            sheets[path.stem] = _csv(path)
        elif path.suffix == ".toml":
            content = _toml(path)
            sheets |= content if path.stem == ABOUT else {path.stem: content}
    return sheets


def _csv(path: Path) -> list[Row]:
    rows: list[Row] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            for row in reader:
                if None in row or None in row.values():
                    raise BadTable(
                        f"{path}, line {reader.line_num}: the row does not have as many cells as the head"
                    )
                rows.append(row)
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadTable(f"{path}: {error}") from error
    return rows


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> Rows:
    result = dict(below)
    for key, value in above.items():
        known = result.get(key)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            result[key] = _merged(known, value)
        elif isinstance(known, list) and _is_sheet(known) and _is_sheet(value):
            result[key] = _merged_rows(known, value)
        else:
            result[key] = value
    return result


def _is_sheet(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(r, Mapping) and KEY in r for r in value)


def _merged_rows(below: list[Row], above: list[Row]) -> list[Row]:
    rows = {row[KEY]: row for row in below}
    for row in above:
        rows[row[KEY]] = {**rows.get(row[KEY], {}), **row}
    return list(rows.values())


def _without_retired(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_retired(v) for key, v in value.items() if not _is_retired(v)}
    if isinstance(value, list):
        return [_without_retired(entry) for entry in value if not _is_retired(entry)]
    return value


def _is_retired(value: Any) -> bool:
    return isinstance(value, Mapping) and str(value.get(RETIRED, "")).strip().lower() in _YES


@dataclass(frozen=True, slots=True)
class Change:
    """What would become of one entry: sheet, key, and old and new value of each field that differs."""

    sheet: str
    key: str
    what: Literal["added", "changed", "removed"]
    fields: dict[str, tuple[Any, Any]]


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What differs between two states of a table, sheet by sheet, in the order of the new one."""
    before, after = _flat(old), _flat(new)
    changes: list[Change] = []
    for place, row in after.items():
        if place not in before:
            changes.append(Change(*place, "added", {name: (None, value) for name, value in row.items()}))
        elif fields := _fields(before[place], row):
            changes.append(Change(*place, "changed", fields))
    for place, row in before.items():
        if place not in after:
            changes.append(Change(*place, "removed", {name: (value, None) for name, value in row.items()}))
    return changes


def _fields(old: Row, new: Row) -> dict[str, tuple[Any, Any]]:
    names = dict.fromkeys((*new, *old))
    return {n: (old.get(n), new.get(n)) for n in names if (old.get(n) or "") != (new.get(n) or "")}


def _flat(rows: Mapping[str, Any]) -> dict[tuple[str, str], Row]:
    """Every entry by sheet and key. A value that is no entry of its own counts as a field of its sheet."""
    flat: dict[tuple[str, str], Row] = {}
    for sheet, value in rows.items():
        if _is_sheet(value):
            flat |= {(sheet, str(row[KEY])): dict(row) for row in value}
        elif isinstance(value, Mapping) and any(isinstance(entry, Mapping) for entry in value.values()):
            flat |= {
                (sheet, key): dict(entry) if isinstance(entry, Mapping) else {"value": entry}
                for key, entry in value.items()
            }
        else:
            flat[sheet, ""] = dict(value) if isinstance(value, Mapping) else {"value": value}
    return flat
