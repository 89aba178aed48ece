"""A matter that staff take in for somebody: a caller, a visitor, their own patrol."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from linli.cases import queries
from linli.cases.actions import opening, settle_now
from linli.cases.queries import Kind
from linli.cases.words import EVIDENCE_MISSING, Source
from linli.desk import asking
from linli.desk.asking import for_staff
from linli.kernel import access, clock
from linli.kernel.access import Actor
from linli.kernel.errors import INTERNAL, MALFORMED, NOT_ALLOWED, RETRY_DIFFERS, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people import actions as people_actions
from linli.territory import queries as territory

SOURCES = (Source.HOTLINE, Source.POLICE, Source.WALK_IN, Source.GRID, Source.PATROL, Source.MEDIA)
SUGGESTED = 6


class IntakeForm(forms.Form):
    """What staff fill in; the place, the kind and the pictures have widgets of their own."""

    def __init__(self, data: QueryDict | None = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        for name, (label, help_text) in LABELS.items():
            self.fields[name].label = str(label)
            self.fields[name].help_text = str(help_text) if help_text else ""

    source = forms.ChoiceField(choices=lambda: [(source.value, str(source.label)) for source in SOURCES])
    source_number = forms.CharField(required=False, max_length=64)
    text = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 4, "maxlength": 4000}))
    address = forms.CharField(required=False, max_length=200)
    phone = forms.CharField(required=False, max_length=30, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    name = forms.CharField(required=False, max_length=40)
    settle = forms.BooleanField(required=False)
    result = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


LABELS: dict[str, tuple[Text, Text | None]] = {
    "source": (Text("来源", "Source"), None),
    "source_number": (
        Text("来源编号", "The source's number"),
        Text(
            "如 12345 工单号;同一编号只登记一次。",
            "Such as the hotline's ticket; one number is taken in once.",
        ),
    ),
    "text": (Text("情况", "What is the matter"), None),
    "address": (
        Text("地址", "Address"),
        Text("地图上没有选点时,按地址定位。", "Used to locate it when no place is picked on the map."),
    ),
    "phone": (
        Text("诉求人电话", "The reporter's telephone"),
        Text("加密保存,平时只显示一部分。", "Kept encrypted and shown masked."),
    ),
    "name": (Text("诉求人称呼", "The reporter's name"), None),
    "settle": (Text("当场已办结(自处置即办)", "Already settled on the spot"), None),
    "result": (Text("处置结果", "What was done"), None),
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Take in a matter; with `settle`, report and settle it in one step."""
    if not queries.may_take_in(actor):
        raise Problem(NOT_ALLOWED)
    at = clock.now()
    if request.method != "POST":
        grid = actor.holds("grid_worker") or actor.holds("grid_lead")
        form = IntakeForm(initial={"source": Source.GRID if grid else Source.HOTLINE})
        return _page(request, actor, form, at)
    form = IntakeForm(request.POST)
    if not form.is_valid():
        return _page(request, actor, form, at, status=422)
    kept: dict[str, list[UUID]] = {"photos": [], "after": []}
    try:
        for name in kept:
            kept[name] = asking.pictures(request, actor, at, name)
        opened = _take_in(request, actor, form.cleaned_data, kept, at)
    except Problem as problem:
        if problem.error.status in {401, 403, 404} or problem.error is INTERNAL:
            raise
        return _page(request, actor, form, at, status=problem.error.status, problem=problem, kept=kept)
    said = Text("已登记,编号 {number}", "Taken in under {number}").fill(number=opened.number)
    messages.success(request, str(said))
    return redirect("desk:case", case_id=opened.id)


def _take_in(
    request: HttpRequest, actor: Actor, data: dict[str, Any], kept: dict[str, list[UUID]], at: datetime
) -> opening.Opened:
    given = request.POST
    resident = None
    if data["phone"].strip():
        resident = people_actions.register_resident(
            phone=data["phone"], by=actor, at=at, name=data["name"]
        ).id
    report = opening.Report(
        id=asking.uuid(given, "id") or uuid7(at),
        source=Source(data["source"]),
        kind=_kind(given),
        text=data["text"],
        lng=_degrees(given, "lng"),
        lat=_degrees(given, "lat"),
        address=data["address"],
        photos=tuple(kept["photos"]),
        reporter_id=resident,
        source_number=data["source_number"].strip() or None,
    )
    if data["settle"]:
        if not data["result"].strip():
            raise Problem(EVIDENCE_MISSING, fields={"result": Text("请写处置结果", "Say what was done")})
        return settle_now.open_and_settle(
            report, result=data["result"], photos=kept["after"], by=actor, at=at
        )
    return opening.open_case(report, by=actor, at=at)


def _kind(given: Any) -> str:
    other = asking.text(given, "kind_other", 100)
    return asking.kind_code(other) if other else asking.text(given, "kind", 20)


def _degrees(given: Any, name: str) -> float | None:
    value = given.get(name, "").strip()
    if not value:
        return None
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not abs(number) <= 360:
        raise Problem(MALFORMED)
    return number


def _page(
    request: HttpRequest,
    actor: Actor,
    form: IntakeForm,
    at: datetime,
    *,
    status: int = 200,
    problem: Problem | None = None,
    kept: dict[str, list[UUID]] | None = None,
) -> HttpResponse:
    wrong = dict(problem.fields) if problem else {}
    for name in [name for name in wrong if name in form.fields]:
        form.add_error(name, str(wrong.pop(name)))
    given = request.POST
    again = problem is None or problem.error is not RETRY_DIFFERS
    context: dict[str, Any] = {
        "form": form,
        "write_id": (given.get("id") if again else None) or uuid7(at),
        "kinds": [_card(kind) for kind in _suggested(given.get("text", ""), given.get("kind", ""))],
        "kind_value": given.get("kind", ""),
        "kind_other": given.get("kind_other", ""),
        "kind_error": wrong.pop("kind", ""),
        "lng": given.get("lng", ""),
        "lat": given.get("lat", ""),
        "place_error": wrong.pop("lng", "") or wrong.pop("lat", ""),
        "kept": {name: [str(one) for one in ids] for name, ids in (kept or {}).items()},
        "photo_error": wrong.pop("photos", "") or wrong.pop("file", ""),
        "wrong": list(wrong.values()),
        "problem": problem,
        "may_settle": any(True for _ in access.reach(actor, "case.settle")),
        "units": reverse("desk:map-units"),
        "places": reverse("desk:map-places"),
        **_centre(actor),
        "now": at,
    }
    return render(request, "desk/new.html", context, status=status)


def _centre(actor: Actor) -> dict[str, Any]:
    """The middle of the unit where the actor works, so that the map begins at the right place."""
    tree = territory.snapshot()
    for post in actor.posts:
        unit = tree.unit(post.unit_id)
        shape = tree.shapes.get(unit.index) if unit else None
        if shape is not None:
            point = shape.representative_point()
            return {
                "center_lng": round(point.x, 5),
                "center_lat": round(point.y, 5),
                "zoom": 11 + (unit.depth if unit else 0),
            }
    return {}


@require_safe
@for_staff
def kinds(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The kinds that the words typed so far suggest, as cards."""
    words = asking.text(request.GET, "text", 4000)
    chosen = request.GET.get("kind", "")[:20]
    cards = [_card(kind) for kind in _suggested(words, chosen)]
    return render(request, "desk/_kinds.html", {"kinds": cards, "kind_value": chosen})


def _suggested(words: str, chosen: str) -> list[Kind]:
    book = queries.catalogue(None)
    first = book.kind(chosen)
    found = book.search(words, limit=SUGGESTED) if words.strip() else []
    return [*([first] if first else []), *(kind for kind in found if kind is not first)]


def _card(kind: Kind) -> dict[str, Any]:
    settle = Text("{code} · {major} · 可自处置", "{code} · {major} · may be settled on the spot")
    plain = Text("{code} · {major}", "{code} · {major}")
    note = (settle if kind.settle else plain).fill(code=kind.code, major=kind.major.name)
    return {"value": kind.code, "label": kind.name, "note": note}
