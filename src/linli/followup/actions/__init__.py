"""Every write of following up: `calling`, `exclusions`, `drawing`."""

from linli.followup.actions.calling import (
    Said,
    log_call,
    put_back,
    show_number,
    spare,
    take,
    take_next,
    welcome_calls,
)
from linli.followup.actions.drawing import commit_draw, draw, inspect, reopen_found, take_inspection
from linli.followup.actions.exclusions import appeal_exclusion, ask_exclusion, decide_exclusion

__all__ = [
    "Said",
    "appeal_exclusion",
    "ask_exclusion",
    "commit_draw",
    "decide_exclusion",
    "draw",
    "inspect",
    "log_call",
    "put_back",
    "reopen_found",
    "show_number",
    "spare",
    "take",
    "take_inspection",
    "take_next",
    "welcome_calls",
]
