"""What administrators fill in. Whether it may be is decided by the actions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from linli.kernel.text import Text
from linli.people.words import ROLE_LABELS

NAME, USERNAME, REASON = Text("姓名", "Name"), Text("登录名", "Sign-in name"), Text("原因", "Reason")
PASSWORD = Text("初始密码", "Initial password")
USERNAME_HELP = Text("2 至 60 个字母、数字或 @ . + - _", "2 to 60 letters, digits or @ . + - _")
PASSWORD_HELP = Text(
    "至少 8 位;当面告知本人,并请其登录后修改。可以以后再设。",
    "At least 8 characters; tell it in person and have it changed after signing in. It can be set later.",
)
SINCE = Text("任职日期", "Holds it since")
SINCE_HELP = Text("不填即从现在起。", "From now on when left empty.")
TITLE, NAME_EN = Text("岗位名称", "Title"), Text("英文名称", "Name in English")


class Asked(forms.Form):
    """A form whose labels and help are in both languages."""

    TEXTS: dict[str, tuple[Text, Text | None]] = {}

    def __init__(self, data: Any = None, **given: Any) -> None:
        super().__init__(data, **given)
        for name, (label, help_text) in self.TEXTS.items():
            self.fields[name].label = str(label)
            self.fields[name].help_text = str(help_text) if help_text else ""


def _password(*, required: bool) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(required=required, max_length=128, strip=False, widget=widget)


def _username() -> forms.CharField:
    return forms.CharField(max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))


def _day() -> forms.DateField:
    return forms.DateField(
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
    )


class PostForm(Asked):
    """A post to be opened."""

    TEXTS = {
        "role": (Text("角色", "Role"), None),
        "department": (Text("部门", "Department"), Text("处置人员须选部门。", "A handler needs one.")),
        "title": (TITLE, Text("不填即用角色名称。", "The role's name when left empty.")),
        "title_en": (NAME_EN, None),
    }
    role = forms.ChoiceField(choices=lambda: [(role.value, str(text)) for role, text in ROLE_LABELS.items()])
    department = forms.ChoiceField(required=False)
    title = forms.CharField(required=False, max_length=80)
    title_en = forms.CharField(required=False, max_length=160)

    def __init__(self, data: Any = None, *, departments: list[tuple[str, str]], **given: Any) -> None:
        super().__init__(data, **given)
        self.fields["department"].choices = [("", "—"), *departments]  # type: ignore[attr-defined]  # it is a ChoiceField


class AppointForm(Asked):
    """Somebody who has an account, for a post."""

    TEXTS = {"holder": (Text("选择账号", "Choose an account"), None), "since": (SINCE, SINCE_HELP)}
    holder = forms.TypedChoiceField(coerce=UUID, widget=forms.RadioSelect)
    since = _day()

    def __init__(self, data: Any = None, *, found: list[tuple[str, str]], **given: Any) -> None:
        super().__init__(data, **given)
        self.fields["holder"].choices = found  # type: ignore[attr-defined]  # it is a ChoiceField


class AccountForm(Asked):
    """A new account."""

    TEXTS = {
        "name": (NAME, None),
        "username": (USERNAME, USERNAME_HELP),
        "password": (PASSWORD, PASSWORD_HELP),
    }
    name = forms.CharField(max_length=60)
    username = _username()
    password = _password(required=False)


class HireForm(AccountForm):
    """A new account that holds a post at once."""

    TEXTS = {**AccountForm.TEXTS, "since": (SINCE, SINCE_HELP)}
    since = _day()


class ReasonForm(Asked):
    """Why something ends, which the record keeps."""

    TEXTS = {"reason": (REASON, None)}
    reason = forms.CharField(max_length=200)


class DepartmentForm(Asked):
    """A department to be opened."""

    TEXTS = {
        "code": (
            Text("部门代码", "Code"),
            Text("与事项清单中的责任部门一致,如 HW。", "As the catalogue names it, such as HW."),
        ),
        "name": (Text("部门名称", "Name of the department"), None),
        "name_en": (NAME_EN, None),
        "unit": (
            Text("所属单元代码", "Code of its unit"),
            Text("部门负责该单元及其以下。", "It serves this unit and everything below."),
        ),
    }
    code = forms.CharField(max_length=24)
    name = forms.CharField(max_length=60)
    name_en = forms.CharField(required=False, max_length=120)
    unit = forms.CharField(max_length=40)


class RenameForm(Asked):
    """Another name of a department."""

    TEXTS = {"name": (Text("部门名称", "Name of the department"), None), "name_en": (NAME_EN, None)}
    name = forms.CharField(max_length=60)
    name_en = forms.CharField(required=False, max_length=120)


class PasswordForm(Asked):
    """A password for somebody else."""

    TEXTS = {"password": (Text("新密码", "New password"), Text("至少 8 位;本人的会话随即结束。", "At least 8 characters; the account's sessions end."))}  # fmt: skip
    password = _password(required=True)


class KeyForm(Asked):
    """A key for a machine client."""

    TEXTS = {"key_name": (Text("密钥用途", "What the key is for"), None)}
    key_name = forms.CharField(max_length=60)
