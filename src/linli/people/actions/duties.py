"""The town's duty list: a new edition of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from linli.kernel import editions
from linli.kernel.access import Actor
from linli.kernel.editions import Edition
from linli.kernel.errors import INVALID, Problem
from linli.kernel.text import Text
from linli.people.actions.common import require_manager_of
from linli.people.queries import duties
from linli.people.rules import duty_list
from linli.territory import queries as territory

AT_LINE = Text("第 {line} 行 {field}:{reason}", "line {line}, {field}: {reason}")


@transaction.atomic
def publish_duties(
    *, rows: Sequence[Mapping[str, str]], source: str, by: Actor, at: datetime
) -> Edition | None:
    """The rows are the duty list in force from `at` on; None when they say what the list in force says.

    For those who administer the whole town, since the list holds for all of it. Refused with INVALID when a
    row is wrong (`rows`: the first finding). Cases that are under way are not judged anew.
    """
    for root in territory.snapshot().roots():
        require_manager_of(by, root.id)
    wrong = duty_list.check(rows)
    if wrong:
        first = wrong[0]
        reason = AT_LINE.fill(line=first.line, field=first.field, reason=first.reason)
        raise Problem(INVALID, fields={"rows": reason})
    clean = [{column: row.get(column, "") for column in duty_list.COLUMNS} for row in rows]
    if clean == duties.duty_rows(at):
        return None
    table = {**duties.duty_about(at), duties.DUTIES: clean, "source": source}
    made = editions.publish(duties.DUTIES, table, source=source, effective_from=at, by=by, at=at)
    duties.forget()
    transaction.on_commit(duties.forget)
    return made
