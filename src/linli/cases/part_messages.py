"""What people are told about parts, and who they are. Read by `queries`, sent by the flows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from linli.cases import events
from linli.cases.messages import Told, supervisors
from linli.cases.models import Assignment, Case
from linli.cases.words import number_of
from linli.kernel import worktime
from linli.kernel.errors import Problem
from linli.kernel.journal import Recorded
from linli.kernel.text import Text
from linli.people import queries as people
from linli.ui import dates


def to_helpers(case: Case, title: Text, line: Recorded, at: datetime) -> Iterator[Told]:
    """The messages to those who are called, whose limit is near, or who are released; and, about a limit that ran
    out, to those above the helper, besides the helper."""
    matter: dict[str, object] = {"number": number_of(case.serial, case.reported_at), "title": title}
    fact = line.fact
    if isinstance(fact, events.PartsCalled):
        for part_id in fact.parts:
            due = min(
                (due for part, due in zip(fact.timed, fact.dues, strict=True) if part == part_id),
                default=None,
            )
            by = dates.by(due, at) if due else Text("尽快", "soon")
            yield from _tell("called-to-help", {**matter, "by": by}, _helpers(part_id, at))
    if isinstance(fact, events.PartNear):
        left = worktime.spent_words(fact.due, at)
        step = Text(fact.clock_zh, fact.clock_en)
        yield from _tell("part-soon", {**matter, "step": step, "left": left}, _helpers(fact.part, at))
    if isinstance(fact, events.PartMissed):
        late = {**matter, "who": Text(fact.to_zh, fact.to_en), "step": Text(fact.clock_zh, fact.clock_en)}
        above = supervisors(fact.raised_to, at) if fact.raised_to else ()
        yield from _tell("part-missed", late, dict.fromkeys((*above, *_helpers(fact.part, at))))
    if isinstance(fact, events.PartsReleased):
        for part_id in fact.parts:
            yield from _tell("part-released", matter, _helpers(part_id, at))


def _tell(template: str, params: dict[str, object], to: Iterable[UUID]) -> Iterator[Told]:
    return (Told(template, params, account_id=account_id) for account_id in to)


def _helpers(part_id: UUID, at: datetime) -> tuple[UUID, ...]:
    """Who holds the part; before anybody signed for it, all who could."""
    part = Assignment.objects.filter(pk=part_id).first()
    if part is None:
        return ()
    if part.holder_id:
        return (part.holder_id,)
    try:
        return people.named_taker(part.department_id, part.post_id, at).holder_ids
    except Problem:  # the post was closed meanwhile
        return ()
