"""Legal advisers: every village with its adviser, contracts added, renewed and ended, and the Excel."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from linli.kernel import clock, journal
from linli.kernel.errors import NOT_ALLOWED, Problem
from linli.kernel.text import Text
from linli.responsibility import actions, files, queries
from linli.responsibility.models import Contract
from linli.responsibility.rules.cover import Cover
from linli.responsibility.squad_forms import ContractForm, EndForm
from linli.responsibility.web import asking

SIGNED, ENDED = Text("合同已保存", "The contract is saved"), Text("合同已终止", "The contract is ended")
TITLE = Text("法律顾问", "Legal advisers")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every village as of a day: gaps first, then what expires soon; the share that is covered."""
    actor, at = asking.reader(request), clock.now()
    found = queries.advisers(actor, asking.day_of(request.GET, at))
    context = {
        "found": found, "counts": [(cover, found.number(cover)) for cover in Cover],
        "warn_days": queries.advisers_book()["warn_days"], "may_edit": queries.may_edit(actor),
        "tabs": asking.tabs("advisers", actor), "now": at,
    }  # fmt: skip
    return render(request, "responsibility/advisers.html", context)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The same table as Excel."""
    actor = asking.reader(request)
    found = queries.advisers(actor, asking.day_of(request.GET, clock.now()))
    lines = queries.adviser_lines(found)
    return asking.download(files.write(TITLE, queries.ADVISER_HEADINGS, lines), f"advisers-{found.day}.xlsx")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Add a contract, or one that follows another."""
    actor, at, status = asking.editor(request), clock.now(), 200
    renews = asking.uuid_of(request.GET, "renews")
    old = queries.contract_for(actor, renews) if renews else None
    villages = queries.village_choices(actor)
    form = ContractForm(villages=villages, initial=_follows(old) if old else _for(request))
    if request.method == "POST":
        form, status = ContractForm(request.POST, villages=villages), 422
        try:
            if form.is_valid():
                id = form.cleaned_data["id"]
                actions.sign_contract(form.given(renews), by=actor, at=at, id=id)
                asking.tell(request, SIGNED)
                return redirect("responsibility:advisers")
        except Problem as problem:
            status = asking.refused(form, problem)
    context = {"form": form, "old": old, "tabs": asking.tabs("advisers", actor)}
    return render(request, "responsibility/contract_new.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def contract(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    """One contract with its history; whoever manages its villages ends it."""
    actor, at, status = asking.reader(request), clock.now(), 200
    found = queries.contract_for(actor, contract_id)
    edits = queries.may_edit_contract(actor, found)
    form = EndForm(initial={"day": queries.today(at)})
    if request.method == "POST":
        form, status = EndForm(request.POST), 422
        try:
            if not edits:
                raise Problem(NOT_ALLOWED)
            if form.is_valid():
                day, reason = form.cleaned_data["day"], form.cleaned_data["reason"]
                actions.end_contract(contract_id=contract_id, ended_on=day, reason=reason, by=actor, at=at)
                asking.tell(request, ENDED)
                return redirect("responsibility:contract", contract_id)
        except Problem as problem:
            status = asking.refused(form, problem, ended_on="day")
    context = {
        "contract": found, "last": queries.span_of(found).last, "form": form if edits and not found.ended_on else None,
        "edits": edits, "units": queries.unit_names(each.unit_id for each in found.units.all()),
        "history": journal.history(found.id), "tabs": asking.tabs("advisers", actor), "now": at,
    }  # fmt: skip
    return render(request, "responsibility/contract.html", context, status=status)


def _follows(old: Contract) -> dict[str, object]:
    """A contract as it would go on the day after the old one's last."""
    names = ("firm", "lawyer", "contact", "coverage")
    starts = queries.span_of(old).last + timedelta(days=1)
    return {
        **{name: getattr(old, name) for name in names}, "units": [str(u.unit_id) for u in old.units.all()], "starts": starts,
        "ends": starts + (old.ends - old.starts),
    }  # fmt: skip


def _for(request: HttpRequest) -> dict[str, object]:
    return {"units": [request.GET["unit"]]} if request.GET.get("unit") else {}
