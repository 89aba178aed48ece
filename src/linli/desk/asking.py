"""Reading what a browser sends: who asks, ids, filters. What cannot be read is refused, never guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from linli.cases import queries
from linli.cases.queries import Filter
from linli.cases.words import Desk, Source
from linli.kernel import files
from linli.kernel.access import Actor
from linli.kernel.errors import MALFORMED, NOT_FOUND, NOT_SIGNED_IN, Problem
from linli.kernel.text import Text
from linli.kernel.web import invalid
from linli.people import queries as people
from linli.territory import queries as territory

UNITS_SHOWN = 300

DUE = {"overdue": Text("已超时", "Overdue"), "soon": Text("快到期", "Due soon")}
KEPT = ("unit", "kind", "source", "due", "mine", "raised", "q")
WORDS_MOST = 100


def for_staff(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view is called with the actor after the request. Others are led to the sign-in page, or told that
    they hold no post."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = people.actor_of(request)
        if actor.kind != "account":
            if request.method not in {"GET", "HEAD"} or request.headers.get("HX-Request") == "true":
                raise Problem(NOT_SIGNED_IN)
            return redirect_to_login(request.get_full_path())
        if not actor.posts:
            at_home = request.path == reverse("desk:home")
            return render(request, "desk/no_posts.html", {"actor": actor}, status=200 if at_home else 403)
        return view(request, actor, *args, **kwargs)

    return guarded


def desk_of(name: str) -> Desk:
    """The desk of an address; NOT_FOUND for a word that is none, and for the shelf of what is done."""
    if name not in {desk.value for desk in queries.DESK_ACTION}:
        raise Problem(NOT_FOUND)
    return Desk(name)


def text(given: QueryDict, name: str, most: int = 4000) -> str:
    """A text as it was typed, with the line ends of Unix; what no database can keep is malformed."""
    value = given.get(name, "").replace("\r\n", "\n").strip()
    if "\x00" in value:
        raise Problem(MALFORMED)
    if len(value) > most:
        raise invalid(**{name: Text(f"最多 {most} 字", f"At most {most} characters")})
    return value


def uuid(given: QueryDict, name: str) -> UUID | None:
    """An id in a form or a query string, None when it is empty."""
    value = given.get(name, "").strip()
    if not value:
        return None
    try:
        return UUID(value)
    except ValueError:
        raise Problem(MALFORMED) from None


def whole(given: QueryDict, name: str) -> int | None:
    """A whole number from 0 to 2⁶³-1, None when it is empty."""
    value = given.get(name, "").strip()
    if not value:
        return None
    if not (value.isascii() and value.isdigit()) or len(value) > 18:
        raise Problem(MALFORMED)
    return int(value)


def filter_of(given: QueryDict) -> Filter:
    """The filter of a query string. A unit, source or due word that does not exist is refused."""
    unit = uuid(given, "unit")
    if unit is not None and territory.snapshot().unit(unit) is None:
        raise invalid(unit=Text("没有这个网格", "There is no such unit"))
    source, due = text(given, "source", 20), text(given, "due", 20)
    if source and source not in {each.value for each in Source}:
        raise invalid(source=Text("没有这个来源", "There is no such source"))
    if due and due not in DUE:
        raise invalid(due=Text("没有这个时限条件", "There is no such condition of time"))
    return Filter(
        unit=unit,
        kind=kind_code(text(given, "kind", WORDS_MOST)),
        source=source,
        due=due,
        mine=given.get("mine", "") == "1",
        raised=given.get("raised", "") == "1",
        words=text(given, "q", WORDS_MOST),
    )


def kind_code(words: str) -> str:
    """The code that somebody means by a code or by words; a code that fits nothing when there is none."""
    if not words:
        return ""
    catalogue = queries.catalogue(None)
    if catalogue.kind(words.upper()) is not None:
        return words.upper()
    found = catalogue.search(words, limit=1)
    return found[0].code if found else "-"


def query_of(given: QueryDict, **changed: str | None) -> str:
    """The query string that keeps the filter, with some parts changed (None: left out); "" or "?…"."""
    kept = {name: given.get(name, "")[:WORDS_MOST] for name in KEPT}
    parts = {name: value for name, value in (kept | changed).items() if value}
    return f"?{urlencode(parts)}" if parts else ""


def back(given: QueryDict, otherwise: str) -> str:
    """Where to go afterwards: an address of the desks, or `otherwise`."""
    target = given.get("back", "")
    local = url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if local and target.startswith(reverse("desk:home")) else otherwise


def pictures(request: HttpRequest, actor: Actor, at: Any, name: str = "photos") -> list[UUID]:
    """The pictures of a form: those sent with an earlier try (`<name>_kept`) and the new ones, which are stored
    now, before any transaction."""
    kept = []
    for value in request.POST.getlist(f"{name}_kept"):
        try:
            kept.append(UUID(value))
        except ValueError:
            raise Problem(MALFORMED) from None
    sent = request.FILES.getlist(name)
    most = files.counts()["per_matter"]
    if len(kept) + len(sent) > most:
        raise Problem(files.TOO_MANY_FILES, most=most)
    for one in sent:
        kept.append(files.take_upload(one, by=actor.account_id, at=at).id)
    return kept


def units_of(actor: Actor) -> list[tuple[str, str]]:
    """The units of the actor's posts and what lies below, as a tree in a select; not deeper than fits in one."""
    tree = territory.snapshot()
    tops = {post.unit_id for post in actor.posts if tree.unit(post.unit_id) is not None}
    tops = {top for top in tops if not tops & set(tree.ancestors(top)[:-1])}
    units = [unit for top in tops for unit in (tree.chain(top)[-1], *tree.descendants(top))]
    levels = sorted(Counter(unit.depth for unit in units).items())
    deepest, total = -1, 0
    for depth, number in levels:
        total += number
        if total > UNITS_SHOWN and deepest >= 0:
            break
        deepest = depth
    least = levels[0][0] if levels else 0
    return [(str(u.id), "\u3000" * (u.depth - least) + str(u.title)) for u in units if u.depth <= deepest]
