"""The loop's law as pure functions: the machine, what stands against a move, routing, places."""

from linli.cases.rules.machine import MOVES, Move, takes_in
from linli.cases.rules.parts import (
    CALLABLE,
    PART_MOVES,
    RUNNING,
    PartStanding,
    kept,
    must_explain,
    part_guard,
)
from linli.cases.rules.place import cell_of, cells_around
from linli.cases.rules.routing import dispatch_limit_name, goes_straight, verdict
from linli.cases.rules.standing import Bounds, Standing, Waiting, guard, moves

__all__ = [
    "CALLABLE",
    "MOVES",
    "PART_MOVES",
    "RUNNING",
    "Bounds",
    "Move",
    "PartStanding",
    "Standing",
    "Waiting",
    "cell_of",
    "cells_around",
    "dispatch_limit_name",
    "goes_straight",
    "guard",
    "kept",
    "moves",
    "must_explain",
    "part_guard",
    "takes_in",
    "verdict",
]
