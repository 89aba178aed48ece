"""Taking over a town's own catalogue from a file, with a preview; giving it out again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from linli.kernel import editions
from linli.kernel.access import Actor
from linli.kernel.editions import Edition
from linli.kernel.rulebook import Change

from . import catalogue_files, catalogue_store
from .catalogue import Catalogue, Finding


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import found: what is wrong, or what changes; the edition when it was published."""

    findings: list[Finding]
    changes: list[Change]
    edition: Edition | None = None


def import_file(path: Path, *, source: str = "", by: Actor, at: datetime, dry_run: bool = False) -> Imported:
    """Publish the file's catalogue in place of the one in force: all of it or nothing.

    With `dry_run`, or when anything is wrong, nothing is written. A file that changes nothing makes no
    edition. Open cases keep the edition with which they began. The caller has asked whether `by` may.
    """
    base = catalogue_store.rows()
    table, made = catalogue_files.catalogue_of(catalogue_files.read(path), base)
    if not isinstance(made, Catalogue):
        return Imported(made, [])
    changes = catalogue_files.preview(table, base)
    if dry_run or not changes:
        return Imported([], changes)
    table["source"] = source or path.name
    published = editions.publish(
        catalogue_store.TABLE, table, source=table["source"], effective_from=at, by=by, at=at
    )
    catalogue_store.forget()
    return Imported([], changes, published)


def export_file(path: Path, version: int | None = None) -> None:
    """Write the edition (None: the one in force) as Excel, or as a folder of CSV files without a suffix."""
    rows = catalogue_store.rows(version)
    if path.suffix.lower() == ".xlsx":
        catalogue_files.write_excel(rows, path)
    else:
        catalogue_files.write_csv(rows, path)
