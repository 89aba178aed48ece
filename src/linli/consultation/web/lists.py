"""The lists: what waits for me, what is to be decided, what I asked, what is over."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.consultation import queries
from linli.consultation.web.common import staff
from linli.kernel import clock
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.text import Text

TABS = {
    "waiting": (Text("待我答复", "Waiting for me"), "message"),
    "decide": (Text("待我决定", "For me to decide"), "gavel"),
    "asked": (Text("我发起的", "Asked by me"), "send"),
    "ended": (Text("已结束", "Over"), "archive"),
}


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """The consultations that concern the reader; without a choice the first list that is not empty."""
    actor, at = staff(request), clock.now()
    counts = queries.counts(actor, at)
    chosen = request.GET.get("show", "") or next((name for name in TABS if counts[name]), "waiting")
    if chosen not in TABS:
        raise Problem(NOT_FOUND)
    here = reverse("consultation:list")
    tabs = [
        {"label": label, "icon": icon, "url": f"{here}?show={name}", "active": name == chosen, "count": counts[name],
         "alarm": name in {"waiting", "decide"} and counts[name] > 0}
        for name, (label, icon) in TABS.items()
    ]  # fmt: skip
    context = {"tabs": tabs, "chosen": chosen, "lines": queries.lines(chosen, actor, at), "now": at}
    return render(request, "consultation/list.html", context)
