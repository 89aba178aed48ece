"""Every read of this room: `batches` what was sent as a file, `comparing` which rows of a file are alike, `resembling`
and `rows_alike` which open matters a report is probably about, `coming_back` which matters recur, `suggestions` which
kinds a text suggests."""

from linli.intake.duplicates.files import Compared
from linli.intake.queries.coming_back import Group, Member, recurring
from linli.intake.queries.comparing import candidates_shown, rows_compared
from linli.intake.queries.resembling import Similar, similar
from linli.intake.queries.rows_alike import Alike, Report, forget, similar_many
from linli.intake.queries.suggestions import Guess, HitRate, Suggestion, hit_rate, suggest, suggest_many

__all__ = [
    "Alike",
    "Compared",
    "Group",
    "Guess",
    "HitRate",
    "Member",
    "Report",
    "Similar",
    "Suggestion",
    "candidates_shown",
    "forget",
    "hit_rate",
    "recurring",
    "rows_compared",
    "similar",
    "similar_many",
    "suggest",
    "suggest_many",
]
