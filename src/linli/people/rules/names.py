"""What may stand in a name or a title."""

from __future__ import annotations

import re
import unicodedata

NAME_MOST = 40
"""Characters of a resident's name, as wide as the form's field."""
USERNAME = re.compile(r"^[\w.@+-]{2,60}\Z")


def tidy(text: str, longest: int) -> str | None:
    """The text in one form (NFC, single spaces), or None when it is empty, too long or holds controls."""
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    if not clean or len(clean) > longest or any(unicodedata.category(sign)[0] == "C" for sign in clean):
        return None
    return clean


def good_username(text: str) -> bool:
    """Whether it can be a sign-in name: 2 to 60 letters, digits and @ . + - _."""
    return bool(USERNAME.match(text))
