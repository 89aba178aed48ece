"""The process behind the scenes of the browser's tests: it builds the town that the server serves, and then does
what a test asks for by one line of JSON: open a case at a given time, make moves, hand out a session.

Everything goes through the town's own actions. Kept apart from the tests, because the server's town is a
database of its own, as in production, and not the one that pytest makes and throws away.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.project.settings")

import django

django.setup()

from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command

from linli.cases import queries as cases
from linli.cases.actions import parts
from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.words import Source, State, number_of, tracking_code
from linli.consultation.tests import making as consulting
from linli.intake import actions as intake
from linli.joint import actions as joint
from linli.joint import queries as joint_queries
from linli.joint.actions import Decided
from linli.joint.tests import whistles
from linli.joint.words import Mark
from linli.kernel import clock, editions
from linli.kernel.access import SYSTEM
from linli.kernel.fields import mask_phone
from linli.notices import queries as notices
from linli.people import actions as people
from linli.people.models import Account
from linli.people.words import Role
from linli.project.demo.names import TOWN_CODE
from linli.project.demo.world import Town, build_town
from linli.responsibility.tests import responsible
from tests.world import actor

PASSWORD = "三更灯火五更鸡-31"
OPENED_BEFORE = timedelta(days=60)


class Backstage:
    """The town, and what may be asked for."""

    def __init__(self) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        now = clock.now()
        editions.sync_files(now)
        self.town: Town = build_town(now - OPENED_BEFORE, small=True)
        people.create_account(username="wei", name="魏新", password=PASSWORD, by=SYSTEM, at=now)
        self.settle_in(now)

    def settle_in(self, now: datetime) -> None:
        """A case in every state and one that is late, so that no page is empty."""
        for number, state in enumerate(loop.WAYS):
            resident = number % 2 == 0
            loop.in_state(
                state, self.town, now - timedelta(minutes=20 + number), **self._shown(now, resident)
            )
        late = loop.opened(self.town, now - timedelta(hours=3), SYSTEM, source=Source.POLICE, kind=loop.NOTED)
        self.late = str(late.id)

    def _shown(self, now: datetime, resident: bool) -> dict[str, Any]:
        """A resident's report with a photo, or one with an address alone."""
        if not resident:
            return {"kind": loop.OFFICE_ONLY, "text": "化粪池盖板破了", "address": "禾苑路 8 号"}
        lin = actor(self.town, "lin", now)
        return {"by": lin, "reporter_id": self.town.resident, "photos": (loop.picture(lin, now),)}

    def open(
        self, *, age: float = 0, by: str = "", of_resident: bool = False, **changes: Any
    ) -> dict[str, str]:
        """A case reported `age` seconds ago: somebody's unknown unless it is the named resident's."""
        at = clock.now() - timedelta(seconds=age)
        if of_resident:
            changes["reporter_id"] = self.town.resident
        if "source" in changes:
            changes["source"] = Source(changes["source"])
        sender = actor(self.town, by, at) if by else SYSTEM
        return self._told(loop.opened(self.town, at, sender, **changes))

    def advance(self, *, state: str, **changes: Any) -> dict[str, str]:
        """A new case that went its way into this state."""
        return self._told(loop.in_state(State(state), self.town, clock.now(), **changes))

    def long_closed(self, *, days: float) -> dict[str, str]:
        """A case of the named resident's that was closed so many days ago."""
        at = clock.now() - timedelta(days=days)
        return self._told(loop.in_state(State.CLOSED, self.town, at, reporter_id=self.town.resident))

    def chosen(self, *, shown: list[str], kind: str, by: str) -> dict[str, str]:
        """A case for which somebody chose this kind with these suggestions in view."""
        now = clock.now()
        case = loop.opened(self.town, now, kind=kind)
        intake.note_choice(case_id=case.id, shown=shown, chosen=kind, at=now, by=actor(self.town, by, now))
        return self._told(case)

    def make(self, *, move: str, case: str, by: str, **given: Any) -> dict[str, str]:
        """One move of somebody's on a case, now."""
        at = clock.now()
        return self._told(loop.make(move, UUID(case), actor(self.town, by, at), at, **given))

    def whistle(self, *, template: str = "advance", met: bool = False, done: bool = False) -> dict[str, str]:
        """A whistle on a new case, urban management and the safety office called; with a meeting, with one part done."""
        at = clock.now() - timedelta(seconds=30)
        zhou, cg = actor(self.town, "zhou", at), actor(self.town, "cg-1", at)
        found = whistles.blown(self.town, template=template, at=at)
        told = {"id": str(found.id), "case": str(found.case_id)}
        if found.stand != "called":
            return told
        mine = whistles.part(found, self.town, "CG")
        if met:
            given = {"held_at": at, "place": "禾苑路口", "minutes": "各方商定三项措施", "came": [mine.id]}
            task = Decided(department=self.town.departments["SZ"], task="修复路牙")
            meeting = joint.hold_meeting(found.id, **given, decisions=[task], by=zhou, at=at)
            joint.note_problem(found.id, text_="缺少封路设备", part=mine.id, by=cg, at=at)
            told["meeting"] = str(meeting.id)
        if done:
            parts.sign(mine.id, by=cg, at=at)
            parts.finish(mine.id, by=cg, at=at, result="摊点已劝离", absence="摊主当场撤走,已电话确认")
            joint.rate(mine.id, mark=Mark.GOOD, comment="现场配合好", by=cg, at=at)
        return {**told, "part": str(mine.id), "code": joint_queries.code_at(found.id, clock.now())}

    def case(self, *, case: str) -> dict[str, str]:
        """How it stands."""
        return self._told(Case.objects.get(pk=UUID(case)))

    def count(self, *, text: str) -> int:
        """How many cases have exactly these words."""
        return Case.objects.filter(text=text).count()

    def numbered(self, *, number: str) -> dict[str, str]:
        """The case of a number that a page showed."""
        return self._told(Case.objects.get(serial=int(number[8:])))

    def session(self, *, username: str) -> dict[str, str]:
        """A signed-in session of this account, as a cookie's name and value."""
        account = Account.objects.get(username=username)
        store = import_module(settings.SESSION_ENGINE).SessionStore()
        store[SESSION_KEY] = str(account.pk)
        store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        store[HASH_SESSION_KEY] = account.get_session_auth_hash()
        store.create()
        return {"name": settings.SESSION_COOKIE_NAME, "value": store.session_key}

    def messages(self, *, phone: str) -> list[str]:
        """What was sent to this telephone, newest first."""
        return [said.body.zh for said in notices.recent_demo(50) if said.to == mask_phone(phone)]

    def point(self, *, unit: str) -> list[float]:
        """A point inside a unit."""
        return list(self.town.point_in(unit))

    def places(self) -> dict[str, str]:
        """Ids, numbers and codes of one case in each state (`closed`, `closed_number` …), and of units."""
        found = {"town": str(self.town.root), "village": str(self.town.unit("001")), "late": self.late}
        found |= {
            "account": str(self.town.accounts["shen"]),
            "department": str(self.town.departments["HW"]),
            "post": str(self.town.posts[Role.RECEIVER, TOWN_CODE][0]),
            "vacant": str(self.town.posts[Role.GRID_WORKER, f"{TOWN_CODE[:9]}201-2"][0]),
        }
        for state in State:
            case = Case.objects.filter(state=state).exclude(pk=self.late).order_by("serial").first()
            assert case is not None, state
            told = self._told(case)
            found |= {
                str(state): told["id"],
                f"{state}_number": told["number"],
                f"{state}_code": told["code"],
            }
        return found

    def data(self) -> list[str]:
        """What people wrote and what they are called: the same in every language."""
        written = [value for case in Case.objects.all() for value in (case.text, case.address)]
        needed = [str(value) for given in loop.NEEDED.values() for value in given.values()]
        names = Account.objects.values_list("name", flat=True)
        usernames = Account.objects.values_list("username", flat=True)
        return [*names, *usernames, *(name[0] + "*" * (len(name) - 1) for name in names), *written, *needed]

    def consulted(self) -> dict[str, str]:
        """A consultation that waits for answers, one that is to be decided, one that was, and a dossier."""
        at = clock.now()
        case = consulting.hard_case(self.town, at)
        pictures = [item.file_id for items in cases.evidence(case.id).values() for item in items]
        waits = consulting.asked(
            self.town, case, at=at, pictures=pictures, documents=[consulting.paper("材料.pdf")]
        )
        ready, over = (
            consulting.asked(self.town, case, at=at, topic=f"{word}的研判") for word in ("二次", "三次")
        )
        consulting.all_said(self.town, ready, at)
        consulting.settled(self.town, over, at)
        dossier = consulting.handed_up(self.town, case, at)
        return {
            "case": str(case.id), "open": str(waits.id), "ready": str(ready.id), "decided": str(over.id), "dossier": str(dossier.id),
        }  # fmt: skip

    def consulted_words(self) -> list[str]:
        """What people wrote there, and what documents and receivers are called."""
        return list(consulting.WORDS)

    def chiefs(self) -> dict[str, str]:
        """A river with a chief, a contract, a squad, and a task that waits to be claimed."""
        at = clock.now()
        found = {name: str(value) for name, value in responsible.to_look_at(self.town, at).items()}
        task = loop.opened(self.town, at, kind=loop.GRID_MATTER)
        return {**found, "task": number_of(task.serial, task.reported_at)}

    def chiefs_words(self) -> list[str]:
        """What people wrote there."""
        return list(responsible.WORDS)

    @staticmethod
    def _told(case: Case) -> dict[str, str]:
        number = number_of(case.serial, case.reported_at)
        return {
            "id": str(case.id), "number": number, "code": tracking_code(case.id), "state": str(case.state),
            "text": case.text, "escalations": str(case.escalations),
        }  # fmt: skip


def main() -> None:
    """Build the town, say so, and answer one line of JSON with another until there are no more."""
    stage = Backstage()
    _answer("ready")
    for line in sys.stdin:
        asked = json.loads(line)
        _answer(getattr(stage, asked.pop("do"))(**asked))


def _answer(said: Any) -> None:
    sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
