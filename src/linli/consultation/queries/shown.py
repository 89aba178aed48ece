"""A consultation as somebody sees it: what is asked, every opinion that may be read, the decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from linli.cases import queries as cases
from linli.consultation import rules
from linli.consultation.events import DecisionWritten, OpinionWritten
from linli.consultation.models import Consultation, Document, Invitation, Opinion, Verdict
from linli.consultation.queries.core import Written, bound, genuine, is_asked, is_author, standing, written
from linli.consultation.words import Asked, Level, Risk, Stage
from linli.kernel.access import Actor
from linli.kernel.text import Text
from linli.territory import queries as territory


@dataclass(frozen=True, slots=True)
class OpinionShown:
    """An opinion as somebody sees it. `text` is None as long as it is not read; `readable` says whether it may be,
    `logged` whether the look goes on record."""

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
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class AskedShown:
    """Somebody who is asked, with every version of what they said, the newest first."""

    id: UUID
    name: Text
    stage: Asked
    due: datetime
    missed: bool
    reason: str
    mine: bool
    opinions: tuple[OpinionShown, ...]


@dataclass(frozen=True, slots=True)
class WeighedShown:
    """An opinion as a decision weighed it."""

    name: Text
    version: int
    followed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class DecisionShown:
    """A decision; `holds` says whether it is the newest."""

    id: UUID
    version: int
    holds: bool
    by: str
    meeting: tuple[str, ...]
    at: datetime
    text: str
    genuine: bool
    weighed: tuple[WeighedShown, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A consultation as somebody sees it."""

    consultation: Consultation
    standing: rules.Standing
    stage: Stage
    risk: Risk
    question: str
    withdrawn: str
    asked: tuple[AskedShown, ...]
    decisions: tuple[DecisionShown, ...]
    documents: tuple[Document, ...]
    may_decide: bool
    may_withdraw: bool

    @property
    def may_ask_more(self) -> bool:
        """Whether others can be asked too: by whoever may withdraw the asking, as long as there is room."""
        return self.may_withdraw and len(self.asked) < bound("asked")

    @property
    def steps(self) -> tuple[str, ...]:
        """What the one who looks may do with it now, as programs call it."""
        mine, open_ = self.mine, self.stage is Stage.OPEN
        may = {
            "opinions": mine is not None and open_ and mine.stage in {Asked.WAITING, Asked.ANSWERED},
            "decline": mine is not None and open_ and mine.stage is Asked.WAITING,
            "decisions": self.may_decide,
            "asked": self.may_ask_more,
            "withdraw": self.may_withdraw,
        }
        return tuple(name for name, allowed in may.items() if allowed)

    @property
    def mine(self) -> AskedShown | None:
        """The invitation of the one who looks, if there is one."""
        return next((each for each in self.asked if each.mine), None)


def shown(consultation: Consultation, actor: Actor, at: datetime) -> Shown:
    """Everything of it that the actor may see, in a fixed number of queries. Words of opinions that are not open
    are left out: `actions.read_opinion` gives them and puts the look on record."""
    stands = standing(actor, consultation, at)
    words = written(consultation.id)
    papers = list(Document.objects.filter(consultation_id=consultation.id).order_by("at", "id"))
    opinions: dict[UUID, list[Opinion]] = {}
    told = Opinion.objects.filter(invitation__consultation_id=consultation.id).select_related("author")
    for opinion in told.order_by("-version"):
        opinions.setdefault(opinion.invitation_id, []).append(opinion)
    asked = tuple(
        _asked(each, opinions.get(each.id, []), words, stands, actor, papers, at)
        for each in sorted(consultation.invitations.all(), key=lambda one: one.id)
    )
    stage = Stage(consultation.stage)
    return Shown(
        consultation=consultation,
        standing=stands,
        stage=stage,
        risk=Risk(consultation.risk),
        question=words.question,
        withdrawn=words.reasons.get(consultation.id, "") if stage is Stage.WITHDRAWN else "",
        asked=asked,
        decisions=_decisions(consultation, words),
        documents=tuple(paper for paper in papers if paper.opinion_id is None),
        may_decide=stands.chief and stage is not Stage.WITHDRAWN,
        may_withdraw=(stands.chief or stands.asker) and stage is Stage.OPEN,
    )


def _asked(
    invitation: Invitation, opinions: list[Opinion], words: Written, stands: rules.Standing, actor: Actor,
    papers: list[Document], at: datetime,
) -> AskedShown:  # fmt: skip
    mine = is_asked(invitation, actor)
    return AskedShown(
        id=invitation.id,
        name=Text(invitation.name_zh, invitation.name_en),
        stage=Asked(invitation.stage),
        due=invitation.due_at,
        missed=invitation.missed_at is not None,
        reason=words.reasons.get(invitation.id, "") if mine or stands.chief or stands.asker else "",
        mine=mine,
        opinions=tuple(
            _opinion(each, invitation, words.opinions.get(each.id), stands, actor, papers)
            for each in opinions
        ),
    )


def _opinion(
    opinion: Opinion, invitation: Invitation, words: OpinionWritten | None, stands: rules.Standing, actor: Actor,
    papers: list[Document],
) -> OpinionShown:  # fmt: skip
    level = Level(opinion.level)
    readable = rules.may_read(level, stands, author=is_author(opinion, actor))
    plain = readable and not rules.logged(level) and words is not None
    return OpinionShown(
        id=opinion.id,
        version=opinion.version,
        current=opinion.version == invitation.versions,
        author=opinion.author.name if opinion.author else "",
        level=level,
        at=opinion.at,
        readable=readable,
        logged=rules.logged(level),
        text=words.text if plain and words else None,
        genuine=bool(words and genuine(opinion.note, rules.OPINION, words.salt, words.text)),
        documents=tuple(paper for paper in papers if paper.opinion_id == opinion.id) if plain else (),
    )


def _decisions(consultation: Consultation, words: Written) -> tuple[DecisionShown, ...]:
    found = Verdict.objects.filter(consultation_id=consultation.id).order_by("-version")
    return tuple(
        _decision(verdict, words.decisions.get(verdict.id), verdict.version == consultation.decisions)
        for verdict in found.prefetch_related("weighed__opinion__invitation")
    )


def _decision(verdict: Verdict, words: DecisionWritten | None, holds: bool) -> DecisionShown:
    reasons = words.reasons if words else {}
    return DecisionShown(
        id=verdict.id,
        version=verdict.version,
        holds=holds,
        by=verdict.by_name,
        meeting=tuple(name for _, name in verdict.meeting),
        at=verdict.at,
        text=words.text if words else "",
        genuine=bool(words and genuine(verdict.note, rules.DECISION, words.salt, decided_text(words))),
        weighed=tuple(
            WeighedShown(
                Text(each.opinion.invitation.name_zh, each.opinion.invitation.name_en),
                each.opinion.version,
                each.followed,
                (reasons or {}).get(str(each.opinion_id), ""),
            )
            for each in verdict.weighed.all()
        ),
    )


def decided_text(words: DecisionWritten) -> str:
    """What the digest of a decision is over: its words, then each reason with the opinion that it is about."""
    return "\n".join(
        [words.text, *(f"{key} {value}" for key, value in sorted((words.reasons or {}).items()))]
    )


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What somebody who is asked sees of the case: its words with personal numbers masked, and what was chosen."""

    number: str
    kind: Text
    unit: Text | None
    reported_at: datetime
    state: Text
    text: str


def file_of(consultation: Consultation) -> CaseFile:
    """The case as the asked see it."""
    from linli.cases.words import State, number_of

    case = consultation.case
    kind = cases.kind_of(case)
    return CaseFile(
        number=number_of(case.serial, case.reported_at),
        kind=kind.name if kind else Text(case.kind, case.kind),
        unit=territory.snapshot().path_text(case.unit_id) if case.unit_id else None,
        reported_at=case.reported_at,
        state=State(case.state).label,
        text=rules.mask(case.text),
    )
