"""Reads of the catalogue as the town's own law: its editions, drafts of the next one, what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from linli.cases import catalogue_diff, catalogue_draft, catalogue_store, rules
from linli.cases.catalogue import CHECKING, EVIDENCE, KIND_COLUMNS, STAGES, Catalogue, Finding, Kind
from linli.cases.catalogue_diff import WHAT, KindChange
from linli.cases.catalogue_draft import Entry, free_code, next_condition
from linli.cases.catalogue_files import HEADINGS, SHEETS, write_excel
from linli.cases.queries.core import limit
from linli.kernel import access, drafts, editions, rulebook
from linli.kernel.access import Actor, Subject
from linli.kernel.drafts import Draft, Overlay
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.journal import Recorded
from linli.kernel.text import Text
from linli.kernel.worktime import Limit
from linli.people import queries as people
from linli.people.words import ROLE_LABELS, Role
from linli.territory import queries as territory

__all__ = [
    "CHECKING", "EVIDENCE", "HEADINGS", "KIND_COLUMNS", "MANAGE", "SHEETS", "STAGES", "TABLE", "WHAT", "Drafted", "EditionRow", "Entry",
    "Finding", "KindChange", "catalogue_difference", "catalogue_editions", "chargeable", "checker_words", "drafted", "edition_at",
    "edition_of", "entry_of", "free_code", "majors_of", "may_keep_catalogue", "next_condition", "open_drafts", "read_table",
    "stage_limit", "table_of", "takers", "town", "write_excel",
]  # fmt: skip

TABLE: Final = catalogue_store.TABLE
MANAGE: Final = "catalogue.manage"
SHIPPED: Final = Text("随软件提供的清单", "The catalogue that is shipped")
BY_ITSELF: Final = Text("系统升级时", "When the system was upgraded")


@dataclass(frozen=True, slots=True)
class EditionRow:
    """An edition as a list shows it; `standing` is `coming`, `in_force` or `past`."""

    version: int
    source: Text
    effective_from: datetime
    published_at: datetime
    by: Text
    post: Text
    standing: str
    sha256: str

    @property
    def language(self) -> str:
        """In which language its source is shown."""
        return "zh" if _in_han(str(self.source)) else "en"


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft with the tables that it makes of its edition."""

    draft: Draft
    base: Mapping[str, Any]
    overlay: Overlay
    table: Mapping[str, Any]

    @property
    def changed(self) -> tuple[str, ...]:
        """The kinds that it changes."""
        return catalogue_draft.changed_codes(self.overlay)


def may_keep_catalogue(actor: Actor) -> bool:
    """Whether the actor may draft and publish the town's catalogue: from a post at the top of the tree."""
    return access.may(actor, MANAGE, town())


def town() -> Subject:
    """The whole town, as access sees it."""
    return Subject(units=frozenset(unit.id for unit in territory.snapshot().roots()))


def _in_han(words: str) -> bool:
    return any("\u3400" <= sign <= "\u9fff" for sign in words)


def _source(said: str, by_itself: bool) -> Text:
    """On what ground an edition was published: as whoever published it wrote it. What came with the software is said
    in both languages; of earlier releases Chinese readers hear at least that it did."""
    shipped: Mapping[str, str] = rulebook.table(TABLE).get("source_zh", {})
    for words, zh in shipped.items():
        if said and words.startswith(said):  # an edition keeps the beginning of long ones
            return Text(zh, words)
    return Text(SHIPPED.zh, said) if by_itself and not _in_han(said) else Text(said, said)


def catalogue_editions(at: datetime) -> list[EditionRow]:
    """Every published edition, the newest first: who published it, when, on what ground, and whether it holds."""
    found = editions.listed(TABLE)
    told = editions.published_by(found)
    now = editions.current(TABLE, at)
    rows = []
    for each in found:
        line = told.get(each.version)
        standing = "coming" if each.effective_from > at else "past"
        rows.append(
            EditionRow(
                each.version,
                _source(each.source, line is not None and line.by_kind == "system"),
                each.effective_from,
                each.created_at,
                _publisher(line),
                line.by_post if line else Text("", ""),
                "in_force" if now is not None and now.version == each.version else standing,
                each.sha256,
            )
        )
    return rows


def _publisher(line: Recorded | None) -> Text:
    if line is None:
        return Text("", "")
    return BY_ITSELF if line.by_kind == "system" else Text(line.by_label, line.by_label)


def edition_at(at: datetime) -> int:
    """The number of the edition in force at the moment; 0 while only the files hold."""
    found = editions.current(TABLE, at)
    return found.version if found else 0


def open_drafts() -> list[Draft]:
    """The drafts on which somebody works."""
    return drafts.opened(TABLE)


def drafted(draft_id: UUID) -> Drafted:
    """The draft and what it makes of its edition. Raises NOT_FOUND."""
    draft = drafts.find(TABLE, draft_id)
    base, overlay = catalogue_store.rows(draft.base), drafts.body_of(draft)
    return Drafted(draft, base, overlay, drafts.laid_over(base, overlay))


def table_of(version: int) -> Mapping[str, Any]:
    """The rows of an edition (0: of the files). Raises NOT_FOUND."""
    try:
        return catalogue_store.rows(version)
    except KeyError:
        raise Problem(NOT_FOUND) from None


def edition_of(version: int) -> Catalogue:
    """The catalogue of an edition (0: of the files). Raises NOT_FOUND."""
    try:
        return catalogue_store.load(version)
    except KeyError:
        raise Problem(NOT_FOUND) from None


def read_table(table: Mapping[str, Any]) -> Catalogue | list[Finding]:
    """The catalogue of a draft's rows, or what is wrong with them."""
    return Catalogue.parse(table["kinds"], table["conditions"])


def entry_of(table: Mapping[str, Any], code: str) -> Entry:
    """The rows of one kind."""
    return catalogue_draft.entry(table, code)


def majors_of(table: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """The classes of a table with their names in Chinese and English, in its order."""
    return {row["major"]: (row["major_zh"], row["major_en"]) for row in table["kinds"]}


def catalogue_difference(old: Mapping[str, Any], new: Mapping[str, Any], at: datetime) -> list[KindChange]:
    """What differs between two tables, kind by kind, departments and roles in words."""
    return catalogue_diff.difference(old, new, takers(at))


def takers(at: datetime) -> dict[str, Text]:
    """Every role and department that a kind may name, in words, by code."""
    found = {role.value: label for role, label in ROLE_LABELS.items()}
    return found | {office.code: office.name for office in people.departments(at)}


def chargeable(at: datetime) -> dict[str, Text]:
    """Whom a kind may name as responsible: the grid's posts and the departments, by code."""
    grid = {role.value: ROLE_LABELS[role] for role in (Role.GRID_WORKER, Role.GRID_LEAD)}
    offices = {
        office.code: Text(f"{office.name.zh}({office.code})", f"{office.name.en} ({office.code})")
        for office in people.departments(at)
    }
    return grid | offices


def stage_limit(name: str, kind: Kind | None = None) -> Limit:
    """The limit of a stage: the kind's own when it has one, else the rulebook's."""
    return kind.stages[name] if kind is not None and name in kind.stages else limit(name)


def checker_words(kind: Kind) -> Text:
    """Who checks what was handled, and how: never the handler."""
    who, how = rules.MOVES["pass_check"].who, CHECKING[kind.checking]
    return Text(f"{who.zh}:{how.zh}", f"{who.en}: {how.en}")
