"""The three lists (任务清单、责任清单、问题清单) of one whistle or of many, as tables for pages and Excel."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from openpyxl import Workbook

from linli.cases import queries as cases
from linli.cases.queries import STEPS, PartRow, Timed
from linli.cases.words import State, Verdict, number_of
from linli.joint.models import Issue, Meeting, Whistle
from linli.joint.queries.whistles import rows
from linli.kernel import clock
from linli.kernel import sheets as cells
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import Responsible

NUMBER, KIND = Text("编号", "Number"), Text("事项", "Matter")
TASKS, DUTIES, ISSUES = (
    Text("任务清单", "Tasks"),
    Text("责任清单", "Responsibilities"),
    Text("问题清单", "Problems"),
)
LEADS, HELPS = Text("牵头", "Leads"), Text("配合", "Helps")
ON_TIME, LATE = Text("按时", "On time"), Text("超时", "Late")
ABSENT_ONLY = Text("未到场", "Did not come")
LATE_AND = Text("超时,{why}", "Late. {why}")
ABSENT = Text("未到场:{why}", "Did not come: {why}")
NOT_KEPT = Text("未按时{step}", "“{step}” was not done in time")


@dataclass(frozen=True, slots=True)
class Table:
    """One list: its name, the heads of its columns, its rows. A cell is a text, a moment or nothing."""

    name: Text
    heads: tuple[Text, ...]
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    links: list[UUID] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sheets:
    """The three lists, what is counted of them, and the moment as of which they hold."""

    tasks: Table
    duties: Table
    issues: Table
    open_tasks: int
    late_tasks: int
    open_issues: int
    at: datetime

    @property
    def tables(self) -> tuple[Table, Table, Table]:
        """In the order in which they are read."""
        return self.tasks, self.duties, self.issues


def sheets(found: Sequence[Whistle], at: datetime) -> Sheets:
    """The lists of these whistles; three queries, however many there are."""
    whistles = {each.case_id: each for each in found}
    parts = cases.parts_of_cases(list(whistles))
    shown = [(part, cases.part_row(part, at)) for part in parts]
    noted = list(Issue.objects.filter(whistle__in=[each.id for each in found]).order_by("raised_at", "id"))
    agreed = list(Meeting.objects.filter(whistle__in=[each.id for each in found]).order_by("held_at"))
    heads = {row.case_id: row for row in rows(found)}
    tasks = _tasks([row for _, row in shown], agreed, {each.id: heads[each.case_id] for each in found})
    issues, open_issues = _issues(
        noted, [row for _, row in shown], {each.id: heads[each.case_id] for each in found}
    )
    return Sheets(
        tasks, _duties(whistles.values(), [row for _, row in shown], at), issues,
        sum(row.ended_at is None for _, row in shown),
        sum(row.ended_at is None and row.next_due is not None and row.next_due < at for _, row in shown),
        open_issues, at,
    )  # fmt: skip


def _tasks(parts: Iterable[PartRow], meetings: Iterable[Meeting], heads: dict[UUID, Any]) -> Table:
    table = Table(TASKS, (
        NUMBER, KIND, Text("任务", "Task"), Text("单位", "Who"), Text("召集时间", "Called"),
        Text("完成期限", "To be done by"), Text("进展", "How far"), Text("结束时间", "Ended"),
    ))  # fmt: skip
    for row in parts:
        due = next((each.due for each in row.timed if each.name == "part_handle"), None)
        table.rows.append(
            (row.number, row.kind, row.task, row.to, row.called_at, due, row.stage, row.ended_at)
        )
        table.links.append(row.case_id)
    for meeting in meetings:
        head = heads[meeting.whistle_id]
        for one in meeting.decisions:
            if not one.get("part"):
                to = Text(one["to_zh"], one["to_en"])
                said = Text("会商议定", "Decided at the meeting")
                table.rows.append(
                    (head.number, head.kind, one["task"], to, meeting.held_at, None, said, None)
                )
                table.links.append(head.case_id)
    return table


def _duties(whistles: Iterable[Whistle], parts: Sequence[PartRow], at: datetime) -> Table:
    table = Table(DUTIES, (
        NUMBER, KIND, Text("角色", "Part"), Text("单位", "Who"), Text("经办人", "Person"),
        *(step for step in STEPS.values()),
    ))  # fmt: skip
    for whistle in whistles:
        case = whistle.case
        number, kind = number_of(case.serial, case.reported_at), cases.kind_of(case)
        name = kind.name if kind else Text(case.kind, case.kind)
        if case.department_id or case.post_id:
            lead = people.taker_name(Responsible(case.department_id, case.post_id, (), None, ()))
            table.rows.append((number, name, LEADS, lead, "", None, None, None, _led(case, at)))
            table.links.append(case.id)
        for row in parts:
            if row.case_id == case.id:
                said = [_kept(each, row) for each in row.timed]
                table.rows.append((number, name, HELPS, row.to, row.holder, *said))
                table.links.append(case.id)
    return table


def _led(case: Any, at: datetime) -> Any:
    """How the lead stands against the case's own limit, as helpers against theirs; the limit rests while it does."""
    if case.due_at is None or case.state == State.SUSPENDED:
        return case.due_at
    if case.handled_at is not None:
        return ON_TIME if case.handled_at <= case.due_at else LATE
    return LATE if case.due_at < at else case.due_at


def _kept(each: Timed, row: PartRow) -> Any:
    verdict, due = each.verdict, each.due
    if each.name == "part_arrive" and row.absence:
        # Late or not when the part ended: whoever reads the list wants to know why nobody came.
        why = ABSENT.fill(why=row.absence)
        return LATE_AND.fill(why=why) if verdict is Verdict.OVERDUE else why
    if verdict is Verdict.ABSENT:
        return ABSENT_ONLY
    if verdict is Verdict.ON_TIME:
        return ON_TIME
    if verdict is Verdict.OVERDUE:
        return LATE
    return due if verdict is Verdict.OPEN else None


def _issues(noted: Iterable[Issue], parts: Sequence[PartRow], heads: dict[UUID, Any]) -> tuple[Table, int]:
    table = Table(ISSUES, (
        NUMBER, KIND, Text("问题", "Problem"), Text("涉及单位", "Concerns"), Text("提出时间", "Noted"),
        Text("解决时间", "Settled"), Text("解决办法", "Solution"),
    ))  # fmt: skip
    names, unsolved = {row.id: row.to for row in parts}, 0
    for each in noted:
        head = heads[each.whistle_id]
        who = names.get(each.part_id, "") if each.part_id else ""
        table.rows.append(
            (head.number, head.kind, each.text, who, each.raised_at, each.settled_at, each.solution)
        )
        table.links.append(head.case_id)
        unsolved += each.settled_at is None
    for row in parts:
        for limit in row.timed:
            if limit.verdict is Verdict.OVERDUE and limit.kept_at is None and row.ended_at is None:
                said = NOT_KEPT.fill(step=limit.label)
                table.rows.append((row.number, row.kind, said, row.to, limit.due, None, ""))
                table.links.append(row.case_id)
                unsolved += 1
    return table, unsolved


def workbook(found: Sheets) -> bytes:
    """The lists as an Excel file, a sheet each; no cell is a formula, the last row says as of when."""
    book = Workbook(write_only=True)
    for table in found.tables:
        sheet = book.create_sheet(str(table.name)[:31])
        sheet.append([str(head) for head in table.heads])
        for row in table.rows:
            sheet.append([cells.safe(_cell(value)) for value in row])
        as_of = Text("数据时间 {at},共 {n} 行", "As of {at}, {n} rows")
        sheet.append([cells.safe(str(as_of.fill(at=_cell(found.at), n=len(table.rows))))])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{clock.local(value):%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)
