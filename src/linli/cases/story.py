"""The case as a story for whoever reported it: who has it, what is next, without staff's own notes."""

from __future__ import annotations

from linli.kernel import rulebook
from linli.kernel.journal import Fact, Recorded
from linli.kernel.text import Text

from . import events


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
    if isinstance(fact, events.CaseVoided):
        return Text(f"已作废:{fact.reason_zh}", f"Void: {fact.reason_en}")
    return TOLD.get(type(fact))


def why_declined(fact: events.CaseDeclined) -> Text:
    """The reason with where to turn instead, as the rulebook says it, without the last full stop."""
    rows = rulebook.table("reasons")["decline"]
    row = next((row for row in rows if row["code"] == fact.reason and row.get("hint_zh")), None)
    if row is None:
        return Text(fact.reason_zh, fact.reason_en)
    return Text(
        f"{fact.reason_zh}。{row['hint_zh'].removesuffix('。')}",
        f"{fact.reason_en}. {row['hint_en'].removesuffix('.')}",
    )


TOLD: dict[type[Fact], Text] = {
    events.VerificationAsked: Text("正请网格员到现场核实", "A grid worker is asked to look on the spot"),
    events.CaseVerified: Text("网格员已到现场核实", "A grid worker has looked on the spot"),
    events.CaseAccepted: Text("已受理", "Accepted"),
    events.CaseRegistered: Text("已立案", "Registered"),
    events.CaseSigned: Text("承办人已签收,开始处理", "Somebody has taken it in hand"),
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
