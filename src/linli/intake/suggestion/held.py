"""The model in force: the town's own file when there is one, else the shipped one. One a process, read when it changes."""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from linli.cases import queries as cases
from linli.cases.queries import Catalogue
from linli.intake.suggestion import shipped
from linli.intake.suggestion.model import Model, load
from linli.kernel import rulebook
from linli.kernel.errors import Problem

FILE: Final = Path("models") / "suggestion.npz"
Stamp = tuple[str, int, int, int]
log = logging.getLogger(__name__)
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Held:
    stamp: Stamp
    model: Model | None


_held: _Held | None = None
_shipped: tuple[Catalogue, tuple[Path, ...], Model] | None = None


def path() -> Path:
    """Where the town's own model lies."""
    return Path(settings.DATA_DIR) / FILE


def model() -> Model:
    """The model with which suggestions are made now.

    The file is looked at (not read) at every call, so that every process takes a new one at once. One that
    cannot be read is told in the log and counts as not there.
    """
    return own() or shipped_now()


def own() -> Model | None:
    """The town's own model, or None when it has none that can be read."""
    global _held  # one model a process is the purpose
    stamp = _stamp(path())
    held = _held
    if held is None or held.stamp != stamp:
        with _lock:
            held = _held
            if held is None or held.stamp != stamp:
                held = _held = _Held(stamp, _read(path()) if stamp[1] else None)
    return held.model


def shipped_now() -> Model:
    """The model of the catalogue in force, made anew when another edition is."""
    global _shipped  # one model a process is the purpose
    book, folders = cases.catalogue(None), rulebook.folders()
    with _lock:  # two that ask at once: one makes it
        if _shipped is None or _shipped[0] is not book or _shipped[1] != folders:
            _shipped = (book, folders, shipped.model(book))
        return _shipped[2]


def _stamp(file: Path) -> Stamp:
    try:
        found = os.stat(file)
    except OSError:
        return (str(file), 0, 0, 0)
    return (str(file), found.st_mtime_ns, found.st_size, found.st_ino)


def _read(file: Path) -> Model | None:
    try:
        return load(file)
    except Problem as problem:
        reason = "; ".join(text.en for text in problem.fields.values())
        log.error("the model %s %s: the shipped one is used", file, reason)
        return None
