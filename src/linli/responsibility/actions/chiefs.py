"""Naming the chief of a place, and ending it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from linli.kernel import access, journal
from linli.kernel.access import Actor, Subject
from linli.kernel.errors import INVALID, NOT_FOUND, RETRY_DIFFERS, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import MANAGE
from linli.responsibility import queries
from linli.responsibility.actions.texts import sound
from linli.responsibility.events import ChiefEnded, ChiefNamed
from linli.responsibility.models import Chief
from linli.responsibility.words import CHIEF_ENDED, HAS_CHIEF
from linli.territory import queries as territory

WRONG_POST = Text("请选择列表中的岗位", "Choose a post of the list")
NOT_LATER = Text("不能晚于今天", "Not after today")
NOT_BEFORE = Text("不能早于 {day}", "Not before {day}")


@transaction.atomic
def name_chief(
    *, place_id: UUID, post_id: UUID, since: date, by: Actor, at: datetime, id: UUID | None = None
) -> Chief:
    """The post answers for the place from this day on (the town's, not after today, not before the last one left).

    HAS_CHIEF while another appointment is open. Sending it again with the same id gives the first answer.
    """
    place = _place(place_id, by)
    again = Chief.objects.filter(pk=id).first() if id else None
    if again is not None:
        if (again.place_id, again.post_id, again.since) != (place_id, post_id, since):
            raise Problem(RETRY_DIFFERS)
        return again
    row = people.post_row(post_id, at)
    if row is None or row.role not in queries.chiefs_book()["roles"]:
        raise Problem(INVALID, fields={"post": WRONG_POST})
    _in_time("since", since, Chief.objects.filter(place_id=place_id).aggregate(last=Max("until"))["last"], at)
    try:
        with transaction.atomic():
            made = Chief.objects.create(
                id=id or uuid7(at), place_id=place_id, post_id=post_id, since=since, created_at=at
            )
    except IntegrityError:
        raise Problem(HAS_CHIEF) from None
    title = queries.post_name(post_id)
    journal.record(
        ChiefNamed(place.name, place.name_en or place.name, post_id, title.zh, title.en, since),
        about=place_id,
        by=by,
        at=at,
    )
    return made


@transaction.atomic
def end_chief(*, chief_id: UUID, until: date, reason: str, by: Actor, at: datetime) -> None:
    """The post does not answer for the place from this day on; it stays on record. CHIEF_ENDED when it had ended."""
    chief = Chief.objects.select_for_update().filter(pk=chief_id).first()
    if chief is None:
        raise Problem(NOT_FOUND)
    _place(chief.place_id, by)
    if chief.until is not None:
        raise Problem(CHIEF_ENDED)
    sound(reason=(reason, 200))
    _in_time("until", until, chief.since, at)
    Chief.objects.filter(pk=chief_id).update(until=until, ended_reason=reason.strip())
    journal.record(ChiefEnded(chief_id, until, reason.strip()), about=chief.place_id, by=by, at=at)


def _place(place_id: UUID, by: Actor) -> territory.PlaceRow:
    """The place, which a chief answers for and which the actor manages."""
    place = queries.place_of(by, place_id)[0]
    access.require(by, MANAGE, Subject(units=frozenset(territory.snapshot().ancestors(place.unit_id))))
    return place


def _in_time(name: str, day: date, least: date | None, at: datetime) -> None:
    if day > queries.today(at):
        raise Problem(INVALID, fields={name: NOT_LATER})
    if least is not None and day < least:
        raise Problem(INVALID, fields={name: NOT_BEFORE.fill(day=least)})
