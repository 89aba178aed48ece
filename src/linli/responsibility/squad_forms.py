"""What administrators fill in of squads, contracts and chiefs. Whether it may be is decided by the actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.responsibility.actions import Signed
from linli.responsibility.queries import SquadRow

Choices = Sequence[tuple[UUID, Text]]
NOBODY = Text("—(不设)", "— (none)")


def _day() -> forms.DateField:
    return forms.DateField(
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"}),
        input_formats=["%Y-%m-%d"],
    )


def _choices(given: Choices) -> list[tuple[str, str]]:
    return [(str(value), str(name)) for value, name in given]


class Labelled(forms.Form):
    """A form whose labels and help are in both languages."""

    TEXTS: dict[str, tuple[Text, Text | None]] = {}

    def __init__(self, data: Any = None, **given: Any) -> None:
        super().__init__(data, **given)
        for name, (label, help_text) in self.TEXTS.items():
            self.fields[name].label = str(label)
            self.fields[name].help_text = str(help_text) if help_text else ""
        if "id" in self.fields:
            self.initial.setdefault("id", uuid7())

    def offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        """These are the choices of the field."""
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # it is a ChoiceField


class ReasonForm(Labelled):
    """Why something ends."""

    reason = forms.CharField(max_length=200)
    TEXTS = {"reason": (Text("原因", "Reason"), None)}


class EndForm(Labelled):
    """When something ends and why."""

    day = _day()
    reason = forms.CharField(max_length=200)
    TEXTS = {
        "day": (Text("从哪天起不再生效", "From which day it holds no more"), None),
        "reason": (Text("原因", "Reason"), None),
    }


class ChiefForm(Labelled):
    """Which post answers for a place."""

    post = forms.ChoiceField()
    day = _day()
    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    TEXTS = {
        "post": (Text("由哪个岗位担任", "Which post"), Text("岗位换人后,责任随岗位走。", "The duty stays with the post when its holder changes.")),
        "day": (Text("从哪天起", "From which day"), None),
    }  # fmt: skip

    def __init__(self, data: Any = None, *, posts: Choices, **given: Any) -> None:
        super().__init__(data, **given)
        self.offer("post", [("", "—"), *_choices(posts)])


class ContractForm(Labelled):
    """A contract of a legal adviser."""

    units = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    firm = forms.CharField(max_length=120)
    lawyer = forms.CharField(max_length=60)
    contact = forms.CharField(max_length=60, required=False)
    coverage = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    starts = _day()
    ends = _day()
    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    TEXTS = {
        "units": (Text("服务的村居", "Villages"), None),
        "firm": (Text("律师事务所", "Firm"), None),
        "lawyer": (Text("律师姓名", "Lawyer"), None),
        "contact": (Text("工作联系方式", "Contact at work"), Text("只填办公电话或邮箱,不填私人号码。", "An office number or address, nothing private.")),
        "coverage": (Text("服务内容", "Coverage"), Text("如:每月驻点半天、审查合同、参与调解。", "Such as half a day a month on the spot, contracts, mediation.")),
        "starts": (Text("开始日期", "First day"), None),
        "ends": (Text("结束日期", "Last day"), Text("当日仍有效。", "The contract still holds on it.")),
    }  # fmt: skip

    def __init__(self, data: Any = None, *, villages: Choices, **given: Any) -> None:
        super().__init__(data, **given)
        self.offer("units", _choices(villages))

    def given(self, renews: UUID | None) -> Signed:
        """What was filled in."""
        found = {name: value for name, value in self.cleaned_data.items() if name not in {"id", "units"}}
        return Signed(**found, units=[UUID(unit) for unit in self.cleaned_data["units"]], renews=renews)


class SquadForm(Labelled):
    """A squad: its name, units and who leads it."""

    name = forms.CharField(max_length=60)
    units = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    leader = forms.ChoiceField()
    deputy = forms.ChoiceField(required=False)
    second = forms.ChoiceField(required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    TEXTS = {
        "name": (Text("中队名称", "Name of the squad"), None),
        "units": (Text("编入的网格", "Units"), Text("这些网格及以下的网格岗位都编入;已属其他中队的不列出。", "All grid posts in and below them are pooled; those of other squads are not listed.")),
        "leader": (Text("队长", "Leader"), None),
        "deputy": (Text("副队长", "Deputy"), None),
        "second": (Text("第二副队长", "Second deputy"), None),
    }  # fmt: skip

    def __init__(self, data: Any = None, *, units: Choices, posts: Choices, row: SquadRow | None) -> None:
        initial: dict[str, Any] = {}
        if row is not None:
            led = dict(zip(("leader", "deputy", "second"), map(str, row.leaders), strict=False))
            initial = {"name": row.name, "units": [str(u) for u in row.units], "version": row.version, **led}
        super().__init__(data, initial=initial)
        self.offer("units", _choices(units))
        offered = _choices(posts)
        self.offer("leader", [("", "—"), *offered])
        for name in ("deputy", "second"):
            self.offer(name, [("", str(NOBODY)), *offered])

    def given(self) -> dict[str, Any]:
        """What was filled in, as the action takes it."""
        clean = self.cleaned_data
        return {
            "name": clean["name"], "units": [UUID(unit) for unit in clean["units"]], "leader": UUID(clean["leader"]),
            "deputies": [UUID(clean[name]) for name in ("deputy", "second") if clean[name]],
            "version": clean["version"], "id": clean["id"],
        }  # fmt: skip
