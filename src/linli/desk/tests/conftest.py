"""A small town as it is now, with its people signed in and its cases opened and moved by the real actions."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from PIL import Image
from pytest_django import DjangoDbBlocker

from linli.cases.actions import calls, opening
from linli.cases.queries import Case
from linli.cases.words import Source
from linli.kernel import clock, files
from linli.kernel.access import Actor
from linli.kernel.ids import uuid7
from linli.people import queries as people
from tests.kept import Kept
from tests.world import Town, keep_town, open_town

RUBBISH, MANHOLE = "E06010", "C01002"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass
class Desk:
    """The town, and what a test does in it."""

    town: Town
    at: datetime

    def actor(self, username: str) -> Actor:
        """Somebody as they act now."""
        return people.actor_for(self.town.accounts[username], self.at)

    def client(self, username: str, language: str = "") -> Client:
        """A browser in which somebody is signed in."""
        browser = Client()
        browser.force_login(get_user_model().objects.get(username=username), backend=BACKEND)
        if language:
            browser.cookies["django_language"] = language
        return browser

    def report(self, unit: str = "001-1", *, text: str = "路口堆了垃圾", **more: Any) -> UUID:
        """A hotline ticket taken in by the clerk `shen` (or `by`), ten minutes ago; its case."""
        lng, lat = self.town.point_in(unit)
        values = {"source": Source.HOTLINE, "kind": RUBBISH, "lng": lng, "lat": lat} | more
        when, by = values.pop("at", self.at - timedelta(minutes=10)), values.pop("by", self.actor("shen"))
        report = opening.Report(id=uuid7(when), text=text, **values)
        return opening.open_case(report, by=by, at=when).id

    def move(self, case_id: UUID, *steps: tuple[str, str], **given: Any) -> Case:
        """Make moves, each as (move, who), now."""
        for name, who in steps:
            found = calls.call(name, case_id, given, by=self.actor(who), at=self.at)
        return found

    def to_handler(self, case_id: UUID) -> Case:
        """Bring a case to `ma` of the sanitation office, who signs for it."""
        return self.move(
            case_id, ("accept", "shen"), ("register", "shen"), ("dispatch", "lu"), ("sign", "ma")
        )

    def photo(self, username: str) -> UUID:
        """A stored picture of somebody's, not used yet."""
        stored = files.take_picture(
            jpeg(), "a.jpg", "image/jpeg", by=self.town.accounts[username], at=self.at
        )
        return stored.id


_shades = count(1)


def jpeg() -> bytes:
    """A small picture, another one each time."""
    out = io.BytesIO()
    shade = next(_shades)
    Image.new("RGB", (64, 48), (shade * 67 % 256, shade * 29 % 256, 90)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture(scope="session")
def _kept_lately(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Kept[Town]:
    return keep_town(clock.now() - timedelta(days=10), django_db_blocker)


@pytest.fixture
def desk(_kept_lately: Kept[Town], db: None) -> Desk:
    """The small town of the demo, opened ten days ago."""
    return Desk(open_town(_kept_lately), clock.now())


@pytest.fixture
def fields() -> Callable[..., dict[str, str]]:
    """The hidden fields of a move's form, as the page gave them."""

    def read(html: str, move: str) -> dict[str, str]:
        form = re.split(rf'action="[^"]*/move/{move}/"', html, maxsplit=1)[1].split("</form>", 1)[0]
        return {
            name: form.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]
            for name in ("id", "version", "mark")
        }

    return read
