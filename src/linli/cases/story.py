"""The case as a story for whoever reported it: who has it, what is next, without staff's own notes."""

from __future__ import annotations

from linli.cases import events
from linli.cases.models import Case
from linli.cases.words import Wish
from linli.kernel import rulebook
from linli.kernel.journal import Fact, Recorded
from linli.kernel.text import Text


def tell(line: Recorded) -> Text | None:
    """What the reporter reads of this line; None when it is not theirs to read."""
    fact = line.fact
    if isinstance(fact, events.CaseReported):
        return Text("我们收到了您的反映", "We received your report")
    if isinstance(fact, events.CaseDispatched):
        return Text(f"已派给{fact.to_zh}", f"Passed on to {fact.to_en}")
    if isinstance(fact, events.CaseDeclined):
        why = why_declined(fact)
        return Text(f"不予受理:{why.zh}。", f"Not taken: {why.en}.")
    if isinstance(fact, events.RulingMade):
        return Text(f"已确定由{fact.to_zh}办理", f"It was settled that {fact.to_en} handles it")
    if isinstance(fact, events.CaseTransferred):
        where = why_gone(fact)
        return Text(f"已转出:{where.zh}。", f"Passed on: {where.en}.")
    if isinstance(fact, events.CaseMerged):
        return Text(
            f"与 {fact.number} 是同一件事,合并办理,进展一样会告诉您",
            f"The same matter as {fact.number}; both are handled together and you hear of everything",
        )
    if isinstance(fact, events.WishGranted):
        return GRANTED.get(fact.wish)
    if isinstance(fact, events.CaseVoided):
        return Text(f"已作废:{fact.reason_zh}", f"Void: {fact.reason_en}")
    return TOLD.get(type(fact))


def tell_own(line: Recorded, case: Case) -> Text | None:
    """What the reporter of this case reads of a line of its own or of its main case's story.

    A merged case is closed with its main case and cannot be rated: nothing on its page asks for an answer.
    """
    if case.merged_into_id is not None and isinstance(line.fact, events.CaseClosed | events.CaseSettled):
        return ENDED_BEFORE if line.about == case.id else ENDED_TOGETHER
    return tell(line)


ENDED_BEFORE = Text("曾经办结", "It was closed before")
ENDED_TOGETHER = Text(
    "一起办理的那一件已办结,您反映的事随之办结",
    "The matter with which it is handled together was closed, and yours with it",
)


def why_declined(fact: events.CaseDeclined) -> Text:
    """The reason with where to turn instead, as the rulebook says it, without the last full stop."""
    return _with_hint("decline", fact)


def why_gone(fact: events.CaseTransferred) -> Text:
    """To whom it was passed and what they do, as the rulebook says it, without the last full stop."""
    return _with_hint("transfer_out", fact)


def _with_hint(table: str, fact: events.CaseDeclined | events.CaseTransferred) -> Text:
    rows = rulebook.table("reasons")[table]
    row = next((row for row in rows if row["code"] == fact.reason and row.get("hint_zh")), None)
    if row is None:
        return Text(fact.reason_zh, fact.reason_en)
    return Text(
        f"{fact.reason_zh}。{row['hint_zh'].removesuffix('。')}",
        f"{fact.reason_en}. {row['hint_en'].removesuffix('.')}",
    )


GRANTED = {
    Wish.EXTENSION.value: Text(
        "情况复杂,办理时间有所延长", "It takes longer than planned; more time was granted"
    ),
    Wish.SUSPENSION.value: Text(
        "暂时不具备办理条件,已挂账,到期继续办理", "It cannot be done yet; it rests until a set day"
    ),
}
TOLD: dict[type[Fact], Text] = {
    events.CaseReturned: Text("正在重新确定办理单位", "It is being passed to another office"),
    events.ReporterContacted: Text("承办人与您联系过", "Whoever handles it spoke with you"),
    events.CaseResumed: Text("恢复办理", "Handling goes on"),
    events.SupervisionRaised: Text("上级正在督办", "Those above are pressing for it"),
    events.CaseJoined: Text(
        "另有居民反映同一件事,合并办理", "Another resident reported the same; both are handled together"
    ),
    events.MergeUndone: Text("与另一件分开办理", "It is handled by itself again"),
    events.VerificationAsked: Text("正请网格员到现场核实", "A grid worker is asked to look on the spot"),
    events.CaseVerified: Text("网格员已到现场核实", "A grid worker has looked on the spot"),
    events.CaseAccepted: Text("已受理", "Accepted"),
    events.CaseRegistered: Text("已立案", "Registered"),
    events.CaseSigned: Text("承办人已签收,开始处理", "Somebody has taken it in hand"),
    events.PartsCalled: Text("已召集其他单位一起办理", "Others were called to help with it"),
    events.ProgressNoted: Text("处理有了进展", "There is progress"),
    events.CaseHandedIn: Text("处理完毕,等待核查", "Done; somebody else will check it"),
    events.CaseSettled: Text("网格员当场处理完毕", "Settled on the spot by the grid worker"),
    events.CheckPassed: Text("核查通过", "Checked and found done"),
    events.RedoOrdered: Text("核查未通过,正在返工", "Found wanting; it is being done again"),
    events.CaseClosed: Text("已办结,请您评价", "Closed; please tell us whether it helped"),
    events.CaseRated: Text("收到您的评价,谢谢", "Thank you for your answer"),
    events.CaseReopened: Text("已重新办理,由上一级督办", "Taken up again, watched by the level above"),
    # Whoever looked says why on the record; that somebody looked is shown to the person concerned.
    events.ReporterRevealed: Text(
        "工作人员为办理此事查看了您的电话", "Staff looked at your telephone number for this"
    ),
    events.DeadlineMissed: Text(
        "超过了承诺时限,已升级督办", "The promised time has passed; it was raised to the level above"
    ),
}
