"""Batches: upload, columns, preview, taking in, results."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.cases import queries as cases
from linli.cases.words import Source, number_of
from linli.intake.actions import batches as actions
from linli.intake.batches import results
from linli.intake.batches.columns import NEEDED
from linli.intake.batches.words import GAVE_UP, NO_KIND, RUNNING, SOURCES, BatchState, Field
from linli.intake.models import Batch
from linli.intake.queries import batches as queries
from linli.kernel import clock, rulebook, sheets
from linli.kernel.access import Actor
from linli.kernel.errors import INTERNAL, INVALID, NOT_ALLOWED, Problem
from linli.kernel.text import Text
from linli.people import queries as people

KNOWN = Text(
    "这个文件已于{when}上传过,下面就是那一批。",
    "This file was uploaded before, on {when}; here is that batch.",
)
NO_FILE = Text("请选择文件", "Choose a file")
SAVED = Text("类别已对应,并已记住", "The categories are matched and remembered")
NO_CATEGORY = Text("(没有类别的行)", "(rows without a category)")
STOPPED = Text("已暂停", "Stopped")
DROPPED = Text("已删除", "Deleted")
STEPS = {
    BatchState.MAPPING: 1,
    BatchState.LOOKING: 2,
    BatchState.LOOKED: 2,
    BatchState.TAKING: 3,
    BatchState.STOPPED: 3,
    BatchState.DONE: 4,
}
LOOKED = {
    "rows": Text("全部行", "Rows"),
    "fresh": Text("可以接收的新件", "New matters that can be taken in"),
    "here": Text("此前已接收", "Here already"),
    "twice": Text("文件内编号重复", "Twice in the file"),
    "refused": Text("不能接收", "Cannot be taken"),
    "like": Text("疑似重复(与在办案件或本文件的其他行)", "Probably about an open matter or another row"),
    "by_text": Text("类别由内容判断", "Category told by the text"),
    "no_phone": Text(
        "电话无法识别(照常接收,不登记诉求人)", "Telephone not readable (taken in without its reporter)"
    ),
}
TAKEN = {
    "taken": Text("已接收", "Taken in"),
    "here": Text("此前已接收", "Here already"),
    "twice": Text("文件内编号重复", "Twice in the file"),
    "refused": Text("未接收", "Not taken"),
    "like": Text("其中疑似重复", "Of these probably duplicates"),
}
TROUBLES = {
    NOT_ALLOWED.code: Text(
        "接收已停下:开始接收的人不再有此岗位。请由现任人员点“继续接收”。",
        "Taking in has stopped: whoever began it no longer holds the post. Somebody who does can go on.",
    ),
    GAVE_UP: Text(
        "反复出错,已停下。已接收的不受影响;请联系管理员查明原因,再从停下的地方继续。",
        "It failed again and again and has stopped. What was taken in stays; ask the administrator for the cause, then go on from where it stopped.",
    ),
}
"""Why a batch stopped by itself, by the code that it keeps."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KIND = "kind-"
"""Before the place of a category in the form: its name may be anything."""


@require_http_methods(["GET", "HEAD", "POST"])
def batches(request: HttpRequest) -> HttpResponse:
    """The batches of one's own unit, and the form that uploads another."""
    actor, at = people.actor_of(request), clock.now()
    queries.require_clerk(actor)
    if request.method != "POST":
        return _list(request, actor, at)
    file = request.FILES.get("file")
    try:
        if not isinstance(file, UploadedFile):
            raise Problem(INVALID, fields={"file": NO_FILE})
        source = _source(request.POST.get("source", ""))
        batch_id, new = actions.upload(file, source=source, by=actor, at=at)
    except Problem as problem:
        if problem.error.status in {401, 403, 404} or problem.error is INTERNAL:
            raise
        return _list(request, actor, at, problem)
    if not new:
        batch = queries.batch_for(actor, batch_id)
        when = f"{clock.local(batch.created_at):%Y-%m-%d %H:%M}"
        messages.warning(request, str(KNOWN.fill(when=when)))
    return redirect("intake:batch", batch_id=batch_id)


def _source(value: str) -> Source:
    return Source(value) if value in list(SOURCES) else SOURCES[0]


def _list(request: HttpRequest, actor: Actor, at: datetime, problem: Problem | None = None) -> HttpResponse:
    chosen = _source(request.POST.get("source", ""))
    context = {
        "rows": [_row(batch) for batch in queries.latest(actor)],
        "sources": [(source.value, source.label) for source in SOURCES],
        "source": chosen.value,
        "problem": problem,
        "error": _first(problem),
        "most": rulebook.table("batches")["file"]["most_bytes"] >> 20,
        "now": at,
    }
    return render(request, "intake/batches.html", context, status=problem.error.status if problem else 200)


def _first(problem: Problem | None) -> Text | str:
    return next(iter(problem.fields.values()), problem.title) if problem else ""


def _row(batch: Batch) -> dict[str, Any]:
    return {
        "batch": batch,
        "source": Source(batch.source).label,
        "state": BatchState(batch.state).label,
        "taken": batch.counts.get("take", {}).get("taken"),
        "who": batch.by.name if batch.by else "",
    }


@require_safe
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """One batch, with what can be done about it now."""
    actor = people.actor_of(request)
    return _page(request, queries.batch_for(actor, batch_id), actor, clock.now())


def _page(
    request: HttpRequest, found: Batch, actor: Actor, at: datetime, problem: Problem | None = None
) -> HttpResponse:
    state = BatchState(found.state)
    wrong = problem.fields if problem else {}
    context = {
        **progress_of(found, at),
        "batch": found,
        "source": Source(found.source).label,
        "state": state,
        "step": STEPS[state],
        "problem": problem,
        "columns": _columns(request, found, wrong),
        "wrong_columns": bool(problem) and any(field in wrong for field in Field),
        "samples": queries.samples(found, at) if state in {BatchState.MAPPING, BatchState.LOOKED} else [],
        "find_duplicates": _checked(request, "find_duplicates", found.find_duplicates),
        "suggest": _checked(request, "suggest", found.suggest),
        "kinds": _kinds(request, found, wrong),
        "catalogue": [f"{kind.code} {kind.name}" for kind in cases.catalogue(None).matters()],
        "refused": [_refused(line) for line in queries.refused_lines(found)],
        "like": _like(found, actor),
        "counted": found.counts.get("take") or found.counts.get("look", {}),
        "facts": _facts(LOOKED, found.counts.get("look", {})),
        "outcome": _facts(TAKEN, found.counts.get("take", {})),
        "fresh": found.counts.get("look", {}).get("fresh", 0),
        "left": [theirs for theirs in queries.unmatched(found) if theirs != NO_KIND],
        "trouble": TROUBLES.get(found.trouble, TROUBLES[NOT_ALLOWED.code]) if found.trouble else None,
        "now": at,
    }  # fmt: skip
    return render(request, "intake/batch.html", context, status=problem.error.status if problem else 200)


def _facts(labels: dict[str, Text], counts: dict[str, int]) -> list[dict[str, Any]]:
    """The counts that say something: those that every batch has, and others that are not none."""
    always = {"rows", "fresh", "taken", "refused"}
    return [
        {"label": label, "value": f"{counts[name]:,}"}
        for name, label in labels.items()
        if name in counts and (counts[name] or name in always)
    ]


def progress_of(found: Batch, at: datetime) -> dict[str, Any]:
    """How far the present run is, and whether it stumbles."""
    done = queries.done_rows(found)
    return {
        "batch": found,
        "done": done,
        "running": found.state in RUNNING,
        "looking": found.state == BatchState.LOOKING,
        "percent": 100 * done // max(found.rows, 1),
        "stumbled": queries.stumbled(found, at),
        "now": at,
    }


def _columns(request: HttpRequest, found: Batch, wrong: dict[str, Text]) -> list[dict[str, Any]]:
    typed = request.POST if request.method == "POST" and "field-text" in request.POST else None
    choices = [(label, label) for label in found.header]
    return [
        {
            "name": f"field-{field.value}",
            "label": field.label,
            "value": typed.get(f"field-{field.value}", "") if typed else found.columns.get(field, ""),
            "needed": field in NEEDED,
            "choices": choices,
            "error": wrong.get(field, ""),
        }
        for field in Field
    ]


def _checked(request: HttpRequest, name: str, otherwise: bool) -> bool:
    if request.method == "POST" and "field-text" in request.POST:
        return bool(request.POST.get(name))
    return otherwise


def _kinds(request: HttpRequest, found: Batch, wrong: dict[str, Text]) -> list[dict[str, Any]]:
    book = cases.catalogue(None)
    rows = []
    order = sorted(found.unknown, key=lambda theirs: (-found.unknown[theirs]["rows"], theirs))
    for place, theirs in enumerate(order):
        each, kind = found.unknown[theirs], book.kind(found.kinds.get(theirs, ""))
        name = f"{KIND}{place}"
        best = [one for one in (book.kind(code) for code in each["best"]) if one]
        rows.append(
            {
                "name": name,
                "theirs": theirs or str(NO_CATEGORY),
                "rows": each["rows"],
                "value": request.POST.get(name, "") or (f"{kind.code} {kind.name}" if kind else ""),
                "best": [{"code": one.code, "name": one.name} for one in best],
                "needed": theirs != NO_KIND,
                "matched": kind is not None,
                "error": wrong.get(theirs, ""),
            }
        )
    return rows


def _refused(line: queries.RefusedLine) -> dict[str, Any]:
    return {
        "line": line.line,
        "number": line.number,
        "field": queries.field_label(line.field),
        "value": line.value,
        "reason": Text(line.zh, line.en),
    }


def _like(found: Batch, actor: Actor) -> list[dict[str, Any]]:
    lines = queries.like_lines(found)
    known = queries.summaries([line.case_id for line in lines if line.case_id], actor)
    rows = []
    for line in lines:
        case = known.get(line.case_id) if line.case_id else None
        rows.append(
            {
                "line": line,
                "case": case,
                "number": number_of(case.serial, case.reported_at) if case else "",
                "percent": round(100 * line.score),
            }
        )
    return rows


def _do(request: HttpRequest, batch_id: UUID, work: Callable[[Actor, datetime], None]) -> HttpResponse:
    """Do it and show the batch again; with what is wrong, and what was typed, when it is refused."""
    actor, at = people.actor_of(request), clock.now()
    found = queries.batch_for(actor, batch_id)
    try:
        work(actor, at)
    except Problem as problem:
        if problem.error.status in {401, 403, 404} or problem.error is INTERNAL:
            raise
        found.refresh_from_db()
        return _page(request, found, actor, at, problem)
    return redirect("intake:batch", batch_id=batch_id)


@require_POST
def columns(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Confirm which column is what, and look through the rows."""
    given = request.POST
    chosen = {field.value: given.get(f"field-{field.value}", "") for field in Field}
    return _do(
        request,
        batch_id,
        lambda actor, at: actions.set_columns(
            batch_id, columns=chosen, find_duplicates=bool(given.get("find_duplicates")),
            suggest=bool(given.get("suggest")), by=actor, at=at,
        ),
    )  # fmt: skip


@require_POST
def kinds(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Match the categories that are not known, once for the file."""

    def work(actor: Actor, at: datetime) -> None:
        found = queries.batch_for(actor, batch_id)
        order = sorted(found.unknown, key=lambda theirs: (-found.unknown[theirs]["rows"], theirs))
        given = {
            theirs: request.POST.get(f"{KIND}{place}", "").strip()
            or request.POST.get(f"{KIND}{place}-best", "")
            for place, theirs in enumerate(order)
        }
        actions.set_kinds(batch_id, kinds=given, by=actor, at=at)
        messages.success(request, str(SAVED))

    return _do(request, batch_id, work)


@require_POST
def take(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Begin to open the matters, or go on."""
    return _do(request, batch_id, lambda actor, at: actions.take(batch_id, by=actor, at=at))


@require_POST
def stop(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Stop after the part in hand."""

    def work(actor: Actor, at: datetime) -> None:
        actions.stop(batch_id, by=actor, at=at)
        messages.success(request, str(STOPPED))

    return _do(request, batch_id, work)


@require_POST
def drop(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Delete a file of which nothing was taken in."""
    actor, at = people.actor_of(request), clock.now()
    try:
        actions.drop(batch_id, by=actor, at=at)
    except Problem as problem:
        if problem.error.status != 409:
            raise
        return _page(request, queries.batch_for(actor, batch_id), actor, at, problem)
    messages.success(request, str(DROPPED))
    return redirect("intake:batches")


@require_safe
def progress(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """How far it is, asked again and again while it runs; the whole page when it has ended."""
    found = queries.batch_for(people.actor_of(request), batch_id)
    response = render(request, "intake/_progress.html", progress_of(found, clock.now()))
    if found.state not in RUNNING:
        response.headers["HX-Refresh"] = "true"
    return response


def _file(request: HttpRequest, batch_id: UUID, what: str, ending: str) -> HttpResponse:
    found = queries.batch_for(people.actor_of(request), batch_id)
    lines = (results.results if what == "result" else results.replies)(found)
    title = str(Text("处理结果", "result") if what == "result" else Text("办理情况", "replies"))
    if ending == "csv":
        body, kind = "".join(sheets.csv_lines(lines)).encode(), "text/csv; charset=utf-8"
    else:
        body, kind = sheets.workbook(title, lines), XLSX
    name = f"{found.file_name.rpartition('.')[0][:60] or 'batch'}-{title}.{ending}"
    response = HttpResponse(body, content_type=kind)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


@require_safe
def result_csv(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """What became of each row, as CSV, to be sent back."""
    return _file(request, batch_id, "result", "csv")


@require_safe
def result_xlsx(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """What became of each row, as an Excel file, to be sent back."""
    return _file(request, batch_id, "result", "xlsx")


@require_safe
def replies_csv(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """How the matters of the batch stand now, as CSV."""
    return _file(request, batch_id, "replies", "csv")


@require_safe
def replies_xlsx(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """How the matters of the batch stand now, as an Excel file."""
    return _file(request, batch_id, "replies", "xlsx")
