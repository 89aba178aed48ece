"""A desk's queue: narrowed by the address bar, earliest deadline first, moved on one by one or many at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from linli.cases import queries
from linli.cases.actions import calls, filters
from linli.cases.queries import Filter
from linli.cases.words import Desk, Source, number_of
from linli.desk import asking, matter, moveforms, rows
from linli.desk.asking import for_staff
from linli.desk.context import DESK_ICONS
from linli.desk.web.home import capped
from linli.kernel import access, clock
from linli.kernel.access import Actor
from linli.kernel.errors import INTERNAL, MALFORMED, NOT_FOUND, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.kernel.web import invalid

BULK_MOST = 200
REFUSED_SHOWN = 8


@require_safe
@for_staff
def queue(request: HttpRequest, actor: Actor, name: str) -> HttpResponse:
    """The cases that wait at this desk; `?case=` shows one of them beside the list on a wide screen."""
    desk, at = asking.desk_of(name), clock.now()
    if not queries.watches(actor):
        raise Problem(NOT_FOUND)
    chosen = asking.filter_of(request.GET)
    page = queries.queue(actor, desk, chosen, at=at, after=request.GET.get("after", "")[:100])
    address = reverse("desk:queue", args=[desk.value])
    here = address + asking.query_of(request.GET)
    context: dict[str, Any] = {
        "desk": desk,
        "tabs": _tabs(actor, desk, at),
        "rows": [rows.row(case, at) for case in page.cases],
        "here": here,
        "next_url": address + asking.query_of(request.GET, after=page.after) if page.after else "",
        "first_url": here if request.GET.get("after") else "",
        "saved": _saved(actor, desk, request.GET),
        "bulk": _bulk(actor, desk),
        "bulk_id": uuid7(at),
        "fresh_url": _fresh_url(desk, request.GET),
        "now": at,
        **_filters(request.GET, chosen, actor),
    }
    context |= _selected(request.GET, actor, at, here)
    return render(request, "desk/queue.html", context)


def _selected(given: QueryDict, actor: Actor, at: datetime, here: str) -> dict[str, Any]:
    case_id = asking.uuid(given, "case")
    if case_id is None:
        return {"selected": None}
    case = queries.case_for(actor, case_id)
    return {"selected": case.id, **matter.context(case, actor, at, back=here)}


def _tabs(actor: Actor, desk: Desk, at: datetime) -> list[dict[str, Any]]:
    own = queries.desks_of(actor)
    counted = queries.desk_summaries(actor, own, at)
    found = [
        {
            "label": each.desk.label,
            "icon": DESK_ICONS[each.desk],
            "url": reverse("desk:queue", args=[each.desk.value]),
            "active": each.desk is desk,
            "count": capped(each.count),
            "alarm": each.overdue > 0,
        }
        for each in counted
    ]
    if desk not in own:
        address = reverse("desk:queue", args=[desk.value])
        found.append({"label": desk.label, "icon": DESK_ICONS[desk], "url": address, "active": True})
    return found


def _filters(given: QueryDict, chosen: Filter, actor: Actor) -> dict[str, Any]:
    unit, due = given.get("unit", ""), given.get("due", "")
    kind = queries.catalogue(None).kind(chosen.kind) if chosen.kind else None
    return {
        "q": chosen.words,
        "kind_typed": given.get("kind", "")[:100],
        "kind_found": kind,
        "units": asking.units_of(actor),
        "unit": unit,
        "sources": [(source.value, source.label) for source in Source],
        "source": chosen.source,
        "dues": list(asking.DUE.items()),
        "due": due,
        "mine": chosen.mine,
        "raised_only": chosen.raised,
        "narrowed": chosen != Filter(),
    }


def _saved(actor: Actor, desk: Desk, given: QueryDict) -> list[dict[str, Any]]:
    if actor.account_id is None:
        return []
    address, here = reverse("desk:queue", args=[desk.value]), asking.query_of(given)
    kept = [one for one in queries.saved_filters(actor.account_id) if one.desk == desk.value]
    return [
        {"id": one.id, "name": one.name, "url": address + one.query, "active": one.query == here}
        for one in kept
    ]


def _bulk(actor: Actor, desk: Desk) -> list[dict[str, Any]]:
    return [
        {
            "label": moveforms.titled(move.label),
            "icon": moveforms.ICONS[move.name],
            "url": reverse("desk:bulk", args=[desk.value, move.name]),
        }
        for move in queries.bulk_moves(desk)
        if any(True for _ in access.reach(actor, move.action))
    ]


def _fresh_url(desk: Desk, given: QueryDict) -> str:
    query = asking.query_of(given, mark=str(queries.journal_mark()))
    return reverse("desk:fresh", args=[desk.value]) + query


@require_safe
@for_staff
def fresh(request: HttpRequest, actor: Actor, name: str) -> HttpResponse:
    """A button when cases came or changed since the page was made; the page itself never moves under a reader."""
    desk, at = asking.desk_of(name), clock.now()
    mark = asking.whole(request.GET, "mark")
    number = queries.fresh_count(actor, desk, asking.filter_of(request.GET), mark or 0, at) if mark else 0
    address = reverse("desk:queue", args=[desk.value]) + asking.query_of(request.GET)
    again = request.get_full_path()
    return render(request, "desk/_fresh.html", {"number": number, "address": address, "fresh_url": again})


@require_POST
@for_staff
def bulk(request: HttpRequest, actor: Actor, name: str, move: str) -> HttpResponse:
    """Make one move on every chosen case, each in its own transaction; say how many were done and why not the
    others."""
    desk, at = asking.desk_of(name), clock.now()
    label = next((each.label for each in queries.bulk_moves(desk) if each.name == move), None)
    if label is None:
        raise Problem(NOT_FOUND)
    chosen = _chosen(request.POST)
    batch = asking.uuid(request.POST, "id") or uuid7(at)
    done, refused = 0, []
    for case_id in chosen:
        try:
            # From the batch's id, so that sending the same batch again moves nothing twice.
            calls.call(move, case_id, {"id": uuid5(batch, f"{move}{case_id}")}, by=actor, at=at)
            done += 1
        except Problem as problem:
            refused.append((case_id, problem))
    _say(request, actor, moveforms.titled(label), done, refused)
    return redirect(asking.back(request.POST, reverse("desk:queue", args=[desk.value])))


def _chosen(given: QueryDict) -> list[UUID]:
    values = list(dict.fromkeys(given.getlist("case")))
    if not values:
        raise invalid(case=Text("请先勾选案件", "Choose some cases first"))
    if len(values) > BULK_MOST:
        raise invalid(case=Text(f"一次最多 {BULK_MOST} 件", f"At most {BULK_MOST} at a time"))
    try:
        return [UUID(value) for value in values]
    except ValueError:
        raise Problem(MALFORMED) from None


def _say(
    request: HttpRequest, actor: Actor, label: Text, done: int, refused: list[tuple[UUID, Problem]]
) -> None:
    if any(problem.error is INTERNAL for _, problem in refused):
        raise refused[0][1]
    if done:
        text = Text("{label}:{n} 件已办", "{label}: {n} done").fill(label=label, n=done)
        messages.success(request, str(text))
    if not refused:
        return
    visible = queries.visible_to(actor).filter(pk__in=[case_id for case_id, _ in refused])
    numbers = {case.id: number_of(case.serial, case.reported_at) for case in visible}
    head = Text("{label}:{n} 件未办", "{label}: {n} not done").fill(label=label, n=len(refused))
    lines = [f"{numbers.get(case_id, '?')}:{problem.title}" for case_id, problem in refused[:REFUSED_SHOWN]]
    if len(refused) > REFUSED_SHOWN:
        lines.append("…")
    messages.warning(request, f"{head} — {'; '.join(lines)}")


@require_POST
@for_staff
def keep(request: HttpRequest, actor: Actor, name: str) -> HttpResponse:
    """Keep the present filter under a name."""
    desk = asking.desk_of(name)
    query = asking.query_of(QueryDict(request.POST.get("query", "").lstrip("?")[:1000]))
    filters.keep_filter(desk=desk, name=asking.text(request.POST, "name", 200), query=query, by=actor)
    messages.success(request, str(Text("筛选已保存", "The filter is kept")))
    return redirect(reverse("desk:queue", args=[desk.value]) + query)


@require_POST
@for_staff
def drop(request: HttpRequest, actor: Actor, filter_id: UUID) -> HttpResponse:
    """Forget one of one's own filters."""
    desk = filters.drop_filter(filter_id, by=actor)
    return redirect(asking.back(request.POST, reverse("desk:queue", args=[desk])))
