"""Every write of this room: `accounts`, `posts` (with departments), `matrix`, `duties`, `residents`, `staff_import`."""

from linli.people.actions.accounts import (
    close_account,
    create_account,
    create_api_key,
    hire,
    revoke_api_key,
    set_password,
)
from linli.people.actions.callers import register_residents
from linli.people.actions.duties import publish_duties
from linli.people.actions.matrix import (
    clear_responsibility,
    replace_matrix,
    set_cell,
    set_responsibility,
)
from linli.people.actions.posts import (
    appoint,
    close_post,
    end_tenure,
    open_department,
    open_post,
    rename_department,
)
from linli.people.actions.residents import (
    IssuedCode,
    issue_phone_code,
    link_account,
    name_resident,
    register_resident,
    verify_phone_code,
)
from linli.people.actions.staff_import import Issued, import_staff, plan_staff, read_staff

__all__ = [
    "Issued",
    "IssuedCode",
    "appoint",
    "clear_responsibility",
    "close_account",
    "close_post",
    "create_account",
    "create_api_key",
    "end_tenure",
    "hire",
    "import_staff",
    "issue_phone_code",
    "link_account",
    "name_resident",
    "open_department",
    "open_post",
    "plan_staff",
    "publish_duties",
    "read_staff",
    "register_resident",
    "register_residents",
    "rename_department",
    "replace_matrix",
    "revoke_api_key",
    "set_cell",
    "set_password",
    "set_responsibility",
    "verify_phone_code",
]
