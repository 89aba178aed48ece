"""The commands of dossiers, as they talk to the terminal. Exit codes: 0 done, 1 refused or changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(help="卷宗:报送与核对 / dossiers: handing up and verifying.", no_args_is_help=True)
out = Console()
err = Console(stderr=True)


@app.command("export")
def export(
    number: Annotated[str, typer.Argument(help="案件编号 / number of the case")],
    file: Annotated[Path, typer.Option("--out", "-o", dir_okay=False, help="写入文件 / write to this file")],
    reason: Annotated[str, typer.Option(help="报送理由,记入案件 / why; goes on the case's record")],
    to: Annotated[str, typer.Option(help="报送哪里 / for whom")] = "上级",
    opinions: Annotated[
        str, typer.Option(help="open, involved, all: 随附哪些意见 / which opinions go along")
    ] = "open",
    unmask: Annotated[
        str, typer.Option(help="显示完整号码的理由 / why personal numbers are shown; masked without it")
    ] = "",
) -> None:
    """把案件全部材料写成可核对的卷宗 / write a case's whole file as a verifiable archive."""
    import django

    django.setup()
    from linli.cases import queries as cases
    from linli.consultation import actions, documents
    from linli.consultation.actions import Choice
    from linli.consultation.words import Level
    from linli.kernel import clock, seal
    from linli.kernel.access import SYSTEM

    levels = {"open": [Level.OPEN], "involved": [Level.OPEN, Level.INVOLVED], "all": list(Level)}
    if opinions not in levels:
        raise typer.BadParameter("open, involved, all", param_hint="--opinions")
    found = cases.search(SYSTEM, number, most=2)
    if len(found) != 1:
        err.print(f"[red]没有这个编号 / there is no case {number}[/red]", highlight=False)
        raise typer.Exit(1)
    made = actions.hand_up(
        found[0].id, by=SYSTEM, at=clock.now(), to=to, reason_given=reason,
        choice=Choice(frozenset(levels[opinions]), unmask),
    )  # fmt: skip
    taken = actions.take_dossier(made.id, by=SYSTEM, at=clock.now())
    file.write_bytes(documents.dossier_path(taken.sha256).read_bytes())
    out.print(f"{made.files} 个文件 / files, {made.size} B → {file}", highlight=False, soft_wrap=True)
    out.print(f"SHA-256 {made.sha256}", highlight=False, soft_wrap=True)
    out.print(f"公钥 / public key {seal.signer().verifier}", highlight=False, soft_wrap=True)


@app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    key: Annotated[str, typer.Option(help="另行得知的公钥 / the public key as you know it")] = "",
) -> None:
    """核对卷宗,任何改动都会被发现 / verify a dossier: any change is found.

    不需要数据库;与 scripts/verify_dossier.py 相同。/ Needs no database; the same as scripts/verify_dossier.py.
    """
    from linli.consultation import verify_dossier

    data = file.read_bytes()
    try:
        findings, said = verify_dossier.check(data, key)
    except verify_dossier.Wrong as error:
        findings, said = [str(error)], {}
    for finding in findings:
        err.print(f"[red]{finding}[/red]", highlight=False)
    if findings:
        raise typer.Exit(1)
    for each in verify_dossier.unproved(data):
        out.print(f"已遮盖,日志不能证明 / masked, so not proved by the journal: {each}", highlight=False)
    if not key:
        out.print(
            f"采信卷宗内的公钥 / the key in the archive is believed: {said['key']}",
            highlight=False,
            soft_wrap=True,
        )
    out.print(f"完好:案件 {said['case']},制作于 {said['made']} / intact", highlight=False, soft_wrap=True)
