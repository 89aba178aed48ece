"""Reference data in Django's admin: to look at, and to correct the name of a department. Nothing else is
written there, because only actions write the journal."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from linli.kernel import clock
from linli.kernel.access import SYSTEM
from linli.people import actions
from linli.people.models import Department, Post


@admin.register(Department)
class DepartmentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Departments: their names can be corrected."""

    list_display = ("code", "name", "name_en", "unit")
    readonly_fields = ("code", "unit")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """No: `people.actions.open_department` does."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No: what was handled keeps its department."""
        return False

    def save_model(self, request: HttpRequest, obj: Department, form: ModelForm[Any], change: bool) -> None:
        """Through the action, so that the change is journaled."""
        actions.rename_department(
            department_id=obj.id, name=obj.name, name_en=obj.name_en, by=SYSTEM, at=clock.now()
        )


@admin.register(Post)
class PostAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Posts: to look at."""

    list_display = ("title", "role", "unit", "department", "opened_on", "closed_on")
    list_filter = ("role",)
    list_select_related = ("unit", "department")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """No: `people.actions.open_post` does."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No."""
        return False
