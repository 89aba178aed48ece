"""Words of the whistle: templates, where a whistle stands, marks of the mutual rating, refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from linli.kernel.errors import declare
from linli.kernel.text import Text
from linli.kernel.worktime import Limit
from linli.territory.words import Rank

APPROVE = "case.approve_whistle"
"""The action of the table `access` with which a whistle is approved or refused."""


class Stand(StrEnum):
    """Where a whistle stands."""

    WAITING = "waiting"
    CALLED = "called"
    REFUSED = "refused"

    @property
    def label(self) -> Text:
        """The word that pages show."""
        return STAND_LABELS[self]


STAND_LABELS = {
    Stand.WAITING: Text("待批准", "Waits for approval"),
    Stand.CALLED: Text("已吹哨", "Called"),
    Stand.REFUSED: Text("未批准", "Not approved"),
}


class Side(StrEnum):
    """Who of the two rates: whoever helped, or whoever called."""

    HELPER = "helper"
    CALLER = "caller"

    @property
    def label(self) -> Text:
        """The side that speaks."""
        return SIDE_LABELS[self]


SIDE_LABELS = {
    Side.HELPER: Text("协办方评价吹哨方", "Helper, of the caller"),
    Side.CALLER: Text("吹哨方评价协办方", "Caller, of the helper"),
}


class Mark(StrEnum):
    """How the two sides worked together, five-way. No answer is no answer."""

    EXCELLENT = "excellent"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    BAD = "bad"

    @property
    def label(self) -> Text:
        """The word on the scale."""
        return MARK_LABELS[self]


MARK_LABELS = {
    Mark.EXCELLENT: Text("很好", "Very good"),
    Mark.GOOD: Text("较好", "Good"),
    Mark.FAIR: Text("一般", "Fair"),
    Mark.POOR: Text("较差", "Poor"),
    Mark.BAD: Text("很差", "Very poor"),
}


class Chosen(StrEnum):
    """Why somebody is proposed as a helper."""

    MATRIX = "matrix"
    CATALOGUE = "catalogue"
    TEMPLATE = "template"
    HAND = "hand"

    @property
    def label(self) -> Text:
        """Where the proposal comes from."""
        return CHOSEN_LABELS[self]


CHOSEN_LABELS = {
    Chosen.MATRIX: Text("责任清单", "Responsibility matrix"),
    Chosen.CATALOGUE: Text("事项清单", "Catalogue"),
    Chosen.TEMPLATE: Text("哨单模板", "Template"),
    Chosen.HAND: Text("自行选择", "Chosen by hand"),
}


@dataclass(frozen=True, slots=True)
class Template:
    """A sort of whistle as the rulebook has it.

    `kinds` are the beginnings of kinds' codes that it is meant for (none: every kind), `starts` the ranks of the
    units that may blow it, `helpers` codes of departments or roles that it proposes where the matrix is silent. `limits` are those of a part by
    name (sign, contact, arrive, handle); one that is not there does not run.
    """

    code: str
    name: Text
    about: Text
    kinds: tuple[str, ...]
    starts: frozenset[Rank]
    approve: bool
    limits: Mapping[str, Limit]
    helpers: tuple[str, ...]
    task: Text
    source: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked to help, a department or a post, and to do what."""

    department: UUID | None = None
    post: UUID | None = None
    task: str = ""
    chosen: Chosen = Chosen.HAND


NO_TEMPLATE = declare(
    "joint.no-template", 422, Text("没有这种哨单", "There is no such kind of whistle"),
    Text("请从列出的哨单中选择。", "Choose one of those listed."),
)  # fmt: skip
NOT_STARTED_HERE = declare(
    "joint.not-started-here", 403, Text("这种哨须由{who}吹响", "This whistle is blown by {who}"),
    Text("请换一种哨单,或请上级吹哨。", "Choose another, or ask the unit above to blow it."),
)  # fmt: skip
OWN_WHISTLE = declare(
    "joint.own-whistle", 403, Text("不能批准自己吹的哨", "Nobody approves their own whistle"),
    Text("请由另一位值班长批准。", "Ask another duty chief."),
)  # fmt: skip
DECIDED = declare(
    "joint.decided", 409, Text("这次吹哨已有结论", "This whistle is decided already"),
    Text("请刷新查看。", "Reload to see how it stands."),
)  # fmt: skip
NOT_CALLED = declare(
    "joint.not-called", 409, Text("吹哨尚未批准", "The whistle is not approved yet"),
    Text("批准后部门才会到场。", "Helpers come once it is approved."),
)  # fmt: skip
WRONG_CODE = declare(
    "joint.wrong-code", 422, Text("报到码不对或已更换", "The code is wrong or has changed"),
    Text("请看现场页面上的最新报到码,或重新扫码。", "Look at the newest code on the spot, or scan it again."),
)  # fmt: skip
RATED_ALREADY = declare(
    "joint.rated-already", 409, Text("已经评价过", "This side has rated already"),
    Text("每方评价一次,不能更改。", "Each side rates once; it does not change."),
)  # fmt: skip
NOT_ENDED = declare(
    "joint.not-ended", 409, Text("协办结束后才能评价", "It is rated once the part has ended"),
    Text("请等协办任务完成。", "Wait until the part is done."),
)  # fmt: skip
TOO_MANY_HELPERS = declare(
    "joint.too-many-helpers", 422, Text("一次最多召集 {most} 个单位", "At most {most} can be called at once"),
    Text("请只召集确实需要到场的部门。", "Call only those who are really needed."),
)  # fmt: skip
SETTLED_ALREADY = declare(
    "joint.settled-already", 409, Text("这个问题已经解决", "This problem is settled already"),
    Text("请刷新查看。", "Reload to see how it stands."),
)  # fmt: skip
