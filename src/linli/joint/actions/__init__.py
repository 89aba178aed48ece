"""Every write of this room: `whistling` (blow, approve, refuse), `meeting` (minutes, problems), `reporting` (report in, rate)."""

from linli.joint.actions.meeting import Decided, hold_meeting, note_problem, settle_problem
from linli.joint.actions.reporting import confirm_arrival, rate, report_in
from linli.joint.actions.whistling import approve, refuse, whistle

__all__ = [
    "Decided",
    "approve",
    "confirm_arrival",
    "hold_meeting",
    "note_problem",
    "rate",
    "refuse",
    "report_in",
    "settle_problem",
    "whistle",
]
