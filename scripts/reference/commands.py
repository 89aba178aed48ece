"""The command `linli`, as it describes itself."""

from __future__ import annotations

from typing import Any

import typer

from linli.kernel.text import Text
from linli.project.cli import app
from reference.page import Page, code


def page() -> Page:
    """Every command with its arguments and options."""
    made = Page("reference/commands.md", "命令", "Commands")
    made.say(
        "`linli 命令 --help` 显示同样的内容。退出码:0 成功,1 被拒绝或有问题,2 用法不对,3 部分行未能导入。",
        "`linli COMMAND --help` says the same. Exit codes: 0 done, 1 refused or found wanting, 2 wrong usage, 3 some lines were refused.",
    )
    _commands(made, typer.main.get_command(app), "linli")
    made.head(Text("make", "make"))
    made.line(
        "`make help` 列出全部 / lists them all: `make demo`, `make test`, `make check`, `make format`, `make bench`, `make setup`, `make lock`."
    )
    return made


def _commands(made: Page, group: Any, before: str) -> None:
    for name, command in group.commands.items():
        if command.hidden:
            continue
        if hasattr(command, "commands"):
            _commands(made, command, f"{before} {name}")
            continue
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        made.head(f"`{' '.join([before, name, *(p.name.upper() for p in arguments)])}`")
        made.line((command.help or "").strip())
        made.table(
            ("选项 / option", "缺省 / default", "作用 / what for"),
            (
                (
                    code(", ".join([*p.opts, *p.secondary_opts])), code(_default(p)),
                    " · ".join(filter(None, [p.help or p.prompt or "", f"`{p.envvar}`" if p.envvar else ""])),
                )
                for p in command.params
                if p.param_type_name == "option" and not p.hidden and p.name != "help"
            ),
        )  # fmt: skip


def _default(param: Any) -> str:
    plain = not callable(param.default) and param.default not in (None, "", False)
    return str(param.default) if plain else ""
