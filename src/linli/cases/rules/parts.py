"""The law of helping: which steps a part has, what stands against each, whether its limits were kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from linli.cases.rules.machine import Move
from linli.cases.words import ENDED, State, Verdict
from linli.kernel.text import Text

S = State
CALLABLE: Final = frozenset({S.REGISTERED, S.DISPATCHED, S.RETURNED, S.HANDLING})
"""While these last helpers may be called; before, nobody leads, and afterwards the work is being checked."""
RUNNING: Final = frozenset(State) - ENDED - {S.SUSPENDED}
"""While these last a part goes on; nothing is handled while the matter is suspended."""

HELPER = Text("协办部门或岗位", "the helping department or post")
CALLER = Text("吹哨人、派遣员、值班长", "whoever called; dispatcher, duty chief")


def _row(name: str, zh: str, en: str, before: frozenset[State], action: str, who: Text,
         requires: tuple[str, ...], source: str) -> Move:  # fmt: skip
    return Move(name, Text(zh, en), before, None, action, who, requires, source)


PART_MOVES: dict[str, Move] = {
    move.name: move
    for move in (
        _row("call", "召集协办", "call helpers", CALLABLE, "case.whistle",
             Text("村居以上网格长、派遣员、值班长", "grid lead of a village or above; dispatcher, duty chief"),
             ("helpers", "task"), "domain 2 (吹哨报到: 主协办召集)"),
        _row("sign", "签收", "sign for the part", RUNNING, "case.part", HELPER, (), "南京鼓楼: 签收 1 小时"),
        _row("contact", "联系", "make contact", RUNNING, "case.part", HELPER, ("text",), "南京鼓楼: 联系 24 小时"),
        _row("arrive", "到场报到", "report in on the spot", RUNNING, "case.part",
             Text("协办部门或岗位;吹哨人可代为确认", "the helper; whoever called may confirm it"), (), "domain 2 (到场签到)"),
        _row("finish", "完成协办", "finish the part", RUNNING, "case.part", HELPER, ("result", "absence"), "domain 2 (处置结果、部门不报到升级)"),
        _row("release", "解除协办", "release the part", RUNNING, "case.whistle", CALLER, ("reason",), "domain 2"),
    )
}  # fmt: skip
"""Calling helpers and the steps of a part. None of them changes the state of the case."""


@dataclass(frozen=True, slots=True)
class PartStanding:
    """Where a part stands: the state of its case, and which of its steps were made."""

    state: State
    signed: bool = False
    contacted: bool = False
    arrived: bool = False
    ended: bool = False


def part_guard(name: str, standing: PartStanding) -> str | None:
    """Why the step is refused now (`closed`: not open in this state; `unsigned`: sign first); None when it is not.

    A step that was made is not made again. Turning up needs no signature: it is one.
    """
    made = {"sign": standing.signed, "contact": standing.contacted, "arrive": standing.arrived}
    if standing.state not in PART_MOVES[name].before or standing.ended or made.get(name, False):
        return "closed"
    return "unsigned" if name in {"contact", "finish"} and not standing.signed else None


def must_explain(arrive_due: datetime | None, arrived_at: datetime | None) -> bool:
    """Whether a part that is done now has to say why nobody came: it was asked (late or not), and nobody did."""
    return arrive_due is not None and arrived_at is None


def kept(
    due: datetime | None, kept_at: datetime | None, ended_at: datetime | None, at: datetime, *, expected: bool = False
) -> Verdict | None:  # fmt: skip
    """Whether a limit of a part was kept, as seen at `at`; None when there was none, or when the part ended before
    the limit did and so nobody had to any more. `expected`: ending in time excuses nobody (ABSENT), as with an arrival
    when the part was done without one; ended after the limit it is late as ever."""
    if due is None:
        return None
    if kept_at is not None:
        return Verdict.ON_TIME if kept_at <= due else Verdict.OVERDUE
    if ended_at is not None:
        if ended_at > due:
            return Verdict.OVERDUE
        return Verdict.ABSENT if expected else None
    return Verdict.OPEN if at <= due else Verdict.OVERDUE
