"""The random re-inspection: committing, drawing, publishing; one's inspections and what was found."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.cases import queries as cases
from linli.followup import actions, queries
from linli.followup.forms import DrawForm, InspectionForm
from linli.followup.queries import Result
from linli.followup.web.asking import pictures, show, staff, tabs, tried, units_of
from linli.followup.words import Found
from linli.kernel import access, clock, files
from linli.kernel.access import Actor
from linli.kernel.errors import INTERNAL, NOT_ALLOWED, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.ui import dates

COMMITTED = Text(
    "承诺已公布:总体和种子都已固定", "The commitment is published: population and seed are fixed now"
)
DRAWN = Text("种子已公开,样本已抽出", "The seed is shown and the sample drawn")
TAKEN, NOTED = (
    Text("这项复查归您", "This inspection is yours"),
    Text("复查结果已记录", "What was found is on record"),
)
REOPENED = Text("案件已重开,升一级督办", "The case is reopened, one level up")
USUAL_SIZE = 20


@require_http_methods(["GET", "HEAD", "POST"])
def draws(request: HttpRequest) -> HttpResponse:
    """Every draw with what it found, and a form to commit to another."""
    actor, at = staff(request), clock.now()
    may = queries.may_draw(actor)
    since, _ = queries.usual_days(at)
    yesterday = clock.local(at).date() - timedelta(days=1)
    first = {"id": uuid7(at), "since": since, "until": yesterday, "size": USUAL_SIZE}
    form, status = DrawForm(initial=first, units=units_of(actor)), 200
    if request.method == "POST":
        if not may:
            raise Problem(NOT_ALLOWED)
        form = DrawForm(request.POST, units=units_of(actor))

        def write() -> None:
            given = form.cleaned_data
            begins, ends = queries.span(given["since"], given["until"])
            actions.commit_draw(
                id=given["id"],
                unit=given["unit"],
                since=begins,
                until=ends,
                size=given["size"],
                by=actor,
                at=at,
            )

        problem = tried(request, form, write, COMMITTED)
        if problem is None:
            return redirect("followup:draw", draw_id=form.cleaned_data["id"])
        status = problem.error.status
    context = {
        "tabs": tabs(actor, "followup:draws"),
        "rows": [_shown(row) for row in queries.draws()],
        "form": form if may else None,
        "now": at,
    }
    return render(request, "followup/draws.html", context, status=status)


def _shown(row: queries.DrawRow) -> dict[str, Any]:
    return {"draw": row.draw, "unit": row.unit, "days": _days(row.draw), **_result(row.result)}


def _days(draw: Any) -> str:
    first, last = clock.local(draw.since), clock.local(draw.until) - timedelta(days=1)
    return f"{first:%Y-%m-%d} – {last:%Y-%m-%d}"


def _result(result: Result) -> dict[str, Any]:
    interval = result.interval
    return {
        "result": result,
        "share": f"{result.share * 100:.1f}%" if result.share is not None else "",
        "interval": f"{interval[0] * 100:.1f}% – {interval[1] * 100:.1f}%" if interval else "",
        "confidence": f"{result.confidence * 100:g}%",
    }


@require_safe
def draw(request: HttpRequest, draw_id: UUID) -> HttpResponse:
    """One draw: the commitment, the seed and sample once drawn, what was found."""
    actor, at = staff(request), clock.now()
    one = queries.draw_at(draw_id)
    ready = queries.drawable_from(one, actor)
    context = {
        "tabs": tabs(actor, "followup:draws"),
        **_shown(queries.draw_row(one)),
        "sample": queries.inspections_of(one, actor) if one.drawn_at else [],
        "may_draw": one.drawn_at is None and queries.may_draw(actor, one.unit_id),
        "ready": ready,
        "too_early": at < ready,
        "as_of": dates.exact(at),
        "now": at,
    }
    return render(request, "followup/draw.html", context)


@require_POST
def reveal(request: HttpRequest, draw_id: UUID) -> HttpResponse:
    """Show the seed and draw the sample."""
    actions.draw(draw_id, by=staff(request), at=clock.now())
    messages.success(request, str(DRAWN))
    return redirect("followup:draw", draw_id=draw_id)


@require_safe
def published(request: HttpRequest, draw_id: UUID) -> HttpResponse:
    """What is published of a draw, for `scripts/redraw.py`."""
    staff(request)
    answer = JsonResponse(queries.published(queries.whole_draw(draw_id)), json_dumps_params={"indent": 1})
    answer.headers["Content-Disposition"] = f'attachment; filename="draw-{draw_id}.json"'
    return answer


@require_safe
def inspections(request: HttpRequest) -> HttpResponse:
    """What one has to look at again, and what nobody has taken yet."""
    actor, at = staff(request), clock.now()
    if not any(True for _ in access.reach(actor, "followup.inspect")):
        raise Problem(NOT_ALLOWED)
    rows = queries.inspections_for(actor)
    context = {
        "tabs": tabs(actor, "followup:inspections"),
        "mine": [row for row in rows if row.inspection.checker_id == actor.account_id],
        "free": [row for row in rows if row.inspection.checker_id is None],
        "now": at,
    }
    return render(request, "followup/inspections.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def inspection(request: HttpRequest, inspection_id: UUID) -> HttpResponse:
    """One inspection: look again and say what is there."""
    actor, at = staff(request), clock.now()
    row = queries.inspection_for(actor, inspection_id)
    form, status, kept = InspectionForm(), 200, list[UUID]()
    if request.method == "POST":
        access.require(actor, "followup.inspect", cases.subject_of(row.case))
        form = InspectionForm(request.POST)
        try:
            kept = pictures(request, actor, at)
        except Problem as problem:
            if problem.error is INTERNAL:
                raise
            form.is_valid()
            show(form, problem)
            return _page(request, actor, row, form, kept, problem.error.status)

        def write() -> None:
            given = form.cleaned_data
            found = Found(given["found"])
            actions.inspect(inspection_id, found=found, words=given["words"], photos=kept, by=actor, at=at)

        problem_found = tried(request, form, write, NOTED)
        if problem_found is None:
            return redirect("followup:inspection", inspection_id=inspection_id)
        status = problem_found.error.status
        kept = [] if problem_found.error is files.GONE else kept
    return _page(request, actor, queries.inspection_for(actor, inspection_id), form, kept, status)


def _page(
    request: HttpRequest,
    actor: Actor,
    row: queries.InspectionRow,
    form: InspectionForm,
    kept: list[UUID],
    status: int,
) -> HttpResponse:
    at, one = clock.now(), row.inspection
    steps = queries.inspection_steps(row, actor, at)
    context = {
        "tabs": tabs(actor, "followup:inspections"),
        "row": row,
        "form": form if "findings" in steps or form.is_bound else None,
        "kept": kept,
        "may_take": "take" in steps,
        "may_reopen": "reopen" in steps,
        "pictures": queries.pictures_of(one),
        "lines": queries.inspection_lines(one),
        "now": at,
    }
    return render(request, "followup/inspection.html", context, status=status)


@require_POST
def take(request: HttpRequest, inspection_id: UUID) -> HttpResponse:
    """Take an inspection over."""
    actions.take_inspection(inspection_id, by=staff(request), at=clock.now())
    messages.success(request, str(TAKEN))
    return redirect("followup:inspection", inspection_id=inspection_id)


@require_POST
def reopen(request: HttpRequest, inspection_id: UUID) -> HttpResponse:
    """Reopen what was found not solved, one level up."""
    actions.reopen_found(inspection_id, by=staff(request), at=clock.now())
    messages.success(request, str(REOPENED))
    return redirect("followup:inspection", inspection_id=inspection_id)


@require_safe
def picture(request: HttpRequest, inspection_id: UUID, file_id: UUID) -> HttpResponse:
    """A picture of an inspection."""
    file = queries.picture(staff(request), inspection_id, file_id)
    with files.open_file(file.id, thumbnail=False) as stream:
        answer = HttpResponse(stream.read(), content_type=file.media_type)
    answer.headers["Content-Disposition"] = f'inline; filename="{file.id}.jpg"'
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
