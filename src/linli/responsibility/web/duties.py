"""The town's duty list: what is its own, what it helps with, what was taken back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from linli.kernel import clock
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.text import Text
from linli.people import actions as people_actions
from linli.people import queries as people
from linli.people.words import STANDING_LABELS, Standing
from linli.responsibility import files, queries
from linli.responsibility.forms import DutyForm
from linli.responsibility.web import asking
from linli.responsibility.words import About, Line

SAVED = Text("履职事项清单已更新", "The duty list is changed")
SAME = Text("内容没有变化", "Nothing was different")
BY_HAND = Text("页面修改:{code}", "Changed on the page: {code}")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The duty list in force, by standing, with the department above that each row names."""
    actor, at = asking.reader(request), clock.now()
    rows = people.duty_rows(at)
    groups = [
        {
            "label": label,
            "standing": standing.value,
            "rows": [_shown(row) for row in rows if row.get("standing") == standing],
        }
        for standing, label in STANDING_LABELS.items()
    ]
    context = {
        "groups": groups, "edition": people.duty_edition(at), "may_edit": asking.keeps_list(actor),
        "about": people.duty_about(at), "tabs": asking.tabs("duties", actor), "now": at,
    }  # fmt: skip
    return render(request, "responsibility/duties.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def row(request: HttpRequest) -> HttpResponse:
    """One row of the duty list, or a new one; saving publishes the list as a new edition."""
    actor, at = asking.list_keeper(request), clock.now()
    rows, code = people.duty_rows(at), request.GET.get("code", "")
    old = next((each for each in rows if each["code"] == code), None) if code else None
    if code and old is None:
        raise Problem(NOT_FOUND)
    form, status = DutyForm(initial=old or {"standing": Standing.COOPERATIVE.value}), 200
    if request.method == "POST":
        form, status = DutyForm(request.POST), 422
        dropped = request.POST.get("do") == "drop" and old is not None
        try:
            if dropped or _sound(form):
                fresh = None if dropped else {name: form.cleaned_data[name] for name in form.fields}
                made = people_actions.publish_duties(
                    rows=_with(rows, old, fresh), by=actor, at=at,
                    source=str(BY_HAND.fill(code=(fresh or old or {}).get("code", ""))),
                )  # fmt: skip
                asking.tell(request, SAVED if made else SAME)
                return redirect("responsibility:duties")
        except Problem as problem:
            status = asking.refused(form, problem)
    context = {"form": form, "old": _shown(old) if old else None, "tabs": asking.tabs("duties", actor)}
    return render(request, "responsibility/duty.html", context, status=status)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The duty list as Excel."""
    asking.reader(request)
    lines = queries.duty_lines(clock.now())
    return asking.download(files.write(About.DUTIES.label, files.DUTY_HEADINGS, lines), "duties.xlsx")


def _sound(form: DutyForm) -> bool:
    """Whether the row can stand in the list; what is wrong is said at its field."""
    if not form.is_valid():
        return False
    rows, findings = queries.read_duties([Line(0, dict(form.cleaned_data))])
    for finding in findings:
        form.add_error(finding.field if finding.field in form.fields else None, str(finding.reason))
    return not findings and bool(rows)


def _with(
    rows: list[dict[str, str]], old: dict[str, str] | None, fresh: dict[str, str] | None
) -> list[dict[str, str]]:
    """The rows with one of them replaced, taken out, or added at the end."""
    kept = [fresh if each is old else each for each in rows]
    if old is None:
        kept.append(fresh)
    return [each for each in kept if each is not None]


def _shown(row: dict[str, str]) -> dict[str, object]:
    return {
        "code": row["code"],
        "name": queries.kind_name(row["code"]),
        "lead": Text(row.get("lead_zh", ""), row.get("lead_en") or row.get("lead_zh", "")),
        "source": Text(row.get("source_zh", ""), row.get("source_en") or row.get("source_zh", "")),
    }
