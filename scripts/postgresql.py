"""A PostgreSQL of one's own: on a free port of 127.0.0.1, in a temporary folder, gone afterwards.

    scripts/postgres run -- COMMAND …   COMMAND with LINLI_DATABASE_URL set; stopped whatever happens
    scripts/postgres start              keeps one running; prints the `export` line for it
    scripts/postgres stop               ends that one

It does not sync to disk, for speed; `--durable` makes it commit as a real one does (measurements).
The server binaries are those of the system's packages; the newest of at least version 15 is taken.
"""

from __future__ import annotations

import argparse
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType, TracebackType

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "var" / "postgres.json"
OLDEST = 15
USER = DATABASE = "linli"
HASTE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class CannotStart(Exception):
    """Why there is no PostgreSQL, as a sentence."""


def binaries() -> Path:
    """The folder of the newest server binaries that are new enough."""
    found = [
        (int(folder.parent.name), folder)
        for pattern in ("lib/postgresql/*/bin", "pgsql-*/bin")
        for folder in Path("/usr").glob(pattern)
        if folder.parent.name.isdigit() and (folder / "initdb").exists()
    ]
    version, folder = max(found, default=(0, Path()))
    if version < OLDEST:
        raise CannotStart(
            f"PostgreSQL {OLDEST} or later was not found under /usr/lib/postgresql: install `postgresql`."
        )
    return folder


class Server:
    """One running server; a context manager that always stops it and removes its folder."""

    def __init__(self, *, durable: bool) -> None:
        self.bin = binaries()
        self.durable = durable
        self.password = secrets.token_hex(16)
        # A socket's path may have about 100 characters, so not under a deep TMPDIR.
        self.folder = Path(tempfile.mkdtemp(prefix="linli-pg-", dir="/tmp"))
        self.port = free_port()
        self.owner = owner()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As LINLI_DATABASE_URL takes it."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    def __enter__(self) -> Server:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Afterwards the server takes connections and has an empty database."""
        words = self.folder / "password"
        words.write_text(self.password)
        if self.owner:
            for path in (self.folder, words):
                os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        data = self.folder / "data"
        self._once(
            "initdb", "--pgdata", data, "--username", USER, "--pwfile", words, "--encoding=UTF8",
            "--locale=C.UTF-8", "--auth-local=scram-sha-256", "--auth-host=scram-sha-256", "--no-sync",
        )  # fmt: skip
        options = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self.folder}",
        ]
        options += ["max_connections=120", "log_min_messages=fatal", *([] if self.durable else HASTE)]
        log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(
            [
                str(self.bin / "postgres"),
                "-D",
                str(data),
                *(part for option in options for part in ("-c", option)),
            ],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            cwd=self.folder,
            start_new_session=True,  # a Ctrl-C at the terminal reaches us, and we stop it in order
            **self._as_owner(),
        )
        self._wait_until_ready()
        self._once("createdb", "--host=127.0.0.1", f"--port={self.port}", f"--username={USER}", DATABASE)

    def stop(self) -> None:
        """Afterwards the server has ended and its folder is gone."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # "fast": open connections are ended
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            ready = [self.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
            if subprocess.call([str(part) for part in ready]) == 0:
                return
            if self.process is not None and self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise CannotStart(
            "PostgreSQL did not start:\n" + (self.folder / "log").read_text(errors="replace")[-3000:]
        )

    def _once(self, program: str, *arguments: object) -> None:
        done = subprocess.run(
            [str(self.bin / program), *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={**os.environ, "PGPASSWORD": self.password},
            **self._as_owner(),
        )
        if done.returncode:
            raise CannotStart(f"{program} failed:\n{done.stdout}{done.stderr}")

    def _as_owner(self) -> dict[str, object]:
        if self.owner is None:
            return {}
        return {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}


def owner() -> pwd.struct_passwd | None:
    """Whom the server runs as, when not as ourselves: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise CannotStart(
        "PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as."
    )


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(command: list[str], *, durable: bool) -> int:
    """The command's exit code; the server is stopped on every way out."""

    def end(signum: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + signum)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGHUP, end)
    with Server(durable=durable) as server:
        process = subprocess.Popen(command, env={**os.environ, "LINLI_DATABASE_URL": server.url})
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise


def start(*, durable: bool) -> None:
    """Start one that stays, and note where it is."""
    if KEPT.exists():
        raise CannotStart(
            f"One is already running ({KEPT.relative_to(ROOT)}); scripts/postgres stop ends it."
        )
    server = Server(durable=durable)
    try:
        server.start()
        assert server.process is not None
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(
            json.dumps({"pid": server.process.pid, "folder": str(server.folder), "url": server.url})
        )
        KEPT.chmod(0o600)
    except BaseException:
        server.stop()
        raise
    print(f"export LINLI_DATABASE_URL={server.url}")


def stop() -> None:
    """End the one that `start` left running."""
    try:
        kept = json.loads(KEPT.read_text())
    except FileNotFoundError:
        print("None is running.")
        return
    pid, folder = kept["pid"], Path(kept["folder"])
    if (
        folder / "data" / "postmaster.pid"
    ).exists():  # else the machine was restarted, and the number is another's
        os.kill(pid, signal.SIGINT)
        until = time.monotonic() + 20
        while (folder / "data" / "postmaster.pid").exists() and time.monotonic() < until:
            time.sleep(0.1)
    shutil.rmtree(folder, ignore_errors=True)
    KEPT.unlink()


def main() -> int:
    """Do as asked; 1 with a sentence when it cannot."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=["run", "start", "stop"])
    parser.add_argument("--durable", action="store_true", help="sync every commit to disk")
    arguments, command = parser.parse_known_args()
    if command[:1] == ["--"]:
        command = command[1:]
    try:
        if arguments.verb == "run":
            if not command:
                parser.error("run needs a command")
            return run(command, durable=arguments.durable)
        if arguments.verb == "start":
            start(durable=arguments.durable)
        else:
            stop()
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0
