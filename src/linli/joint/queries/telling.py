"""Who is told about a whistle that waits for its approval, and about the answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from linli.joint.events import WhistleApproved, WhistleBlown, WhistleRefused
from linli.joint.models import Whistle
from linli.joint.queries.whistles import rows
from linli.joint.words import Stand
from linli.kernel.journal import Recorded
from linli.people import queries as people
from linli.people.words import Role
from linli.territory import queries as territory


@dataclass(frozen=True, slots=True)
class Told:
    """A message: the template, its values, and the account that gets it."""

    template: str
    params: dict[str, object]
    account_id: UUID


def told(line: Recorded, at: datetime) -> list[Told]:
    """Those who may approve hear of a whistle that waits; the whistler hears the answer."""
    fact = line.fact
    whistle_id = fact.whistle if isinstance(fact, WhistleApproved | WhistleRefused) else line.id
    whistle = Whistle.objects.filter(pk=whistle_id).select_related("case", "called_by").first()
    if whistle is None:
        return []
    row = rows([whistle])[0]
    matter: dict[str, object] = {"number": row.number, "title": row.kind}
    if isinstance(fact, WhistleBlown):
        if not fact.waits or whistle.stand != Stand.WAITING:
            return []
        params = {**matter, "unit": row.unit, "name": row.name}
        return [Told("whistle-waits", params, each) for each in _approvers(whistle, at)]
    if whistle.decided_by_id == whistle.called_by_id:
        return []
    return [Told("whistle-decided", {**matter, "answer": row.stand.label}, whistle.called_by_id)]


def _approvers(whistle: Whistle, at: datetime) -> Iterable[UUID]:
    """The duty chiefs of the units in which the case lies, without the whistler."""
    units = territory.snapshot().ancestors(whistle.case.unit_id) if whistle.case.unit_id else ()
    chiefs = (holder.account_id for unit in units for holder in people.holders_of(Role.DUTY_CHIEF, unit, at))
    return dict.fromkeys(each for each in chiefs if each != whistle.called_by_id)
