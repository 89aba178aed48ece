"""From a line's cells to what can be opened as a matter, or the reason why not. Pure; made to be called a lot."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

from linli.intake import times
from linli.intake.batches.words import PERSONAL, Field
from linli.intake.words import Refused
from linli.kernel.text import Text

TEXT_MOST, ADDRESS_MOST, KIND_MOST, NUMBER_MOST, SHOWN = 4000, 200, 120, 64, 40
MISSING = Text("缺少", "is missing")
TOO_LONG = Text("超过 {most} 字", "is longer than {most} characters")
NOT_A_TIME = Text("不是可读的时间", "is no time that can be read")
TOO_OLD = Text(
    "早于 {days} 天以前,请按历史案件导入", "came in more than {days} days ago: import it as a past case"
)
NOT_A_NUMBER = Text("不是数字", "is not a number")
IMPOSSIBLE = Text("坐标不可能", "is an impossible coordinate")
HALF_A_POINT = Text("经度和纬度只有一个", "longitude and latitude: only one is there")
NOT_TEXT = Text("有字节不属于文件的编码", "has bytes that are not of the file's encoding")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_COMPACT = re.compile(r"\d{8}(\d{4}(\d{2})?)?")
_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001 - day 0 of Excel's count, a local time
_SERIAL_LEAST, _SERIAL_MOST = 20_000, 80_000


@dataclass(slots=True)
class Row:
    """A line that can be taken. Times in UTC; `received` is never later than now. `kind` is our code, empty when
    the category `theirs` is not known (yet)."""

    line: int
    number: str
    text: str
    address: str
    kind: str
    theirs: str
    name: str
    phone: str
    received: datetime | None
    wanted: datetime | None
    lng: float | None
    lat: float | None


class Reader:
    """Reads lines whose columns are known. `at` is now, `kind_of` gives our code of a category or nothing."""

    def __init__(
        self,
        columns: Mapping[str, int],
        *,
        kind_of: Callable[[str], str],
        zone: ZoneInfo,
        at: datetime,
        oldest_days: int,
    ) -> None:
        self.places = {Field(name): place for name, place in columns.items()}
        self.fields = tuple(self.places)
        places = tuple(self.places.values())
        self.pick = itemgetter(*places, places[0])  # twice the first, so that one column also gives a tuple
        self.kind_of = kind_of
        self.at = at
        self.oldest_days = oldest_days
        self.oldest = at - timedelta(days=oldest_days)
        self.moment = times.reader(zone)
        self.received = self.places.get(Field.RECEIVED)
        self.wanted = self.places.get(Field.WANTED)

    def take(self, line: int, cells: Sequence[str]) -> Row:
        """The row of this line. Raises Refused."""
        cell = dict(zip(self.fields, map(str.strip, self.pick(cells)), strict=False))
        self._be_text(cell)
        text = self._text(cell)
        number = self._short(cell, Field.NUMBER, NUMBER_MOST)
        theirs = self._short(cell, Field.KIND, KIND_MOST)
        lng, lat = self._point(cell)
        received = self._time(cell, Field.RECEIVED)
        if received is not None and received < self.oldest:
            raise _refused(cell, Field.RECEIVED, TOO_OLD.fill(days=self.oldest_days))
        return Row(
            line, number, text, self._short(cell, Field.ADDRESS, ADDRESS_MOST),
            self.kind_of(theirs) if theirs else "", theirs, cell.get(Field.NAME, "")[:KIND_MOST],
            cell.get(Field.PHONE, ""), received if received is None or received <= self.at else None,
            self._time(cell, Field.WANTED), lng, lat,
        )  # fmt: skip

    def number_of(self, cells: Sequence[str]) -> str:
        """The source's number of a line, as far as it can be told."""
        place = self.places.get(Field.NUMBER)
        return _showable(cells[place].strip(), NUMBER_MOST) if place is not None else ""

    def _be_text(self, cell: dict[Field, str]) -> None:
        whole = "".join(cell.values())
        if "\0" not in whole and _encodable(whole):
            return
        for field, value in cell.items():
            if "\0" in value or not _encodable(value):
                raise _refused(cell, field, NOT_TEXT)

    def _text(self, cell: dict[Field, str]) -> str:
        title, text = cell.get(Field.TITLE, ""), cell.get(Field.TEXT, "")
        if not text and not title:
            raise _refused(cell, Field.TEXT, MISSING)
        whole = f"{title}\n{text}" if title and text and title not in text else text or title
        if len(whole) > TEXT_MOST:
            raise Refused(Field.TEXT, "", TOO_LONG.fill(most=TEXT_MOST))
        return whole

    def _short(self, cell: dict[Field, str], field: Field, most: int) -> str:
        value = cell.get(field, "")
        if len(value) > most:
            raise _refused(cell, field, TOO_LONG.fill(most=most))
        return value

    def _time(self, cell: dict[Field, str], field: Field) -> datetime | None:
        value = cell.get(field)
        if not value:
            return None
        try:
            return self.moment(plain_time(value))
        except (ValueError, OverflowError):
            raise _refused(cell, field, NOT_A_TIME) from None

    def _point(self, cell: dict[Field, str]) -> tuple[float | None, float | None]:
        lng, lat = cell.get(Field.LNG, ""), cell.get(Field.LAT, "")
        if not lng and not lat:
            return None, None
        if not lng or not lat:
            raise _refused(cell, Field.LAT if lng else Field.LNG, HALF_A_POINT)
        return _degrees(cell, Field.LNG, 180.0), _degrees(cell, Field.LAT, 90.0)


def plain_time(value: str) -> str:
    """A form that `times.reader` knows: also for a day of Excel's count (46349.333) and for 20261123080000."""
    if value[4:5] == "-":  # as nearly every file writes it
        return value
    if _SERIAL.fullmatch(value) and _SERIAL_LEAST <= float(value) < _SERIAL_MOST:
        seconds = round(float(value) * 86_400)
        return (_FIRST_DAY + timedelta(seconds=seconds)).isoformat(sep=" ")
    if _COMPACT.fullmatch(value):
        day, clock = f"{value[:4]}-{value[4:6]}-{value[6:8]}", value[8:]
        return f"{day} {clock[:2]}:{clock[2:4]}:{clock[4:] or '00'}" if clock else day
    return value


def _degrees(cell: dict[Field, str], field: Field, most: float) -> float:
    try:
        degrees = float(cell[field])
    except ValueError:
        raise _refused(cell, field, NOT_A_NUMBER) from None
    if not math.fabs(degrees) <= most:  # also not-a-number
        raise _refused(cell, field, IMPOSSIBLE)
    return degrees


def _refused(cell: dict[Field, str], field: Field, reason: Text) -> Refused:
    """What is personal is not repeated in a list of refusals."""
    value = "" if field in PERSONAL or field in {Field.TEXT, Field.TITLE} else cell.get(field, "")
    return Refused(field, _showable(value, SHOWN), reason)


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _showable(value: str, most: int) -> str:
    return value[:most].encode("utf-8", "replace").decode().replace("\0", "␀")
