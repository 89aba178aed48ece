"""What typed texts must be."""

from __future__ import annotations

from linli.kernel.errors import INVALID, Problem
from linli.kernel.text import Text

MISSING = Text("请填写此项", "Please fill this in")
TOO_LONG = Text("最多 {n} 字", "At most {n} characters")


def sound(**given: tuple[str, int]) -> None:
    """Refuse texts that are empty or longer than the number beside them, each at its field."""
    wrong = {name: MISSING for name, (text, _) in given.items() if not text.strip()}
    wrong |= {name: TOO_LONG.fill(n=most) for name, (text, most) in given.items() if len(text.strip()) > most}
    if wrong:
        raise Problem(INVALID, fields=wrong)
