"""What must be there when somebody looks: each named person has something to do, whatever the hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from linli.cases.words import Source

from .arrivals import Arrival, Arrivals

LIN = 0  # the number of the named resident


class Scene(NamedTuple):
    """A report so many hours ago, taken as far as the step before `stop`; `end`: to the very end."""

    hours: float
    kind: str
    micro: str
    stop: str
    source: Source = Source.RESIDENT
    resident: int | None = None
    plot: str = ""


SCENES = (
    # Lin Guifang's own: long done, waiting for her answer, in hand, just sent.
    Scene(24 * 41, "E01037", "001-1-1", "end", resident=LIN),
    Scene(24 * 12, "L90014", "001-1-1", "end", resident=LIN),
    Scene(50, "E06010", "001-1-1", "rate", resident=LIN),
    Scene(27, "E06013", "001-1-2", "hand_in", resident=LIN),
    Scene(1.2, "E06042", "001-1-1", "accept", resident=LIN),
    # The grid worker: to sign for, in hand, to verify, to check.
    Scene(2.6, "E06036", "001-1-2", "sign", resident=11),
    Scene(5, "E07001", "001-2-1", "sign", resident=12),
    Scene(21, "E09010", "001-2-2", "hand_in", resident=13),
    Scene(0.3, "E01003", "001-1-1", "verify", resident=14),
    Scene(30, "E06035", "001-2-1", "check", resident=15),
    Scene(26, "L90010", "001-1-2", "check", resident=16),
    # The grid lead: his own, and what nobody signed for.
    Scene(20, "L90006", "001-2-2", "hand_in", resident=17),
    Scene(6, "L90001", "001-1-1", "sign", resident=18),
    Scene(24, "E06041", "001-2-1", "sign", resident=19),
    Scene(48, "E06036", "001-2-2", "sign", resident=20),
    Scene(72, "E06041", "001-1-2", "sign", resident=21),
    # The centre: to accept, to dispatch, to close, to call back.
    Scene(0.5, "E09009", "001-2-1", "accept", Source.WALK_IN, 22),
    Scene(0.8, "E06028", "201-1-1", "accept", Source.HOTLINE, 23),
    Scene(1.4, "L90008", "001-1-2", "dispatch", Source.POLICE, 24),
    Scene(3, "E06025", "201-1-2", "dispatch", Source.HOTLINE, 25),
    Scene(2, "E04013", "001-2-2", "register", resident=26),
    Scene(29, "L90002", "001-1-1", "close", Source.HOTLINE, 27),
    Scene(46, "E01004", "201-2-1", "rate", Source.HOTLINE, 28),
    Scene(52, "E09006", "001-1-2", "rate", resident=29),
    # The sanitation office: to sign for, in hand, overdue.
    Scene(4, "E06011", "001-1-1", "sign", resident=30),
    Scene(7, "E06042", "001-2-2", "hand_in", Source.HOTLINE, 31),
    Scene(24 * 8, "E06011", "201-1-1", "hand_in", resident=32, plot="yellow_card"),
    Scene(22, "E03005", "001-2-1", "hand_in", resident=33),
    # More time, a rest, cards, appeals.
    Scene(28, "E06011", "001-1-2", "hand_in", Source.PHONE, 34, "asks_extension"),
    Scene(70, "E06011", "201-1-2", "hand_in", resident=35, plot="asks_extension_again"),
    Scene(26, "E04013", "001-2-1", "hand_in", Source.LETTER, 36, "asks_rest"),
    Scene(64, "E01037", "001-1-2", "hand_in", Source.HOTLINE, 37, "rests"),
    Scene(24 * 9, "E06011", "001-2-2", "hand_in", Source.HOTLINE, 38, "red_card"),
    Scene(66, "E06025", "201-1-1", "hand_in", Source.HOTLINE, 39, "appeal_waits"),
    Scene(24 * 6, "E06025", "001-1-1", "hand_in", Source.PHONE, 40, "appeal_upheld"),
    # Whose it is; an earlier ruling on what waits for dispatch now.
    Scene(5, "E06025", "001-2-1", "dispatch", Source.PHONE, 41, "returned"),
    Scene(7, "E06010", "201-1-2", "dispatch", Source.HOTLINE, 42, "for_a_ruling"),
    Scene(24 * 19, "E06025", "201-1-2", "dispatch", Source.HOTLINE, 43, "ruled"),
    Scene(24 * 2.6, "E06025", "201-1-2", "dispatch", Source.MEDIA, None, "ruled"),
    # Two people, one matter: merged, and two that a clerk can merge.
    Scene(9, "E01004", "001-1-1", "hand_in", resident=44, plot="told_first"),
    Scene(8.5, "E01004", "001-1-1", "accept", Source.PHONE, 45, "told_again"),
    Scene(0.45, "E09009", "001-2-1", "accept", resident=46),
    # Passed out of the town's loop.
    Scene(24 * 2.2, "L90006", "001-1-2", "accept", Source.PHONE, 60, "to_the_police"),
    Scene(24 * 1.4, "L90012", "001-2-2", "accept", Source.LETTER, 61, "to_the_petition_office"),
    # After closing.
    Scene(54, "E06010", "001-1-1", "rate", Source.HOTLINE, 47, "not_reached"),
    Scene(58, "E06011", "001-1-2", "rate", Source.PHONE, 48, "exclusion_waits"),
    Scene(63, "E06010", "201-1-1", "rate", Source.HOTLINE, 49, "exclusion_appealed"),
    # Several together.
    Scene(6.2, "E09005", "001-1-2", "hand_in", resident=50, plot="whistle_running"),
    Scene(1.1, "E06025", "001-1-1", "dispatch", Source.POLICE, 51, "whistle_for_sanitation"),
    Scene(40, "E06001", "001-2-2", "hand_in", Source.PHONE, 52, "whistle_to_approve"),
    Scene(62, "E06025", "001-1-2", "hand_in", Source.HOTLINE, 53, "whistle_ended"),
    Scene(30, "E06001", "001-1-1", "hand_in", Source.LETTER, 54, "opinions_wait"),
    Scene(12, "L90003", "001-2-1", "hand_in", resident=55, plot="lawyer_asked"),
    Scene(69, "E06001", "201-1-1", "hand_in", Source.HOTLINE, 56, "opinions_decided"),
    # Squads claim for a neighbour: done, done, in hand; and a river's chief changes.
    Scene(57, "L90001", "001-2-2", "sign", resident=62, plot="squad_claims"),
    Scene(55, "E06041", "201-2-1", "sign", resident=63, plot="squad_claims"),
    Scene(3.4, "L90006", "001-1-2", "sign", resident=64, plot="squad_claimed"),
    Scene(24 * 26, "E06010", "001-2-1", "rate", Source.HOTLINE, 65, "chief_changes"),
    # Cases beside which the town draws, and the hotline sends its files.
    Scene(24 * 8, "E06010", "001-2-1", "rate", Source.HOTLINE, 57, "draws"),
    Scene(27, "E06010", "001-2-2", "rate", Source.HOTLINE, 58, "hotline_file"),
    Scene(6, "E06042", "001-1-1", "rate", Source.HOTLINE, 59, "hotline_file_waits"),
)


def arrivals(stream: Arrivals, start: datetime, end: datetime) -> Iterator[Arrival]:
    """The reports of the script that fall between the two moments."""
    for scene in SCENES:
        at = end - timedelta(hours=scene.hours)
        if at > start:
            arrival = stream.chosen(scene.kind, scene.micro, at, scene.source, scene.resident)
            arrival.stop, arrival.plot = scene.stop, scene.plot
            yield arrival


TAKEN, WAITING = 40, 24
"""So many rows have the hotline's files of yesterday and of this morning."""


def sheets(stream: Arrivals, end: datetime) -> dict[str, list[Arrival]]:
    """What the hotline sends in its two files: `taken` in yesterday, and `waiting` for the clerk."""
    return {
        "taken": list(stream.hotline(end - timedelta(hours=40), TAKEN)),
        "waiting": list(stream.hotline(end - timedelta(hours=12), WAITING)),
    }
