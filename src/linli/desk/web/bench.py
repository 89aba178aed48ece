"""The test bench: what would this report become, under the catalogue in force, another edition or a draft?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from linli.cases.actions import foreseeing
from linli.cases.actions.foreseeing import Foreseen
from linli.cases.queries import Catalogue, Kind, catalogues
from linli.cases.words import Source
from linli.desk import asking
from linli.desk.asking import for_staff
from linli.desk.versions import Version, choices, version_of
from linli.desk.web.catalogue import REF_MOST, cited, described
from linli.intake import queries as intake
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import INTERNAL, MALFORMED, Problem
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import Standing
from linli.territory import queries as territory

SUGGESTED = 3
WORDS_SHOWN = 6
TEXT_MOST = 4000
NO_KIND = Text("这一版没有合适的事项", "This edition has no kind that fits")
NOT_A_MOMENT = Text("请写成 2026-03-10 09:30 这样的时间", "Write a moment like 2026-03-10 09:30")
NO_SUCH_KIND = Text("清单里没有这样的事项", "The catalogue has no such kind")
SOURCES = tuple(source for source in Source if source is not Source.IMPORTED)
LABELS: dict[str, tuple[Text, Text | None]] = {
    "text": (Text("来件怎么说", "What the report says"), None),
    "kind": (
        Text("事项", "Kind"),
        Text("代码或名称;不填就按文字推荐。", "A code or a name; left empty, the words suggest one."),
    ),
    "unit": (Text("在哪个网格", "In which unit"), None),
    "address": (
        Text("或写地址", "Or an address"),
        Text("没有选网格时按地址定位。", "Located by it when no unit is chosen."),
    ),
    "source": (Text("来源", "Source"), None),
    "moment": (Text("什么时候", "When"), Text("不填即现在。", "Now, when left empty.")),
    "old": (Text("按哪一版", "Under which edition"), None),
    "new": (Text("并与哪一版对照", "Beside which other"), None),
}


class BenchForm(forms.Form):
    """What is to be tried. Nothing of it is kept."""

    text = forms.CharField(
        max_length=TEXT_MOST, widget=forms.Textarea(attrs={"rows": 3, "maxlength": TEXT_MOST})
    )
    kind = forms.CharField(required=False, max_length=asking.WORDS_MOST)
    source = forms.ChoiceField(choices=lambda: [(source.value, str(source.label)) for source in SOURCES])
    unit = forms.ChoiceField(required=False)
    address = forms.CharField(required=False, max_length=200)
    moment = forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    old = forms.ChoiceField(required=False)
    new = forms.ChoiceField(required=False)

    def __init__(self, data: Any, *, actor: Actor, at: datetime, **given: Any) -> None:
        super().__init__(data, **given)
        for name, (label, help_text) in LABELS.items():
            self.fields[name].label = str(label)
            self.fields[name].help_text = str(help_text) if help_text else ""
        self.fields["moment"].error_messages["invalid"] = str(NOT_A_MOMENT)
        known = choices(actor, at)
        in_force = ("", str(Text("现行版", "The edition in force")))
        self.fields["unit"].choices = [("", "—"), *asking.units_of(actor)]  # type: ignore[attr-defined]  # ChoiceFields
        self.fields["old"].choices = [in_force, *known]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["new"].choices = [("", "—"), *known]  # type: ignore[attr-defined]  # a ChoiceField

    def clean_moment(self) -> datetime | None:
        """Between 1970 and 2100, in the town's time."""
        found: datetime | None = self.cleaned_data["moment"]
        if found is not None and not 1971 <= found.year <= 2100:
            raise forms.ValidationError(str(NOT_A_MOMENT))
        return found.replace(tzinfo=clock.town_zone()).astimezone(UTC) if found is not None else None


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def bench(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What a report would become: kind, condition, who, why, limits, first step. Nothing is written."""
    at = clock.now()
    given = _initial(request.GET)
    form = BenchForm(request.POST if request.method == "POST" else None, actor=actor, at=at, initial=given)
    results: list[dict[str, Any]] = []
    status = 200
    if request.method == "POST":
        if form.is_valid():
            results, status = _results(form, actor, at)
        else:
            status = 422
    context = {"form": form, "results": results, "now": at}
    return render(request, "desk/catalogue_bench.html", context, status=status)


def _initial(given: QueryDict) -> dict[str, str]:
    kept = {name: asking.text(given, name, REF_MOST) for name in ("kind", "new", "old")}
    return {**kept, "source": Source.HOTLINE.value}


def _results(form: BenchForm, actor: Actor, at: datetime) -> tuple[list[dict[str, Any]], int]:
    data = form.cleaned_data
    moment = data["moment"] or at
    refs = list(
        dict.fromkeys([data["old"] or str(catalogues.edition_at(moment)), *filter(None, [data["new"]])])
    )
    shown = [version_of(ref, actor, at) for ref in refs]
    try:
        return [_tried(version, data, moment) for version in shown], 200
    except Problem as problem:
        if problem.error.status in {401, 403, 404} or problem.error in {INTERNAL, MALFORMED}:
            raise
        for name, text in (problem.fields or {"kind": problem.title}).items():
            form.add_error(name if name in form.fields else None, str(text))
        return [], problem.error.status


def _tried(version: Version, data: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    book, unit_id = version.book(), UUID(data["unit"]) if data["unit"] else None
    said = intake.suggest(data["text"], unit_id=unit_id, at=moment)
    learned = [kind for kind in (book.kind(each.kind) for each in said) if kind is not None]
    # The model has learned from the catalogue in force; where it says nothing, the words of this one do.
    suggested = learned or book.search(data["text"], limit=SUGGESTED)
    kind = _kind(book, data["kind"].strip(), suggested)
    result: dict[str, Any] = {
        "version": version,
        "suggested": suggested,
        "because": list(dict.fromkeys(word for each in said for word in each.words))[:WORDS_SHOWN]
        if learned
        else [],
    }
    if kind is None:
        return result | {"nothing": NO_SUCH_KIND if data["kind"].strip() else NO_KIND}
    found = foreseeing.foresee(
        text=data["text"],
        kind=kind.code,
        source=Source(data["source"]),
        book=book,
        at=moment,
        address=data["address"].strip(),
        unit_id=unit_id,
    )
    return result | _shown(found, moment)


def _kind(book: Catalogue, words: str, suggested: list[Kind]) -> Kind | None:
    if not words:
        return suggested[0] if suggested else None
    found = book.kind(words.upper())
    if found is not None and not found.component:
        return found
    return next(iter(book.search(words, limit=1)), None)


def _shown(found: Foreseen, moment: datetime) -> dict[str, Any]:
    listed = found.duty.prefix or found.duty.standing is not Standing.BASIC
    said = DUTIES[found.duty.standing] if listed else UNLISTED
    return {
        "found": found,
        "kind": found.kind,
        "moment": moment,
        "unit": territory.snapshot().path_text(found.unit_id) if found.unit_id else Text("", ""),
        "taker": people.taker_name(found.responsible),
        "cited": cited(found.condition.source_ref),
        "refused": found.duty.standing is Standing.WITHDRAWN,
        **described(found.kind, catalogues.takers(moment)),
        "duty": Text(
            said.zh.replace("{lead}", found.duty.lead.zh), said.en.replace("{lead}", found.duty.lead.en)
        ),
    }


DUTIES = {
    Standing.BASIC: Text("基本履职事项:镇里办理", "A basic duty: the town handles it"),
    Standing.COOPERATIVE: Text(
        "配合履职事项:{lead}牵头,镇里配合", "A cooperative duty: {lead} leads, the town helps"
    ),
    Standing.WITHDRAWN: Text(
        "已收回事项:应由{lead}承担,不能派给镇里",
        "A withdrawn duty: {lead} has to take it, the town must not be charged",
    ),
}
UNLISTED = Text("履职事项清单没有写:按镇里自己的事办", "Not on the duty list: the town's own matter")
