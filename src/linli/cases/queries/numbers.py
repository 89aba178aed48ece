"""Cases by the number that their source gave them, as people type it."""

from __future__ import annotations

from django.db.models import Q

from linli.cases.models import Case
from linli.cases.words import Source

MOST_SYSTEMS = 50
_DOORS = tuple(source.value for source in Source if source is not Source.IMPORTED)


def numbered(words: str) -> Q:
    """Cases whose source calls them by this number: a hotline's ticket, or the plain number of a case that was
    imported, which is kept behind the name of its system. Found by the index of (source, source_number)."""
    plain = Q(source__in=_DOORS, source_number=words)
    kept = [words] if "/" in words else [f"{system}/{words}" for system in systems()]
    return plain | Q(source=Source.IMPORTED.value, source_number__in=kept)


def systems() -> list[str]:
    """The names of the systems from which cases were imported: a look into the index for each."""
    found: list[str] = []
    imported = Case.objects.filter(source=Source.IMPORTED.value).order_by("source_number")
    after = ""
    while len(found) < MOST_SYSTEMS:
        first = imported.filter(source_number__gt=after).values_list("source_number", flat=True).first()
        system = (first or "").partition("/")[0]
        if not first or system in found:
            return found
        found.append(system)
        after = f"{system}0"  # "0" follows "/"
    return found
