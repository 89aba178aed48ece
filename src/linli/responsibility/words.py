"""Findings of the matrix, lines of files, what a proposal may be about, refusals."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from linli.kernel.errors import declare
from linli.kernel.text import Text


class About(StrEnum):
    """What somebody proposes to change."""

    MATRIX = "matrix"
    DUTIES = "duties"

    @property
    def label(self) -> Text:
        """The official term."""
        return _ABOUT[self]


_ABOUT = {
    About.MATRIX: Text("责任清单", "Responsibility matrix"),
    About.DUTIES: Text("履职事项清单", "Duty list"),
}


class Flaw(StrEnum):
    """What can be wrong with who answers for what."""

    GAP = "gap"
    DOUBLE = "double"
    LOST = "lost"
    VACANT = "vacant"
    SHARED = "shared"
    NO_ABOVE = "no_above"

    @property
    def label(self) -> Text:
        """As the page heads it."""
        return _FLAWS[self][0]

    @property
    def meaning(self) -> Text:
        """What it means, in a sentence."""
        return _FLAWS[self][1]


_FLAWS = {
    Flaw.GAP: (
        Text("无人牵头", "Nobody leads"),
        Text(
            "按清单和代管规则都找不到在岗的人,案件会停在派遣台。",
            "Neither the lists nor stand-ins give anybody who holds a post; cases stop at the dispatcher's desk.",
        ),
    ),
    Flaw.DOUBLE: (
        Text("重复牵头", "Two leads"),
        Text(
            "两处点位相接,同一类事项却由不同的人牵头。",
            "Two places meet, and different ones lead the same kind of matter there.",
        ),
    ),
    Flaw.LOST: (
        Text("失效的规定", "Rules that no longer hold"),
        Text(
            "清单里写的事项、单元或岗位已不存在,或没有人能承担。",
            "The matrix names kinds, units or posts that are gone, or that nobody can fill.",
        ),
    ),
    Flaw.VACANT: (
        Text("岗位空缺", "Vacant posts"),
        Text("岗位设了,没有人任职。", "The post exists, nobody holds it."),
    ),
    Flaw.SHARED: (
        Text("兼任与共任", "Doubled and shared posts"),
        Text("一人任多岗,或一岗多人。", "One person holds several posts, or several hold one."),
    ),
    Flaw.NO_ABOVE: (
        Text("未填上级部门", "No department above"),
        Text(
            "配合履职须填上级主责部门,上级收回须填承接部门。",
            "A cooperative duty needs the leading department above, a withdrawn one the department that takes it.",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is wrong: where (None: everywhere), what, why, and the cell or post that mends it.

    `kinds` are the codes it concerns (empty: none in particular), `counted` how many kinds × units it stands
    for, `mend` the name of what to open: `cell`, `post`, `posts`, `duties`.
    """

    flaw: Flaw
    what: Text
    why: Text
    unit_id: UUID | None = None
    unit: Text | None = None
    kinds: tuple[str, ...] = ()
    counted: int = 1
    mend: str = "cell"
    target: UUID | None = None
    prefix: str = ""
    place_id: UUID | None = None
    part: str = "lead"


class Line(NamedTuple):
    """A line of a file: its number (the head is 1) and its cells by column."""

    number: int
    cells: dict[str, str]


class Finding(NamedTuple):
    """What is wrong with a line; a warning is shown and does not stop the file."""

    line: int
    field: str
    reason: Text
    warning: bool = False


UNREADABLE = declare(
    "responsibility.unreadable", 422,
    Text("文件读不懂", "The file cannot be read"),
    Text("请上传 Excel 或 CSV 文件,首行为表头。", "Send an Excel or CSV file with the headings in its first line."),
)  # fmt: skip
BLOCKED = declare(
    "responsibility.blocked", 422,
    Text("文件还有错误,未写入任何内容", "The file has errors; nothing was written"),
    Text("请按清单改正后重新上传。", "Correct it by the list and send it again."),
)  # fmt: skip
APPLIED = declare(
    "responsibility.applied", 409,
    Text("这个方案已经生效", "This proposal is in force already"),
    Text("如需再改,请重新导出、修改并上传。", "To change more, export again, edit and send it."),
)  # fmt: skip
NO_FONT = declare(
    "responsibility.no-font", 503,
    Text("本机没有中文字体,无法排版", "This machine has no Chinese type to print with"),
    Text("请系统管理员安装中文字体(如 fonts-noto-cjk)后重试。", "Ask the administrator to install one (such as fonts-noto-cjk), then try again."),
)  # fmt: skip
TAKEN = declare(
    "responsibility.taken", 409,
    Text("这件任务已被领办或不再待签收", "This task was claimed already, or no longer waits"),
    Text("请刷新列表,领办其他任务。", "Look at the list again and claim another one."),
)  # fmt: skip
RULED_FIXED = declare(
    "responsibility.ruled", 409,
    Text("职责已裁定,不能领办", "Who answers for it was ruled; it cannot be claimed"),
    Text("由裁定的岗位承办。", "The post that the ruling names handles it."),
)  # fmt: skip
UNIT_IN_SQUAD = declare(
    "responsibility.unit-in-squad", 409,
    Text("有网格已编入其他中队,或队名已被使用", "A unit is in another squad already, or the name is used"),
    Text("请刷新后重新选择。", "Look again and choose others."),
)  # fmt: skip
DISSOLVED = declare(
    "responsibility.dissolved", 409,
    Text("中队已撤销", "The squad is dissolved"),
    Text("请新组建中队。", "Form another one."),
)  # fmt: skip
HAS_CHIEF = declare(
    "responsibility.has-chief", 409,
    Text("这里已有责任长", "This place has a chief already"),
    Text("请先办理卸任,再任命。", "End that appointment first."),
)  # fmt: skip
CHIEF_ENDED = declare(
    "responsibility.chief-ended", 409,
    Text("责任长已卸任", "This appointment has ended"),
    Text("请刷新页面。", "Look at the page again."),
)  # fmt: skip
CONTRACT_ENDED = declare(
    "responsibility.contract-ended", 409,
    Text("合同已终止", "The contract has been ended"),
    Text("请刷新页面。", "Look at the page again."),
)  # fmt: skip
