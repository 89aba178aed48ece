"""Who can be charged with a matter, by name."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from linli.kernel.errors import INVALID, Problem
from linli.kernel.text import Text
from linli.people.queries.staffing import call, picture
from linli.people.rules.duty import handlers
from linli.people.words import Responsible
from linli.territory import queries as territory

BY_HAND = Text("派遣员指定", "Named by the dispatcher")
NOBODY_THERE = Text("目前无人在岗", "nobody holds a post there now")
CENTRE = Text("镇中心派遣台", "the town centre's dispatch desk")


def taker_name(who: Responsible) -> Text:
    """The department or post as people call it."""
    now = picture()
    if who.department_id is not None:
        office = now.staffing.offices.get(who.department_id)
        return office.name if office else CENTRE
    seat = now.seats.get(who.post_id) if who.post_id else None
    if seat is None:
        return CENTRE
    where = call(territory.snapshot().chain(seat.unit_id))
    return (
        seat.title
        if where.zh in seat.title.zh
        else Text(where.zh + seat.title.zh, f"{seat.title.en}, {where.en}")
    )


def named_taker(
    department_id: UUID | None, post_id: UUID | None, at: datetime, *, roles: Collection[str] | None = None
) -> Responsible:
    """The department or post that a dispatcher names, with whoever is there now; `why` says when nobody is.

    Raises INVALID when there is no such department or open post, or the post is of none of the `roles` (any, when
    they are not given).
    """
    now = picture()
    if department_id is not None and department_id in now.staffing.offices:
        office = now.staffing.offices[department_id]
        holders = handlers(now.staffing, department_id, at)
        return Responsible(department_id, None, holders, office.unit_id, _why(holders))
    seat = now.seats.get(post_id) if post_id else None
    if seat is None or not seat.open(at) or (roles is not None and seat.role not in roles):
        raise Problem(INVALID, fields={"to": Text("请选择承办部门或岗位", "Choose a department or post")})
    holders = tuple(held.holder_id for held in seat.holders(at))
    return Responsible(None, seat.id, holders, seat.unit_id, _why(holders))


def _why(holders: tuple[UUID, ...]) -> tuple[Text, ...]:
    return (BY_HAND,) if holders else (BY_HAND, NOBODY_THERE)
