"""Draws and inspections: the frozen population, who may inspect what, what was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from linli.cases import queries as cases
from linli.cases.events import CaseHandedIn, CaseSettled, CaseSigned, CheckPassed, CheckTaken
from linli.cases.queries import Case
from linli.cases.words import State, number_of
from linli.followup.models import Draw, Inspection
from linli.followup.rules import drawing, rates
from linli.followup.words import Found
from linli.kernel import access, paging, rulebook
from linli.kernel.access import Actor, Subject
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.file_models import StoredFile
from linli.kernel.journal import Recorded
from linli.kernel.models import FactRow
from linli.kernel.text import Text
from linli.people import queries as people
from linli.territory import queries as territory

DRAW, INSPECT = "followup.draw", "followup.inspect"
WORKED = tuple(fact.KIND for fact in (CaseSigned, CaseHandedIn, CaseSettled, CheckTaken, CheckPassed))
SHOWN = 100
_CHUNK = 400


def draw_law() -> dict[str, Any]:
    """The rulebook's numbers of drawing."""
    found: dict[str, Any] = rulebook.table("followup")["draw"]
    return found


def subject_of_unit(unit_id: UUID) -> Subject:
    """A unit as access sees it."""
    return Subject(units=frozenset(territory.snapshot().ancestors(unit_id)))


def may_draw(actor: Actor, unit_id: UUID | None = None) -> bool:
    """Whether the actor may commit and draw, in this unit or anywhere."""
    if unit_id is None:
        return any(True for _ in access.reach(actor, DRAW))
    return access.may(actor, DRAW, subject_of_unit(unit_id))


def closed_in(unit_id: UUID, since: datetime, until: datetime) -> list[UUID]:
    """The population: what was closed in this period in this unit and stays closed, by id."""
    found = Case.objects.filter(cases.within(unit_id)).filter(
        closed_at__gte=since, closed_at__lt=until, state__in=(State.CLOSED, State.FOLLOWED_UP)
    )
    most = draw_law()["most_population"]
    return list(found.order_by().values_list("id", flat=True)[: most + 1])


def members(draw: Draw) -> list[str]:
    """The frozen population, in its order."""
    data = bytes(draw.members)
    return [str(UUID(bytes=data[start : start + 16])) for start in range(0, len(data), 16)]


def published(draw: Draw) -> dict[str, Any]:
    """What is published of a draw, for anybody to check with `scripts/redraw.py`. Without seed and sample until then."""
    drawn = draw.drawn_at is not None
    population = members(draw)
    seed = bytes.fromhex(draw.seed) if drawn else b""
    return {
        "algorithm": drawing.ALGORITHM,
        "draw": str(draw.id),
        "unit": str(draw.unit_id),
        "closed_since": draw.since.isoformat(),
        "closed_until": draw.until.isoformat(),
        "population_sha256": draw.population_sha256,
        "size": draw.size,
        "commitment": draw.commitment,
        "committed_at": draw.committed_at.isoformat(),
        "seed": draw.seed,
        "drawn_at": draw.drawn_at.isoformat() if draw.drawn_at else "",
        "sample": drawing.sample(seed, population, draw.size) if drawn else [],
        "population": population,
    }


def draw_at(draw_id: UUID) -> Draw:
    """The draw. Whoever works for the town may see it: it names no person."""
    draw = Draw.objects.filter(pk=draw_id).defer("members", "seed_cipher").first()
    if draw is None:
        raise Problem(NOT_FOUND)
    return draw


def whole_draw(draw_id: UUID) -> Draw:
    """The draw with its population."""
    draw = Draw.objects.filter(pk=draw_id).first()
    if draw is None:
        raise Problem(NOT_FOUND)
    return draw


def drawable_from(draw: Draw, actor: Actor) -> datetime:
    """From when this actor may draw: at once when somebody else committed, else after the rulebook's minutes."""
    if draw.committed_by_id is not None and draw.committed_by_id != actor.account_id:
        return draw.committed_at
    return draw.committed_at + timedelta(minutes=draw_law()["wait_minutes"])


@dataclass(frozen=True, slots=True)
class Result:
    """What the inspections of a draw say: the share that was closed but not solved, with its interval.

    `share` and `interval` count those that could be told; None while there are none.
    """

    drawn: int
    solved: int
    not_solved: int
    unclear: int
    confidence: float

    @property
    def done(self) -> int:
        """How many were looked at."""
        return self.solved + self.not_solved + self.unclear

    @property
    def share(self) -> float | None:
        """Closed but not solved, of those that could be told."""
        told = self.solved + self.not_solved
        return self.not_solved / told if told else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the share of all closed cases lies with the rulebook's confidence."""
        return rates.wilson(self.not_solved, self.solved + self.not_solved, self.confidence)


@dataclass(frozen=True, slots=True)
class DrawRow:
    """A draw in the list."""

    draw: Draw
    unit: Text
    result: Result


def draws() -> list[DrawRow]:
    """The newest draws with what they found so far; two queries."""
    return draws_page()[0]


def draws_page(after: str = "") -> tuple[list[DrawRow], str]:
    """A page of them, and the key from which the next begins ("" at the end)."""
    known = Draw.objects.defer("members", "seed_cipher")
    rows, further = paging.page(known, "committed_at", after, SHOWN)
    counted: dict[UUID, dict[str, int]] = {}
    lines = Inspection.objects.filter(draw__in=[draw.id for draw in rows]).order_by()
    for draw_id, found, number in lines.values_list("draw_id", "found").annotate(n=Count("pk")):
        counted.setdefault(draw_id, {})[found] = number
    return [DrawRow(draw, _unit(draw), _result(counted.get(draw.id, {}))) for draw in rows], further


def draw_row(draw: Draw) -> DrawRow:
    """One draw with its result."""
    lines = Inspection.objects.filter(draw=draw).order_by().values_list("found").annotate(n=Count("pk"))
    return DrawRow(draw, _unit(draw), _result(dict(lines)))


def _unit(draw: Draw) -> Text:
    return territory.snapshot().path_text(draw.unit_id) or Text("?", "?")


def _result(counted: dict[str, int]) -> Result:
    return Result(
        sum(counted.values()), counted.get(Found.SOLVED, 0), counted.get(Found.NOT_SOLVED, 0),
        counted.get(Found.UNCLEAR, 0), float(draw_law()["confidence"]),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class InspectionRow:
    """A drawn case as lists show it."""

    inspection: Inspection
    case: Case
    number: str
    kind: Text
    place: Text | None
    found: Text | None


def inspections_of(draw: Draw, actor: Actor) -> list[InspectionRow]:
    """The sample in its order; of cases that the actor does not see, nothing."""
    found = Inspection.objects.filter(draw=draw, case__in=cases.visible_to(actor))
    return [_row(one) for one in found.select_related("case", "checker").order_by("position")]


def inspections_for(actor: Actor) -> list[InspectionRow]:
    """What waits for this actor: their own, then those that nobody has."""
    open_ones = Inspection.objects.filter(found="", case__in=cases.visible_to(actor, INSPECT))
    mine = open_ones.filter(checker_id=actor.account_id).order_by("draw__drawn_at", "position")
    free = open_ones.filter(checker=None).order_by("draw__drawn_at", "position")
    return [_row(one) for found in (mine, free) for one in found.select_related("case", "checker")[:SHOWN]]


def inspection_for(actor: Actor, inspection_id: UUID) -> InspectionRow:
    """One of them, when the actor sees its case as staff."""
    one = Inspection.objects.select_related("case", "checker", "draw").filter(pk=inspection_id).first()
    if one is None or not cases.sees_as_staff(actor, one.case):
        raise Problem(NOT_FOUND)
    return _row(one)


def _row(one: Inspection) -> InspectionRow:
    case = one.case
    kind = cases.kind_of(case)
    name = kind.name if kind else Text(case.source_kind or case.kind, case.source_kind or case.kind)
    label = Found(one.found).label if one.found else None
    number = number_of(case.serial, case.reported_at)
    return InspectionRow(one, case, number, name, cases.unit_name(case.unit_id), label)


def inspection_steps(row: InspectionRow, actor: Actor, at: datetime) -> tuple[str, ...]:
    """What the actor may do with it now, as programs call it."""
    one = row.inspection
    mine = one.checker_id is not None and one.checker_id == actor.account_id
    waits = one.found == Found.NOT_SOLVED and one.reopened_at is None
    may = {
        "take": not one.found and not mine and may_inspect(actor, row.case),
        "findings": mine and not one.found,
        "reopen": waits and any(move.name == "reopen" for move in cases.moves_for(row.case, actor, at)),
    }
    return tuple(name for name, allowed in may.items() if allowed)


def inspection_lines(one: Inspection) -> list[Recorded]:
    """What happened with it, oldest first."""
    lines = cases.history(one.case_id)
    return [line for line in lines if getattr(line.fact, "inspection", None) == one.id]


def pictures_of(one: Inspection) -> list[UUID]:
    """Its pictures."""
    return list(one.pictures.order_by("id").values_list("file_id", flat=True))


def picture(actor: Actor, inspection_id: UUID, file_id: UUID) -> StoredFile:
    """A picture of an inspection, for whoever sees the case as staff."""
    row = inspection_for(actor, inspection_id)
    found = StoredFile.objects.filter(pk=file_id, pk__in=row.inspection.pictures.values("file_id")).first()
    if found is None:
        raise Problem(NOT_FOUND)
    return found


def who_worked(case_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Everybody who ever handled or checked these cases."""
    wanted = list(case_ids)
    found: dict[UUID, set[UUID]] = {case_id: set() for case_id in wanted}
    for chunk in _chunks(wanted):
        acted = FactRow.objects.filter(about__in=chunk, kind__in=WORKED).values_list("about", "by_id")
        for case_id, account in acted:
            if account is not None:
                found[case_id].add(account)
        for case_id, handler, checker in _rows(chunk).values_list("id", "handler_id", "checker_id"):
            found[case_id] |= {handler, checker} - {None}
    return found


def eligible(case_ids: Iterable[UUID], at: datetime) -> dict[UUID, frozenset[UUID]]:
    """For each case, who may inspect it: their post reaches it, and they neither handled nor checked it."""
    wanted = list(case_ids)
    worked, cache = who_worked(wanted), dict[UUID | None, frozenset[UUID]]()
    units: dict[UUID, UUID | None] = {}
    for chunk in _chunks(wanted):
        units |= dict(_rows(chunk).values_list("id", "unit_id"))
    for unit in set(units.values()):
        cache[unit] = _inspectors(unit, at)
    return {case_id: cache[units.get(case_id)] - worked[case_id] for case_id in wanted if case_id in units}


def _inspectors(unit_id: UUID | None, at: datetime) -> frozenset[UUID]:
    """Who holds a post that inspects at this unit or above it."""
    if unit_id is None:
        return frozenset()
    roles = {grant.role for grant in access.policy().grants(INSPECT) if grant.scope == "unit"}
    line = territory.snapshot().ancestors(unit_id)
    holders = (people.holders_of(role, unit, at) for role in roles for unit in line)
    return frozenset(holder.account_id for held in holders for holder in held)


def may_inspect(actor: Actor, case: Case) -> bool:
    """Whether this actor may look at this case again."""
    if not access.may(actor, INSPECT, cases.subject_of(case)):
        return False
    return actor.account_id not in who_worked([case.id])[case.id]


def _rows(case_ids: list[UUID]) -> QuerySet[Case]:
    return Case.objects.filter(pk__in=case_ids).order_by()


def _chunks(ids: list[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
