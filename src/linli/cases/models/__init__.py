"""Tables of the loop. Rules that a database can hold are constraints here; behaviour is elsewhere."""

from linli.cases.models.case import RANKS, Case
from linli.cases.models.decisions import Decision, Merge, Request, Ruling, Supervision
from linli.cases.models.work import Assignment, Evidence, SavedFilter

__all__ = [
    "RANKS",
    "Assignment",
    "Case",
    "Decision",
    "Evidence",
    "Merge",
    "Request",
    "Ruling",
    "SavedFilter",
    "Supervision",
]
