"""The loop's words: states, desks, sources, answers, refusals."""

from __future__ import annotations

import base64
from datetime import datetime
from enum import StrEnum
from uuid import UUID

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
    State.DECLINED: Text("不予受理", "Declined"),
    State.VOID: Text("已作废", "Void"),
}
ENDED = frozenset({State.CLOSED, State.FOLLOWED_UP, State.DECLINED, State.VOID})


class Desk(StrEnum):
    """The queue in which a case waits; one at a time, so that a queue is one index range."""

    RECEIVE = "receive"
    VERIFY = "verify"
    DISPATCH = "dispatch"
    HANDLE = "handle"
    CHECK = "check"
    CLOSE = "close"
    CALL_BACK = "call_back"
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
    State.DECLINED: Desk.DONE,
    State.VOID: Desk.DONE,
}


class Source(StrEnum):
    """Through which door the matter came (domain reference §1.5: source codes)."""

    RESIDENT = "resident"
    GRID = "grid"
    HOTLINE = "hotline"
    POLICE = "police"
    WALK_IN = "walk_in"
    PATROL = "patrol"
    SENSOR = "sensor"
    MEDIA = "media"
    IMPORTED = "imported"

    @property
    def label(self) -> Text:
        """What the door is called."""
        return SOURCE_LABELS[self]


SOURCE_LABELS = {
    Source.RESIDENT: Text("居民上报", "Resident"),
    Source.GRID: Text("网格员上报", "Grid worker"),
    Source.HOTLINE: Text("12345 热线", "12345 hotline"),
    Source.POLICE: Text("110 非警务移交", "Police transfer"),
    Source.WALK_IN: Text("窗口来访", "Walk-in"),
    Source.PATROL: Text("巡查发现", "Patrol"),
    Source.SENSOR: Text("感知设备", "Sensor"),
    Source.MEDIA: Text("媒体", "Media"),
    Source.IMPORTED: Text("历史导入", "Imported"),
}


CLOCK_NAMES = {
    "dispatch": Text("派遣", "dispatch"),
    "verify": Text("核实", "verify"),
    "sign": Text("签收", "sign for"),
    "handle": Text("处置", "handle"),
    "check": Text("核查", "check"),
    "close": Text("结案", "close"),
    "call_back": Text("回访", "call back"),
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


class Verdict(StrEnum):
    """Whether the handling ended in time."""

    ON_TIME = "on_time"
    OVERDUE = "overdue"
    OPEN = "open"


def number_of(serial: int, reported_at: datetime) -> str:
    """The number that people read out: the day of the report in the town, then the running number."""
    return f"{clock.local(reported_at):%Y%m%d}{serial:06d}"


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
    return base64.b32encode(bytes.fromhex(blind_index("tracking", case_id.hex)))[:10].decode()


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
