"""What the interface of this room takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Field, Schema
from pydantic import AfterValidator, AwareDatetime, StringConstraints

from linli.cases.words import Verdict
from linli.joint.forms import FIRST_YEAR
from linli.joint.words import Chosen, Mark, Side, Stand
from linli.kernel.schemas import Code, Line, TextOut, Words, WriteIn, clean

Reason = Annotated[str, StringConstraints(max_length=400), clean]
Minutes = Annotated[str, StringConstraints(max_length=8000), clean]
Lng = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]
LAST_YEAR = 9000


def _in_a_calendar(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError("a moment that no calendar of ours has")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_in_a_calendar)]


class LimitOut(Schema):
    """One limit of a part: what it asks for, when it ends, when it was kept, what that makes of it."""

    name: str
    label: TextOut
    due: datetime | None
    kept: datetime | None
    verdict: Verdict | None


class PartOut(Schema):
    """A part: somebody who was called to help with a case, their task and limits. It is of a department or of a post.

    `absence` says why nobody came, when that was asked and nobody did.
    """

    id: UUID
    case: UUID
    number: str
    kind: TextOut
    to: TextOut
    department: UUID | None
    post: UUID | None
    holder: str
    task: str
    called: datetime
    stage: TextOut
    limits: list[LimitOut]
    next_due: datetime | None
    ended: datetime | None
    ending: str
    absence: str
    suspended: bool


class RatingOut(Schema):
    """What one side said of the other."""

    side: Side
    mark: Mark
    comment: str
    at: datetime


class PartWholeOut(PartOut):
    """A part with what the one who asks may do with it now: `steps` are the names of operations on it (`report_in` is
    one on its whistle), `rates` the side for which they may rate."""

    steps: list[str]
    ratings: list[RatingOut]
    rates: Side | None


class PartsOut(Schema):
    """One's own parts."""

    parts: list[PartOut]


class ContactIn(WriteIn):
    """What was agreed with whoever called."""

    text: Words


class FinishIn(WriteIn):
    """What came of the part; `absence`, why nobody came, is needed when that was asked and nobody did."""

    result: Words
    absence: Line = ""
    photos: Annotated[list[UUID], Field(max_length=9)] = []


class ReasonIn(WriteIn):
    """Why."""

    reason: Reason


class RateIn(WriteIn):
    """How the other side worked with one's own."""

    mark: Mark
    comment: Reason = ""


class AskedIn(Schema):
    """Somebody who is to help, a department or a post, and what they are to do."""

    department: UUID | None = None
    post: UUID | None = None
    task: Reason


class WhistleIn(WriteIn):
    """A whistle to be blown, by one of the templates that are offered for the case."""

    template: Code
    reason: Words
    place: Line = ""
    helpers: Annotated[list[AskedIn], Field(max_length=50)]
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class RefuseIn(WriteIn):
    """Why a whistle is not approved, or withdrawn."""

    reason: Words


class ArrivalIn(WriteIn):
    """The code that is shown on the spot; where one is, if one wants to say so (only the distance is kept)."""

    code: Annotated[str, StringConstraints(max_length=12), clean]
    lng: Lng | None = None
    lat: Lat | None = None


class MeetingIn(WriteIn):
    """A joint meeting: `came` are the parts whose helpers were there, `decisions` who is to do what."""

    held_at: Moment
    place: Line
    minutes: Minutes
    came: Annotated[list[UUID], Field(max_length=50)] = []
    decisions: Annotated[list[AskedIn], Field(max_length=50)] = []


class IssueIn(WriteIn):
    """Something that stands in the way; `part`, whom it concerns."""

    text: Reason
    part: UUID | None = None


class SettleIn(WriteIn):
    """How it was settled."""

    solution: Reason


class WhistleOut(Schema):
    """A whistle in a list."""

    id: UUID
    case: UUID
    number: str
    kind: TextOut
    template: str
    name: TextOut
    unit: TextOut
    called_by: str
    reason: str
    stand: Stand
    asked: datetime
    parts: int
    open_parts: int


class WhistlesOut(Schema):
    """A page of whistles; `after` asks for the next."""

    whistles: list[WhistleOut]
    after: str


class InvitedOut(Schema):
    """Whom a whistle asks, while it waits."""

    to: TextOut
    task: str


class MeetingDecisionOut(Schema):
    """What a meeting decided: who is to do what, and the part that it became, if it became one."""

    to: TextOut
    task: str
    part: UUID | None


class MeetingOut(Schema):
    """The minutes of a joint meeting. `called` and `came` are parts."""

    id: UUID
    whistle: UUID
    held: datetime
    place: str
    minutes: str
    called: list[UUID]
    came: list[UUID]
    decisions: list[MeetingDecisionOut]
    written: datetime
    written_by: str


class IssueOut(Schema):
    """Something on the list of problems."""

    id: UUID
    whistle: UUID
    text: str
    part: UUID | None
    raised: datetime
    raised_by: str
    settled: datetime | None
    solution: str


class WhistleWholeOut(WhistleOut):
    """A whistle with everything that came of it. `steps` are the operations on it that are open to the one who asks."""

    place: str
    decided: datetime | None
    decided_by: str
    decision: str
    invited: list[InvitedOut]
    helpers: list[PartWholeOut]
    meetings: list[MeetingOut]
    problems: list[IssueOut]
    steps: list[str]


class CandidateOut(Schema):
    """Somebody who can be called by a template, and why they are proposed, if they are."""

    department: UUID | None
    post: UUID | None
    name: TextOut
    chosen: Chosen
    why: TextOut | None


class TemplateOut(Schema):
    """A sort of whistle that the one who asks may blow on this case; `limits` in words."""

    code: str
    name: TextOut
    about: TextOut
    task: TextOut
    approve: bool
    limits: dict[str, TextOut]
    source: str


class SpotOut(Schema):
    """The code of the spot, for how many seconds it is shown still, and the address that its QR holds."""

    code: str
    seconds: int
    address: str
