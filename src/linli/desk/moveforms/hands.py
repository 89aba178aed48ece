"""The fields of moves in which several have a hand: returning, ruling, asking and deciding, supervising, merging."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from linli.cases import queries
from linli.cases.events import CaseReturned
from linli.cases.words import Card, State, Wish
from linli.desk.moveforms.fields import Asked, FormField, base, words
from linli.desk.moveforms.loop import takers, with_reason
from linli.intake import queries as intake
from linli.kernel import clock, journal
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import Standing
from linli.ui import dates

Fields = Callable[[Asked], list[FormField]]
REASON = Text("理由", "Why")
WORDS_SHOWN = 24


def _said(move: str, name: str, label: Text, *, required: bool = True, help: Text | str = "") -> Fields:
    return lambda asked: [words(asked, move, name, label, required=required, help=help)]


def _return(asked: Asked) -> list[FormField]:
    choices = [(reason.code, str(reason.label)) for reason in queries.reasons("return")]
    least = queries.bound("return_words")
    return [
        base(asked, "select", "reason_code", "return", Text("原因", "Reason"), required=True, choices=choices),
        words(asked, "return", "reason", Text("说明", "In your words"),
              help=Text("至少 {n} 个字,派遣员据此改派。", "At least {n} characters; the dispatcher decides by them.").fill(n=least)),
        base(asked, "input", "basis", "return", Text("依据的职责清单条目", "Entry of the duty list it rests on"), required=True,
             help=Text("如:履职事项清单第 35 条。", "For example: duty list, entry 35.")),
    ]  # fmt: skip


def _rule(asked: Asked) -> list[FormField]:
    return [
        base(asked, "select", "to", "rule", Text("裁定由谁承办", "Who is to handle it"), required=True,
             choices=[("", str(Text("请选择", "Choose"))), *takers(asked)]),
        words(asked, "rule", "reason", Text("裁定理由", "Why"),
              help=Text("会作为先例,显示给以后派同类事项的人。", "Shown as a precedent to whoever dispatches the next one.")),
    ]  # fmt: skip


def _extension(asked: Asked) -> list[FormField]:
    condition = queries.condition_of(asked.case)
    unit = condition.limit.unit.label if condition else Text("", "")
    most = condition.limit.label if condition else Text("", "")
    label = Text("延长多少({unit})", "How much longer ({unit})").fill(unit=unit)
    return [
        base(asked, "input", "amount", "ask_extension", label, required=True, type="number", value="1",
             help=Text("最多 {most};须在到期前申请。", "At most {most}; only before the deadline.").fill(most=most)),
        words(asked, "ask_extension", "reason", REASON),
    ]  # fmt: skip


def _suspension(asked: Asked) -> list[FormField]:
    most = queries.bound("suspend_days")
    month = clock.local(asked.at + timedelta(days=30)).date().isoformat()
    return [
        base(asked, "input", "until", "ask_suspension", Text("挂到哪一天", "Until which day"), required=True,
             type="date", value=month,
             help=Text("最长 {n} 天,只能挂一次;挂账期间停表、不能办理。", "At most {n} days, once; the clock stands still and nothing is handled.").fill(n=most)),
        words(asked, "ask_suspension", "reason", REASON),
    ]  # fmt: skip


def _supervise(asked: Asked) -> list[FormField]:
    options = [
        {"value": card.value, "label": card.label,
         "note": Text("{limit}内答复", "To be answered within {limit}").fill(limit=queries.limit(f"reply_{card.value}").label)}
        for card in Card
    ]  # fmt: skip
    return [
        base(asked, "cards", "card", "supervise", Text("督办牌", "Card"), required=True, value=Card.YELLOW.value,
             options=options),
        words(asked, "supervise", "text", Text("督办意见", "What is expected")),
    ]  # fmt: skip


def _alike(asked: Asked) -> list[dict[str, Any]]:
    """The open matters that are probably the same and can take this one in, the likeliest first."""
    case = asked.case
    found = intake.similar(
        asked.actor, text=case.text, kind=case.kind, lng=case.lng, lat=case.lat, unit_id=case.unit_id,
        address=case.address, at=asked.at, exclude=case.id,
    )  # fmt: skip
    note = Text("{words}({reasons};{state})", "{words} ({reasons}; {state})")
    return [
        {
            "value": str(one.id),
            "label": f"{one.number} {one.title}",
            "note": note.fill(
                words=one.words,
                reasons=Text(
                    "、".join(why.zh for why in one.reasons), ", ".join(why.en for why in one.reasons)
                ),
                state=one.state.label,
            ),
        }
        for one in found
        if queries.may_go_into(case, one.state)
    ]


def _merge(asked: Asked) -> list[FormField]:
    alike = _alike(asked)
    choices = []
    if alike:
        none = {"value": "", "label": Text("都不是,填写编号", "None of these: give the number")}
        choices.append(
            base(asked, "cards", "into", "merge", Text("可能是同一件事", "Probably the same matter"),
                 options=[*alike, none])
        )  # fmt: skip
    return [
        *choices,
        base(asked, "input", "into_number", "merge", Text("并入哪一件(编号)", "Number of the case to merge into"), required=not alike,
             help=Text("并入办理更靠前的那一件;两位诉求人都会得到通知。", "The one that is further on; both reporters are told.")),
        words(asked, "merge", "note", Text("说明", "Remarks"), required=False),
    ]  # fmt: skip


def _asked_for(wish: Wish) -> Callable[[Asked], list[Text]]:
    """What was asked, for whoever decides."""

    def notes(asked: Asked) -> list[Text]:
        one = queries.waiting_requests(asked.case).get(wish)
        if one is None:
            return []
        what = Text("", "")
        if one.amount is not None:
            what = Text("延长 {n},", "{n} more; ").fill(n=one.amount.label)
        elif one.until is not None:
            what = Text("挂到 {day},", "until {day}; ").fill(day=dates.human(one.until, asked.at))
        who = Text("{who}于{when}提出:{what}{reason}", "{who} asked {when}: {what}{reason}")
        return [
            who.fill(who=one.asked_by, when=dates.human(one.asked_at, asked.at), what=what, reason=one.reason)
        ]

    return notes


def _routing(asked: Asked) -> list[Text]:
    """What whoever dispatches should know: the duty list, and earlier rulings on this kind of matter."""
    duty = people.duty(asked.case.kind, asked.at)
    found = _returned(asked)
    if duty.standing is Standing.WITHDRAWN:
        told = Text(
            "履职清单:已由上级收回,由{lead}承担,不能派给镇街;请转出。",
            "Duty list: withdrawn from towns, {lead} takes it; transfer it out.",
        )
        found.append(told.fill(lead=duty.lead))
    if duty.standing is Standing.COOPERATIVE:
        told = Text("履职清单:配合履职,由{lead}主责。", "Duty list: the town helps, {lead} leads.")
        found.append(told.fill(lead=duty.lead))
    return [*found, *_precedents(asked)]


def _returned(asked: Asked) -> list[Text]:
    """Who has just returned it, and why: whoever is usually responsible may be the one who did."""
    if asked.case.state != State.RETURNED:
        return []
    facts = [line.fact for line in journal.of_many([asked.case.id], [CaseReturned.KIND])]
    return [fact.sentence() for fact in facts[-1:] if isinstance(fact, CaseReturned)]


def _precedents(asked: Asked) -> list[Text]:
    line = Text(
        "先例 {number}:裁定由{taker}承办。{reason}",
        "Precedent {number}: {taker} was ruled to handle it. {reason}",
    )
    return [
        line.fill(number=one.number, taker=one.taker, reason=one.reason)
        for one in queries.precedents(asked.case)
    ]


FIELDS: dict[str, Fields] = {
    "transfer_out": with_reason("transfer_out", Text("转到哪里", "Where it goes")),
    "merge": _merge,
    "unmerge": _said("unmerge", "reason", Text("为什么要分开", "Why they are not the same")),
    "return": _return,
    "rule": _rule,
    "contact": _said("contact", "text", Text("联系情况", "What was said"),
                     help=Text("与诉求人约定了什么、何时去。", "What you agreed and when you go.")),
    "ask_extension": _extension,
    "grant_extension": _said("grant_extension", "note", Text("意见", "Remarks"), required=False),
    "refuse_extension": _said("refuse_extension", "reason", REASON),
    "ask_suspension": _suspension,
    "grant_suspension": _said("grant_suspension", "note", Text("意见", "Remarks"), required=False),
    "refuse_suspension": _said("refuse_suspension", "reason", REASON),
    "resume": _said("resume", "note", Text("说明", "Remarks"), required=False),
    "supervise": _supervise,
    "reply": _said("reply", "text", Text("答复", "Your answer"),
                   help=Text("办到哪一步、还差什么、何时办结。", "How far it is, what is missing, when it will be done.")),
    "lift": _said("lift", "note", Text("说明", "Remarks"), required=False),
    "appeal": _said("appeal", "reason", Text("为什么不应计为超时", "Why it should not count as late"),
                    help=Text("须两人审核;原始时间始终保留。", "Two people decide; the times stay on record.")),
    "grant_appeal": _said("grant_appeal", "note", Text("意见", "Remarks"), required=False),
    "refuse_appeal": _said("refuse_appeal", "reason", REASON),
}  # fmt: skip
NOTES: dict[str, Callable[[Asked], list[Text]]] = {
    "dispatch": _routing,
    "rule": _routing,
    "grant_extension": _asked_for(Wish.EXTENSION),
    "refuse_extension": _asked_for(Wish.EXTENSION),
    "grant_suspension": _asked_for(Wish.SUSPENSION),
    "refuse_suspension": _asked_for(Wish.SUSPENSION),
    "grant_appeal": _asked_for(Wish.APPEAL),
    "refuse_appeal": _asked_for(Wish.APPEAL),
}
