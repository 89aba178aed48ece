"""What is filled in. Whether it may be is decided by the actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from linli.consultation import queries
from linli.consultation.queries import AskedShown, Candidate, OpinionShown
from linli.consultation.words import GROUND_LABELS, LEVEL_LABELS, RISK_LABELS, Level, Weighing
from linli.kernel.text import Text

REASON = Text("理由", "Reason")


class Asking(forms.Form):
    """A form whose labels and help are in both languages, with the client's id of this write."""

    TEXTS: dict[str, tuple[Text, Text | None]] = {}
    id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **given: Any) -> None:
        super().__init__(data, **given)
        for name, (label, help_text) in self.TEXTS.items():
            if name in self.fields:
                self.fields[name].label = str(label)
                self.fields[name].help_text = str(help_text) if help_text else ""


def _words(bound: str, rows: int, *, required: bool = True) -> forms.CharField:
    """A text whose length the rulebook bounds; the bound is put in when a form is made."""
    field = forms.CharField(
        required=required, widget=forms.Textarea(attrs={"rows": rows, "data-bound": bound})
    )
    return field


def _bounded(form: forms.Form) -> None:
    for field in form.fields.values():
        bound = field.widget.attrs.pop("data-bound", "")
        if bound:
            most = queries.bound(bound)
            field.widget.attrs["maxlength"] = most
            field.max_length = most  # type: ignore[attr-defined]  # these are CharFields


class Uuids(forms.TypedMultipleChoiceField):
    """Several of the offered ids."""

    def __init__(self, **given: Any) -> None:
        super().__init__(coerce=UUID, widget=forms.CheckboxSelectMultiple, **given)


def _of(found: Sequence[Candidate]) -> list[tuple[str, str]]:
    return [(str(each.id), str(each.name)) for each in found]


class AskForm(Asking):
    """Opinions are asked for."""

    TEXTS = {
        "topic": (Text("事由", "What it is about"), Text("一句话,不写个人信息。", "One line, without personal details.")),
        "question": (Text("要回答的问题", "The question to be answered"), Text("被征求的人能看到,其中的个人号码会遮盖;请勿写姓名。", "Those who are asked read it, with personal numbers masked. Leave names out.")),
        "risk": (Text("风险等级", "Risk level"), Text("决定答复时限。", "It sets the limit to answer.")),
        "accounts": (Text("征求谁的意见", "Whom to ask"), None),
        "departments": (Text("征求哪些部门的意见", "Which departments to ask"), None),
    }  # fmt: skip
    topic = forms.CharField(
        widget=forms.TextInput(attrs={"data-bound": "topic_words", "autocomplete": "off"})
    )
    question = _words("question_words", 6)
    risk = forms.ChoiceField(widget=forms.RadioSelect)
    accounts = Uuids(required=False)
    departments = Uuids(required=False)
    pictures = Uuids(required=False)

    def __init__(
        self, data: Any = None, *, advisers: Sequence[Candidate], departments: Sequence[Candidate],
        pictures: Sequence[UUID], **given: Any,
    ) -> None:  # fmt: skip
        super().__init__(data, **given)
        self.fields["risk"].choices = [  # type: ignore[attr-defined]  # it is a ChoiceField
            (risk.value, str(Text("{risk}:{what},{limit}内", "{risk}: {what}; within {limit}").fill(
                risk=label, what=queries.meaning(risk), limit=queries.limit(risk).label
            )))
            for risk, label in RISK_LABELS.items()
        ]  # fmt: skip
        self.fields["accounts"].choices = _of(advisers)  # type: ignore[attr-defined]  # it is a ChoiceField
        self.fields["departments"].choices = _of(departments)  # type: ignore[attr-defined]  # it is a ChoiceField
        self.fields["pictures"].choices = [(str(each), str(each)) for each in pictures]  # type: ignore[attr-defined]  # it is a ChoiceField
        _bounded(self)


class AskMoreForm(Asking):
    """Others are asked too."""

    TEXTS = {
        "accounts": (Text("再征求谁的意见", "Whom to ask too"), None),
        "departments": (Text("再征求哪些部门的意见", "Which departments to ask too"), None),
    }
    accounts = Uuids(required=False)
    departments = Uuids(required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        advisers: Sequence[Candidate],
        departments: Sequence[Candidate],
        **given: Any,
    ) -> None:
        super().__init__(data, **given)
        self.fields["accounts"].choices = _of(advisers)  # type: ignore[attr-defined]  # it is a ChoiceField
        self.fields["departments"].choices = _of(departments)  # type: ignore[attr-defined]  # it is a ChoiceField


class AnswerForm(Asking):
    """An opinion."""

    TEXTS = {
        "text": (Text("意见", "The opinion"), Text("提交后由本镇签名,不能改动;看法有变时可提交新版。", "The town signs it and it cannot be changed; a new version may follow.")),
        "level": (Text("谁可以看", "Who may read it"), Text("保密意见每次被查看都记入案件。", "Every look at a confidential opinion goes on the case's record.")),
    }  # fmt: skip
    text = _words("opinion_words", 8)
    level = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=lambda: [(level.value, str(label)) for level, label in LEVEL_LABELS.items()],
    )

    def __init__(self, data: Any = None, **given: Any) -> None:
        super().__init__(data, **given)
        _bounded(self)


class DeclineForm(Asking):
    """No opinion, with the ground."""

    TEXTS = {
        "ground": (Text("原因", "Ground"), None),
        "reason": (
            REASON,
            Text("只有征求方和值班长能看到。", "Only whoever asks and the duty chief read it."),
        ),
    }
    ground = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=lambda: [(ground.value, str(label)) for ground, label in GROUND_LABELS.items()],
    )
    reason = _words("reason_words", 2)

    def __init__(self, data: Any = None, **given: Any) -> None:
        super().__init__(data, **given)
        _bounded(self)


class WithdrawForm(Asking):
    """The asking is taken back."""

    TEXTS = {"reason": (REASON, None)}
    reason = _words("reason_words", 2)

    def __init__(self, data: Any = None, **given: Any) -> None:
        super().__init__(data, **given)
        _bounded(self)


class DecideForm(Asking):
    """A decision: its words, and of each opinion whether it is followed."""

    TEXTS = {
        "text": (Text("决定", "The decision"), Text("看得到本案的工作人员都能看到,请勿引用保密意见原文。", "Everybody who sees the case reads it; do not quote confidential opinions.")),
        "waived": (Text("不再等待的理由", "Why nobody waits any longer"), Text("还有人没有答复。", "Somebody has not answered yet.")),
        "meeting": (Text("会议决定:与会人", "Decided in a meeting: who was there"), Text("独自决定时不选。", "Leave it empty when you decide alone.")),
    }  # fmt: skip
    supersedes = forms.IntegerField(min_value=0, max_value=32000, widget=forms.HiddenInput)
    text = _words("opinion_words", 6)
    waived = _words("reason_words", 2, required=False)
    meeting = Uuids(required=False)

    def __init__(
        self, data: Any = None, *, opinions: Sequence[tuple[AskedShown, OpinionShown]], waiting: bool,
        people: Sequence[Candidate], **given: Any,
    ) -> None:  # fmt: skip
        super().__init__(data, **given)
        self.opinions = [each for _, each in opinions]
        self.fields["meeting"].choices = _of(people)  # type: ignore[attr-defined]  # it is a ChoiceField
        if not waiting:
            del self.fields["waived"]
        for asked, opinion in opinions:
            self.fields[f"followed-{opinion.id}"] = forms.ChoiceField(
                label=str(Text("{who}的意见(第 {n} 版)", "The opinion of {who} (version {n})").fill(who=asked.name, n=opinion.version)),
                widget=forms.RadioSelect,
                choices=[("yes", str(Text("采纳", "Followed"))), ("no", str(Text("未采纳", "Not followed")))],
            )  # fmt: skip
            self.fields[f"reason-{opinion.id}"] = forms.CharField(
                label=str(Text("采纳或未采纳{who}意见的理由", "Why the opinion of {who} is followed or not").fill(who=asked.name)),
                help_text=str(Text("未采纳时必填。", "Needed when it is not followed.")),
                required=False, widget=forms.TextInput(attrs={"data-bound": "reason_words", "autocomplete": "off"}),
            )  # fmt: skip
        _bounded(self)

    def weighed(self) -> list[Weighing]:
        """What was said of each opinion."""
        return [
            Weighing(
                each.id,
                self.cleaned_data[f"followed-{each.id}"] == "yes",
                self.cleaned_data[f"reason-{each.id}"],
            )
            for each in self.opinions
        ]


class HandUpForm(Asking):
    """A case's whole file for the level above."""

    TEXTS = {
        "to": (Text("报送哪里", "For whom"), Text("如:区城市运行中心。", "Such as the district's operation centre.")),
        "reason": (Text("报送理由", "Why it goes up"), None),
        "levels": (Text("随卷宗报送的保密意见", "Confidential opinions that go along"), Text("公开意见总是随卷宗报送;报送保密意见等于查看,会记入案件。", "Open ones always do. Taking a confidential one along is a look, and goes on record.")),
        "unmasked_reason": (Text("显示完整个人号码的理由", "Why personal numbers are shown"), Text("不填则遮盖;填写后会记入案件,诉求人可以看到。", "Numbers stay masked when empty; otherwise it goes on record and the reporter can see it.")),
    }  # fmt: skip
    to = forms.CharField(widget=forms.TextInput(attrs={"data-bound": "topic_words", "autocomplete": "off"}))
    reason = _words("reason_words", 2)
    levels = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [
            (level.value, str(label)) for level, label in LEVEL_LABELS.items() if level is not Level.OPEN
        ],
    )
    unmasked_reason = _words("reason_words", 2, required=False)

    def __init__(self, data: Any = None, **given: Any) -> None:
        super().__init__(data, **given)
        _bounded(self)
