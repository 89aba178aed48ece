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
from django.views.decorators.http import require_http_methods, require_POST

from linli.cases import queries
from linli.cases.actions import opening, settle_now
from linli.cases.words import EVIDENCE_MISSING, NUMBER_TAKEN, Source, number_of
from linli.desk import asking, callers
from linli.desk.asking import for_staff
from linli.intake.actions import suggestions as choices
from linli.kernel import access, clock, throttle
from linli.kernel.access import Actor
from linli.kernel.errors import INTERNAL, INVALID, MALFORMED, NOT_ALLOWED, RETRY_DIFFERS, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people import actions as people_actions
from linli.people import queries as people
from linli.territory import queries as territory

SOURCES = (
    Source.PHONE, Source.WALK_IN, Source.HOTLINE, Source.POLICE, Source.LETTER, Source.MEDIA, Source.GRID, Source.PATROL,
)  # fmt: skip
DOOR_ICONS = {
    Source.PHONE: "phone", Source.WALK_IN: "walk", Source.HOTLINE: "headset", Source.POLICE: "shield",
    Source.LETTER: "mail", Source.MEDIA: "news", Source.GRID: "map-pin", Source.PATROL: "eye",
}  # fmt: skip
FROM_PEOPLE = frozenset({Source.PHONE, Source.WALK_IN, Source.HOTLINE, Source.POLICE, Source.LETTER})


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
    transfer = forms.ChoiceField(required=False, choices=lambda: _ways_out())
    settle = forms.BooleanField(required=False)
    result = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


NO_KIND = Text("请选一个推荐的类别,或在“其他类别”中填写", "Choose a suggested kind, or write another one")
NAME_ALONE = Text(
    "称呼和电话一起保存:请填写电话,没有电话请清空称呼",
    "The name is kept with the telephone: give it, or leave the name empty",
)
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
    "transfer": (
        Text("转给谁", "To whom"),
        Text("登记后立即转出,来电人会得到通知。", "Passed on as soon as it is taken in; the caller is told."),
    ),
    "settle": (Text("当场已办结(自处置即办)", "Already settled on the spot"), None),
    "result": (Text("处置结果", "What was done"), None),
}


def _ways_out() -> list[tuple[str, str]]:
    return [
        ("", str(Text("不转出,由本镇办理", "Not passed on: the town handles it"))),
        *((reason.code, str(reason.label)) for reason in queries.reasons("transfer_out")),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Take in a matter; with `settle`, report and settle it in one step."""
    if not queries.may_take_in(actor):
        raise Problem(NOT_ALLOWED)
    at = clock.now()
    if request.method != "POST":
        form = IntakeForm(initial={"source": _door(request, actor)})
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


def _door(request: HttpRequest, actor: Actor) -> Source:
    """The door that the address names, else the usual one of whoever asks."""
    named = request.GET.get("door", "")
    if named in {source.value for source in SOURCES}:
        return Source(named)
    return Source.PHONE if _for_others(actor) else Source.GRID


def _for_others(actor: Actor) -> bool:
    """Whether they take in what others found; the grid's posts take in what they find themselves."""
    return any(True for _ in access.reach(actor, "case.intake_any"))


def _take_in(
    request: HttpRequest, actor: Actor, data: dict[str, Any], kept: dict[str, list[UUID]], at: datetime
) -> opening.Opened:
    given = request.POST
    resident = None
    if not asking.text(given, "kind", 20) and not asking.text(given, "kind_other", 100):
        raise Problem(INVALID, fields={"kind": NO_KIND})
    if data["name"].strip() and not data["phone"].strip():
        raise Problem(INVALID, fields={"name": NAME_ALONE})
    if data["phone"].strip():
        resident = people_actions.register_resident(
            phone=data["phone"], by=actor, at=at, name=data["name"]
        ).id
    number = data["source_number"].strip()
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
        source_number=number or None,
    )
    try:
        return _opened(report, given, data, kept["after"], actor, at)
    except Problem as problem:
        if problem.error is RETRY_DIFFERS and (known := _known(report, actor)) is not None:
            ours = number_of(known.serial, known.reported_at)
            said = {"source_number": NUMBER_TAKEN.title.fill(number=ours)}
            raise Problem(NUMBER_TAKEN, number=ours, fields=said) from problem
        raise


def _known(report: opening.Report, actor: Actor) -> queries.Case | None:
    """Another matter that was taken in from this source under this number, if the actor may see it."""
    found = queries.case_numbered(actor, report.source_number or "")
    same = found is not None and found.source == report.source.value and found.id != report.id
    return found if same else None


def _opened(
    report: opening.Report,
    given: QueryDict,
    data: dict[str, Any],
    after: list[UUID],
    actor: Actor,
    at: datetime,
) -> opening.Opened:
    if data["settle"]:
        if not data["result"].strip():
            raise Problem(EVIDENCE_MISSING, fields={"result": Text("请写处置结果", "Say what was done")})
        return settle_now.open_and_settle(report, result=data["result"], photos=after, by=actor, at=at)
    into = asking.uuid(given, "into")
    if data["transfer"]:
        return settle_now.open_and_transfer(report, reason=data["transfer"], by=actor, at=at)
    if into is not None:
        return settle_now.open_and_merge(report, into=into, by=actor, at=at)
    opened = opening.open_case(report, by=actor, at=at)
    if not opened.repeated:
        suggested = asking.text(given, "suggested", 200).split()
        choices.note_choice(case_id=opened.id, shown=suggested, chosen=report.kind, at=at, by=actor)
    return opened


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
        "doors": _doors(actor, form),
        "caller": bool(form["source"].value() in FROM_PEOPLE),
        "for_others": _for_others(actor),
        "into": given.get("into", ""),
        "into_error": wrong.pop("into", ""),
        "kind_value": given.get("kind", ""),
        "kind_other": given.get("kind_other", ""),
        "kind_error": wrong.pop("kind", ""),
        "lng": given.get("lng", ""),
        "lat": given.get("lat", ""),
        "place_error": wrong.pop("lng", "") or wrong.pop("lat", ""),
        "kept": {name: [str(one) for one in ids] for name, ids in (kept or {}).items()},
        "photo_error": wrong.pop("photos", "") or wrong.pop("file", ""),
        "wrong": list(wrong.values()),
        "known": problem.params.get("number") if problem and problem.error is NUMBER_TAKEN else None,
        "problem": problem,
        "may_settle": any(True for _ in access.reach(actor, "case.settle")),
        "units": reverse("desk:map-units"),
        "places": reverse("desk:map-places"),
        **_centre(actor),
        "now": at,
    }
    return render(request, "desk/new.html", context, status=status)


def _doors(actor: Actor, form: IntakeForm) -> list[dict[str, Any]]:
    """The doors through which the actor takes matters in, as tabs."""
    own = SOURCES if _for_others(actor) else (Source.GRID, Source.PATROL)
    here, now = reverse("desk:new"), str(form["source"].value())
    return [
        {
            "label": one.label,
            "icon": DOOR_ICONS[one],
            "url": f"{here}?door={one.value}",
            "active": one.value == now,
        }
        for one in own
    ]


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


@require_POST
@for_staff
def caller(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What the number that is being typed reported before. By POST, so that it stands in no log of addresses; how many
    numbers one clerk may look up in an hour is bounded."""
    if not _for_others(actor):
        raise Problem(NOT_ALLOWED)
    phone, at = asking.text(request.POST, "phone", 30), clock.now()
    context: dict[str, Any] = {"said": False, "caller": None, "now": at}
    if people.is_phone(phone):
        throttle.hold("caller", str(actor.account_id), queries.bound("lookups_per_hour"), at=at)
        context |= {"said": True, "caller": callers.caller(actor, phone, at)}
    answer = render(request, "desk/_caller.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer
