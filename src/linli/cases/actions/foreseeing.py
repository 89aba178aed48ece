"""What a report would become under an edition or a draft of the catalogue. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from linli.cases import clocks, rules
from linli.cases.actions import opening
from linli.cases.catalogue import STAGES, Catalogue, Condition, Kind
from linli.cases.queries import catalogues
from linli.cases.words import UNKNOWN_KIND, Source
from linli.kernel.errors import INVALID, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.kernel.worktime import Limit
from linli.people import queries as people
from linli.people.words import Duty, Responsible

HANDLE = Text("处置", "handle")
FROM_REPORT = Text("从上报起", "from the report")
FROM_DISPATCH = Text("从派遣起(按此刻派遣计)", "from the dispatch (as if made now)")
AFTERWARDS = Text("到这一步时起算", "from when this step is reached")


@dataclass(frozen=True, slots=True)
class Stage:
    """A limit of the way: what it is called, from when it runs, when it would end; `own`: set by the kind.

    `due` is None for steps whose beginning nobody can know yet.
    """

    label: Text
    limit: Limit
    begins: Text
    due: datetime | None
    provisional: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the report would become: under which condition, at whose desk, with which limits, and why."""

    kind: Kind
    condition: Condition
    unit_id: UUID | None
    located: str
    responsible: Responsible
    straight: bool
    stages: tuple[Stage, ...]
    duty: Duty


def foresee(
    *, text: str, kind: str, source: Source, book: Catalogue, at: datetime, address: str = "",
    unit_id: UUID | None = None, condition: str = "",
) -> Foreseen:  # fmt: skip
    """What a report with these words would become at this moment under this catalogue.

    The place is a unit or an address; without either it lies at the top. `condition`: another than the kind's
    default. Raises UNKNOWN_KIND for a kind that this catalogue does not have, INVALID for an unknown unit.
    """
    found = book.kind(kind)
    if found is None or found.component:
        raise Problem(UNKNOWN_KIND, fields={"kind": UNKNOWN_KIND.title})
    chosen = next((c for c in found.conditions if c.code == condition), None) if condition else found.default
    if chosen is None:
        raise Problem(INVALID, fields={"condition": Text("没有这个条件", "There is no such condition")})
    report = opening.Report(
        id=uuid7(at), source=source, kind=kind, text=text, address=address, unit_id=unit_id
    )
    route = opening.route_of(report, found, at)
    return Foreseen(
        kind=found,
        condition=chosen,
        unit_id=route.unit_id,
        located=route.located,
        responsible=route.responsible,
        straight=route.straight,
        stages=_stages(found, chosen, source, route.straight, at),
        duty=people.duty(found.code, at),
    )


def _stages(
    kind: Kind, condition: Condition, source: Source, straight: bool, at: datetime
) -> tuple[Stage, ...]:
    rows: list[tuple[Text, Limit, Text, bool]] = [
        _row("contact", kind, FROM_REPORT if straight else FROM_DISPATCH)
    ]
    if not straight:
        named = rules.dispatch_limit_name(source)
        # The hotline's and the police's limits are theirs: a kind cannot lengthen them.
        own = kind if named == "dispatch" else None
        rows.append(
            (
                STAGES["dispatch"],
                catalogues.stage_limit(named, own),
                FROM_REPORT,
                own is not None and "dispatch" in kind.stages,
            )
        )
    rows.append(_row("sign", kind, FROM_REPORT if straight else FROM_DISPATCH))
    rows.append((HANDLE, condition.limit, FROM_REPORT if straight else FROM_DISPATCH, False))
    rows += [_row(name, kind, AFTERWARDS) for name in ("check", "close", "call_back")]
    return tuple(_stage(*row, at) for row in rows)


def _row(name: str, kind: Kind, begins: Text) -> tuple[Text, Limit, Text, bool]:
    return STAGES[name], catalogues.stage_limit(name, kind), begins, name in kind.stages


def _stage(label: Text, limit: Limit, begins: Text, own: bool, at: datetime) -> Stage:
    if begins is AFTERWARDS:
        return Stage(label, limit, begins, None, False, own)
    due, provisional = clocks.begin(label.zh, limit, at).deadline
    return Stage(label, limit, begins, due, provisional, own)
