"""Every address of the town, by audience."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path

from linli.project import reference
from linli.project.api import api


def missing(request: HttpRequest, page: str) -> HttpResponse:
    """A page that the town does not have."""
    raise Http404(page)


urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("", include("linli.ui.urls")),
    path("", include("linli.portal.urls")),
    path("", include("linli.intake.urls")),
    path("", include("linli.joint.urls")),
    path("", include("linli.consultation.urls")),
    path("", include("linli.followup.urls")),
    path("", include("linli.responsibility.urls")),
    path("", include("linli.desk.urls")),
    path("", include("linli.people.urls")),
    path("", include("linli.notices.urls")),
    # A town need not have mail: the pages of allauth that would send it do not exist.
    re_path(r"^accounts/(email|confirm-email|password/reset|password/set|login/code)", missing),
    path("accounts/", include("allauth.urls")),
    path("admin/", reference.site.urls),
]
if settings.DEMO:
    urlpatterns.append(path("", include("linli.project.demo.urls")))

handler400 = "linli.kernel.web.malformed"
handler403 = "linli.kernel.web.refused"
handler404 = "linli.kernel.web.not_found"
handler500 = "linli.kernel.web.fault"
