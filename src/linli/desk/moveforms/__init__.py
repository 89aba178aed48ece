"""The forms of the moves: for each move that is open, the fields that it requires and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import QueryDict

from linli.cases import queries
from linli.cases.words import UNKNOWN_KIND
from linli.desk import asking
from linli.desk.moveforms import hands, loop, standards
from linli.desk.moveforms.fields import Asked, FormField
from linli.desk.moveforms.texts import ASIDE, DANGEROUS, DONE, ICONS
from linli.kernel import clock
from linli.kernel.access import Actor
from linli.kernel.errors import MALFORMED, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.kernel.web import invalid

__all__ = ["DONE", "ICONS", "TEXTS", "Asked", "FormField", "MoveForm", "forms", "given", "titled"]

FIELDS = loop.FIELDS | hands.FIELDS
LAST_YEAR = 9000
NOTES = loop.NOTES | hands.NOTES


@dataclass(slots=True)
class MoveForm:
    """A move that may be made now."""

    name: str
    label: Text
    icon: str
    dangerous: bool
    fields: list[FormField]
    notes: list[Text]
    points: standards.Points | None
    write_id: UUID
    open: bool = False
    error: Problem | None = None


def forms(asked: Asked, tried: str = "", problem: Problem | None = None) -> list[MoveForm]:
    """The forms of the moves that are open, the usual next step first and unfolded; the one that was tried shows
    what was wrong."""
    found = []
    moves = queries.moves_for(asked.case, asked.actor, asked.at)
    moves.sort(key=lambda move: (move.name in DANGEROUS, move.name in ASIDE))
    for number, move in enumerate(moves):
        mine = asked if move.name == tried else Asked(asked.case, asked.actor, asked.at)
        one = MoveForm(
            move.name, titled(move.label), ICONS.get(move.name, "arrow-right"), move.name in DANGEROUS,
            FIELDS[move.name](mine) if move.name in FIELDS else [],
            [*standards.notes(move.name, mine), *(NOTES[move.name](mine) if move.name in NOTES else [])],
            standards.points(move.name, mine),
            uuid7(asked.at), open=move.name == tried if tried else _usual(move.name) and number == 0,
            error=problem if move.name == tried else None,
        )  # fmt: skip
        found.append(one)
    return found


def titled(label: Text) -> Text:
    """A move's label as a heading or on a button: in English with a capital."""
    return Text(label.zh, label.en[:1].upper() + label.en[1:])


def _usual(name: str) -> bool:
    return name not in DANGEROUS and name not in ASIDE


TEXTS = (
    "finding",
    "reason",
    "note",
    "text",
    "result",
    "comment",
    "condition",
    "answer",
    "basis",
    "card",
    "amount",
)


def given(name: str, typed: QueryDict, actor: Actor) -> dict[str, Any]:
    """What the action is given, from what the form sent. Raises what could not be read."""
    values: dict[str, Any] = {key: asking.text(typed, key, 2000) for key in TEXTS if key in typed}
    values["id"] = asking.uuid(typed, "id")
    version = asking.whole(typed, "version")
    if version is not None and version >= 2**31:
        raise Problem(MALFORMED)
    values["version"] = version
    if name == "accept":
        values["kind"] = _kind(typed)
        values["unit"] = asking.uuid(typed, "unit")
    if name == "merge":
        values["into"] = _into(typed, actor)
    if name == "ask_suspension":
        values["until"] = _day(typed)
    if name in {"dispatch", "rule"}:
        values |= _to(asking.text(typed, "to", 60))
    if "reason_code" in typed:
        values["reason_code"] = asking.text(typed, "reason_code", 40)
        if not values["reason_code"]:
            raise invalid(reason_code=Text("请选择原因", "Choose a reason"))
    return values


def _into(typed: QueryDict, actor: Actor) -> UUID | None:
    """The case to merge into: the number that was typed counts, else the one that was chosen."""
    number = asking.text(typed, "into_number", 100)
    if not number:
        return asking.uuid(typed, "into")
    found = queries.case_numbered(actor, number)
    if found is None:
        raise invalid(into_number=Text("没有找到这个编号的案件", "No case with this number was found"))
    return found.id


def _day(typed: QueryDict) -> datetime | None:
    """The end of the day that was chosen, in the town."""
    value = asking.text(typed, "until", 10)
    try:
        day = date.fromisoformat(value) if value else None
    except ValueError:
        raise invalid(until=Text("请选择日期", "Choose a day")) from None
    if day is None:
        return None
    if day.year > LAST_YEAR:
        raise invalid(until=Text("请选择日期", "Choose a day"))
    return datetime.combine(day + timedelta(days=1), time.min, clock.town_zone()).astimezone(UTC)


def _kind(typed: QueryDict) -> str:
    other = asking.text(typed, "kind_other", 100)
    code = asking.kind_code(other) if other else asking.text(typed, "kind", 20)
    if other and code == "-":
        raise Problem(UNKNOWN_KIND, fields={"kind_other": UNKNOWN_KIND.title})
    return code


def _to(value: str) -> dict[str, UUID]:
    if not value:
        return {}
    sort, _, key = value.partition(":")
    if sort not in {"d", "p"}:
        raise Problem(MALFORMED)
    try:
        return {"department" if sort == "d" else "post": UUID(key)}
    except ValueError:
        raise Problem(MALFORMED) from None
