"""What differs between two states of the catalogue, kind by kind and field by field, as people read it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from linli.kernel.errors import Problem
from linli.kernel.rulebook import Change
from linli.kernel.text import Text
from linli.kernel.worktime import Limit, Unit

from .catalogue import CHECKING, EVIDENCE, STAGES
from .catalogue_files import COLUMNS, HEADINGS, preview

What = Literal["added", "changed", "removed"]
WHAT: Mapping[str, Text] = {
    "added": Text("新增", "Added"),
    "changed": Text("修改", "Changed"),
    "removed": Text("停用", "Retired"),
}
_YES_NO = {"1": Text("是", "Yes"), "0": Text("否", "No")}
_WORDS: Mapping[str, Mapping[str, Text]] = {
    "checking": CHECKING,
    "evidence": EVIDENCE,
    "settle": _YES_NO,
    "public": _YES_NO,
    "unit": {unit.value: unit.label for unit in Unit} | {unit.label.zh: unit.label for unit in Unit},
}
# Said in the heading of the entry, or another field says it.
_SILENT = frozenset({"code", "kind"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of which the value differs; the values in words, and as stored."""

    name: str
    label: Text
    old: Text
    new: Text
    stored: tuple[str, str]

    @property
    def lang(self) -> str:
        """The language of the values when the field is of one language alone, else empty."""
        return {"zh": "zh", "en": "en"}.get(self.name.rpartition("_")[2], "")


@dataclass(frozen=True, slots=True)
class RowChange:
    """A condition that came, went or changed."""

    code: str
    what: What
    text: Text
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class KindChange:
    """A kind that came, went or changed, itself or by its conditions."""

    code: str
    name: Text
    what: What
    fields: tuple[FieldChange, ...]
    conditions: tuple[RowChange, ...]

    @property
    def label(self) -> Text:
        """What became of it."""
        return WHAT[self.what]


def difference(
    old: Mapping[str, Any], new: Mapping[str, Any], takers: Mapping[str, Text] | None = None
) -> list[KindChange]:
    """The kinds that differ between two tables, in the order of their codes. `takers` are departments and
    roles in words."""
    said = _Said(old, new, takers or {})
    kinds: dict[str, Change] = {}
    conditions: dict[str, list[Change]] = {}
    for change in preview(new, old):
        if not change.key:
            continue
        if change.sheet == "kinds":
            kinds[change.key] = change
        else:
            conditions.setdefault(change.key.rpartition("-")[0], []).append(change)
    found = []
    for code in sorted({*kinds, *conditions}):
        own: Change | None = kinds.get(code)
        rows = tuple(
            RowChange(each.key, each.what, said.texts.get(each.key, EMPTY), said.fields(each))
            for each in conditions.get(code, ())
        )
        what = own.what if own is not None else "changed"
        fields = said.fields(own) if own is not None else ()
        found.append(KindChange(code, said.names.get(code, EMPTY), what, fields, rows))
    return found


class _Said:
    """The two states, for the words of their values."""

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any], takers: Mapping[str, Text]) -> None:
        self.takers = takers
        self.names: dict[str, Text] = {}
        self.texts: dict[str, Text] = {}
        self.units: list[dict[str, str]] = []
        for side in (old, new):
            self.names |= {row["code"]: Text(row["name_zh"], row["name_en"]) for row in side["kinds"]}
            self.texts |= {row["code"]: Text(row["text_zh"], row["text_en"]) for row in side["conditions"]}
            self.units.append({row["code"]: row["unit"] for row in side["conditions"]})

    def fields(self, change: Change) -> tuple[FieldChange, ...]:
        found = []
        columns = COLUMNS.get(change.sheet, ())
        for name in sorted(change.fields, key=lambda each: columns.index(each) if each in columns else -1):
            old, new = change.fields[name]
            stored = (old or "", new or "")
            if name in _SILENT or stored[0] == stored[1] or name not in HEADINGS:
                continue
            units = [side.get(change.key, "") for side in self.units]
            words = [self.words(name, value, unit) for value, unit in zip(stored, units, strict=True)]
            found.append(FieldChange(name, HEADINGS[name], words[0], words[1], stored))
        return tuple(found)

    def words(self, name: str, value: str, unit: str) -> Text:
        if name in {"responsible", "helpers"}:
            return _joined([self.takers.get(part, Text(part, part)) for part in _parts(value)])
        if name == "limit":
            return _limit(f"{value} {unit}")
        if name == "stages":
            pairs = [part.partition("=") for part in _parts(value)]
            return _joined([_stage(stage.strip(), _limit(amount)) for stage, _, amount in pairs])
        if name == "source_ref" and value == "linli":
            return OUR_DEFAULT
        return _WORDS.get(name, {}).get(value, Text(value, value))


EMPTY = Text("", "")
OUR_DEFAULT = Text("本系统默认", "default of this system")


def _parts(value: str) -> list[str]:
    return [part.strip() for part in value.split(";") if part.strip()]


def _joined(parts: list[Text]) -> Text:
    return Text("、".join(each.zh for each in parts), ", ".join(each.en for each in parts))


def _stage(name: str, limit: Text) -> Text:
    label = STAGES.get(name, Text(name, name))
    return Text(f"{label.zh} {limit.zh}", f"{label.en} {limit.en}")


def _limit(words: str) -> Text:
    try:
        return Limit.parse(words).label
    except Problem:
        return Text(words, words)
