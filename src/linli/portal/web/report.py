"""Reporting a matter: what, where, which kind, and whether one wants to be told. Done in under a minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from linli.cases import queries as cases
from linli.cases.actions import bounds, opening
from linli.kernel import clock, files, rulebook, throttle
from linli.kernel.errors import RETRY_DIFFERS, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.queries import actor_of
from linli.portal import drafts
from linli.portal.forms import WhatForm, WhereForm
from linli.portal.words import SENT_ALREADY
from linli.territory import queries as territory

STEPS = 4


@require_http_methods(["GET", "HEAD", "POST"])
def what(request: HttpRequest) -> HttpResponse:
    """Photos, and a few words."""
    draft = drafts.of(request)
    form = WhatForm(request.POST if request.method == "POST" else None, initial={"text": draft.text})
    wrong: Text | None = None
    if request.method == "POST":
        draft.text = request.POST.get("text", "")[:1000]
        draft.photos = [p for p in draft.photos if p not in request.POST.getlist("drop")]
        wrong = _add_photos(request, draft, request.FILES.getlist("photos"))
        drafts.keep(request, draft)
        if form.is_valid() and wrong is None and "drop" not in request.POST:
            draft.text = form.cleaned_data["text"]
            drafts.keep(request, draft)
            return redirect("portal:report-where")
    most = files.counts()["per_matter"]
    context = {"form": form, "draft": draft, "step": 1, "steps": STEPS, "photo_error": wrong, "most": most}
    return render(request, "portal/report_what.html", context, status=422 if form.errors or wrong else 200)


def _add_photos(request: HttpRequest, draft: drafts.Draft, sent: Sequence[UploadedFile]) -> Text | None:
    """Keep the photos that are good; what is wrong with the first that is not."""
    actor, at = actor_of(request), clock.now()
    most = files.counts()["per_matter"]
    room = most - len(draft.photos)
    wrong = Text(f"最多 {most} 张照片", f"At most {most} photos") if len(sent) > room else None
    for each in sent[:room]:
        try:
            throttle.hold(
                "upload", request.META.get("REMOTE_ADDR", ""), cases.bound("uploads_per_hour"), at=at
            )
            kept = files.take_upload(each, by=actor.account_id, at=at, session=drafts.sender(request))
        except Problem as problem:
            name = each.name or ""
            said = next(iter(problem.fields.values()), problem.title)
            wrong = wrong or Text(
                f"{name}:{said.zh}。{problem.error.hint.zh}", f"{name}: {said.en}. {problem.error.hint.en}"
            )
        else:
            if str(kept.id) not in draft.photos:
                draft.photos.append(str(kept.id))
    return wrong


@require_http_methods(["GET", "HEAD", "POST"])
def where(request: HttpRequest) -> HttpResponse:
    """The place: a tap on the map, one's own position, or the address in words."""
    draft = drafts.of(request)
    if not draft.text:
        return redirect("portal:report")
    form = WhereForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        draft.lng, draft.lat = form.cleaned_data["lng"], form.cleaned_data["lat"]
        draft.address = form.cleaned_data["address"]
        drafts.keep(request, draft)
        return redirect("portal:report-kind")
    shown = (
        form.data
        if request.method == "POST"
        else {"lng": draft.lng, "lat": draft.lat, "address": draft.address}
    )
    context = {"form": form, "draft": draft, "shown": shown, "step": 2, "steps": STEPS, **_map()}
    return render(request, "portal/report_where.html", context, status=422 if form.errors else 200)


def _map() -> dict[str, object]:
    """Where the map opens: on the town."""
    box, tops = territory.extent(), territory.snapshot().roots()
    units = reverse("api:boundaries") + (f"?parent={tops[0].id}" if len(tops) == 1 else "")
    if box is None:
        return {"units_url": units}
    west, south, east, north = box
    return {"units_url": units, "centre_lng": (west + east) / 2, "centre_lat": (south + north) / 2}


@require_http_methods(["GET", "HEAD", "POST"])
def kind(request: HttpRequest) -> HttpResponse:
    """The kind of matter: the likeliest ones to choose from, a search, or "something else"."""
    draft = drafts.of(request)
    if not draft.text or not draft.placed:
        return redirect("portal:report")
    catalogue = cases.catalogue(None)
    wrong: Text | None = None
    if request.method == "POST" and "search" not in request.POST:
        chosen = catalogue.kind(request.POST.get("kind", ""))
        if chosen is not None and chosen.public:
            draft.kind = chosen.code
            drafts.keep(request, draft)
            return redirect("portal:report-send")
        wrong = Text("请选一项。", "Choose one.")
    words = request.POST.get("q", "")[:100].strip() or draft.text
    offered = rulebook.table("portal")["kinds"]
    found = catalogue.search(words, limit=offered["suggested"], public=True)
    other = catalogue.kind(offered["other"])
    options = [_option(each) for each in found]
    if other is not None and other not in found:
        options.append(_option(other))
    value = draft.kind or (options[0]["value"] if options else "")
    context = {
        "draft": draft, "options": options, "value": value, "wrong": wrong, "step": 3, "steps": STEPS,
        "q": request.POST.get("q", "")[:100], "label": Text("这是哪一类事?", "Which kind of matter is it?"),
    }  # fmt: skip
    return render(request, "portal/report_kind.html", context, status=422 if wrong else 200)


def _option(each: cases.Kind) -> dict[str, object]:
    return {"value": each.code, "label": each.name, "note": each.major.name}


@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    """Read it once more, leave a number or not, send. Pressing twice sends once."""
    draft = drafts.of(request)
    if not draft.kind:
        done = drafts.last_sent(request)
        return redirect("portal:track", *done) if done else redirect("portal:report")
    actor, at = actor_of(request), clock.now()
    refused: Problem | None = None
    if request.method == "POST":
        try:
            opened = _send(request, draft, actor.resident_id)
        except Problem as problem:
            refused = problem
        else:
            drafts.sent(request, opened.number, opened.tracking)
            return redirect(f"{reverse('portal:track', args=[opened.number, opened.tracking])}?new=1")
    chosen = cases.catalogue(None).kind(draft.kind)
    context = {
        "draft": draft, "matter": chosen, "step": 4, "steps": STEPS, "now": at, "refused": refused,
        "phone": people.masked_phone_of(actor.resident_id) if actor.resident_id else "",
        "place": _place(draft),
    }  # fmt: skip
    return render(
        request, "portal/report_send.html", context, status=refused.error.status if refused else 200
    )


def _send(request: HttpRequest, draft: drafts.Draft, resident: UUID | None) -> opening.Opened:
    actor, at = actor_of(request), clock.now()
    bounds.hold_report(by=actor, sender=request.META.get("REMOTE_ADDR", ""), at=at)
    try:
        return opening.open_case(draft.report(resident), by=actor, at=at, session=drafts.sender(request))
    except Problem as problem:
        if problem.error is not RETRY_DIFFERS:
            raise
        # The first sending arrived and its answer was lost; since then the draft was changed. It gets an id of
        # its own, so that the next press sends it as another matter.
        drafts.keep(request, replace(draft, id=str(uuid7(at))))
        raise Problem(SENT_ALREADY) from None


def _place(draft: drafts.Draft) -> Text | None:
    """The unit that the place falls into, so that one sees whether it is right."""
    tree = territory.snapshot()
    found = tree.locate(draft.lng, draft.lat) if draft.lng is not None and draft.lat is not None else None
    if (found is None or found.unit is None) and draft.address:
        found = tree.locate_address(draft.address)
    return tree.path_text(found.unit.id) if found and found.unit else None


@require_safe
def photo(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """A photo of one's own draft."""
    file = cases.file_for(actor_of(request), file_id, session=drafts.sender(request))
    with files.open_file(file.id, thumbnail=True) as stream:
        return HttpResponse(stream.read(), content_type=file.media_type)
