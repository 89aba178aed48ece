"""Addresses of joint."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "joint"
urlpatterns: list[URLPattern] = []
