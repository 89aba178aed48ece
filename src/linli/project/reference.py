"""Django's admin, for reference data alone: departments and posts. Matters, people and the journal are not in it.

It is written out here what the admin shows; nothing is found by itself.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import lazystr

from linli.kernel.errors import NOT_ALLOWED, Problem
from linli.kernel.text import Text
from linli.people.admin import DepartmentAdmin, PostAdmin
from linli.people.models import Department, Post


class Reference(admin.AdminSite):
    """The admin for accounts with `is_staff` (`linli createadmin`), signed in where everybody signs in."""

    site_header = site_title = index_title = lazystr(Text("基础数据", "Reference data"))
    final_catch_all_view = False
    enable_nav_sidebar = False

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """To the town's own sign-in page, with its second factor; whoever is signed in already may not be here."""
        if request.user.is_authenticated:
            if self.has_permission(request):
                return redirect("admin:index")
            raise Problem(NOT_ALLOWED)
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Where everybody signs out."""
        return redirect("account_logout")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Where everybody changes the password."""
        return redirect("account_change_password")


site = Reference(name="admin")
site.register(Department, DepartmentAdmin)
site.register(Post, PostAdmin)
