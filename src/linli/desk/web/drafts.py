"""Changing the catalogue: a draft, its kinds one by one or as a file, its differences, publishing it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from linli.cases.actions import drafting
from linli.cases.queries import catalogues
from linli.cases.queries.catalogues import Drafted, Entry
from linli.desk import asking, kindforms
from linli.desk.asking import for_staff
from linli.desk.versions import DRAFT, Version, draft_name, edition_name
from linli.desk.web.catalogue import changes_of, versions_page
from linli.kernel import clock, journal
from linli.kernel.access import Actor
from linli.kernel.errors import CONFLICT, INTERNAL, INVALID, NOT_ALLOWED, NOT_FOUND, Problem
from linli.kernel.text import Text
from linli.people import queries as people

SUGGESTED = 12
FINDINGS_SHOWN = 50
FILES = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".csv"})
BYTES_MOST = 20 * 1024 * 1024
HISTORY = 30

SAVED = Text("已存入草稿", "Saved in the draft")
RETIRED = Text("已在草稿中停用", "Retired in the draft")
RESTORED = Text("已恢复为现行内容", "As it is in the edition again")
DROPPED = Text("草稿已放弃", "The draft was given up")
UP_TO_DATE = Text("草稿已更新到第 {n} 版", "The draft stands on edition {n} now")
BOTH = Text("两边都改过,请逐项核对:{codes}", "Changed on both sides, look at each: {codes}")
PUBLISHED = Text("第 {n} 版已发布", "Edition {n} is published")
NO_DAY = Text("请写成 2026-03-10 这样的日期", "Write a day like 2026-03-10")
NO_CONDITION = Text("至少要有一个立案条件", "There must be a condition")
NO_FILE = Text("请选择 Excel 或 CSV 文件,不超过 20 MB", "Choose an Excel or CSV file of at most 20 MB")
HERE = frozenset({401, 403, 404})


def for_keepers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For those who keep the town's catalogue; others are refused."""

    @wraps(view)
    def guarded(request: HttpRequest, actor: Actor, *args: Any, **kwargs: Any) -> HttpResponse:
        if not catalogues.may_keep_catalogue(actor):
            raise Problem(NOT_ALLOWED)
        return view(request, actor, *args, **kwargs)

    return for_staff(guarded)


@require_POST
@for_keepers
def begin(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Open a draft: empty, going back to an earlier edition, or from a file that is checked first."""
    try:
        return _begun(request, actor, clock.now())
    except Problem as problem:
        if problem.error.status in HERE or problem.error is INTERNAL:
            raise
        return versions_page(request, actor, problem)


def _begun(request: HttpRequest, actor: Actor, at: datetime) -> HttpResponse:
    title = asking.text(request.POST, "title", drafting.TITLE_MOST)
    write_id = asking.uuid(request.POST, "id")
    if request.POST.get("do") != "file":
        like = asking.whole(request.POST, "like")
        made = drafting.open_draft(title=title, by=actor, at=at, id=write_id, like=like)
        return redirect("desk:catalogue-draft", draft_id=made.id)
    sent = request.FILES.get("file")
    if sent is None or (sent.size or 0) > BYTES_MOST or Path(sent.name or "").suffix.lower() not in FILES:
        raise Problem(INVALID, fields={"file": NO_FILE})
    with tempfile.TemporaryDirectory() as folder:
        path = _kept(sent, Path(folder))
        taken = drafting.take_file(
            path, title=title or Path(sent.name or "").stem[:100], by=actor, at=at, id=write_id
        )
    if taken.draft is not None:
        return redirect("desk:catalogue-draft", draft_id=taken.draft.id)
    context = {
        "findings": [_finding(found) for found in taken.findings[:FINDINGS_SHOWN]],
        "total": len(taken.findings),
        "name": sent.name,
        "title": title,
        "write_id": uuid4(),
        "now": at,
    }
    return render(request, "desk/catalogue_findings.html", context, status=422)


def _kept(sent: UploadedFile, folder: Path) -> Path:
    path = folder / f"catalogue{Path(sent.name or '').suffix.lower()}"
    with path.open("wb") as out:
        for chunk in sent.chunks():
            out.write(chunk)
    return path


def _finding(found: catalogues.Finding) -> dict[str, Any]:
    sheet = catalogues.SHEETS.get(found.sheet, Text("文件", "File"))
    label = catalogues.HEADINGS.get(found.field, Text(found.field, found.field))
    return {"sheet": sheet, "line": found.line or "", "field": label, "reason": found.reason}


@require_http_methods(["GET", "HEAD", "POST"])
@for_keepers
def draft(request: HttpRequest, actor: Actor, draft_id: UUID) -> HttpResponse:
    """A draft: what it changes against its edition; publish it, bring it up to date, give it up."""
    at = clock.now()
    problem: Problem | None = None
    if request.method == "POST":
        try:
            return _done(request, actor, draft_id, at)
        except Problem as refused:
            if refused.error.status in HERE or refused.error is INTERNAL:
                raise
            problem = refused
    return _draft_page(request, draft_id, at, problem)


def _done(request: HttpRequest, actor: Actor, draft_id: UUID, at: datetime) -> HttpResponse:
    do = request.POST.get("do", "")
    if do == "publish":
        edition = drafting.publish_draft(
            draft_id,
            seen=asking.whole(request.POST, "seen") or 0,
            source=request.POST.get("source", ""),
            effective_from=_day(request.POST.get("effective_from", ""), at),
            by=actor,
            at=at,
        )
        messages.success(request, str(PUBLISHED.fill(n=edition.version)))
        return redirect("desk:catalogue-versions")
    if do == "rebase":
        onto = asking.whole(request.POST, "onto") or 0
        both = drafting.bring_up_to_date(draft_id, onto=onto, by=actor, at=at)
        messages.success(request, str(UP_TO_DATE.fill(n=onto)))
        if both:
            messages.warning(request, str(BOTH.fill(codes=", ".join(both[:20]))))
        return redirect("desk:catalogue-draft", draft_id=draft_id)
    if do == "drop":
        drafting.drop_draft(draft_id, by=actor, at=at)
        messages.success(request, str(DROPPED))
        return redirect("desk:catalogue-versions")
    raise Problem(INVALID)


def _day(words: str, at: datetime) -> datetime | None:
    """The beginning of the day in the town; None for today, which means now."""
    words = words.strip()
    if not words:
        return None
    try:
        day = date.fromisoformat(words)
    except ValueError:
        raise Problem(INVALID, fields={"effective_from": NO_DAY}) from None
    if not 2000 <= day.year <= 2100:
        raise Problem(INVALID, fields={"effective_from": NO_DAY})
    return None if day == clock.local(at).date() else people.midnight(day)


def _draft_page(request: HttpRequest, draft_id: UUID, at: datetime, problem: Problem | None) -> HttpResponse:
    found = catalogues.drafted(draft_id)
    own = found.draft
    words = asking.text(request.GET, "q", asking.WORDS_MOST)
    base = Version(str(own.base), edition_name(own.base), found.base, own.base)
    mine = Version(f"{DRAFT}{own.id}", draft_name(own.title), found.table)
    editions = catalogues.catalogue_editions(at)
    latest = catalogues.edition_at(at)
    fields = problem.fields if problem else {}
    context = {
        "draft": own,
        "found": found,
        "base": base,
        "mine": mine,
        "open": own.state == "open",
        **changes_of(base, mine, request, {}),
        "q": words,
        "kinds": _kinds(found, words),
        "majors": catalogues.majors_of(found.table),
        "coming": [row for row in editions if row.standing == "coming"],
        "latest": latest,
        "stale": own.state == "open" and own.base != latest,
        "latest_name": edition_name(latest),
        "history": list(reversed(journal.history(own.id)))[:HISTORY],
        "problem": problem,
        "wrong": fields,
        "elsewhere": [text for name, text in fields.items() if name not in {"source", "effective_from"}],
        "given": request.POST if problem else {},
        "today": clock.local(at).date().isoformat(),
        "now": at,
    }
    return render(
        request, "desk/catalogue_draft.html", context, status=problem.error.status if problem else 200
    )


def _kinds(found: Drafted, words: str) -> list[dict[str, str | Text]]:
    """The kinds that the words suggest, also those that the draft retires."""
    if not words:
        return []
    book = catalogues.read_table(found.table)
    if isinstance(book, list):
        return []
    hits = [book.kind(words.upper()), *book.search(words, limit=SUGGESTED)]
    shown = {kind.code: kind.name for kind in hits if kind is not None}
    shown |= {
        row["code"]: Text(row["name_zh"], row["name_en"])
        for row in found.base["kinds"]
        if words.upper() == row["code"]
    }
    return [{"code": code, "name": name} for code, name in shown.items()]


@require_http_methods(["GET", "HEAD", "POST"])
@for_keepers
def new_kind(request: HttpRequest, actor: Actor, draft_id: UUID) -> HttpResponse:
    """Add a kind to a draft."""
    found = catalogues.drafted(draft_id)
    majors = catalogues.majors_of(found.table)
    chosen = request.GET.get("class", "")
    major = chosen if chosen in majors else next(reversed(majors), "L90")
    initial = {"code": catalogues.free_code(found.table, major), "major": major, "scheme": "linli"}
    return _kind_page(request, actor, found, "", Entry(None), initial)


@require_http_methods(["GET", "HEAD", "POST"])
@for_keepers
def change(request: HttpRequest, actor: Actor, draft_id: UUID, code: str) -> HttpResponse:
    """Change, retire or restore a kind of a draft."""
    found = catalogues.drafted(draft_id)
    entry = catalogues.entry_of(found.table, code)
    before = catalogues.entry_of(found.base, code)
    if entry.kind is None and before.kind is None:
        raise Problem(NOT_FOUND)
    do = request.POST.get("do", "")
    if request.method == "POST" and do in {"retire", "restore"}:
        write = drafting.retire_kind if do == "retire" else drafting.restore_kind
        write(draft_id, code, mark=asking.text(request.POST, "mark", 40), by=actor, at=clock.now())
        messages.success(request, str(RETIRED if do == "retire" else RESTORED))
        return redirect("desk:catalogue-draft", draft_id=draft_id)
    shown = entry if entry.kind is not None else before
    return _kind_page(
        request, actor, found, code, shown, kindforms.initial_of(shown), gone=entry.kind is None
    )


def _kind_page(
    request: HttpRequest, actor: Actor, found: Drafted, code: str, entry: Entry, initial: dict[str, Any],
    *, gone: bool = False,
) -> HttpResponse:  # fmt: skip
    at = clock.now()
    takers = catalogues.chargeable(at)
    for named in (initial.get("responsible", ""), *initial.get("helpers", ())):
        takers.setdefault(named, Text(named, named)) if named else None
    options: dict[str, Any] = {
        "takers": takers,
        "majors": catalogues.majors_of(found.table),
        "new": not code,
        "order": initial.get("helpers", ()),
    }
    mark = "" if gone else entry.mark
    problem: Problem | None = None
    if request.method == "POST":
        given = request.POST.copy()
        if code:
            given["code"] = code
        form = kindforms.KindForm(given, **options)
        conditions = kindforms.Conditions(given, prefix="conditions")
        mark = asking.text(request.POST, "mark", 40)
        problem = _saved(request, actor, found, form, conditions, mark)
        if problem is None:
            messages.success(request, str(SAVED))
            return redirect("desk:catalogue-draft", draft_id=found.draft.id)
    else:
        form = kindforms.KindForm(initial=initial, **options)
        conditions = kindforms.Conditions(initial=list(entry.conditions), prefix="conditions")
    default = request.POST.get("default") or next(
        (str(n) for n, row in enumerate(entry.conditions) if entry.kind and row["code"] == entry.kind["default_condition"]),
        "0",
    )  # fmt: skip
    context = {
        "draft": found.draft,
        "code": code,
        "name": Text(initial.get("name_zh", ""), initial.get("name_en", "")),
        "form": form,
        "conditions": conditions,
        "default": default,
        "mark": mark,
        "gone": gone,
        "changed": code in found.changed,
        "known": catalogues.entry_of(found.base, code).kind is not None if code else False,
        "problem": problem,
        "conflict": problem is not None and problem.error is CONFLICT,
        "now": at,
    }
    status = problem.error.status if problem else 200
    return render(request, "desk/catalogue_kind_form.html", context, status=status)


def _saved(
    request: HttpRequest, actor: Actor, found: Drafted, form: kindforms.KindForm, conditions: Any, mark: str
) -> Problem | None:
    """None when it is saved, else why it is not; what is wrong stands at its field."""
    if not (form.is_valid() & conditions.is_valid()):
        return Problem(INVALID)
    entry, numbers = kindforms.entry_of(form, conditions, request.POST.get("default", ""))
    if entry.kind is None or not entry.conditions:
        form.add_error(None, str(NO_CONDITION))
        return Problem(INVALID)
    try:
        drafting.change_kind(found.draft.id, entry.kind["code"], entry, mark=mark, by=actor, at=clock.now())
    except Problem as problem:
        if problem.error.status in HERE or problem.error is INTERNAL:
            raise
        for name, text in problem.fields.items():
            _tell(form, conditions, numbers, name, text)
        return problem
    return None


def _tell(form: kindforms.KindForm, conditions: Any, numbers: list[int], name: str, text: Text) -> None:
    if name.startswith("conditions-"):
        _, number, column = name.split("-", 2)
        one = conditions.forms[numbers[int(number)]]
        one.add_error(column if column in one.fields else None, str(text))
    elif name == "stages":
        form.add_error("stage_contact", str(text))
    elif name in form.fields and not form.fields[name].widget.is_hidden:
        form.add_error(name, str(text))
    else:
        label = catalogues.HEADINGS.get(name)
        form.add_error(None, f"{label or name}: {text}")
