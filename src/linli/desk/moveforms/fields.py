"""The fields that forms are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict

from linli.cases import queries
from linli.kernel.access import Actor
from linli.kernel.text import Text


@dataclass(slots=True)
class FormField:
    """One field, as `desk/_field.html` shows it."""

    look: str
    name: str
    id: str
    label: Text
    required: bool = False
    value: str = ""
    type: str = "text"
    help: Text | str = ""
    error: Text | str = ""
    options: list[dict[str, Any]] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom and when the forms are made, and what was typed before, if this is a second try."""

    case: queries.Case
    actor: Actor
    at: datetime
    typed: QueryDict | None = None
    wrong: dict[str, Text] = field(default_factory=dict)
    kept: tuple[UUID, ...] = ()


def base(asked: Asked, look: str, name: str, move: str, label: Text, **more: Any) -> FormField:
    """A field of this look, with what was typed before and what was wrong with it."""
    value = asked.typed.get(name, "") if asked.typed is not None else more.pop("value", "")
    more.pop("value", None)
    one = FormField(look, name, f"{move}-{name}", label, value=value, **more)
    if name in asked.wrong:
        one.error = asked.wrong[name]
    return one


def words(
    asked: Asked, move: str, name: str, label: Text, *, required: bool = True, **more: Any
) -> FormField:
    """A text of several lines."""
    return base(asked, "textarea", name, move, label, required=required, **more)


def photos(asked: Asked, move: str, label: Text, *, required: bool = False, **more: Any) -> FormField:
    """Pictures, with those that were sent with an earlier try."""
    one = base(asked, "photos", "photos", move, label, required=required, **more)
    one.kept = [str(photo) for photo in asked.kept]
    return one
