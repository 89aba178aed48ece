"""Where a working day begins: what waits, what is late, what was said."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from linli.cases import queries
from linli.desk import rows, tools
from linli.desk.asking import for_staff
from linli.desk.context import DESK_ICONS
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.notices import actions as notices
from linli.notices import queries as told

MESSAGES_SHOWN = 12


def capped(number: int) -> str:
    """A count as it is shown: 500+ beyond the cap."""
    return f"{queries.COUNT_CAP}+" if number > queries.COUNT_CAP else str(number)


@require_safe
@for_staff
def home(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The actor's desks with counts, what was raised to them, and their messages."""
    at = clock.now()
    desks = [
        {
            "label": each.desk.label,
            "icon": DESK_ICONS[each.desk],
            "url": reverse("desk:queue", args=[each.desk.value]),
            "count": capped(each.count),
            "overdue": each.overdue and capped(each.overdue),
            "soon": each.soon and capped(each.soon),
        }
        for each in queries.desk_summaries(actor, queries.desks_of(actor), at)
    ]
    messages = told.messages_for(actor, MESSAGES_SHOWN)
    context = {
        "actor": actor,
        "desks": desks,
        "to_decide": [rows.row(case, at) for case in queries.to_decide(actor, most=10)],
        "raised": [rows.row(case, at) for case in queries.raised_to_me(actor, most=10)],
        "notices": messages,
        "seen": queries.seen(actor, {message.about for message in messages if message.about}),
        "unread": sum(1 for message in messages if message.unread),
        "may_take_in": queries.may_take_in(actor),
        "now": at,
    }
    return render(request, "desk/home.html", context)


@require_safe
@for_staff
def more(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every page beside the queues that opens for the actor."""
    return render(request, "desk/tools.html", {"groups": tools.groups(actor), "now": clock.now()})


@require_POST
@for_staff
def read(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The messages that were shown are read."""
    shown = told.messages_for(actor, MESSAGES_SHOWN)
    notices.mark_read(notice_ids=[message.id for message in shown], by=actor, at=clock.now())
    return redirect("desk:home")
