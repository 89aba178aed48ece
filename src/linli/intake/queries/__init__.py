"""Every read of this room: `batches` what was sent as a file, `comparing` which rows of a file are alike."""

from linli.intake.queries.comparing import Compared, candidates_shown, rows_compared

__all__ = ["Compared", "candidates_shown", "rows_compared"]
