"""What the interface of this room takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Field, Schema
from pydantic import Base64Bytes, StringConstraints

from linli.consultation.words import Asked, Ground, Level, Risk, Stage
from linli.kernel.schemas import Line, TextOut, WriteIn, clean

Long = Annotated[str, StringConstraints(max_length=20_000), clean]
Ids = Annotated[list[UUID], Field(max_length=50)]


class DocumentIn(Schema):
    """A PDF, its bytes in base64. A whole request holds at most 2 MB: larger documents are sent by the page."""

    name: Line
    content: Base64Bytes


Documents = Annotated[list[DocumentIn], Field(max_length=20)]


class AskIn(WriteIn):
    """Whom to ask what: people and departments, the pictures of the case that they see, and documents."""

    topic: Line
    question: Long
    risk: Risk
    accounts: Ids = []
    departments: Ids = []
    pictures: Ids = []
    documents: Documents = []


class AskMoreIn(WriteIn):
    """Whom to ask too."""

    accounts: Ids = []
    departments: Ids = []


class AnswerIn(WriteIn):
    """An opinion, who may read it, and documents with it."""

    text: Long
    level: Level
    documents: Documents = []


class DeclineIn(WriteIn):
    """Why no opinion is given."""

    ground: Ground
    reason: Long


class WithdrawIn(WriteIn):
    """Why the asking is taken back."""

    reason: Long


class WeighingIn(Schema):
    """Whether a decision follows an opinion; a reason is needed when it does not."""

    opinion: UUID
    followed: bool
    reason: Long = ""


class DecideIn(WriteIn):
    """A decision: its words and every current opinion weighed; `supersedes` is the version that it takes the place of,
    0 for none, `meeting` who decided together, `waived` why those who have not answered are not waited for."""

    text: Long
    weighed: Annotated[list[WeighingIn], Field(max_length=50)]
    supersedes: Annotated[int, Field(ge=0, le=32_000)] = 0
    meeting: Ids = []
    waived: Long = ""


class ConsultationLineOut(Schema):
    """A consultation in a list; `due` is the next limit of those who have not answered."""

    id: UUID
    case: UUID
    number: str
    kind: TextOut
    topic: str
    risk: Risk
    stage: Stage
    asked_at: datetime
    due: datetime | None
    waiting: int
    answered: int


class ConsultationsOut(Schema):
    """A page of consultations; `after` asks for the next."""

    consultations: list[ConsultationLineOut]
    after: str


class DocumentOut(Schema):
    """A document that was sent with a question or an opinion."""

    id: UUID
    name: str
    size: int
    sha256: str


class DocumentWholeOut(DocumentOut):
    """A document with its bytes in base64."""

    content: str


class OpinionOut(Schema):
    """A version of an opinion. `text` is None where it may not be read, and where a look goes on record (`logged`): then
    it is asked for by itself. `genuine`: the town's signature is about these very words."""

    id: UUID
    version: int
    current: bool
    author: str
    level: Level
    at: datetime
    readable: bool
    logged: bool
    text: str | None
    genuine: bool
    documents: list[DocumentOut]


class OpinionReadOut(Schema):
    """The words of an opinion that somebody has read, with its documents."""

    id: UUID
    consultation: UUID
    name: TextOut
    version: int
    level: Level
    text: str
    documents: list[DocumentOut]


class AskedOut(Schema):
    """Somebody who is asked, with every version of what they said, the newest first."""

    id: UUID
    name: TextOut
    stage: Asked
    due: datetime
    missed: bool
    reason: str
    mine: bool
    opinions: list[OpinionOut]


class WeighedOut(Schema):
    """An opinion as a decision weighed it."""

    name: TextOut
    version: int
    followed: bool
    reason: str


class DecisionOut(Schema):
    """A decision; `holds` says whether it is the newest."""

    id: UUID
    version: int
    holds: bool
    by: str
    meeting: list[str]
    at: datetime
    text: str
    genuine: bool
    weighed: list[WeighedOut]


class ConsultationOut(Schema):
    """A consultation as the one who asks may see it; in `text` and `question` personal numbers are masked. `steps` are
    the operations on it that are open to them."""

    id: UUID
    case: UUID
    number: str
    kind: TextOut
    unit: TextOut | None
    reported: datetime
    state: TextOut
    text: str
    topic: str
    question: str
    risk: Risk
    stage: Stage
    asked_at: datetime
    asked_by: str
    withdrawn: str
    pictures: list[UUID]
    documents: list[DocumentOut]
    asked: list[AskedOut]
    decisions: list[DecisionOut]
    steps: list[str]


class DeclinedOut(Schema):
    """Where somebody stands who gives no opinion; the file is closed to them."""

    consultation: UUID
    stage: Asked


class AdviserOut(Schema):
    """Somebody, or a department, who can be asked."""

    id: UUID
    name: TextOut


class AdvisersOut(Schema):
    """Who can be asked about a case."""

    accounts: list[AdviserOut]
    departments: list[AdviserOut]
