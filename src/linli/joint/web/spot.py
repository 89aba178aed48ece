"""On the spot: the code and its QR for whoever called, and reporting in for whoever comes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from linli.cases import queries as cases
from linli.joint import actions, queries, rules
from linli.joint.forms import CodeForm
from linli.joint.models import Whistle
from linli.joint.web.asking import for_staff, fresh_id, number, tried, write_id
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_ALLOWED, Problem
from linli.kernel.text import Text

ARRIVED = Text("已报到,谢谢您到场", "You are reported in. Thank you for coming")


@require_safe
@for_staff
def board(request: HttpRequest, actor: Actor, whistle_id: UUID) -> HttpResponse:
    """The code and its QR, to be shown on the spot; asked for by the page itself (htmx), only these two."""
    found = queries.spot_for(actor, whistle_id)
    context = _code(found) | {"row": queries.rows([found])[0], "whistle": found, "now": clock.now()}
    small = request.headers.get("HX-Request") == "true"
    answer = render(request, "joint/_code.html" if small else "joint/board.html", context)
    answer.headers["Vary"] = "HX-Request"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _code(found: Whistle) -> dict[str, Any]:
    at = clock.now()
    code = queries.code_at(found.id, at)
    address = f"{settings.SITE_ADDRESS}{reverse('joint:report-in', args=[found.id])}?code={code}"
    drawn = segno.make(address, error="m", micro=False)
    return {
        "code": code,
        "qr": _picture(drawn),
        "left": rules.seconds_left(at, queries.code_seconds()),
        "address": reverse("joint:board", args=[found.id]),
    }


def _picture(drawn: segno.QRCode) -> SafeString:
    """The QR as an SVG that is never wider than the screen."""
    inline = drawn.svg_inline(border=3, dark="#000", light="#fff", omitsize=True, svgclass="img-fluid")
    return SafeString(inline.replace("<svg ", '<svg width="280" ', 1))


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def report_in(request: HttpRequest, actor: Actor, whistle_id: UUID) -> HttpResponse:
    """Report in, usually by telephone, from the address in the QR. Opening it changes nothing yet."""
    at = clock.now()
    found = queries.whistle_for(actor, whistle_id)
    part = queries.own_part(actor, found, cases.parts_of(found.case_id))
    if part is None:
        raise Problem(NOT_ALLOWED)
    form, status = CodeForm(initial={"code": request.GET.get("code", "")[:12]}), 200
    if request.method == "POST":
        form = CodeForm(request.POST)
        lng, lat = number(request.POST, "lng"), number(request.POST, "lat")
        problem = tried(request, form, lambda data: actions.report_in(
            whistle_id, code=data["code"], by=actor, at=at, lng=lng, lat=lat, id=write_id(request.POST)), ARRIVED)  # fmt: skip
        if problem is None:
            return redirect("joint:part", part_id=part.id)
        status = problem.error.status
    context = {
        "row": queries.rows([found])[0], "whistle": found, "part": cases.part_row(part, at), "form": form,
        "there": part.arrived_at, "write_id": request.POST.get("id") or fresh_id(), "now": at,
        "lng": request.POST.get("lng", ""), "lat": request.POST.get("lat", ""), "case": found.case,
    }  # fmt: skip
    return render(request, "joint/report_in.html", context, status=status)
