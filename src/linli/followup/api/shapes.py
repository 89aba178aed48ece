"""What the interface of this room takes and gives."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ninja import Field, Schema

from linli.cases.words import Answer
from linli.followup.words import Found, Outcome, Rate, Solved
from linli.kernel.schemas import Code, TextOut, Words, WriteIn

# Calling back


class TakenOut(Schema):
    """The case that a caller has taken."""

    case: UUID
    kind: TextOut
    due: datetime | None


class CallsOut(Schema):
    """What waits to be called, each number counted up to a bound; `later` is to be tried again later. A case that
    somebody took stays theirs for `minutes`."""

    waiting: int
    later: int
    today: int
    minutes: int
    mine: TakenOut | None


class ScriptOut(Schema):
    """What the caller says: how to begin, what to ask, how to end."""

    code: str
    opening: TextOut
    questions: list[TextOut]
    closing: TextOut
    source: str


class CallOut(Schema):
    """One try to reach the reporter; `answer` is `unreachable` for the try after which they count as not reachable."""

    id: UUID
    case: UUID
    at: datetime
    outcome: Outcome
    solved: Solved | None
    answer: Answer | None


class MissingOut(Schema):
    """How many tries, days and halves of the day are wanting before the reporter counts as not reachable."""

    tries: int
    days: int
    halves: int


class SheetOut(Schema):
    """What a caller needs about a case. `told` is what its reporter was told; `held` says whether the one who asks is on
    it (`mine`), another caller (`others`) or nobody."""

    case: UUID
    number: str
    kind: TextOut
    place: TextOut | None
    open: bool
    held: str
    until: datetime | None
    script: ScriptOut
    told: list[TextOut]
    calls: list[CallOut]
    missing: MissingOut
    next_try: datetime
    no_calls_until: datetime | None
    reopen_to: TextOut | None
    may_reopen: bool


class ResultIn(WriteIn):
    """How a call went: what the reporter answered when they were reached, their words, and what they wish."""

    outcome: Outcome
    solved: Solved | None = None
    answer: Answer | None = None
    words: Words = ""
    reopen: bool = False
    reopen_reason: Words = ""
    no_more_calls: bool = False


# Rates


class ShareOut(Schema):
    """A rate: `part` (weighted where the rate is) of `whole`; `value` lies between 0 and 1, None without any to count."""

    part: float
    whole: int
    value: float | None


class RatesLineOut(Schema):
    """The rates of one unit or department, of none of them (`key` is None), or of all."""

    key: UUID | None
    label: TextOut
    closed: int
    shares: dict[Rate, ShareOut]
    answers: dict[str, int]
    solved: dict[str, int]
    excluded: dict[str, int]


class GroundOut(Schema):
    """A ground of exclusion: whether a department can ask for it (others are read from the case), and the rates that
    it leaves a case out of."""

    code: str
    name: TextOut
    asked: bool
    leaves_out: list[Rate]


class RatesOut(Schema):
    """The three rates of the cases closed from a day to a day, both included, with what was left out for which ground."""

    since: date
    until: date
    as_of: datetime
    total: RatesLineOut
    lines: list[RatesLineOut]
    grounds: list[GroundOut]


class BehindOut(Schema):
    """A case behind a figure; `ground` is that of an exclusion that stands."""

    id: UUID
    number: str
    kind: TextOut
    place: TextOut | None
    closed: datetime | None
    solved: Solved | None
    answer: Answer | None
    ground: str


class BehindPageOut(Schema):
    """A page of them; `after` asks for the next."""

    figure: TextOut
    cases: list[BehindOut]
    after: str


# Exclusions


class AskExclusionIn(WriteIn):
    """Why a closed case is to be left out of the rates: a ground of the rulebook, and the circumstances."""

    reason: Code
    words: Words


class DecideExclusionIn(Schema):
    """Whether it is left out; why is needed when it is not."""

    granted: bool
    words: Words = ""


class AppealExclusionIn(Schema):
    """Why the decision is wrong."""

    words: Words


class SaidOut(Schema):
    """One step of an exclusion as the record has it."""

    at: datetime
    sentence: TextOut
    by: str


class ExclusionOut(Schema):
    """An exclusion. `stands` is what counts in the end."""

    id: UUID
    case: UUID
    number: str
    kind: TextOut
    ground: str
    ground_name: TextOut
    standing: str
    standing_name: TextOut
    asked: datetime
    granted: bool | None
    decided: datetime | None
    appealed: datetime | None
    appeal_granted: bool | None
    settled: datetime | None
    stands: bool


class ExclusionsOut(Schema):
    """A page of exclusions; `after` asks for the next."""

    exclusions: list[ExclusionOut]
    after: str


class ExclusionWholeOut(ExclusionOut):
    """An exclusion with what was said, and the operations on it that are open to the one who asks (`steps`)."""

    said: list[SaidOut]
    steps: list[str]


# Draws and inspections


class CommitIn(WriteIn):
    """A sample to be drawn: how many of the cases closed from a day to a day, both included, in a unit."""

    unit: UUID
    since: date
    until: date
    size: Annotated[int, Field(ge=1, le=100_000)]


class ResultOut(Schema):
    """What the inspections of a draw say: `share` was closed but not solved, of those that could be told, and lies
    between `low` and `high` for all closed cases with this `confidence`."""

    drawn: int
    done: int
    solved: int
    not_solved: int
    unclear: int
    share: float | None
    low: float | None
    high: float | None
    confidence: float


class DrawOut(Schema):
    """A draw. Until it is drawn only hashes of seed and population are known."""

    id: UUID
    unit: UUID
    unit_name: TextOut
    closed_since: datetime
    closed_until: datetime
    population: int
    population_sha256: str
    size: int
    commitment: str
    committed: datetime
    seed: str
    drawn: datetime | None
    result: ResultOut


class DrawsOut(Schema):
    """A page of draws; `after` asks for the next."""

    draws: list[DrawOut]
    after: str


class InspectionOut(Schema):
    """A drawn case that somebody looks at again; `mine` says whether the one who asks has to."""

    id: UUID
    draw: UUID
    case: UUID
    number: str
    kind: TextOut
    place: TextOut | None
    position: int
    checker: str
    mine: bool
    found: Found | None
    inspected: datetime | None
    reopened: datetime | None


class DrawWholeOut(DrawOut):
    """A draw with the drawn cases that the one who asks sees, and from when they may draw. `steps`: `draw`, when they
    may now."""

    sample: list[InspectionOut]
    drawable_from: datetime
    steps: list[str]


class PublishedOut(Schema):
    """What is published of a draw, for anybody to draw again with `scripts/redraw.py`."""

    algorithm: str
    draw: str
    unit: str
    closed_since: str
    closed_until: str
    population_sha256: str
    size: int
    commitment: str
    committed_at: str
    seed: str
    drawn_at: str
    sample: list[str]
    population: list[str]


class InspectionsOut(Schema):
    """What one has to look at again, and what nobody has taken yet."""

    mine: list[InspectionOut]
    free: list[InspectionOut]


class FindingIn(Schema):
    """What was found on the spot, with pictures."""

    found: Found
    words: Words
    photos: Annotated[list[UUID], Field(max_length=9)] = []


class InspectionWholeOut(InspectionOut):
    """An inspection with what was said, its pictures, and the operations that are open to the one who asks."""

    said: list[SaidOut]
    pictures: list[UUID]
    steps: list[str]
