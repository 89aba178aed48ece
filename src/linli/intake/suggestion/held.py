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
from linli.intake.suggestion.fitting import Labelled
from linli.intake.suggestion.model import Model, load, save
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


@dataclass(frozen=True, eq=False, slots=True)
class _Shipped:
    book: Catalogue
    folders: tuple[Path, ...]
    data: Labelled
    model: Model


_held: _Held | None = None
_shipped: _Shipped | None = None


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
    """The model of the catalogue in force, made anew when an edition has other words for its kinds."""
    global _shipped  # one model a process is the purpose
    book, folders = cases.catalogue(None), rulebook.folders()
    known = _shipped
    if known is not None and known.book is book and known.folders == folders:
        return known.model
    with _lock:  # two that ask at once: one makes it
        data = shipped.examples(book)
        known = _shipped
        model = known.model if known is not None and known.data == data else _kept(data)
        _shipped = _Shipped(book, folders, data, model)
        return model


def _kept(data: Labelled) -> Model:
    """The shipped model from its file, which the first process that needs it makes: a second of work, once."""
    file = Path(settings.DATA_DIR) / "models" / f"shipped-{shipped.digest(data)}.npz"
    found = _read(file) if file.exists() else None
    if found is not None:
        return found
    model = shipped.model(data)
    try:
        save(model, file, packed=False)
        for old in file.parent.glob("shipped-*.npz"):
            if old != file:
                old.unlink(missing_ok=True)
    except OSError as error:  # a folder that cannot be written: made again by the next process
        log.warning("the shipped model is not kept: %s", error)
    return model


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
