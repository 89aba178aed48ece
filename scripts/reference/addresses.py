"""Every address of the town by audience, and the JSON interface."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

from linli.kernel.text import Text
from linli.project.api import api
from linli.project.demo import urls as demo_urls
from reference.page import Page, code

# Who an address is for, by its namespace or the beginning of its name; a name that fits none stops the page.
AUDIENCES: dict[str, Text] = {
    "portal": Text("居民", "Residents"),
    "notices": Text("居民:用手机号登录", "Residents: signing in by telephone"),
    "desk": Text("工作人员:各岗位台面", "Staff: the desks"),
    "intake": Text("工作人员:受理、批量与相似案件", "Staff: intake, batches and similar matters"),
    "consultation": Text("工作人员:研判", "Staff: judging hard cases"),
    "followup": Text("工作人员:结案之后", "Staff: after closing"),
    "joint": Text("工作人员:吹哨报到", "Staff: whistles and helpers"),
    "people": Text("工作人员:岗位与部门", "Staff: posts and departments"),
    "responsibility": Text("工作人员:责任清单", "Staff: who answers for what"),
    "api": Text("程序:JSON 接口", "Programs: the JSON interface"),
    "account": Text("登录与账号", "Signing in and accounts"),
    "admin": Text("管理员:基础数据", "Administrators: reference data"),
    "settings": Text("任何人:语言与深浅色", "Anyone: language and theme"),
    "demo": Text("只在演示镇", "Only in the demo town"),
}
BY_BEGINNING = {
    "account_": "account",
    "mfa_": "account",
    "set-": "settings",
    "set_": "settings",
    "ui-": "demo",
    "health": "api",
}


class Address(NamedTuple):
    """An address with its name and what it is for."""

    audience: str
    path: str
    name: str
    what: str


def _walk(patterns: Sequence[Any], before: str, names: tuple[str, ...]) -> Iterator[Address]:
    hidden: list[re.Pattern[str]] = []
    for each in patterns:
        here = before + _plain(str(each.pattern))
        if isinstance(each, URLResolver):
            inside = (*names, each.namespace) if each.namespace else names
            for found in _walk(each.url_patterns, here, inside):
                if not any(pattern.match(found.path.lstrip("/")) for pattern in hidden):
                    yield found
        elif isinstance(each, URLPattern) and each.name:
            doc = (inspect.getdoc(each.callback) or "").split("\n\n")[0]
            doc = doc if getattr(each.callback, "__module__", "").startswith("linli.") else ""
            yield Address(
                _audience(each.name, names), "/" + here, ":".join((*filter(None, names), each.name)), doc
            )
        elif getattr(each.callback, "__name__", "") == "missing":
            hidden.append(re.compile(str(each.pattern)))


def _plain(pattern: str) -> str:
    """A route as one reads it: `^accounts/(?P<key>…)$` becomes `accounts/<key>`."""
    return re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", pattern).strip("^$").replace("\\Z", "")


def _audience(name: str, names: tuple[str, ...]) -> str:
    if names and names[-1] in AUDIENCES:
        return names[-1]
    for beginning, audience in BY_BEGINNING.items():
        if name.startswith(beginning):
            return audience
    raise SystemExit(f"say in scripts/reference/addresses.py for whom {':'.join((*names, name))} is")


def page() -> Page:
    """Every named address."""
    made = Page("reference/addresses.md", "网址", "Addresses")
    made.say(
        "按使用者分组。接口的字段见 [openapi.json](openapi.json)。",
        "By audience. The fields of the interface are in [openapi.json](openapi.json).",
    )
    found = [a for a in _walk(get_resolver().url_patterns, "", ()) if a.audience != "api"]
    if not any(each.audience == "demo" and each.name.startswith("demo:") for each in found):
        found += list(_walk(demo_urls.urlpatterns, "", ("demo",)))
    for audience, label in AUDIENCES.items():
        rows = [each for each in found if each.audience == audience]
        if not rows and audience != "api":
            continue
        made.head(label)
        if audience == "api":
            made.table(("方法 / method", "网址 / address", "作用 / what it does"), _operations())
        else:
            made.table(
                ("网址 / address", "名称 / name", "作用 / what it does"),
                ((code(each.path), code(each.name), each.what) for each in rows),
            )
    return made


def _operations() -> Iterator[tuple[str, str, str]]:
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            doc = inspect.cleandoc(operation.get("description") or operation.get("summary") or "").split(
                "\n\n"
            )[0]
            yield method.upper(), code(path), doc


def openapi() -> str:
    """The OpenAPI document."""
    return json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1) + "\n"
