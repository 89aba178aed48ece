"""Addresses of this room's pages."""

from __future__ import annotations

from django.urls import path

from linli.people import web

app_name = "people"
urlpatterns = [
    path("posts/", web.posts, name="posts"),
    path("posts/<uuid:unit_id>/", web.posts, name="posts-of"),
    path("departments/", web.departments, name="departments"),
]
