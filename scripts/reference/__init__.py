"""The reference pages, each made from what the program itself says."""

from __future__ import annotations

from reference import addresses, commands, environment, machine, program, rulebook
from reference.page import Page


def every_page() -> dict[str, str]:
    """Every generated file by its path below docs/."""
    made = [
        program.actions(),
        program.events(),
        program.errors_page(),
        environment.settings(),
        rulebook.rules(),
        rulebook.access(),
        rulebook.catalogue(),
        machine.page(),
        addresses.page(),
        commands.page(),
    ]
    return {
        **{page.path: page.text() for page in made},
        machine.PICTURE: machine.picture(),
        "reference/openapi.json": addresses.openapi(),
        "reference/README.md": _index(made),
    }


def _index(made: list[Page]) -> str:
    front = Page("reference/README.md", "参考", "Reference")
    front.say(
        "写给查细节的人。除依赖一页外,都由程序生成;`make check` 会核对。",
        "For whoever looks something up. All but the dependencies are written by the program; `make check` "
        "holds them to it.",
    )
    for page in made:
        front.line(f"- [{page.zh} / {page.en}]({page.path.removeprefix('reference/')})")
    front.line("- [依赖 / Dependencies](dependencies.md)")
    front.line("- [OpenAPI](openapi.json)")
    return front.text()
