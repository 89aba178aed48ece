"""A report that is being written: kept in the browser's session, so that nothing typed is lost on the way."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field, fields
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from linli.cases.actions.opening import Report
from linli.cases.words import Source
from linli.kernel import clock
from linli.kernel.ids import uuid7

IN_SESSION = "linli.draft"
SENT_IN_SESSION = "linli.sent"
SENDER_IN_SESSION = "linli.sender"


@dataclass(slots=True)
class Draft:
    """What was answered so far. `id` is the case's id to be, so that sending twice opens one case."""

    id: str
    text: str = ""
    photos: list[str] = field(default_factory=list)
    lng: float | None = None
    lat: float | None = None
    address: str = ""
    kind: str = ""

    @property
    def placed(self) -> bool:
        """Whether it is known where."""
        return self.lng is not None or bool(self.address)

    def report(self, reporter_id: UUID | None) -> Report:
        """What is sent."""
        return Report(
            id=UUID(self.id),
            source=Source.RESIDENT,
            kind=self.kind,
            text=self.text,
            lng=self.lng,
            lat=self.lat,
            address=self.address,
            photos=tuple(UUID(photo) for photo in self.photos),
            reporter_id=reporter_id,
        )


def of(request: HttpRequest) -> Draft:
    """The session's draft, or a new one. Of a draft that another release kept, what this one knows."""
    kept: dict[str, Any] = request.session.get(IN_SESSION) or {}
    known = {each.name: kept[each.name] for each in fields(Draft) if each.name in kept}
    return Draft(**{"id": str(uuid7(clock.now())), **known})


def keep(request: HttpRequest, draft: Draft) -> None:
    """Remember what was answered."""
    request.session[IN_SESSION] = asdict(draft)


def sent(request: HttpRequest, number: str, code: str) -> None:
    """The report has arrived: a second press of the button leads to the same matter."""
    request.session[SENT_IN_SESSION] = [number, code]
    request.session.pop(IN_SESSION, None)


def last_sent(request: HttpRequest) -> tuple[str, str] | None:
    """Number and tracking code of what this browser sent last."""
    kept = request.session.get(SENT_IN_SESSION)
    return (kept[0], kept[1]) if kept else None


def sender(request: HttpRequest) -> str:
    """What this browser's uploads belong to; it outlives a change of the session's key at sign-in."""
    token: str | None = request.session.get(SENDER_IN_SESSION)
    if token is None:
        token = request.session[SENDER_IN_SESSION] = secrets.token_hex(16)
    return token
