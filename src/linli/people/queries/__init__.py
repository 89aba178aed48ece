"""Every read of this room: `staffing` (posts in memory), `actors` (who is asking), `tables` (for pages)."""

from linli.people.queries.actors import RESIDENT_IN_SESSION, actor_for, actor_of
from linli.people.queries.callers import caller
from linli.people.queries.residents import masked_phone_of, name_of, phone_of, resident_id_of
from linli.people.queries.staffing import responsible_for
from linli.people.queries.tables import (
    DepartmentRow,
    Holder,
    PostRow,
    UnitPosts,
    department_posts,
    departments,
    holders_of,
    posts_below,
    posts_table,
    staffing_of_children,
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
    "caller",
    "department_posts",
    "departments",
    "holders_of",
    "name_of",
    "masked_phone_of",
    "named_taker",
    "phone_of",
    "posts_below",
    "posts_table",
    "resident_id_of",
    "responsible_for",
    "staffing_of_children",
    "taker_name",
]
