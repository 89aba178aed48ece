"""What every move does the same way: find, allow, guard, change, record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from linli.cases import clocks, queries, rules
from linli.cases.events import WishLapsed
from linli.cases.models import Case, Evidence, Request, Supervision
from linli.cases.words import (
    CHECKER_IS_HANDLER,
    DESK_OF,
    ENDED,
    MOVE_NOT_OPEN,
    NOT_SETTLED_HERE,
    NOT_SUPERVISED,
    NOTHING_ASKED,
    ONCE_ONLY,
    OWN_REQUEST,
    PARTS_OPEN,
    REOPEN_BOUND,
    RETURN_LATE,
    RULED_ALREADY,
    RULING_NEEDED,
    TOO_LATE,
    WAITING_ALREADY,
    Phase,
    State,
    Wish,
)
from linli.kernel import access, composed, files, journal, rows
from linli.kernel import clocks as kernel_clocks
from linli.kernel.access import Actor
from linli.kernel.errors import CONFLICT, INVALID, NOT_FOUND, RETRY_DIFFERS, Problem
from linli.kernel.fields import blind_index
from linli.kernel.ids import uuid7
from linli.kernel.journal import Fact
from linli.kernel.text import Text

GUARDED = {
    "checker": CHECKER_IS_HANDLER,
    "settle": NOT_SETTLED_HERE,
    "reopen": REOPEN_BOUND,
    "ruled": RULED_ALREADY,
    "ruling": RULING_NEEDED,
    "return_late": RETURN_LATE,
    "once": ONCE_ONLY,
    "late": TOO_LATE,
    "waiting": WAITING_ALREADY,
    "nothing": NOTHING_ASKED,
    "own": OWN_REQUEST,
    "parts": PARTS_OPEN,
    "unsupervised": NOT_SUPERVISED,
}
MEANT_IN = {
    Wish.EXTENSION: {State.HANDLING, State.SUSPENDED},
    Wish.SUSPENSION: {State.HANDLING, State.SUSPENDED},
    Wish.APPEAL: {State.CLOSED, State.FOLLOWED_UP},
}
"""In which states a request can still be decided, or will be again."""
LONGEST = 2000
EVERY = ("*",)


@dataclass(slots=True)
class Step:
    """One move under way: the locked case, who moves it, and under which id it is recorded."""

    move: rules.Move
    case: Case
    by: Actor
    at: datetime
    id: UUID
    fingerprint: str
    repeated: bool


def take(
    name: str, case_id: UUID, *, by: Actor, at: datetime, id: UUID | None, version: int | None, **content: Any
) -> Step:
    """Lock the case and make sure that this move may be made now.

    `id` is the client's id of this write: when it was recorded before with the same content, `repeated` is
    true and nothing may change again. Raises NOT_FOUND when the actor may not even see the case,
    NOT_ALLOWED, MOVE_NOT_OPEN, CONFLICT when `version` is not the present one, and the guards' refusals.
    """
    move = rules.MOVES[name]
    case = composed.one(Case, lock=True, id=case_id)
    if case is None or not (queries.may_see(by, case) or _wrote(id, case.id, by)):
        raise Problem(NOT_FOUND)
    write_id = id or uuid7(at)
    digest = fingerprint(name, content)
    if id is not None and _recorded_before(id, case.id, digest):
        return Step(move, case, by, at, write_id, digest, True)
    access.require(by, move.action, queries.subject_of(case))
    state = State(case.state)
    if state not in move.before:
        raise Problem(MOVE_NOT_OPEN, state=state.label, move=move.label)
    refused = rules.guard(name, queries.standing(case, by), at)
    if refused:
        raise Problem(GUARDED[refused])
    if version is not None and version != case.version:
        raise Problem(CONFLICT)
    check_words(content)
    return Step(move, case, by, at, write_id, digest, False)


def _wrote(id: UUID | None, case_id: UUID, by: Actor) -> bool:
    """Whether this is their own write once more: whoever returns a case sees it no longer, but may repeat that."""
    earlier = journal.find(id) if id is not None and by.account_id is not None else None
    return earlier is not None and earlier.about == case_id and earlier.by_id == by.account_id


def _recorded_before(id: UUID, case_id: UUID, digest: str) -> bool:
    earlier = journal.find(id)
    if earlier is not None and (earlier.about != case_id or earlier.fingerprint != digest):
        raise Problem(RETRY_DIFFERS)
    return earlier is not None


def fingerprint(name: str, content: dict[str, Any]) -> str:
    """What two requests for the same move with the same content have in common.

    Keyed, because it stays in the journal: nobody who reads it can try texts until one fits.
    """
    return blind_index("write", json.dumps([name, content], default=str, sort_keys=True))


def check_words(content: dict[str, Any]) -> None:
    """Refuse texts that are longer than any form takes."""
    for name, value in content.items():
        if isinstance(value, str) and len(value) > LONGEST:
            raise Problem(INVALID, fields={name: Text(f"最多 {LONGEST} 字", f"At most {LONGEST} characters")})


def demand(**values: str) -> None:
    """Refuse with the names of the texts that are missing."""
    missing = {
        name: Text("请填写此项", "Please fill this in") for name, value in values.items() if not value.strip()
    }
    if missing:
        raise Problem(INVALID, fields=missing)


def finish(
    step: Step,
    fact: Fact,
    *,
    stop: Sequence[str] = (),
    start: Sequence[clocks.Started] = (),
    next_due: datetime | None = None,
    **changes: Any,
) -> Case:
    """Write the change, its fact and its clocks; the case's version goes up by one.

    `next_due` is the earliest deadline that runs afterwards; by default the earliest of those started.
    """
    case, after = step.case, step.move.after
    if after is not None:
        changes = _left_behind(step, after) | changes
        changes = {"state": after.value, "desk": DESK_OF[after].value} | changes
        due = [each.deadline.due for each in start] + ([next_due] if next_due else [])
        changes["next_due_at"] = min(due) if due else None
    changes["version"] = case.version + 1
    if composed.change(Case, {"id": case.id, "version": case.version}, **changes) != 1:
        raise Problem(CONFLICT)
    for name, value in changes.items():
        setattr(case, name, value)
    try:
        journal.record(fact, about=case.id, by=step.by, at=step.at, id=step.id, fingerprint=step.fingerprint)
    except IntegrityError:
        # The same write id for another case, at the same moment: the lock on this one did not hold it up.
        raise Problem(RETRY_DIFFERS) from None
    if stop == EVERY:
        kernel_clocks.stop(case.id, at=step.at)
    elif stop:
        kernel_clocks.stop(case.id, *(f"cases.{name}" for name in stop), at=step.at)
    found: list[rows.Row] = []
    for each in start:
        found += clocks.start_rows(case.id, each, step.at)
    if found:
        rows.insert(found)
    return case


def _left_behind(step: Step, after: State) -> dict[str, Any]:
    """End what belongs to the state that is left: requests that nobody decided, and the card of what has ended."""
    case = step.case
    changes: dict[str, Any] = {}
    if case.wishes:
        open_wishes = Request.objects.filter(case_id=case.id, granted=None)
        lapsed = [one for one in open_wishes if after not in MEANT_IN[Wish(one.wish)]]
        for one in lapsed:
            Request.objects.filter(pk=one.id).update(granted=False, decided_at=step.at, lapsed=True)
            journal.record(WishLapsed(one.id, one.wish), about=case.id, by=step.by, at=step.at)
        changes["wishes"] = case.wishes - len(lapsed)
    if case.supervised and after in ENDED:
        lift_open(case.id, step.at)
        changes["supervised"] = ""
    return changes


def next_due(case_id: UUID, *, without: str = "") -> datetime | None:
    """When the first of its running limits ends (`without` one that is about to stop): what stands still does not
    count, nor does the answer to a card, which is not the desk's."""
    aside = {"cases.reply", f"cases.{without}"}
    return min(
        (
            one.due_at
            for one in kernel_clocks.running(case_id)
            if one.paused_at is None and one.name not in aside
        ),
        default=None,
    )


def open_card(case_id: UUID) -> UUID | None:
    """The open card of a supervision, if there is one."""
    return Supervision.objects.filter(case_id=case_id, lifted_at=None).values_list("id", flat=True).first()


def lift_open(case_id: UUID, at: datetime) -> None:
    """End the open card of a supervision, if there is one."""
    Supervision.objects.filter(case_id=case_id, lifted_at=None).update(lifted_at=at)


def keep_photos(step: Step, photos: Sequence[UUID], phase: Phase) -> tuple[str, ...]:
    """Attach the pictures to the case at this phase; their ids as the fact keeps them."""
    ids = tuple(dict.fromkeys(photos))
    if ids:
        files.attach(ids, at=step.at, by=step.by.account_id)
        Evidence.objects.bulk_create(
            [
                Evidence(
                    id=uuid7(step.at), case_id=step.case.id, file_id=photo, phase=phase.value,
                    taken_by_id=step.by.account_id, at=step.at,
                )
                for photo in ids
            ],
            ignore_conflicts=True,
        )  # fmt: skip
    return tuple(str(photo) for photo in ids)
