"""Every address of the town, by audience."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("linli.ui.urls")),
]

handler400 = "linli.kernel.web.malformed"
handler403 = "linli.kernel.web.refused"
handler404 = "linli.kernel.web.not_found"
handler500 = "linli.kernel.web.fault"
