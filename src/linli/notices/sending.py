"""The job that hands a message to the provider, through Apprise; `kernel.jobs` tries a failure again."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings

from linli.kernel import composed, jobs
from linli.notices.actions import SEND, record_expired, record_failure, record_sent
from linli.notices.models import Notice
from linli.notices.queries import full_text, phone_for


class NotDelivered(Exception):
    """The provider did not take the message; its text never names the receiver."""


@jobs.handler(SEND, transaction=False)
def send(payload: dict[str, Any], at: datetime) -> None:
    """Send one notice. Sent or out of date already: nothing to do. May repeat a message after a crash."""
    notice = composed.one(Notice, id=UUID(payload["id"]), sent_at=None)
    if notice is None:
        return
    if notice.expires_at is not None and notice.expires_at <= at:
        record_expired(notice_id=notice.id, at=at)
        return
    text, phone = full_text(notice), phone_for(notice)
    if phone and settings.NOTICE_URL and not _deliver(phone, text.en if notice.language == "en" else text.zh):
        record_failure(notice_id=notice.id, at=at)
        raise NotDelivered(f"the provider did not take notice {notice.id}")
    record_sent(notice_id=notice.id, at=at)


def _deliver(phone: str, body: str) -> bool:
    """Whether the provider took it; all providers' own errors are answered by Apprise with False."""
    import apprise  # half a second that only the worker has to spend

    provider = apprise.Apprise()
    if not provider.add(settings.NOTICE_URL.replace("{phone}", quote(phone, safe=""))):
        return False
    return bool(provider.notify(body=body, body_format=apprise.NotifyFormat.TEXT))
