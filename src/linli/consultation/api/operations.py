"""Asking for opinions, giving them, reading them by level, deciding."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from linli.cases import queries as cases
from linli.consultation import actions, queries, rules
from linli.consultation import documents as store
from linli.consultation.api.shapes import (
    AdvisersOut,
    AnswerIn,
    AskIn,
    AskMoreIn,
    ConsultationLineOut,
    ConsultationOut,
    ConsultationsOut,
    DecideIn,
    DeclinedOut,
    DeclineIn,
    DocumentIn,
    DocumentWholeOut,
    OpinionReadOut,
    WithdrawIn,
)
from linli.consultation.models import Document
from linli.consultation.queries import AskedShown, DecisionShown, Line, OpinionShown
from linli.consultation.words import ASK, Upload, Weighing
from linli.kernel import access, clock
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.schemas import REFUSED, After, TextOut
from linli.kernel.text import Text
from linli.people.queries import signed_in, with_a_post

router = Router(tags=["consultations"], auth=signed_in)
WHOLE: dict[Any, Any] = {200: ConsultationOut, **REFUSED}
MADE: dict[Any, Any] = {200: ConsultationOut, 201: ConsultationOut, **REFUSED}
List = Literal["waiting", "decide", "asked", "ended"]


@router.get("/consultations", response={200: ConsultationsOut, **REFUSED}, summary="Consultations")
def listed(request: HttpRequest, show: List = "waiting", after: After = "") -> Any:
    """What waits for the answer of the one who asks (or of their department), what waits for their decision, what they
    asked for, or what is over; page by page."""
    by, at = with_a_post(request), clock.now()
    lines, further = queries.page(show, by, at, after)
    return {"consultations": [_line(each) for each in lines], "after": further}


@router.get(
    "/cases/{uuid:case_id}/consultations",
    response={200: list[ConsultationLineOut], **REFUSED},
    summary="Those on a case",
)
def of_case(request: HttpRequest, case_id: UUID) -> Any:
    """The consultations on a case that one sees as staff, the newest first, at most 50."""
    by, at = signed_in(request), clock.now()
    return [_line(each) for each in queries.lines_of(_as_staff(by, case_id), by, at)]


@router.get(
    "/cases/{uuid:case_id}/consultations/candidates",
    response={200: AdvisersOut, **REFUSED},
    summary="Whom one may ask",
)
def candidates(request: HttpRequest, case_id: UUID) -> Any:
    """The people and departments that the page offers to whoever may ask about this case."""
    by, at = signed_in(request), clock.now()
    case = _as_staff(by, case_id)
    access.require(by, ASK, cases.subject_of(case))
    found = {
        "accounts": queries.advisers(case, at, without=by.account_id),
        "departments": queries.departments(case, at),
    }
    return {
        name: [{"id": one.id, "name": TextOut.of(one.name)} for one in each] for name, each in found.items()
    }


@router.post("/cases/{uuid:case_id}/consultations", response=MADE, summary="Ask for opinions")
def ask(request: HttpRequest, response: HttpResponse, case_id: UUID, body: AskIn) -> Any:
    """Ask people and departments for their opinion on a case. 201 when they were asked, 200 with the same answer when it
    had been received before.

    Afterwards each of them sees the question and what was chosen of the file, and the limit of the risk runs.
    """
    by, at = signed_in(request), clock.now()
    made = actions.ask(
        case_id, by=by, at=at, topic=body.topic, question=body.question, risk=body.risk, accounts=body.accounts,
        departments=body.departments, pictures=body.pictures, documents=_uploads(body.documents), id=body.id,
    )  # fmt: skip
    return Status(201 if made.asked_at == at else 200, _whole(response, made.id, by, at))


@router.get("/consultations/{uuid:consultation_id}", response=WHOLE, summary="One consultation")
def one(request: HttpRequest, response: HttpResponse, consultation_id: UUID) -> Any:
    """A consultation that is anything to the one who asks: what may be read of it. Words of opinions that are not open
    are not in it; they are asked for one by one, and each look goes on record."""
    return _whole(response, consultation_id, with_a_post(request), clock.now())


@router.post("/consultations/{uuid:consultation_id}/asked", response=WHOLE, summary="Ask others too")
def ask_more(request: HttpRequest, response: HttpResponse, consultation_id: UUID, body: AskMoreIn) -> Any:
    """Ask others too while it is open; by whoever asked, or the duty chief. Afterwards the limit of each of them runs
    from now."""
    by, at = with_a_post(request), clock.now()
    actions.ask_more(
        consultation_id, by=by, at=at, accounts=body.accounts, departments=body.departments, id=body.id
    )
    return _whole(response, consultation_id, by, at)


@router.post("/consultations/{uuid:consultation_id}/opinions", response=MADE, summary="Give an opinion")
def answer(request: HttpRequest, response: HttpResponse, consultation_id: UUID, body: AnswerIn) -> Any:
    """Give one's opinion, or a new version of it; by whoever is asked. 201 when it was given, 200 with the same answer
    when it had been received before. Afterwards it is signed by the town and cannot be changed."""
    by, at = with_a_post(request), clock.now()
    made = actions.answer(
        consultation_id, by=by, at=at, text=body.text, level=body.level, documents=_uploads(body.documents),
        id=body.id,
    )  # fmt: skip
    return Status(201 if made.at == at else 200, _whole(response, consultation_id, by, at))


@router.post(
    "/consultations/{uuid:consultation_id}/decline",
    response={200: DeclinedOut, **REFUSED},
    summary="Give no opinion",
)
def decline(request: HttpRequest, consultation_id: UUID, body: DeclineIn) -> Any:
    """Give no opinion, for a conflict of interest or another ground; by whoever is asked. Afterwards nobody waits for it
    and the file is closed to them."""
    by, at = with_a_post(request), clock.now()
    mine = actions.decline(
        consultation_id, by=by, at=at, ground=body.ground, reason_given=body.reason, id=body.id
    )
    return {"consultation": consultation_id, "stage": mine.stage}


@router.post("/consultations/{uuid:consultation_id}/decisions", response=MADE, summary="Decide")
def decide(request: HttpRequest, response: HttpResponse, consultation_id: UUID, body: DecideIn) -> Any:
    """Decide after weighing every current opinion; the duty chief, alone or in a meeting. 201 when it was decided, 200
    with the same answer when it had been received before. Afterwards no more opinions are taken, and only another
    decision supersedes it."""
    by, at = with_a_post(request), clock.now()
    made = actions.decide(
        consultation_id, by=by, at=at, text=body.text, supersedes=body.supersedes, meeting=body.meeting,
        weighed=[Weighing(each.opinion, each.followed, each.reason) for each in body.weighed],
        waived=body.waived, id=body.id,
    )  # fmt: skip
    return Status(201 if made.at == at else 200, _whole(response, consultation_id, by, at))


@router.post("/consultations/{uuid:consultation_id}/withdraw", response=WHOLE, summary="Take it back")
def withdraw(request: HttpRequest, response: HttpResponse, consultation_id: UUID, body: WithdrawIn) -> Any:
    """Take the asking back while it is open; by whoever asked, or the duty chief. Afterwards nobody is waited for and
    the file is closed to those who were asked."""
    by, at = with_a_post(request), clock.now()
    actions.withdraw(consultation_id, by=by, at=at, reason_given=body.reason, id=body.id)
    return _whole(response, consultation_id, by, at)


@router.post(
    "/consultations/opinions/{uuid:opinion_id}/read",
    response={200: OpinionReadOut, **REFUSED},
    summary="Read an opinion",
)
def read(request: HttpRequest, response: HttpResponse, opinion_id: UUID) -> Any:
    """The words of an opinion whose level lets the one who asks read it. A look at one that is not open goes on the
    case's record, every time; hence POST."""
    found, text, papers = actions.read_opinion(opinion_id, by=with_a_post(request), at=clock.now())
    _private(response)
    invitation = found.invitation
    return {
        "id": found.id, "consultation": invitation.consultation_id, "version": found.version, "level": found.level,
        "name": TextOut.of(Text(invitation.name_zh, invitation.name_en)), "text": text,
        "documents": _papers(papers),
    }  # fmt: skip


@router.post(
    "/consultations/documents/{uuid:document_id}/take",
    response={200: DocumentWholeOut, **REFUSED},
    summary="Take a document",
)
def take(request: HttpRequest, response: HttpResponse, document_id: UUID) -> Any:
    """A document of a question, or of an opinion that the one who asks may read, with its bytes. Taking one of an
    opinion that is not open is a look, and goes on the case's record; hence POST."""
    found = actions.take_document(document_id, by=with_a_post(request), at=clock.now())
    _private(response)
    return {**_papers([found])[0], "content": b64encode(store.path_of(found.sha256).read_bytes()).decode()}


def _as_staff(by: Actor, case_id: UUID) -> cases.Case:
    case = cases.case_for(by, case_id)
    if not cases.sees_as_staff(by, case):
        raise Problem(NOT_FOUND)
    return case


def _uploads(sent: Iterable[DocumentIn]) -> list[Upload]:
    return [Upload(each.name, each.content) for each in sent]


def _private(response: HttpResponse) -> None:
    """Words that not everybody may read: no copy of the answer is kept."""
    response.headers["Cache-Control"] = "no-store"


def _line(line: Line) -> dict[str, Any]:
    found = line.consultation
    return {
        "id": found.id, "case": found.case_id, "number": line.number, "kind": TextOut.of(line.kind),
        "topic": found.topic, "risk": line.risk, "stage": line.stage, "asked_at": found.asked_at, "due": line.due,
        "waiting": line.waiting, "answered": line.answered,
    }  # fmt: skip


def _whole(response: HttpResponse, consultation_id: UUID, by: Actor, at: datetime) -> dict[str, Any]:
    _private(response)
    found = queries.consultation_for(by, consultation_id, at)
    shown, file = queries.shown(found, by, at), queries.file_of(found)
    return {
        "id": found.id, "case": found.case_id, "number": file.number, "kind": TextOut.of(file.kind),
        "unit": TextOut.of(file.unit) if file.unit else None, "reported": file.reported_at,
        "state": TextOut.of(file.state), "text": file.text, "topic": found.topic,
        "question": rules.mask(shown.question), "risk": shown.risk, "stage": shown.stage, "asked_at": found.asked_at,
        "asked_by": found.asked_by.name if found.asked_by else "", "withdrawn": shown.withdrawn,
        "pictures": found.pictures, "documents": _papers(shown.documents),
        "asked": [_asked(each) for each in shown.asked], "decisions": [_decision(each) for each in shown.decisions],
        "steps": list(shown.steps),
    }  # fmt: skip


def _papers(found: Iterable[Document]) -> list[dict[str, Any]]:
    return [{"id": one.id, "name": one.name, "size": one.size, "sha256": one.sha256} for one in found]


def _asked(one: AskedShown) -> dict[str, Any]:
    return {
        "id": one.id, "name": TextOut.of(one.name), "stage": one.stage, "due": one.due, "missed": one.missed,
        "reason": one.reason, "mine": one.mine, "opinions": [_opinion(each) for each in one.opinions],
    }  # fmt: skip


def _opinion(one: OpinionShown) -> dict[str, Any]:
    return {
        "id": one.id, "version": one.version, "current": one.current, "author": one.author, "level": one.level,
        "at": one.at, "readable": one.readable, "logged": one.logged, "text": one.text, "genuine": one.genuine,
        "documents": _papers(one.documents),
    }  # fmt: skip


def _decision(one: DecisionShown) -> dict[str, Any]:
    return {
        "id": one.id, "version": one.version, "holds": one.holds, "by": one.by, "meeting": list(one.meeting),
        "at": one.at, "text": one.text, "genuine": one.genuine,
        "weighed": [
            {"name": TextOut.of(each.name), "version": each.version, "followed": each.followed, "reason": each.reason}
            for each in one.weighed
        ],
    }  # fmt: skip
