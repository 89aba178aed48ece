"""Every read of this room: `accounts` (for administrators), `staffing` (posts in memory), `actors` (who is asking), `tables` (for pages)."""

from linli.people.queries.accounts import (
    AccountRow,
    KeyRow,
    account_named,
    accounts_for,
    candidates,
    first_account_without_post,
    has_administrator,
    keys_of,
    managed_account,
    may_manage,
    may_manage_post,
)
from linli.people.queries.actors import RESIDENT_IN_SESSION, actor_for, actor_of
from linli.people.queries.callers import caller
from linli.people.queries.residents import masked_phone_of, name_of, phone_of, resident_id_of
from linli.people.queries.staffing import midnight, responsible_for
from linli.people.queries.tables import (
    DepartmentRow,
    Holder,
    PostRow,
    UnitPosts,
    department_posts,
    departments,
    holders_of,
    post_row,
    posts_below,
    posts_table,
    staffing_of_children,
)
from linli.people.queries.takers import named_taker, taker_name

__all__ = [
    "RESIDENT_IN_SESSION",
    "AccountRow",
    "DepartmentRow",
    "Holder",
    "KeyRow",
    "PostRow",
    "UnitPosts",
    "account_named",
    "accounts_for",
    "actor_for",
    "actor_of",
    "caller",
    "candidates",
    "department_posts",
    "departments",
    "first_account_without_post",
    "has_administrator",
    "holders_of",
    "keys_of",
    "managed_account",
    "masked_phone_of",
    "may_manage",
    "may_manage_post",
    "midnight",
    "name_of",
    "named_taker",
    "phone_of",
    "post_row",
    "posts_below",
    "posts_table",
    "resident_id_of",
    "responsible_for",
    "staffing_of_children",
    "taker_name",
]
