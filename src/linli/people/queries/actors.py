"""Who is asking: from a session, a verified telephone, or a machine's key."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from linli.kernel import clock
from linli.kernel.access import ANONYMOUS, Actor, HeldPost
from linli.kernel.errors import NOT_SIGNED_IN, Problem
from linli.people.models import Account, Resident
from linli.people.queries.staffing import Picture, picture

RESIDENT_IN_SESSION = "linli.resident"
KEY_PREFIX = "lk_"


def actor_for(account: Account | UUID, at: datetime) -> Actor:
    """The account with the posts that it holds at this moment; ANONYMOUS when it is closed or unknown.

    Accounts with posts or keys cost no query; a closed account or an ended tenure is gone at once in this
    process and within a second in others.
    """
    account_id = account if isinstance(account, UUID) else account.id
    now = picture()
    person = now.people.get(account_id)
    if person is None:
        return _without_posts(account_id)
    if not person.active:
        return ANONYMOUS
    return Actor(
        "account",
        account_id=account_id,
        resident_id=person.resident_id,
        name=person.name,
        posts=_held(now, account_id, at),
    )


def actor_of(request: HttpRequest) -> Actor:
    """Who acts in this request: a machine's key, then the signed-in account, then the verified resident.

    Without any of them ANONYMOUS; a key that is not (or no longer) known is refused with 401. Decided once a
    request. Source of the present moment: the clock, since requests are an edge.
    """
    known: Actor | None = getattr(request, "_linli_actor", None)
    if known is None:
        known = _by_key(request) or _by_session(request)
        request._linli_actor = known  # type: ignore[attr-defined]  # kept on the request that it is about
    return known


def digest(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def _by_key(request: HttpRequest) -> Actor | None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    account_id = picture().keys.get(digest(key.strip())) if key.startswith(KEY_PREFIX) else None
    actor = actor_for(account_id, clock.now()) if account_id else ANONYMOUS
    if actor is ANONYMOUS:
        raise Problem(NOT_SIGNED_IN)
    return actor


def _by_session(request: HttpRequest) -> Actor:
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        actor = actor_for(user.pk, clock.now())
        if actor.kind != "account" or actor.resident_id is not None or actor.posts:
            return actor
        # A telephone proved in this session counts beside the account; but not for staff, who at their desks
        # must not be the reporter of a case that they move.
        return replace(actor, resident_id=_proved(request))
    resident_id = _proved(request)
    return Actor("resident", resident_id=resident_id) if resident_id else ANONYMOUS


def _proved(request: HttpRequest) -> UUID | None:
    """The resident whose telephone was proved in this session."""
    session = getattr(request, "session", None)
    held = session.get(RESIDENT_IN_SESSION) if session is not None else None
    return Resident.objects.filter(pk=held).values_list("id", flat=True).first() if held else None


def _without_posts(account_id: UUID) -> Actor:
    row = Account.objects.filter(pk=account_id, is_active=True).values_list("name", "resident__id").first()
    if row is None:
        return ANONYMOUS
    return Actor("account", account_id=account_id, resident_id=row[1], name=row[0])


def _held(now: Picture, account_id: UUID, at: datetime) -> tuple[HeldPost, ...]:
    """Their posts, the one held longest first: it is the capacity in which they act when none is chosen."""
    holdings = sorted(now.holdings.get(account_id, ()), key=lambda pair: (pair[1].starts, pair[1].tenure_id))
    return tuple(
        HeldPost(seat.id, seat.role.value, seat.unit_id, seat.department_id, seat.title)
        for seat, held in holdings
        if held.runs(at) and seat.open(at)
    )
