"""Following a matter: its story, what comes next and by when, whether it helped."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from linli.cases import queries as cases
from linli.cases.actions import bounds, moves
from linli.cases.queries import Case
from linli.cases.words import ENDED, Answer, Phase, State, number_of
from linli.kernel import clock, files
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.text import Text
from linli.portal.forms import FindForm, RateForm, ReopenForm

NEXT = {
    State.REPORTED: Text(
        "受理员会看您的反映,并派给负责的人。",
        "A clerk will read your report and pass it to whoever is responsible.",
    ),
    State.VERIFYING: Text("网格员会到现场看一看。", "A grid worker will come and look."),
    State.ACCEPTED: Text("正在登记,随后派给负责的人。", "It is being registered and will then be passed on."),
    State.REGISTERED: Text("正在派给负责的人。", "It is being passed to whoever is responsible."),
    State.DISPATCHED: Text("负责的人会签收并开始处理。", "Whoever is responsible will take it in hand."),
    State.HANDLING: Text("正在处理。", "It is being handled."),
    State.HANDLED: Text("处理完了,由另一个人去核查。", "It is done; somebody else will check it."),
    State.CHECKING: Text("正在核查。", "It is being checked."),
    State.CHECKED: Text("核查通过,即将结案。", "The check was passed; it will be closed soon."),
    State.CLOSED: Text("已办结。请告诉我们办得怎么样。", "It is closed. Please tell us whether it helped."),
    State.FOLLOWED_UP: Text("已办结,谢谢您的评价。", "It is closed. Thank you for your answer."),
    State.RETURNED: Text("正在重新确定由谁办理。", "It is being settled who handles it."),
    State.SUSPENDED: Text(
        "暂时不具备办理条件,到期会继续办理。", "It cannot be done yet and rests until a set day."
    ),
    State.MERGED: Text(
        "与另一件同样的事合并办理,进展见下。",
        "It is handled together with another report of the same; see below.",
    ),
    State.TRANSFERRED: Text("已转给负责的机关,见下。", "It was passed to whoever is responsible; see below."),
    State.DECLINED: Text("这件事没有受理,理由见下。", "It was not taken; the reason is below."),
    State.VOID: Text("这件事已作废,理由见下。", "It was voided; the reason is below."),
}
TOGETHER = Text(
    "与另一件同样的事合并办理,那一件现在“{state}”,进展见下。",
    "It is handled together with another report of the same, which is now “{state}”; see below.",
)
DONE_TOGETHER = Text(
    "与另一件同样的事一并办结。问题仍在的,请再次上报并写上此编号。",
    "It was done together with another report of the same. If the matter remains, report it again and mention this"
    " number.",
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Ask for number and code."""
    form = FindForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                case = _tracked(request, form.cleaned_data["number"], form.cleaned_data["code"])
            except Problem as problem:
                status = problem.error.status
                text = NOT_FITTING if problem.error is NOT_FOUND else problem.error.hint
                form.add_error(None, str(text))
            else:
                number = number_of(case.serial, case.reported_at)
                return redirect("portal:track", number, form.cleaned_data["code"].strip().upper())
    return render(request, "portal/find.html", {"form": form}, status=status)


NOT_FITTING = Text("编号和查询码对不上,请核对。", "Number and code do not fit; please check them.")


@never_cache
@require_safe
def track(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """The matter as a story with dates and posts, not status codes."""
    case = _tracked(request, number, code)
    return _page(request, case, number, code)


@require_http_methods(["POST"])
def rate(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """Keep the answer; whoever is not satisfied is offered to have it taken up again."""
    case = _tracked(request, number, code)
    form = RateForm(request.POST)
    if not form.is_valid():
        return _page(request, case, number, code, rate_form=form, status=422)
    given = form.cleaned_data
    moves.rate(
        case.id,
        by=cases.holder_of(case),
        at=clock.now(),
        answer=Answer(given["answer"]),
        comment=given["comment"],
    )
    return redirect("portal:track", number, code)


@require_http_methods(["POST"])
def reopen(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """Have it taken up again, one level up."""
    case = _tracked(request, number, code)
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _page(request, case, number, code, reopen_form=form, status=422)
    moves.reopen(case.id, by=cases.holder_of(case), at=clock.now(), reason=form.cleaned_data["reason"])
    return redirect("portal:track", number, code)


@require_safe
def photo(request: HttpRequest, number: str, code: str, file_id: UUID) -> HttpResponse:
    """A picture of the matter, for whoever holds its code."""
    case = _tracked(request, number, code)
    file = cases.file_for(cases.holder_of(case), file_id, tracked=case.id)
    with files.open_file(file.id, thumbnail="small" in request.GET) as stream:
        response = HttpResponse(stream.read(), content_type=file.media_type)
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


def _tracked(request: HttpRequest, number: str, code: str) -> Case:
    return bounds.follow(number, code, sender=request.META.get("REMOTE_ADDR", ""), at=clock.now())


def _page(
    request: HttpRequest, case: Case, number: str, code: str, *,
    rate_form: RateForm | None = None, reopen_form: ReopenForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    at = clock.now()
    holder = cases.holder_of(case)
    open_moves = {move.name for move in cases.moves_for(case, holder, at)}
    kind = cases.kind_of(case)
    state = State(case.state)
    context = {
        "case": case, "number": number, "code": code, "matter": kind, "state": state, "next": _next(case, state), "now": at,
        "new": "new" in request.GET, "open": state not in ENDED, "entries": _entries(case, number, code),
        "place": cases.unit_name(case.unit_id), "ended": state in ENDED,
        "answer": Answer(case.answer).label if case.answer else None,
        "rate_form": (rate_form or RateForm()) if "rate" in open_moves else None,
        "reopen_form": (reopen_form or ReopenForm()) if "reopen" in open_moves else None,
        "reopen_opened": reopen_form is not None or case.answer == Answer.UNSATISFIED,
        "link": request.build_absolute_uri(reverse("portal:track", args=[number, code])),
    }  # fmt: skip
    return render(request, "portal/track.html", context, status=status)


def _next(case: Case, state: State) -> Text:
    """What comes next; of what was merged, what became of the case with which it is handled."""
    main = cases.state_of_main(case)
    if main is None:
        return NEXT[state]
    if main in {State.CLOSED, State.FOLLOWED_UP}:
        return DONE_TOGETHER
    return NEXT[main] if main in ENDED else TOGETHER.fill(state=main.label)


ICONS = {
    "cases.CaseReported": "inbox", "cases.CaseAccepted": "check", "cases.CaseRegistered": "file-text",
    "cases.CaseSigned": "signature", "cases.CaseVerified": "map-pin",
    "cases.CaseDispatched": "send", "cases.CaseClosed": "circle-check",
    "cases.CaseSettled": "circle-check", "cases.DeadlineMissed": "arrow-up-circle", "cases.CaseRated": "star",
    "cases.CaseReopened": "refresh", "cases.CaseDeclined": "ban", "cases.CaseHandedIn": "check",
    "cases.CheckPassed": "checks", "cases.RedoOrdered": "arrow-back-up", "cases.CaseMerged": "arrows-join",
    "cases.CaseTransferred": "external-link", "cases.RulingMade": "gavel", "cases.ReporterContacted": "phone-outgoing",
    "cases.WishGranted": "calendar-plus", "cases.SupervisionRaised": "flag",
}  # fmt: skip
WITH_PHOTOS = {
    "cases.CaseReported": Phase.REPORT,
    "cases.CaseHandedIn": Phase.HANDLE,
    "cases.CaseSettled": Phase.HANDLE,
}


def _entries(case: Case, number: str, code: str) -> list[dict[str, object]]:
    pictures = cases.evidence(case.id)
    entries: list[dict[str, object]] = []
    shown: set[Phase] = set()
    for line, text in reversed(cases.own_story(case)):
        phase = WITH_PHOTOS.get(line.kind)
        photos: list[dict[str, object]] = []
        if phase is not None and phase not in shown:
            shown.add(phase)
            photos = [_photo(item.file_id, phase, number, code) for item in pictures.get(phase, [])]
        entries.append(
            {
                "title": text, "moment": line.at, "icon": ICONS.get(line.kind), "photos": photos,
                "who": _post(line.by_post),
            }
        )  # fmt: skip
    return entries


def _photo(file_id: UUID, phase: Phase, number: str, code: str) -> dict[str, object]:
    url = reverse("portal:track-photo", args=[number, code, file_id])
    return {"url": url, "thumb": f"{url}?small=1", "alt": phase.label}


def _post(title: Text) -> str:
    """The post that acted, never the person's name."""
    return str(title) if title.zh else ""
