"""The loop's law: one table of moves, and pure functions over it.

Sources in the table: `domain` is the domain reference's state machine (综合 eGova, smart_cityguard,
12345 条例); articles are of the named regulation. Numbers live in the rulebook (`limits.toml`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from linli.kernel.text import Text

from .words import ENDED, Source, State, Verdict

S = State


@dataclass(frozen=True, slots=True)
class Move:
    """A row of the machine: from which states, to which, by whom, what it requires, and the rule's source."""

    name: str
    label: Text
    before: frozenset[State]
    after: State | None
    action: str
    who: Text
    requires: tuple[str, ...]
    source: str
    bulk: bool = False


def _row(
    name: str, zh: str, en: str, before: Iterable[State], after: State | None, who: Text,
    requires: tuple[str, ...], source: str, action: str = "", bulk: bool = False,
) -> Move:  # fmt: skip
    return Move(
        name, Text(zh, en), frozenset(before), after, action or f"case.{name}", who, requires, source, bulk
    )


CLERK = Text("受理员、值班长", "receiving clerk, duty chief")
CENTRE = Text("派遣员、值班长", "dispatcher, duty chief")
VERIFIER = Text("网格员、网格长、核查员", "grid worker, grid lead, checker")
FIELD = Text("网格员、网格长", "grid worker, grid lead")
HANDLER = Text("责任部门或责任岗位", "the responsible department or post")
CHECKER = Text("核查员、网格员、网格长(非处置人)", "checker, grid worker or grid lead other than the handler")
ASKER = Text("回访员", "caller-back")
REPORTER = Text("诉求人、回访员", "the reporter, or the caller-back for them")
REDOER = Text(
    "核查员、网格员、网格长(非处置人)、派遣员、值班长",
    "checker or grid post other than the handler; dispatcher, duty chief",
)
REOPENER = Text("诉求人、回访员、值班长", "the reporter; caller-back, duty chief")

MOVES: dict[str, Move] = {
    move.name: move
    for move in (
        _row("ask_verify", "请求核实", "ask for verification", {S.REPORTED}, S.VERIFYING, CLERK, (), "domain 1.5"),
        _row("verify", "核实", "verify", {S.VERIFYING}, S.REPORTED, VERIFIER, ("finding",), "domain 1.5; GB/T 30428.7"),
        _row("accept", "受理", "accept", {S.REPORTED}, S.ACCEPTED, CLERK, (), "GB/T 33358; domain 1.5", bulk=True),
        _row("decline", "不予受理", "decline", {S.REPORTED, S.ACCEPTED}, S.DECLINED, CLERK,
             ("reason",), "北京市接诉即办工作条例 (six kinds not dispatched)"),
        _row("register", "立案", "register", {S.ACCEPTED}, S.REGISTERED,
             Text("受理员、派遣员、值班长", "clerk, dispatcher, duty chief"), ("condition",),
             "GB/T 30428.8 (registered under a condition)", bulk=True),
        _row("dispatch", "派遣", "dispatch", {S.REGISTERED, S.DISPATCHED}, S.DISPATCHED, CENTRE,
             (), "domain 1.5; 首接负责", bulk=True),
        _row("sign", "签收", "sign for", {S.DISPATCHED}, S.HANDLING, HANDLER, (), "domain 1.5", bulk=True),
        _row("note", "记录进展", "note progress", {S.HANDLING}, None, HANDLER, ("text",), "domain 1.5",
             action="case.handle"),
        _row("hand_in", "提交处置结果", "hand in", {S.HANDLING}, S.HANDLED, HANDLER, ("result", "evidence"), "GB/T 30428.8"),
        _row("settle", "自处置即办", "settle on the spot", {S.REPORTED, S.DISPATCHED}, S.CLOSED, FIELD,
             ("result", "evidence"), "滨州市网格化条例 (grid worker first)"),
        _row("take_check", "领取核查", "take the check", {S.HANDLED}, S.CHECKING, CHECKER, (), "domain 1.5",
             action="case.check"),
        _row("pass_check", "核查通过", "pass the check", {S.HANDLED, S.CHECKING}, S.CHECKED, CHECKER, (),
             "domain 1.5 (checker is not the handler)", action="case.check"),
        _row("redo", "退回返工", "send back for redoing", {S.HANDLED, S.CHECKING, S.CHECKED}, S.HANDLING,
             REDOER, ("reason",), "domain 1.5 (rework)"),
        _row("close", "结案", "close", {S.CHECKED}, S.CLOSED, CLERK, ("standard",), "GB/T 30428.8", bulk=True),
        _row("ask", "记录回访", "record a call", {S.CLOSED}, None, ASKER, ("text",), "接诉即办条例 (call back)"),
        _row("rate", "评价", "rate", {S.CLOSED}, S.FOLLOWED_UP, REPORTER, ("answer",), "国办发〔2020〕53号"),
        _row("reopen", "重开", "reopen", {S.CLOSED, S.FOLLOWED_UP}, S.REGISTERED, REOPENER, ("reason",), "domain 1.5"),
        _row("void", "作废", "void", set(S) - ENDED, S.VOID, CLERK, ("reason",), "domain 1.5"),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """What the guards need to know of a case and of who acts.

    `handlers`: everybody who ever signed for it or handed it in; none of them is the other person that a check needs.
    """

    state: State
    actor_id: UUID | None = None
    handlers: frozenset[UUID] = frozenset()
    settle_allowed: bool = False
    reopens: int = 0
    closed_at: datetime | None = None
    reopen_until: datetime | None = None
    max_reopens: int = 0


def guard(name: str, standing: Standing, at: datetime) -> str | None:
    """Why the move is refused although the state allows it: `checker`, `settle`, `reopen`; None when it is not."""
    if name in {"pass_check", "take_check", "redo"} and standing.state is not S.CHECKED:
        return "checker" if standing.actor_id in standing.handlers else None
    if name == "settle" and not standing.settle_allowed:
        return "settle"
    if name == "reopen":
        late = standing.reopen_until is not None and at > standing.reopen_until
        return "reopen" if late or standing.reopens >= standing.max_reopens else None
    return None


def moves(standing: Standing, may: Callable[[str], bool], at: datetime) -> list[Move]:
    """The moves open now, in the table's order: the state allows them, the post allows them, no guard refuses.

    Pages offer exactly these and the actions enforce the same three conditions.
    """
    return [
        move
        for move in MOVES.values()
        if standing.state in move.before and may(move.action) and guard(move.name, standing, at) is None
    ]


def verdict(due_at: datetime | None, finished_at: datetime | None, state: State) -> Verdict:
    """On time when the work was finished no later than its deadline; open until the matter has ended.

    What is declined or void counts as on time, and so does what ended without a deadline (settled on the
    spot): no limit was broken.
    """
    if state in {S.DECLINED, S.VOID}:
        return Verdict.ON_TIME
    if state not in ENDED or finished_at is None:
        return Verdict.OPEN
    return Verdict.ON_TIME if due_at is None or finished_at <= due_at else Verdict.OVERDUE


def dispatch_limit_name(source: Source) -> str:
    """Which limit of the rulebook runs from the report to the dispatch: hotline 24 h, police transfer 2 h."""
    return {Source.HOTLINE: "dispatch_hotline", Source.POLICE: "dispatch_police"}.get(source, "dispatch")


def goes_straight(settle_allowed: bool, responsible: str, source: Source, grid_post_found: bool) -> bool:
    """Whether a new matter goes straight to the micro-grid's post instead of through the centre.

    Simple matters (the catalogue lets the grid settle them and names a grid post) stay in the grid;
    hotline tickets and police transfers always go through the centre (seed 廊下: 简易案件微网格自处置).
    """
    through_centre = source in {Source.HOTLINE, Source.POLICE}
    return settle_allowed and responsible.startswith("grid_") and grid_post_found and not through_centre
