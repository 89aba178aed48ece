"""Every read of this room: `batches` what was sent as a file, `comparing` which rows of a file are alike, `resembling`
and `rows_alike` which open matters a report is probably about, `suggestions` which kinds a text suggests."""

from linli.intake.duplicates.files import Compared
from linli.intake.queries.comparing import candidates_shown, rows_compared
from linli.intake.queries.resembling import Similar, similar
from linli.intake.queries.rows_alike import Alike, Report, forget, similar_many
from linli.intake.queries.suggestions import Guess, HitRate, Suggestion, hit_rate, suggest, suggest_many

__all__ = [
    "Alike",
    "Compared",
    "Guess",
    "HitRate",
    "Report",
    "Similar",
    "Suggestion",
    "candidates_shown",
    "forget",
    "hit_rate",
    "rows_compared",
    "similar",
    "similar_many",
    "suggest",
    "suggest_many",
]
