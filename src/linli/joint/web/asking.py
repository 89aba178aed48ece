"""Who asks, and trying what a form asks for: a refusal is shown at its field, and what was typed stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict

from linli.kernel import files
from linli.kernel.access import Actor
from linli.kernel.errors import INTERNAL, INVALID, MALFORMED, NOT_ALLOWED, NOT_SIGNED_IN, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people import queries as people


def for_staff(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view is called with the actor after the request. Whoever is not signed in is led to the sign-in page first,
    because a code is often scanned with a telephone that is not."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = people.actor_of(request)
        if actor.kind != "account":
            if request.method not in {"GET", "HEAD"} or request.headers.get("HX-Request") == "true":
                raise Problem(NOT_SIGNED_IN)
            return redirect_to_login(request.get_full_path())
        if not actor.posts:
            raise Problem(NOT_ALLOWED)
        return view(request, actor, *args, **kwargs)

    return guarded


def write_id(given: QueryDict) -> UUID | None:
    """The id that the form was given for this write."""
    return uuid(given, "id")


def fresh_id() -> UUID:
    """An id for a form that is shown now."""
    return uuid7()


def uuid(given: QueryDict, name: str) -> UUID | None:
    """An id in a form or a query string, None when it is empty."""
    value = given.get(name, "").strip()
    if not value:
        return None
    try:
        return UUID(value)
    except ValueError:
        raise Problem(MALFORMED) from None


def uuids(given: QueryDict, name: str) -> list[UUID]:
    """The ids that were ticked."""
    try:
        return [UUID(value) for value in given.getlist(name)]
    except ValueError:
        raise Problem(MALFORMED) from None


def words(given: QueryDict, name: str) -> str:
    """A text as it was typed; what no database can keep is malformed."""
    value = given.get(name, "").replace("\r\n", "\n").strip()
    if "\x00" in value:
        raise Problem(MALFORMED)
    return value


def number(given: QueryDict, name: str) -> float | None:
    """A number that was typed or set by the map, None when it is empty."""
    value = given.get(name, "").strip()
    if not value:
        return None
    try:
        found = float(value)
    except ValueError:
        raise Problem(MALFORMED) from None
    if found != found or found in (float("inf"), float("-inf")):
        raise Problem(MALFORMED)
    return found


def pictures(request: HttpRequest, actor: Actor, at: datetime) -> list[UUID]:
    """The pictures of a form: those sent with an earlier try and the new ones, which are stored before the move."""
    kept = uuids(request.POST, "photos_kept")
    sent = request.FILES.getlist("photos")
    most = files.counts()["per_matter"]
    if len(kept) + len(sent) > most:
        raise Problem(files.TOO_MANY_FILES, most=most)
    return kept + [files.take_upload(one, by=actor.account_id, at=at).id for one in sent]


def tried(
    request: HttpRequest, form: forms.Form, write: Callable[[dict[str, Any]], object], said: Text
) -> Problem | None:
    """Write what the form says; None when it is done (and `said` on the next page), else why it is not.

    A refusal that is about the person or the address, not about what was typed, goes on as it is.
    """
    if not form.is_valid():
        return Problem(INVALID)
    try:
        write(form.cleaned_data)
    except Problem as problem:
        if problem.error.status in {401, 404} or problem.error is INTERNAL or problem.error is MALFORMED:
            raise
        show(form, problem)
        return problem
    messages.success(request, str(said))
    return None


def show(form: forms.Form, problem: Problem) -> None:
    """Show the refusal at the fields that it names, else above the form."""
    for name, text in problem.fields.items():
        form.add_error(name if name in form.fields else None, str(text))
    if not problem.fields:
        form.add_error(None, str(Text(
            f"{problem.title.zh}。{problem.error.hint.zh}", f"{problem.title.en}. {problem.error.hint.en}"
        )))  # fmt: skip
