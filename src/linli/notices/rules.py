"""From a template of the rulebook and its values to the text that somebody reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linli.kernel.text import Text

HIDDEN = "••••••"


@dataclass(frozen=True, slots=True)
class Template:
    """A message text in both languages and the names of the values that it needs."""

    code: str
    text: Text
    params: frozenset[str]

    @classmethod
    def of(cls, code: str, row: Mapping[str, Any]) -> Template:
        """The template as the rulebook states it."""
        return cls(code, Text(row["zh"], row["en"]), frozenset(row["params"]))


def render(template: Template, params: Mapping[str, object], secrets: Mapping[str, object]) -> Text:
    """The text with all values filled in. Raises ValueError when the values are not those it declares."""
    given = {**params, **secrets}
    if given.keys() != template.params:
        raise ValueError(f"{template.code} needs {sorted(template.params)}, was given {sorted(given)}")
    return template.text.fill(**given)


def hidden(template: Template, params: Mapping[str, object], secrets: Mapping[str, object]) -> Text:
    """The text that may be kept: dots in place of every secret."""
    return render(template, params, dict.fromkeys(secrets, HIDDEN))
