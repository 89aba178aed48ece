"""Addresses of responsibility."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "responsibility"
urlpatterns: list[URLPattern] = []
