"""What callers, departments and checkers fill in. Whether it may be is decided by the actions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from linli.cases.words import Answer
from linli.followup import queries
from linli.followup.actions import Said
from linli.followup.words import Found, Outcome, Solved
from linli.kernel.text import Text

LONGEST = 1000
Choices = list[tuple[str, str]]


class Asked(forms.Form):
    """A form whose labels, help and choices are in both languages."""

    TEXTS: dict[str, tuple[Text, Text | None]] = {}
    CHOICES: dict[str, Iterable[Any]] = {}

    def __init__(self, data: Any = None, **given: Any) -> None:
        super().__init__(data, **given)
        for name, (label, help_text) in self.TEXTS.items():
            self.fields[name].label = str(label)
            self.fields[name].help_text = str(help_text) if help_text else ""
        for name, words in self.CHOICES.items():
            self.choose(name, [(word.value, str(word.label)) for word in words])

    def choose(self, name: str, choices: Choices) -> None:
        """Offer these."""
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # it is a ChoiceField


def _radio(*, required: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(required=required, widget=forms.RadioSelect)


def _words(*, required: bool = False, rows: int = 3) -> forms.CharField:
    return forms.CharField(required=required, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows}))


def _day() -> forms.DateField:
    return forms.DateField(
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), input_formats=["%Y-%m-%d"]
    )


def _write_id() -> forms.UUIDField:
    return forms.UUIDField(widget=forms.HiddenInput)


class CallForm(Asked):
    """How a call went."""

    TEXTS = {
        "outcome": (Text("电话情况", "How the call went"), None),
        "solved": (Text("诉求人认为解决了吗?", "Does the reporter say it is solved?"), None),
        "answer": (Text("诉求人满意吗?", "Is the reporter satisfied?"), None),
        "words": (
            Text("诉求人怎么说", "What the reporter said"),
            Text("照原话记,不改写。", "In their own words."),
        ),
        "reopen": (Text("诉求人要求重开", "The reporter wants it reopened"), None),
        "reopen_reason": (
            Text("重开理由", "Why it is reopened"),
            Text("不填即用诉求人的原话。", "The reporter's words when left empty."),
        ),
        "no_more_calls": (
            Text("诉求人以后也不愿接到回访", "The reporter wants no such calls at all"),
            None,
        ),
    }
    CHOICES = {
        "outcome": Outcome,
        "solved": Solved,
        "answer": [answer for answer in Answer if answer is not Answer.UNREACHABLE],
    }
    id = _write_id()
    outcome = _radio()
    solved = _radio(required=False)
    answer = _radio(required=False)
    words = _words()
    reopen = forms.BooleanField(required=False)
    reopen_reason = _words(rows=2)
    no_more_calls = forms.BooleanField(required=False)

    def said(self) -> Said:
        """The call as the action takes it."""
        given = self.cleaned_data
        return Said(
            outcome=Outcome(given["outcome"]),
            solved=Solved(given["solved"]) if given["solved"] else None,
            answer=Answer(given["answer"]) if given["answer"] else None,
            words=given["words"].strip(),
            reopen=given["reopen"],
            reopen_reason=given["reopen_reason"].strip(),
            no_more_calls=given["no_more_calls"],
        )


class ExclusionForm(Asked):
    """A case that is to be left out of rates."""

    TEXTS = {
        "reason": (Text("剔除理由", "Ground"), None),
        "words": (
            Text("具体情况", "The circumstances"),
            Text("说明事实和依据,至少六个字。", "Facts and what they rest on, in at least six characters."),
        ),
    }
    id = _write_id()
    reason = _radio()
    words = _words(required=True)

    def __init__(self, data: Any = None, **given: Any) -> None:
        super().__init__(data, **given)
        self.choose("reason", [(code, str(text)) for code, text in queries.asked_grounds().items()])


class DecisionForm(Asked):
    """A decision on an exclusion."""

    TEXTS = {
        "granted": (Text("结论", "Decision"), None),
        "words": (
            Text("说明", "Why"),
            Text("不予剔除时必须说明。", "Needed when it is refused."),
        ),
    }
    granted = _radio()
    words = _words()

    def __init__(self, data: Any = None, **given: Any) -> None:
        super().__init__(data, **given)
        yes, no = Text("同意剔除", "Leave it out"), Text("不予剔除", "It counts")
        self.choose("granted", [("yes", str(yes)), ("no", str(no))])


class AppealForm(Asked):
    """An appeal against a decision."""

    TEXTS = {"words": (Text("申诉理由", "Why the decision is wrong"), None)}
    words = _words(required=True)


class PeriodForm(Asked):
    """Which cases: closed from a day to a day, both included, in a unit, of a department."""

    TEXTS = {
        "since": (Text("结案日期从", "Closed from"), None),
        "until": (Text("到", "To"), None),
        "unit": (Text("网格", "Unit"), None),
        "department": (Text("部门", "Department"), None),
        "by": (Text("分组", "Line by line"), None),
    }
    since, until = _day(), _day()
    unit = forms.TypedChoiceField(required=False, coerce=UUID, empty_value=None)
    department = forms.TypedChoiceField(required=False, coerce=UUID, empty_value=None)
    by = forms.ChoiceField(required=False)

    def __init__(self, data: Any = None, *, units: Choices, departments: Choices, **given: Any) -> None:
        super().__init__(data, **given)
        every = str(Text("全部", "All"))
        self.choose("unit", [("", every), *units])
        self.choose("department", [("", every), *departments])
        by_unit, by_department = Text("按下级网格", "By unit"), Text("按部门", "By department")
        self.choose("by", [("unit", str(by_unit)), ("department", str(by_department))])

    def clean(self) -> dict[str, Any]:
        """The end does not come before the beginning, and the period is not too long to be counted."""
        found: dict[str, Any] = super().clean() or {}
        _check_days(self, found.get("since"), found.get("until"))
        return found


class DrawForm(Asked):
    """A sample to be committed to."""

    TEXTS = {
        "unit": (Text("网格", "Unit"), None),
        "since": (Text("结案日期从", "Closed from"), None),
        "until": (Text("到", "To"), Text("只能抽取已经过去的日子。", "Days that are over.")),
        "size": (Text("抽取件数", "How many"), None),
    }
    id = _write_id()
    unit = forms.TypedChoiceField(coerce=UUID)
    since, until = _day(), _day()
    size = forms.IntegerField(min_value=1)

    def __init__(self, data: Any = None, *, units: Choices, **given: Any) -> None:
        super().__init__(data, **given)
        self.choose("unit", units)
        most = int(queries.draw_law()["most_sample"])
        size = self.fields["size"]
        size.widget.attrs |= {"min": 1, "max": most}
        size.help_text = str(Text(f"至多 {most} 件", f"At most {most}"))

    def clean(self) -> dict[str, Any]:
        """The end does not come before the beginning."""
        found: dict[str, Any] = super().clean() or {}
        _check_days(self, found.get("since"), found.get("until"))
        return found


class InspectionForm(Asked):
    """What was found on the spot."""

    TEXTS = {
        "found": (Text("复查结果", "What was found"), None),
        "words": (Text("现场情况", "What there is to see"), None),
    }
    CHOICES = {"found": Found}
    found = _radio()
    words = _words(required=True)


def _check_days(form: forms.Form, since: date | None, until: date | None) -> None:
    if since is None or until is None:
        return
    wrong = queries.wrong_days(since, until)
    if wrong is not None:
        form.add_error("until", str(wrong))
