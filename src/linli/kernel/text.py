"""One text in both of the town's languages, Chinese first.

A text is written where it is used, with both languages side by side, so that none can be
forgotten (docs/decisions/0002-two-languages-in-place.md).
"""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import get_language


class Text(NamedTuple):
    """A sentence or label; `str()` gives it in the active language."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if in_chinese() else self.en

    def fill(self, **values: object) -> Text:
        """The text with `{name}` places filled; a `Text` value is filled in its own language."""
        zh = {k: v.zh if isinstance(v, Text) else v for k, v in values.items()}
        en = {k: v.en if isinstance(v, Text) else v for k, v in values.items()}
        return Text(self.zh.format(**zh), self.en.format(**en))


def in_chinese() -> bool:
    """Whether the active language is Chinese, which is also the answer when none is active."""
    return not (get_language() or "zh-hans").startswith("en")
