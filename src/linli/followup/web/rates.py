"""The three rates as a table that opens to its cases, on the page and as Excel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.cases import queries as cases
from linli.cases.words import Answer, number_of
from linli.followup import queries
from linli.followup.forms import PeriodForm
from linli.followup.queries import Row, Scope, Table
from linli.followup.queries.rates import ALL, ANSWERED, OUT, PART, SAYS
from linli.followup.rules.rates import Rates, Share
from linli.followup.web.asking import departments, staff, tabs, units_of
from linli.followup.words import Rate, Solved
from linli.kernel import clock, sheets
from linli.kernel.access import Actor
from linli.kernel.errors import MALFORMED, NOT_ALLOWED, NOT_FOUND, Problem
from linli.kernel.text import Text
from linli.ui import dates

NONE_YET = Text("无数据", "No data")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLE = Text("三率", "Rates")


def _asked(request: HttpRequest) -> tuple[Actor, datetime, PeriodForm, Scope | None]:
    """Who asks for which cases; no scope when what was typed does not make one."""
    actor, at = staff(request), clock.now()
    if not cases.watches(actor):
        raise Problem(NOT_ALLOWED)
    since, until = queries.usual_days(at)
    first = {"since": since.isoformat(), "until": until.isoformat(), "by": "unit"}
    given = {**first, **{name: value for name, value in request.GET.items() if value}}
    form = PeriodForm(given, units=units_of(actor), departments=departments(at))
    if not form.is_valid():
        return actor, at, form, None
    data = form.cleaned_data
    begins, ends = queries.span(data["since"], data["until"])
    return actor, at, form, Scope(begins, ends, data["unit"], data["department"], data["by"] or "unit")


@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """The rates of what was closed in a period, line by line; each figure opens to its cases."""
    actor, at, form, scope = _asked(request)
    context: dict[str, Any] = {"tabs": tabs(actor, "followup:rates"), "form": form, "now": at}
    if scope is None:
        return render(request, "followup/rates.html", context, status=422)
    found = queries.table(actor, scope, at)
    offered = {value for value, _ in units_of(actor)}  # a unit outside them is refused by the form
    context |= {
        "table": [_line(row, scope, offered) for row in found.rows],
        "total": _figures(found.total, scope, {}),
        "answers": _answers(found.total, scope),
        "excluded": _excluded(found.total, scope),
        "as_of": dates.exact(at),
        "sheet": f"{reverse('followup:rates-sheet')}?{urlencode(_query(scope))}",
        "by_department": scope.by == "department",
    }
    return render(request, "followup/rates.html", context)


def _query(scope: Scope, **changed: str) -> dict[str, str]:
    """The address of this scope, with some parts changed."""
    last = clock.local(scope.until).date()
    given = {
        "since": clock.local(scope.since).date().isoformat(),
        "until": last.fromordinal(last.toordinal() - 1).isoformat(),
        "unit": str(scope.unit or ""),
        "department": str(scope.department or ""),
        "by": scope.by,
    }
    return {name: value for name, value in (given | changed).items() if value}


def _cases(scope: Scope, figure: str, line: dict[str, str]) -> str:
    return f"{reverse('followup:rates-cases')}?{urlencode(_query(scope, figure=figure, **line))}"


def _line(row: Row, scope: Scope, offered: set[str]) -> dict[str, Any]:
    line = {"line": str(row.key) if row.key else "none"}
    into = ""
    if row.key and scope.by == "unit" and str(row.key) in offered:
        into = f"{reverse('followup:rates')}?{urlencode(_query(scope, unit=str(row.key)))}"
    return {"label": row.label, "url": into, **_figures(row.rates, scope, line)}


def _figures(found: Rates, scope: Scope, line: dict[str, str]) -> dict[str, Any]:
    return {
        "count": found.total,
        "count_url": _cases(scope, ALL, line),
        "shares": [
            {
                "label": rate.label,
                "percent": percent(found.shares[rate]),
                "fraction": fraction(found.shares[rate]),
                "url": _cases(scope, rate.value, line) if found.shares[rate].whole else "",
            }
            for rate in Rate
        ],
    }


def _answers(found: Rates, scope: Scope) -> list[dict[str, Any]]:
    response = found.shares[Rate.RESPONSE]
    rows = [(Rate.RESPONSE + PART, queries.figures()[Rate.RESPONSE + PART], int(response.part))]
    rows += [(SAYS + code, Solved(code).label, number) for code, number in found.solved.items()]
    rows += [(ANSWERED + code, Answer(code).label, number) for code, number in found.answers.items()]
    return [
        {"label": label, "count": number, "url": _cases(scope, figure, {})} for figure, label, number in rows
    ]


def _excluded(found: Rates, scope: Scope) -> list[dict[str, Any]]:
    law, names = queries.rates_law(), queries.grounds()
    return [
        {
            "label": names[code],
            "count": number,
            "url": _cases(scope, OUT + code, {}),
            "rates": [rate.label for rate in Rate if rate in law.leaves_out[code]],
        }
        for code, number in found.excluded.items()
    ]


def percent(share: Share) -> Text | str:
    """The rate as people read it; without anything to count there is none."""
    return NONE_YET if share.value is None else f"{share.value * 100:.1f}%"


def fraction(share: Share) -> str:
    """Its two halves; the upper one is weighted where the rate is."""
    return f"{share.part:g}/{share.whole}" if share.whole else ""


@require_safe
def behind(request: HttpRequest) -> HttpResponse:
    """The cases that a figure counts, latest closed first."""
    actor, at, form, scope = _asked(request)
    if scope is None:
        raise Problem(MALFORMED)
    figure = request.GET.get("figure", ALL)
    label = queries.figures().get(figure)
    if label is None:
        raise Problem(NOT_FOUND)
    found = queries.behind(queries.chosen_line(actor, scope, request.GET.get("line", "")), figure)
    rows, after = queries.page_of(found, request.GET.get("after", "")[:80])
    line = {"line": request.GET["line"]} if request.GET.get("line") else {}
    here = _cases(scope, figure, line)
    context = {
        "tabs": tabs(actor, "followup:rates"),
        "label": label,
        "rows": [_case(case) for case in rows],
        "next_url": f"{here}&{urlencode({'after': after})}" if after else "",
        "first_url": here if request.GET.get("after") else "",
        "back": f"{reverse('followup:rates')}?{urlencode(_query(scope))}",
        "since": form.cleaned_data["since"],
        "until": form.cleaned_data["until"],
        "as_of": dates.exact(at),
        "now": at,
    }
    return render(request, "followup/behind.html", context)


def _case(case: Any) -> dict[str, Any]:
    kind = cases.kind_of(case)
    names = queries.grounds()
    return {
        "number": number_of(case.serial, case.reported_at),
        "url": reverse("desk:case", args=[case.id]),
        "kind": kind.name if kind else case.source_kind or case.kind,
        "place": cases.unit_name(case.unit_id),
        "closed": case.closed_at,
        "solved": Solved(case.solved).label if case.solved else "",
        "answer": Answer(case.answer).label if case.answer else "",
        "ground": names.get(case.ground, case.ground) if case.ground else "",
    }


@require_safe
def sheet(request: HttpRequest) -> HttpResponse:
    """The table as Excel, with its moment and what was left out."""
    actor, at, _, scope = _asked(request)
    if scope is None:
        raise Problem(MALFORMED)
    found = queries.table(actor, scope, at)
    data = sheets.workbook(str(TITLE), _lines(found, scope, at))
    answer = HttpResponse(data, content_type=XLSX)
    name = f"rates-{clock.local(scope.since):%Y%m%d}.xlsx"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _lines(found: Table, scope: Scope, at: datetime) -> Iterator[list[str]]:
    query = _query(scope)
    yield [str(TITLE), f"{query['since']} – {query['until']}", str(Text("截至", "As of")), dates.exact(at)]
    head = [Text("网格或部门", "Unit or department"), Text("结案件数", "Closed")]
    for rate in Rate:
        weighted = Text("{rate}:分子(加权)", "{rate}: counted (weighted)").fill(rate=rate.label)
        head += [rate.label, weighted, Text("{rate}:分母", "{rate}: of").fill(rate=rate.label)]
    names = queries.grounds()
    yield [str(text) for text in (*head, *names.values())]
    lines = [(row.label, row.rates) for row in found.rows]
    for label, each in (*lines, (Text("合计", "Total"), found.total)):
        cells = [str(label), str(each.total)]
        for rate in Rate:
            share = each.shares[rate]
            cells += [str(percent(share)), f"{share.part:g}", str(share.whole)]
        yield [*cells, *(str(each.excluded.get(code, 0)) for code in names)]
