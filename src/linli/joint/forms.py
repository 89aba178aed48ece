"""What people fill in around a whistle. Whether it may be is decided by the actions."""

from __future__ import annotations

from typing import Any

from django import forms

from linli.joint.words import MARK_LABELS
from linli.kernel.text import Text

REASON = Text("理由", "Reason")
FIRST_YEAR = 2000
NO_MOMENT = Text("请填写会议的日期和时间", "Give the day and time of the meeting")


class Said(forms.Form):
    """A form whose labels and help are in both languages."""

    TEXTS: dict[str, tuple[Text, Text | None]] = {}

    def __init__(self, data: Any = None, **given: Any) -> None:
        super().__init__(data, **given)
        for name, (label, help_text) in self.TEXTS.items():
            self.fields[name].label = str(label)
            self.fields[name].help_text = str(help_text) if help_text else ""


def _words(most: int, *, required: bool = True, rows: int = 3) -> forms.CharField:
    return forms.CharField(required=required, max_length=most, widget=forms.Textarea(attrs={"rows": rows}))


class WhistleForm(Said):
    """Why the whistle is blown, and where to meet."""

    TEXTS = {
        "reason": (Text("为什么吹哨", "Why you whistle"),
                   Text("写明难在哪里、需要各部门做什么。", "What is hard about it, and what the departments are needed for.")),
        "place": (Text("集合地点", "Where to meet"), Text("不填即案件地点。", "The matter's own place when left empty.")),
    }  # fmt: skip
    reason = _words(1000)
    place = forms.CharField(required=False, max_length=200)


class ReasonForm(Said):
    """Why something is refused or ended."""

    TEXTS = {"reason": (REASON, None)}
    reason = _words(400, rows=2)


class ContactForm(Said):
    """What was agreed with the caller."""

    TEXTS = {
        "text": (Text("联系情况", "What was agreed"),
                 Text("何时受理、与谁沟通、什么措施、何时办好。", "When taken up, with whom, which measures, by when.")),
    }  # fmt: skip
    text = _words(1000)


class FinishForm(Said):
    """What came of the part."""

    TEXTS = {"result": (Text("协办结果", "What was done"), None)}
    result = _words(1000)


class FinishAwayForm(FinishForm):
    """What came of a part to which nobody came although that was asked, and why nobody did."""

    TEXTS = FinishForm.TEXTS | {
        "absence": (Text("没有到场的原因", "Why nobody came"),
                    Text("要求到场而没有报到。写明原因,例如已电话解决;原因会显示在案件和清单上。",
                         "You were asked to come and did not report in. Say why, for example settled by telephone; it is shown with the matter and in the lists.")),
    }  # fmt: skip
    absence = _words(200, rows=2)


class MeetingForm(Said):
    """The minutes of a meeting."""

    TEXTS = {
        "held_at": (Text("会议时间", "When"), None),
        "place": (Text("会议地点", "Where"), None),
        "minutes": (
            Text("会商纪要", "Minutes"),
            Text("各方意见和议定事项。", "What each said, and what was agreed."),
        ),
    }
    held_at = forms.DateTimeField(
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )
    place = forms.CharField(max_length=200)
    minutes = _words(8000, rows=8)

    def clean_held_at(self) -> Any:
        """A moment of our own time: others have no place in a calendar."""
        moment = self.cleaned_data["held_at"]
        if moment.year < FIRST_YEAR:
            raise forms.ValidationError(str(NO_MOMENT))
        return moment


class ProblemForm(Said):
    """What stands in the way."""

    TEXTS = {"text": (Text("问题", "Problem"), None), "part": (Text("涉及单位", "Whom it concerns"), None)}
    text = _words(400, rows=2)
    part = forms.ChoiceField(required=False)

    def __init__(self, data: Any = None, *, parts: list[tuple[str, str]], **given: Any) -> None:
        super().__init__(data, **given)
        self.fields["part"].choices = [("", "—"), *parts]  # type: ignore[attr-defined]  # it is a ChoiceField


class SolutionForm(Said):
    """How a problem was settled."""

    TEXTS = {"solution": (Text("怎么解决的", "How it was settled"), None)}
    solution = forms.CharField(max_length=400)


class CodeForm(Said):
    """The code of the spot."""

    TEXTS = {
        "code": (Text("现场报到码", "Code shown on the spot"),
                 Text("扫码时已填好;也可以照着现场屏幕输入。", "Filled in when you scanned it; or type what the screen there shows.")),
    }  # fmt: skip
    code = forms.CharField(
        max_length=12, widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    )


class RateForm(Said):
    """How the other side worked with one's own."""

    TEXTS = {"mark": (Text("配合得怎么样?", "How did they work with you?"), None), "comment": (Text("说明", "Comment"), None)}  # fmt: skip
    mark = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=lambda: [(mark.value, str(text)) for mark, text in MARK_LABELS.items()],
    )
    comment = forms.CharField(required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
