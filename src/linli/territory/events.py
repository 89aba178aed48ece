"""What happens to the territory, as facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from linli.kernel.journal import Fact
from linli.kernel.text import Text

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class UnitOpened(Fact):
    """A unit exists from a day on."""

    KIND: ClassVar[str] = "territory.UnitOpened"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    code: str
    name: str
    rank: str
    parent: UUID | None
    on: date

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"设立 {self.name}({self.code})", f"{self.name} ({self.code}) was opened")


@dataclass(frozen=True, slots=True)
class UnitRenamed(Fact):
    """A unit is called otherwise."""

    KIND: ClassVar[str] = "territory.UnitRenamed"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    before: str
    after: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"{self.before} 更名为 {self.after}", f"{self.before} was renamed to {self.after}")


@dataclass(frozen=True, slots=True)
class UnitChanged(Fact):
    """Other particulars of a unit changed: its rank, kind, households, or the unit above it (by code)."""

    KIND: ClassVar[str] = "territory.UnitChanged"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    fields: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]

    def sentence(self) -> Text:
        """How the history reads."""
        what = ", ".join(
            f"{f}: {b or '–'} → {a}" for f, b, a in zip(self.fields, self.before, self.after, strict=True)
        )
        return Text(f"信息变更 {what}", f"Particulars changed: {what}")


@dataclass(frozen=True, slots=True)
class UnitClosed(Fact):
    """A unit ends on a day; its history stays."""

    KIND: ClassVar[str] = "territory.UnitClosed"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    code: str
    name: str
    on: date

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"撤销 {self.name}({self.code})", f"{self.name} ({self.code}) was closed")


@dataclass(frozen=True, slots=True)
class BoundaryChanged(Fact):
    """A unit has a new boundary from a day on."""

    KIND: ClassVar[str] = "territory.BoundaryChanged"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    on: date
    area_m2: int
    first: bool

    def sentence(self) -> Text:
        """How the history reads."""
        area = f"{self.area_m2 / 1e6:.2f} km²"
        if self.first:
            return Text(f"划定边界({area})", f"The boundary was drawn ({area})")
        return Text(f"调整边界({area})", f"The boundary was changed ({area})")


@dataclass(frozen=True, slots=True)
class UnitsImported(Fact):
    """Units were taken over from a file."""

    KIND: ClassVar[str] = "territory.UnitsImported"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    source: str
    new: int
    changed: int
    closed: int
    boundaries: int

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            f"从 {self.source} 导入:新增 {self.new}、变更 {self.changed}、"
            f"撤销 {self.closed}、边界 {self.boundaries}",
            f"Imported from {self.source}: {self.new} new, {self.changed} changed, {self.closed} closed, "
            f"{self.boundaries} boundaries",
        )


@dataclass(frozen=True, slots=True)
class PlacesAdded(Fact):
    """Places that people name were added."""

    KIND: ClassVar[str] = "territory.PlacesAdded"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    names: tuple[str, ...]
    count: int

    def sentence(self) -> Text:
        """How the history reads."""
        some = "、".join(self.names)
        return Text(f"新增地名 {self.count} 个:{some}", f"{self.count} places were added: {some}")
