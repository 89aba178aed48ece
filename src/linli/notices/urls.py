"""Addresses of this room's pages."""

from __future__ import annotations

from django.urls import path

from linli.notices import web

app_name = "notices"
urlpatterns = [
    path("me/phone/", web.phone, name="phone"),
    path("me/phone/code/", web.code, name="phone-code"),
    path("me/leave/", web.leave, name="leave"),
]
