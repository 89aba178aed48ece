"""A generated Markdown page in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from linli.kernel.text import Text

MARK = "<!-- scripts/docs 生成,请勿手改 / written by scripts/docs: do not edit -->"


def cell(value: object) -> str:
    """A value as it stands in a table: both languages of a text, nothing that ends the cell."""
    if isinstance(value, Text):
        return cell(value.zh) if value.zh == value.en else f"{cell(value.zh)}<br>{cell(value.en)}"
    return " ".join(str(value).split()).replace("|", "\\|")


def code(value: object) -> str:
    """A word of the code."""
    return f"`{value}`" if value not in ("", None) else ""


def words(values: Iterable[object]) -> str:
    """Some words of the code."""
    return ", ".join(code(value) for value in values)


@dataclass
class Page:
    """Lines under a title; `path` is below docs/."""

    path: str
    zh: str
    en: str
    lines: list[str] = field(default_factory=list)

    def say(self, zh: str, en: str) -> None:
        """A paragraph in both languages."""
        self.lines += [zh, "", en, ""]

    def line(self, text: str) -> None:
        """One line as it is."""
        self.lines.append(text)

    def head(self, text: str | Text) -> None:
        """A heading of the second rank."""
        shown = f"{text.zh} / {text.en}" if isinstance(text, Text) else text
        self._gap()
        self.lines += [f"## {shown}", ""]

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A table; nothing when there are no rows."""
        found = [[cell(value) for value in row] for row in rows]
        if not found:
            return
        self._gap()
        self.lines += ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
        self.lines += ["| " + " | ".join(row) + " |" for row in found]
        self.lines.append("")

    def _gap(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def text(self) -> str:
        """The whole page."""
        body = "\n".join(self.lines).strip("\n")
        return f"{MARK}\n# {self.zh} / {self.en}\n\n{body}\n"
