"""What a resident types to prove a telephone number."""

from __future__ import annotations

from typing import Any

from django import forms

from linli.kernel.text import Text


class PhoneForm(forms.Form):
    """The number to which a code goes."""

    phone = forms.CharField(max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["phone"]
        field.label = str(Text("手机号", "Mobile number"))
        field.error_messages["required"] = str(Text("请填写手机号", "Give your mobile number"))
        field.widget = forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"})


class CodeForm(forms.Form):
    """The code that came."""

    code = forms.CharField(max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = str(Text("验证码", "Code"))
        field.error_messages["required"] = str(Text("请填写验证码", "Give the code"))
        field.widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"})
