"""Reporting in on the spot by the code that is shown there, and what the two sides say of each other afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from linli.cases import queries as cases
from linli.cases.actions import parts
from linli.joint import queries, rules
from linli.joint.actions.common import account_of, before, fingerprint, once, text
from linli.joint.events import PartRated
from linli.joint.models import Rating
from linli.joint.queries.whistles import bound
from linli.joint.words import NOT_CALLED, NOT_ENDED, RATED_ALREADY, WRONG_CODE, Mark, Stand
from linli.kernel import journal, throttle
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_ALLOWED, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text

COMMENT_MOST = 400
WRONG_PLACE = Text("位置不正确", "This is no position")


def report_in(
    whistle_id: UUID, *, code: str, by: Actor, at: datetime, lng: float | None = None, lat: float | None = None,
    id: UUID | None = None,
) -> Any:  # fmt: skip
    """Record that the actor's department or post has come, by the code shown on the spot; gives the part.

    A position is optional and is not kept: only how far it was from the matter's place. However far, it is never
    refused (soft fence). Wrong codes are counted by account and hour (TOO_MANY).
    """
    found = queries.whistle_for(by, whistle_id)
    if found.stand != Stand.CALLED:
        raise Problem(NOT_CALLED)
    part = queries.own_part(by, found, cases.parts_of(found.case_id))
    if part is None:
        raise Problem(NOT_ALLOWED)
    if not queries.code_fits(whistle_id, code, at):
        throttle.hold("report-in", str(by.account_id), bound("tries_per_hour"), at=at)
        raise Problem(WRONG_CODE, fields={"code": WRONG_CODE.title})
    return parts.arrive(part.id, by=by, at=at, how="code", metres=_metres(found.case, lng, lat), id=id)


def confirm_arrival(part_id: UUID, *, by: Actor, at: datetime, id: UUID | None = None) -> Any:
    """Confirm that the helpers came, as whoever called them, or the centre; gives the part. Helpers report in
    themselves (`report_in`), with the code that is shown where they have to be."""
    part = cases.part_for(by, part_id)
    if not cases.may_release(by, part, part.case):
        raise Problem(NOT_ALLOWED)
    return parts.arrive(part_id, by=by, at=at, how="hand", id=id)


def _metres(case: Any, lng: float | None, lat: float | None) -> int | None:
    if lng is None or lat is None:
        return None
    if not (-180 <= lng <= 180 and -90 <= lat <= 90):
        raise Problem(INVALID, fields={"point": WRONG_PLACE})
    if case.lng is None or case.lat is None:
        return None
    return rules.metres(lng, lat, case.lng, case.lat)


def rate(
    part_id: UUID, *, mark: Mark, comment: str = "", by: Actor, at: datetime, id: UUID | None = None
) -> Rating:
    """Say how the other side worked with one's own, once the part has ended. Once a side; no answer is no answer."""
    digest = fingerprint("rate", part=part_id, mark=mark.value, comment=comment)

    def work() -> Rating:
        part = cases.part_for(by, part_id)
        if earlier := before(id, PartRated.KIND, digest, part.case_id):
            return Rating.objects.get(pk=earlier)
        found = list(queries.whistles(by).filter(case_id=part.case_id))
        side = queries.side_of(by, part, queries.whistle_of(part, found))
        if side is None:
            raise Problem(NOT_ALLOWED)
        if part.done_at is None:
            raise Problem(NOT_ENDED)
        if Rating.objects.filter(part_id=part_id, side=side).exists():
            raise Problem(RATED_ALREADY)
        made = Rating.objects.create(
            id=id or uuid7(at), part_id=part_id, side=side.value, mark=mark.value,
            comment=text("comment", comment, COMMENT_MOST, needed=False), by_id=account_of(by), at=at,
        )  # fmt: skip
        name = cases.part_name(part)
        fact = PartRated(part_id, name.zh, name.en, side.value, mark.value, made.comment)
        journal.record(fact, about=part.case_id, by=by, at=at, id=made.id, fingerprint=digest)
        return made

    return once(work)
