"""How the scripts of this folder show what they do: a line a step, its time, its output when it failed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STILL_RUNNING_EVERY = 15  # seconds, where the output is not a terminal

sys.stdout.reconfigure(errors="replace", line_buffering=True)


class Failed(Exception):
    """A step failed; the text says what happened and what to do."""


def say(text: str = "") -> None:
    """A line for whoever watches."""
    print(text)


def stop(text: str) -> None:
    """End with a clear sentence and exit code 1."""
    say(f"✗ {text}")
    raise SystemExit(1)


def step(
    title: str, command: Sequence[object], *, env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> None:
    """Run a command under a title with a running clock. Its output is shown when it fails, or with V=1."""
    arguments = [str(part) for part in command]
    if os.environ.get("V") == "1":
        say(f"• {title}\n  $ {' '.join(arguments)}")
        code, seconds, output = subprocess.call(arguments, env=env, cwd=cwd), 0.0, ""
    else:
        code, seconds, output = _watched(title, arguments, env, cwd)
    if code:
        raise Failed(f"{title}: exit code {code}\n  $ {' '.join(arguments)}\n{output[-6000:]}")
    if seconds:
        _line(f"✓ {title} ({seconds:.1f} s)", last=True)


def _watched(
    title: str, command: list[str], env: Mapping[str, str] | None, cwd: Path
) -> tuple[int, float, str]:
    """Run it, show how long it has been running, keep what it prints."""
    began = shown = time.monotonic()
    _line(f"• {title} …", last=not sys.stdout.isatty())
    with tempfile.TemporaryFile() as kept:
        process = subprocess.Popen(
            command, env=env, cwd=cwd, stdout=kept, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        try:
            while True:
                try:
                    process.wait(timeout=0.5)
                    break
                except subprocess.TimeoutExpired:
                    seconds = time.monotonic() - began
                if sys.stdout.isatty():
                    _line(f"• {title} … {seconds:.0f} s")
                elif time.monotonic() - shown >= STILL_RUNNING_EVERY:
                    shown = time.monotonic()
                    say(f"  still at it, {seconds:.0f} s")
        except BaseException:
            process.terminate()
            process.wait()
            raise
        kept.seek(0)
        return process.returncode, time.monotonic() - began, kept.read().decode(errors="replace")


def _line(text: str, *, last: bool = False) -> None:
    """Write over the present line of a terminal; elsewhere a line of its own."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\033[K{text}" + ("\n" if last else ""))
        sys.stdout.flush()
    elif last:
        say(text)


def as_root(*command: str) -> list[str]:
    """The command as the system's administrator: as it is for root, else through sudo.

    Without a terminal sudo must not ask for a password, so it is told to fail instead.
    """
    if os.geteuid() == 0:
        return list(command)
    if not shutil.which("sudo"):
        stop(f"this needs root or sudo; as root, run: {' '.join(command)}")
    return ["sudo", *([] if sys.stdin.isatty() else ["-n"]), *command]


def install_system_packages(names: Sequence[str], why: str) -> None:
    """Install Debian or Ubuntu packages, saying which and what for."""
    if not shutil.which("apt-get"):
        stop(f"missing on this system: {', '.join(names)} ({why}); please install the like of these yourself")
    say(f"System packages to be installed: {' '.join(names)} ({why})")
    quiet = as_root("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-q")
    if quiet[0] == "sudo" and sys.stdin.isatty():
        subprocess.run(["sudo", "-v"], check=True)  # the one place that may ask for a password
    step("Reading the lists of system packages", [*quiet, "update"])
    step(f"Installing {' '.join(names)}", [*quiet, "install", "--no-install-recommends", *names])
