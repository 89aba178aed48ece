"""What is reported in 禾泾镇, when, where, by whom: drawn from a seed, nothing written yet."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import shapely

from linli.cases import queries as cases
from linli.cases.words import Source
from linli.kernel import clock

from . import texts
from .land import METRES_LAT, METRES_LNG, Grid, Land
from .names import SPOTS
from .texts import THEMES, Theme

SOURCES = {
    Source.GRID: 0.47,
    Source.RESIDENT: 0.26,
    Source.HOTLINE: 0.12,
    Source.PHONE: 0.04,
    Source.POLICE: 0.04,
    Source.WALK_IN: 0.03,
    Source.PATROL: 0.02,
    Source.LETTER: 0.01,
    Source.MEDIA: 0.01,
}
BUSY = {  # hours of the day and how busy they are, by door
    Source.RESIDENT: (0, 0, 0, 0, 0, 1, 3, 6, 7, 6, 5, 5, 4, 4, 4, 5, 5, 6, 7, 8, 7, 5, 2, 1),
    Source.HOTLINE: (0, 0, 0, 0, 0, 0, 1, 3, 7, 9, 8, 6, 4, 6, 7, 7, 6, 4, 3, 3, 2, 1, 0, 0),
    Source.POLICE: (3, 2, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 4, 5, 7, 8, 8, 7, 5),
}
AT_WORK = (0, 0, 0, 0, 0, 0, 0, 2, 8, 10, 9, 5, 2, 6, 8, 8, 6, 3, 1, 0, 0, 0, 0, 0)
UNSIGNED = (Source.GRID, Source.PATROL, Source.MEDIA)
"""Doors through which nobody in particular reports."""
WEEKDAYS = (1.15, 1.1, 1.05, 1.05, 1.1, 0.85, 0.7)
RESIDENTS = 420


@dataclass(slots=True)
class Arrival:
    """One report to come. `kind` is what it is, `said` what the reporter takes it for; `resident` a number."""

    at: datetime
    source: Source
    kind: str
    said: str
    theme: Theme
    micro: str
    text: str
    address: str
    lng: float | None
    lat: float | None
    accuracy: float | None
    resident: int | None
    outside: bool = False
    stop: str = ""
    fast: bool = False
    plot: str = ""
    number: str = ""


class Arrivals:
    """The stream of reports for one land and seed."""

    def __init__(self, land: Land, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a made-up history, no secrets
        self._land = land
        self._roads = {
            village.code: [
                line for line, way in land.lines if line.kind == "road" and way.intersects(village.shape)
            ]
            for village in land.villages
        }
        self._catalogue = cases.catalogue(None)
        self._micros = [
            (f"{village.code}-{area.code}-{micro.code}", village, micro)
            for village in land.villages
            for area in village.below
            for micro in area.below
        ]
        self._weights = [
            self._random.gammavariate(2, 1) * (3.2 if village.code < "100" else 1)
            for _, village, _ in self._micros
        ]
        self._homes = self._random.choices(self._micros, self._weights, k=RESIDENTS)

    def between(self, start: datetime, end: datetime, per_day: float) -> Iterator[Arrival]:
        """The reports of these days, in order of time; about `per_day` a day."""
        found: list[Arrival] = []
        day = clock.local(start).replace(hour=0, minute=0, second=0, microsecond=0)
        while day < end:
            rain = self._random.random() < 0.16
            count = per_day * WEEKDAYS[day.weekday()] * self._random.uniform(0.82, 1.18)
            found += [self._one(day, rain) for _ in range(round(count))]
            day += timedelta(days=1)
        found.sort(key=lambda arrival: arrival.at)
        yield from (arrival for arrival in found if start <= arrival.at < end)

    def chosen(self, kind: str, short: str, at: datetime, source: Source, resident: int | None) -> Arrival:
        """A report of this kind from this place, for what the demo must have to show."""
        theme = next(t for t in THEMES if kind in dict(t.kinds))
        where = next(row for row in self._micros if row[0] == short)
        arrival = self._at_place(theme, kind, where, at, source, english=False)
        if arrival.lng is None:
            (arrival.lng, arrival.lat), arrival.accuracy = self._point(where[2]), 10.0
        arrival.resident, arrival.fast = resident, True
        return arrival

    def hotline(self, start: datetime, count: int) -> Iterator[Arrival]:
        """So many calls to the hotline of the hours after `start`, as its file has them: without a point."""
        for number in range(count):
            theme, kind = self._kind(False)
            where, at = self._random.choice(self._micros), start + timedelta(minutes=9 * number)
            arrival = self._at_place(theme, kind, where, at, Source.HOTLINE, english=False)
            arrival.lng = arrival.lat = arrival.accuracy = None
            arrival.resident = self._random.randrange(1, RESIDENTS)
            arrival.number = f"RX{clock.local(at):%y%m%d}{7000 + number}"
            yield arrival

    def _one(self, day: datetime, rain: bool) -> Arrival:
        rng = self._random
        source = rng.choices(list(SOURCES), list(SOURCES.values()))[0]
        hour = rng.choices(range(24), BUSY.get(source, AT_WORK))[0]
        at = day + timedelta(hours=hour, seconds=rng.randrange(3600))
        theme, kind = self._kind(rain)
        if source in (Source.GRID, Source.PATROL):
            theme, kind = self._small_kind(theme, kind)
        resident = rng.randrange(1, RESIDENTS) if source not in UNSIGNED else None
        home = self._homes[resident] if resident and rng.random() < 0.75 else None
        where = home or rng.choices(self._micros, self._weights)[0]
        arrival = self._at_place(theme, kind, where, at, source, english=rng.random() < 0.5)
        arrival.resident = resident
        if source is Source.RESIDENT:
            self._as_resident(arrival)
        return arrival

    def _as_resident(self, arrival: Arrival) -> None:
        """Some give no telephone, some do not know the kind, some stand beyond the border."""
        rng = self._random
        if rng.random() < 0.12:
            arrival.resident = None
        if rng.random() < 0.07:
            arrival.said = texts.OTHER
        if rng.random() < 0.02:
            x, y = rng.choice(list(self._land.shape.exterior.coords))
            middle = self._land.shape.centroid
            arrival.lng, arrival.lat = (
                round(middle.x + (x - middle.x) * 1.25, 6),
                round(middle.y + (y - middle.y) * 1.25, 6),
            )
            arrival.text, arrival.address, arrival.outside = rng.choice(texts.OUTSIDE_REPORTS), "", True

    @cached_property
    def _kinds(self) -> list[tuple[Theme, str, float]]:
        return [(theme, kind, weight) for theme in THEMES for kind, weight in theme.kinds]

    def _kind(self, rain: bool) -> tuple[Theme, str]:
        weights = [w * (5 if rain and theme.season == "rain" else 1) for theme, _, w in self._kinds]
        theme, kind, _ = self._random.choices(self._kinds, weights)[0]
        return theme, kind

    def _small_kind(self, theme: Theme, kind: str) -> tuple[Theme, str]:
        """What a grid worker finds is mostly small enough to be settled on the spot."""
        for _ in range(3):
            found = self._catalogue.kind(kind)
            if found is not None and found.settle:
                break
            theme, kind = self._kind(False)
        return theme, kind

    def _at_place(
        self, theme: Theme, kind: str, where: tuple[str, Grid, Grid], at: datetime, source: Source, *, english: bool
    ) -> Arrival:  # fmt: skip
        rng = self._random
        code, village, micro = where
        pattern = rng.choice([t for t in theme.about(kind) if english or not t.isascii()])
        place, place_en = self._place(village)
        text = pattern.format(place=place_en if pattern.isascii() else place, n=rng.randint(2, 9))
        lng, lat = self._point(micro)
        without_point = source not in (Source.GRID, Source.PATROL) and rng.random() < 0.1
        return Arrival(
            micro=code, kind=kind, said=kind, theme=theme, text=text, address=f"{village.name}{place}",
            at=at, source=source, resident=None,
            lng=None if without_point else lng, lat=None if without_point else lat,
            accuracy=None if without_point else float(rng.choice((5, 8, 12, 20, 35, 65))),
        )  # fmt: skip

    def _place(self, village: Grid) -> tuple[str, str]:
        rng = self._random
        spot = rng.choice([s for s in SPOTS if s.village == village.code])
        roads = self._roads[village.code]
        if roads and rng.random() < 0.22:
            line = rng.choice(roads)
            number = rng.randint(3, 460)
            return f"{line.name}{number}号", f"{number} {line.name_en}"
        if spot.kind == "compound":
            block, door = rng.randint(1, 36), rng.randint(1, 4)
            return f"{spot.name}{block}号楼{door}单元", f"block {block}, {spot.name_en}"
        if spot.kind == "hamlet":
            number = rng.randint(1, 180)
            return f"{spot.name}{number}号", f"{number} {spot.name_en}"
        return f"{spot.name}{rng.choice(texts.SPOT_DETAILS)}", spot.name_en

    def _point(self, micro: Grid) -> tuple[float, float]:
        """Near the middle of the micro-grid, mostly; always inside it."""
        rng, middle = self._random, micro.shape.representative_point()
        for spread in (90, 70, 50, 30):
            lng = round(middle.x + rng.gauss(0, spread) / METRES_LNG, 6)
            lat = round(middle.y + rng.gauss(0, spread) / METRES_LAT, 6)
            if shapely.contains_xy(micro.shape, lng, lat):
                return lng, lat
        return round(middle.x, 6), round(middle.y, 6)
