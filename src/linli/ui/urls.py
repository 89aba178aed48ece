"""Addresses of the reader's own choices; the gallery of widgets only in the demo and in tests."""

from __future__ import annotations

from django.conf import settings
from django.urls import path

from linli.ui import views

urlpatterns = [
    path("settings/language", views.set_language, name="set-language"),
    path("settings/theme", views.set_theme, name="set-theme"),
]
if settings.DEMO or settings.TESTING:
    urlpatterns.append(path("ui/gallery", views.gallery, name="ui-gallery"))
