"""What stands against a move although the state and the post allow it, and which moves are therefore open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from linli.cases.rules.machine import MOVES, Move
from linli.cases.words import State, Verdict, Wish

S = State


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits for its decision: who asked, who of those that decide has spoken already, and until when a
    suspension was asked for."""

    asked_by: UUID | None
    decided_by: frozenset[UUID] = frozenset()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """Numbers of the rulebook that bound the loop (`limits.toml`)."""

    reopens: int = 0
    returns: int = 0
    extensions: int = 0
    suspensions: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What the guards need to know of a case and of who acts.

    `handlers`: everybody who ever signed for it or handed it in; none of them is the other person that a check
    needs. `return_until`: the last moment at which it may be returned; `appeal_until`: likewise for an appeal.
    `reply_owed`: a supervision waits for its answer.
    """

    state: State
    actor_id: UUID | None = None
    handlers: frozenset[UUID] = frozenset()
    settle_allowed: bool = False
    bounds: Bounds = Bounds()
    reopens: int = 0
    closed_at: datetime | None = None
    reopen_until: datetime | None = None
    due_at: datetime | None = None
    verdict: Verdict = Verdict.OPEN
    returns: int = 0
    return_until: datetime | None = None
    ruled: bool = False
    extensions: int = 0
    suspensions: int = 0
    appealed: bool = False
    appeal_until: datetime | None = None
    supervised: bool = False
    reply_owed: bool = False
    open_parts: int = 0
    waiting: Mapping[Wish, Waiting] = field(default_factory=dict)


def guard(name: str, standing: Standing, at: datetime) -> str | None:
    """Why the move is refused although the state allows it (a key of `step.GUARDED`); None when it is not."""
    found = GUARDS.get(name)
    return found(standing, at) if found else None


def _check(standing: Standing, at: datetime) -> str | None:
    if standing.state is S.CHECKED:
        return None
    return "checker" if standing.actor_id in standing.handlers else None


def _settle(standing: Standing, at: datetime) -> str | None:
    return _parts(standing, at) if standing.settle_allowed else "settle"


def _parts(standing: Standing, at: datetime) -> str | None:
    return "parts" if standing.open_parts else None


def _reopen(standing: Standing, at: datetime) -> str | None:
    late = standing.reopen_until is not None and at > standing.reopen_until
    return "reopen" if late or standing.reopens >= standing.bounds.reopens else None


def _dispatch(standing: Standing, at: datetime) -> str | None:
    if standing.state is S.RETURNED and standing.returns >= standing.bounds.returns:
        return "ruling"
    return "ruled" if standing.state is S.DISPATCHED and standing.ruled else None


def _return(standing: Standing, at: datetime) -> str | None:
    if standing.ruled:
        return "ruled"
    return "return_late" if standing.return_until is not None and at > standing.return_until else None


def _ask_extension(standing: Standing, at: datetime) -> str | None:
    if Wish.EXTENSION in standing.waiting:
        return "waiting"
    if standing.extensions >= standing.bounds.extensions:
        return "once"
    return "late" if _late(standing, at) else None


def _ask_suspension(standing: Standing, at: datetime) -> str | None:
    if Wish.SUSPENSION in standing.waiting:
        return "waiting"
    if standing.suspensions >= standing.bounds.suspensions:
        return "once"
    return "late" if _late(standing, at) else None


def _late(standing: Standing, at: datetime) -> bool:
    return standing.due_at is None or at > standing.due_at


def _appeal(standing: Standing, at: datetime) -> str | None:
    if standing.appealed:
        return "once"
    late = standing.appeal_until is None or at > standing.appeal_until
    return "late" if late or standing.verdict is not Verdict.OVERDUE else None


def _decide(wish: Wish) -> Callable[[Standing, datetime], str | None]:
    def decide(standing: Standing, at: datetime) -> str | None:
        waiting = standing.waiting.get(wish)
        if waiting is None:
            return "nothing"
        spoken = waiting.decided_by | {waiting.asked_by}
        return "own" if standing.actor_id in spoken else None

    return decide


def _grant_suspension(standing: Standing, at: datetime) -> str | None:
    """A suspension is no way out of being late, and none whose day has come is granted."""
    refused = _decide(Wish.SUSPENSION)(standing, at)
    if refused:
        return refused
    until = standing.waiting[Wish.SUSPENSION].until
    return "late" if until is None or at >= until or _late(standing, at) else None


def _reply(standing: Standing, at: datetime) -> str | None:
    return None if standing.reply_owed else "unsupervised"


def _lift(standing: Standing, at: datetime) -> str | None:
    return None if standing.supervised else "unsupervised"


GUARDS: dict[str, Callable[[Standing, datetime], str | None]] = {
    "pass_check": _check,
    "take_check": _check,
    "redo": _check,
    "settle": _settle,
    "close": _parts,
    "merge": _parts,
    "transfer_out": _parts,
    "reopen": _reopen,
    "dispatch": _dispatch,
    "return": _return,
    "ask_extension": _ask_extension,
    "grant_extension": _decide(Wish.EXTENSION),
    "refuse_extension": _decide(Wish.EXTENSION),
    "ask_suspension": _ask_suspension,
    "grant_suspension": _grant_suspension,
    "refuse_suspension": _decide(Wish.SUSPENSION),
    "reply": _reply,
    "lift": _lift,
    "appeal": _appeal,
    "grant_appeal": _decide(Wish.APPEAL),
    "refuse_appeal": _decide(Wish.APPEAL),
}


def moves(standing: Standing, may: Callable[[str], bool], at: datetime) -> list[Move]:
    """The moves open now, in the table's order: the state allows them, the post allows them, no guard refuses.

    Pages offer exactly these and the actions enforce the same three conditions.
    """
    return [
        move
        for move in MOVES.values()
        if standing.state in move.before and may(move.action) and guard(move.name, standing, at) is None
    ]
