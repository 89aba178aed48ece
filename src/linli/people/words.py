"""Roles, parts of responsibility, value types and refusals of this room."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from linli.kernel.errors import declare
from linli.kernel.text import Text

MANAGE = "town.manage"
"""The action of the table `access` that lets a post keep units, departments, posts and accounts."""


class Role(StrEnum):
    """What somebody does in the loop; held at a unit through a post."""

    GRID_WORKER = "grid_worker"
    GRID_LEAD = "grid_lead"
    RECEIVER = "receiver"
    DISPATCHER = "dispatcher"
    HANDLER = "handler"
    CHECKER = "checker"
    CALLER_BACK = "caller_back"
    DUTY_CHIEF = "duty_chief"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    LEGAL_ADVISER = "legal_adviser"
    EXPERT = "expert"

    @property
    def label(self) -> Text:
        """The official term."""
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.GRID_WORKER: Text("网格员", "Grid worker"),
    Role.GRID_LEAD: Text("网格长", "Grid lead"),
    Role.RECEIVER: Text("受理员", "Receiving clerk"),
    Role.DISPATCHER: Text("派遣员", "Dispatcher"),
    Role.HANDLER: Text("处置人员", "Department handler"),
    Role.CHECKER: Text("核查员", "Checker"),
    Role.CALLER_BACK: Text("回访员", "Caller-back"),
    Role.DUTY_CHIEF: Text("值班长", "Duty chief"),
    Role.AUDITOR: Text("监督员", "Auditor"),
    Role.ADMINISTRATOR: Text("系统管理员", "Administrator"),
    Role.LEGAL_ADVISER: Text("法律顾问", "Legal adviser"),
    Role.EXPERT: Text("专家", "Expert"),
}


class Part(StrEnum):
    """Which part somebody has in a kind of matter."""

    LEAD = "lead"
    HELP = "help"
    SUPERVISE = "supervise"
    REGULATE = "regulate"

    @property
    def label(self) -> Text:
        """The official term."""
        return PART_LABELS[self]


PART_LABELS = {
    Part.LEAD: Text("牵头", "Leads"),
    Part.HELP: Text("配合", "Helps"),
    Part.SUPERVISE: Text("监督", "Supervises"),
    Part.REGULATE: Text("监管", "Regulates"),
}


class Standing(StrEnum):
    """What a kind of matter is to the town by its duty list (履职事项清单)."""

    BASIC = "basic"
    COOPERATIVE = "cooperative"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Text:
        """The official term."""
        return STANDING_LABELS[self]


STANDING_LABELS = {
    Standing.BASIC: Text("基本履职", "Basic duty"),
    Standing.COOPERATIVE: Text("配合履职", "Cooperative duty"),
    Standing.WITHDRAWN: Text("上级收回", "Withdrawn by the level above"),
}


@dataclass(frozen=True, slots=True)
class Duty:
    """What the town's duty list says of a kind of matter.

    `lead` is the department above that leads (cooperative) or has to take it (withdrawn); empty when the duty
    is the town's own. `source` cites the list; `prefix` is the row that spoke, empty when none did.
    """

    standing: Standing
    lead: Text
    source: Text
    prefix: str = ""


class Taker(NamedTuple):
    """A role, or else a department, as a cell of the matrix names it."""

    role: str
    department_id: UUID | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the town's responsibility matrix: who has which part in kinds whose code begins with the
    prefix ('': all), at the unit and below it, or at the place alone. Either a role or a department."""

    kind_prefix: str
    unit_id: UUID
    place_id: UUID | None
    part: Part
    role: str
    department_id: UUID | None
    source: str = ""
    id: UUID | None = field(default=None, compare=False)

    @property
    def cell(self) -> tuple[str, UUID, UUID | None, Part]:
        """Where it stands in the matrix."""
        return self.kind_prefix, self.unit_id, self.place_id, self.part

    @property
    def taker(self) -> Taker:
        """Whom it names."""
        return Taker(self.role, self.department_id)


class MatrixChange(NamedTuple):
    """What would become of one row of the matrix: added (no `before`), removed (no `after`), or changed."""

    before: Entry | None
    after: Entry | None

    @property
    def what(self) -> str:
        """`added`, `changed` or `removed`."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    @property
    def entry(self) -> Entry:
        """The row as it will be, or as it was."""
        found = self.after or self.before
        assert found is not None
        return found


class DutyFinding(NamedTuple):
    """What is wrong with a row of the duty list: its line (the head is line 1), the column, why."""

    line: int
    field: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who has to act on a kind of matter at a unit, and in words why.

    Either a department (then any of `holder_ids` may act for it) or one post (then `holder_ids` hold it).
    `unit_id` is the unit at which the department or the post sits. `fallback` is true when the chain up the
    tree was empty and the matter waits at the dispatcher's desk; `holder_ids` may then be empty too.
    """

    department_id: UUID | None
    post_id: UUID | None
    holder_ids: tuple[UUID, ...]
    unit_id: UUID | None
    why: tuple[Text, ...]
    fallback: bool = False


WRONG_PHONE = declare(
    "people.wrong-phone", 422, Text("电话号码不正确", "This is not a telephone number"),
    Text(
        "请填写 11 位手机号,或带区号的固定电话;境外号码以 + 和国家代码开头。",
        "Give an 11-digit mobile number or a landline with area code; abroad, + and the country code first.",
    ),
)  # fmt: skip
CODE_TOO_SOON = declare(
    "people.code-too-soon", 429, Text("验证码发送太频繁", "Too many codes were sent"),
    Text("请稍等片刻再获取验证码。", "Wait a little before asking for another code."),
)  # fmt: skip
WRONG_CODE = declare(
    "people.wrong-code", 422, Text("验证码不正确或已失效", "The code is wrong or no longer valid"),
    Text(
        "请核对短信中的最新验证码;多次输错后需要重新获取。",
        "Check the newest code you got; after several wrong tries ask for a new one.",
    ),
)  # fmt: skip
NAME_TAKEN = declare(
    "people.name-taken", 409, Text("登录名已被使用", "This sign-in name is taken"),
    Text("请换一个登录名。", "Choose another sign-in name."),
)  # fmt: skip
WEAK_PASSWORD = declare(
    "people.weak-password", 422, Text("密码不符合要求", "The password is not strong enough"),
    Text(
        "请使用至少 8 位、不常见且与姓名无关的密码。",
        "Use at least 8 characters that are neither common nor like the name.",
    ),
)  # fmt: skip
POST_CLOSED = declare(
    "people.post-closed", 409, Text("岗位已撤销", "The post is closed"),
    Text("请选择在用的岗位。", "Choose a post that is open."),
)  # fmt: skip
ALREADY_HOLDS = declare(
    "people.already-holds", 409, Text("此人已在该岗位任职", "This person already holds this post"),
    Text("无需重复任命。", "There is nothing more to do."),
)  # fmt: skip
TENURE_ENDED = declare(
    "people.tenure-ended", 409, Text("任期已结束", "The tenure has already ended"),
    Text("请刷新后查看最新情况。", "Reload to see the latest state."),
)  # fmt: skip
MATRIX_STALE = declare(
    "people.matrix-stale", 409, Text("预览之后责任清单已有变动", "The matrix changed after the preview"),
    Text("请重新预览,再确认写入。", "Preview again, then confirm."),
)  # fmt: skip
