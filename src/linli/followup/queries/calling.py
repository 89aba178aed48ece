"""What waits to be called, and what a caller needs to know about one case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from linli.cases import queries as cases
from linli.cases.actions.moves import unit_above
from linli.cases.queries import Case, Masked
from linli.cases.words import Desk, State, number_of
from linli.followup.models import Call, OptOut, Turn
from linli.followup.rules import calling
from linli.followup.rules.calling import CallingLaw, Script, Try
from linli.followup.words import Outcome
from linli.kernel import access, composed, rulebook, worktime
from linli.kernel.access import Actor
from linli.kernel.clock import local
from linli.kernel.text import Text
from linli.territory import queries as territory

ACTION = "followup.call"


def law() -> CallingLaw:
    """The rulebook's numbers of calling."""
    return CallingLaw.of(rulebook.table("followup")["calling"])


def minutes() -> int:
    """How long a case that somebody took for calling stays theirs."""
    return int(rulebook.table("followup")["calling"]["claim_minutes"])


def may_call(actor: Actor) -> bool:
    """Whether the actor calls reporters back anywhere."""
    return any(True for _ in access.reach(actor, ACTION))


def waiting(actor: Actor, at: datetime) -> QuerySet[Case]:
    """The cases that this caller may take now, earliest deadline first: closed, with a reporter who may be called,
    nobody else on it, and not before it is time to try again."""
    here = Turn.objects.filter(case=OuterRef("pk"))
    elsewhere = Q(until__gt=at) & ~Q(by=actor.account_id)
    declined = OptOut.objects.filter(resident=OuterRef("reporter"), ended_at=None, until__gt=at)
    found = cases.visible_to(actor, ACTION).filter(desk=Desk.CALL_BACK.value, reporter__isnull=False)
    found = found.filter(~Exists(here.filter(elsewhere | Q(not_before__gt=at))), ~Exists(declined))
    return found.order_by("next_due_at", "id")


def mine(actor: Actor, at: datetime) -> Case | None:
    """The case that this caller has taken and not finished."""
    held = Turn.objects.filter(by=actor.account_id, until__gt=at).values("case_id")
    found = cases.visible_to(actor, ACTION).filter(pk__in=held, desk=Desk.CALL_BACK.value)
    return found.order_by("next_due_at", "id").first()


@dataclass(frozen=True, slots=True)
class Load:
    """How much there is to call: each number stops at the cap of queues + 1. `later`: to be tried again later."""

    waiting: int
    later: int
    today: int


def load(actor: Actor, at: datetime) -> Load:
    """What this caller sees before taking a case."""
    later = Turn.objects.filter(not_before__gt=at).values("case_id")
    held_back = cases.visible_to(actor, ACTION).filter(desk=Desk.CALL_BACK.value, pk__in=later)
    midnight = local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    made = Call.objects.filter(by=actor.account_id, at__gte=midnight)
    return Load(cases.capped(waiting(actor, at)), cases.capped(held_back), made.count())


def calls_of(case: Case) -> list[Call]:
    """The tries since it was closed last, oldest first."""
    return list(Call.objects.filter(case_id=case.id, round=case.reopens).order_by("at", "id"))


def tries(made: list[Call]) -> list[Try]:
    """The calls as the rules see them."""
    return [Try(Outcome(each.outcome), local(each.at)) for each in made]


def opted_out(resident_id: UUID | None, at: datetime) -> OptOut | None:
    """The reporter's wish not to be called, if it holds at this moment."""
    if resident_id is None:
        return None
    found = composed.one(OptOut, resident_id=resident_id, ended_at=None)
    return found if found is not None and found.until > at else None


def next_try(made: list[Try], at: datetime) -> datetime:
    """When to try again."""
    return calling.next_try(made, law(), worktime.default_calendar().is_workday, local(at))


@dataclass(frozen=True, slots=True)
class CallSheet:
    """Everything on the caller's page."""

    case: Case
    number: str
    kind: Text
    place: Text | None
    reporter: Masked | None
    script: Script
    calls: list[Call]
    missing: tuple[int, int, int]
    next_try: datetime
    opt_out: OptOut | None
    told: list[Text]
    reopen_to: Text | None
    may_reopen: bool
    turn: Turn | None

    @property
    def open(self) -> bool:
        """Whether it still waits for a call."""
        return self.case.desk == Desk.CALL_BACK and self.case.state == State.CLOSED


def held(turn: Turn | None, actor: Actor, at: datetime) -> str:
    """Who is calling about the case at this moment: `mine`, `others`, or "" when nobody is."""
    if turn is None or turn.until is None or turn.until <= at:
        return ""
    return "mine" if turn.by_id == actor.account_id else "others"


def sheet(case: Case, actor: Actor, at: datetime, town: Text) -> CallSheet:
    """What the caller needs about this case; `town` is what the script calls the town."""
    kind, number = cases.kind_of(case), number_of(case.serial, case.reported_at)
    name = kind.name if kind else Text(case.source_kind or case.kind, case.source_kind or case.kind)
    made = calls_of(case)
    tried = tries(made)
    above = unit_above(case, at)
    # As the reporter was told: what the caller reads out is not what staff wrote to each other.
    told = [text for line in cases.history(case.id) if (text := cases.told(line)) is not None]
    return CallSheet(
        case, number, name, cases.unit_name(case.unit_id), cases.reporter_of(case),
        _script(case, kind.major.code if kind else "", name, number, town), made,
        calling.still_missing(tried, law()), next_try(tried, at), opted_out(case.reporter_id, at), told,
        territory.snapshot().path_text(above) if above else None,
        any(move.name == "reopen" for move in cases.moves_for(case, actor, at)),
        Turn.objects.filter(case_id=case.id).first(),
    )  # fmt: skip


def _script(case: Case, major: str, kind: Text, number: str, town: Text) -> Script:
    found = calling.script_for(rulebook.table("followup")["script"], source=case.source, major=major)
    values = {"kind": kind, "number": number, "town": town}
    return Script(
        found.code,
        found.opening.fill(**values),
        tuple(each.fill(**values) for each in found.questions),
        found.closing.fill(**values),
        found.source,
    )
