"""Shapes that every JSON endpoint shares."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, BaseModel, StringConstraints

from linli.kernel.text import Text


def _without_nul(value: str) -> str:
    if "\x00" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise ValueError("text may not hold NUL or half a surrogate pair")
    return value


clean = AfterValidator(_without_nul)
Code = Annotated[str, StringConstraints(max_length=64), clean]
Line = Annotated[str, StringConstraints(max_length=200), clean]
Words = Annotated[str, StringConstraints(max_length=1000), clean]
After = Annotated[str, StringConstraints(max_length=100)]
"""The key from which a further page of a list begins, as the page before gave it."""


class TextOut(Schema):
    """A text in both languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, text: Text) -> TextOut:
        """The same text."""
        return cls(zh=text.zh, en=text.en)


class WriteIn(BaseModel):
    """A write. `id` is made by the client (UUIDv7), so that sending it twice does it once; other content under the same
    id is refused with `retry-differs`. Not Ninja's schema, which takes anything for an object without attributes: where
    nothing is required, a list would do."""

    id: UUID | None = None


class Told(Schema):
    """A refusal in one language."""

    title: str
    detail: str


class ProblemOut(Schema):
    """A refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    zh: Told
    en: Told
    fields: dict[str, TextOut] | None = None


REFUSED = {frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422, 429}): ProblemOut}
"""How every endpoint can refuse."""
