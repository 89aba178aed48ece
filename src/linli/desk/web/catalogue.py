"""The catalogue as everybody on the staff reads it: its kinds, its editions, what differs between two, as Excel."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.cases import queries
from linli.cases.queries import Catalogue, Kind, catalogues
from linli.desk import asking
from linli.desk.asking import for_staff
from linli.desk.versions import DRAFT, Version, choices, edition_name, version_of
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.text import Text

TABS = {"": Text("事件", "Matters"), "components": Text("部件", "Components")}
PAGE = 100
OPEN_AT_MOST = 600
"""So many kinds stand on one page, folded by class; of more, one class is shown at a time."""
CHANGES = 50
REF_MOST = 60


@require_safe
@for_staff
def listed(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The kinds of matter by class, or those that a few words suggest; of any edition."""
    at, words = clock.now(), asking.text(request.GET, "q", asking.WORDS_MOST)
    components = request.GET.get("show") == "components"
    version = version_of(asking.text(request.GET, "edition", REF_MOST), actor, at)
    book, takers = version.book(), catalogues.takers(at)
    in_force = catalogues.edition_at(at)
    kept = {"edition": version.ref} if version.edition != in_force else {}
    found = [_short(kind, takers) for kind in book.search(words, limit=30)] if words else []
    context: dict[str, Any] = {
        "q": words,
        "found": found,
        **({} if words else _classes(request, book, takers, components, kept)),
        "tabs": [
            {
                "label": label,
                "url": _address(**({"show": key} if key else {}), **kept),
                "active": (key == "components") is components,
                "count": None,
            }
            for key, label in TABS.items()
        ],
        "version": version,
        "kept": kept,
        "other": version.edition != in_force,
        "in_force": edition_name(in_force),
        "may_keep": catalogues.may_keep_catalogue(actor),
        "now": at,
    }
    return render(request, "desk/catalogue.html", context)


def _classes(
    request: HttpRequest, book: Catalogue, takers: Mapping[str, Text], components: bool, kept: dict[str, str]
) -> dict[str, Any]:
    """The classes with their kinds; of a very large catalogue only those of the class that is asked for."""
    tree = book.tree(components=components)
    shown = {"show": "components"} if components else {}
    chosen = request.GET.get("class", "")
    if sum(map(len, tree.values())) <= OPEN_AT_MOST and not chosen:
        return {
            "classes": [
                {"major": major, "kinds": [_short(kind, takers) for kind in kinds], "count": len(kinds)}
                for major, kinds in tree.items()
            ]
        }
    page = asking.whole(request.GET, "page") or 1
    classes: list[dict[str, Any]] = []
    pager: dict[str, Any] = {}
    for major, kinds in tree.items():
        one: dict[str, Any] = {
            "major": major,
            "count": len(kinds),
            "url": _address(**shown, **kept, **{"class": major.code}),
        }
        if major.code == chosen:
            part, pager = paged(
                kinds, page, {**shown, **kept, "class": chosen}, reverse("desk:catalogue"), PAGE
            )
            one |= {"kinds": [_short(kind, takers) for kind in part], "open": True}
        classes.append(one)
    return {"classes": classes, "pager": pager}


def paged(
    things: Sequence[Any], page: int, query: Mapping[str, str], address: str, most: int
) -> tuple[Sequence[Any], dict[str, Any]]:
    """One page of things, and what the pager shows. Raises NOT_FOUND behind the last."""
    last = max((len(things) + most - 1) // most, 1)
    if not 1 <= page <= last:
        raise Problem(NOT_FOUND)

    def url(number: int) -> str:
        return f"{address}?{urlencode({**query, 'page': number})}" if 1 <= number <= last else ""

    shown = Text("第 {n} 页,共 {all} 页", "Page {n} of {all}").fill(n=page, all=last)
    pager = {"previous_url": url(page - 1), "next_url": url(page + 1), "shown": shown}
    return things[(page - 1) * most : page * most], pager if last > 1 else {}


def _address(**query: str) -> str:
    address = reverse("desk:catalogue")
    return f"{address}?{urlencode(query)}" if query else address


def _short(kind: Kind, takers: Mapping[str, Text]) -> dict[str, Any]:
    return {
        "code": kind.code,
        "name": kind.name,
        "settle": kind.settle,
        "limit": kind.default.limit.label,
        "responsible": takers.get(kind.responsible, Text(kind.responsible, kind.responsible)),
    }


@require_safe
@for_staff
def kind(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """One kind: conditions, limits, what handling and closing need, who is responsible, on what ground."""
    at = clock.now()
    version = version_of(asking.text(request.GET, "edition", REF_MOST), actor, at)
    found = version.book().kind(code)
    if found is None:
        raise Problem(NOT_FOUND)
    in_force = catalogues.edition_at(at)
    context = {
        "kind": found,
        **described(found, catalogues.takers(at)),
        "version": version,
        "kept": {"edition": version.ref} if version.edition != in_force else {},
        "other": version.edition != in_force,
        "in_force": edition_name(in_force),
        "drafts": catalogues.open_drafts() if catalogues.may_keep_catalogue(actor) else [],
        "now": at,
    }
    return render(request, "desk/kind.html", context)


def described(found: Kind, takers: Mapping[str, Text]) -> dict[str, Any]:
    """What a page says of a kind, in words."""
    return {
        "responsible": takers.get(found.responsible, Text(found.responsible, found.responsible)),
        "helpers": [takers.get(helper, Text(helper, helper)) for helper in found.helpers],
        "evidence": queries.evidence_words(found.evidence),
        "checking": queries.checking_words(found.checking),
        "checker": catalogues.checker_words(found),
        "keywords": _keywords(found),
        "conditions": [(condition, cited(condition.source_ref)) for condition in found.conditions],
        "stages": [
            {"label": label, "limit": catalogues.stage_limit(name, found).label, "own": name in found.stages}
            for name, label in catalogues.STAGES.items()
        ],
    }


def _keywords(found: Kind) -> Text:
    """What people say for it, each reader in their language."""
    han = [word for word in found.keywords if any("\u3400" <= sign <= "\u9fff" for sign in word)]
    return Text("、".join(han), ", ".join(word for word in found.keywords if word not in han))


def cited(source_ref: str) -> Text:
    """On what a condition rests: rows of the city's table, a law, or nothing but our own default."""
    parts = [_citation(part) for part in source_ref.split(";") if part]
    return Text(";".join(part.zh for part in parts), "; ".join(part.en for part in parts))


def _citation(part: str) -> Text:
    row = re.fullmatch(r"YC-([CE])0*([0-9]+)", part)
    if row is None:
        return Text("本系统默认", "default of this system") if part == "linli" else Text(part, part)
    zh, en = ("部件", "components") if row[1] == "C" else ("事件", "events")
    return Text(
        f"运城市立案结案标准({zh}第{row[2]}行)",
        f"Yuncheng's standard of registration and closing ({en}, row {row[2]})",
    )


@require_safe
@for_staff
def versions(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every edition: on what ground, by whom, from when; and the drafts of the next one."""
    return versions_page(request, actor)


def versions_page(request: HttpRequest, actor: Actor, problem: Problem | None = None) -> HttpResponse:
    """The page of editions; with what is wrong in the form by which a draft was to be opened."""
    at, keeps = clock.now(), catalogues.may_keep_catalogue(actor)
    rows, pager = paged(
        catalogues.catalogue_editions(at), asking.whole(request.GET, "page") or 1, {}, request.path, PAGE
    )
    context = {
        "rows": rows,
        "pager": pager,
        "standing": STANDING,
        "may_keep": keeps,
        "drafts": catalogues.open_drafts() if keeps else [],
        "prefix": DRAFT,
        **_compared(choices(actor, at), catalogues.edition_at(at)),
        "write_id": uuid4(),
        "problem": problem,
        "wrong": problem.fields if problem else {},
        "given": request.POST if problem else {},
        "now": at,
    }
    status = problem.error.status if problem else 200
    return render(request, "desk/catalogue_versions.html", context, status=status)


def _compared(known: list[tuple[str, str]], in_force: int) -> dict[str, Any]:
    """What the form of comparing begins with: the edition in force against the newest that is another."""
    other = next((ref for ref, _ in known if ref != str(in_force)), "0")
    pair = [other, str(in_force)] if other.isdigit() and int(other) < in_force else [str(in_force), other]
    return {"choices": known, "old": {"ref": pair[0]}, "new": {"ref": pair[1]}}


STANDING = {
    "in_force": Text("现行", "In force"),
    "coming": Text("待生效", "To come"),
    "past": Text("已失效", "Replaced"),
}


@require_safe
@for_staff
def difference(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What differs between two states of the catalogue, kind by kind and field by field."""
    at = clock.now()
    new = version_of(asking.text(request.GET, "new", REF_MOST), actor, at)
    old_ref = asking.text(request.GET, "old", REF_MOST)
    old = version_of(old_ref or str(max((new.edition or 1) - 1, 0)), actor, at)
    context = {
        "old": old,
        "new": new,
        "choices": choices(actor, at),
        **changes_of(old, new, request, {"old": old.ref, "new": new.ref}),
        "now": at,
    }
    return render(request, "desk/catalogue_diff.html", context)


def changes_of(old: Version, new: Version, request: HttpRequest, query: Mapping[str, str]) -> dict[str, Any]:
    """The page of differences that is asked for, and how many there are of each sort."""
    found = catalogues.catalogue_difference(old.table, new.table, clock.now())
    part, pager = paged(found, asking.whole(request.GET, "page") or 1, query, request.path, CHANGES)
    counts = {what: sum(change.what == what for change in found) for what in catalogues.WHAT}
    return {
        "changes": part,
        "pager": pager,
        "total": len(found),
        "counts": [(catalogues.WHAT[what], number) for what, number in counts.items() if number],
    }


@require_safe
@for_staff
def export(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A state of the catalogue as Excel, to be changed and read in again."""
    version = version_of(asking.text(request.GET, "edition", REF_MOST), actor, clock.now())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "catalogue.xlsx")
        catalogues.write_excel(version.table, path)
        content = path.read_bytes()
    name = f"catalogue-{version.edition if version.edition is not None else 'draft'}.xlsx"
    answer = HttpResponse(
        content, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
