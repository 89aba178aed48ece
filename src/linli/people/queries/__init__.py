"""Every read of this room: `staffing` (posts in memory), `actors` (who is asking), `tables` (for pages)."""

from linli.people.queries.actors import RESIDENT_IN_SESSION, actor_for, actor_of
from linli.people.queries.residents import phone_of, resident_id_of
from linli.people.queries.staffing import responsible_for
from linli.people.queries.tables import (
    DepartmentRow,
    Holder,
    PostRow,
    UnitPosts,
    departments,
    holders_of,
    posts_below,
    posts_table,
)
from linli.people.queries.takers import named_taker, taker_name

__all__ = [
    "RESIDENT_IN_SESSION",
    "DepartmentRow",
    "Holder",
    "PostRow",
    "UnitPosts",
    "actor_for",
    "actor_of",
    "departments",
    "holders_of",
    "named_taker",
    "phone_of",
    "posts_below",
    "posts_table",
    "resident_id_of",
    "responsible_for",
    "taker_name",
]
