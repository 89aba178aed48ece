"""Accounts, their passwords, and keys of machine clients."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from linli.kernel import journal
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_ALLOWED, NOT_FOUND, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people.actions.common import changed, named, require_manager, require_manager_of_account
from linli.people.actions.posts import appoint, end_tenures_of
from linli.people.events import AccountClosed, AccountCreated, KeyCreated, KeyRevoked, PasswordSet
from linli.people.models import Account, ApiKey
from linli.people.queries.actors import KEY_PREFIX, digest
from linli.people.rules.names import good_username
from linli.people.words import NAME_TAKEN, WEAK_PASSWORD

NAME_MAX = 60
BAD_USERNAME = Text("登录名为 2 至 60 个字母、数字或 @ . + - _", "2 to 60 letters, digits or @ . + - _")


@transaction.atomic
def create_account(
    *,
    username: str,
    name: str,
    by: Actor,
    at: datetime,
    password: str | None = None,
    is_staff: bool = False,
    id: UUID | None = None,
) -> Account:
    """Somebody can sign in: with the password, or only after one is set when none is given.

    Refused when the name is taken (409) or the password weak (422). The account holds no post yet.
    `is_staff` opens Django's admin (reference data) to it, which only the system may grant.
    """
    require_manager(by)
    if is_staff and by.kind != "system":
        raise Problem(NOT_ALLOWED)
    if not good_username(username):
        raise Problem(INVALID, fields={"username": BAD_USERNAME})
    account = Account(
        id=id or uuid7(at),
        username=username,
        name=named("name", name, NAME_MAX),
        date_joined=at,
        is_staff=is_staff,
    )
    if password is None:
        account.set_unusable_password()
    else:
        _check(password, account)
        account.set_password(password)
    if Account.objects.filter(username__iexact=username).exists():
        raise Problem(NAME_TAKEN)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        raise Problem(NAME_TAKEN) from error
    journal.record(AccountCreated(username=username, name=account.name), about=account.id, by=by, at=at)
    changed()
    return account


@transaction.atomic
def hire(
    *, post_id: UUID, username: str, name: str, by: Actor, at: datetime, password: str | None = None,
    starts: datetime | None = None,
) -> Account:  # fmt: skip
    """Somebody new can sign in and holds the post from `starts` (now when not given); both or neither."""
    account = create_account(username=username, name=name, password=password, by=by, at=at)
    appoint(post_id=post_id, holder_id=account.id, starts=starts, by=by, at=at)
    return account


@transaction.atomic
def close_account(*, account_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """The account can no longer sign in, its keys open nothing, its tenures end.

    Sessions end with their next request. Closing twice changes nothing.
    """
    account = _locked(account_id)
    require_manager_of_account(by, account, at)
    if not account.is_active:
        return
    reason = named("reason", reason, 200)
    account.is_active = False
    account.save(update_fields=["is_active"])
    ApiKey.objects.filter(account=account, revoked_at=None).update(revoked_at=at)
    end_tenures_of(account.id, reason, by, at)
    journal.record(AccountClosed(reason=reason), about=account.id, by=by, at=at)
    changed()


@transaction.atomic
def set_password(*, account_id: UUID, password: str, by: Actor, at: datetime) -> None:
    """The account signs in with this password; its sessions end. One's own is changed through allauth."""
    account = _locked(account_id)
    require_manager_of_account(by, account, at)
    _check(password, account)
    account.set_password(password)
    account.save(update_fields=["password"])
    journal.record(PasswordSet(), about=account.id, by=by, at=at)


@transaction.atomic
def create_api_key(*, account_id: UUID, name: str, by: Actor, at: datetime) -> tuple[ApiKey, str]:
    """A key for a machine client that acts as this account; the plain key is given here and never again."""
    account = _locked(account_id)
    require_manager_of_account(by, account, at)
    plain = KEY_PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        id=uuid7(at), account=account, name=named("name", name, NAME_MAX), digest=digest(plain), created_at=at
    )
    journal.record(KeyCreated(key=key.id, name=key.name), about=account.id, by=by, at=at)
    changed()
    return key, plain


@transaction.atomic
def revoke_api_key(*, key_id: UUID, by: Actor, at: datetime) -> None:
    """The key opens nothing from the next request on. Revoking twice changes nothing."""
    key = ApiKey.objects.select_for_update(of=("self",)).select_related("account").filter(pk=key_id).first()
    if key is None:
        raise Problem(NOT_FOUND)
    require_manager_of_account(by, key.account, at)
    if key.revoked_at is not None:
        return
    key.revoked_at = at
    key.save(update_fields=["revoked_at"])
    journal.record(KeyRevoked(key=key.id, name=key.name), about=key.account_id, by=by, at=at)
    changed()


def _locked(account_id: UUID) -> Account:
    account = Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise Problem(NOT_FOUND)
    return account


def _check(password: str, account: Account) -> None:
    try:
        validate_password(password, account)
    except ValidationError as error:
        said = " ".join(error.messages)
        raise Problem(WEAK_PASSWORD, fields={"password": Text(said, said)}) from error
