"""Who asks, the tabs of this room, and trying what a form asks for: what was typed stays when it is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from linli.followup import queries
from linli.kernel import access, files
from linli.kernel.access import Actor
from linli.kernel.errors import INTERNAL, INVALID, MALFORMED, NOT_ALLOWED, NOT_SIGNED_IN, Problem
from linli.kernel.text import Text
from linli.people import queries as people
from linli.territory import queries as territory

UNITS_SHOWN = 300
TABS = (
    ("followup:calls", Text("回访", "Calling back"), "phone-call"),
    ("followup:rates", Text("三率", "Rates"), "chart-bar"),
    ("followup:exclusions", Text("剔除", "Left out"), "filter"),
    ("followup:draws", Text("复查抽样", "Re-inspection"), "search"),
    ("followup:inspections", Text("我的复查", "To inspect"), "clipboard-check"),
)


def staff(request: HttpRequest) -> Actor:
    """The actor, who holds some post."""
    actor = people.actor_of(request)
    if not actor.posts:
        raise Problem(NOT_ALLOWED if actor.kind in ("account", "resident") else NOT_SIGNED_IN)
    return actor


def tabs(actor: Actor, active: str) -> list[dict[str, Any]]:
    """The pages of this room that the actor works with."""
    shown = {
        "followup:calls": queries.may_call(actor),
        "followup:inspections": any(True for _ in access.reach(actor, "followup.inspect")),
    }
    return [
        {"label": label, "icon": icon, "url": reverse(name), "active": name == active}
        for name, label, icon in TABS
        if shown.get(name, True)
    ]


def tried(
    request: HttpRequest, form: forms.Form, write: Callable[[], object], said: Text | None
) -> Problem | None:
    """Write what the form says; None when it is done (and `said` on the next page), else why it is not.

    A refusal that is about the person or the address, not about what was typed, goes on as it is.
    """
    if not form.is_valid():
        return Problem(INVALID)
    try:
        write()
    except Problem as problem:
        if problem.error.status in {401, 404} or problem.error is INTERNAL:
            raise
        show(form, problem)
        return problem
    if said is not None:
        messages.success(request, str(said))
    return None


def show(form: forms.Form, problem: Problem) -> None:
    """Put the refusal where it belongs on the form."""
    for name, text in problem.fields.items():
        form.add_error(name if name in form.fields else None, str(text))
    if not problem.fields:
        hint = problem.error.hint
        form.add_error(None, str(Text(f"{problem.title.zh}。{hint.zh}", f"{problem.title.en}. {hint.en}")))


def pictures(request: HttpRequest, actor: Actor, at: datetime) -> list[UUID]:
    """The pictures of a form: those kept from an earlier try and the new ones, which are stored before any
    transaction."""
    try:
        kept = [UUID(value) for value in request.POST.getlist("photos_kept")]
    except ValueError:
        raise Problem(MALFORMED) from None
    sent, most = request.FILES.getlist("photos"), files.counts()["per_matter"]
    if len(kept) + len(sent) > most:
        raise Problem(files.TOO_MANY_FILES, most=most)
    return [*kept, *(files.take_upload(one, by=actor.account_id, at=at).id for one in sent)]


def units_of(actor: Actor) -> list[tuple[str, str]]:
    """The units of the actor's posts and what lies below, as a tree in a select, as deep as fits in one."""
    tree = territory.snapshot()
    tops = {post.unit_id for post in actor.posts if tree.unit(post.unit_id) is not None}
    tops = {top for top in tops if not tops & set(tree.ancestors(top)[:-1])}
    units = [unit for top in tops for unit in (tree.chain(top)[-1], *tree.descendants(top))]
    least = min((unit.depth for unit in units), default=0)
    deepest = max(
        (
            depth
            for depth in {unit.depth for unit in units}
            if sum(unit.depth <= depth for unit in units) <= UNITS_SHOWN
        ),
        default=least,
    )
    return [
        (str(unit.id), "\u3000" * (unit.depth - least) + str(unit.title))
        for unit in units
        if unit.depth <= deepest
    ]


def departments(at: datetime) -> list[tuple[str, str]]:
    """Every department."""
    return [(str(row.id), str(row.name)) for row in people.departments(at)]
