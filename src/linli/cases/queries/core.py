"""Reads that actions, pages and the interface share. What somebody may see is decided here, in SQL, by `visible_to`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from linli.cases import messages, rules, story
from linli.cases.catalogue import Condition, Kind
from linli.cases.catalogue_store import load as catalogue
from linli.cases.events import CaseHandedIn, CaseSigned
from linli.cases.messages import Told
from linli.cases.models import RANKS, Case, Evidence, Request, SavedFilter, Supervision
from linli.cases.queries.helping import helped_by, helps
from linli.cases.queries.numbers import numbered
from linli.cases.words import Desk, Phase, State, Verdict, Wish, serial_of, tracking_code
from linli.kernel import access, composed, journal, rulebook, worktime
from linli.kernel.access import Actor, Subject
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.journal import Recorded
from linli.kernel.models import FactRow
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import Responsible
from linli.territory import queries as territory

COUNT_CAP = 500
PAGE = 50


def limits() -> dict[str, Any]:
    """The rulebook's stage limits and bounds."""
    return rulebook.table("limits")


def limit(name: str) -> worktime.Limit:
    """One stage limit of the rulebook, such as `dispatch_hotline`."""
    row = limits()["limit"][name]
    return worktime.Limit(row["amount"], worktime.Unit(row["unit"]))


def subject_of(case: Case) -> Subject:
    """The case as access sees it. One whose reporter is not known belongs to whoever holds its tracking code."""
    units = frozenset(territory.snapshot().ancestors(case.unit_id)) if case.unit_id else frozenset()
    return Subject(
        units=units,
        departments=frozenset({case.department_id} if case.department_id else ()),
        posts=frozenset({case.post_id} if case.post_id else ()),
        residents=frozenset({case.reporter_id or case.id}),
    )


def within(unit_id: UUID) -> Q:
    """Cases that lie in this unit or below it, by the ancestor column of its rank; none in an unknown unit."""
    tree = territory.snapshot()
    if tree.unit(unit_id) is None:
        return Q(pk__in=())
    depth = tree.depth(unit_id)
    if depth == 0:
        return Q() if len(tree.roots()) == 1 else Q(unit_id__in=_below(unit_id))
    if depth <= RANKS:
        return Q(**{f"a{depth}": unit_id})
    return Q(unit_id__in=_below(unit_id))


def _below(unit_id: UUID) -> list[UUID]:
    found = territory.snapshot().descendants(unit_id, closed=True)
    return [unit_id, *(unit.id for unit in found)]


def ancestors_of(unit_id: UUID | None) -> dict[str, UUID | None]:
    """The columns a1…a6 of a case in this unit."""
    line = territory.snapshot().ancestors(unit_id)[1 : RANKS + 1] if unit_id else ()
    return {f"a{rank}": line[rank - 1] if rank <= len(line) else None for rank in range(1, RANKS + 1)}


def visible_to(actor: Actor, action: str = "case.view") -> QuerySet[Case]:
    """The cases to which the actor may do this (see them, by default)."""
    if actor.kind == "system":
        return Case.objects.all()
    allowed = Q(pk__in=())
    for scope, post in access.reach(actor, action):
        if scope == "unit":
            where = within(post.unit_id)
            if not where:
                return Case.objects.all()
            allowed |= where
        elif scope == "department" and post.department_id:
            allowed |= Q(department_id=post.department_id)
        elif scope == "post":
            allowed |= Q(post_id=post.id)
    helped = helped_by(actor) if action == "case.view" else None
    return Case.objects.filter(allowed | helped if helped else allowed)


def signing_roles() -> frozenset[str]:
    """The roles whose post signs for what is charged to it; a matter goes to no other post."""
    return frozenset(grant.role for grant in access.policy().grants("case.sign") if grant.scope == "post")


def seen(actor: Actor, ids: Iterable[UUID]) -> set[UUID]:
    """Those of these cases that the actor may see as staff; no query when there are none."""
    wanted = list(ids)
    return set(visible_to(actor).filter(pk__in=wanted).values_list("id", flat=True)) if wanted else set()


def case_for(actor: Actor, case_id: UUID) -> Case:
    """The case, when the actor may see it or it is their own; otherwise it is not found."""
    case = composed.one(Case, id=case_id)
    if case is None or not may_see(actor, case):
        raise Problem(NOT_FOUND)
    return case


def may_see(actor: Actor, case: Case) -> bool:
    """Whether the actor may see this case as staff or as the one who reported it."""
    return sees_as_staff(actor, case) or access.may(actor, "case.track", subject_of(case))


def sees_as_staff(actor: Actor, case: Case) -> bool:
    """Whether a post of the actor lets them see this case, with what staff wrote to each other."""
    subject = subject_of(case)
    if any(access.may(actor, action, subject) for action in ("case.view", "case.sign", "case.handle")):
        return True
    return helps(actor, case)


def tracked(number: str, code: str) -> Case:
    """The case whose number and tracking code both fit; otherwise it is not found."""
    serial = serial_of(number)
    case = Case.objects.filter(serial=serial).first() if serial is not None else None
    if case is None or not _same(tracking_code(case.id), code.strip().upper()):
        raise Problem(NOT_FOUND)
    return case


def _same(code: str, guess: str) -> bool:
    # As bytes: the comparison of texts takes nothing but ASCII.
    return compare_digest(code.encode(), guess.encode(errors="replace"))


def standing(case: Case, actor: Actor) -> rules.Standing:
    """What the guards of `rules` need to know."""
    bounds = limits()["bounds"]
    kind = kind_of(case)
    until = case.closed_at + timedelta(days=bounds["reopen_days"]) if case.closed_at else None
    verdict = rules.verdict(case.due_at, case.handled_at, State(case.state))
    return rules.Standing(
        state=State(case.state),
        actor_id=actor.account_id,
        handlers=_handlers_of(case),
        settle_allowed=kind.settle if kind else False,
        bounds=rules.Bounds(**{name: bounds[name] for name in rules.Bounds.__slots__}),
        reopens=case.reopens,
        closed_at=case.closed_at,
        reopen_until=until,
        due_at=case.due_at,
        verdict=verdict,
        returns=case.returns,
        return_until=_return_until(case),
        ruled=case.ruled,
        extensions=case.extensions,
        suspensions=case.suspensions,
        appealed=verdict is Verdict.OVERDUE and _appealed(case),
        appeal_until=_appeal_until(case),
        supervised=bool(case.supervised),
        reply_owed=bool(case.supervised) and _reply_owed(case),
        open_parts=case.open_parts,
        waiting=_waiting(case) if case.wishes else {},
    )


def _return_until(case: Case) -> datetime | None:
    """The end of the limit to return it, which began at its last dispatch."""
    if case.state != State.DISPATCHED or case.dispatched_at is None:
        return None
    return worktime.deadline(case.dispatched_at, limit("return"), worktime.default_calendar()).due


def _appeal_until(case: Case) -> datetime | None:
    if case.closed_at is None:
        return None
    return worktime.deadline(case.closed_at, limit("appeal"), worktime.default_calendar()).due


def _appealed(case: Case) -> bool:
    return Request.objects.filter(case_id=case.id, wish=Wish.APPEAL, lapsed=False).exists()


def _reply_owed(case: Case) -> bool:
    return Supervision.objects.filter(case_id=case.id, lifted_at=None, replied_at=None).exists()


def _waiting(case: Case) -> dict[Wish, rules.Waiting]:
    """The requests that wait for a decision; one query, made only where `wishes` says that there are any."""
    found: dict[Wish, rules.Waiting] = {}
    rows = Request.objects.filter(case_id=case.id, granted=None).values_list(
        "wish", "asked_by_id", "until", "decisions__by_id"
    )
    for wish, asked_by, until, decided_by in rows:
        before = found.get(Wish(wish), rules.Waiting(asked_by))
        found[Wish(wish)] = rules.Waiting(asked_by, before.decided_by | ({decided_by} - {None}), until)
    return found


def _handlers_of(case: Case) -> frozenset[UUID]:
    """Who signed for it or handed it in; read only where a check can be made."""
    if case.state not in {State.HANDLED, State.CHECKING}:
        return frozenset()
    acted = composed.every(FactRow, about=case.id, kind=(CaseSigned.KIND, CaseHandedIn.KIND))
    return frozenset(who for who in (case.handler_id, *(line.by_id for line in acted)) if who)


def moves_for(case: Case, actor: Actor, at: datetime) -> list[rules.Move]:
    """The moves that this actor may make now."""
    subject = subject_of(case)
    may: Callable[[str], bool] = lambda action: access.may(actor, action, subject)  # noqa: E731 - a local adaptor
    return rules.moves(standing(case, actor), may, at)


def kind_of(case: Case) -> Kind | None:
    """The case's catalogue entry, in the edition with which it began."""
    return catalogue(case.catalogue).kind(case.kind)


def responsible(case: Case, kind: Kind, at: datetime, unit_id: UUID | None = None) -> Responsible:
    """Who has to act on it under this kind: at its place, else at its unit (or at another, `unit_id`)."""
    place = people.place_for(kind.code, case.lng, case.lat, case.address)
    return people.responsible_for(unit_id or case.unit_id, kind.responsible, at, kind.code, place)


def condition_of(case: Case) -> Condition | None:
    """The condition under which it was registered."""
    return catalogue(case.catalogue).condition(case.condition)


def history(case_id: UUID) -> list[Recorded]:
    """Everything that happened to it, oldest first."""
    return journal.history(case_id)


def own_story(case: Case) -> list[tuple[Recorded, Text]]:
    """The history as its reporter reads it, oldest first: while it is merged into another case, also what happens to
    that one from then on (of which only what is told about a main case is theirs to read)."""
    lines = history(case.id)
    if case.merged_into_id is not None and case.closed_at is not None:
        lines += [
            line
            for line in history(case.merged_into_id)
            if line.at >= case.closed_at and isinstance(line.fact, messages.FOR_FOLLOWERS)
        ]
    return [(line, text) for line in lines if (text := story.tell_own(line, case)) is not None]


def state_of_main(case: Case) -> State | None:
    """Where the case stands into which this one was merged; None when it is handled by itself."""
    if case.merged_into_id is None:
        return None
    found = Case.objects.filter(pk=case.merged_into_id).values_list("state", flat=True).first()
    return State(found) if found else None


def evidence(case_id: UUID) -> dict[Phase, list[Evidence]]:
    """Its pictures by phase, oldest first."""
    found: dict[Phase, list[Evidence]] = {}
    for item in Evidence.objects.filter(case_id=case_id).select_related("file").order_by("at"):
        found.setdefault(Phase(item.phase), []).append(item)
    return found


def own_cases(resident_id: UUID) -> QuerySet[Case]:
    """What a resident reported, newest first."""
    return Case.objects.filter(reporter_id=resident_id).order_by("-reported_at")


@dataclass(frozen=True, slots=True)
class Filter:
    """What a queue is narrowed to; lives in the address bar."""

    unit: UUID | None = None
    kind: str = ""
    source: str = ""
    due: str = ""  # overdue, soon
    mine: bool = False
    raised: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a queue: its cases, and the key from which the next page begins."""

    cases: list[Case] = field(default_factory=list)
    after: str = ""


def desks_of(actor: Actor) -> list[Desk]:
    """The desks at which the actor's posts work, in the order of the loop."""
    return [desk for desk, action in DESK_ACTION.items() if any(True for _ in access.reach(actor, action))]


DESK_ACTION = {
    Desk.RECEIVE: "case.accept",
    Desk.VERIFY: "case.verify",
    Desk.DISPATCH: "case.dispatch",
    Desk.HANDLE: "case.hand_in",
    Desk.CHECK: "case.check",
    Desk.CLOSE: "case.close",
    Desk.CALL_BACK: "case.ask",
    Desk.SUSPENDED: "case.resume",
}


def at_desk(actor: Actor, desk: Desk) -> QuerySet[Case]:
    """The cases that wait at this desk for this actor; for a watcher, all that they may see there."""
    action = DESK_ACTION.get(desk, "case.view")
    worked = any(True for _ in access.reach(actor, action))
    return visible_to(actor, action if worked else "case.view").filter(desk=desk)


def queue(
    actor: Actor, desk: Desk, chosen: Filter, *, at: datetime, after: str = "", size: int = PAGE
) -> Page:
    """A page of the desk's queue: earliest deadline first, by key, so that any page costs the same.

    What is done waits for nothing and has no deadline: it comes by id, which is by the time of the report.
    """
    found = narrowed(at_desk(actor, desk), chosen, actor, at)
    if after:
        found = found.filter(_beyond(after))
    cases = list(found.order_by("next_due_at", "id")[: size + 1])
    more = len(cases) > size
    last = cases[size - 1] if more else None
    due = last.next_due_at.isoformat() if last and last.next_due_at else ""
    return Page(cases[:size], f"{due}~{last.id}" if last else "")


def _beyond(after: str) -> Q:
    moment, _, key = after.partition("~")
    try:
        if not moment:
            return Q(next_due_at=None, id__gt=UUID(key))
        due, case_id = datetime.fromisoformat(moment), UUID(key)
        if due.tzinfo is None:
            raise ValueError("a moment without its zone")
        due = due.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Problem(NOT_FOUND) from None
    return Q(next_due_at__gte=due) & (Q(next_due_at__gt=due) | Q(id__gt=case_id))


def narrowed(found: QuerySet[Case], chosen: Filter, actor: Actor, at: datetime) -> QuerySet[Case]:
    """The cases that also fit the filter."""
    if chosen.unit:
        found = found.filter(within(chosen.unit))
    if chosen.kind:
        found = found.filter(kind=chosen.kind)
    if chosen.source:
        found = found.filter(source=chosen.source)
    if chosen.due == "overdue":
        found = found.filter(next_due_at__lt=at)
    elif chosen.due == "soon":
        hours = limits()["bounds"]["soon_hours"]
        found = found.filter(next_due_at__gte=at, next_due_at__lt=at + timedelta(hours=hours))
    if chosen.mine:
        found = found.filter(Q(handler_id=actor.account_id) | Q(checker_id=actor.account_id))
    if chosen.raised:
        found = found.filter(raised_to_id__in=[post.unit_id for post in actor.posts])
    if chosen.words:
        found = found.filter(_says(chosen.words))
    return found


def _says(words: str) -> Q:
    serial = serial_of(words)
    if serial is not None:
        return Q(serial=serial) | numbered(words)
    return Q(text__icontains=words) | Q(address__icontains=words) | numbered(words)


def counts(actor: Actor, desks: list[Desk]) -> dict[Desk, int]:
    """How many wait at each desk, counted up to COUNT_CAP: beyond it the number helps nobody."""
    return {desk: capped(at_desk(actor, desk)) for desk in desks}


def capped(found: QuerySet[Case]) -> int:
    """The number of rows, at most COUNT_CAP + 1."""
    return found.order_by()[: COUNT_CAP + 1].count()


def saved_filters(account_id: UUID) -> QuerySet[SavedFilter]:
    """The filters that somebody keeps."""
    return SavedFilter.objects.filter(owner_id=account_id).order_by("desk", "name")


def bound(name: str) -> int:
    """A whole number of the rulebook's bounds, such as `anonymous_per_hour`."""
    return int(limits()["bounds"][name])


def unit_name(unit_id: UUID | None) -> Text | None:
    """Where it lies, from the top to the unit."""
    return territory.snapshot().path_text(unit_id) if unit_id else None


def told(line: Recorded) -> Text | None:
    """The line as the reporter is told it, without what staff wrote to each other; None when it is not told."""
    return story.tell(line)


def messages_to_reporters(line: Recorded, at: datetime) -> list[Told]:
    """What those who reported this matter are told: the reporter of the case that the line is about, and of the
    end of a case also the reporters of those that were merged into it. Nobody who left no number."""
    case = composed.one(Case, id=line.about)
    if case is None:
        return []
    to_all = isinstance(line.fact, messages.FOR_FOLLOWERS)
    others = composed.every(Case, merged_into_id=case.id) if to_all else ()
    found = (messages.to_reporter(one, _title(one), line) for one in (case, *others))
    return [told for told in found if told]


def messages_to_staff(line: Recorded, at: datetime) -> list[Told]:
    """Who of the staff is told about a limit that is near or ran out."""
    case = composed.one(Case, id=line.about)
    return list(messages.to_staff(case, _title(case), line, at)) if case else []


def _title(case: Case) -> Text:
    kind = kind_of(case)
    return kind.name if kind else Text(case.kind, case.kind)


def holder_of(case: Case) -> Actor:
    """Whoever holds the case's tracking code: its reporter, or, when nobody left a number, the case's own id."""
    return Actor("resident", resident_id=case.reporter_id or case.id)
