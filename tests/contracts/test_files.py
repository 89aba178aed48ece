"""What holds for every file: size, excuses with their reasons, no address of anybody's machine or shop."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.contracts.tree import ROOT, SOURCE, files, in_tests, shown

LONGEST = 800
EXCUSE = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:|nosec|fmt:\s*off)(?P<rest>.*)")
REASON = re.compile(r"(\s*\[[\w\-, ]+\]|:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)\s*(-|–|#)\s*\S.{4,}")
# Written in pieces, so that this file does not name them.
HOSTS = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "deb." + "debian.org"]
FOLDERS = ["wo" + "rk", "fa" + "rm", "ro" + "ot", "ho" + r"me/\w+"]
MACHINE_PATH = re.compile(r"(?<![\w./~:-])/(" + "|".join(FOLDERS) + r")/\w")
TEXT_ENDINGS = {
    ".py", ".ts", ".js", ".mjs", ".css", ".html", ".json", ".toml", ".txt", ".md", ".yml", ".yaml", ".csv",
    ".svg", ".sh", ".cfg", ".ini", ".in", "",
}  # fmt: skip


def readable() -> list[Path]:
    return [path for path in files() if path.suffix in TEXT_ENDINGS]


def lines(path: Path) -> list[tuple[int, str]]:
    return list(enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1))


def test_no_file_is_too_long_to_be_read_in_one_sitting() -> None:
    long = {shown(path): len(lines(path)) for path in files(".py", ".ts", ".html", ".css")}
    assert not {name: count for name, count in long.items() if count > LONGEST}


def test_an_excused_line_says_which_rule_and_why() -> None:
    wrong = [
        f"{shown(path)}:{number}: {line.strip()}"
        for path in [*files(".py"), *(ROOT / "scripts").iterdir()]
        if path.is_file() and path.name != Path(__file__).name
        for number, line in lines(path)
        if (excuse := EXCUSE.search(line)) and not REASON.match(excuse["rest"])
    ]
    assert not wrong, "write `# noqa: CODE - why` or `# type: ignore[code]  # why`:\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("line", "enough"),
    [
        ("# noqa", False),
        ("# noqa: S301", False),
        ("# noqa: S301 - ok", False),
        ("# noqa: S301 - the file is our own, made above", True),
        ("# noqa: S301, BLE001 - the file is our own, made above", True),
        ("# type: ignore", False),
        ("# type: ignore[attr-defined]", False),
        ("# type: ignore[attr-defined]  # the stub lacks it since 5.2", True),
    ],
)
def test_the_rule_of_excuses_tells_right_from_wrong(line: str, enough: bool) -> None:
    found = EXCUSE.search(line)
    assert found
    assert bool(REASON.match(found["rest"])) is enough


def test_nothing_is_left_for_later_in_a_comment() -> None:
    mark = re.compile(r"\b(TO" + "DO|FIX" + r"ME|X{3})\b")
    wrong = [
        f"{shown(path)}:{number}"
        for path in files(".py", ".ts", ".html", ".css")
        for number, line in lines(path)
        if mark.search(line)
    ]
    assert not wrong


def test_no_test_is_left_out() -> None:
    skipping = re.compile(
        r"mark\." + r"(skip|skipif|xfail)\b|\bpytest\.(skip|xfail|importorskip)\(|unittest\.skip"
    )
    wrong = [
        f"{shown(path)}:{number}: {line.strip()}"
        for path in files(".py")
        if in_tests(path) and path.name != Path(__file__).name
        for number, line in lines(path)
        if skipping.search(line)
    ]
    assert not wrong


def test_no_file_names_a_package_registry() -> None:
    wrong = [
        f"{shown(path)}:{number}"
        for path in readable()
        for number, line in lines(path)
        if any(host in line for host in HOSTS)
    ]
    assert not wrong, "a town may use its own mirror:\n" + "\n".join(wrong[:20])


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    wrong = [
        f"{shown(path)}:{number}: {line.strip()[:100]}"
        for path in readable()
        for number, line in lines(path)
        if MACHINE_PATH.search(line)
    ]
    assert not wrong, "\n".join(wrong[:20])


def test_no_large_file_is_kept_here() -> None:
    assert not [shown(path) for path in files() if path.stat().st_size > 1_500_000]


def test_a_migration_imports_only_django_and_what_outlives_it() -> None:
    """A migration is read years later; what it imports must still be there and mean the same."""
    allowed = re.compile(
        r"((__future__|django|datetime|uuid|decimal)(\..+)?|linli\.kernel\.(ids|fields|expressions|guards)(\.\w+)?)$"
    )
    wrong = []
    for path in SOURCE.glob("*/migrations/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += (
                [f"{node.module}.{alias.name}" for alias in node.names]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            wrong += [
                f"{shown(path)}:{node.lineno} imports {name}" for name in names if not allowed.match(name)
            ]
    assert not wrong, "\n".join(wrong)
