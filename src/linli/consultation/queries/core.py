"""Who may see a consultation, and its words as they were written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from linli.cases import queries as cases
from linli.consultation import rules
from linli.consultation.events import DecisionWritten, OpinionWritten, QuestionAsked, ReasonWritten
from linli.consultation.models import Consultation, Document, Dossier, Invitation, Opinion
from linli.consultation.words import ANSWER, ASK, DECIDE, HAND_UP, Asked, Level, Risk
from linli.kernel import access, journal, notes, rulebook, seal, worktime
from linli.kernel.access import Actor, Subject
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.text import Text
from linli.people import queries as people


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


def asked_among(actor: Actor) -> Q:
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
    asked = Invitation.objects.filter(asked_among(actor), _seen(at), consultation_id=OuterRef("pk"))
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
    found = whole().filter(pk=consultation_id).first()
    if found is None or not standing(actor, found, at).any:
        raise Problem(NOT_FOUND)
    return found


def whole() -> QuerySet[Consultation]:
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


def is_author(opinion: Opinion, actor: Actor) -> bool:
    """Whether the actor wrote it."""
    return opinion.author_id is not None and opinion.author_id == actor.account_id


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
    if not stands.any or not rules.may_read(Level(found.level), stands, author=is_author(found, actor)):
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
    return list(whole().filter(case_id=case_id).order_by("asked_at", "id"))


def told_when_missed(consultation: Consultation) -> Iterable[UUID]:
    """Who hears that somebody did not answer: whoever asked."""
    return [consultation.asked_by_id] if consultation.asked_by_id else []


def told_when_asked(invitation: Invitation, at: datetime) -> Iterable[UUID]:
    """Who hears that they are asked: the person, or the department's handlers."""
    if invitation.account_id:
        return [invitation.account_id]
    rows = people.department_posts(invitation.department_id, at) if invitation.department_id else ()
    return sorted({holder.account_id for row in rows for holder in row.holders})
