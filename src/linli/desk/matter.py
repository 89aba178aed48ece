"""Everything that the page of one case shows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse

from linli.cases import queries
from linli.cases.words import Answer, Card, Phase, Source, number_of
from linli.consultation import queries as consultation
from linli.desk import moveforms, reasons, rows
from linli.followup import queries as followup
from linli.joint import queries as joint
from linli.kernel import access, clocks
from linli.kernel.access import Actor
from linli.kernel.errors import Problem
from linli.kernel.journal import Recorded
from linli.kernel.text import Text
from linli.territory import queries as territory
from linli.territory.words import HOW_NAMES, How

GIVEN = Text("由登记人指定", "Named when it was taken in")
SYSTEM, REPORTER = Text("系统", "The system"), Text("诉求人", "The reporter")
ICONS = {
    "CaseReported": "map-pin", "VerificationAsked": "walk", "CaseVerified": "eye", "CaseAccepted": "check",
    "CaseDeclined": "ban", "CaseRegistered": "file-text", "CaseDispatched": "send", "CaseSigned": "signature",
    "ProgressNoted": "note", "CaseHandedIn": "upload", "CaseSettled": "circle-check", "CheckTaken": "clipboard-check",
    "CheckPassed": "checks", "RedoOrdered": "refresh", "CaseClosed": "archive", "ReporterAsked": "phone-call",
    "CaseRated": "star", "CaseReopened": "repeat", "CaseVoided": "trash", "DeadlineNear": "clock-exclamation",
    "DeadlineMissed": "alarm", "ReporterRevealed": "phone", "PartsCalled": "bell",
    "PartSigned": "signature", "PartContacted": "phone", "PartArrived": "map-pin", "PartFinished": "check",
    "PartsReleased": "x", "PartNear": "clock-exclamation", "PartMissed": "alarm", "WhistleBlown": "bell",
    "WhistleApproved": "shield-check", "WhistleRefused": "ban", "MeetingHeld": "users", "PartRated": "star", "CaseImported": "download", "CaseReturned": "corner-up-left",
    "RulingMade": "gavel", "ReporterContacted": "phone-outgoing", "WishAsked": "calendar-plus", "WishHeard": "check",
    "WishGranted": "check", "WishRefused": "x", "WishLapsed": "x", "CaseResumed": "player-play",
    "SupervisionRaised": "flag", "SupervisionAnswered": "message-reply", "SupervisionLifted": "flag-off",
    "CaseMerged": "arrows-join", "CaseJoined": "arrows-join", "CaseParted": "arrows-split", "MergeUndone": "arrows-split",
    "CaseTransferred": "external-link", "ConsultationAsked": "message", "MoreAsked": "message", "OpinionGiven": "signature", "OpinionDeclined": "hand-stop",
    "OpinionRead": "eye", "AnswerNear": "clock-exclamation", "AnswerMissed": "alarm", "ConsultationDecided": "gavel",
    "ConsultationWithdrawn": "x", "CaseHandedUp": "archive", "DossierTaken": "download",
}  # fmt: skip
KINDS = {
    "DeadlineNear": "warning", "DeadlineMissed": "alarm", "PartNear": "warning", "PartMissed": "alarm", "AnswerNear": "warning", "AnswerMissed": "alarm", "RedoOrdered": "warning", "CaseReopened": "warning",
    "CaseReturned": "warning", "SupervisionRaised": "alarm", "CaseClosed": "done", "CaseSettled": "done", "CaseRated": "done",
}  # fmt: skip


def context(
    case: queries.Case,
    actor: Actor,
    at: datetime,
    *,
    back: str = "",
    tried: str = "",
    typed: QueryDict | None = None,
    problem: Problem | None = None,
    kept: Iterable[UUID] = (),
    seen: int | None = None,
) -> dict[str, Any]:
    """The values of the case page. With `tried` and `problem`: the move that was refused, what was typed, and
    what happened to the case since the line `seen` of the journal."""
    history = queries.history(case.id)
    running = clocks.running(case.id)
    shown = queries.evidence(case.id)
    kind = queries.kind_of(case)
    wrong = dict(problem.fields) if problem else {}
    asked = moveforms.Asked(case, actor, at, typed, wrong, tuple(kept))
    forms = moveforms.forms(asked, tried, problem)
    offered = any(form.name == tried for form in forms)
    reporter = queries.reporter_of(case)
    subject = queries.subject_of(case)
    return {
        "case": case,
        "row": rows.row(case, at),
        "number": number_of(case.serial, case.reported_at),
        "kind": rows.kind_name(case, kind),
        "kind_code": kind.code if kind else "",
        "facts": _facts(case, kind),
        "near": case.located == How.NEAREST,
        "map": _map(case),
        "why": [Text(*pair) for pair in case.why],
        "limits": [_limit(clock, case, at) for clock in running],
        "before": _pictures(shown, (Phase.REPORT, Phase.VERIFY)),
        "after": _pictures(shown, (Phase.HANDLE, Phase.CHECK)),
        "entries": [_entry(line) for line in reversed(history)],
        "mark": max((line.seq for line in history), default=0),
        "assignments": [_assignment(one) for one in queries.assignments(case.id) if one.part == "lead"],
        "joint": joint.panel(case, actor, at),
        "judging": consultation.case_panel(case, actor, at),
        "closing": followup.panel(case, actor, at),
        "reporter": reporter,
        "may_reveal": reporter is not None and access.may(actor, "case.reporter", subject),
        "card": _card(case),
        "main": queries.main_of(case, actor),
        "joined": queries.merged_into(case, actor),
        "forms": forms,
        "tried": tried,
        "problem_title": problem.title if problem else "",
        "problem_hint": problem.error.hint if problem else "",
        "problem_code": problem.error.code if problem else "",
        "problem_fields": _unshown(problem, forms, tried),
        "lost": _typed(typed) if problem and not offered and typed is not None else [],
        "meanwhile": [_entry(line) for line in history if seen is not None and line.seq > seen]
        if problem and problem.error.status == 409
        else [],
        "back": back,
        "now": at,
    }


def _card(case: queries.Case) -> dict[str, Any] | None:
    """The card of an open supervision, with how long there is to answer it."""
    card = queries.card_of(case)
    if card is None:
        return None
    return {
        "label": card.card.label,
        "red": card.card is Card.RED,
        "due": card.reply_due,
        "answered": card.replied_at,
    }


def _unshown(problem: Problem | None, forms: list[moveforms.MoveForm], tried: str) -> list[Text]:
    """Errors of fields that the form on the page has not."""
    if problem is None:
        return []
    there = {each.name for form in forms if form.name == tried for each in form.fields}
    return [text for name, text in problem.fields.items() if name not in there]


def _typed(typed: QueryDict) -> list[str]:
    """The texts that somebody typed into a form that is no longer there, so that none is lost."""
    found = (typed.get(name, "").strip() for name in moveforms.TEXTS)
    return [words for words in found if words]


def _facts(case: queries.Case, kind: queries.Kind | None) -> list[dict[str, Any]]:
    path = queries.unit_name(case.unit_id)
    condition = queries.condition_of(case)
    found: list[dict[str, Any]] = [
        {"label": Text("来源", "Source"), "value": _source(case)},
        {"label": Text("所在网格", "Unit"), "value": path or HOW_NAMES[How.NONE],
         "url": reverse("desk:unit", args=[case.unit_id]) if case.unit_id else ""},
        {"label": Text("定位方式", "How it was located"), "value": _located(case)},
        {"label": Text("地址", "Address"), "value": case.address},
        {"label": Text("事项类别", "Kind"), "value": f"{kind.name} {kind.code}" if kind else case.kind,
         "url": reverse("desk:kind", args=[kind.code]) if kind else ""},
        {"label": Text("立案条件", "Condition"), "value": condition.text if condition else ""},
        {"label": Text("结案标准", "Closed when"), "value": condition.closing if condition else ""},
        {"label": Text("评价", "Answer"), "value": Answer(case.answer).label if case.answer else ""},
    ]  # fmt: skip
    return [fact for fact in found if fact["value"]]


def _source(case: queries.Case) -> str:
    label = str(Source(case.source).label)
    return f"{label} · {case.source_number}" if case.source_number else label


def _located(case: queries.Case) -> Text:
    return HOW_NAMES[How(case.located)] if case.located in set(How) else GIVEN


def _map(case: queries.Case) -> dict[str, Any] | None:
    if case.lng is None or case.lat is None:
        return None
    chain = territory.snapshot().chain(case.unit_id) if case.unit_id else ()
    around = chain[-2].id if len(chain) > 1 else None
    units = reverse("desk:map-units") + (f"?parent={around}" if around else "")
    return {"lng": case.lng, "lat": case.lat, "units": units, "places": reverse("desk:map-places")}


def _limit(clock: clocks.Clock, case: queries.Case, at: datetime) -> dict[str, Any]:
    limit = reasons.limit_of(clock)
    return {
        "name": reasons.clock_name(clock),
        "limit": limit.label if limit else "",
        "started": clock.started_at,
        "due": clock.due_at,
        "state": "paused" if clock.paused_at else rows.time_state(clock.due_at, at),
        "provisional": clock.provisional,
        "why": reasons.why_limit(clock, case, at),
    }


def _pictures(found: dict[Phase, list[Any]], phases: tuple[Phase, ...]) -> list[dict[str, Any]]:
    return [
        {
            "url": reverse("desk:picture", args=[item.file_id]),
            "thumb": reverse("desk:picture-small", args=[item.file_id]),
            "alt": Text("{phase}照片 {n}", "{phase}, photo {n}").fill(phase=phase.label, n=number),
            "phase": phase.label,
            "at": item.at,
        }
        for phase in phases
        for number, item in enumerate(found.get(phase, ()), start=1)
    ]


def _entry(line: Recorded) -> dict[str, Any]:
    name = line.kind.rpartition(".")[2]
    photos = getattr(line.fact, "photos", ()) or ()
    return {
        "icon": ICONS.get(name, "circle-dashed"),
        "kind": KINDS.get(name, ""),
        "title": line.fact.sentence(),
        "text": getattr(line.fact, "text", "") if name == "CaseReported" else "",
        "moment": line.at,
        "who": who(line),
        "photos": [
            {
                "url": reverse("desk:picture", args=[photo]),
                "thumb": reverse("desk:picture-small", args=[photo]),
                "alt": Text("照片 {n}", "Photo {n}").fill(n=number),
            }
            for number, photo in enumerate(photos, start=1)
        ],
    }


def who(line: Recorded) -> str:
    """Who did it, with the post; a resident is only "the reporter", signed in with an account or not."""
    if line.by_kind == "system":
        return str(SYSTEM)
    if line.by_kind in {"resident", "anonymous"}:
        return str(REPORTER)
    return " · ".join(part for part in (line.by_label, str(line.by_post)) if part) or str(REPORTER)


def _assignment(one: Any) -> dict[str, Any]:
    taker: Text | str = ""
    if one.department is not None:
        taker = Text(one.department.name, one.department.name_en or one.department.name)
    elif one.post is not None:
        where = rows.place(one.post.unit_id)
        if where.zh.split(" ")[0] in one.post.title:
            where = Text("", "")
        taker = Text(
            f"{where.zh} {one.post.title}", f"{one.post.title_en or one.post.title}, {where.en}".strip(", ")
        )
    return {
        "to": taker,
        "holder": one.holder.name if one.holder else "",
        "assigned": one.assigned_at,
        "signed": one.signed_at,
        "done": one.done_at,
    }
