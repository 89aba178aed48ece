"""Words of following up: how a call went, what the reporter says, what an inspection found, refusals."""

from __future__ import annotations

from enum import StrEnum

from linli.kernel.errors import declare
from linli.kernel.text import Text


class Outcome(StrEnum):
    """How one call to the reporter went."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    OFF = "off"
    LATER = "later"
    WRONG = "wrong"
    REFUSED = "refused"

    @property
    def label(self) -> Text:
        """What callers say."""
        return OUTCOME_LABELS[self]


OUTCOME_LABELS = {
    Outcome.REACHED: Text("接通并问到", "Reached and asked"),
    Outcome.NO_ANSWER: Text("无人接听", "Nobody answered"),
    Outcome.BUSY: Text("占线", "Busy"),
    Outcome.OFF: Text("关机或停机", "Switched off"),
    Outcome.LATER: Text("请改时间再打", "Asked to be called later"),
    Outcome.WRONG: Text("号码有误", "Wrong number"),
    Outcome.REFUSED: Text("不愿接受回访", "Does not want to be asked"),
}


class Solved(StrEnum):
    """Whether the matter is solved, as the reporter sees it: asked apart from how content they are."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"

    @property
    def label(self) -> Text:
        """The reporter's word."""
        return SOLVED_LABELS[self]


SOLVED_LABELS = {
    Solved.YES: Text("已解决", "Solved"),
    Solved.PARTLY: Text("部分解决", "Partly solved"),
    Solved.NO: Text("未解决", "Not solved"),
}


class Rate(StrEnum):
    """The three rates (三率)."""

    RESPONSE = "response"
    RESOLUTION = "resolution"
    SATISFACTION = "satisfaction"

    @property
    def label(self) -> Text:
        """The official term."""
        return RATE_LABELS[self]


RATE_LABELS = {
    Rate.RESPONSE: Text("响应率", "Response rate"),
    Rate.RESOLUTION: Text("解决率", "Resolution rate"),
    Rate.SATISFACTION: Text("满意率", "Satisfaction rate"),
}


class Found(StrEnum):
    """What a re-inspection found on the spot."""

    SOLVED = "solved"
    NOT_SOLVED = "not_solved"
    UNCLEAR = "unclear"

    @property
    def label(self) -> Text:
        """What the checker says."""
        return FOUND_LABELS[self]


FOUND_LABELS = {
    Found.SOLVED: Text("确已解决", "Solved"),
    Found.NOT_SOLVED: Text("结案但未解决", "Closed but not solved"),
    Found.UNCLEAR: Text("无法判断", "Cannot be told"),
}


class Ground(StrEnum):
    """Automatic grounds of exclusion that are read from the case itself; the others are asked for."""

    UNREACHABLE = "unreachable"
    EXCUSED = "excused"


TAKEN = declare(
    "followup.taken", 409,
    Text("另一位回访员正在回访此件", "Another caller is on this case"),
    Text("请取下一件;占用到期后会自动放回队列。", "Take the next one; it comes back to the queue when their time is over."),
)  # fmt: skip
NOTHING_TO_CALL = declare(
    "followup.nothing-to-call", 404,
    Text("现在没有可以回访的案件", "There is nobody to call now"),
    Text("有新结案的案件,或约定的再次拨打时间到了,会出现在这里。", "Cases appear here when they close, or when it is time to try again."),
)  # fmt: skip
NOT_WAITING = declare(
    "followup.not-waiting", 409,
    Text("此件不在待回访状态", "This case does not wait for a call"),
    Text("诉求人可能已自行评价,或案件已重开。请取下一件。", "The reporter may have rated it, or it was reopened. Take the next one."),
)  # fmt: skip
CALLS_DECLINED = declare(
    "followup.calls-declined", 409,
    Text("诉求人要求不回访", "The reporter asked not to be called"),
    Text("诉求人仍可自行评价或申请重开。", "They may still rate it, or ask for reopening, by themselves."),
)  # fmt: skip
EXCLUDED_ALREADY = declare(
    "followup.excluded-already", 409,
    Text("此件已申请过剔除", "An exclusion was asked for already"),
    Text("一件案件每轮办理只能申请一次;不服结论可以申诉一次。", "It can be asked for once; the decision can be appealed against once."),
)  # fmt: skip
NOT_CLOSED = declare(
    "followup.not-closed", 409,
    Text("案件尚未结案", "The case is not closed"),
    Text("结案后才计入三率,也才需要申请剔除。", "Only closed cases count, so only they can be left out."),
)  # fmt: skip
DECIDED_ALREADY = declare(
    "followup.decided-already", 409,
    Text("这一步已经有结论", "This was decided already"),
    Text("请刷新查看。", "Reload to see it."),
)  # fmt: skip
OWN_DECISION = declare(
    "followup.own-decision", 403,
    Text("不能审定自己提出的申请,也不能复核自己作出的结论", "Nobody decides what they asked for, or reviews their own decision"),
    Text("请交由另一位值班长或监督员。", "Leave it to another duty chief or auditor."),
)  # fmt: skip
NO_APPEAL = declare(
    "followup.no-appeal", 409,
    Text("现在不能申诉", "It cannot be appealed against now"),
    Text("有结论后可以申诉一次。", "A decision can be appealed against once."),
)  # fmt: skip
DRAWN_BEFORE = declare(
    "followup.drawn-before", 409,
    Text("这个网格的这段时间已经抽过样", "This period of this unit was drawn from already"),
    Text("为防止反复抽样挑选结果,同一范围只抽一次。", "So that nobody draws until they like the sample, it is done once."),
)  # fmt: skip
NOBODY_TO_DRAW = declare(
    "followup.nothing-to-draw", 422,
    Text("这段时间没有结案的案件", "Nothing was closed in this period"),
    Text("请换一个网格或一段时间。", "Choose another unit or period."),
)  # fmt: skip
TOO_EARLY = declare(
    "followup.too-early", 409,
    Text("承诺刚公布,还不能抽取", "The commitment is too fresh to draw"),
    Text("请等到规定时间,或由另一位有权人员抽取。", "Wait for the time of the rulebook, or let another person draw."),
)  # fmt: skip
NOT_ELIGIBLE = declare(
    "followup.not-eligible", 403,
    Text("办理或核查过此件的人不能复查", "Whoever handled or checked it may not inspect it again"),
    Text("请交由另一位核查员或网格员。", "Leave it to another checker or grid worker."),
)  # fmt: skip
INSPECTED_ALREADY = declare(
    "followup.inspected-already", 409,
    Text("此件已复查", "It was inspected already"),
    Text("请刷新查看结果。", "Reload to see what was found."),
)  # fmt: skip
NOT_YOURS = declare(
    "followup.not-yours", 409,
    Text("这项复查在另一位名下", "This inspection is somebody else's"),
    Text("需要时请先接手。", "Take it over first if need be."),
)  # fmt: skip
