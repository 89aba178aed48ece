"""What a resident is asked: one question a page."""

from __future__ import annotations

from typing import Any

from django import forms

from linli.cases.words import Answer
from linli.kernel.text import Text


def said(text: Text) -> dict[str, str]:
    """A field's messages when it is left empty."""
    return {"required": str(text)}


class WhatForm(forms.Form):
    """What is the matter."""

    text = forms.CharField(max_length=1000, strip=True, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = str(Text("发生了什么?", "What is the matter?"))
        self.fields["text"].help_text = str(
            Text(
                "几个字就行,例如:路口垃圾没人清。",
                "A few words will do, for example: rubbish left at the crossing.",
            )
        )
        self.fields["text"].error_messages |= said(
            Text("请写几个字说明情况。", "Say in a few words what is the matter.")
        )


class WhereForm(forms.Form):
    """Where it is: a point, an address, or both."""

    lng = forms.FloatField(min_value=-180, max_value=180, required=False)
    lat = forms.FloatField(min_value=-90, max_value=90, required=False)
    address = forms.CharField(max_length=200, required=False, strip=True)

    def clean(self) -> dict[str, object]:
        """One of the two has to be there, and a point has two halves."""
        given = super().clean() or {}
        if "lng" in self.errors or "lat" in self.errors:
            return given
        if (given.get("lng") is None) != (given.get("lat") is None):
            self.add_error(None, str(Text("经度和纬度要一起填写。", "Longitude and latitude go together.")))
        elif given.get("lng") is None and not given.get("address"):
            self.add_error(
                None, str(Text("请在地图上点一下,或写下地址。", "Tap the map, or write the address."))
            )
        return given


class FindForm(forms.Form):
    """A matter's number and tracking code."""

    number = forms.CharField(max_length=24, strip=True)
    code = forms.CharField(max_length=16, strip=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        needed = Text("请填写此项。", "Please fill this in.")
        for name, label in (("number", Text("编号", "Number")), ("code", Text("查询码", "Tracking code"))):
            self.fields[name].label = str(label)
            self.fields[name].error_messages |= said(needed)
            self.fields[name].widget.attrs["autocomplete"] = "off"


ANSWERS = (Answer.SATISFIED, Answer.MOSTLY, Answer.NEUTRAL, Answer.UNSATISFIED)


class RateForm(forms.Form):
    """Whether it helped."""

    answer = forms.ChoiceField(widget=forms.RadioSelect)
    comment = forms.CharField(
        max_length=500, required=False, strip=True, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answer = self.fields["answer"]
        assert isinstance(answer, forms.ChoiceField)
        answer.choices = [(a.value, str(a.label)) for a in ANSWERS]
        self.fields["answer"].label = str(Text("办得怎么样?", "How did we do?"))
        self.fields["answer"].error_messages |= said(Text("请选一项。", "Choose one."))
        self.fields["comment"].label = str(Text("想说的话", "Anything to add"))


class ReopenForm(forms.Form):
    """What is still wrong."""

    reason = forms.CharField(max_length=500, strip=True, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = str(Text("哪里还没有解决?", "What is still not solved?"))
        self.fields["reason"].error_messages |= said(Text("请写几个字。", "Say a few words."))
