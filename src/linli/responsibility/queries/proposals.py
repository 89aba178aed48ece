"""Proposals: what a file, or one changed cell, would make of the matrix or of the duty list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from linli.cases import queries as cases
from linli.kernel import rulebook
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import STANDING_LABELS, Entry, Part, Standing, Taker
from linli.responsibility.models import Proposal
from linli.responsibility.queries.findings import kind_name
from linli.responsibility.queries.grid import place_name, taker_name
from linli.responsibility.queries.scope import managed_units, readable_units
from linli.responsibility.rules import sheet
from linli.responsibility.rules.sheet import Known, Office
from linli.responsibility.words import About, Finding, Line
from linli.territory import queries as territory

DUTY_COLUMNS = ("code", "standing", "lead_zh", "lead_en", "source_zh", "source_en")
_STANDINGS = {
    word.casefold(): each.value for each, label in STANDING_LABELS.items() for word in (each.value, *label)
}


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a preview: `added`, `changed` or `removed`, what it is about, before and after."""

    what: str
    where: Text
    kind: Text
    part: Text
    before: Text | None
    after: Text | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a proposal would do now: `changes` are the first ones in words, `counts` all by what they are.
    `blocked`: it cannot be put in force; `stale`: what it was made from changed."""

    about: About
    rows: Sequence[Any]
    changes: tuple[Change, ...]
    counts: Mapping[str, int]
    findings: tuple[Finding, ...]
    stale: bool

    @property
    def blocked(self) -> bool:
        """Whether a finding is an error."""
        return _wrong(self.findings)

    @property
    def total(self) -> int:
        """How many lines would become other."""
        return sum(self.counts.values())


def proposal_for(actor: Actor, id: UUID) -> Proposal:
    """The actor's own proposal; another one is not found."""
    found = Proposal.objects.filter(pk=id, owner_id=actor.account_id).first() if actor.account_id else None
    if found is None:
        raise Problem(NOT_FOUND)
    return found


def proposals_of(actor: Actor, about: About) -> list[Proposal]:
    """The actor's proposals that are not in force yet, newest first, without their lines."""
    found = Proposal.objects.filter(owner_id=actor.account_id, about=about.value, applied_at=None)
    return list(found.defer("lines").order_by("-created_at")[:20])


def known_for(actor: Actor, at: datetime, *, reading: bool = False) -> Known:
    """The town as far as a file of the matrix can speak of it; with `reading` all that the actor may see."""
    tree = territory.snapshot()
    book = cases.catalogue(None)
    offices = [Office(row.id, row.code, row.unit_id, row.name) for row in people.departments(at)]
    by_code: dict[str, list[Office]] = {}
    for office in offices:
        by_code.setdefault(office.code, []).append(office)
    places: dict[UUID, list[tuple[UUID, str, str]]] = {}
    for place in tree.places:
        places.setdefault(place.unit_id, []).append((place.id, place.name, place.kind))
    kinds = {kind.code: kind.name for kind in book.kinds.values()}
    for kind in book.kinds.values():
        for size in range(1, len(kind.code)):
            kinds.setdefault(kind.code[:size], kind.major.name)
    return Known(
        {unit.code: (unit.id, unit.open) for unit in tree.units},
        {unit.id: tree.path_text(unit.id) for unit in tree.units},
        _Ways(tree),
        readable_units(actor) if reading else managed_units(actor),
        places,
        by_code,
        kinds,
        {office.id: office for office in offices},
    )


class _Ways(dict[UUID, tuple[UUID, ...]]):
    """The way up from each unit, worked out when somebody asks."""

    def __init__(self, tree: territory.Snapshot) -> None:
        super().__init__()
        self._tree = tree

    def get(self, unit_id: UUID, default: Any = ()) -> Any:
        """The units on the way up, nearest first."""
        if unit_id not in self:
            self[unit_id] = self._tree.ancestors(unit_id)[::-1]
        return self[unit_id]


def matrix_lines(actor: Actor, at: datetime) -> list[dict[str, str]]:
    """The matrix in force as lines of a file: of the units that the actor administers, or else may see."""
    units = managed_units(actor)
    known = known_for(actor, at, reading=not units)
    return list(sheet.write(people.matrix_rows(units or readable_units(actor)), known))


def lines_with(
    actor: Actor,
    at: datetime,
    cell: tuple[str, UUID, UUID | None, Part],
    takers: Sequence[Taker],
    source: str,
) -> list[Line]:
    """The matrix that the actor administers with this one cell as it would be, as lines of a file."""
    rows = [row for row in people.matrix_rows(managed_units(actor)) if row.cell != cell]
    rows += [Entry(*cell, *taker, source) for taker in dict.fromkeys(takers)]
    made = sheet.write(rows, known_for(actor, at))
    return [Line(number, cells) for number, cells in enumerate(made, start=2)]


def duty_lines(at: datetime) -> list[dict[str, str]]:
    """The duty list in force as lines of a file, its standings in words."""
    return [
        {**row, "standing": STANDING_LABELS[Standing(row["standing"])].zh}
        if row.get("standing") in frozenset(Standing)
        else row
        for row in people.duty_rows(at)
    ]


def base_of(about: About, actor: Actor, at: datetime) -> str:
    """What a proposal made now is made from."""
    if about is About.DUTIES:
        return str(people.duty_edition(at))
    return people.matrix_digest(people.matrix_rows(managed_units(actor)))


def plan_of(proposal: Proposal, actor: Actor, at: datetime) -> Plan:
    """What the proposal would change now, and everything that is wrong with it."""
    lines = [Line(number, cells) for number, cells in proposal.lines]
    about = About(proposal.about)
    stale = proposal.applied_at is None and proposal.base != base_of(about, actor, at)
    most = int(rulebook.table("responsibility")["findings"]["listed"])
    changes: tuple[Change, ...] = ()
    rows: Sequence[Any]
    if about is About.DUTIES:
        rows, findings = read_duties(lines)
        duties = [] if _wrong(findings) else _duty_changes(people.duty_rows(at), rows)
        changes, counts = tuple(duties[:most]), Counter(change.what for change in duties)
    else:
        rows, findings = sheet.read(lines, known_for(actor, at))
        found = (
            [] if _wrong(findings) else people.matrix_changes(people.matrix_rows(managed_units(actor)), rows)
        )
        changes = tuple(_told(change.what, change.before, change.after) for change in found[:most])
        counts = Counter(change.what for change in found)
    return Plan(about, rows, changes, counts, tuple(findings), stale)


def _wrong(findings: Sequence[Finding]) -> bool:
    return any(not finding.warning for finding in findings)


def read_duties(lines: Sequence[Line]) -> tuple[list[dict[str, str]], list[Finding]]:
    """The rows of a duty list, their standing by its code, and what is wrong with them."""
    rows = [
        {
            **{column: cells.get(column, "") for column in DUTY_COLUMNS},
            "standing": _STANDINGS.get(cells.get("standing", "").casefold(), cells.get("standing", "")),
        }
        for _, cells in lines
    ]
    kinds = frozenset(cases.catalogue(None).kinds)
    wrong = people.duty_findings(rows, [line.number for line in lines], kinds)
    return rows, [Finding(*each) for each in wrong]


def _told(what: str, before: Entry | None, after: Entry | None) -> Change:
    row = after or before
    assert row is not None
    unit = territory.snapshot().path_text(row.unit_id)
    place = place_name(row.place_id) if row.place_id else None
    where = Text(f"{unit.zh} / {place.zh}", f"{unit.en} / {place.en}") if place else unit
    return Change(
        what, where, kind_name(row.kind_prefix), row.part.label, _said(before) if before else None,
        _said(after) if after else None,
    )  # fmt: skip


def _said(row: Entry) -> Text:
    who = taker_name(row.taker)
    return Text(f"{who.zh}({row.source})", f"{who.en} ({row.source})") if row.source else who


def _duty_changes(old: list[dict[str, str]], new: Sequence[dict[str, str]]) -> list[Change]:
    before, after = ({row["code"]: row for row in rows} for rows in (old, new))
    found = rulebook.diff({"duties": old}, {"duties": list(new)})
    return [
        Change(
            each.what, kind_name(each.key), kind_name(each.key), About.DUTIES.label,
            _duty_said(before[each.key]) if each.key in before else None,
            _duty_said(after[each.key]) if each.key in after else None,
        )
        for each in found
        if each.key
    ]  # fmt: skip


def _duty_said(row: dict[str, str]) -> Text:
    standing = STANDING_LABELS[Standing(row["standing"])]
    zh = [standing.zh, row.get("lead_zh", ""), row.get("source_zh", "")]
    en = [standing.en, row.get("lead_en") or row.get("lead_zh", ""), row.get("source_en") or row.get("source_zh", "")]  # fmt: skip
    return Text(" · ".join(filter(None, zh)), " · ".join(filter(None, en)))
