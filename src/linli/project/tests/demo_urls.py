"""The town's addresses with those of the demo, as they are when it runs with LINLI_DEMO=1."""

from __future__ import annotations

from django.urls import include, path

from linli.project.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500"]
urlpatterns = [*urlpatterns, path("", include("linli.project.demo.urls"))]
