"""The four sheets: seen on the screen, taken away as PDF or Word."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from linli.kernel import clock
from linli.kernel.errors import NOT_FOUND, Problem
from linli.responsibility import printing, queries
from linli.responsibility.web import asking
from linli.territory import queries as territory

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
UNITS_SHOWN = 300


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The four sheets of a unit and a year, as they will be printed."""
    actor, at = asking.reader(request), clock.now()
    unit, _ = asking.where(actor, request.GET)
    year = _year(request.GET.get("year", ""), clock.local(at).year)
    said = queries.sheets(actor, unit.id, year, at)
    tree = territory.snapshot()
    below = [
        each
        for top in queries.own_tops(actor)
        for each in (tree.chain(top.id)[-1], *tree.descendants(top.id))
    ]
    context = {
        "said": said,
        # Drawn by `rules.drawing`, which escapes every name.
        "svg": mark_safe(said.map["svg"]),  # noqa: S308 - see above
        "unit": unit,
        "year": year,
        "years": queries.years(at),
        "units": [(each, "\u3000" * each.depth) for each in below[:UNITS_SHOWN]],
        "tabs": asking.tabs("sheets", actor),
        "now": at,
    }
    return render(request, "responsibility/sheets.html", context)


@require_safe
def pdf(request: HttpRequest, unit_id: UUID, year: int) -> HttpResponse:
    """The sheets (`only`: one of them) as PDF."""
    actor, at = asking.reader(request), clock.now()
    said = queries.sheets(actor, unit_id, year, at).plain()
    return _file(printing.pdf(said, _only(request)), "application/pdf", f"{unit_id}-{year}.pdf")


@require_safe
def word(request: HttpRequest, unit_id: UUID, year: int) -> HttpResponse:
    """The sheets (`only`: one of them) as a Word document."""
    actor, at = asking.reader(request), clock.now()
    said = queries.sheets(actor, unit_id, year, at).plain()
    return _file(printing.word(said, _only(request)), WORD, f"{unit_id}-{year}.docx")


def _only(request: HttpRequest) -> tuple[str, ...]:
    wanted = request.GET.get("only", "")
    if not wanted:
        return printing.NAMES
    if wanted not in printing.NAMES:
        raise Problem(NOT_FOUND)
    return (wanted,)


def _year(value: str, otherwise: int) -> int:
    if not value:
        return otherwise
    if not (value.isascii() and value.isdigit() and len(value) == 4):
        raise Problem(NOT_FOUND)
    return int(value)


def _file(data: bytes, media: str, name: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=media)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
