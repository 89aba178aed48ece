"""Telling people: a row and a job in the transaction of what is told, sent after its commit.

The row is the record that somebody was told in the app; what becomes of a text message is journaled by the
job that sends it, so that telling costs an action two rows and no more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from linli.kernel import composed, journal, rows
from linli.kernel.access import SYSTEM, Actor
from linli.kernel.errors import Problem
from linli.kernel.fields import encrypt
from linli.kernel.ids import uuid7, uuid7_many
from linli.kernel.models import Job
from linli.kernel.text import Text, in_chinese
from linli.notices.events import NoticeExpired, NoticeSent
from linli.notices.models import Notice
from linli.notices.queries import Sealed, secret_place, template
from linli.notices.rules import hidden, render
from linli.notices.words import NO_SMS, Channel, To
from linli.people import actions as people
from linli.people.actions import IssuedCode

SEND = "notices.send"
PHONE_CODE = "phone-code"


def tell(
    code: str,
    *,
    to: To,
    params: Mapping[str, object],
    at: datetime,
    about: UUID | None = None,
    secrets: Mapping[str, object] | None = None,
    language: str = "zh",
    expires_at: datetime | None = None,
) -> UUID:
    """Tell somebody, in the caller's transaction; give the notice's id.

    `code` is a template of the rulebook `notices`, `params` the values that it needs (`Text` values are
    filled in each language). Residents and telephones get a text message when messages are set up, and see
    it in the app anyway. `secrets` are values that are kept only until the message has gone out. Never
    fails because of a provider.
    """
    written = told(
        code,
        to=to,
        params=params,
        at=at,
        about=about,
        secrets=secrets,
        language=language,
        expires_at=expires_at,
    )
    rows.insert(written)
    identity: UUID = written[0][1]["id"]
    return identity


def told(
    code: str,
    *,
    to: To,
    params: Mapping[str, object],
    at: datetime,
    about: UUID | None = None,
    secrets: Mapping[str, object] | None = None,
    language: str = "zh",
    expires_at: datetime | None = None,
) -> list[rows.Row]:
    """The rows that `tell` would write, for an action that writes all its rows in one statement."""
    known, secrets = template(code), secrets or {}
    body = hidden(known, params, secrets)
    identity = uuid7(at)
    by_sms = to.account_id is None and sms_available()
    sealed = Sealed(to.phone, *render(known, params, secrets)) if to.phone or secrets else None
    channel = (Channel.SMS if by_sms else Channel.IN_APP).value
    notice = _notice(
        identity, to.resident_id, to.account_id, channel, code, body, _seal(identity, sealed), language, about, at,
        expires_at,
    )  # fmt: skip
    return [(Notice, notice), *([(Job, _job(identity, at))] if by_sms else ())]


def _notice(
    identity: UUID, resident_id: UUID | None, account_id: UUID | None, channel: str, code: str, body: Text,
    sealed: bytes, language: str, about: UUID | None, at: datetime, expires_at: datetime | None,
) -> dict[str, object]:  # fmt: skip
    return {
        "id": identity,
        "to_resident_id": resident_id,
        "to_account_id": account_id,
        "channel": channel,
        "template": code,
        "body_zh": body.zh,
        "body_en": body.en,
        "secret_cipher": sealed,
        "language": language,
        "about": about,
        "created_at": at,
        "expires_at": expires_at,
    }


def _job(identity: UUID, at: datetime) -> dict[str, object]:
    return {
        "id": uuid7(at),
        "handler": SEND,
        "key": str(identity),
        "payload": json.dumps({"id": str(identity)}),
        "created_at": at,
        "not_before": at,
    }


class Receipt(NamedTuple):
    """A message to one of many residents: its values, when, about what."""

    resident_id: UUID
    params: Mapping[str, object]
    at: datetime
    about: UUID


_OWN = ("id", "to_resident_id", "body_zh", "body_en", "about", "created_at")
"""What each of many messages from one template has for itself."""


def tell_many(code: str, receipts: Sequence[Receipt]) -> None:
    """`tell` each of these residents, in the caller's transaction; the rows are copied in by the table."""
    if not receipts:
        return
    known, by_sms = template(code), sms_available()
    channel = (Channel.SMS if by_sms else Channel.IN_APP).value
    any_of_them = _notice(
        UUID(int=0), None, None, channel, code, Text("", ""), b"", "zh", None, receipts[0].at, None
    )
    shared = {name: value for name, value in any_of_them.items() if name not in _OWN}
    same = tuple(shared.values())
    keys = uuid7_many([each.at for each in receipts])
    written = []
    for identity, (to, params, at, about) in zip(keys, receipts, strict=True):
        body = hidden(known, params, {})
        written.append((identity, to, body.zh, body.en, about, at, same))
    rows.copy_in(Notice, _OWN, written, shared=tuple(shared))
    if by_sms:
        jobs = [_job(identity, each.at) for identity, each in zip(keys, receipts, strict=True)]
        rows.copy_in(Job, tuple(jobs[0]), [tuple(job.values()) for job in jobs])


def sms_available() -> bool:
    """Whether text messages reach somebody: through a provider, or on the demo's page."""
    return bool(settings.NOTICE_URL) or bool(settings.DEMO)


def send_phone_code(*, phone: str, sender: str, at: datetime) -> IssuedCode:
    """Issue a code for this number and send it, in the reader's language.

    Refused with 422 for a bad number, 429 when asked too often, 409 when the town cannot send messages. The
    answer tells the caller when the code expires; its `code` must not be shown to the one who asks.
    """
    if not sms_available():
        raise Problem(NO_SMS)
    with transaction.atomic():
        issued = people.issue_phone_code(phone=phone, sender=sender, at=at)
        tell(
            PHONE_CODE,
            to=To(phone=issued.phone),
            params={"minutes": issued.valid_minutes},
            secrets={"code": issued.code},
            at=at,
            about=issued.id,
            language="zh" if in_chinese() else "en",
            expires_at=issued.expires_at,
        )
    return issued


def mark_read(*, notice_ids: list[UUID], by: Actor, at: datetime) -> int:
    """The actor has read these of its own messages; others' ids change nothing. Gives how many were new."""
    mine = Notice.objects.none()
    if by.account_id is not None:
        mine = Notice.objects.filter(to_account_id=by.account_id)
    elif by.resident_id is not None:
        mine = Notice.objects.filter(to_resident_id=by.resident_id)
    return mine.filter(pk__in=notice_ids, read_at=None).update(read_at=at)


@transaction.atomic
def record_sent(*, notice_id: UUID, at: datetime) -> None:
    """A provider took the message: journaled with its matter, its secrets are gone (kept in the demo)."""
    _finish(notice_id, at, sent=True)


@transaction.atomic
def record_expired(*, notice_id: UUID, at: datetime) -> None:
    """The message is out of date and not sent any more: journaled with its matter, its secrets are gone."""
    _finish(notice_id, at, sent=False)


def record_failure(*, notice_id: UUID, at: datetime) -> None:
    """A try to send failed; the job tries again."""
    Notice.objects.filter(pk=notice_id, sent_at=None).update(failed_at=at)


def _finish(notice_id: UUID, at: datetime, *, sent: bool) -> None:
    notice = composed.one(Notice, lock=True, id=notice_id)
    if notice is None:
        raise LookupError(f"no notice {notice_id}")
    if notice.sent_at is not None:
        return
    changes: dict[str, object] = {"sent_at": at, "failed_at": None} if sent else {"failed_at": at}
    if not settings.DEMO:
        changes["secret_cipher"] = b""
    composed.change(Notice, {"id": notice_id}, **changes)
    kind = NoticeSent if sent else NoticeExpired
    fact = kind(notice=notice.id, template=notice.template)
    journal.record(fact, about=notice.about or notice.id, by=SYSTEM, at=at)


def _seal(identity: UUID, sealed: Sealed | None) -> bytes:
    return encrypt(json.dumps(asdict(sealed), ensure_ascii=False), secret_place(identity)) if sealed else b""
