"""Every write of this room: `importing` takes over the cases of another system, `batches` what a hotline sends."""

from linli.intake.actions.importing import TWICE, Agreement, Listener, Outcome, import_cases

__all__ = ["TWICE", "Agreement", "Listener", "Outcome", "import_cases"]
