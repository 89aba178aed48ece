"""Who calls the JSON interface."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.utils import check_csrf

from linli.kernel.access import Actor
from linli.kernel.errors import NOT_ALLOWED, NOT_SIGNED_IN, Problem
from linli.people.queries.actors import actor_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def caller(request: HttpRequest) -> Actor:
    """Who acts. A write with a browser's session also needs its CSRF token; a key or nobody needs none."""
    actor = actor_of(request)
    by_key = request.headers.get("Authorization", "").partition(" ")[0].lower() == "bearer"
    by_session = actor.kind != "anonymous" and not by_key
    if by_session and request.method not in SAFE and check_csrf(request) is not None:
        raise Problem(NOT_ALLOWED)
    return actor


def signed_in(request: HttpRequest) -> Actor:
    """Who acts, when it is somebody; NOT_SIGNED_IN otherwise. The `auth` of routers that nobody else gets into: it is
    asked before a body is read."""
    actor = caller(request)
    if actor.kind == "anonymous":
        raise Problem(NOT_SIGNED_IN)
    return actor


def with_a_post(request: HttpRequest) -> Actor:
    """Who acts, when they hold some post, as staff pages ask for; NOT_ALLOWED for others who are signed in."""
    actor = signed_in(request)
    if not actor.posts:
        raise Problem(NOT_ALLOWED)
    return actor
