"""Which state of the catalogue an address means: an edition by its number, a draft by `d-` and its id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from linli.cases.queries import Catalogue, catalogues
from linli.kernel.access import Actor
from linli.kernel.errors import MALFORMED, NOT_ALLOWED, NOT_FOUND, Problem
from linli.kernel.text import Text

DRAFT = "d-"
MOST_VERSION = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Version:
    """A state of the catalogue as a page names it. `ref` is what stands in addresses."""

    ref: str
    label: Text
    table: Mapping[str, Any]
    edition: int | None = None

    def book(self) -> Catalogue:
        """The catalogue that its rows are. Raises NOT_FOUND for a draft that is none."""
        if self.edition is not None:
            return catalogues.edition_of(self.edition)
        made = catalogues.read_table(self.table)
        if not isinstance(made, Catalogue):
            raise Problem(NOT_FOUND)
        return made


def version_of(ref: str, actor: Actor, at: datetime) -> Version:
    """The state that `ref` names; the edition in force when it is empty. Drafts are for those who keep the
    catalogue. Raises MALFORMED, NOT_ALLOWED, NOT_FOUND."""
    if ref.startswith(DRAFT):
        if not catalogues.may_keep_catalogue(actor):
            raise Problem(NOT_ALLOWED)
        try:
            found = catalogues.drafted(UUID(ref.removeprefix(DRAFT)))
        except ValueError:
            raise Problem(MALFORMED) from None
        return Version(ref, draft_name(found.draft.title), found.table)
    number = catalogues.edition_at(at) if not ref else _number(ref)
    return Version(str(number), edition_name(number), catalogues.table_of(number), number)


def choices(actor: Actor, at: datetime) -> list[tuple[str, str]]:
    """Every state that the actor may choose, the newest first, as options of a select."""
    standing = {"in_force": Text("(现行)", " (in force)"), "coming": Text("(待生效)", " (to come)")}
    found = []
    if catalogues.may_keep_catalogue(actor):
        found = [(f"{DRAFT}{draft.id}", str(draft_name(draft.title))) for draft in catalogues.open_drafts()]
    rows = catalogues.catalogue_editions(at)
    found += [
        (str(row.version), f"{edition_name(row.version)}{standing.get(row.standing, '')}") for row in rows
    ]
    return [*found, ("0", str(edition_name(0)))]


def edition_name(number: int) -> Text:
    """What an edition is called; 0 is that of the files that Linli ships."""
    if number == 0:
        return Text("随软件提供的清单", "The catalogue that is shipped")
    return Text("第 {n} 版", "Edition {n}").fill(n=number)


def draft_name(title: str) -> Text:
    """What a draft is called."""
    return Text("草稿“{title}”", "Draft “{title}”").fill(title=title)


def _number(ref: str) -> int:
    if not (ref.isascii() and ref.isdigit()) or len(ref) > 10 or int(ref) > MOST_VERSION:
        raise Problem(MALFORMED)
    return int(ref)
