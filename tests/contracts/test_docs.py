"""The documents say what the program does: links lead somewhere, what is named exists, nothing is left out.

Whether the generated reference is of the present program is looked at by `scripts/check docs`.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest
import typer

from linli.cases.rules import MOVES
from linli.cases.words import Answer, Desk, Phase, Source, State
from linli.people.words import Part, Role
from linli.project.cli import app
from linli.territory.words import RANK_NAMES
from tests.contracts.test_dependencies import PROJECT, plain
from tests.contracts.tree import ROOT, SOURCE, files, shown

DOCS = ROOT / "docs"
LINK = re.compile(
    r"!?\[[^\]]*\]\((?P<to>[^)\s]+)(?:\s\"[^\"]*\")?\)|<(?:img|a)\s[^>]*(?:src|href)=\"(?P<html>[^\"]+)\""
)
CODE = re.compile(r"`([^`\n]+)`")
# A path of this project as documents write it: from its root, or from src/linli.
OURS = re.compile(
    r"(?:src|docs|scripts|tests|frontend|requirements|examples|benchmarks)/[\w./-]+"
    r"|(?:kernel|ui|territory|people|notices|cases|intake|flows|portal|desk|project|rulebooks)/[\w./-]+\.(?:py|toml|csv)"
)
MEMBER = re.compile(r"(?P<file>[\w./-]+\.py)::(?P<name>[\w.]+)")
TUTORIALS = ("a-report-through-the-house.md", "a-report-through-the-house.zh.md")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def pages() -> list[Path]:
    return files(".md")


def prose(path: Path) -> str:
    """The text without its fenced blocks."""
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    """The places that a heading makes, as the forges name them."""
    heads = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def broken(path: Path) -> list[str]:
    wrong = []
    for found in LINK.finditer(prose(path)):
        target = found["to"] or found["html"]
        if "://" in target or target.startswith("mailto:"):
            continue
        where, _, place = target.partition("#")
        file = (path.parent / where).resolve() if where else path
        if not file.exists() or (place and file.suffix == ".md" and place not in anchors(file)):
            wrong.append(f"{shown(path)} → {target}")
    return wrong


def test_every_link_between_documents_leads_somewhere() -> None:
    wrong = [each for path in pages() for each in broken(path)]
    assert not wrong, "\n".join(wrong)


def exists(name: str) -> bool:
    bare = name.rstrip("/.")
    return any((base / bare).exists() for base in (ROOT, SOURCE))


def test_every_path_that_a_document_names_exists() -> None:
    wrong = [
        f"{shown(path)}: {word}"
        for path in pages()
        for word in CODE.findall(prose(path))
        if OURS.fullmatch(word) and not exists(word)
    ]
    assert not wrong, "\n".join(wrong)


def defined(path: Path) -> set[str]:
    """What a file defines: functions and classes, and what its classes hold."""
    names: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {each.id for each in targets if isinstance(each, ast.Name)}
    return names


def members(text: str) -> set[tuple[str, str]]:
    return {(found["file"], found["name"]) for found in MEMBER.finditer(text)}


def test_every_function_that_a_document_names_is_in_its_file() -> None:
    wrong = []
    for path in pages():
        for file, name in members(prose(path)):
            found = next((base / file for base in (ROOT, SOURCE) if (base / file).exists()), None)
            if found is None or name not in defined(found):
                wrong.append(f"{shown(path)}: {file}::{name}")
    assert not wrong, "\n".join(wrong)


def test_the_tutorial_walks_the_same_files_in_both_languages() -> None:
    english, chinese = (
        members((DOCS / "tutorials" / name).read_text(encoding="utf-8")) for name in TUTORIALS
    )
    assert english == chinese
    assert len(english) >= 20


def test_the_tutorial_walks_from_the_page_to_the_flows() -> None:
    walked = {
        file.split("/")[0] for file, _ in members((DOCS / "tutorials" / TUTORIALS[0]).read_text("utf-8"))
    }
    assert {"portal", "cases", "territory", "people", "kernel", "flows"} <= walked


def test_the_openapi_document_describes_operations() -> None:
    document = json.loads((DOCS / "reference" / "openapi.json").read_text(encoding="utf-8"))
    assert document["openapi"].startswith("3.")
    assert len(document["paths"]) >= 5


def listed() -> str:
    return (DOCS / "reference" / "dependencies.md").read_text(encoding="utf-8")


def test_every_dependency_has_its_line() -> None:
    named = {plain(word) for word in CODE.findall(listed())}
    lines = [*PROJECT["project"]["dependencies"]]
    lines += [line for group in PROJECT["dependency-groups"].values() for line in group]
    browser = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    missing = sorted({plain(line) for line in lines} - named) + sorted(
        set(browser) - set(CODE.findall(listed()))
    )
    assert not missing, f"say in docs/reference/dependencies.md what these are for: {missing}"


def test_no_line_is_kept_for_a_dependency_that_has_gone() -> None:
    lock = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "requirements").glob("*.txt"))
    package = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))
    here = {plain(name) for name in re.findall(r"^([\w.\-]+)(?:\[[\w, \-]+\])?==", lock, flags=re.MULTILINE)}
    here |= {*package["dependencies"], *package["devDependencies"]}
    rows = [line.split("|")[1] for line in listed().splitlines() if line.startswith("| `")]
    gone = {
        word for row in rows for word in CODE.findall(row) if word not in here and plain(word) not in here
    }
    assert not gone


WORDS = {
    **{f"State.{each.name}": (each.value, each.label) for each in State},
    **{f"Desk.{each.name}": (each.value, each.label) for each in Desk},
    **{f"Source.{each.name}": (each.value, each.label) for each in Source},
    **{f"Answer.{each.name}": (each.value, each.label) for each in Answer},
    **{f"Phase.{each.name}": (each.value, each.label) for each in Phase},
    **{f"Role.{each.name}": (each.value, each.label) for each in Role},
    **{f"Part.{each.name}": (each.value, each.label) for each in Part},
    **{f"Rank.{rank.name}": (rank.value, label) for rank, label in RANK_NAMES.items()},
    **{f"Move {move.name}": (move.name, move.label) for move in MOVES.values()},
}


@pytest.mark.parametrize("name", WORDS)
def test_the_glossary_has_the_word(name: str) -> None:
    code, label = WORDS[name]
    rows = [
        line
        for line in (DOCS / "glossary.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    fitting = [
        row for row in rows if f"`{code}`" in row and label.zh in row and label.en.lower() in row.lower()
    ]
    assert fitting, f"a row with {label.zh} | {label.en} | `{code}`"


def commands() -> set[str]:
    """Every command of `linli`, with those of its groups (`journal verify`)."""
    found: set[str] = set()
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]  # a group
        found |= {f"{name} {inner}" for inner in getattr(command, "commands", {})} or {name}
    return found


def test_every_command_that_a_document_shows_exists() -> None:
    ours = commands()
    groups = {name.split()[0] for name in ours if " " in name}
    targets = set(
        re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    wrong = []
    for path in pages():
        text = path.read_text(encoding="utf-8")
        for name, inner in re.findall(
            r"(?:^|`|bin/)linli ([a-z][a-z-]+)(?: ([a-z]+))?", text, flags=re.MULTILINE
        ):
            if (f"{name} {inner}" if name in groups else name) not in ours | {"work"}:
                wrong.append(f"{shown(path)}: linli {name} {inner}")
        for target in re.findall(r"(?:^|`)make ([a-z][a-z-]*)", text, flags=re.MULTILINE):
            if target not in targets:
                wrong.append(f"{shown(path)}: make {target}")
    assert not wrong, "\n".join(wrong)


def test_every_setting_that_a_document_names_exists() -> None:
    told = set(
        re.findall(r"LINLI_[A-Z0-9_]+", (DOCS / "reference" / "settings.md").read_text(encoding="utf-8"))
    )
    wrong = {
        f"{shown(path)}: {name}"
        for path in pages()
        for name in re.findall(r"\bLINLI_[A-Z0-9_]+", path.read_text(encoding="utf-8"))
        if name not in told
    }
    assert not wrong


def test_every_page_for_users_exists_in_both_languages() -> None:
    both = [ROOT / "README.md", *(DOCS / "how-to").glob("*.md"), *(DOCS / "tutorials").glob("*.md")]
    for_builders = {"write-a-page.md"}
    missing = [
        shown(path)
        for path in both
        if not path.name.endswith(".zh.md")
        and path.name not in for_builders
        and not path.with_name(path.name.replace(".md", ".zh.md")).exists()
    ]
    assert not missing


def test_pictures_of_documents_are_small() -> None:
    assert not [shown(path) for path in (DOCS / "images").iterdir() if path.stat().st_size > 300_000]


def test_decisions_are_numbered_without_a_gap_and_say_what_was_given_up() -> None:
    found = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in found] == list(range(1, len(found) + 1))
    parts = ("## Context", "## Choice", "## Given up")
    assert not [
        shown(path) for path in found if not all(part in path.read_text(encoding="utf-8") for part in parts)
    ]


def test_the_version_of_the_package_is_the_projects() -> None:
    from linli import __version__

    assert (
        __version__
        == tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    )
