"""Risk levels, confidentiality, stages, value types and refusals of this room."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from linli.kernel.errors import declare
from linli.kernel.text import Text

ASK, ANSWER, DECIDE, HAND_UP = "consult.ask", "consult.answer", "consult.decide", "consult.handup"
"""The actions of the table `access`."""

OPINION_CLOCK, DOSSIER_CLOCK = "consultation.answer", "consultation.dossier"
"""The clocks: an asked person's limit to answer, and the day on which a kept dossier is removed."""


class Risk(StrEnum):
    """How much is at stake (风险等级); the rulebook says what each means and how long an answer may take."""

    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def label(self) -> Text:
        """The colour as it is called."""
        return RISK_LABELS[self]


RISK_LABELS = {
    Risk.GREEN: Text("绿色(低)", "Green (low)"),
    Risk.YELLOW: Text("黄色(一般)", "Yellow (moderate)"),
    Risk.ORANGE: Text("橙色(较大)", "Orange (considerable)"),
    Risk.RED: Text("红色(重大)", "Red (grave)"),
}


class Level(StrEnum):
    """Who may read an opinion (密级)."""

    OPEN = "open"
    INVOLVED = "involved"
    CHIEF = "chief"

    @property
    def label(self) -> Text:
        """Who may read it."""
        return LEVEL_LABELS[self]


LEVEL_LABELS = {
    Level.OPEN: Text("可看本案的工作人员", "Staff who see the case"),
    Level.INVOLVED: Text("征求方与被征求方", "Askers and asked"),
    Level.CHIEF: Text("仅值班长", "The duty chief only"),
}


class Stage(StrEnum):
    """Where a consultation stands."""

    OPEN = "open"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Text:
        """The stage in words."""
        return STAGE_LABELS[self]


STAGE_LABELS = {
    Stage.OPEN: Text("征求意见中", "Opinions are asked for"),
    Stage.DECIDED: Text("已作决定", "Decided"),
    Stage.WITHDRAWN: Text("已撤回", "Withdrawn"),
}


class Asked(StrEnum):
    """Where somebody who is asked stands."""

    WAITING = "waiting"
    ANSWERED = "answered"
    DECLINED = "declined"
    RELEASED = "released"

    @property
    def label(self) -> Text:
        """Their standing in words."""
        return ASKED_LABELS[self]


ASKED_LABELS = {
    Asked.WAITING: Text("待答复", "To answer"),
    Asked.ANSWERED: Text("已答复", "Answered"),
    Asked.DECLINED: Text("已回避或谢绝", "Declined"),
    Asked.RELEASED: Text("不再等待", "No longer waited for"),
}


class Ground(StrEnum):
    """Why somebody who is asked does not answer."""

    CONFLICT = "conflict"
    OUTSIDE = "outside"
    TIME = "time"

    @property
    def label(self) -> Text:
        """The ground in words."""
        return GROUND_LABELS[self]


GROUND_LABELS = {
    Ground.CONFLICT: Text("有利害关系,申请回避", "A conflict of interest"),
    Ground.OUTSIDE: Text("不属于本人专业范围", "Outside one's field"),
    Ground.TIME: Text("时间上无法答复", "No time to answer"),
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A document as somebody sent it: the name that it had, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Weighing:
    """Whether a decision follows an opinion, and why (or why not)."""

    opinion: UUID
    followed: bool
    reason: str = ""


CLOSED = declare(
    "consultation.closed", 409,
    Text("这次征求意见已结束", "This consultation is over"),
    Text("可以查看决定;情况有变时,值班长可以作出新的决定。", "Read the decision; when things have changed the duty chief may decide anew."),
)  # fmt: skip
NOT_ASKED = declare(
    "consultation.not-asked", 403,
    Text("没有征求您的意见", "You were not asked"),
    Text("只有被征求意见的人能答复或谢绝。", "Only whoever was asked may answer or decline."),
)  # fmt: skip
DECLINED_ALREADY = declare(
    "consultation.declined-already", 409,
    Text("您已回避或谢绝,或答复期已过", "You declined, or the time to answer is over"),
    Text("需要重新答复时,请联系征求意见的人另行发起。", "If an answer is needed after all, have them ask anew."),
)  # fmt: skip
ANSWERED_ALREADY = declare(
    "consultation.answered-already", 409,
    Text("已提交过意见,不能再谢绝", "An opinion was given already: it is too late to decline"),
    Text("看法有变时,请提交新版意见。", "If your view has changed, give a new version."),
)  # fmt: skip
STILL_WAITING = declare(
    "consultation.still-waiting", 409,
    Text("还有人没有答复", "Somebody has not answered yet"),
    Text("请等到答复,或写明不再等待的理由。", "Wait for the answer, or say why it is no longer waited for."),
)  # fmt: skip
OWN_OPINION = declare(
    "consultation.own-opinion", 403,
    Text("提交过意见的人不能独自作决定", "Whoever gave an opinion may not decide alone"),
    Text("请由另一位值班长决定,或以会议形式决定并写明与会人。", "Leave it to another duty chief, or decide in a meeting and name who was there."),
)  # fmt: skip
DECIDED_MEANWHILE = declare(
    "consultation.decided-meanwhile", 409,
    Text("已有新的决定", "There is a newer decision"),
    Text("请先看现有的决定,再决定是否以新的决定代替它。", "Read the present decision first, then decide whether to replace it."),
)  # fmt: skip
NO_DOCUMENT = declare(
    "consultation.no-document", 415,
    Text("只接受 PDF 文件", "Only PDF files are taken"),
    Text("请把材料另存为 PDF,每份不超过 10 MB,再上传。", "Save it as PDF, at most 10 MB each, and send it again."),
)  # fmt: skip
NOT_SEALED = declare(
    "consultation.not-sealed", 409,
    Text("刚发生的记录还没有封存", "What has just happened is not sealed yet"),
    Text("请一分钟后再生成卷宗。", "Make the dossier a minute later."),
)  # fmt: skip
DOSSIER_GONE = declare(
    "consultation.dossier-gone", 410,
    Text("卷宗文件已到期删除", "The dossier's file was removed on its day"),
    Text("需要时可以重新生成;原卷宗的校验值仍在案件记录中。", "Make it again if needed; the checksum of the old one stays on the case's record."),
)  # fmt: skip
