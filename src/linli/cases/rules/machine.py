"""The loop's law: one table of moves.

Sources in the table: `domain` is the domain reference's state machine (综合 eGova, smart_cityguard,
12345 条例); articles are of the named regulation. Numbers live in the rulebook (`limits.toml`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from linli.cases.words import ENDED, State
from linli.kernel.text import Text

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
CHIEF = Text("值班长", "duty chief")
DECIDER = Text("派遣员、值班长(非申请人)", "dispatcher or duty chief other than the asker")
JUDGE = Text("值班长、监督员,两人(非申请人)", "duty chief and auditor, two people other than the asker")
REOPENER = Text("诉求人、回访员、值班长", "the reporter; caller-back, duty chief")

CHARGED = frozenset({S.DISPATCHED, S.HANDLING, S.HANDLED, S.CHECKING, S.CHECKED, S.RETURNED, S.SUSPENDED})
ANSWERABLE = CHARGED - {S.RETURNED}
"""Where somebody is there to answer a card."""
OPEN_TO_MERGE = frozenset({S.REPORTED, S.ACCEPTED, S.REGISTERED, S.RETURNED, S.DISPATCHED, S.HANDLING})

FURTHER = {S.REPORTED: 0, S.VERIFYING: 0, S.ACCEPTED: 1, S.REGISTERED: 2, S.RETURNED: 3, S.DISPATCHED: 4,
           S.HANDLING: 5}  # fmt: skip
"""How far on a case is; from handing in on further than any that may be merged."""


def takes_in(main: State, other: State) -> bool:
    """Whether a case in the state `main` may take in one in the state `other`: it is open, does not rest, and is at
    least as far on, so that no limit is given up."""
    stands = main in (OPEN_TO_MERGE | CHARGED | {S.VERIFYING}) - {S.SUSPENDED}
    return stands and FURTHER.get(main, len(FURTHER)) >= FURTHER.get(other, 0)


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
        _row("transfer_out", "转出", "transfer out", {S.REPORTED, S.ACCEPTED, S.REGISTERED, S.RETURNED}, S.TRANSFERRED,
             Text("受理员、派遣员、值班长", "clerk, dispatcher, duty chief"), ("reason",),
             "国办发〔2022〕12号; 北京市接诉即办工作条例 (紧急转专线、法定途径)", action="case.transfer"),
        _row("merge", "并案", "merge", OPEN_TO_MERGE, S.MERGED,
             Text("受理员、派遣员、值班长", "clerk, dispatcher, duty chief"), ("into",), "domain 1.5; 接诉即办条例 (重复诉求)"),
        _row("unmerge", "撤销并案", "undo the merge", {S.MERGED}, None,
             Text("受理员、派遣员、值班长", "clerk, dispatcher, duty chief"), ("reason",), "domain 1.5", action="case.merge"),
        _row("dispatch", "派遣", "dispatch", {S.REGISTERED, S.DISPATCHED, S.RETURNED}, S.DISPATCHED, CENTRE,
             (), "domain 1.5; 首接负责", bulk=True),
        _row("return", "退单", "return", {S.DISPATCHED}, S.RETURNED, HANDLER, ("reason", "basis"),
             "domain 1.5 (理由、限时、清单条目); 济南、潍坊 12345 条例"),
        _row("rule", "职责裁定", "rule on responsibility", {S.RETURNED, S.DISPATCHED}, S.DISPATCHED, CHIEF,
             ("to", "reason"), "济南、潍坊 12345 条例 (裁定后不得再退)"),
        _row("sign", "签收", "sign for", {S.DISPATCHED}, S.HANDLING, HANDLER, (), "domain 1.5", bulk=True),
        _row("note", "记录进展", "note progress", {S.HANDLING}, None, HANDLER, ("text",), "domain 1.5",
             action="case.handle"),
        _row("contact", "联系诉求人", "contact the reporter", {S.DISPATCHED, S.HANDLING}, None, HANDLER, ("text",),
             "接诉即办条例 (先行联系)", action="case.handle"),
        _row("ask_extension", "申请延期", "ask for an extension", {S.HANDLING}, None, HANDLER, ("amount", "reason"),
             "domain 1.5 (最多 2 次,仅限超时前)", action="case.ask_wish"),
        _row("grant_extension", "同意延期", "grant the extension", {S.HANDLING}, None, DECIDER, (), "domain 1.5",
             action="case.decide_wish"),
        _row("refuse_extension", "不同意延期", "refuse the extension", {S.HANDLING}, None, DECIDER, ("reason",),
             "domain 1.5", action="case.decide_wish"),
        _row("ask_suspension", "申请挂账", "ask for suspension", {S.HANDLING}, None, HANDLER, ("until", "reason"),
             "domain 1.5 (一次、不超过一年、停表)", action="case.ask_wish"),
        _row("grant_suspension", "同意挂账", "suspend", {S.HANDLING}, S.SUSPENDED, DECIDER, (), "domain 1.5",
             action="case.decide_wish"),
        _row("refuse_suspension", "不同意挂账", "refuse the suspension", {S.HANDLING}, None, DECIDER, ("reason",),
             "domain 1.5", action="case.decide_wish"),
        _row("resume", "恢复办理", "resume", {S.SUSPENDED}, S.HANDLING,
             Text("责任部门、派遣员、值班长", "the responsible department; dispatcher, duty chief"), (), "domain 1.5"),
        _row("supervise", "督办", "supervise", ANSWERABLE, None, Text("值班长、监督员", "duty chief, auditor"),
             ("card", "text"), "domain 1.5 (黄红牌、限时回复)"),
        _row("reply", "督办答复", "answer the supervision", ANSWERABLE, None, HANDLER, ("text",), "domain 1.5"),
        _row("lift", "解除督办", "lift the supervision", ANSWERABLE, None, Text("值班长、监督员", "duty chief, auditor"),
             (), "domain 1.5", action="case.supervise"),
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
        _row("appeal", "超时申诉", "appeal against the overdue mark", {S.CLOSED, S.FOLLOWED_UP}, None, HANDLER,
             ("reason",), "domain 1.5 (一次、双审、保留原始超时)"),
        _row("grant_appeal", "同意申诉", "uphold the appeal", {S.CLOSED, S.FOLLOWED_UP}, None, JUDGE, (),
             "domain 1.5", action="case.decide_appeal"),
        _row("refuse_appeal", "驳回申诉", "dismiss the appeal", {S.CLOSED, S.FOLLOWED_UP}, None, JUDGE, ("reason",),
             "domain 1.5", action="case.decide_appeal"),
        _row("reopen", "重开", "reopen", {S.CLOSED, S.FOLLOWED_UP}, S.REGISTERED, REOPENER, ("reason",), "domain 1.5"),
        _row("void", "作废", "void", set(S) - ENDED, S.VOID, CLERK, ("reason",), "domain 1.5"),
    )
}  # fmt: skip
