"""Who asks, and trying what a form asks for: a refusal is shown at its field, and what was typed stays."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from linli.consultation import queries
from linli.consultation.words import Upload
from linli.kernel.access import Actor
from linli.kernel.errors import INTERNAL, INVALID, NOT_ALLOWED, NOT_SIGNED_IN, TOO_LARGE, Problem
from linli.kernel.text import Text
from linli.people import queries as people


def staff(request: HttpRequest) -> Actor:
    """The actor, who holds some post."""
    actor = people.actor_of(request)
    if not actor.posts:
        raise Problem(NOT_ALLOWED if actor.kind in ("account", "resident") else NOT_SIGNED_IN)
    return actor


def tried(request: HttpRequest, form: forms.Form, write: Callable[[], object], said: Text) -> Problem | None:
    """Write what the form says; None when it is done (and `said` on the next page), else why it is not.

    A refusal that is about the person or the address, not about what was typed, goes on as it is.
    """
    if not form.is_valid():
        return Problem(INVALID)
    try:
        write()
    except Problem as problem:
        if problem.error.status in {401, 404} or problem.error in {INTERNAL, NOT_ALLOWED}:
            raise
        _show(form, problem)
        return problem
    messages.success(request, str(said))
    return None


def _show(form: forms.Form, problem: Problem) -> None:
    for name, text in problem.fields.items():
        form.add_error(name if name in form.fields else None, str(text))
    if not problem.fields:
        hint = problem.error.hint
        form.add_error(None, str(Text(f"{problem.title.zh}。{hint.zh}", f"{problem.title.en}. {hint.en}")))


def uploads(request: HttpRequest) -> list[Upload]:
    """The documents of a form. One of too many bytes, or too many of them, is refused before it is read."""
    sent, most = request.FILES.getlist("documents"), queries.bound("document_bytes")
    if any((each.size or 0) > most for each in sent) or len(sent) > 4 * queries.bound("documents"):
        raise Problem(
            TOO_LARGE,
            fields={"documents": Text(f"每份最大 {most >> 20} MB", f"At most {most >> 20} MB each")},
        )
    return [Upload(each.name or "1.pdf", each.read()) for each in sent]


def papers() -> dict[str, int]:
    """How many documents a form takes, and how large each may be."""
    return {"most": queries.bound("documents"), "megabytes": queries.bound("document_bytes") >> 20}


def private(answer: HttpResponse) -> HttpResponse:
    """A page with words that not everybody may read: no copy of it is kept."""
    answer.headers["Cache-Control"] = "no-store"
    return answer
