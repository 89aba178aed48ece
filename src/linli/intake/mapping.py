"""The mapping file: which column of the other system is what here. TOML; docs/how-to/import-your-town.md."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from linli.cases.words import Answer, State
from linli.intake.words import MAPPING_WRONG
from linli.kernel import clock
from linli.kernel.errors import Problem
from linli.kernel.text import Text

TIMES = ("reported", "registered", "handled", "closed", "due")
FIELDS = ("number", *TIMES, "kind", "text", "address", "lng", "lat", "unit", "state", "answer")
NEEDED = ("number", "reported")
JOINED = frozenset({"text", "address"})
STATES = (State.REPORTED, State.REGISTERED, State.CLOSED, State.DECLINED, State.VOID)
"""States that another system's record can have here: those that need no post, no evidence and no call."""
SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,19}")
DEFAULT = "default"
_SECTIONS = {
    "source": {"name"},
    "file": {"encoding", "delimiter", "sheet", "zone", "times", "optional"},
    "fields": set(FIELDS),
    "null": {"values"},
    "check": {"ontime", "on_time", "overdue", "unit"},
    "duplicates": {"text"},
}
_FREE = {"kinds", "states", "answers"}


@dataclass(frozen=True, slots=True)
class CaseMapping:
    """A mapping that holds together. `columns` gives for each mapped field its columns, in order.

    `kinds`, `states`, `answers` go from the other system's exact value to ours; the default serves values that
    are not named (without one such a row is refused). `optional` columns may be missing from a file.
    """

    source: str
    zone: ZoneInfo
    encoding: str
    delimiter: str
    sheet: str
    times: tuple[str, ...]
    optional: frozenset[str]
    columns: Mapping[str, tuple[str, ...]]
    kinds: Mapping[str, str]
    default_kind: str
    states: Mapping[str, State]
    default_state: State | None
    answers: Mapping[str, Answer]
    nulls: frozenset[str]
    check_unit: str
    check_ontime: str
    on_time: frozenset[str]
    overdue: frozenset[str]
    compared: tuple[str, ...] = ()
    """The columns of the text by which duplicates are found: what was known when the report came. Else `text`."""


def load(path: Path, known_kind: Callable[[str], bool]) -> CaseMapping:
    """The mapping in this file. Raises MAPPING_WRONG with everything that is wrong, by place."""
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Problem(
            MAPPING_WRONG, fields={path.name: Text(f"读不懂:{error}", f"cannot be read: {error}")}
        ) from error
    return parse(data, known_kind)


def parse(data: Mapping[str, Any], known_kind: Callable[[str], bool]) -> CaseMapping:
    """The mapping that these tables state. Raises MAPPING_WRONG."""
    return _Parser(data, known_kind).mapping()


class _Parser:
    def __init__(self, data: Mapping[str, Any], known_kind: Callable[[str], bool]) -> None:
        self.data = data
        self.known_kind = known_kind
        self.wrong: dict[str, Text] = {}

    def mapping(self) -> CaseMapping:
        self._unknown_words()
        columns = self._columns()
        kinds, default_kind = self._kinds(columns)
        states, default_state = self._states()
        answers = self._translated("answers", Answer, tuple(Answer))
        source = self._text("source", "name")
        if not SOURCE_NAME.fullmatch(source):
            self._note("source.name", "1 至 20 个小写字母、数字、_ 或 -", "1 to 20 of a–z, 0–9, _ and -")
        made = CaseMapping(
            source, self._zone(), self._encoding(), self._delimiter(), self._text("file", "sheet"),
            self._texts("file", "times"), frozenset(self._texts("file", "optional")), columns, kinds, default_kind,
            states, default_state, answers, frozenset(self._texts("null", "values")) | {""},
            self._text("check", "unit"), self._text("check", "ontime"),
            frozenset(self._texts("check", "on_time")), frozenset(self._texts("check", "overdue")),
            self._texts("duplicates", "text"),
        )  # fmt: skip
        if self.wrong:
            raise Problem(MAPPING_WRONG, fields=self.wrong)
        return made

    def _note(self, place: str, zh: str, en: str) -> None:
        self.wrong.setdefault(place, Text(zh, en))

    def _section(self, name: str) -> Mapping[str, Any]:
        found = self.data.get(name, {})
        if isinstance(found, dict):
            return found
        self._note(name, "应当是一个表", "must be a table")
        return {}

    def _unknown_words(self) -> None:
        for section in self.data:
            if section not in _SECTIONS and section not in _FREE:
                self._note(section, "没有这一节", "there is no such section")
        for section, words in _SECTIONS.items():
            for word in self._section(section):
                if word not in words:
                    choices = ", ".join(sorted(words))
                    self._note(
                        f"{section}.{word}",
                        f"没有这一项;可用:{choices}",
                        f"there is no such entry; there are {choices}",
                    )

    def _text(self, section: str, name: str) -> str:
        found = self._section(section).get(name, "")
        if isinstance(found, str):
            return found
        self._note(f"{section}.{name}", "应当是文字", "must be a text")
        return ""

    def _texts(self, section: str, name: str) -> tuple[str, ...]:
        found = self._section(section).get(name, [])
        if isinstance(found, str):
            return (found,)
        if isinstance(found, list) and all(isinstance(each, str) for each in found):
            return tuple(found)
        self._note(f"{section}.{name}", "应当是文字,或一列文字", "must be a text or a list of texts")
        return ()

    def _columns(self) -> dict[str, tuple[str, ...]]:
        columns = {name: self._texts("fields", name) for name in FIELDS if name in self._section("fields")}
        for name, each in columns.items():
            if not each or not all(each):
                self._note(f"fields.{name}", "没有写列名", "names no column")
            elif len(each) > 1 and name not in JOINED:
                self._note(f"fields.{name}", "只能对应一列", "takes one column")
        for name in NEEDED:
            if name not in columns:
                self._note(f"fields.{name}", "必须有这一项", "is needed")
        if ("lng" in columns) != ("lat" in columns):
            self._note("fields.lng", "经度和纬度要一起写", "longitude and latitude go together")
        return columns

    def _zone(self) -> ZoneInfo:
        name = self._text("file", "zone")
        try:
            return ZoneInfo(name) if name else clock.town_zone()
        except (ValueError, OSError, LookupError):
            self._note("file.zone", f"没有时区 {name[:40]}", f"there is no time zone {name[:40]}")
            return clock.town_zone()

    def _encoding(self) -> str:
        name = self._text("file", "encoding")
        if name:
            try:
                "".encode(name)
            except LookupError:
                self._note("file.encoding", f"没有编码 {name[:40]}", f"there is no encoding {name[:40]}")
        return name

    def _delimiter(self) -> str:
        found = self._text("file", "delimiter")
        if len(found) > 1 or found in {"\n", "\r", '"'}:
            self._note("file.delimiter", "应当是一个字符", "must be one character")
            return ""
        return found

    def _kinds(self, columns: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, str], str]:
        kinds = dict(self._section("kinds"))
        for value, code in kinds.items():
            if not isinstance(code, str) or not self.known_kind(code):
                self._note(f"kinds.{value}", f"事项清单中没有 {code}", f"the catalogue has no {code}")
        default = kinds.pop(DEFAULT, "")
        if "kind" not in columns and not default:
            self._note("kinds.default", "没有对应事项列时必须写", "is needed when no column gives the kind")
        return kinds, default

    def _states(self) -> tuple[dict[str, State], State | None]:
        states = self._translated("states", State, STATES)
        return states, states.pop(DEFAULT, None)

    def _translated(self, section: str, word: Any, allowed: tuple[Any, ...]) -> dict[str, Any]:
        found = {}
        for value, ours in self._section(section).items():
            if ours in allowed:
                found[value] = word(ours)
            else:
                choices = ", ".join(allowed)
                self._note(f"{section}.{value}", f"应当是其中之一:{choices}", f"must be one of {choices}")
        return found
