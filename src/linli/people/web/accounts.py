"""Accounts of the town's staff, for administrators: open, initial password, keys of machine clients, close."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import MALFORMED, NOT_FOUND, Problem
from linli.kernel.text import Text
from linli.people import actions, queries
from linli.people.forms import AccountForm, KeyForm, PasswordForm, ReasonForm
from linli.people.queries import AccountRow
from linli.people.web.asking import manager, tried

MADE, CLOSED = Text("账号已建立", "The account is made"), Text("账号已停用", "The account is closed")
PASSWORD_SET = Text("密码已设置", "The password is set")
KEY_MADE, KEY_REVOKED = Text("密钥已建立", "The key is made"), Text("密钥已吊销", "The key is revoked")
WORDS_MOST = 60


@require_http_methods(["GET", "HEAD", "POST"])
def accounts(request: HttpRequest) -> HttpResponse:
    """The staff accounts in one's reach, and a form for a new one."""
    actor, at = manager(request), clock.now()
    form, status = AccountForm(), 200
    if request.method == "POST":
        form = AccountForm(request.POST)
        made: list[UUID] = []
        problem = tried(request, form, lambda data: made.append(_make(data, actor, at)), MADE)
        if problem is None:
            return redirect("people:account", account_id=made[0])
        status = problem.error.status
    words = request.GET.get("q", "").replace("\x00", "")[:WORDS_MOST]
    context = {"form": form, "rows": queries.accounts_for(actor, at, words), "words": words, "now": at}
    return render(request, "people/accounts.html", context, status=status)


def _make(data: dict[str, Any], actor: Actor, at: datetime) -> UUID:
    return actions.create_account(
        username=data["username"], name=data["name"], password=data["password"] or None, by=actor, at=at
    ).id


@dataclass(slots=True)
class _Desk:
    """One account's page with what is asked of it."""

    request: HttpRequest
    actor: Actor
    row: AccountRow
    at: datetime
    forms: dict[str, Form] = field(
        default_factory=lambda: {
            "password": PasswordForm(auto_id="password-%s"),
            "key": KeyForm(auto_id="key-%s"),
            "close": ReasonForm(auto_id="close-%s"),
        }
    )
    plain_key: str = ""

    def password(self) -> Problem | None:
        form = self.forms["password"] = PasswordForm(self.request.POST, auto_id="password-%s")
        return tried(
            self.request,
            form,
            lambda data: actions.set_password(
                account_id=self.row.id, password=data["password"], by=self.actor, at=self.at
            ),
            PASSWORD_SET,
        )

    def key(self) -> Problem | None:
        form = self.forms["key"] = KeyForm(self.request.POST, auto_id="key-%s")
        return tried(self.request, form, self._make_key, KEY_MADE)

    def _make_key(self, data: dict[str, Any]) -> None:
        _, self.plain_key = actions.create_api_key(
            account_id=self.row.id, name=data["key_name"], by=self.actor, at=self.at
        )

    def revoke(self) -> Problem | None:
        try:
            key_id = UUID(self.request.POST.get("key", ""))
        except ValueError:
            raise Problem(MALFORMED) from None
        if key_id not in {key.id for key in queries.keys_of(self.row.id)}:
            raise Problem(NOT_FOUND)
        return tried(
            self.request,
            Form(self.request.POST),
            lambda data: actions.revoke_api_key(key_id=key_id, by=self.actor, at=self.at),
            KEY_REVOKED,
        )

    def close(self) -> Problem | None:
        form = self.forms["close"] = ReasonForm(self.request.POST, auto_id="close-%s")
        return tried(
            self.request,
            form,
            lambda data: actions.close_account(
                account_id=self.row.id, reason=data["reason"], by=self.actor, at=self.at
            ),
            CLOSED,
        )


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """One account: its posts, initial password, keys, closing. A new key is shown here once."""
    actor, at = manager(request), clock.now()
    row = queries.managed_account(actor, account_id, at)
    if row is None:
        raise Problem(NOT_FOUND)
    desk, status = _Desk(request, actor, row, at), 200
    if request.method == "POST":
        doing: dict[str, Callable[[], Problem | None]] = {
            "password": desk.password, "key": desk.key, "revoke": desk.revoke, "close": desk.close,
        }  # fmt: skip
        do = doing.get(request.POST.get("do", ""))
        if do is None:
            raise Problem(MALFORMED)
        problem = do()
        if problem is None and not desk.plain_key:
            return redirect("people:account", account_id=account_id)
        status = problem.error.status if problem else 200
    context = {
        "row": row,
        "forms": desk.forms,
        "plain_key": desk.plain_key,
        "keys": queries.keys_of(account_id),
        "now": at,
    }
    answer = render(request, "people/account.html", context, status=status)
    if desk.plain_key:
        answer.headers["Cache-Control"] = "no-store"
    return answer
