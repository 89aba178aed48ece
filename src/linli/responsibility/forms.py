"""What administrators fill in. Whether it may be is decided by the actions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from linli.kernel.text import Text
from linli.people.words import STANDING_LABELS, Part, Taker

INHERIT = Text("—(沿用上级或事项清单)", "— (as above, or as the catalogue)")
LEAD = Text("由谁牵头", "Who leads")
OTHERS = {
    Part.HELP: Text("由谁配合", "Who helps"),
    Part.SUPERVISE: Text("由谁监督", "Who supervises"),
    Part.REGULATE: Text("由谁监管", "Who regulates"),
}
SOURCE = Text("依据", "Source")
SOURCE_HELP = Text(
    "文件名称和条目,派遣理由里会写出来。", "The document and its item; reasons of dispatch cite it."
)
FILE = Text("Excel 或 CSV 文件", "Excel or CSV file")
FILE_HELP = Text(
    "先导出现行清单,在它上面修改。上传后先预览,确认才生效。",
    "Export the list in force and edit it. A preview is shown first; nothing changes before you confirm.",
)


class CellForm(forms.Form):
    """Who stands in one cell."""

    source = forms.CharField(required=False, max_length=200)

    def __init__(
        self, data: Any = None, *, part: Part, known: list[tuple[Taker, Text]], own: tuple[Taker, ...] = (),
        source: str = "",
    ) -> None:  # fmt: skip
        super().__init__(data, initial={"source": source})
        choices = [(key_of(taker), str(name)) for taker, name in known]
        chosen = [key_of(taker) for taker in own]
        field: forms.Field
        if part is Part.LEAD:
            field = forms.ChoiceField(required=False, choices=[("", str(INHERIT)), *choices])
            field.initial = chosen[0] if chosen else ""
        else:
            field = forms.MultipleChoiceField(
                required=False, choices=choices, widget=forms.CheckboxSelectMultiple, initial=chosen
            )
        field.label = str(LEAD if part is Part.LEAD else OTHERS[part])
        self.fields = {"takers": field, **self.fields}
        self.fields["source"].label = str(SOURCE)
        self.fields["source"].help_text = str(SOURCE_HELP)

    def takers(self) -> list[Taker]:
        """Whom the reader chose."""
        given = self.cleaned_data["takers"]
        return [taker_of(key) for key in ([given] if isinstance(given, str) else given) if key]


def key_of(taker: Taker) -> str:
    """A taker as the value of a choice."""
    return f"r:{taker.role}" if taker.role else f"d:{taker.department_id}"


def taker_of(key: str) -> Taker:
    """The taker of a choice that the form has checked."""
    sort, _, value = key.partition(":")
    return Taker(value, None) if sort == "r" else Taker("", UUID(value))


class UploadForm(forms.Form):
    """A file to be taken over, after a preview."""

    file = forms.FileField(
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv", "class": "form-control"})
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["file"].label = str(FILE)
        self.fields["file"].help_text = str(FILE_HELP)


class WindowForm(forms.Form):
    """From which day to which; the days are the town's, both included."""

    since = forms.DateField(required=False)
    until = forms.DateField(required=False)

    def __init__(self, data: Any = None, **given: Any) -> None:
        super().__init__(data, **given)
        for field in self.fields.values():
            field.widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"})
        self.fields["since"].label = str(Text("从", "From"))
        self.fields["until"].label = str(Text("到", "To"))


class DutyForm(forms.Form):
    """One row of the duty list."""

    code = forms.CharField(max_length=24)
    standing = forms.ChoiceField(widget=forms.RadioSelect)
    lead_zh = forms.CharField(required=False, max_length=60)
    lead_en = forms.CharField(required=False, max_length=120)
    source_zh = forms.CharField(max_length=200)
    source_en = forms.CharField(required=False, max_length=300)

    LABELS = {
        "code": (Text("事项代码", "Code of the kind"), Text("可写开头几位,如 E08。", "Its beginning will do, such as E08.")),
        "standing": (Text("履职类别", "Standing"), None),
        "lead_zh": (
            Text("上级部门", "Department above"),
            Text("配合履职填主责部门,上级收回填承接部门。", "The one that leads (cooperative) or takes it (withdrawn)."),
        ),
        "lead_en": (Text("上级部门英文名", "Department above, in English"), None),
        "source_zh": (SOURCE, Text("清单名称和条目。", "The list and its item.")),
        "source_en": (Text("依据英文", "Source, in English"), None),
    }  # fmt: skip

    def __init__(self, data: Any = None, **given: Any) -> None:
        super().__init__(data, **given)
        standing = self.fields["standing"]
        standing.choices = [(each.value, str(label)) for each, label in STANDING_LABELS.items()]  # type: ignore[attr-defined]  # it is a ChoiceField
        for name, (label, help_text) in self.LABELS.items():
            self.fields[name].label = str(label)
            self.fields[name].help_text = str(help_text) if help_text else ""
