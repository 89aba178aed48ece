"""What somebody was told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from linli.kernel import rulebook
from linli.kernel.access import Actor
from linli.kernel.fields import decrypt, mask_phone
from linli.kernel.text import Text
from linli.notices.models import Notice
from linli.notices.rules import Template
from linli.notices.words import DemoMessage, Message
from linli.people import queries as people


@dataclass(frozen=True, slots=True)
class Sealed:
    """The number of a telephone that is nobody's yet, and the text with its secrets."""

    phone: str | None
    zh: str
    en: str


def template(code: str) -> Template:
    """The rulebook's template of this code. Raises KeyError when there is none."""
    return Template.of(code, rulebook.table("notices")["template"][code])


def templates() -> tuple[Template, ...]:
    """Every template, in the order of the rulebook."""
    return tuple(Template.of(code, row) for code, row in rulebook.table("notices")["template"].items())


def messages_for(actor: Actor, limit: int = 50) -> tuple[Message, ...]:
    """What the actor was told, newest first; nothing for somebody unknown."""
    rows = _visible_to(actor).order_by("-created_at", "-id")[:limit]
    return tuple(
        Message(n.id, n.template, Text(n.body_zh, n.body_en), n.about, n.created_at, n.read_at is None)
        for n in rows
    )


def unread_count(actor: Actor, most: int = 99) -> int:
    """How many messages the actor has not read, counted up to `most`."""
    return _visible_to(actor).filter(read_at=None)[:most].count()


def recent_demo(limit: int = 30) -> tuple[DemoMessage, ...]:
    """The last messages with their codes in clear, for the demo's page; empty unless this is the demo."""
    if not settings.DEMO:
        return ()
    rows = Notice.objects.filter(to_account=None).order_by("-created_at", "-id")[:limit]
    return tuple(DemoMessage(n.created_at, _masked_to(n), n.template, full_text(n)) for n in rows)


def secret_place(notice_id: UUID) -> str:
    """Where a notice's secrets are kept, as the encryption binds them."""
    return f"notices_notice|secret|{notice_id}"


def sealed_of(notice: Notice) -> Sealed | None:
    """What must be known to send it and is kept no longer; None when there is nothing of the kind."""
    if not notice.secret_cipher:
        return None
    return Sealed(**json.loads(decrypt(bytes(notice.secret_cipher), secret_place(notice.id))))


def full_text(notice: Notice) -> Text:
    """The text with its secrets, as long as they are kept."""
    sealed = sealed_of(notice)
    return Text(sealed.zh, sealed.en) if sealed else Text(notice.body_zh, notice.body_en)


def phone_for(notice: Notice) -> str | None:
    """The number in E.164 to which the message goes; None when it goes to no telephone."""
    if notice.to_resident_id:
        return people.phone_of(notice.to_resident_id)
    sealed = sealed_of(notice)
    return sealed.phone if sealed else None


def _masked_to(notice: Notice) -> str:
    phone = phone_for(notice)
    return mask_phone(phone.removeprefix("+86")) if phone else ""


def _visible_to(actor: Actor) -> QuerySet[Notice]:
    mine = Q(pk=None)
    if actor.account_id is not None:
        mine |= Q(to_account_id=actor.account_id)
    if actor.resident_id is not None:
        mine |= Q(to_resident_id=actor.resident_id)
    return Notice.objects.filter(mine)
