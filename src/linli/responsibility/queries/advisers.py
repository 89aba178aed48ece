"""Legal advisers 法律顾问: which village has one on a day, which has none, whose contract ends soon."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from linli.kernel import rulebook
from linli.kernel.access import Actor
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.text import Text
from linli.responsibility.models import Contract, ContractUnit
from linli.responsibility.queries.scope import managed_units, readable_units
from linli.responsibility.rules.cover import Cover, Span, standing
from linli.territory import queries as territory
from linli.territory.words import Rank

HEADINGS = {
    "unit": Text("村居", "Village"),
    "status": Text("状态", "Status"),
    "firm": Text("律师事务所", "Firm"),
    "lawyer": Text("法律顾问", "Adviser"),
    "contact": Text("工作联系方式", "Contact at work"),
    "coverage": Text("服务内容", "Coverage"),
    "starts": Text("开始日期", "From"),
    "ends": Text("结束日期", "To"),
    "as_of": Text("统计日期", "As of"),
}
ORDER = tuple(Cover)


@dataclass(frozen=True, slots=True)
class VillageRow:
    """A village on a day: whether an adviser covers it, the last covered day, and the contracts that hold then."""

    id: UUID
    name: Text
    cover: Cover
    until: date | None
    contracts: tuple[Contract, ...]


@dataclass(frozen=True, slots=True)
class Advisers:
    """Every village of the reader on `day`: gaps first, then what ends soon. `covered` of them have an adviser."""

    day: date
    rows: tuple[VillageRow, ...]

    @property
    def covered(self) -> int:
        """How many villages a contract covers on that day."""
        return sum(row.cover is not Cover.GAP for row in self.rows)

    @property
    def share(self) -> int | None:
        """In percent, rounded down so that 100 means all of them; None without villages."""
        return 100 * self.covered // len(self.rows) if self.rows else None

    def number(self, cover: Cover) -> int:
        """How many villages stand so."""
        return sum(row.cover is cover for row in self.rows)


def advisers_book() -> dict[str, Any]:
    """The numbers of contracts in the rulebook."""
    return dict(rulebook.table("responsibility")["advisers"])


def advisers(actor: Actor, day: date) -> Advisers:
    """Every village that is the actor's to read, as it stood or will stand on the day by what is on record now."""
    warn, mine = int(advisers_book()["warn_days"]), readable_units(actor)
    held: defaultdict[UUID, list[Contract]] = defaultdict(list)
    for each in ContractUnit.objects.select_related("contract").order_by("contract__starts", "contract_id"):
        held[each.unit_id].append(each.contract)
    rows = []
    for unit in territory.snapshot().units:
        if unit.rank == Rank.VILLAGE and unit.id in mine and _exists(unit, day):
            contracts = held[unit.id]
            cover, until = standing(map(span_of, contracts), day, warn)
            now = tuple(c for c in contracts if (span := span_of(c)).first <= day <= span.last)
            rows.append(VillageRow(unit.id, unit.title, cover, until, now))
    return Advisers(day, tuple(sorted(rows, key=lambda row: ORDER.index(row.cover))))


def contract_for(actor: Actor, contract_id: UUID) -> Contract:
    """A contract of which some unit is the actor's to read; otherwise it is not found."""
    found = Contract.objects.prefetch_related("units").filter(pk=contract_id).first()
    if found is None or not {each.unit_id for each in found.units.all()} & readable_units(actor):
        raise Problem(NOT_FOUND)
    return found


def may_edit_contract(actor: Actor, contract: Contract) -> bool:
    """Whether all units of the contract are the actor's to manage."""
    return {each.unit_id for each in contract.units.all()} <= managed_units(actor)


def unit_names(ids: Iterable[UUID]) -> list[Text]:
    """The names of these units in the order of the tree."""
    wanted = set(ids)
    return [unit.title for unit in territory.snapshot().units if unit.id in wanted]


def village_choices(actor: Actor) -> list[tuple[UUID, Text]]:
    """The open villages for which the actor may add a contract."""
    mine = managed_units(actor)
    return [
        (unit.id, unit.title)
        for unit in territory.snapshot().units
        if unit.rank == Rank.VILLAGE and unit.open and unit.id in mine
    ]


def adviser_lines(found: Advisers) -> list[dict[str, str]]:
    """The table as lines of a file, one for each village and contract, in Chinese like every export."""
    lines = []
    for row in found.rows:
        for contract in row.contracts or (None,):
            line = {"unit": row.name.zh, "status": row.cover.label.zh, "as_of": found.day.isoformat()}
            if contract is not None:
                names = ("firm", "lawyer", "contact", "coverage")
                line |= {name: getattr(contract, name) for name in names}
                line |= {"starts": contract.starts.isoformat(), "ends": span_of(contract).last.isoformat()}
            lines.append(line)
    return lines


def span_of(contract: Contract) -> Span:
    """From which day to which it holds, after an early end too."""
    last = contract.ends
    if contract.ended_on is not None:
        last = min(last, contract.ended_on - timedelta(days=1))
    return Span(contract.starts, last)


def _exists(unit: territory.UnitRow, day: date) -> bool:
    return unit.opened_on <= day and (unit.closed_on is None or unit.closed_on > day)
