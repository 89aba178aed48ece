"""What a move names: a kind, a condition, a reason of the rulebook."""

from __future__ import annotations

from linli.cases import queries
from linli.cases.actions.step import demand
from linli.cases.catalogue import Condition, Kind
from linli.cases.models import Case
from linli.cases.words import UNKNOWN_KIND
from linli.kernel import rulebook
from linli.kernel.errors import INVALID, Problem
from linli.kernel.text import Text


def kind_in(case: Case, code: str) -> Kind:
    """The kind of this code in today's catalogue; without one the case's own in its edition. UNKNOWN_KIND."""
    kind = queries.catalogue(None).kind(code) if code else queries.kind_of(case)
    if kind is None:
        raise Problem(UNKNOWN_KIND, fields={"kind": UNKNOWN_KIND.title})
    return kind


def condition_in(case: Case, code: str) -> Condition:
    """The condition of this code under the case's kind, the kind's first without one."""
    kind = kind_in(case, "")
    if not code:
        return kind.default
    for found in kind.conditions:
        if found.code == code:
            return found
    raise Problem(
        INVALID, fields={"condition": Text("这个类别没有此立案条件", "This kind has no such condition")}
    )


def reason_of(table: str, code: str, field: str = "reason") -> Text:
    """The reason's words in the rulebook; refuses one that is not there, at this field."""
    for row in rulebook.table("reasons")[table]:
        if row["code"] == code:
            return Text(row["zh"], row["en"])
    raise Problem(INVALID, fields={field: Text("请选择理由", "Choose a reason")})


def coded(table: str, code: str, words: str) -> Text:
    """The words of the rulebook's reason; without one the person's own words have to say it."""
    if code:
        return reason_of(table, code, "reason_code")
    demand(reason=words)
    return Text("", "")
