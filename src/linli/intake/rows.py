"""From a line's cells to a case's values, or the reason why not. Pure; made to be called a million times."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from linli.cases.words import Answer, State
from linli.intake import times
from linli.intake.mapping import FIELDS, CaseMapping
from linli.intake.words import Refused
from linli.kernel.text import Text

TEXT_MOST, ADDRESS_MOST, KIND_MOST, UNIT_MOST = 4000, 200, 120, 64
NUMBER_MOST = 64  # of the source's name, a stroke and its number together
CHECKS = ("check_ontime", "check_unit")
SHOWN = 60
TIMES = ("reported", "registered", "handled", "closed", "due")
ENDED = frozenset({State.CLOSED, State.DECLINED, State.VOID, State.FOLLOWED_UP})

MISSING = Text("缺少", "is missing")
NOT_A_TIME = Text("不是可读的时间", "is no time that can be read")
AHEAD = Text("在将来", "lies in the future")
NOT_A_NUMBER = Text("不是数字", "is not a number")
IMPOSSIBLE = Text("坐标不可能", "is an impossible coordinate")
HALF_A_POINT = Text("经度和纬度只有一个", "longitude and latitude: only one is there")
TOO_LONG = Text("超过 {most} 字", "is longer than {most} characters")
UNKNOWN_STATE = Text("对应文件没有这个状态", "is a state that the mapping does not name")
UNKNOWN_KIND = Text("对应文件没有这个类别", "is a kind that the mapping does not name")
UNKNOWN_ANSWER = Text("对应文件没有这个评价", "is an answer that the mapping does not name")
BEFORE_REPORT = Text("早于上报时间", "lies before the report")
AFTER_CLOSING = Text("晚于结案时间", "lies after the closing")
CLOSED_WITHOUT = Text("已结案却没有结案时间", "closed, but without a time of closing")
OPEN_WITH = Text("未结案却有结案时间", "open, but with a time of closing")
NUL = Text("含有空字符(NUL)", "has a NUL character in it")
NOT_TEXT = Text("有字节不属于文件的编码", "has bytes that are not of the file's encoding")
WIDTH = Text("有 {n} 列,首行有 {m} 列", "has {n} columns, the heading {m}")


@dataclass(slots=True)
class Taken:
    """A line that can be taken. Times in UTC; `kind` is our code, `source_kind` what the other system says.

    `key` is the number behind the source's name, under which no other case of any system is kept.

    `recorded_unit` and `recorded_ontime` (None: the file does not say) are what our answers are checked with.
    """

    line: int
    key: str
    number: str
    kind: str
    source_kind: str
    state: State
    text: str
    address: str
    lng: float | None
    lat: float | None
    unit: str
    reported: datetime
    registered: datetime | None
    handled: datetime | None
    closed: datetime | None
    due: datetime | None
    answer: str
    fingerprint: str
    recorded_unit: str
    recorded_ontime: bool | None


class Rows:
    """Takes lines one after the other. `at` is now: what lies later cannot have been recorded."""

    def __init__(
        self, mapping: CaseMapping, columns: dict[str, tuple[int, ...]], width: int, at: datetime
    ) -> None:
        self.mapping = mapping
        self.width = width
        self.at = at
        used = list(dict.fromkeys(place for name in (*FIELDS, *CHECKS) for place in columns.get(name, ())))
        self._imported = len({place for name in FIELDS for place in columns.get(name, ())})
        self._zone = f"{mapping.zone} {' '.join(mapping.columns)}"
        self._pick = itemgetter(*used, used[0])  # twice the first, so that one column also gives a tuple
        self._number_place = columns["number"][0]
        self.columns = {name: tuple(map(used.index, places)) for name, places in columns.items()}
        self._at = {name: places[0] for name, places in self.columns.items() if len(places) == 1}
        self._moment = times.reader(mapping.zone, mapping.times)
        self._prefix = f"{mapping.source}/"
        self._number_most = NUMBER_MOST - len(self._prefix)
        self._time_places = [(name, self._at[name]) for name in TIMES if name in self._at]

    def take(self, line: int, cells: list[str]) -> Taken:
        """The case of this line. Raises Refused."""
        if len(cells) != self.width:
            raise Refused("", "", WIDTH.fill(n=len(cells), m=self.width))
        nulls = self.mapping.nulls
        cell = ["" if value in nulls else value for value in map(str.strip, self._pick(cells))]
        number = self._number(cell)
        kind, source_kind = self._kind(cell)
        when = self._times(cell)
        closed, reported = when.get("closed"), when["reported"]
        assert reported is not None  # _times refuses a line without it
        state = self._state(cell, closed)
        handled = when.get("handled") or (closed if state is State.CLOSED else None)
        answer = self._answer(cell)
        if answer and state is State.CLOSED:
            state = State.FOLLOWED_UP
        lng, lat = self._point(cell)
        text = self._joined(cell, "text", "\n", TEXT_MOST)
        address = self._joined(cell, "address", " ", ADDRESS_MOST)
        unit = self._short(cell, "unit", UNIT_MOST)
        return Taken(
            line, self._prefix + number, number, kind, source_kind, state, text or source_kind, address, lng, lat,
            unit, reported, when.get("registered"), handled, closed, when.get("due"), answer,
            self._fingerprint(cell, kind, state),
            self._value(cell, "check_unit"), self._ontime(cell),
        )  # fmt: skip

    def number_of(self, cells: list[str]) -> str:
        """The source's number of a refused line, as far as it can be told."""
        place = self._number_place
        return _showable(cells[place].strip()) if place < len(cells) else ""

    def _value(self, cell: list[str], field: str) -> str:
        place = self._at.get(field)
        return cell[place] if place is not None else ""

    def _number(self, cell: list[str]) -> str:
        number = cell[self._at["number"]]
        if not number:
            raise self._refused("number", cell, MISSING)
        if len(number) > self._number_most:
            raise self._refused("number", cell, TOO_LONG.fill(most=self._number_most))
        return number

    def _kind(self, cell: list[str]) -> tuple[str, str]:
        theirs = self._short(cell, "kind", KIND_MOST)
        code = self.mapping.kinds.get(theirs) or self.mapping.default_kind
        if not code:
            raise self._refused("kind", cell, UNKNOWN_KIND if theirs else MISSING)
        return code, theirs

    def _short(self, cell: list[str], field: str, most: int) -> str:
        value = self._value(cell, field)
        if len(value) > most:
            raise self._refused(field, cell, TOO_LONG.fill(most=most))
        return value

    def _joined(self, cell: list[str], field: str, between: str, most: int) -> str:
        parts = [cell[place] for place in self.columns.get(field, ())]
        text = between.join([part for part in parts if part])
        if len(text) > most:
            raise Refused(field, text[:SHOWN], TOO_LONG.fill(most=most))
        return text

    def _times(self, cell: list[str]) -> dict[str, datetime | None]:
        moment = self._moment
        found: dict[str, datetime | None] = {}
        for name, place in self._time_places:
            value = cell[place]
            try:
                found[name] = moment(value) if value else None
            except (ValueError, OverflowError):
                raise self._refused(name, cell, NOT_A_TIME) from None
        reported, closed = found["reported"], found.get("closed")
        if reported is None:
            raise self._refused("reported", cell, MISSING)
        if reported > self.at:
            raise self._refused("reported", cell, AHEAD)
        if closed is not None and not reported <= closed <= self.at:
            raise self._refused("closed", cell, BEFORE_REPORT if closed < reported else AHEAD)
        for name in ("registered", "handled"):
            when = found.get(name)
            if when is not None and not reported <= when <= (closed or self.at):
                raise self._refused(
                    name, cell, BEFORE_REPORT if when < reported else AFTER_CLOSING if closed else AHEAD
                )
        return found

    def _state(self, cell: list[str], closed: datetime | None) -> State:
        if "state" not in self._at:
            return State.REGISTERED if closed is None else State.CLOSED
        state = self.mapping.states.get(cell[self._at["state"]]) or self.mapping.default_state
        if state is None:
            raise self._refused("state", cell, UNKNOWN_STATE if cell[self._at["state"]] else MISSING)
        if state is State.CLOSED and closed is None:
            raise self._refused("closed", cell, CLOSED_WITHOUT)
        if state not in ENDED and closed is not None:
            raise self._refused("closed", cell, OPEN_WITH)
        return state

    def _answer(self, cell: list[str]) -> Answer | str:
        value = self._value(cell, "answer")
        if not value:
            return ""
        answer = self.mapping.answers.get(value)
        if answer is None:
            raise self._refused("answer", cell, UNKNOWN_ANSWER)
        return answer

    def _point(self, cell: list[str]) -> tuple[float | None, float | None]:
        lng, lat = self._value(cell, "lng"), self._value(cell, "lat")
        if not lng and not lat:
            return None, None
        if not lng or not lat:
            raise self._refused("lng" if lat else "lat", cell, HALF_A_POINT)
        return self._degrees(cell, "lng", lng, 180.0), self._degrees(cell, "lat", lat, 90.0)

    def _degrees(self, cell: list[str], field: str, value: str, most: float) -> float:
        try:
            degrees = float(value)
        except ValueError:
            raise self._refused(field, cell, NOT_A_NUMBER) from None
        if not math.fabs(degrees) <= most:  # also not-a-number
            raise self._refused(field, cell, IMPOSSIBLE)
        return degrees

    def _ontime(self, cell: list[str]) -> bool | None:
        value = self._value(cell, "check_ontime")
        if value in self.mapping.on_time:
            return True
        return False if value in self.mapping.overdue else None

    def _fingerprint(self, cell: list[str], kind: str, state: State) -> str:
        """Of what the line says and what we made of it; what answers are only checked with is left out."""
        content = "\x1f".join([self._zone, kind, state, *cell[: self._imported]])
        try:
            data = content.encode()
        except UnicodeEncodeError:
            raise self._first_with(cell, _has_stray_bytes, NOT_TEXT) from None
        if b"\0" in data:
            raise self._first_with(cell, lambda value: "\0" in value, NUL)
        return hashlib.sha256(data).hexdigest()

    def _first_with(self, cell: list[str], bad: Callable[[str], bool], reason: Text) -> Refused:
        for field, places in self.columns.items():
            for place in places:
                if bad(cell[place]):
                    return Refused(field, _showable(cell[place]), reason)
        return Refused("", "", reason)

    def _refused(self, field: str, cell: list[str], reason: Text) -> Refused:
        return Refused(field, _showable(self._value(cell, field)), reason)


def _has_stray_bytes(value: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in value)


def _showable(value: str) -> str:
    return value[:SHOWN].encode("utf-8", "replace").decode().replace("\0", "␀")
