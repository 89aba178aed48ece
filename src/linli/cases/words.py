"""The loop's words: states, desks, sources, answers, refusals."""

from __future__ import annotations

import itertools
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from linli.kernel import clock
from linli.kernel.errors import declare
from linli.kernel.fields import blind_index
from linli.kernel.text import Text


class State(StrEnum):
    """Where a case stands (design §4)."""

    REPORTED = "reported"
    VERIFYING = "verifying"
    ACCEPTED = "accepted"
    REGISTERED = "registered"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    HANDLED = "handled"
    CHECKING = "checking"
    CHECKED = "checked"
    CLOSED = "closed"
    FOLLOWED_UP = "followed_up"
    RETURNED = "returned"
    SUSPENDED = "suspended"
    MERGED = "merged"
    TRANSFERRED = "transferred"
    DECLINED = "declined"
    VOID = "void"

    @property
    def label(self) -> Text:
        """The official term."""
        return STATE_LABELS[self]


STATE_LABELS = {
    State.REPORTED: Text("待受理", "Reported"),
    State.VERIFYING: Text("核实中", "Being verified"),
    State.ACCEPTED: Text("已受理", "Accepted"),
    State.REGISTERED: Text("已立案", "Registered"),
    State.DISPATCHED: Text("待签收", "Dispatched"),
    State.HANDLING: Text("处置中", "Being handled"),
    State.HANDLED: Text("待核查", "Handled"),
    State.CHECKING: Text("核查中", "Being checked"),
    State.CHECKED: Text("待结案", "Check passed"),
    State.CLOSED: Text("已结案", "Closed"),
    State.FOLLOWED_UP: Text("已回访", "Followed up"),
    State.RETURNED: Text("已退单", "Returned"),
    State.SUSPENDED: Text("挂账中", "Suspended"),
    State.MERGED: Text("已并案", "Merged"),
    State.TRANSFERRED: Text("已转出", "Transferred out"),
    State.DECLINED: Text("不予受理", "Declined"),
    State.VOID: Text("已作废", "Void"),
}
ENDED = frozenset(
    {State.CLOSED, State.FOLLOWED_UP, State.MERGED, State.TRANSFERRED, State.DECLINED, State.VOID}
)
"""Nothing more is to be done here; what is merged goes on under its main case."""


class Desk(StrEnum):
    """The queue in which a case waits; one at a time, so that a queue is one index range."""

    RECEIVE = "receive"
    VERIFY = "verify"
    DISPATCH = "dispatch"
    HANDLE = "handle"
    CHECK = "check"
    CLOSE = "close"
    CALL_BACK = "call_back"
    SUSPENDED = "suspended"
    DONE = "done"

    @property
    def label(self) -> Text:
        """What the desk is called."""
        return DESK_LABELS[self]


DESK_LABELS = {
    Desk.RECEIVE: Text("受理", "Receiving"),
    Desk.VERIFY: Text("核实", "Verifying"),
    Desk.DISPATCH: Text("派遣", "Dispatching"),
    Desk.HANDLE: Text("处置", "Handling"),
    Desk.CHECK: Text("核查", "Checking"),
    Desk.CLOSE: Text("结案", "Closing"),
    Desk.CALL_BACK: Text("回访", "Calling back"),
    Desk.SUSPENDED: Text("挂账", "Suspended"),
    Desk.DONE: Text("已办结", "Done"),
}
DESK_OF = {
    State.REPORTED: Desk.RECEIVE,
    State.VERIFYING: Desk.VERIFY,
    State.ACCEPTED: Desk.DISPATCH,
    State.REGISTERED: Desk.DISPATCH,
    State.DISPATCHED: Desk.HANDLE,
    State.HANDLING: Desk.HANDLE,
    State.HANDLED: Desk.CHECK,
    State.CHECKING: Desk.CHECK,
    State.CHECKED: Desk.CLOSE,
    State.CLOSED: Desk.CALL_BACK,
    State.FOLLOWED_UP: Desk.DONE,
    State.RETURNED: Desk.DISPATCH,
    State.SUSPENDED: Desk.SUSPENDED,
    State.MERGED: Desk.DONE,
    State.TRANSFERRED: Desk.DONE,
    State.DECLINED: Desk.DONE,
    State.VOID: Desk.DONE,
}


class Source(StrEnum):
    """Through which door the matter came (domain reference §1.5: source codes)."""

    RESIDENT = "resident"
    PHONE = "phone"
    GRID = "grid"
    HOTLINE = "hotline"
    POLICE = "police"
    WALK_IN = "walk_in"
    PATROL = "patrol"
    SENSOR = "sensor"
    MEDIA = "media"
    LETTER = "letter"
    IMPORTED = "imported"

    @property
    def label(self) -> Text:
        """What the door is called."""
        return SOURCE_LABELS[self]


SOURCE_LABELS = {
    Source.RESIDENT: Text("居民上报", "Resident"),
    Source.PHONE: Text("来电", "Telephone"),
    Source.GRID: Text("网格员上报", "Grid worker"),
    Source.HOTLINE: Text("12345 热线", "12345 hotline"),
    Source.POLICE: Text("110 非警务移交", "Police transfer"),
    Source.WALK_IN: Text("窗口来访", "Walk-in"),
    Source.PATROL: Text("巡查发现", "Patrol"),
    Source.SENSOR: Text("感知设备", "Sensor"),
    Source.MEDIA: Text("媒体", "Media"),
    Source.LETTER: Text("来信", "Letter"),
    Source.IMPORTED: Text("历史导入", "Imported"),
}


CLOCK_NAMES = {
    "dispatch": Text("派遣", "dispatch"),
    "verify": Text("核实", "verify"),
    "sign": Text("签收", "sign for"),
    "contact": Text("首次联系诉求人", "first contact the reporter"),
    "handle": Text("处置", "handle"),
    "check": Text("核查", "check"),
    "close": Text("结案", "close"),
    "call_back": Text("回访", "call back"),
    "suspend": Text("挂账", "resume what is suspended"),
    "reply": Text("督办答复", "answer the supervision"),
}
"""The limits that run on a case, by the name of their clock after `cases.`."""


class Answer(StrEnum):
    """What the reporter says of the result (five-way scale of the hotline rules)."""

    SATISFIED = "satisfied"
    MOSTLY = "mostly"
    NEUTRAL = "neutral"
    UNSATISFIED = "unsatisfied"
    UNREACHABLE = "unreachable"

    @property
    def label(self) -> Text:
        """The word on the scale."""
        return ANSWER_LABELS[self]


ANSWER_LABELS = {
    Answer.SATISFIED: Text("满意", "Satisfied"),
    Answer.MOSTLY: Text("基本满意", "Mostly satisfied"),
    Answer.NEUTRAL: Text("一般", "Neutral"),
    Answer.UNSATISFIED: Text("不满意", "Not satisfied"),
    Answer.UNREACHABLE: Text("无法联系", "Could not be reached"),
}


class Phase(StrEnum):
    """At which step of the loop a picture was taken."""

    REPORT = "report"
    VERIFY = "verify"
    HANDLE = "handle"
    CHECK = "check"

    @property
    def label(self) -> Text:
        """What the picture shows."""
        return PHASE_LABELS[self]


PHASE_LABELS = {
    Phase.REPORT: Text("处置前", "Before"),
    Phase.VERIFY: Text("核实", "Verification"),
    Phase.HANDLE: Text("处置后", "After"),
    Phase.CHECK: Text("核查", "Check"),
}


class Card(StrEnum):
    """How sharply a matter is supervised (督办)."""

    YELLOW = "yellow"
    RED = "red"

    @property
    def label(self) -> Text:
        """What the card is called."""
        return CARD_LABELS[self]


CARD_LABELS = {Card.YELLOW: Text("黄牌", "Yellow card"), Card.RED: Text("红牌", "Red card")}


class Wish(StrEnum):
    """What a handler asks for and others decide."""

    EXTENSION = "extension"
    SUSPENSION = "suspension"
    APPEAL = "appeal"

    @property
    def label(self) -> Text:
        """The official term."""
        return WISH_LABELS[self]


WISH_LABELS = {
    Wish.EXTENSION: Text("延期申请", "Extension"),
    Wish.SUSPENSION: Text("挂账申请", "Suspension"),
    Wish.APPEAL: Text("超时申诉", "Appeal against the overdue mark"),
}


class Verdict(StrEnum):
    """Whether the handling ended in time. ABSENT is of a helper's arrival alone: the part was done without anybody
    having come, and they said why."""

    ON_TIME = "on_time"
    OVERDUE = "overdue"
    OPEN = "open"
    ABSENT = "absent"


def number_of(serial: int, reported_at: datetime) -> str:
    """The number that people read out: the day of the report in the town, then the running number."""
    quarter = reported_at.replace(minute=reported_at.minute // 15 * 15, second=0, microsecond=0)
    return f"{_day(clock.town_zone(), quarter)}{serial:06d}"


@lru_cache(
    maxsize=4096
)  # lists and batches name many cases of few hours; no zone's day begins within a quarter
def _day(zone: ZoneInfo, quarter: datetime) -> str:
    return f"{quarter.astimezone(zone):%Y%m%d}"


def serial_of(number: str) -> int | None:
    """The running number inside a case number, or None when it is none."""
    digits = number.strip().replace(" ", "").replace("-", "")
    if not digits.isascii() or not digits.isdigit() or not 14 <= len(digits) <= 24:
        return None
    return int(digits[8:])


def tracking_code(case_id: UUID) -> str:
    """The code that lets its holder follow a case without an account: ten letters and digits.

    Derived from the case's id with the town's key, so nothing has to be stored or can be looked up.
    """
    bits = int(blind_index("tracking", case_id.hex)[:13], 16) >> 2  # the first fifty
    return "".join([_LETTERS[bits >> place & 1023] for place in (40, 30, 20, 10, 0)])


_LETTERS = ["".join(pair) for pair in itertools.product("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", repeat=2)]
"""Ten bits in Base32 (RFC 4648 §6). A batch names a hundred thousand codes; `base64` takes longer than the key."""


MOVE_NOT_OPEN = declare(
    "cases.move-not-open", 409,
    Text("案件现在处于“{state}”,不能{move}", "The case is now “{state}”; it is not possible to {move}"),
    Text("请刷新案件,查看现在可以办理的步骤。", "Reload the case to see which steps are open now."),
)  # fmt: skip
CHECKER_IS_HANDLER = declare(
    "cases.checker-is-handler", 403,
    Text("处置人不能核查自己办理的案件", "Whoever handled a case may not check it"),
    Text("请交由另一位网格员或核查员核查。", "Leave the check to another grid worker or checker."),
)  # fmt: skip
EVIDENCE_MISSING = declare(
    "cases.evidence-missing", 422,
    Text("还缺少必需的照片", "A required photo is missing"),
    Text("请拍摄并上传照片后再提交。", "Take and attach a photo, then hand in."),
)  # fmt: skip
UNKNOWN_KIND = declare(
    "cases.unknown-kind", 422,
    Text("没有这个事项类别", "There is no such kind of matter"),
    Text("请从事项清单中选择。", "Choose one from the catalogue."),
)  # fmt: skip
NUMBER_TAKEN = declare(
    "cases.number-taken", 409, Text("这个来源编号已登记为 {number}", "The source's number was taken in as {number}"),
    Text("是同一件就不必再登记;不是同一件请核对来源编号。", "The same matter need not be taken in again; otherwise check the source's number."),
)  # fmt: skip
OUTSIDE = declare(
    "cases.outside", 422,
    Text("这个位置不在本镇网格范围内", "This place lies outside the town's grid"),
    Text("请在地图上重新选点,或填写详细地址由受理员定位。", "Pick the place on the map again, or write the address and a clerk will locate it."),
)  # fmt: skip
REOPEN_BOUND = declare(
    "cases.reopen-bound", 409,
    Text("重开次数或期限已到", "The case can no longer be reopened"),
    Text("您可以上报一件新的案件,并写上原案件编号。", "Report a new matter and mention this number."),
)  # fmt: skip
NOT_SETTLED_HERE = declare(
    "cases.not-settled-here", 422,
    Text("这类事项不能自处置即办", "Matters of this kind cannot be settled on the spot"),
    Text("请上报,由中心派遣。", "Report it; the centre will dispatch it."),
)  # fmt: skip
RULED_ALREADY = declare(
    "cases.ruled-already", 409,
    Text("职责已经裁定,不能再退单或改派", "Responsibility was ruled on: it cannot be returned or passed on again"),
    Text("请按裁定办理;情况有变时由值班长重新裁定。", "Handle it as ruled; when things have changed the duty chief may rule anew."),
)  # fmt: skip
RULING_NEEDED = declare(
    "cases.ruling-needed", 409,
    Text("此件退单已达次数,须先裁定职责", "It was returned too often: responsibility has to be ruled on first"),
    Text("请值班长作出职责裁定。", "Ask the duty chief for a ruling."),
)  # fmt: skip
RETURN_LATE = declare(
    "cases.return-late", 409,
    Text("已过退单时限", "The time for returning it is over"),
    Text("请签收办理;确非本单位职责的,请联系派遣员。", "Sign for it and handle it; if it is truly not yours, speak with the dispatcher."),
)  # fmt: skip
ONCE_ONLY = declare(
    "cases.once-only", 409,
    Text("次数已用完", "This cannot be asked for again"),
    Text("延期最多两次,挂账和超时申诉各一次。", "An extension may be asked for twice, a suspension and an appeal once."),
)  # fmt: skip
TOO_LATE = declare(
    "cases.too-late", 409,
    Text("已过可以申请的期限", "The time for asking is over"),
    Text("延期和挂账须在到期前,超时申诉须在结案后规定日内提出。", "Extensions and suspensions come before the limit ends, an appeal within the days after closing."),
)  # fmt: skip
WAITING_ALREADY = declare(
    "cases.waiting-already", 409,
    Text("同类申请正在等待审批", "One is waiting for its decision already"),
    Text("请等待审批结果。", "Wait for the decision."),
)  # fmt: skip
NOTHING_ASKED = declare(
    "cases.nothing-asked", 409,
    Text("没有等待审批的申请", "Nothing is waiting for a decision"),
    Text("请刷新案件。", "Reload the case."),
)  # fmt: skip
OWN_REQUEST = declare(
    "cases.own-request", 403,
    Text("不能审批自己提出的申请,也不能重复审批", "Nobody decides what they asked for themselves, or decides twice"),
    Text("请交由另一位审批人。", "Leave it to another."),
)  # fmt: skip
PARTS_OPEN = declare(
    "cases.parts-open", 409,
    Text("还有协办任务没有完成", "Not every part is done"),
    Text("请先完成各协办任务,或说明理由解除。", "Finish each part first, or release it with a reason."),
)  # fmt: skip
NOT_SUPERVISED = declare(
    "cases.not-supervised", 409,
    Text("没有需要答复的督办", "No supervision is open"),
    Text("请刷新案件。", "Reload the case."),
)  # fmt: skip
NOT_MERGEABLE = declare(
    "cases.not-mergeable", 409,
    Text("这两件不能这样并案", "These two cannot be merged this way"),
    Text("请并入办理更靠前、尚未办结且没有挂账的那一件。", "Merge into the one that is further on, neither ended nor suspended."),
)  # fmt: skip
OTHERS_JOINED = declare(
    "cases.others-joined", 409,
    Text("还有其他案件并入本件,不能作废", "Other cases were merged into this one: it cannot be voided"),
    Text("请先撤销并案,让其他诉求人的案件单独办理。", "Undo the merges first, so that the others are handled by themselves."),
)  # fmt: skip
WITHDRAWN = declare(
    "cases.withdrawn", 409,
    Text("此事项已由上级收回,应由{who}承担,不能派给镇街", "This duty was withdrawn from towns: {who} has to take it"),
    Text("请转出给该部门,或吹哨上报。", "Transfer it out to that department, or hand it up."),
)  # fmt: skip
DRAFT_STALE = declare(
    "cases.draft-stale", 409,
    Text("草稿依据的是第 {base} 版,而那时生效的是第 {other} 版", "The draft stands on edition {base}, but edition {other} will be in force then"),
    Text("请先把草稿更新到那一版,再看一遍差异后发布。", "Bring the draft up to that edition, look at the differences again, then publish."),
)  # fmt: skip
