"""Who can be charged with a matter, by name."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from linli.kernel.errors import INVALID, Problem
from linli.kernel.text import Text
from linli.people.queries.staffing import call, picture
from linli.people.words import Responsible
from linli.territory import queries as territory

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


def named_taker(department_id: UUID | None, post_id: UUID | None, at: datetime) -> Responsible:
    """The department or post that a dispatcher names. Raises INVALID when there is none."""
    now = picture()
    why = (Text("派遣员指定", "Named by the dispatcher"),)
    if department_id is not None and department_id in now.staffing.offices:
        office = now.staffing.offices[department_id]
        return Responsible(department_id, None, (), office.unit_id, why)
    seat = now.seats.get(post_id) if post_id else None
    if seat is None or (seat.closed is not None and seat.closed <= at):
        raise Problem(INVALID, fields={"to": Text("请选择承办部门或岗位", "Choose a department or post")})
    return Responsible(None, seat.id, (), seat.unit_id, why)
