"""A resident proves a telephone number: number, code, done. Here and not in people, because codes are sent."""

from __future__ import annotations

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from linli.kernel import clock
from linli.kernel.errors import Problem
from linli.kernel.fields import Unreadable, decrypt, encrypt, mask_phone
from linli.kernel.text import Text
from linli.notices import actions
from linli.notices.forms import CodeForm, PhoneForm
from linli.people import actions as people
from linli.people.queries import RESIDENT_IN_SESSION, actor_of

PHONE_IN_SESSION = "linli.phone"
PLACE = "session|phone"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    """Ask for the number and send a code to it."""
    form = PhoneForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                issued = actions.send_phone_code(
                    phone=form.cleaned_data["phone"],
                    sender=request.META.get("REMOTE_ADDR", ""),
                    at=clock.now(),
                )
            except Problem as problem:
                status = _say(form, "phone", problem)
            else:
                request.session[PHONE_IN_SESSION] = encrypt(issued.phone, PLACE).hex()
                return redirect(_with_next("notices:phone-code", request))
    return render(request, "notices/phone.html", {"form": form, "next": _next(request)}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Take the code; afterwards the session is the resident's, under a new key, and goes on to `next`."""
    number = _number(request)
    if number is None:
        return redirect(_with_next("notices:phone", request))
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                resident = people.verify_phone_code(
                    phone=number, code=form.cleaned_data["code"], at=clock.now()
                )
            except Problem as problem:
                status = _say(form, "code", problem)
            else:
                request.session.cycle_key()
                del request.session[PHONE_IN_SESSION]
                request.session[RESIDENT_IN_SESSION] = str(resident.id)
                return redirect(_next(request))
    masked = mask_phone(number.removeprefix("+86"))
    context = {
        "form": form,
        "masked": masked,
        "next": _next(request),
        "again": _with_next("notices:phone", request),
    }
    return render(request, "notices/code.html", context, status=status)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """The session is nobody's any more; a signed-in account stays signed in."""
    if actor_of(request).kind == "resident":
        request.session.flush()
    return redirect("/")


def _say(form: Form, field: str, problem: Problem) -> int:
    said = Text("{what}。{todo}", "{what}. {todo}").fill(what=problem.title, todo=problem.error.hint)
    form.add_error(field, str(said))
    return problem.error.status


def _number(request: HttpRequest) -> str | None:
    kept = request.session.get(PHONE_IN_SESSION)
    try:
        return decrypt(bytes.fromhex(kept), PLACE) if kept else None
    except Unreadable:
        return None


def _next(request: HttpRequest) -> str:
    """Where to go on: an address of this house, else the front page."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if here else "/"


def _with_next(name: str, request: HttpRequest) -> str:
    return f"{reverse(name)}?{urlencode({'next': _next(request)})}"
