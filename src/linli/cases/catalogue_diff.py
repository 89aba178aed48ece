"""What differs between two states of the catalogue, kind by kind and field by field, as people read it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from linli.kernel import rulebook
from linli.kernel.rulebook import Change
from linli.kernel.text import Text
from linli.kernel.worktime import Unit

from .catalogue import CHECKING, EVIDENCE
from .catalogue_files import HEADINGS, preview

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
    kinds: dict[str, Change] = {}
    conditions: dict[str, list[Change]] = {}
    for change in preview(new, old):
        if not change.key:
            continue
        if change.sheet == "kinds":
            kinds[change.key] = change
        else:
            conditions.setdefault(change.key.rpartition("-")[0], []).append(change)
    names = {
        row["code"]: Text(row["name_zh"], row["name_en"]) for side in (old, new) for row in side["kinds"]
    }
    texts = {
        row["code"]: Text(row["text_zh"], row["text_en"]) for side in (old, new) for row in side["conditions"]
    }
    found = []
    for code in sorted({*kinds, *conditions}):
        own: Change | None = kinds.get(code)
        found.append(
            KindChange(
                code,
                names.get(code, Text(code, code)),
                own.what if own is not None else "changed",
                _fields(own, takers or {}) if own is not None else (),
                tuple(
                    RowChange(
                        each.key, each.what, texts.get(each.key, Text("", "")), _fields(each, takers or {})
                    )
                    for each in conditions.get(code, ())
                ),
            )
        )
    return found


def _fields(change: rulebook.Change, takers: Mapping[str, Text]) -> tuple[FieldChange, ...]:
    found = []
    for name, (old, new) in change.fields.items():
        stored = (old or "", new or "")
        if name in _SILENT or stored[0] == stored[1] or name not in HEADINGS:
            continue
        old_words, new_words = (_words(name, value, takers) for value in stored)
        found.append(FieldChange(name, HEADINGS[name], old_words, new_words, stored))
    return tuple(found)


def _words(name: str, value: str, takers: Mapping[str, Text]) -> Text:
    if not value:
        return Text("(空)", "(empty)")
    if name in {"responsible", "helpers"}:
        parts = [takers.get(part.strip(), Text(part, part)) for part in value.split(";") if part.strip()]
        return Text("、".join(each.zh for each in parts), ", ".join(each.en for each in parts))
    return _WORDS.get(name, {}).get(value, Text(value, value))
