"""The demo's page: who lives in 禾泾镇, sign in as any of them, what was sent to telephones."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from linli.notices import queries as notices
from linli.people import queries as people
from linli.project.demo.people import BEHIND, NAMED, RESIDENT_PHONE
from linli.project.server import is_loopback

SHOWN_MESSAGES = 12
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The nine people with what to try, and the latest messages with their codes."""
    _only_here(request)
    context = {
        "people": NAMED,
        "behind": BEHIND,
        "messages_sent": notices.recent_demo(SHOWN_MESSAGES),
        "signed_in": people.actor_of(request).name,
        "phone": RESIDENT_PHONE,
    }
    return render(request, "demo/people.html", context)


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of them, and go to where they begin."""
    _only_here(request)
    wanted = request.POST.get("username", "")
    person = next((p for p in (*NAMED, *BEHIND) if p.username == wanted), None)
    account = get_user_model().objects.filter(username=wanted, is_active=True).first() if person else None
    if person is None or account is None:
        raise Http404
    login(request, account, backend=_BACKEND)
    return HttpResponseRedirect(person.start)


def _only_here(request: HttpRequest) -> None:
    """This page exists in the demo alone, and only for this machine."""
    if not settings.DEMO or not is_loopback(str(request.META.get("REMOTE_ADDR", ""))):
        raise Http404
