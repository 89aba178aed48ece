"""Who asks, and trying what a form asks for: a refusal is shown at its field, and what was typed stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from linli.kernel.access import Actor
from linli.kernel.errors import INTERNAL, INVALID, NOT_ALLOWED, NOT_SIGNED_IN, Problem
from linli.kernel.text import Text
from linli.people import queries
from linli.people.words import NAME_TAKEN

# What the actions call a field, and what the form does.
_FIELDS = {"starts": "since", "holder_id": "holder", "unit_id": "unit"}
Write = Callable[[dict[str, Any]], object]


def staff(request: HttpRequest) -> Actor:
    """The actor, who holds some post: names of colleagues are for colleagues."""
    actor = queries.actor_of(request)
    if not actor.posts:
        raise Problem(NOT_ALLOWED if actor.kind in ("account", "resident") else NOT_SIGNED_IN)
    return actor


def manager(request: HttpRequest) -> Actor:
    """The actor, who administers some unit."""
    actor = staff(request)
    if not queries.may_manage(actor):
        raise Problem(NOT_ALLOWED)
    return actor


def tried(request: HttpRequest, form: forms.Form, write: Write, said: Text) -> Problem | None:
    """Write what the form says; None when it is done (and `said` on the next page), else why it is not.

    A refusal that is about the person or the address, not about what was typed, goes on as it is.
    """
    if not form.is_valid():
        return Problem(INVALID)
    try:
        write(form.cleaned_data)
    except Problem as problem:
        if problem.error.status in {401, 403, 404} or problem.error is INTERNAL:
            raise
        _show(form, problem)
        return problem
    messages.success(request, str(said))
    return None


def _show(form: forms.Form, problem: Problem) -> None:
    for name, text in problem.fields.items():
        there = _FIELDS.get(name, name)
        form.add_error(there if there in form.fields else None, str(text))
    if not problem.fields:
        where = "username" if problem.error is NAME_TAKEN and "username" in form.fields else None
        form.add_error(where, str(Text(
            f"{problem.title.zh}。{problem.error.hint.zh}", f"{problem.title.en}. {problem.error.hint.en}"
        )))  # fmt: skip


def starts(since: date | None) -> datetime | None:
    """When a tenure begins that begins on this day; None: now."""
    return queries.midnight(since) if since else None
