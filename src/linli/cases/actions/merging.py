"""Merging (并案): one of two cases of the same matter goes on, both reporters hear of it, and it can be undone.

Of two limits of the same name the earlier governs; the case that is further on stays the main one, so that no
limit is given up. What both were before is kept in `Merge`. Nothing is merged into a matter that is suspended: the
limits of whoever reported it second would stand still with it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from linli.cases import clocks, queries
from linli.cases.actions.charging import release
from linli.cases.actions.step import EVERY, Step, demand, finish, next_due, open_card, take
from linli.cases.events import CaseJoined, CaseMerged, CaseParted, MergeUndone
from linli.cases.models import Assignment, Case, Merge, Supervision
from linli.cases.rules import takes_in
from linli.cases.words import NOT_MERGEABLE, State, number_of
from linli.kernel import access, journal, rows, worktime
from linli.kernel import clocks as kernel_clocks
from linli.kernel.access import Actor
from linli.kernel.clocks import Clock
from linli.kernel.errors import CONFLICT, INVALID, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.kernel.worktime import Deadline, Limit, Unit

PEOPLE = ("department_id", "post_id", "handler_id", "checker_id")
KEPT = ("state", "desk", *PEOPLE, "due_at", "next_due_at", "supervised")
HANDLE = "cases.handle"


@transaction.atomic
def merge(
    case_id: UUID, *, by: Actor, at: datetime, into: UUID | None, note: str = "",
    id: UUID | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """Merge the case into another that is open and at least as far on.

    Afterwards nobody has to act on this one; its reporter is told and hears what happens to the main case, whose
    limits are the stricter of both. NOT_MERGEABLE otherwise, NOT_FOUND for a main case that cannot be seen.
    """
    _lock(case_id, into)
    step = take("merge", case_id, by=by, at=at, id=id, version=version, into=into, note=note)
    if step.repeated:
        return step.case
    if into is None:
        raise Problem(INVALID, fields={"into": Text("请选择并入的案件", "Choose the case to merge into")})
    case, main = step.case, queries.case_for(by, into)
    access.require(by, "case.merge", queries.subject_of(main))
    _fits(case, main)
    running = kernel_clocks.running(case.id)
    kept: dict[str, Any] = {name: _plain(getattr(case, name)) for name in KEPT}
    kept |= {
        "provisional": case.due_provisional,
        "clocks": [_clock(one) for one in running],
        "card": _plain(open_card(case.id)),
    }
    moved = _tighten(case, main, running, at)
    Merge.objects.create(id=uuid7(at), case_id=case.id, into_id=main.id, merged_at=at, kept=kept, moved=moved)
    release(case.id, at)
    number = number_of(case.serial, case.reported_at)
    changes = _changed(case, moved)
    joined = CaseJoined(case.id, number, main.due_at, changes.get("due_at", main.due_at))
    _change(main, step, joined, changes)
    fact = CaseMerged(main.id, number_of(main.serial, main.reported_at), note.strip())
    return finish(
        step, fact, stop=EVERY, closed_at=at, merged_into_id=main.id, department_id=None, post_id=None,
        handler_id=None, checker_id=None,
    )  # fmt: skip


@transaction.atomic
def unmerge(
    case_id: UUID, *, by: Actor, at: datetime, reason: str, id: UUID | None = None, version: int | None = None
) -> Case:
    """Undo the merge: the case is where it was, with the limits that it had, and the main case gets back those
    that only this one had tightened. A card that was open when it was merged is open again."""
    found = Merge.objects.filter(case_id=case_id, undone_at=None).first()
    _lock(case_id, found.into_id if found else None)
    step = take("unmerge", case_id, by=by, at=at, id=id, version=version, reason=reason)
    if step.repeated or found is None:
        return step.case
    demand(reason=reason)
    case, main, kept = step.case, Case.objects.get(pk=found.into_id), found.kept
    if Merge.objects.filter(pk=found.id, undone_at=None).update(undone_at=at) != 1:
        raise Problem(CONFLICT)  # undone and merged anew while this one waited for the lock
    number = number_of(case.serial, case.reported_at)
    due = _moment(kept["due_at"])
    back = _loosen(main, found, at)
    _change(main, step, CaseParted(case.id, number, back.get("due_at", main.due_at)), back)
    if kept["department_id"] or kept["post_id"]:
        Assignment.objects.create(
            case_id=case.id, department_id=kept["department_id"], post_id=kept["post_id"], assigned_at=at,
            signed_at=at if kept["handler_id"] else None, holder_id=kept["handler_id"],
        )  # fmt: skip
    started = [row for one in kept["clocks"] for row in _restored(case.id, one, at)]
    if started:
        rows.insert(started)
    if kept["card"]:
        Supervision.objects.filter(pk=kept["card"]).update(lifted_at=None)
    values = {name: kept[name] for name in KEPT} | {
        **{name: UUID(kept[name]) if kept[name] else None for name in PEOPLE}, "due_at": due, "next_due_at": _moment(kept["next_due_at"]), "due_provisional": kept["provisional"],
        "closed_at": None, "merged_into_id": None,
    }  # fmt: skip
    fact = MergeUndone(number_of(main.serial, main.reported_at), reason.strip(), due)
    return finish(step, fact, **values)


def _lock(*ids: UUID | None) -> None:
    """Lock both cases in one order, so that two merges the other way round never wait for each other."""
    wanted = [one for one in ids if one is not None]
    list(Case.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk").values_list("pk"))


def _fits(case: Case, main: Case) -> None:
    has_children = Case.objects.filter(merged_into_id=case.id).exists()
    if case.id == main.id or not takes_in(State(main.state), State(case.state)) or has_children:
        raise Problem(NOT_MERGEABLE, fields={"into": NOT_MERGEABLE.title})


def _tighten(case: Case, main: Case, running: list[Clock], at: datetime) -> dict[str, Any]:
    """Move the main case's clocks to the earlier due times of the other's; what changed, as [before, after].

    Where the main case is past a step, that step's limit is kept already.
    """
    moved: dict[str, Any] = {}
    theirs = {clock.name: clock for clock in running}
    for mine in kernel_clocks.running(main.id):
        other = theirs.get(mine.name)
        if other is None or other.due_at >= mine.due_at:
            continue
        moved[mine.name] = [_plain(mine.due_at), _plain(other.due_at)]
        kernel_clocks.move(
            main.id,
            mine.name,
            due_at=other.due_at,
            warn_at=other.warn_at,
            provisional=other.provisional,
            at=at,
            anew=False,
        )
    if HANDLE in moved:
        moved["due_at"] = [_plain(main.due_at), _plain(case.due_at)]
        moved["provisional"] = [main.due_provisional, case.due_provisional]
    return moved


def _changed(case: Case, moved: dict[str, Any]) -> dict[str, Any]:
    """The main case's columns after `_tighten`."""
    return {"due_at": case.due_at, "due_provisional": case.due_provisional} if "due_at" in moved else {}


def _loosen(main: Case, undone: Merge, at: datetime) -> dict[str, Any]:
    """Give the main case's limits back, as far as no other merged case holds them and nobody changed them since; the
    main case's columns that change. Whoever tightened them further gives them back later, to what was before both."""
    others = list(Merge.objects.filter(into_id=main.id, undone_at=None))
    back: dict[str, Any] = {}
    now = {clock.name: clock for clock in kernel_clocks.running(main.id)}
    was, _ = undone.moved.get("provisional", (False, False))
    for name, (before, after) in undone.moved.items():
        if name == "provisional":
            continue
        _pass_on(others, name, undone)
        floor = [(_due_in(other.kept, name), other.kept["provisional"]) for other in others]
        wanted, provisional = min([(before, was), *((due, unsure) for due, unsure in floor if due)])
        if name == "due_at" and _plain(main.due_at) == after:
            back |= {"due_at": _moment(wanted), "due_provisional": provisional}
        elif name in now and _plain(now[name].due_at) == after:
            _move_back(main.id, now[name], wanted, provisional and name == HANDLE, at)
    return back


def _move_back(main: UUID, clock: Clock, wanted: str, provisional: bool, at: datetime) -> None:
    due = datetime.fromisoformat(wanted)
    warn = clocks.warning(_started(_clock(clock) | {"due": wanted}), clock.started_at)
    kernel_clocks.move(main, clock.name, due_at=due, warn_at=warn, provisional=provisional, at=at, anew=False)


def _pass_on(others: list[Merge], name: str, undone: Merge) -> None:
    """Where another merge began from the limit that this one had set, it began from what was before this one."""
    for other in others:
        if name in other.moved and other.moved[name][0] == undone.moved[name][1]:
            other.moved[name][0] = undone.moved[name][0]
            if name == "due_at":
                other.moved["provisional"][0] = undone.moved["provisional"][0]
            Merge.objects.filter(pk=other.id).update(moved=other.moved)


def _due_in(kept: dict[str, Any], name: str) -> str | None:
    name = HANDLE if name == "due_at" else name
    return next((one["due"] for one in kept["clocks"] if one["name"] == name), None)


def _change(main: Case, step: Step, fact: journal.Fact, changes: dict[str, Any]) -> None:
    """Write the main case's part: its record, and the limits that changed."""
    due = next_due(main.id)
    Case.objects.filter(pk=main.id).update(version=main.version + 1, next_due_at=due, **changes)
    journal.record(fact, about=main.id, by=step.by, at=step.at)


def _clock(one: Clock) -> dict[str, Any]:
    return {
        "name": one.name, "amount": str(one.amount), "unit": one.unit, "due": _plain(one.due_at),
        "provisional": one.provisional, "step": one.step, "warned": _plain(one.warned_at),
        "fired": _plain(one.fired_at), "over": one.next_at is None,
    }  # fmt: skip


def _restored(case_id: UUID, kept: dict[str, Any], at: datetime) -> list[rows.Row]:
    """The rows of a clock that runs again after an undone merge. Of what it had warned or raised already nothing is
    said twice: a late one is raised again only when the next such interval has passed."""
    found = clocks.start_rows(case_id, _started(kept), at)
    for _, values in found:
        again: datetime | None = values["due_at"]
        if kept["fired"]:
            again = worktime.deadline(at, queries.limit("raise_again"), worktime.default_calendar()).due
            again = None if kept["over"] else again
        if kept["fired"] or kept["warned"]:
            values |= {
                "step": kept["step"], "warned_at": _moment(kept["warned"]), "fired_at": _moment(kept["fired"]),
                "next_at": again,
            }  # fmt: skip
    return found


def _started(kept: dict[str, Any]) -> clocks.Started:
    due = _moment(kept["due"])
    assert due is not None
    amount = float(kept["amount"])
    limit = Limit(int(amount) if amount.is_integer() else amount, Unit(kept["unit"]))
    return clocks.Started(kept["name"].removeprefix("cases."), limit, Deadline(due, kept["provisional"]))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
