"""Actions, facts and error codes, as the rooms declare them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import typing
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, date, datetime
from types import ModuleType, NoneType, UnionType
from typing import Any
from uuid import UUID

from linli.kernel import errors, journal
from linli.kernel.text import Text
from reference.page import Page, code, words

ROOMS = (
    "cases",
    "intake",
    "joint",
    "consultation",
    "followup",
    "responsibility",
    "notices",
    "people",
    "territory",
)
HELPERS = {
    "linli.cases.actions.step", "linli.consultation.actions.common", "linli.people.actions.common",
    "linli.responsibility.actions.texts", "linli.territory.actions.common",
}  # fmt: skip


def _modules(name: str) -> Iterator[ModuleType]:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name != name:
            raise
        return
    yield module
    for found in pkgutil.iter_modules(getattr(module, "__path__", [])):
        if f"{name}.{found.name}" not in HELPERS:
            yield importlib.import_module(f"{name}.{found.name}")


def _actions(module: ModuleType) -> list[tuple[str, Callable[..., Any]]]:
    """The writes that the file defines: public functions that are told the time."""
    return [
        (name, function)
        for name, function in vars(module).items()
        if inspect.isfunction(inspect.unwrap(function))
        and inspect.unwrap(function).__module__ == module.__name__
        and not name.startswith("_")
        and "at" in inspect.signature(function).parameters
    ]


def signature(function: Callable[..., Any]) -> str:
    """Names, types and defaults as they are written, on one line."""
    parts: list[str] = []
    plain = True
    for each in inspect.signature(function).parameters.values():
        if each.kind is each.KEYWORD_ONLY and plain:
            parts.append("*")
            plain = False
        default = "" if each.default is each.empty else f" = {each.default!r}"
        parts.append(f"{each.name}: {each.annotation}{default}")
    back = inspect.signature(function).return_annotation
    return f"{function.__name__}({', '.join(parts)}) -> {back}"


def actions() -> Page:
    """Every write, room by room."""
    page = Page("reference/actions.md", "动作", "Actions")
    page.say(
        "每一次写入都是一个动作:先问可否,再按规则改动,并在同一事务中记入日志。页面、接口和命令调用的是同一批函数。"
        "`by` 是办理人,`at` 是时间(带时区),`id` 是客户端给这次写入的编号,重发无害。",
        "Every write is an action: may they, does the rule allow it, change, record in the journal, in one "
        "transaction. Pages, interface and commands call these same functions. `by` is who acts, `at` is when (aware), "
        "`id` is the client's id of this write, so that sending it again does no harm.",
    )
    for room in ROOMS:
        for module in _modules(f"linli.{room}.actions"):
            found = _actions(module)
            if not found:
                continue
            page.head(f"`{module.__name__}`")
            if module.__doc__:
                page.line(inspect.cleandoc(module.__doc__))
            for _name, function in found:
                page.line("")
                page.line(f"### {function.__name__}")
                page.line("")
                page.line(f"```python\n{signature(function)}\n```")
                page.line("")
                page.line(inspect.getdoc(function) or "")
    return page


NAMED: dict[str, Any] = {
    "source": "resident",
    "answer": "satisfied",
    "card": "yellow",
    "level": "open",
    "solved": "yes",
    "found": "solved",
    "outcome": "reached",
    "ground": "conflict",
    "risk": "green",
    "wish": "extension",
    "amount": "2 work_day",
    "verdict": "on_time",
    "part": "lead",
    "clock": "handle",
    "clock_zh": "处置",
    "clock_en": "handle",
    "to_zh": "市容环卫",
    "to_en": "Sanitation",
    "role": "grid_worker",
    "rank": "village",
    "name": "新村",
    "code": "310199100201",
}
PLAIN: dict[type, Any] = {
    str: "…", int: 2, float: 1.0, bool: True, UUID: UUID(int=0), date: date(2026, 3, 10),
    datetime: datetime(2026, 3, 10, 9, 30, tzinfo=UTC), NoneType: None,
}  # fmt: skip


def example(kind: type[journal.Fact]) -> journal.Fact:
    """A fact with made-up values, to show how its sentence reads."""
    hints = typing.get_type_hints(kind)
    given = {
        each.name: NAMED.get(each.name, _value(hints[each.name]))
        for each in fields(kind)  # type: ignore[arg-type]  # every fact is a dataclass
    }
    return kind(**given)


def _value(hint: Any) -> Any:
    origin = typing.get_origin(hint)
    if origin in (UnionType, typing.Union):
        return _value(typing.get_args(hint)[0])
    if origin in (tuple, list, frozenset, set):
        inside = [each for each in typing.get_args(hint) if each is not Ellipsis]
        return origin([_value(inside[0])] if len(inside) == 1 else [_value(each) for each in inside])
    return {} if origin is dict else PLAIN.get(hint, "…")


def _sentence(fact: journal.Fact) -> Text:
    said = fact.sentence()
    return Text(*(re.sub(r"[0-9a-f]{8}-0000-[0-9a-f-]+", "…", part) for part in said))


def events() -> Page:
    """Every kind of fact."""
    from django.apps import apps

    for room in apps.get_app_configs():
        if room.name.startswith("linli."):
            list(_modules(f"{room.name}.events"))
    page = Page("reference/events.md", "事实", "Events")
    page.say(
        "日志里的每一行都是一条事实。“个人信息”一栏的字段只以加盐承诺值进入日志,原文另行加密,可以删除而日志仍可验证。"
        "“触发”是提交之后听到这条事实的流程。例句中的值是编的。",
        "Every line of the journal is a fact. Personal fields enter it as salted commitments; their text is kept "
        "apart, encrypted, and can be erased while the journal still verifies. The last column names the stories "
        "that hear the fact after its commit. The values in the sentences are made up.",
    )
    rooms: dict[str, list[type[journal.Fact]]] = {}
    for kind in journal.KINDS.values():
        if kind.__module__.startswith("linli.") and ".tests." not in kind.__module__:
            rooms.setdefault(kind.__module__, []).append(kind)
    for module in sorted(rooms):
        page.head(f"`{module}`")
        page.table(
            ("KIND", "意思 / meaning", "例句 / sentence", "个人信息 / personal", "触发 / heard by"),
            (
                (
                    code(kind.KIND),
                    (inspect.getdoc(kind) or "").split("\n\n")[0],
                    _sentence(example(kind)),
                    words(sorted(kind.PERSONAL)),
                    words(journal.STORIES.get(kind.KIND, ())),
                )
                for kind in sorted(rooms[module], key=lambda kind: kind.KIND)
            ),
        )
    return page


def errors_in_order() -> list[errors.ErrorCode]:
    """The kernel's codes first, then room by room."""
    return sorted(errors.CODES.values(), key=lambda each: ("." in each.code, each.code))


def errors_page() -> Page:
    """Every way to be refused."""
    from linli.project import api as _every_room  # noqa: F401 - importing it imports every room's words

    page = Page("reference/error-codes.md", "错误代码", "Error codes")
    page.say(
        "接口以 RFC 9457 的问题文档回答(`application/problem+json`),其中的 `code` 不会改变;页面用同样的话。",
        "The interface answers with a problem document (RFC 9457, `application/problem+json`) whose `code` does not "
        "change; pages say the same words.",
    )
    page.table(
        ("code", "HTTP", "发生了什么 / what happened", "怎么办 / what to do"),
        ((code(each.code), each.status, each.title, each.hint) for each in errors_in_order()),
    )
    return page
