"""Every write of this room: `accounts`, `posts` (with departments and responsibility), `residents`, `staff_import`."""

from linli.people.actions.accounts import (
    close_account,
    create_account,
    create_api_key,
    hire,
    revoke_api_key,
    set_password,
)
from linli.people.actions.posts import (
    appoint,
    clear_responsibility,
    close_post,
    end_tenure,
    open_department,
    open_post,
    rename_department,
    set_responsibility,
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
    "read_staff",
    "register_resident",
    "rename_department",
    "revoke_api_key",
    "set_password",
    "set_responsibility",
    "verify_phone_code",
]
