"""A town of its own, served as in production (granian, SQLite), for random requests."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
OVERLAY = """
[bounds]
anonymous_per_hour = 1000000000
tracks_per_hour = 1000000000
uploads_per_hour = 1000000000
"""


@dataclass(frozen=True)
class Served:
    """Where the town is, what is in it, and what its log says."""

    url: str
    known: dict[str, Any]
    folder: Path
    log: Path
    environment: dict[str, str]


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The town, until the tests are over. Its rulebook does not hold up one busy sender."""
    folder = tmp_path_factory.mktemp("fuzz")
    book = folder / "rulebook"
    book.mkdir()
    (book / "limits.toml").write_text(OVERLAY, encoding="utf-8")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "linli.project.settings",
        "LINLI_DATA_DIR": str(folder / "data"),
        "LINLI_RULEBOOKS": str(book),
        "LINLI_SQLITE_SYNC": "OFF",
        "PYTHONPATH": str(ROOT),
    }
    environment.pop("LINLI_DATABASE_URL", None)
    python = [sys.executable, "-m"]
    subprocess.run([*python, "linli", "migrate"], env=environment, cwd=ROOT, check=True, capture_output=True)
    seeded = subprocess.run(
        [*python, "tests.fuzz.seed"], env=environment, cwd=ROOT, check=True, capture_output=True, text=True
    )
    port, log = free_port(), folder / "server.log"
    with log.open("wb") as written:
        command = [*python, "linli", "serve", "--web", "--host", "127.0.0.1", "--port", str(port)]
        server = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=written, stderr=written)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, server, log)
        yield Served(url, json.loads(seeded.stdout), folder, log, environment)
    finally:
        server.terminate()
        server.wait(30)


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert server.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urlopen(f"{url}/api/v1/openapi.json", timeout=60):  # made once, and waited for here
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))
