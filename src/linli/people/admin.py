"""Reference data of this room in Django's admin: to look at, and to correct the name of a department. Nothing
else is written there, because only actions write the journal. `project.reference` says which tables it shows."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Field
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.functional import lazystr

from linli.kernel import clock
from linli.kernel.text import Text
from linli.people import actions, queries
from linli.people.models import Department, Post
from linli.people.words import ROLE_LABELS, Role

UNIT, DEPARTMENT = lazystr(Text("所属单元", "Unit")), lazystr(Text("部门", "Department"))
NAMES = {
    "code": lazystr(Text("代码", "Code")),
    "name": lazystr(Text("名称", "Name")),
    "name_en": lazystr(Text("英文名称", "Name in English")),
}


class DepartmentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Departments: their names can be corrected by who administers their unit."""

    list_display = ("code_", "name_", "name_en_", "unit_")
    list_select_related = ("unit",)
    search_fields = ("code", "name")
    fields = ("code_", "name", "name_en", "unit_")
    readonly_fields = ("code_", "unit_")
    actions = None

    @admin.display(description=NAMES["code"], ordering="code")
    def code_(self, row: Department) -> str:
        """Its code."""
        return row.code

    @admin.display(description=NAMES["name"], ordering="name")
    def name_(self, row: Department) -> str:
        """Its name."""
        return row.name

    @admin.display(description=NAMES["name_en"])
    def name_en_(self, row: Department) -> str:
        """Its name in English."""
        return row.name_en

    @admin.display(description=UNIT)
    def unit_(self, row: Department) -> str:
        """The unit that it serves."""
        return row.unit.name

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **given: Any) -> Any:
        """The fields are named in both languages."""
        made = super().formfield_for_dbfield(db_field, request, **given)
        if made is not None and db_field.name in NAMES:
            made.label = NAMES[db_field.name]
        return made

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever may be here at all may look."""
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may be here at all may look."""
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        """No: `people.actions.open_department` does."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Department | None = None) -> bool:
        """Who administers the department's unit."""
        return obj is not None and queries.may_manage(queries.actor_of(request), obj.unit_id)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No: what was handled keeps its department."""
        return False

    def save_model(self, request: HttpRequest, obj: Department, form: ModelForm[Any], change: bool) -> None:
        """Through the action, so that the change is journaled."""
        actions.rename_department(
            department_id=obj.id,
            name=obj.name,
            name_en=obj.name_en,
            by=queries.actor_of(request),
            at=clock.now(),
        )


class PostAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Posts: to look at."""

    list_display = ("title_", "role_", "unit_", "department_", "opened_", "closed_")
    list_select_related = ("unit", "department")
    search_fields = ("title",)
    fields = list_display
    actions = None

    @admin.display(description=lazystr(Text("岗位名称", "Title")), ordering="title")
    def title_(self, row: Post) -> str:
        """What it is called."""
        return row.title

    @admin.display(description=lazystr(Text("角色", "Role")), ordering="role")
    def role_(self, row: Post) -> str:
        """The official term."""
        return str(ROLE_LABELS[Role(row.role)])

    @admin.display(description=UNIT)
    def unit_(self, row: Post) -> str:
        """Where it is."""
        return row.unit.name

    @admin.display(description=DEPARTMENT)
    def department_(self, row: Post) -> str:
        """Its department."""
        return str(row.department or "—")

    @admin.display(description=lazystr(Text("设立日期", "Opened on")), ordering="opened_on")
    def opened_(self, row: Post) -> str:
        """Its first day."""
        return row.opened_on.isoformat()

    @admin.display(description=lazystr(Text("撤销日期", "Closed on")), ordering="closed_on")
    def closed_(self, row: Post) -> str:
        """Its last day."""
        return row.closed_on.isoformat() if row.closed_on else "—"

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever may be here at all may look."""
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may be here at all may look."""
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        """No: `people.actions.open_post` does."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No."""
        return False
