"""A move by its name, with what a form or a JSON body gave: one place for pages and interface."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from linli.cases.actions import charging, leaving, merging, moves, supervising, wishes
from linli.cases.models import Case
from linli.cases.words import Answer
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_FOUND, Problem
from linli.kernel.text import Text

Call = Callable[..., Case]

CALLS: dict[str, tuple[Call, tuple[str, ...]]] = {
    "ask_verify": (moves.ask_verification, ()),
    "verify": (moves.verify, ("finding", "photos")),
    "accept": (moves.accept, ("kind", "unit")),
    "decline": (moves.decline, ("reason", "note")),
    "register": (moves.register, ("condition",)),
    "transfer_out": (leaving.transfer_out, ("reason", "note")),
    "merge": (merging.merge, ("into", "note")),
    "unmerge": (merging.unmerge, ("reason",)),
    "dispatch": (charging.dispatch, ("department", "post", "note")),
    "return": (charging.return_case, ("reason", "basis", "reason_code")),
    "rule": (charging.rule_on, ("department", "post", "reason")),
    "sign": (moves.sign, ()),
    "note": (moves.note_progress, ("text", "photos")),
    "contact": (moves.contact, ("text",)),
    "ask_extension": (wishes.ask_extension, ("amount", "reason")),
    "grant_extension": (wishes.grant_extension, ("note",)),
    "refuse_extension": (wishes.refuse_extension, ("reason",)),
    "ask_suspension": (wishes.ask_suspension, ("until", "reason")),
    "grant_suspension": (wishes.grant_suspension, ("note",)),
    "refuse_suspension": (wishes.refuse_suspension, ("reason",)),
    "resume": (wishes.resume, ("note",)),
    "supervise": (supervising.supervise, ("card", "text")),
    "reply": (supervising.reply, ("text",)),
    "lift": (supervising.lift, ("note",)),
    "hand_in": (moves.hand_in, ("result", "photos")),
    "settle": (moves.settle, ("result", "photos")),
    "take_check": (moves.take_check, ()),
    "pass_check": (moves.pass_check, ("note", "photos")),
    "redo": (moves.order_redo, ("reason", "reason_code", "photos")),
    "close": (moves.close, ()),
    "ask": (moves.record_call, ("text",)),
    "rate": (moves.rate, ("answer", "comment")),
    "appeal": (wishes.appeal, ("reason",)),
    "grant_appeal": (wishes.grant_appeal, ("note",)),
    "refuse_appeal": (wishes.refuse_appeal, ("reason",)),
    "reopen": (moves.reopen, ("reason", "reason_code")),
    "void": (moves.void, ("reason", "note")),
}


MAY_LACK = frozenset({"photos", "department", "post"})


def call(name: str, case_id: UUID, given: Mapping[str, Any], *, by: Actor, at: datetime) -> Case:
    """Make the move; NOT_FOUND when there is none of this name.

    Of `given` it takes the fields that this move knows (a text that is missing counts as empty), besides `id` (the client's write id) and `version`.
    """
    if name not in CALLS:
        raise Problem(NOT_FOUND)
    action, names = CALLS[name]
    values = {key: given.get(key, "") for key in names if key in given or key not in MAY_LACK}
    if name == "ask_extension":
        values["amount"] = _amount(given.get("amount"))
    if name == "ask_suspension":
        values["until"] = _until(given.get("until"))
    if name == "merge":
        values["into"] = given.get("into") or None
    if name == "rate":
        values["answer"] = _answer(str(given.get("answer", "")))
        values["comment"] = str(given.get("comment") or given.get("text") or "")
    return action(case_id, by=by, at=at, id=given.get("id"), version=given.get("version"), **values)


def _amount(value: Any) -> int:
    """A whole number; 0, which no request may ask for, when it is none."""
    try:
        return int(str(value))
    except ValueError:
        return 0


def _until(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


def _answer(value: str) -> Answer:
    try:
        return Answer(value)
    except ValueError:
        wrong = Text("请选择满意程度", "Choose how satisfied you are")
        raise Problem(INVALID, fields={"answer": wrong}) from None
