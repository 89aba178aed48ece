"""Running the town: granian for the web, beside it the worker with the scheduler."""

from __future__ import annotations

import ipaddress
import os
import subprocess
import sys

from django.conf import settings
from rich.console import Console

DEMO_ONLY_HERE = "演示镇只能在本机地址运行 / the demo town runs on a loopback address only"


def is_loopback(host: str) -> bool:
    """Whether this address is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def announce(out: Console, host: str, port: int) -> None:
    """Say where the demo town is and who can sign in."""
    from linli.project.demo.people import NAMED

    out.rule("禾泾镇 Hejing — Linli 邻里")
    out.print(f"[bold]http://{host}:{port}/[/bold]")
    out.print(f"演示登录 / demo sign-in: [bold]http://{host}:{port}/demo/[/bold]")
    for person in NAMED:
        out.print(
            f"  {person.username:<12} {person.name}  {person.post.zh} / {person.post.en}", highlight=False
        )
    out.print("Ctrl+C 停止 / stops it")


def run(host: str, port: int, *, web: bool, worker: bool) -> None:
    """Serve until interrupted. The demo is refused on an address that others can reach."""
    if settings.DEMO and not is_loopback(host):
        Console(stderr=True).print(f"[red]{DEMO_ONLY_HERE}[/red]")
        sys.exit(2)
    os.environ.setdefault("LINLI_HOSTS", f"{host},localhost,127.0.0.1,[::1]")
    command = [sys.executable, "-m", "linli", "work"]
    if not web:
        os.execv(sys.executable, command)  # noqa: S606 - our own interpreter and module
    beside = subprocess.Popen(command) if worker else None  # noqa: S603 - our own interpreter and module
    try:
        _serve(host, port)
    finally:
        if beside is not None:
            beside.terminate()
            beside.wait(timeout=30)


def _serve(host: str, port: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    embedded = not os.environ.get("LINLI_DATABASE_URL", "sqlite:").startswith("postgres")
    processes = 1 if embedded else int(os.environ.get("LINLI_WEB_PROCESSES", str(os.cpu_count() or 2)))
    Granian(
        "linli.project.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=4,
        log_access=False,
        websockets=False,
    ).serve()
