"""The reader's own choices for all pages: language and light or dark. Kept in cookies, not in the account."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from linli.ui import gallery as samples
from linli.ui.words import THEME_COOKIE, THEMES

_YEAR = 365 * 24 * 3600


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language (`zh-hans` or `en`; anything else changes nothing) and return to `next`."""
    answer = _back(request)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        _remember(answer, settings.LANGUAGE_COOKIE_NAME, language)
    return answer


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark, or follow the system again (any other value), and return to `next`."""
    answer = _back(request)
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        _remember(answer, THEME_COOKIE, theme)
    else:
        answer.delete_cookie(THEME_COOKIE, samesite="Lax")
    return answer


@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """Every widget and part on one page, for looking at them and for the accessibility check."""
    return render(request, f"ui/gallery_{samples.shell(request)}.html", samples.page())


def _back(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next", "")
    # Only a path of this site: an address from elsewhere would make the switch an open redirect.
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None) or not target.startswith("/"):
        target = "/"
    return HttpResponseRedirect(target)


def _remember(answer: HttpResponse, name: str, value: str) -> None:
    answer.set_cookie(name, value, max_age=_YEAR, samesite="Lax", secure=settings.HTTPS)
