"""The three rates of the cases closed in a period, by unit or department, and the cases behind each figure.

One query a table, along the index of `closed_at`; figures and lists come from the same annotations, so they agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    CharField,
    Count,
    F,
    FloatField,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models import Case as Choice
from django.db.models.functions import Coalesce

from linli.cases import queries as cases
from linli.cases.queries import Case
from linli.cases.words import Answer, State
from linli.followup.models import Call, Exclusion
from linli.followup.rules import rates as rules
from linli.followup.rules.rates import IN_TIME, NOT_IN_TIME, NOT_TO_BE, VALID, Cell, Law, Rates
from linli.followup.words import Ground, Outcome, Rate, Solved
from linli.kernel import paging, rulebook
from linli.kernel.access import Actor
from linli.kernel.errors import MALFORMED, NOT_FOUND, Problem
from linli.kernel.text import Text
from linli.people import queries as people
from linli.territory import queries as territory

PAGE = 50
ALL, PART, ANSWERED, SAYS, OUT = "all", "-part", "answer-", "solved-", "out-"
HERE = Text("本级及未分到下级", "Here and in none of them")
NO_DEPARTMENT = Text("未派给部门", "Given to no department")


class SecondsBetween(Func):
    """Whole seconds from the first moment to the second, computed inside the database."""

    output_field = FloatField()
    arity = 2

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        """By Julian days, which SQLite computes itself: Django's own difference would call Python for every row."""
        return self._written(compiler, "ROUND((julianday({1}) - julianday({0})) * 86400)")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        """By the epoch of the interval."""
        return self._written(compiler, "ROUND(EXTRACT(EPOCH FROM ({1} - {0})))")

    def _written(self, compiler: Any, template: str) -> tuple[str, list[Any]]:
        first, second = (compiler.compile(each) for each in self.get_source_expressions())
        # The second moment stands first in both templates.
        return template.format(first[0], second[0]), [*second[1], *first[1]]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which cases: closed from `since` until before `until`, in a unit, of a department; `by` what the rows are."""

    since: datetime
    until: datetime
    unit: UUID | None = None
    department: UUID | None = None
    by: str = "unit"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: the cases of one unit or department. `key` is None for those that belong to none."""

    key: UUID | None
    label: Text
    rates: Rates


@dataclass(frozen=True, slots=True)
class Table:
    """The rates of everything in the scope, then line by line."""

    total: Rates
    rows: tuple[Row, ...]


def rates_law() -> Law:
    """The rulebook's weights and grounds."""
    return Law.of(rulebook.table("followup"))


def longest_days() -> int:
    """How many days a table of rates covers at most."""
    return int(rulebook.table("followup")["period"]["longest_days"])


def grounds() -> dict[str, Text]:
    """What each ground of exclusion is called, in the rulebook's order."""
    return {row["code"]: Text(row["zh"], row["en"]) for row in rulebook.table("followup")["exclusion"]}


def asked_grounds() -> dict[str, Text]:
    """The grounds that a department can ask for; the others are read from the case."""
    automatic = {ground.value for ground in Ground}
    return {code: text for code, text in grounds().items() if code not in automatic}


def cohort(actor: Actor, scope: Scope) -> QuerySet[Case]:
    """The visible cases that ended by being closed in this period and stay closed, with `contact`, `solved` and
    `ground` as the rules know them."""
    found = cases.visible_to(actor).filter(
        closed_at__gte=scope.since, closed_at__lt=scope.until, state__in=(State.CLOSED, State.FOLLOWED_UP)
    )
    if scope.unit:
        found = found.filter(cases.within(scope.unit))
    if scope.department:
        found = found.filter(department_id=scope.department)
    this_round = {"case": OuterRef("pk"), "round": OuterRef("reopens")}
    call = Call.objects.filter(**this_round, outcome=Outcome.REACHED.value)
    out = Exclusion.objects.filter(**this_round, stands=True)
    return found.annotate(
        contact=_contact(),
        solved=Coalesce(Subquery(call.values("solved")[:1]), Value(""), output_field=CharField()),
        ground=Coalesce(Subquery(out.values("reason")[:1]), Value(""), output_field=CharField()),
    )


def _contact() -> Choice:
    """Whether the reporter was contacted within the rulebook's hours, which run day and night. In a case that was
    reopened the last round counts, and that begins with its dispatch."""
    given = rulebook.table("followup")["contact"]
    start = {"dispatched": "dispatched_at", "reported": "reported_at"}[given["start"]]
    hours = given["hours"] * 3600
    return Choice(
        When(Q(reporter=None) | Q(**{start: None}), then=Value(NOT_TO_BE)),
        When(contacted_at=None, then=Value(NOT_IN_TIME)),
        When(
            Q(reopens__gt=0) & Q(_Within(SecondsBetween(F("dispatched_at"), F("contacted_at")), hours)),
            then=Value(IN_TIME),
        ),
        When(_Within(SecondsBetween(F(start), F("contacted_at")), hours), then=Value(IN_TIME)),
        default=Value(NOT_IN_TIME),
        output_field=CharField(),
    )


class _Within(Func):
    """Whether the first number is at most the second."""

    output_field = BooleanField()
    template = "(%(expressions)s)"
    arg_joiner = " <= "
    conditional = True


def table(actor: Actor, scope: Scope, at: datetime) -> Table:
    """The rates in the scope, in one query."""
    column = _column(scope)
    found = cohort(actor, scope)
    names = ["answer", "contact", "solved", "ground", "excused"]
    counted = found.order_by().values(*([column] if column else []), *names).annotate(n=Count("pk"))
    groups: dict[UUID | None, list[Cell]] = {}
    for each in counted:
        cell = Cell(
            each["answer"], each["contact"], each["solved"], each["ground"], each["excused"], each["n"]
        )
        groups.setdefault(each[column] if column else None, []).append(cell)
    current, everything = rates_law(), [cell for cells in groups.values() for cell in cells]
    labels = _labels(scope, at)
    rows = [
        Row(key, labels.get(key) or _nameless(scope), rules.rates(cells, current))
        for key, cells in groups.items()
        if column
    ]
    order = {key: number for number, key in enumerate(labels)}
    rows.sort(key=lambda row: order.get(row.key, len(order)))
    return Table(rules.rates(everything, current), tuple(rows))


def _column(scope: Scope) -> str:
    """By which column of the case the table is divided; "" when there is nothing below the unit."""
    if scope.by == "department":
        return "department_id"
    tree = territory.snapshot()
    column = f"a{(tree.depth(scope.unit) if scope.unit else 0) + 1}"
    below = tree.children(scope.unit) if scope.unit else tree.roots()
    return column if below and column in cases.ancestors_of(None) else ""


def _labels(scope: Scope, at: datetime) -> dict[UUID | None, Text]:
    if scope.by == "department":
        return {row.id: row.name for row in people.departments(at)}
    tree = territory.snapshot()
    tops = [scope.unit] if scope.unit else [unit.id for unit in tree.roots()]
    return {unit.id: unit.title for top in tops for unit in tree.children(top)}


def _nameless(scope: Scope) -> Text:
    return NO_DEPARTMENT if scope.by == "department" else HERE


def of_line(found: QuerySet[Case], scope: Scope, key: UUID | None) -> QuerySet[Case]:
    """The cases of one line of the table."""
    column = _column(scope)
    return found.filter(**{column: key}) if column else found


def figures() -> dict[str, Text]:
    """Every figure that can be opened, and what its list is called."""
    found = {ALL: Text("全部结案", "All closed")}
    for rate in Rate:
        found[rate.value] = Text("{rate}:计入的案件", "{rate}: cases that count").fill(rate=rate.label)
    found[Rate.RESPONSE + PART] = Text("限时内已联系", "Contacted in time")
    found |= {SAYS + each.value: each.label for each in Solved}
    found |= {ANSWERED + each.value: each.label for each in VALID}
    found |= {
        OUT + code: Text("剔除:{name}", "Left out: {name}").fill(name=name)
        for code, name in grounds().items()
    }
    return found


def behind(found: QuerySet[Case], figure: str) -> QuerySet[Case]:
    """The cases of a `cohort` that a figure counts. NOT_FOUND for a figure that there is not."""
    if figure == ALL:
        return found
    if figure not in figures():
        raise Problem(NOT_FOUND)
    if figure.startswith(OUT):
        return found.filter(_has({figure.removeprefix(OUT)}))
    rate = _rate_of(figure)
    kept = found.exclude(_has(rates_law().grounds_for(rate)))
    if rate is Rate.RESPONSE:
        wanted = [IN_TIME] if figure.endswith(PART) else [IN_TIME, NOT_IN_TIME]
        return kept.filter(Q(contact__in=wanted))
    if rate is Rate.RESOLUTION:
        return (
            kept.filter(Q(solved=figure.removeprefix(SAYS)))
            if figure.startswith(SAYS)
            else kept.exclude(Q(solved=""))
        )
    answers = (
        [figure.removeprefix(ANSWERED)] if figure.startswith(ANSWERED) else [each.value for each in VALID]
    )
    return kept.filter(answer__in=answers)


def _rate_of(figure: str) -> Rate:
    if figure.startswith(SAYS):
        return Rate.RESOLUTION
    if figure.startswith(ANSWERED):
        return Rate.SATISFACTION
    return Rate(figure.removesuffix(PART))


def _has(codes: Iterable[str]) -> Q:
    """Cases with one of these grounds."""
    wanted = set(codes)
    found = Q(ground__in=sorted(wanted))
    if Ground.UNREACHABLE in wanted:
        found |= Q(answer=Answer.UNREACHABLE.value)
    if Ground.EXCUSED in wanted:
        found |= Q(excused=True)
    return found


def chosen_line(actor: Actor, scope: Scope, line: str) -> QuerySet[Case]:
    """The cases of one line of the table by what stands in an address: "" all of them, `none` those of no line, else
    the id of the unit or department. MALFORMED when it is none of these."""
    if not line:
        return cohort(actor, scope)
    if line == "none":
        return of_line(cohort(actor, scope), scope, None)
    try:
        key = UUID(line)
    except ValueError:
        raise Problem(MALFORMED) from None
    if scope.by == "department":
        return cohort(actor, replace(scope, department=key))
    return cohort(actor, replace(scope, unit=key))


def page_of(found: QuerySet[Case], after: str) -> tuple[list[Case], str]:
    """A page of a list, latest closed first, and the key from which the next begins ("" at the end)."""
    return paging.page(found, "closed_at", after, PAGE)
