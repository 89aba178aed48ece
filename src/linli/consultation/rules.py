"""Who may read what, when somebody may answer, what a decision needs, and the statements that are signed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from linli.consultation.words import Asked, Level, Stage, Weighing
from linli.kernel.codec import moment
from linli.kernel.fields import mask_phone

NUMBER = re.compile(r"(?<!\d)\+?\d(?:[ -]?\d){6,}[Xx]?(?!\d)")
"""A run of 7 digits and more as telephones, identity and bank cards are written, single spaces or hyphens between."""
CASE_NUMBER = re.compile(r"20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{6,}")
DATED = re.compile(r"(19|20)\d\d[ -]?(0?[1-9]|1[0-2])[ -]?(0[1-9]|[12]\d|3[01])([ -]\d\d?)?")
SHORT = 13


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands to a consultation: sees the case as staff, asked, decides for this case, was asked."""

    views: bool = False
    asker: bool = False
    chief: bool = False
    asked: bool = False

    @property
    def any(self) -> bool:
        """Whether it is anything to them at all."""
        return self.views or self.asker or self.chief or self.asked


def mask(text: str) -> str:
    """The text with the middle of every personal number hidden; numbers of cases and dates stay.

    13 signs and less, and what begins with +, keep three in front and four behind, as a telephone does; longer ones three and two.
    """
    return NUMBER.sub(lambda found: _hidden(found[0]), text)


def _hidden(found: str) -> str:
    bare = re.sub(r"[ -]", "", found)
    if CASE_NUMBER.fullmatch(bare) or DATED.fullmatch(found):
        return found
    if len(bare) <= SHORT or bare[0] == "+":
        return mask_phone(bare)
    return f"{bare[:3]}{'*' * (len(bare) - 5)}{bare[-2:]}"


def may_read(level: Level, standing: Standing, *, author: bool) -> bool:
    """Whether an opinion of this level may be read by somebody who stands so; its author always may."""
    if author or standing.chief:
        return True
    if level is Level.OPEN:
        return standing.any
    return level is Level.INVOLVED and (standing.asker or standing.asked)


def logged(level: Level) -> bool:
    """Whether every look at an opinion of this level goes on the case's record."""
    return level is not Level.OPEN


def sees_file(stage: Asked, sees_until: datetime | None, at: datetime) -> bool:
    """Whether somebody who was asked sees the file now: while asked, and until a dated end after the answer."""
    if stage is Asked.WAITING:
        return True
    return stage is Asked.ANSWERED and sees_until is not None and at < sees_until


def answering(consultation: Stage, asked: Asked, sees_until: datetime | None, at: datetime) -> str:
    """Why an opinion cannot be given now: `closed`, `over`, or nothing."""
    if consultation is not Stage.OPEN:
        return "closed"
    return "" if sees_file(asked, sees_until, at) else "over"


def declining(consultation: Stage, asked: Asked) -> str:
    """Why it cannot be declined now: `closed`, `answered`, `over`, or nothing."""
    if consultation is not Stage.OPEN:
        return "closed"
    if asked is Asked.ANSWERED:
        return "answered"
    return "" if asked is Asked.WAITING else "over"


@dataclass(frozen=True, slots=True)
class Deciding:
    """What a decision rests on: the current opinions with their authors, who has not answered, who decides."""

    stage: Stage
    authors: Mapping[UUID, UUID | None]
    waiting: int
    decider: UUID | None
    meeting: frozenset[UUID] = frozenset()
    meeting_least: int = 3
    reason_least: int = 4


def deciding(known: Deciding, weighed: Sequence[Weighing], waived: str) -> str:
    """Why this decision cannot be made: `withdrawn`, `waiting`, `unweighed`, `twice`, `unknown`, `reason`, `small`,
    `own`, or nothing.

    Every current opinion is either followed or not; not following one needs a reason. Whoever gave an opinion
    decides in a meeting only. Who has not answered holds it up, unless it is said why nobody waits (`waived`).
    """
    if known.stage is Stage.WITHDRAWN:
        return "withdrawn"
    return _people(known) or _waiting(known, waived) or _weighing(known, weighed)


def _people(known: Deciding) -> str:
    if known.meeting:
        return "small" if len(known.meeting) < known.meeting_least else ""
    own = known.decider is not None and known.decider in known.authors.values()
    return "own" if own else ""


def _waiting(known: Deciding, waived: str) -> str:
    if known.stage is Stage.DECIDED or not known.waiting:
        return ""
    return "" if len(waived.strip()) >= known.reason_least else "waiting"


def _weighing(known: Deciding, weighed: Sequence[Weighing]) -> str:
    named = [each.opinion for each in weighed]
    if len(set(named)) != len(named):
        return "twice"
    if set(named) - set(known.authors):
        return "unknown"
    if set(known.authors) - set(named):
        return "unweighed"
    least = known.reason_least
    return "reason" if any(not w.followed and len(w.reason.strip()) < least for w in weighed) else ""


def is_document(name: str, data: bytes) -> bool:
    """Whether a file is a PDF by its name, its beginning and its end; what is in it is never opened here."""
    return name.lower().endswith(".pdf") and data[:5] == b"%PDF-" and b"%%EOF" in data[-1024:]


def digest(salt: str, text: str) -> str:
    """SHA-256 in hex over the salt (hex), a line break and the text: what a note states of words it does not show."""
    return sha256(f"{salt}\n{text}".encode()).hexdigest()


def statement(title: str, lines: Iterable[tuple[str, object]]) -> str:
    """What is signed: a title and one line a value, in this order, each `name value`; ends with a line break."""
    written = [title, *(f"{name} {_line(value)}" for name, value in lines)]
    return "".join(f"{line}\n" for line in written)


def _line(value: object) -> str:
    text = moment(value) if isinstance(value, datetime) else str(value)
    return " ".join(text.split())


OPINION, DECISION = "linli opinion 1", "linli decision 1"


def read_statement(text: str) -> tuple[str, dict[str, str]]:
    """Title and values of a statement."""
    title, _, rest = text.partition("\n")
    return title, dict(line.partition(" ")[::2] for line in rest.splitlines())
