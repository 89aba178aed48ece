"""What the catalogue says about the work, beside the form in which it is needed: the steps for whoever handles it, the
list to go through for whoever checks it, and for both what must hold before it is closed."""

from __future__ import annotations

from dataclasses import dataclass

from linli.cases import queries
from linli.desk.moveforms.fields import Asked
from linli.kernel.text import Text

HANDLING = frozenset({"sign", "hand_in", "settle"})
CHECKING = frozenset({"take_check", "pass_check", "redo", "close"})


@dataclass(frozen=True, slots=True)
class Points:
    """A list of the catalogue; `ordered` when its points come one after the other."""

    title: Text
    points: tuple[Text, ...]
    ordered: bool = False


def notes(name: str, asked: Asked) -> list[Text]:
    """The evidence that the kind asks for, when it may be closed, and how it is checked."""
    if name not in HANDLING | CHECKING:
        return []
    kind, condition = queries.kind_of(asked.case), queries.condition_of(asked.case)
    if kind is not None and condition is None:  # not registered: it will be under the kind's own
        condition = kind.default
    found = []
    if kind is not None:
        words = queries.evidence_words(kind.evidence)
        found.append(Text("须留证据:{what}", "Evidence: {what}").fill(what=words))
    if condition is not None:
        found.append(Text("结案标准:{closing}", "Closed when: {closing}").fill(closing=condition.closing))
    if kind is not None and name in CHECKING:
        words = queries.checking_words(kind.checking)
        found.append(Text("核查方式:{how}", "Checking: {how}").fill(how=words))
    return found


def points(name: str, asked: Asked) -> Points | None:
    """The kind's steps of handling, or its list for the check; None where the catalogue has none."""
    kind = queries.kind_of(asked.case)
    if kind is None:
        return None
    if name in HANDLING and kind.handling:
        return Points(Text("处置要求", "What handling must do"), kind.handling, ordered=True)
    if name in CHECKING and kind.checklist:
        return Points(Text("逐项核对", "Go through these"), kind.checklist)
    return None
