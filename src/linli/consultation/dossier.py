"""The whole file of a case as one archive that anybody can verify (`verify_dossier`).

Data are canonical JSON; `index.html` says the same for people. Nothing here writes to the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from linli.cases import queries as cases
from linli.cases.words import Source, State, number_of
from linli.consultation import documents, queries, rules, verify_dossier
from linli.consultation.events import DecisionWritten, OpinionWritten, ReasonWritten
from linli.consultation.models import Consultation, Document, Opinion
from linli.consultation.words import Asked, Level, Risk, Stage
from linli.kernel import codec, files, proofs, seal
from linli.kernel.proofs import Proofs, Proved
from linli.people import queries as people
from linli.territory import queries as territory

ANOTHER_YEAR = timedelta(days=800)
"""Dates are shown as seen from then, so that each is written with its year."""
STYLE = Path(__file__).with_name("dossier.css")
CLOSED_TO_ALL = (ReasonWritten,)
"""Facts whose words never leave the town: why somebody declined."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be put together: for whom, with opinions of which levels, numbers masked or not."""

    case: cases.Case
    to: str
    levels: frozenset[Level]
    unmasked: bool
    at: datetime


@dataclass(slots=True)
class Built:
    """The archive with what is in it."""

    data: bytes
    files: int
    checkpoint: int
    opinions: list[UUID] = field(default_factory=list)
    withheld: int = 0

    @property
    def sha256(self) -> str:
        """Its checksum."""
        return sha256(self.data).hexdigest()


@dataclass(slots=True)
class _Parts:
    plan: Plan
    found: Proofs
    consultations: list[Consultation]
    opinions: list[Opinion]
    written: dict[UUID, queries.Written]
    files: dict[str, bytes] = field(default_factory=dict)

    def mask(self, text: str) -> str:
        """The text as it may leave the town."""
        return text if self.plan.unmasked else rules.mask(text)

    def shown(self, opinion: Opinion) -> bool:
        """Whether this opinion goes along."""
        return Level(opinion.level) in self.plan.levels


def build(plan: Plan) -> Built | None:
    """The archive as of the newest checkpoint; None when something of the case is not sealed yet."""
    consultations = queries.consultations_of(plan.case.id)
    found = proofs.of([plan.case.id, *(each.id for each in consultations)])
    if found is None or found.unsealed:
        return None
    opinions = list(
        Opinion.objects.filter(invitation__consultation__case_id=plan.case.id)
        .select_related("invitation__consultation", "author")
        .order_by("at", "id")
    )
    written = {each.id: queries.written(each.id) for each in consultations}
    parts = _Parts(plan, found, consultations, opinions, written)
    told = _tell(parts)
    for name, value in told.items():
        parts.files[f"{name}.json"] = codec.dumps(value).encode() + b"\n"
    parts.files[verify_dossier.CHECKPOINT] = found.note.encode()
    parts.files["index.html"] = _page(parts, told)
    parts.files["style.css"] = STYLE.read_bytes()
    data = verify_dossier.pack([(verify_dossier.MANIFEST, _manifest(parts)), *sorted(parts.files.items())])
    chosen = [each.id for each in opinions if parts.shown(each)]
    return Built(data, len(parts.files) + 1, found.statement.size, chosen, len(opinions) - len(chosen))


def _tell(parts: _Parts) -> dict[str, Any]:
    return {
        "case": _case(parts),
        "history": [_fact(parts, each) for each in parts.found.facts],
        "consultations": [_consultation(parts, each) for each in parts.consultations],
        "opinions": [_opinion(parts, each) for each in parts.opinions],
        "decisions": [each for one in parts.consultations for each in _decisions(parts, one)],
        "pictures": _pictures(parts),
        "documents": _documents(parts),
    }


def _manifest(parts: _Parts) -> bytes:
    """The signed list of files."""
    key, case = seal.signer(), parts.plan.case
    lines: list[tuple[str, object]] = [
        ("case", number_of(case.serial, case.reported_at)), ("case-id", case.id), ("town", settings.TOWN_NAME or key.name),
        ("to", parts.plan.to), ("made", parts.plan.at), ("key", key.verifier),
        ("checkpoint", parts.found.statement.size),
    ]  # fmt: skip
    for name, data in sorted(parts.files.items()):
        lines.append(("file", f"{sha256(data).hexdigest()} {len(data)} {name}"))
    return key.sign(rules.statement(verify_dossier.TITLE, lines)).encode()


def _case(parts: _Parts) -> dict[str, Any]:
    case = parts.plan.case
    kind, condition = cases.kind_of(case), cases.condition_of(case)
    unit = territory.snapshot().unit(case.unit_id) if case.unit_id else None
    return {
        "id": case.id, "number": number_of(case.serial, case.reported_at), "source": case.source,
        "source_name": Source(case.source).label.zh, "source_number": case.source_number,
        "kind": case.kind, "kind_name": kind.name.zh if kind else case.kind, "catalogue": case.catalogue,
        "condition": case.condition, "condition_name": condition.text.zh if condition else "",
        "text": parts.mask(case.text), "address": parts.mask(case.address), "lng": case.lng, "lat": case.lat,
        "unit": unit.code if unit else "", "unit_name": territory.snapshot().path_text(case.unit_id).zh if case.unit_id else "",
        "state": case.state, "state_name": State(case.state).label.zh, "why": case.why,
        "reported_at": case.reported_at, "registered_at": case.registered_at, "dispatched_at": case.dispatched_at,
        "handled_at": case.handled_at, "closed_at": case.closed_at, "due_at": case.due_at,
        "reporter": _reporter(parts), "masked": not parts.plan.unmasked,
    }  # fmt: skip


def _reporter(parts: _Parts) -> dict[str, str] | None:
    case = parts.plan.case
    if case.reporter_id is None:
        return None
    if parts.plan.unmasked:
        return {
            "phone": people.phone_of(case.reporter_id) or "",
            "name": people.name_of(case.reporter_id) or "",
        }
    masked = cases.reporter_of(case)
    return {"phone": masked.phone, "name": masked.name} if masked else None


def _fact(parts: _Parts, proved: Proved) -> dict[str, Any]:
    """A fact with its proof; personal fields that may be shown are opened with their salt, so that they too can
    be checked."""
    line = proved.recorded
    said = line.fact.sentence()
    hidden = _closed(parts, line.fact)
    return {
        "about": line.about, "leaf": proved.leaf, "index": proved.index, "path": [part.hex() for part in proved.path],
        "at": line.at, "by": " ".join(part for part in (line.by_label, line.by_post.zh) if part),
        "zh": parts.mask(said.zh), "en": parts.mask(said.en),
        "opened": {
            name: [salt.hex(), value] for name, (salt, value) in proved.personal.items() if not hidden and _plain(parts, name, value)
        },
    }  # fmt: skip


def _closed(parts: _Parts, fact: object) -> bool:
    if isinstance(fact, OpinionWritten):
        chosen = {each.id for each in parts.opinions if parts.shown(each)}
        return fact.opinion not in chosen
    return isinstance(fact, CLOSED_TO_ALL)


def _plain(parts: _Parts, name: str, value: Any) -> bool:
    """Whether nothing in the value has to be masked: what is masked cannot be checked, so it is not opened."""
    texts = value.values() if isinstance(value, dict) else [value]
    return name == "salt" or all(parts.mask(str(text)) == str(text) for text in texts)


def _consultation(parts: _Parts, one: Consultation) -> dict[str, Any]:
    return {
        "id": one.id, "topic": parts.mask(one.topic), "risk": one.risk, "risk_name": Risk(one.risk).label.zh,
        "stage": one.stage, "stage_name": Stage(one.stage).label.zh, "asked_at": one.asked_at,
        "question": parts.mask(parts.written[one.id].question),
        "asked": [
            {"id": each.id, "name": each.name_zh, "stage": each.stage, "stage_name": Asked(each.stage).label.zh,
             "due_at": each.due_at, "answered_at": each.answered_at, "missed_at": each.missed_at}
            for each in sorted(one.invitations.all(), key=lambda invitation: invitation.id)
        ],
    }  # fmt: skip


def _opinion(parts: _Parts, one: Opinion) -> dict[str, Any]:
    """An opinion with its signed note; its words and their salt when it goes along and nothing in it is masked."""
    told: dict[str, Any] = {
        "id": one.id, "consultation": one.invitation.consultation_id, "asked": one.invitation.name_zh,
        "author": one.author.name if one.author else "", "version": one.version,
        "current": one.version == one.invitation.versions, "level": one.level, "level_name": Level(one.level).label.zh,
        "at": one.at, "note": one.note, "included": parts.shown(one), "text": "", "salt": "",
    }  # fmt: skip
    words = parts.written[one.invitation.consultation_id].opinions.get(one.id)
    if parts.shown(one) and words is not None:
        told["text"] = parts.mask(words.text)
        told["salt"] = words.salt if told["text"] == words.text else ""
    return told


def _decisions(parts: _Parts, one: Consultation) -> Iterator[dict[str, Any]]:
    for verdict in one.verdicts.order_by("version").prefetch_related("weighed__opinion__invitation"):
        words = parts.written[one.id].decisions.get(verdict.id)
        told = _masked(parts, words) if words else None
        reasons = (told.reasons if told else {}) or {}
        yield {
            "id": verdict.id, "consultation": one.id, "version": verdict.version, "holds": verdict.version == one.decisions,
            "by": verdict.by_name, "meeting": [name for _, name in verdict.meeting], "at": verdict.at,
            "note": verdict.note, "text": queries.decided_text(told) if told else "", "salt": told.salt if told else "",
            "words": told.text if told else "",
            "weighed": [
                {"opinion": each.opinion_id, "asked": each.opinion.invitation.name_zh, "version": each.opinion.version,
                 "followed": each.followed, "reason": reasons.get(str(each.opinion_id), "")}
                for each in sorted(verdict.weighed.all(), key=lambda w: w.opinion_id)
            ],
        }  # fmt: skip


def _masked(parts: _Parts, words: DecisionWritten) -> DecisionWritten:
    """The words of a decision as they may leave the town; without their salt when something had to be masked."""
    reasons = {key: parts.mask(value) for key, value in (words.reasons or {}).items()}
    told = replace(words, text=parts.mask(words.text), reasons=reasons)
    return told if told == words else replace(told, salt="")


def _pictures(parts: _Parts) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    for phase, items in cases.evidence(parts.plan.case.id).items():
        for item in items:
            name = f"pictures/{len(told) + 1:03d}-{phase.value}.jpg"
            with files.open_file(item.file_id) as stream:
                parts.files[name] = stream.read()
            told.append(
                {"file": name, "id": item.file_id, "phase": phase.value, "phase_name": phase.label.zh,
                 "at": item.at, "sha256": sha256(parts.files[name]).hexdigest()}
            )  # fmt: skip
    return told


def _documents(parts: _Parts) -> list[dict[str, Any]]:
    chosen = {each.id for each in parts.opinions if parts.shown(each)}
    told: list[dict[str, Any]] = []
    for paper in Document.objects.filter(consultation__case_id=parts.plan.case.id).order_by("at", "id"):
        if paper.opinion_id is not None and paper.opinion_id not in chosen:
            continue
        name = f"documents/{len(told) + 1:03d}.pdf"
        parts.files[name] = documents.path_of(paper.sha256).read_bytes()
        told.append(
            {"file": name, "name": paper.name, "consultation": paper.consultation_id, "opinion": paper.opinion_id,
             "at": paper.at, "sha256": paper.sha256}
        )  # fmt: skip
    return told


def _page(parts: _Parts, told: dict[str, Any]) -> bytes:
    """The file for people, in Chinese."""
    shown = {
        **told,
        "now": parts.plan.at + ANOTHER_YEAR,
        "plan": parts.plan,
        "key": str(seal.signer().verifier),
        "size": parts.found.statement.size,
    }
    with translation.override("zh-hans"):
        return render_to_string("consultation/dossier.html", shown).encode()
