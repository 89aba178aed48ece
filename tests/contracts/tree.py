"""The project's files and rooms, as the contracts look at them."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "linli"

# From the top; siblings on one line. The same order as in pyproject.toml ([tool.importlinter]).
FLOORS = (
    {"project"},
    {"portal", "desk"},
    {"flows"},
    {"intake", "joint", "consultation", "followup", "responsibility"},
    {"cases"},
    {"notices"},
    {"people"},
    {"territory"},
    {"ui"},
    {"kernel"},
)
LEVEL = {room: len(FLOORS) - index for index, rooms in enumerate(FLOORS) for room in rooms}
OPEN_ROOMS = {"kernel", "ui"}  # every file may be used from above
CLOSED_ROOMS = {"portal", "desk", "flows"}  # only `project` uses them
PUBLIC = {"actions", "queries", "events", "words"}

# What git ignores, and git itself.
NOT_OURS = {
    ".git", ".venv", "var", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache",
    ".hypothesis", ".import_linter_cache", "dist", "generated", ".schemathesis",
}  # fmt: skip


@cache
def files(*endings: str) -> list[Path]:
    """Every file of the project (works without git), or those with one of the endings."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.endswith(".egg-info")]
        found += [Path(folder, name) for name in names]
    return sorted(path for path in found if not endings or path.suffix in endings)


def shown(path: Path) -> str:
    """The path as it is written in a message."""
    return path.relative_to(ROOT).as_posix()


def in_tests(path: Path) -> bool:
    """Whether the file is a test or its helper."""
    return "tests" in path.relative_to(ROOT).parts or path.name == "conftest.py"
