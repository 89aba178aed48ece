"""Every write of this room: `importing` takes over the cases of another system, `batches` what a hotline sends,
`suggestions` what was chosen and what is learned."""

from linli.intake.actions.importing import TWICE, Agreement, Listener, Outcome, import_cases
from linli.intake.actions.suggestions import Learned, learn_from_cases, note_choice

__all__ = [
    "TWICE",
    "Agreement",
    "Learned",
    "Listener",
    "Outcome",
    "import_cases",
    "learn_from_cases",
    "note_choice",
]
