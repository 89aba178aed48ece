"""Words of helping: the limits of a part, what is asked of a helper, refusals."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from linli.kernel.errors import declare
from linli.kernel.text import Text
from linli.kernel.worktime import Limit

PART_CLOCKS = {
    "part_sign": Text("协办签收", "sign for the part"),
    "part_contact": Text("协办联系", "make contact"),
    "part_arrive": Text("到场", "arrive"),
    "part_handle": Text("协办完成", "finish the part"),
}
"""The limits that run on a part, by the name of their clock after `cases.`; the clock is about the part."""
PART_TIMES = {
    "part_sign": ("sign_due", "signed_at"),
    "part_contact": ("contact_due", "contacted_at"),
    "part_arrive": ("arrive_due", "arrived_at"),
    "part_handle": ("due_at", "done_at"),
}
"""Where an assignment keeps the end of each limit, and the moment at which it was kept."""

TASK_MOST = 400
ABSENCE_MOST = 200
"""How long the reason may be for which nobody came."""


@dataclass(frozen=True, slots=True)
class PartLimits:
    """How long a helper has for each step, from the call on; None: no limit for it."""

    sign: Limit | None = None
    contact: Limit | None = None
    arrive: Limit | None = None
    handle: Limit | None = None


@dataclass(frozen=True, slots=True)
class Helper:
    """Who is called, either a department or a post, to do what, by when. `id` becomes the part's id, when given."""

    department: UUID | None = None
    post: UUID | None = None
    task: str = ""
    limits: PartLimits = PartLimits()
    id: UUID | None = None


PART_NOT_OPEN = declare(
    "cases.part-not-open", 409,
    Text("现在不能{move}", "It is not possible to {move} now"),
    Text("任务或案件的状态已变,请刷新查看。", "The part or the case has moved on; reload to see how it stands."),
)  # fmt: skip
PART_UNSIGNED = declare(
    "cases.part-unsigned", 409,
    Text("请先签收协办任务", "Sign for the part first"),
    Text("签收后即可记录联系和结果。", "After signing, contact and result can be recorded."),
)  # fmt: skip
CALLED_ALREADY = declare(
    "cases.called-already", 409,
    Text("{who}已有未完成的协办任务", "{who} has an open part already"),
    Text("请等它完成,或先说明理由解除。", "Wait until it is done, or release it with a reason first."),
)  # fmt: skip
LEADS_ALREADY = declare(
    "cases.leads-already", 422,
    Text("{who}已是牵头单位,不能再协办", "{who} leads this matter and cannot help with it besides"),
    Text("请选择其他部门或岗位。", "Choose another department or post."),
)  # fmt: skip
