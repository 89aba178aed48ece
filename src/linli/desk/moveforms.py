"""The forms of the moves: for each move that is open, the fields that it requires and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict

from linli.cases import queries
from linli.cases.words import UNKNOWN_KIND, Answer
from linli.desk import asking
from linli.kernel.access import Actor
from linli.kernel.errors import MALFORMED, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.kernel.web import invalid
from linli.people import queries as people
from linli.territory import queries as territory

SUGGESTED = 4
ICONS = {
    "ask_verify": "walk",
    "verify": "map-pin",
    "accept": "check",
    "decline": "ban",
    "register": "file-text",
    "dispatch": "send",
    "sign": "signature",
    "note": "note",
    "hand_in": "upload",
    "settle": "circle-check",
    "take_check": "clipboard-check",
    "pass_check": "checks",
    "redo": "refresh",
    "close": "archive",
    "ask": "phone-call",
    "rate": "star",
    "reopen": "repeat",
    "void": "trash",
}
DANGEROUS = frozenset({"decline", "void"})
ASIDE = frozenset({"ask_verify", "note", "redo", "ask", "reopen"})
"""Moves that are not the usual next step: they come after it, folded."""
DONE = {
    "ask_verify": Text("已请网格员核实", "A grid worker was asked to verify"),
    "verify": Text("核实结果已提交", "What was found is on record"),
    "accept": Text("已受理", "Accepted"),
    "decline": Text("已作不予受理处理", "Declined"),
    "register": Text("已立案", "Registered"),
    "dispatch": Text("已派遣", "Dispatched"),
    "sign": Text("已签收", "Signed for"),
    "note": Text("进展已记录", "Progress is on record"),
    "hand_in": Text("处置结果已提交", "Handed in"),
    "settle": Text("已当场办结", "Settled on the spot"),
    "take_check": Text("已领取核查", "The check is yours"),
    "pass_check": Text("核查通过", "The check is passed"),
    "redo": Text("已退回返工", "Sent back for redoing"),
    "close": Text("已结案", "Closed"),
    "ask": Text("回访已记录", "The call is on record"),
    "rate": Text("评价已记录", "The answer is on record"),
    "reopen": Text("已重开", "Reopened"),
    "void": Text("已作废", "Voided"),
}


@dataclass(slots=True)
class FormField:
    """One field, as `desk/_field.html` shows it."""

    look: str
    name: str
    id: str
    label: Text
    required: bool = False
    value: str = ""
    help: Text | str = ""
    error: Text | str = ""
    options: list[dict[str, Any]] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@dataclass(slots=True)
class MoveForm:
    """A move that may be made now."""

    name: str
    label: Text
    icon: str
    dangerous: bool
    fields: list[FormField]
    notes: list[Text]
    write_id: UUID
    open: bool = False
    error: Problem | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom and when the forms are made, and what was typed before, if this is a second try."""

    case: queries.Case
    actor: Actor
    at: datetime
    typed: QueryDict | None = None
    wrong: dict[str, Text] = field(default_factory=dict)
    kept: tuple[UUID, ...] = ()


def forms(asked: Asked, tried: str = "", problem: Problem | None = None) -> list[MoveForm]:
    """The forms of the moves that are open, the usual next step first and unfolded; the one that was tried shows
    what was wrong."""
    found = []
    moves = queries.moves_for(asked.case, asked.actor, asked.at)
    moves.sort(key=lambda move: (move.name in DANGEROUS, move.name in ASIDE))
    for number, move in enumerate(moves):
        mine = asked if move.name == tried else Asked(asked.case, asked.actor, asked.at)
        one = MoveForm(
            move.name, titled(move.label), ICONS.get(move.name, "arrow-right"), move.name in DANGEROUS,
            FIELDS[move.name](mine) if move.name in FIELDS else [],
            NOTES[move.name](mine) if move.name in NOTES else [],
            uuid7(asked.at), open=move.name == tried if tried else _usual(move.name) and number == 0,
            error=problem if move.name == tried else None,
        )  # fmt: skip
        found.append(one)
    return found


def titled(label: Text) -> Text:
    """A move's label as a heading or on a button: in English with a capital."""
    return Text(label.zh, label.en[:1].upper() + label.en[1:])


def _usual(name: str) -> bool:
    return name not in DANGEROUS and name not in ASIDE


def _base(asked: Asked, look: str, name: str, move: str, label: Text, **more: Any) -> FormField:
    value = asked.typed.get(name, "") if asked.typed is not None else more.pop("value", "")
    more.pop("value", None)
    one = FormField(look, name, f"{move}-{name}", label, value=value, **more)
    if name in asked.wrong:
        one.error = asked.wrong[name]
    return one


def _words(
    asked: Asked, move: str, name: str, label: Text, *, required: bool = True, **more: Any
) -> FormField:
    return _base(asked, "textarea", name, move, label, required=required, **more)


def _photos(asked: Asked, move: str, label: Text, *, required: bool = False, **more: Any) -> FormField:
    one = _base(asked, "photos", "photos", move, label, required=required, **more)
    one.kept = [str(photo) for photo in asked.kept]
    return one


def _verify(asked: Asked) -> list[FormField]:
    return [
        _words(asked, "verify", "finding", Text("现场看到的情况", "What you found on the spot")),
        _photos(asked, "verify", Text("现场照片", "Photos of the spot")),
    ]


def _accept(asked: Asked) -> list[FormField]:
    catalogue = queries.catalogue(None)
    codes = [asked.case.kind] + [k.code for k in catalogue.search(asked.case.text, limit=SUGGESTED + 1)]
    kinds = [catalogue.kind(code) for code in dict.fromkeys(codes)]
    options = [
        {"value": kind.code, "label": kind.name, "note": f"{kind.code} · {kind.major.name}"}
        for kind in kinds[: SUGGESTED + 1]
        if kind is not None
    ]
    value = asked.case.kind if catalogue.kind(asked.case.kind) else ""
    return [
        *_place(asked),
        _base(asked, "cards", "kind", "accept", Text("事项类别", "Kind of matter"), required=True,
              value=value, options=options,
              help=Text("第一项是上报时的类别,其余按描述推荐。", "First as reported, then what the words suggest.")),
        _base(asked, "input", "kind_other", "accept", Text("其他类别", "Another kind"),
              help=Text("写代码或名称,填写后以此为准。", "A code or name; it counts when given.")),
    ]  # fmt: skip


def _place(asked: Asked) -> list[FormField]:
    """Where it really lies, asked only for a report whose place was not found in the grid."""
    if asked.case.located != "none":
        return []
    choices = [("", str(Text("请选择", "Choose"))), *asking.units_of(asked.actor)]
    return [
        _base(asked, "select", "unit", "accept", Text("实际所在网格", "Where it really lies"), choices=choices,
              help=Text("报告的位置不在网格内,请按地址和描述确定。", "The report's place is outside the grid; judge by address and words.")),
    ]  # fmt: skip


def _with_reason(move: str, label: Text) -> Callable[[Asked], list[FormField]]:
    def fields(asked: Asked) -> list[FormField]:
        reasons = queries.reasons(move)
        choices = [(reason.code, str(reason.label)) for reason in reasons]
        return [
            _base(asked, "select", "reason", move, label, required=True, choices=choices),
            _words(asked, move, "note", Text("补充说明", "Details"), required=False),
        ]

    return fields


def _register(asked: Asked) -> list[FormField]:
    kind = queries.kind_of(asked.case)
    if kind is None:
        return []
    options = [
        {
            "value": one.code,
            "label": one.text,
            "note": Text("处置时限 {limit};结案标准:{closing}", "Limit {limit}; closed when: {closing}").fill(
                limit=one.limit.label, closing=one.closing
            ),
        }
        for one in kind.conditions
    ]
    label = Text("立案条件", "Condition of registration")
    value = asked.case.condition or kind.default_condition
    return [
        _base(asked, "cards", "condition", "register", label, required=True, value=value, options=options)
    ]


def _dispatch(asked: Asked) -> list[FormField]:
    case, at = asked.case, asked.at
    choices: list[tuple[str, str]] = []
    kind = queries.kind_of(case)
    if kind is not None:
        who = people.responsible_for(case.unit_id, kind.responsible, at, kind.code)
        name = people.taker_name(who)
        choices.append(("", str(Text("{name}(按职责)", "{name} (responsible)").fill(name=name))))
    choices += [(f"d:{office.id}", str(office.name)) for office in people.departments(at)]
    for unit in reversed(territory.snapshot().chain(case.unit_id) if case.unit_id else ()):
        for seat in people.posts_table(unit.id, at):
            if seat.department is None:
                held = "、".join(holder.name for holder in seat.holders) or str(Text("空缺", "vacant"))
                choices.append((f"p:{seat.id}", f"{seat.unit} {seat.title}({held})"))
    return [
        _base(asked, "select", "to", "dispatch", Text("派给", "Dispatch to"), required=False, choices=choices,
              help=Text("不改就按职责派遣。", "Leave it to dispatch to whoever is responsible.")),
        _words(asked, "dispatch", "note", Text("给承办人的话", "A word to whoever handles it"), required=False),
    ]  # fmt: skip


def _result(move: str) -> Callable[[Asked], list[FormField]]:
    def fields(asked: Asked) -> list[FormField]:
        kind = queries.kind_of(asked.case)
        code = kind.evidence if kind else "note"
        needed = code in {"after", "before_after"}
        return [
            _words(asked, move, "result", Text("处置结果", "What was done")),
            _photos(asked, move, Text("处置后照片", "Photos afterwards"), required=needed and not asked.kept,
                    help=Text("要求:{what}", "Required: {what}").fill(what=queries.evidence_words(code))),
        ]  # fmt: skip

    return fields


def _note(asked: Asked) -> list[FormField]:
    return [
        _words(asked, "note", "text", Text("进展情况", "How the work goes")),
        _photos(asked, "note", Text("照片", "Photos")),
    ]


def _pass(asked: Asked) -> list[FormField]:
    return [
        _words(asked, "pass_check", "note", Text("核查说明", "Remarks"), required=False),
        _photos(asked, "pass_check", Text("核查照片", "Photos of the check")),
    ]


def _why(move: str, words: Text) -> Callable[[Asked], list[FormField]]:
    def fields(asked: Asked) -> list[FormField]:
        choices = [(reason.code, str(reason.label)) for reason in queries.reasons(move)]
        found = [
            _base(
                asked, "select", "reason_code", move, Text("原因", "Reason"), required=True, choices=choices
            ),
            _words(asked, move, "reason", words, required=False),
        ]
        if move == "redo":
            found.append(_photos(asked, move, Text("照片", "Photos")))
        return found

    return fields


def _ask(asked: Asked) -> list[FormField]:
    return [_words(asked, "ask", "text", Text("回访情况", "What came of the call"))]


def _rate(asked: Asked) -> list[FormField]:
    options = [{"value": answer.value, "label": answer.label} for answer in Answer]
    return [
        _base(asked, "cards", "answer", "rate", Text("诉求人的评价", "The reporter's answer"), required=True, options=options),
        _words(asked, "rate", "comment", Text("原话", "In their own words"), required=False),
    ]  # fmt: skip


FIELDS: dict[str, Callable[[Asked], list[FormField]]] = {
    "verify": _verify,
    "accept": _accept,
    "decline": _with_reason("decline", Text("不予受理的原因", "Why it is declined")),
    "register": _register,
    "dispatch": _dispatch,
    "note": _note,
    "hand_in": _result("hand_in"),
    "settle": _result("settle"),
    "pass_check": _pass,
    "redo": _why("redo", Text("哪里不到位", "What is wanting")),
    "ask": _ask,
    "rate": _rate,
    "reopen": _why("reopen", Text("诉求人怎么说", "What the reporter says")),
    "void": _with_reason("void", Text("作废的原因", "Why it is voided")),
}


def _standard(asked: Asked) -> list[Text]:
    condition = queries.condition_of(asked.case)
    if condition is None:
        return []
    found = [Text("结案标准:{closing}", "Closed when: {closing}").fill(closing=condition.closing)]
    kind = queries.kind_of(asked.case)
    if kind is not None:
        found.append(
            Text("核查方式:{how}", "Checking: {how}").fill(how=queries.checking_words(kind.checking))
        )
    return found


NOTES: dict[str, Callable[[Asked], list[Text]]] = {
    "take_check": _standard,
    "pass_check": _standard,
    "close": _standard,
    "ask_verify": lambda asked: [
        Text("请所在网格的网格员到现场看一看。", "The grid worker of the place goes and looks.")
    ],
}

TEXTS = ("finding", "reason", "note", "text", "result", "comment", "condition", "answer")


def given(name: str, typed: QueryDict) -> dict[str, Any]:
    """What the action is given, from what the form sent. Raises what could not be read."""
    values: dict[str, Any] = {key: asking.text(typed, key, 2000) for key in TEXTS if key in typed}
    values["id"] = asking.uuid(typed, "id")
    version = asking.whole(typed, "version")
    if version is not None and version >= 2**31:
        raise Problem(MALFORMED)
    values["version"] = version
    if name == "accept":
        values["kind"] = _kind(typed)
        values["unit"] = asking.uuid(typed, "unit")
    if name == "dispatch":
        values |= _to(asking.text(typed, "to", 60))
    if "reason_code" in typed:
        values["reason_code"] = asking.text(typed, "reason_code", 40)
        if not values["reason_code"]:
            raise invalid(reason_code=Text("请选择原因", "Choose a reason"))
    return values


def _kind(typed: QueryDict) -> str:
    other = asking.text(typed, "kind_other", 100)
    code = asking.kind_code(other) if other else asking.text(typed, "kind", 20)
    if other and code == "-":
        raise Problem(UNKNOWN_KIND, fields={"kind_other": UNKNOWN_KIND.title})
    return code


def _to(value: str) -> dict[str, UUID]:
    if not value:
        return {}
    sort, _, key = value.partition(":")
    if sort not in {"d", "p"}:
        raise Problem(MALFORMED)
    try:
        return {"department" if sort == "d" else "post": UUID(key)}
    except ValueError:
        raise Problem(MALFORMED) from None
