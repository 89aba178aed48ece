"""The random re-inspection: commit, draw, look again, reopen what is not solved."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction

from linli.cases import queries as cases
from linli.cases.actions import moves
from linli.cases.queries import Case
from linli.followup import queries
from linli.followup.events import CaseInspected, DrawCommitted, DrawRevealed, InspectionAssigned
from linli.followup.models import Draw, Inspection, InspectionPicture
from linli.followup.queries.drawing import DRAW, INSPECT
from linli.followup.rules import drawing as rules
from linli.followup.words import (
    DRAWN_BEFORE,
    INSPECTED_ALREADY,
    NOBODY_TO_DRAW,
    NOT_ELIGIBLE,
    NOT_YOURS,
    TOO_EARLY,
    Found,
)
from linli.kernel import access, files, journal
from linli.kernel.access import Actor
from linli.kernel.errors import CONFLICT, INVALID, NOT_FOUND, RETRY_DIFFERS, Problem
from linli.kernel.fields import blind_index, decrypt, encrypt
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.territory import queries as territory

LONGEST = 1000
UNSOLVED = Text("随机复查发现结案但未解决", "A random re-inspection found it closed but not solved")


@transaction.atomic
def commit_draw(
    *, id: UUID, unit: UUID, since: datetime, until: datetime, size: int, by: Actor, at: datetime
) -> Draw:
    """Freeze the cases closed from `since` until before `until` in the unit, make a seed, and record the hashes of both
    with the size: from now on nobody can choose what will be drawn. The seed stays encrypted until `draw`."""
    digest = blind_index("write", f"{unit}|{since.isoformat()}|{until.isoformat()}|{size}")
    earlier = _earlier(id, digest, by)
    if earlier is not None:
        return earlier
    if territory.snapshot().unit(unit) is None:
        raise Problem(INVALID, fields={"unit": Text("没有这个网格", "There is no such unit")})
    access.require(by, DRAW, queries.subject_of_unit(unit))
    population = _population(unit, since, until, size, at)
    seed = secrets.token_bytes(rules.SEED_BYTES)
    made = Draw(
        id=id, unit_id=unit, since=since, until=until, population=len(population),
        population_sha256=rules.population_hash(population),
        members=b"".join(UUID(each).bytes for each in population), size=min(size, len(population)),
        commitment=rules.commitment(seed), seed_cipher=encrypt(seed.hex(), _place(id)), committed_at=at,
        committed_by_id=by.account_id, fingerprint=digest,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        earlier = _earlier(id, digest, by)  # sent twice at the same moment
        if earlier is not None:
            return earlier
        raise Problem(DRAWN_BEFORE) from None
    fact = DrawCommitted(
        unit, since, until, made.population, made.population_sha256, made.size, made.commitment
    )
    journal.record(fact, about=made.id, by=by, at=at)
    return made


def _earlier(id: UUID, digest: str, by: Actor) -> Draw | None:
    """The draw of an earlier sending of the same; RETRY_DIFFERS when the id was used for something else."""
    found = Draw.objects.filter(pk=id).first()
    if found is not None and (found.fingerprint != digest or found.committed_by_id != by.account_id):
        raise Problem(RETRY_DIFFERS)
    return found


def _population(unit: UUID, since: datetime, until: datetime, size: int, at: datetime) -> list[str]:
    law, wrong = queries.draw_law(), dict[str, Text]()
    if until <= since:
        wrong["until"] = Text("结束须晚于开始", "The end comes after the beginning")
    elif until > at:
        # What closes later would still change the population.
        wrong["until"] = Text("只能抽取已经过去的时间", "Only a period that is over can be drawn from")
    if not 1 <= size <= law["most_sample"]:
        most = law["most_sample"]
        wrong["size"] = Text(f"抽 1 至 {most} 件", f"From 1 to {most}")
    if wrong:
        raise Problem(INVALID, fields=wrong)
    ids = queries.closed_in(unit, since, until)
    if not ids:
        raise Problem(NOBODY_TO_DRAW)
    if len(ids) > law["most_population"]:
        most = law["most_population"]
        raise Problem(
            INVALID,
            fields={
                "until": Text(f"总体超过 {most} 件,请缩短时间", f"More than {most} cases: take less time")
            },
        )
    return rules.population_of(ids)


@transaction.atomic
def draw(draw_id: UUID, *, by: Actor, at: datetime) -> Draw:
    """Show the seed and draw with it; each drawn case goes to somebody who neither handled nor checked it.

    At once by another person than who committed, else after the rulebook's minutes. Drawing again changes nothing.
    """
    one = Draw.objects.select_for_update(of=("self",)).filter(pk=draw_id).first()
    if one is None:
        raise Problem(NOT_FOUND)
    access.require(by, DRAW, queries.subject_of_unit(one.unit_id))
    if one.drawn_at is not None:
        return one
    if at < queries.drawable_from(one, by):
        raise Problem(TOO_EARLY)
    seed = decrypt(bytes(one.seed_cipher), _place(one.id))
    changes = {"seed": seed, "drawn_at": at, "drawn_by": by.account_id}
    if Draw.objects.filter(pk=one.id, drawn_at=None).update(**changes) != 1:
        return Draw.objects.get(pk=one.id)
    sample = rules.sample(bytes.fromhex(seed), queries.members(one), one.size)
    journal.record(DrawRevealed(seed, tuple(sample)), about=one.id, by=by, at=at)
    _assign(one, [UUID(each) for each in sample], by, at)
    return Draw.objects.get(pk=one.id)


def _assign(one: Draw, sample: list[UUID], by: Actor, at: datetime) -> None:
    checkers = rules.spread(sample, queries.eligible(sample, at))
    rows = [
        Inspection(
            id=uuid7(at), draw_id=one.id, case_id=case_id, position=number, checker_id=checkers[case_id]
        )
        for number, case_id in enumerate(sample, start=1)
    ]
    Inspection.objects.bulk_create(rows)
    for row in rows:
        journal.record(InspectionAssigned(row.id, row.checker_id), about=row.case_id, by=by, at=at)


@transaction.atomic
def take_inspection(inspection_id: UUID, *, by: Actor, at: datetime) -> Inspection:
    """Take an inspection over that is not done yet, from nobody or from a colleague."""
    one, case = _locked(inspection_id, by)
    access.require(by, INSPECT, cases.subject_of(case))
    if not queries.may_inspect(by, case):
        raise Problem(NOT_ELIGIBLE)
    if one.checker_id == by.account_id:
        return one
    if Inspection.objects.filter(pk=one.id, found="").update(checker=by.account_id) != 1:
        raise Problem(INSPECTED_ALREADY)
    journal.record(InspectionAssigned(one.id, by.account_id), about=case.id, by=by, at=at)
    return Inspection.objects.get(pk=one.id)


@transaction.atomic
def inspect(
    inspection_id: UUID, *, found: Found, words: str, photos: Sequence[UUID] = (), by: Actor, at: datetime
) -> Inspection:
    """Say what was found. By the one whose inspection it is, who neither handled nor checked the case. The same said
    again changes nothing."""
    one, case = _locked(inspection_id, by)
    access.require(by, INSPECT, cases.subject_of(case))
    digest = _fingerprint(found, words, photos)
    if one.found:
        if one.fingerprint == digest and one.checker_id == by.account_id:
            return one
        raise Problem(INSPECTED_ALREADY)
    if one.checker_id != by.account_id:
        raise Problem(NOT_YOURS)
    if not queries.may_inspect(by, case):
        raise Problem(NOT_ELIGIBLE)
    if not words.strip():
        raise Problem(INVALID, fields={"words": Text("请写下看到的情况", "Say what you saw")})
    if len(words) > LONGEST:
        raise Problem(INVALID, fields={"words": Text(f"最多 {LONGEST} 字", f"At most {LONGEST} characters")})
    ids = tuple(dict.fromkeys(photos))
    files.attach(ids, at=at, by=by.account_id)
    changes = {"found": found.value, "inspected_at": at, "fingerprint": digest}
    if Inspection.objects.filter(pk=one.id, found="", checker_id=by.account_id).update(**changes) != 1:
        raise Problem(CONFLICT)
    InspectionPicture.objects.bulk_create(
        InspectionPicture(id=uuid7(at), inspection_id=one.id, file_id=each) for each in ids
    )
    fact = CaseInspected(one.id, found.value, words.strip(), tuple(str(each) for each in ids))
    journal.record(fact, about=case.id, by=by, at=at)
    return Inspection.objects.get(pk=one.id)


@transaction.atomic
def reopen_found(inspection_id: UUID, *, by: Actor, at: datetime) -> Case:
    """Reopen a case that was found not solved, one level up; bounded as every reopening. Doing it again changes
    nothing."""
    one, case = _locked(inspection_id, by)
    access.require(by, "case.reopen", cases.subject_of(case))
    if one.found != Found.NOT_SOLVED:
        raise Problem(CONFLICT)
    if one.reopened_at is None:
        case = moves.reopen(case.id, by=by, at=at, reason=UNSOLVED.zh, id=uuid5(one.id, "reopen"))
        Inspection.objects.filter(pk=one.id).update(reopened_at=at)
    return case


def _locked(inspection_id: UUID, by: Actor) -> tuple[Inspection, Case]:
    one = Inspection.objects.select_for_update(of=("self",)).filter(pk=inspection_id).first()
    case = Case.objects.filter(pk=one.case_id).first() if one else None
    if one is None or case is None or not cases.sees_as_staff(by, case):
        raise Problem(NOT_FOUND)
    return one, case


def _place(draw_id: UUID) -> str:
    return f"followup_draw|seed_cipher|{draw_id}"


def _fingerprint(found: Found, words: str, photos: Sequence[UUID]) -> str:
    content: list[Any] = [found.value, words.strip(), [str(each) for each in photos]]
    return blind_index("write", json.dumps(content))
