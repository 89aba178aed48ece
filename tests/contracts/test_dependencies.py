"""What is imported is declared, and what is declared is locked."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest

from tests.contracts.tree import ROOT, SOURCE, files, in_tests

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("run", "dev", "node", "bootstrap")


def plain(name: str) -> str:
    """A distribution's name in its normal form (PEP 503), without extras and versions."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", name, maxsplit=1)[0]).lower()


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


def locked(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.\-]+)(?:\[[\w, \-]+\])?==(\S+)", text, flags=re.MULTILINE))


def test_the_town_imports_only_what_pyproject_declares() -> None:
    declared = {plain(line) for line in PROJECT["project"]["dependencies"]}
    owners = importlib.metadata.packages_distributions()
    wrong = set()
    for path in files(".py"):
        if not path.is_relative_to(SOURCE) or in_tests(path):
            continue
        for name in imported(path) - sys.stdlib_module_names - {"linli"}:
            if not {plain(owner) for owner in owners.get(name, [])} & declared:
                wrong.add(name)
    assert not wrong, f"add to [project.dependencies] and run make lock: {sorted(wrong)}"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_every_package_with_hashes_and_names_no_index(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    entries = re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]
    assert entries
    assert not [
        entry.splitlines()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry
    ]
    assert "://" not in text
    assert "--index" not in text


def test_what_is_declared_is_locked() -> None:
    groups = PROJECT["dependency-groups"]
    run = {plain(line) for line in [*PROJECT["project"]["dependencies"], *groups["build"]]}
    dev = run | {plain(line) for line in groups["dev"]}
    for lock, wanted in (("run", run), ("dev", dev), ("node", {plain(groups["node"][0])})):
        missing = wanted - {plain(name) for name in locked(lock)}
        assert not missing, f"requirements/{lock}.txt lacks {sorted(missing)}: run make lock"


def test_tests_run_on_the_versions_that_the_town_runs_on() -> None:
    dev = locked("dev")
    assert not {name: version for name, version in locked("run").items() if dev.get(name) != version}
