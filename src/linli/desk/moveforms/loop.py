"""The fields of the plain loop's moves."""

from __future__ import annotations

from collections.abc import Callable

from linli.cases import queries
from linli.cases.words import Answer
from linli.desk import asking
from linli.desk.moveforms.fields import Asked, FormField, base, photos, words
from linli.kernel.text import Text
from linli.people import queries as people
from linli.territory import queries as territory

SUGGESTED = 4


def _verify(asked: Asked) -> list[FormField]:
    return [
        words(asked, "verify", "finding", Text("现场看到的情况", "What you found on the spot")),
        photos(asked, "verify", Text("现场照片", "Photos of the spot")),
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
        base(asked, "cards", "kind", "accept", Text("事项类别", "Kind of matter"), required=True,
              value=value, options=options,
              help=Text("第一项是上报时的类别,其余按描述推荐。", "First as reported, then what the words suggest.")),
        base(asked, "input", "kind_other", "accept", Text("其他类别", "Another kind"),
              help=Text("写代码或名称,填写后以此为准。", "A code or name; it counts when given.")),
    ]  # fmt: skip


def _place(asked: Asked) -> list[FormField]:
    """Where it really lies, asked only for a report whose place was not found in the grid."""
    if asked.case.located != "none":
        return []
    choices = [("", str(Text("请选择", "Choose"))), *asking.units_of(asked.actor)]
    return [
        base(asked, "select", "unit", "accept", Text("实际所在网格", "Where it really lies"), choices=choices,
              help=Text("报告的位置不在网格内,请按地址和描述确定。", "The report's place is outside the grid; judge by address and words.")),
    ]  # fmt: skip


def with_reason(move: str, label: Text) -> Callable[[Asked], list[FormField]]:
    """A reason of the rulebook, and room for details."""

    def fields(asked: Asked) -> list[FormField]:
        reasons = queries.reasons(move)
        choices = [(reason.code, str(reason.label)) for reason in reasons]
        return [
            base(asked, "select", "reason", move, label, required=True, choices=choices),
            words(asked, move, "note", Text("补充说明", "Details"), required=False),
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
    return [base(asked, "cards", "condition", "register", label, required=True, value=value, options=options)]


def _dispatch(asked: Asked) -> list[FormField]:
    case, at = asked.case, asked.at
    choices: list[tuple[str, str]] = []
    kind = queries.kind_of(case)
    if kind is not None:
        who = queries.responsible(case, kind, at)
        name = people.taker_name(who)
        choices.append(("", str(Text("{name}(按职责)", "{name} (responsible)").fill(name=name))))
    return [
        base(asked, "select", "to", "dispatch", Text("派给", "Dispatch to"), required=False,
             choices=[*choices, *takers(asked)],
             help=Text("不改就按职责派遣。", "Leave it to dispatch to whoever is responsible.")),
        words(asked, "dispatch", "note", Text("给承办人的话", "A word to whoever handles it"), required=False),
    ]  # fmt: skip


def takers(asked: Asked) -> list[tuple[str, str]]:
    """Everybody who can be charged: the departments, and the posts on the way up from where the matter lies that sign
    for what is charged to them."""
    signs = queries.signing_roles()
    choices = [(f"d:{office.id}", str(office.name)) for office in people.departments(asked.at)]
    for unit in reversed(territory.snapshot().chain(asked.case.unit_id) if asked.case.unit_id else ()):
        for seat in people.posts_table(unit.id, asked.at):
            if seat.department is None and seat.role in signs:
                held = "、".join(holder.name for holder in seat.holders) or str(Text("空缺", "vacant"))
                choices.append((f"p:{seat.id}", f"{seat.unit} {seat.title}({held})"))
    return choices


def _result(move: str) -> Callable[[Asked], list[FormField]]:
    def fields(asked: Asked) -> list[FormField]:
        kind = queries.kind_of(asked.case)
        code = kind.evidence if kind else "note"
        needed = code in {"after", "before_after"}
        return [
            words(asked, move, "result", Text("处置结果", "What was done")),
            photos(asked, move, Text("处置后照片", "Photos afterwards"), required=needed and not asked.kept,
                    help=Text("要求:{what}", "Required: {what}").fill(what=queries.evidence_words(code))),
        ]  # fmt: skip

    return fields


def _note(asked: Asked) -> list[FormField]:
    return [
        words(asked, "note", "text", Text("进展情况", "How the work goes")),
        photos(asked, "note", Text("照片", "Photos")),
    ]


def _pass(asked: Asked) -> list[FormField]:
    return [
        words(asked, "pass_check", "note", Text("核查说明", "Remarks"), required=False),
        photos(asked, "pass_check", Text("核查照片", "Photos of the check")),
    ]


def _why(move: str, label: Text) -> Callable[[Asked], list[FormField]]:
    def fields(asked: Asked) -> list[FormField]:
        choices = [(reason.code, str(reason.label)) for reason in queries.reasons(move)]
        found = [
            base(
                asked, "select", "reason_code", move, Text("原因", "Reason"), required=True, choices=choices
            ),
            words(asked, move, "reason", label, required=False),
        ]
        if move == "redo":
            found.append(photos(asked, move, Text("照片", "Photos")))
        return found

    return fields


def _ask(asked: Asked) -> list[FormField]:
    return [words(asked, "ask", "text", Text("回访情况", "What came of the call"))]


def _rate(asked: Asked) -> list[FormField]:
    options = [{"value": answer.value, "label": answer.label} for answer in Answer]
    return [
        base(asked, "cards", "answer", "rate", Text("诉求人的评价", "The reporter's answer"), required=True, options=options),
        words(asked, "rate", "comment", Text("原话", "In their own words"), required=False),
    ]  # fmt: skip


FIELDS: dict[str, Callable[[Asked], list[FormField]]] = {
    "verify": _verify,
    "accept": _accept,
    "decline": with_reason("decline", Text("不予受理的原因", "Why it is declined")),
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
    "void": with_reason("void", Text("作废的原因", "Why it is voided")),
}


NOTES: dict[str, Callable[[Asked], list[Text]]] = {
    "ask_verify": lambda asked: [
        Text("请所在网格的网格员到现场看一看。", "The grid worker of the place goes and looks.")
    ],
}
