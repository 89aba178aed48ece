"""Every write: `asking`, `answering`, `deciding`, `handing_up`; `timers` hears the clocks."""

from linli.consultation.actions.answering import answer, decline, read_opinion, take_document
from linli.consultation.actions.asking import ask, ask_more, withdraw
from linli.consultation.actions.deciding import decide
from linli.consultation.actions.handing_up import Choice, hand_up, take_dossier

__all__ = [
    "Choice",
    "answer",
    "ask",
    "ask_more",
    "decide",
    "decline",
    "hand_up",
    "read_opinion",
    "take_document",
    "take_dossier",
    "withdraw",
]
