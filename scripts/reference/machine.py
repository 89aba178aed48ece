"""The state machine: its table, a Mermaid text for forges, and a drawing of our own."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from linli.cases.rules import MOVES, Move
from linli.cases.words import DESK_LABELS, DESK_OF, ENDED, State
from linli.kernel.text import Text
from reference.page import Page, code, words

PICTURE = "images/state-machine.svg"
OPEN = frozenset(State) - ENDED

# Column and row of each state in the drawing; a state that is missing here stops the drawing.
PLACES = {
    State.VERIFYING: (0, 0),
    State.REPORTED: (0, 1),
    State.ACCEPTED: (1, 1),
    State.REGISTERED: (2, 1),
    State.DISPATCHED: (3, 1),
    State.HANDLING: (4, 1),
    State.HANDLED: (4, 2),
    State.CHECKING: (4, 3),
    State.CHECKED: (3, 3),
    State.CLOSED: (2, 3),
    State.FOLLOWED_UP: (1, 3),
    State.RETURNED: (3, 0),
    State.SUSPENDED: (4, 0),
    State.MERGED: (2, 0),
    State.TRANSFERRED: (1, 0),
    State.DECLINED: (0, 2),
    State.VOID: (0, 3),
}
BOX = (148, 50)
CELL = (244, 140)
EDGE = 34
# How far an arrow bends to its left, where a straight one would hide another.
BENDS = {
    (State.REPORTED, State.VERIFYING): 84,
    (State.VERIFYING, State.REPORTED): 84,
    (State.ACCEPTED, State.DECLINED): 50,
    (State.REPORTED, State.CLOSED): -40,
    (State.HANDLING, State.HANDLED): -90,
    (State.HANDLED, State.HANDLING): -90,
    (State.CHECKING, State.HANDLING): -300,
    (State.CHECKED, State.HANDLING): 90,
    (State.FOLLOWED_UP, State.REGISTERED): -30,
}
COLOURS = {"open": "#206bc4", "ended": "#667382"}


def _arrows() -> dict[tuple[State, State], list[Move]]:
    """Every change of state with its moves; a move that every open state allows is told beside the drawing."""
    found: dict[tuple[State, State], list[Move]] = {}
    for move in MOVES.values():
        if move.after is None or move.before == OPEN:
            continue
        for before in sorted(move.before):
            found.setdefault((before, move.after), []).append(move)
    return found


def _everywhere() -> list[Move]:
    return [move for move in MOVES.values() if move.before == OPEN]


def page() -> Page:
    """The table of moves and the drawings."""
    made = Page("reference/state-machine.md", "案件状态机", "The states of a case")
    made.say(
        "整个流程是 `src/linli/cases/rules/machine.py` 里的一张表;本页由它画出。页面给出的按钮和动作的检查都取自这张表。",
        "The whole machine is one table in `src/linli/cases/rules/machine.py`, from which this page is drawn. The buttons of a page and the checks of the actions both come from it.",
    )
    made.line(f"![案件状态机 / the states of a case](../{PICTURE})")
    made.head(Text("状态", "States"))
    made.table(
        ("code", "状态 / state", "在哪个岗位台面 / desk"),
        ((code(s.value), s.label, DESK_LABELS[DESK_OF[s]]) for s in State),
    )
    made.head(Text("步骤", "Moves"))
    made.table(
        ("code", "步骤 / move", "从 / from", "到 / to", "谁 / who", "权限 / action", "必需 / requires", "依据 / source"),
        (
            (
                code(move.name), move.label,
                "未结束的任何状态<br>any open state" if move.before == OPEN else words(s.value for s in State if s in move.before),
                code(move.after.value) if move.after else "=", move.who, code(move.action), words(move.requires), move.source,
            )
            for move in MOVES.values()
        ),
    )  # fmt: skip
    made.head("Mermaid")
    made.line("```mermaid")
    made.lines += list(_mermaid())
    made.line("```")
    return made


def _mermaid() -> Iterator[str]:
    yield "stateDiagram-v2"
    for state in State:
        yield f"  {state.value}: {state.label.zh} {state.label.en}"
    yield f"  [*] --> {State.REPORTED.value}"
    for (before, after), moves in _arrows().items():
        yield f"  {before.value} --> {after.value}: {', '.join(move.name for move in moves)}"
    for state in State:
        if state in ENDED:
            yield f"  {state.value} --> [*]"


def picture() -> str:
    """The drawing as SVG, in both languages."""
    if missing := set(State) - set(PLACES):
        raise SystemExit(f"give a place in scripts/reference/machine.py to {sorted(missing)}")
    width = 2 * EDGE + 4 * CELL[0] + BOX[0] + 150
    height = 2 * EDGE + 3 * CELL[1] + BOX[1]
    arrows = [_arrow(pair, moves) for pair, moves in _arrows().items()]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">',
        "<title>案件状态机 / the states of a case</title>",
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" fill="#667382"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        '<g font-family="system-ui, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif" text-anchor="middle">',
        *(line for line, _ in arrows),
        *(_box(state) for state in State),
        *(label for _, label in arrows),
        *_beside(),
        "</g></svg>",
    ]
    return "\n".join(parts) + "\n"


def _middle(state: State) -> tuple[float, float]:
    column, row = PLACES[state]
    return EDGE + column * CELL[0] + BOX[0] / 2, EDGE + row * CELL[1] + BOX[1] / 2


def _box(state: State) -> str:
    x, y = _middle(state)
    colour = COLOURS["ended" if state in ENDED else "open"]
    return (
        f'<rect x="{x - BOX[0] / 2:.0f}" y="{y - BOX[1] / 2:.0f}" width="{BOX[0]}" height="{BOX[1]}" rx="8" fill="#f6f8fb" stroke="{colour}" stroke-width="1.5"/>'
        f'<text x="{x:.0f}" y="{y - 3:.0f}" font-size="16" fill="#182433">{escape(state.label.zh)}</text>'
        f'<text x="{x:.0f}" y="{y + 16:.0f}" font-size="12" fill="#5c6b7c">{escape(state.label.en)}</text>'
    )


def _arrow(pair: tuple[State, State], moves: list[Move]) -> tuple[str, str]:
    """The line of a change of state, and its label."""
    labels = [Text(move.label.zh, move.label.en) for move in moves]
    if pair[0] is pair[1]:
        return _loop(pair[0], labels)
    (x1, y1), (x2, y2) = _middle(pair[0]), _middle(pair[1])
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    bend = BENDS.get(pair, 0)
    cx = (x1 + x2) / 2 - (y2 - y1) / length * bend * -1
    cy = (y1 + y2) / 2 + (x2 - x1) / length * bend * -1
    sx, sy = _rim(x1, y1, cx, cy)
    tx, ty = _rim(x2, y2, cx, cy)
    line = f'<path d="M{sx:.0f} {sy:.0f}Q{cx:.0f} {cy:.0f} {tx:.0f} {ty:.0f}" fill="none" stroke="#667382" stroke-width="1.3" marker-end="url(#tip)"/>'
    return line, _label((sx + 2 * cx + tx) / 4, (sy + 2 * cy + ty) / 4, labels)


def _loop(state: State, labels: list[Text]) -> tuple[str, str]:
    x, y = _middle(state)
    top = y - BOX[1] / 2
    line = f'<path d="M{x - 24:.0f} {top:.0f}C{x - 24:.0f} {top - 46:.0f} {x + 24:.0f} {top - 46:.0f} {x + 24:.0f} {top - 2:.0f}" fill="none" stroke="#667382" stroke-width="1.3" marker-end="url(#tip)"/>'
    return line, _label(x, top - 42, labels)


def _rim(x: float, y: float, towards_x: float, towards_y: float) -> tuple[float, float]:
    """Where the way from the middle of a box crosses its rim."""
    dx, dy = towards_x - x, towards_y - y
    scale = min(
        (BOX[0] / 2 + 3) / abs(dx) if dx else float("inf"), (BOX[1] / 2 + 3) / abs(dy) if dy else float("inf")
    )
    return x + dx * scale, y + dy * scale


def _label(x: float, y: float, labels: list[Text]) -> str:
    zh, en = " / ".join(t.zh for t in labels), " / ".join(t.en for t in labels)
    halo = 'paint-order="stroke" stroke="#ffffff" stroke-width="4"'
    return (
        f'<text x="{x:.0f}" y="{y - 1:.0f}" font-size="12" fill="#182433" {halo}>{escape(zh)}</text>'
        f'<text x="{x:.0f}" y="{y + 12:.0f}" font-size="10" fill="#5c6b7c" {halo}>{escape(en)}</text>'
    )


def _beside() -> Iterator[str]:
    """The moves that need no arrow: those that every open state allows, and those that change no state."""
    x, y = _middle(State.VERIFYING)
    x += CELL[0] * 2
    told = [
        f"{move.label.zh} {move.label.en}: 未结束的任何状态 / from any open state" for move in _everywhere()
    ]
    told += [
        f"{move.label.zh} {move.label.en}: {', '.join(s.label.zh for s in State if s in move.before)}, 状态不变 / state stays"
        for move in MOVES.values()
        if move.after is None
    ]
    for index, text in enumerate(told):
        yield f'<text x="{x:.0f}" y="{y + 18 * (index - 1):.0f}" font-size="12" fill="#5c6b7c">{escape(text)}</text>'
