"""Every read of consultations. Who may see one, and which words of it, is decided here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from linli.cases import queries as cases
from linli.consultation import rules
from linli.consultation.events import DecisionWritten, OpinionWritten, QuestionAsked, ReasonWritten
from linli.consultation.models import Consultation, Document, Dossier, Invitation, Opinion, Verdict
from linli.consultation.words import ANSWER, ASK, DECIDE, HAND_UP, Asked, Level, Risk, Stage
from linli.kernel import access, journal, notes, rulebook, seal, worktime
from linli.kernel.access import Actor, Subject
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import Role
from linli.territory import queries as territory

ADVISERS = (Role.LEGAL_ADVISER, Role.EXPERT, Role.GRID_LEAD)
AT_THE_TABLE = (Role.DUTY_CHIEF, Role.DISPATCHER, Role.RECEIVER, Role.AUDITOR, *ADVISERS)
SHOWN = 50


def table() -> dict[str, Any]:
    """The rulebook's risk levels and bounds."""
    return rulebook.table("consultation")


def bound(name: str) -> Any:
    """One bound of the rulebook."""
    return table()["bounds"][name]


def limit(risk: Risk) -> worktime.Limit:
    """How long an answer may take at this risk."""
    row = table()["risk"][risk.value]
    return worktime.Limit(row["amount"], worktime.Unit(row["unit"]))


def meaning(risk: Risk) -> Text:
    """What the rulebook says of this risk."""
    row = table()["risk"][risk.value]
    return Text(row["zh"], row["en"])


def departments_of(actor: Actor) -> frozenset[UUID]:
    """The departments in which the actor holds a post."""
    return frozenset(post.department_id for post in actor.posts if post.department_id)


def subject_of(invitation: Invitation, actor: Actor) -> Subject:
    """The invitation as access sees it: of a department, or of the person whose posts they are."""
    own = invitation.account_id is not None and invitation.account_id == actor.account_id
    return Subject(
        departments=frozenset({invitation.department_id} if invitation.department_id else ()),
        posts=frozenset(post.id for post in actor.posts) if own else frozenset(),
    )


def is_asked(invitation: Invitation, actor: Actor) -> bool:
    """Whether it is this actor who is asked."""
    return actor.kind == "account" and access.may(actor, ANSWER, subject_of(invitation, actor))


def may_be_asked(account_id: UUID, at: datetime) -> bool:
    """Whether this person holds a post whose holders can be asked."""
    actor = people.actor_for(account_id, at)
    return access.may(actor, ANSWER, Subject(posts=frozenset(post.id for post in actor.posts)))


def _mine(actor: Actor) -> Q:
    """Invitations of the actor or of their departments."""
    own = Q(account_id=actor.account_id) if actor.account_id else Q(pk__in=())
    handled = [post.department_id for scope, post in access.reach(actor, ANSWER) if scope == "department"]
    return own | Q(department_id__in=[each for each in handled if each])


def _seen(at: datetime) -> Q:
    """Invitations whose file is seen now (`rules.sees_file`)."""
    return Q(stage=Asked.WAITING) | Q(stage=Asked.ANSWERED, sees_until__gt=at)


def visible_to(actor: Actor, at: datetime) -> QuerySet[Consultation]:
    """The consultations on cases that the actor sees as staff, that they asked for, or in which they are asked."""
    if actor.kind == "system":
        return Consultation.objects.all()
    asked = Invitation.objects.filter(_mine(actor), _seen(at), consultation_id=OuterRef("pk"))
    seen = Q(case_id__in=cases.visible_to(actor).values("pk")) | Q(Exists(asked))
    return Consultation.objects.filter(seen)


def standing(actor: Actor, consultation: Consultation, at: datetime) -> rules.Standing:
    """How the actor stands to it."""
    case = consultation.case
    subject = cases.subject_of(case)
    own = consultation.asked_by_id is not None and consultation.asked_by_id == actor.account_id
    return rules.Standing(
        views=actor.kind == "system" or cases.sees_as_staff(actor, case),
        asker=own and access.may(actor, ASK, subject),
        chief=access.may(actor, DECIDE, subject),
        asked=any(
            is_asked(each, actor) and rules.sees_file(Asked(each.stage), each.sees_until, at)
            for each in consultation.invitations.all()
        ),
    )


def consultation_for(actor: Actor, consultation_id: UUID, at: datetime) -> Consultation:
    """The consultation when it is anything to the actor; otherwise it is not found."""
    found = _whole().filter(pk=consultation_id).first()
    if found is None or not standing(actor, found, at).any:
        raise Problem(NOT_FOUND)
    return found


def _whole() -> QuerySet[Consultation]:
    return Consultation.objects.select_related("case", "asked_by").prefetch_related("invitations")


def current(consultation_id: UUID) -> list[Opinion]:
    """The newest version of each opinion."""
    found: dict[UUID, Opinion] = {}
    for opinion in Opinion.objects.filter(invitation__consultation_id=consultation_id).order_by("version"):
        found[opinion.invitation_id] = opinion
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Written:
    """The words of a consultation out of the journal; what was forgotten is empty."""

    question: str = ""
    opinions: dict[UUID, OpinionWritten] = field(default_factory=dict)
    decisions: dict[UUID, DecisionWritten] = field(default_factory=dict)
    reasons: dict[UUID, str] = field(default_factory=dict)


def written(consultation_id: UUID) -> Written:
    """Everything that was written in it; who may read which of it is not asked here."""
    question, found = "", Written()
    for line in journal.history(consultation_id):
        fact = line.fact
        if isinstance(fact, QuestionAsked):
            question = fact.question
        elif isinstance(fact, OpinionWritten):
            found.opinions[fact.opinion] = fact
        elif isinstance(fact, DecisionWritten):
            found.decisions[fact.decision] = fact
        elif isinstance(fact, ReasonWritten):
            found.reasons[fact.of] = fact.text
    return Written(question, found.opinions, found.decisions, found.reasons)


def genuine(note: str, title: str, salt: str, text: str) -> bool:
    """Whether the town's signature on the note is good and the note is about exactly these words."""
    try:
        said, values = rules.read_statement(notes.opened(note, seal.signer().verifier))
    except notes.BadNote:
        return False
    return said == title and values.get("text-sha256") == rules.digest(salt, text)


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
    readable = rules.may_read(level, stands, author=_is_author(opinion, actor))
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


def _is_author(opinion: Opinion, actor: Actor) -> bool:
    return opinion.author_id is not None and opinion.author_id == actor.account_id


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


def opinion_for(actor: Actor, opinion_id: UUID, at: datetime) -> Opinion:
    """An opinion that the actor may read; otherwise it is not found."""
    found = (
        Opinion.objects.select_related("invitation__consultation__case", "author")
        .filter(pk=opinion_id)
        .first()
    )
    if found is None:
        raise Problem(NOT_FOUND)
    consultation = found.invitation.consultation
    stands = standing(actor, consultation, at)
    if not stands.any or not rules.may_read(Level(found.level), stands, author=_is_author(found, actor)):
        raise Problem(NOT_FOUND)
    return found


def document_for(actor: Actor, document_id: UUID, at: datetime) -> Document:
    """A document that the actor may take: of the question for all to whom it is anything, of an opinion for
    those who may read it; otherwise it is not found."""
    found = Document.objects.select_related("consultation__case").filter(pk=document_id).first()
    if found is None:
        raise Problem(NOT_FOUND)
    if found.opinion_id is not None:
        opinion_for(actor, found.opinion_id, at)
    elif not standing(actor, found.consultation, at).any:
        raise Problem(NOT_FOUND)
    return found


def picture_for(actor: Actor, consultation_id: UUID, file_id: UUID, at: datetime) -> UUID:
    """A picture that the asker chose to show; otherwise it is not found."""
    consultation = consultation_for(actor, consultation_id, at)
    if str(file_id) not in consultation.pictures:
        raise Problem(NOT_FOUND)
    return file_id


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


@dataclass(frozen=True, slots=True)
class Line:
    """A consultation in a list."""

    consultation: Consultation
    number: str
    kind: Text
    risk: Risk
    stage: Stage
    due: datetime | None
    waiting: int
    answered: int


def _lines(found: QuerySet[Consultation]) -> list[Line]:
    return [_one(each) for each in found.select_related("case").prefetch_related("invitations")[:SHOWN]]


def _one(consultation: Consultation) -> Line:
    file = file_of(consultation)
    invited = list(consultation.invitations.all())
    waiting = [each for each in invited if each.stage == Asked.WAITING]
    return Line(
        consultation=consultation,
        number=file.number,
        kind=file.kind,
        risk=Risk(consultation.risk),
        stage=Stage(consultation.stage),
        due=min((each.due_at for each in waiting), default=None),
        waiting=len(waiting),
        answered=sum(1 for each in invited if each.stage == Asked.ANSWERED),
    )


def waiting_for(actor: Actor, at: datetime) -> QuerySet[Consultation]:
    """The open consultations in which the actor, or their department, has not answered yet."""
    mine = Invitation.objects.filter(_mine(actor), stage=Asked.WAITING, consultation_id=OuterRef("pk"))
    return visible_to(actor, at).filter(Q(Exists(mine)), stage=Stage.OPEN).order_by("asked_at", "id")


def to_decide(actor: Actor, at: datetime) -> QuerySet[Consultation]:
    """The open consultations on which the actor decides and for which nobody is waited any longer."""
    waiting = Invitation.objects.filter(stage=Asked.WAITING, consultation_id=OuterRef("pk"))
    own = cases.visible_to(actor, DECIDE).values("pk")
    return Consultation.objects.filter(~Exists(waiting), stage=Stage.OPEN, case_id__in=own).order_by(
        "asked_at", "id"
    )


def asked_by(actor: Actor, at: datetime) -> QuerySet[Consultation]:
    """The open consultations that the actor asked for."""
    found = visible_to(actor, at).filter(stage=Stage.OPEN, asked_by_id=actor.account_id)
    return found.order_by("-asked_at", "-id")


def ended(actor: Actor, at: datetime) -> QuerySet[Consultation]:
    """The visible consultations that are over, the newest first."""
    return visible_to(actor, at).exclude(stage=Stage.OPEN).order_by("-ended_at", "-id")


TABS = {"waiting": waiting_for, "decide": to_decide, "asked": asked_by, "ended": ended}
"""The lists of the page, by the name that stands in the address."""


def lines(tab: str, actor: Actor, at: datetime) -> list[Line]:
    """The first consultations of a list."""
    return _lines(TABS[tab](actor, at))


def counts(actor: Actor, at: datetime) -> dict[str, int]:
    """How many stand in each list, counted up to `SHOWN`."""
    return {name: found(actor, at).order_by()[:SHOWN].count() for name, found in TABS.items()}


def is_concerned(actor: Actor) -> bool:
    """Whether the actor may ask, decide or be asked at all: to whom the list is of use."""
    return any(any(True for _ in access.reach(actor, action)) for action in (ASK, DECIDE, ANSWER))


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody, or a department, who can be asked."""

    id: UUID
    name: Text


def advisers(case: cases.Case, at: datetime, *, without: UUID | None = None) -> list[Candidate]:
    """The legal advisers, experts and grid leads of the units above the case, by role, then by unit from the
    bottom; without the one who asks."""
    return _holders(case, ADVISERS, at, without)


def at_the_table(consultation: Consultation, at: datetime, *, without: UUID | None = None) -> list[Candidate]:
    """Who may be named as deciding together: the centre's staff, grid leads and advisers above the case."""
    return _holders(consultation.case, AT_THE_TABLE, at, without)


def _holders(case: cases.Case, roles: Sequence[Role], at: datetime, without: UUID | None) -> list[Candidate]:
    units = territory.snapshot().ancestors(case.unit_id) if case.unit_id else ()
    units = tuple(reversed(units)) or tuple(root.id for root in territory.snapshot().roots())
    rows = [row for unit_id in units for row in people.posts_table(unit_id, at) if row.role in roles]
    found: dict[UUID, Candidate] = {}
    for row in sorted(rows, key=lambda one: roles.index(one.role)):
        for holder in row.holders:
            name = Text(f"{holder.name}({row.role.label.zh})", f"{holder.name} ({row.role.label.en})")
            found.setdefault(holder.account_id, Candidate(holder.account_id, name))
    return [each for each in found.values() if each.id != without]


def departments(case: cases.Case, at: datetime) -> list[Candidate]:
    """The departments that serve the place of the case."""
    above = territory.snapshot().ancestors(case.unit_id) if case.unit_id else ()
    return [
        Candidate(row.id, row.name) for row in people.departments(at) if not above or row.unit_id in above
    ]


@dataclass(frozen=True, slots=True)
class Panel:
    """What a case's page shows of this room."""

    consultations: tuple[Shown, ...]
    dossiers: tuple[Dossier, ...]
    may_ask: bool
    may_hand_up: bool


def case_panel(case: cases.Case, actor: Actor, at: datetime) -> Panel | None:
    """The consultations and dossiers of a case for its page; None when there are none and nothing may be done.

    Costs one query when there are none.
    """
    subject = cases.subject_of(case)
    may_ask, may_hand_up = (access.may(actor, action, subject) for action in (ASK, HAND_UP))
    if not cases.sees_as_staff(actor, case) and actor.kind != "system":
        return None
    found = _whole().filter(case_id=case.id).order_by("-asked_at")
    consultations = tuple(shown(each, actor, at) for each in found)
    dossiers = tuple(dossiers_of(case.id)) if may_hand_up else ()
    if not consultations and not may_ask and not may_hand_up:
        return None
    return Panel(consultations, dossiers, may_ask, may_hand_up)


def dossiers_of(case_id: UUID) -> QuerySet[Dossier]:
    """The dossiers that were made of a case, the newest first."""
    return Dossier.objects.filter(case_id=case_id).order_by("-made_at")


def dossier_for(actor: Actor, dossier_id: UUID) -> Dossier:
    """A dossier that the actor may take; otherwise it is not found."""
    found = Dossier.objects.select_related("case").filter(pk=dossier_id).first()
    if found is None or not access.may(actor, HAND_UP, cases.subject_of(found.case)):
        raise Problem(NOT_FOUND)
    return found


def consultations_of(case_id: UUID) -> list[Consultation]:
    """Every consultation on a case, the oldest first, for its dossier."""
    return list(_whole().filter(case_id=case_id).order_by("asked_at", "id"))


def told_when_missed(consultation: Consultation) -> Iterable[UUID]:
    """Who hears that somebody did not answer: whoever asked."""
    return [consultation.asked_by_id] if consultation.asked_by_id else []


def told_when_asked(invitation: Invitation, at: datetime) -> Iterable[UUID]:
    """Who hears that they are asked: the person, or the department's handlers."""
    if invitation.account_id:
        return [invitation.account_id]
    rows = people.department_posts(invitation.department_id, at) if invitation.department_id else ()
    return sorted({holder.account_id for row in rows for holder in row.holders})
