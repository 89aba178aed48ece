"""The two files that go back to the source: what became of each row, and how its matters stand now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any
from uuid import UUID

from linli.cases.queries.replies import results_of
from linli.cases.words import ANSWER_LABELS, Answer, State, number_of
from linli.intake.batches.words import FIELD_LABELS, Field, Result
from linli.intake.models import Batch
from linli.intake.queries import batches as queries
from linli.kernel import clock
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import Responsible

CHUNK = 400
LINE, NUMBER, RESULT = Text("行号", "Line"), Text("来源编号", "The source's number"), Text("结果", "Result")
OURS, STATE = Text("本镇编号", "Our number"), Text("状态", "State")
WHO, DUE = Text("责任单位", "Who is responsible"), Text("办理期限", "Deadline")
COLUMN, REASON = Text("字段", "Field"), Text("原因", "Reason")
LIKE, WANTED = Text("疑似重复于", "Probably the same as"), Text("要求办结时间", "Wanted by")
HANDLED, CLOSED = Text("处置完成时间", "Handled"), Text("结案时间", "Closed")
DONE, ANSWER = Text("办理情况", "What was done"), Text("诉求人评价", "The reporter's answer")

RESULT_HEADING = (LINE, NUMBER, RESULT, OURS, STATE, WHO, DUE, WANTED, COLUMN, REASON, LIKE)
REPLY_HEADING = (NUMBER, OURS, STATE, WHO, DUE, WANTED, HANDLED, CLOSED, DONE, ANSWER)
Line = list[str]


def results(batch: Batch) -> Iterator[Line]:
    """The heading, then what became of each row, by line, in the reader's language."""
    yield [str(text) for text in RESULT_HEADING]
    name = _names()
    for row in queries.results(batch).iterator(chunk_size=2_000):
        field = FIELD_LABELS[Field(row.field)] if row.field in FIELD_LABELS else ""
        yield [
            str(row.line), row.number, str(Result(row.result).label), *_standing(row, name), _time(row.wanted_at),
            str(field), str(Text(row.reason_zh, row.reason_en)), _number(row.like_serial, row.like_reported_at),
        ]  # fmt: skip


def replies(batch: Batch) -> Iterator[Line]:
    """The heading, then how the matter of each row stands now, with what was done about it."""
    yield [str(text) for text in REPLY_HEADING]
    name = _names()
    rows = queries.results(batch).filter(case__isnull=False).iterator(chunk_size=2_000)
    while chunk := list(islice(rows, CHUNK)):
        done = results_of([row.case_id for row in chunk if row.handled_at or row.closed_at])
        for row in chunk:
            answer = str(ANSWER_LABELS[Answer(row.answer)]) if row.answer else ""
            yield [
                row.number, *_standing(row, name), _time(row.wanted_at), _time(row.handled_at),
                _time(row.closed_at), done.get(row.case_id, ""), answer,
            ]  # fmt: skip


def _standing(row: Any, name: Any) -> Sequence[str]:
    if row.serial is None:
        return ("", "", "", "")
    number = _number(row.serial, row.reported_at)
    who = name(row.department_id, row.post_id, row.unit_id)
    return (number, str(State(row.state).label), who, _time(row.due_at or row.next_due_at))


def _names() -> Any:
    @lru_cache(maxsize=2_000)
    def name(department_id: UUID | None, post_id: UUID | None, unit_id: UUID | None) -> str:
        return str(people.taker_name(Responsible(department_id, post_id, (), unit_id, ())))

    return name


def _number(serial: int | None, reported_at: datetime | None) -> str:
    return number_of(serial, reported_at) if serial is not None and reported_at is not None else ""


def _time(moment: datetime | None) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}" if moment else ""
