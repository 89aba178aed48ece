"""The form of a kind in a draft: every column of the catalogue, its conditions below, limits of stages apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from linli.cases.queries import catalogues
from linli.cases.queries.catalogues import Entry
from linli.kernel.errors import Problem
from linli.kernel.text import Text
from linli.kernel.worktime import Limit, Unit

H = catalogues.HEADINGS
STAGE_HELP = Text(
    "如“4 工作时”;留空即按镇里统一时限。", "Such as “4 work_hour”; left empty, the town's own limit holds."
)
STEPS_HELP = Text("一行一步;中英文行数要相同。", "One step a line; as many lines in each language.")
HELP: dict[str, Text] = {
    "keywords_zh": Text(
        "用分号隔开,受理员和居民会这样说。", "Divided by semicolons: what clerks and residents say."
    ),
    "legacy": Text(
        "2013 版代码,多个用分号隔开。", "Numbers in the classification of 2013, divided by semicolons."
    ),
    "handling_zh": STEPS_HELP,
    "checklist_zh": STEPS_HELP,
    "public": Text("居民上报时可以选它。", "Residents may choose it when they report."),
    "settle": Text("微网格可以当场办结。", "The micro-grid may settle it on the spot."),
    "source_ref": Text(
        "法律条款、上级清单或本镇决定。", "An article of law, a list from above or the town's decision."
    ),
}
NEW_CLASS = "+"
NEW_CONDITIONS = 2
STEPS = ("handling_zh", "handling_en", "checklist_zh", "checklist_en")
PLAIN = (
    "name_zh",
    "name_en",
    "keywords_zh",
    "keywords_en",
    "scheme",
    "legacy",
    "responsible",
    "checking",
    "evidence",
)


def _words(most: int, *, required: bool = True, rows: int = 0) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(required=required, max_length=most, widget=widget)


def _choice(options: Mapping[str, Text]) -> forms.ChoiceField:
    return forms.ChoiceField(choices=lambda: [(value, str(label)) for value, label in options.items()])


def _say_language(fields: Mapping[str, forms.Field]) -> None:
    """A field of one language says so: to screen readers, and to the keyboard of a phone."""
    for name, bound in fields.items():
        language = name.rpartition("_")[2]
        if language in {"zh", "en"}:
            bound.widget.attrs["lang"] = language


class KindForm(forms.Form):
    """The kind itself. `takers` are the roles and departments that may be responsible, `majors` the classes."""

    code = _words(16)
    name_zh, name_en = _words(120), _words(120)
    major = forms.ChoiceField()
    major_code, major_zh, major_en = (
        _words(3, required=False),
        _words(120, required=False),
        _words(120, required=False),
    )
    responsible = forms.ChoiceField()
    helpers = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    keywords_zh, keywords_en = _words(300, required=False), _words(300, required=False)
    checking, evidence = _choice(catalogues.CHECKING), _choice(catalogues.EVIDENCE)
    settle, public = forms.BooleanField(required=False), forms.BooleanField(required=False)
    handling_zh, handling_en = _words(400, required=False, rows=4), _words(800, required=False, rows=4)
    checklist_zh, checklist_en = _words(400, required=False, rows=4), _words(800, required=False, rows=4)
    scheme, legacy = _words(120, required=False), _words(60, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        takers: Mapping[str, Text],
        majors: Mapping[str, tuple[str, str]],
        new: bool = False,
        order: Sequence[str] = (),
        **given: Any,
    ) -> None:
        super().__init__(data, **given)
        for name, bound in self.fields.items():
            bound.label = str(H.get(name) or LABELS.get(name) or name)
            bound.help_text = str(HELP.get(name, ""))
        options = [(code, str(label)) for code, label in takers.items()]
        self.order = order
        self.fields["responsible"].choices = options  # type: ignore[attr-defined]  # they are ChoiceFields
        self.fields["helpers"].choices = options  # type: ignore[attr-defined]  # a ChoiceField
        classes = [(code, f"{code} {Text(*names)}") for code, names in majors.items()]
        self.fields["major"].choices = [*classes, (NEW_CLASS, str(LABELS["another"]))]  # type: ignore[attr-defined]  # a ChoiceField
        self.majors = majors
        for stage, label in catalogues.STAGES.items():
            bound = _words(30, required=False)
            bound.label, bound.help_text = str(label), str(STAGE_HELP) if stage == "contact" else ""
            self.fields[f"stage_{stage}"] = bound
        _say_language(self.fields)
        if not new:
            self.fields["code"].widget = forms.HiddenInput()

    @property
    def stages(self) -> list[Any]:
        """The fields of the stages' limits."""
        return [self[f"stage_{name}"] for name in catalogues.STAGES]

    @property
    def stages_set(self) -> bool:
        """Whether any stage has a limit of its own, or one that is wrong."""
        return any(bound.value() or bound.errors for bound in self.stages)

    def clean(self) -> dict[str, Any]:
        """Each limit of a stage is read by itself, so that what is wrong stands at its own field."""
        data = super().clean() or self.cleaned_data
        for name in catalogues.STAGES:
            try:
                if value := data.get(f"stage_{name}", "").strip():
                    Limit.parse(value)
            except Problem as problem:
                self.add_error(f"stage_{name}", str(problem.title))
        return data

    def _in_order(self, chosen: list[str]) -> list[str]:
        """Those who helped before in their old order, then the others."""
        return [
            *(each for each in self.order if each in chosen),
            *(each for each in chosen if each not in self.order),
        ]

    def row(self, default: str) -> dict[str, str]:
        """The kind as a row of the catalogue."""
        data = self.cleaned_data
        if data["major"] == NEW_CLASS:
            major, names = data["major_code"].strip(), (data["major_zh"].strip(), data["major_en"].strip())
        else:
            major, names = data["major"], self.majors[data["major"]]
        stages = [(name, data[f"stage_{name}"].strip()) for name in catalogues.STAGES]
        row = {name: data[name].strip() for name in PLAIN}
        row |= {
            name: ";".join(line.strip() for line in data[name].splitlines() if line.strip()) for name in STEPS
        }
        return row | {
            "code": data["code"].strip().upper(),
            "major": major,
            "major_zh": names[0],
            "major_en": names[1],
            "helpers": ";".join(self._in_order(data["helpers"])),
            "settle": "1" if data["settle"] else "0",
            "public": "1" if data["public"] else "0",
            "stages": ";".join(f"{name}={value}" for name, value in stages if value),
            "default_condition": default,
        }


LABELS: dict[str, Text] = {
    "major": Text("大类", "Class"),
    "major_code": Text("新大类代码(如 L98)", "Code of the new class (such as L98)"),
    "major_zh": Text("新大类名称", "Its name in Chinese"),
    "major_en": Text("新大类英文名", "Its name in English"),
    "another": Text("+ 新的大类", "+ a new class"),
    "default": Text("默认条件", "Default condition"),
    "retire": Text("停用这个条件", "Retire this condition"),
}
CONDITION_FIELDS = ("text_zh", "text_en", "limit", "unit", "closing_zh", "closing_en", "source_ref")


class ConditionForm(forms.Form):
    """A condition: when a matter is registered, how long handling may take, when it may be closed."""

    code = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput())
    text_zh, text_en = _words(120, required=False), _words(120, required=False)
    limit = forms.CharField(
        required=False,
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    unit = forms.ChoiceField(
        initial=Unit.WORK_DAY.value, choices=lambda: [(unit.value, str(unit.label)) for unit in Unit]
    )
    closing_zh, closing_en = _words(120, required=False), _words(120, required=False)
    source_ref = _words(60, required=False)
    retire = forms.BooleanField(required=False)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        for name, bound in self.fields.items():
            bound.label = str(LABELS.get(name) or H.get(name) or name)
            bound.help_text = str(HELP.get(name, ""))
        _say_language(self.fields)

    @property
    def blank(self) -> bool:
        """Whether nothing was written into a line that was offered for a new condition."""
        data = self.cleaned_data
        return not any(data.get(name, "").strip() for name in ("code", *CONDITION_FIELDS) if name != "unit")


Conditions = formset_factory(ConditionForm, extra=NEW_CONDITIONS, max_num=40, validate_max=True)


def initial_of(entry: Entry) -> dict[str, Any]:
    """The values with which the form of a kind opens."""
    row = dict(entry.kind or {})
    stages = dict(part.split("=", 1) for part in row.get("stages", "").split(";") if "=" in part)
    return {
        **row,
        **{name: "\n".join(part.strip() for part in row.get(name, "").split(";")) for name in STEPS},
        **{f"stage_{name}": value.strip() for name, value in stages.items()},
        "helpers": [part for part in row.get("helpers", "").split(";") if part],
        "settle": row.get("settle") == "1",
        "public": row.get("public") == "1",
    }


def entry_of(form: KindForm, conditions: BaseFormSet[ConditionForm], default: str) -> tuple[Entry, list[int]]:
    """The rows that the forms make, and which form each condition came from.

    `default` is the number of the form whose condition is the default; the first one when it has none.
    """
    code = form.cleaned_data["code"].strip().upper()
    kept = [
        (number, one)
        for number, one in enumerate(conditions.forms)
        if not one.blank and not one.cleaned_data["retire"]
    ]
    taken = [one.cleaned_data["code"] for one in conditions.forms if one.cleaned_data.get("code")]
    rows = []
    for _, one in kept:
        place = one.cleaned_data["code"] or catalogues.next_condition(code, taken)
        taken.append(place)
        rows.append(
            {"kind": code, "code": place}
            | {name: one.cleaned_data[name].strip() for name in CONDITION_FIELDS}
        )
    numbers = [number for number, _ in kept]
    chosen = (
        numbers.index(int(default))
        if default.isdecimal() and len(default) < 4 and int(default) in numbers
        else 0
    )
    row = form.row(rows[chosen]["code"] if rows else "")
    full = {column: row.get(column, "") for column in catalogues.KIND_COLUMNS}
    return Entry(full, tuple(rows)), numbers
