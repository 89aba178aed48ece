"""Accounts of those who work for the town, for whoever administers them. Residents' accounts are not shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from linli.kernel import access
from linli.kernel.access import Actor, Subject
from linli.kernel.text import Text
from linli.people.models import Account, ApiKey
from linli.people.queries.staffing import Picture, call, picture
from linli.people.words import MANAGE, Role
from linli.territory import queries as territory

SHOWN = 200


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account with the posts that it holds now or will hold. `password`: whether one is set."""

    id: UUID
    username: str
    name: str
    active: bool
    password: bool
    posts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key of a machine client; never the key itself."""

    id: UUID
    name: str
    created_at: datetime
    revoked_at: datetime | None


def may_manage(actor: Actor, unit_id: UUID | None = None) -> bool:
    """Whether the actor administers this unit; without one, any unit at all."""
    if unit_id is None:
        return actor.kind == "system" or any(True for _ in access.reach(actor, MANAGE))
    return access.may(actor, MANAGE, Subject(units=frozenset(territory.snapshot().ancestors(unit_id))))


def may_manage_post(actor: Actor, post_id: UUID) -> bool:
    """Whether the actor administers the post's unit, and its department's, as appointing to it asks."""
    now = picture()
    seat = now.seats.get(post_id)
    if seat is None or not may_manage(actor, seat.unit_id):
        return False
    office = now.staffing.offices.get(seat.department_id) if seat.department_id else None
    return office is None or may_manage(actor, office.unit_id)


def accounts_for(actor: Actor, at: datetime, words: str = "") -> list[AccountRow]:
    """The staff accounts that the actor may manage: those whose posts all lie in the actor's reach, and those
    without posts. At most `SHOWN`, by sign-in name; `words` are parts of the name or the sign-in name."""
    found = []
    for row in _staff(words):
        if _within(actor, row.id, at):
            found.append(row)
            if len(found) == SHOWN:
                break
    return found


def candidates(words: str, most: int = 20) -> list[AccountRow]:
    """Open staff accounts that the words name, to be appointed to something."""
    if not words.strip():
        return []
    found = []
    for row in _staff(words):
        if row.active:
            found.append(row)
            if len(found) == most:
                break
    return found


def managed_account(actor: Actor, account_id: UUID, at: datetime) -> AccountRow | None:
    """The staff account if the actor may manage it."""
    row = next(_staff("", account_id), None)
    return row if row is not None and _within(actor, account_id, at) else None


def keys_of(account_id: UUID) -> list[KeyRow]:
    """The account's keys, the newest first."""
    rows = ApiKey.objects.filter(account_id=account_id).order_by("-created_at", "id")
    return [KeyRow(*row) for row in rows.values_list("id", "name", "created_at", "revoked_at")]


def account_named(username: str) -> UUID | None:
    """The account with this sign-in name, in any case of letters."""
    return Account.objects.filter(username__iexact=username).values_list("id", flat=True).first()


def has_administrator(at: datetime) -> bool:
    """Whether somebody holds a post of an administrator."""
    seats = picture().seats.values()
    return any(s.role is Role.ADMINISTRATOR and s.open(at) and s.holders(at) for s in seats)


def first_account_without_post() -> str | None:
    """The sign-in name of the account that `linli createadmin` made first, as long as it holds nothing."""
    waiting = Account.objects.filter(is_staff=True, is_active=True, tenures=None)
    return waiting.order_by("date_joined").values_list("username", flat=True).first()


def _staff(words: str, account_id: UUID | None = None) -> Iterator[AccountRow]:
    rows = Account.objects.exclude(Q(resident__isnull=False) & Q(tenures__isnull=True))
    if account_id is not None:
        rows = rows.filter(pk=account_id)
    for word in words.split():
        rows = rows.filter(Q(name__icontains=word) | Q(username__icontains=word))
    now = picture()
    for account in rows.distinct().order_by("username").iterator(chunk_size=500):
        yield AccountRow(
            account.id,
            account.username,
            account.name,
            account.is_active,
            account.has_usable_password(),
            tuple(_posts(now, account.id)),
        )


def _posts(now: Picture, account_id: UUID) -> Iterator[Text]:
    for seat, held in now.holdings.get(account_id, ()):
        if held.ends is None and seat.closed is None:
            unit = call(territory.snapshot().chain(seat.unit_id))
            yield Text(f"{unit.zh} {seat.title.zh}", f"{seat.title.en}, {unit.en}")


def _within(actor: Actor, account_id: UUID, at: datetime) -> bool:
    """The rule of `actions.common.require_manager_of_account`, for showing."""
    holdings = picture().holdings.get(account_id, ())
    return may_manage(actor) and all(
        may_manage(actor, seat.unit_id) for seat, held in holdings if held.ends is None or held.ends > at
    )
