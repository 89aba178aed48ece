"""Ninety days of 禾泾镇: people report and staff work, each step by the town's own action at its own moment.

A queue of moments: what comes first happens first, and each step decides what comes next and when. Between
them the town's clocks fire and its stories run, as the worker does it. The same seed, start and end give the
same history; nothing here writes a row.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from linli.cases import queries as cases
from linli.cases.actions import charging, moves
from linli.cases.actions.opening import Report, open_case
from linli.cases.catalogue import Kind
from linli.cases.words import Answer, Source, State
from linli.kernel import clock, clocks, files, jobs, worktime
from linli.kernel.access import ANONYMOUS, SYSTEM, Actor
from linli.kernel.errors import Problem
from linli.kernel.ids import uuid7
from linli.kernel.worktime import Limit, Unit
from linli.people import actions as people_actions
from linli.people import queries as people
from linli.people.words import Role
from linli.territory import queries as geography

from . import pictures, texts
from .arrivals import Arrival
from .names import TOWN_CODE
from .people import phone, someone
from .play import Play
from .plots import PLOTS
from .turns import Turns
from .world import Town

TICK = timedelta(minutes=20)
BATCH = 200
RECENT = timedelta(days=4)  # younger cases have large pictures, and more of them
# How long before the end a step may be left undone, and how often: what the desks have waiting at the end.
HOLDS: dict[str, tuple[float, float]] = {
    "accept": (10, 0.55),
    "verify": (8, 0.5),
    "register": (9, 0.35),
    "dispatch": (9, 0.4),
    "sign": (26, 0.45),
    "hand_in": (72, 0.22),
    "check": (26, 0.4),
    "close": (20, 0.35),
    "rate": (70, 0.35),
}
CLERKS, CHIEF = ("shen", "receiver-2"), "qian"
ANSWERS = {
    Answer.SATISFIED: 62,
    Answer.MOSTLY: 20,
    Answer.NEUTRAL: 8,
    Answer.UNSATISFIED: 7,
    Answer.UNREACHABLE: 3,
}


@dataclass(slots=True)
class Matter:
    """A case on its way: what was reported, by whom, and who has it in hand."""

    arrival: Arrival
    random: random.Random
    kind: Kind
    id: UUID
    reporter: Actor
    resident_id: UUID | None = None
    handler: str = ""
    due: datetime | None = None
    place: str = ""
    redone: bool = False
    reopened: bool = False
    # What only the turns beside the plain way need.
    spice: Random = field(default_factory=Random)
    main: Matter | None = None
    charged: str = ""
    returned: int = 0
    late: bool = False
    missing: bool = False
    until: datetime | None = None
    watcher: str = ""
    asked: UUID | None = None


@dataclass
class History:
    """The town between two moments."""

    town: Town
    start: datetime
    end: datetime
    seed: int
    counts: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._queue: list[tuple[datetime, int, Callable[[Matter, datetime], None], Matter]] = []
        self._number = 0
        self._tick = self.start
        self._look = self.start  # before then no clock is due: the shortest warns 24 minutes after its start
        self._news = False  # whether stories may wait to be told
        self._residents: dict[int, UUID] = {}
        self._calendar = worktime.default_calendar()
        self._catalogue = cases.catalogue(None)
        self.turns = Turns(self)
        self.kept: dict[str, UUID] = {}  # what one plot leaves for another
        self.sheets: dict[str, list[Arrival]] = {}  # the files of the hotline

    def run(self, arrivals: Iterable[Arrival], progress: Callable[[datetime], None] | None = None) -> None:
        """Let it all happen, up to the end."""
        for arrival in arrivals:
            self.add(arrival)
        while self._queue and self._queue[0][0] <= self.end:
            at, _, step, matter = heapq.heappop(self._queue)
            if progress is not None:
                progress(at)
            self._pass_time(at)
            self._news = True
            try:
                step(matter, at)
            except Problem as problem:
                self.refused.append(
                    f"{step.__name__} {matter.kind.code} {problem.error.code} {problem.fields}"
                )
        self._pass_time(self.end)
        while self._stories(self.end):
            pass

    def add(self, arrival: Arrival, main: Matter | None = None) -> Matter:
        """A report to come; `main` is what somebody told of the same matter before."""
        matter = self._matter(arrival)
        matter.main = main
        self.then(arrival.at, self.report, matter)
        return matter

    def _matter(self, arrival: Arrival) -> Matter:
        rng = random.Random(f"{self.seed}/{self._number}")  # noqa: S311 - a made-up history, no secrets
        kind = self._catalogue.kind(arrival.kind)
        assert kind is not None, arrival.kind
        matter = Matter(arrival, rng, kind, uuid7(arrival.at), ANONYMOUS, place=TOWN_CODE[:9] + arrival.micro)
        matter.spice.seed(f"{self.seed}/{self._number}/turns")
        return matter

    def adopt(self, arrival: Arrival, case_id: UUID, at: datetime) -> None:
        """A case that came in a file goes on like every other."""
        matter = self._matter(arrival)
        case = cases.case_for(SYSTEM, case_id)
        matter.id, matter.resident_id, matter.due = case_id, case.reporter_id, case.due_at
        matter.reporter = Actor("resident", resident_id=case.reporter_id)
        matter.place = self._place(matter)
        if State(case.state) is State.REPORTED:
            self.then(self._late(matter, self._soon(matter, at, 35)), self.receive, matter)

    def then(self, at: datetime, step: Callable[[Matter, datetime], None], matter: Matter) -> None:
        """Put a step on the line of moments."""
        self._number += 1
        heapq.heappush(self._queue, (at, self._number, step, matter))

    # Time

    def _pass_time(self, at: datetime) -> None:
        """Clocks fire at their own moments; stories are told every so often."""
        while at >= self._look:
            due = clocks.next_due()
            if due is None or due > at:
                self._look = min(due or at + TICK, at + TICK)
                break
            self._tell(due)
            self.counts["clocks"] += clocks.fire_due(due)
            self._news = True
        self._tell(at)

    def _tell(self, at: datetime) -> None:
        while self._tick + TICK <= at:
            self._tick += TICK
            if self._news:
                self._news = self._stories(self._tick) == BATCH

    def _stories(self, at: datetime) -> int:
        done = jobs.work_once(at, batch=BATCH)
        self.counts["jobs"] += done
        return done

    def _held(self, stage: str, matter: Matter, at: datetime) -> bool:
        """Whether this step is still to be done when the history ends."""
        if matter.arrival.stop:
            held = matter.arrival.stop == stage
            if held and matter.arrival.plot:
                self._begin(matter, at)
            return held
        hours, share = HOLDS[stage]
        return self.end - at < timedelta(hours=hours) and matter.random.random() < share

    def _begin(self, matter: Matter, at: datetime) -> None:
        """From here on the case goes its own way, as its plot says."""
        play = Play(self, matter, at)
        story, matter.arrival.plot = PLOTS[matter.arrival.plot](play), ""

        def tell(matter: Matter, at: datetime) -> None:
            play.at = at
            later = next(story, None)
            if later is not None:
                self.then(max(later, at), tell, matter)

        self.then(at + timedelta(minutes=1), tell, matter)

    def _soon(self, matter: Matter, at: datetime, minutes: float) -> datetime:
        """About so many minutes later, when the centre works: 08:00 to 20:00 every day."""
        if matter.arrival.fast:
            return at + timedelta(minutes=1)
        later = at + timedelta(minutes=minutes * matter.random.lognormvariate(0, 0.6))
        local = clock.local(later)
        if local.hour >= 20:
            later += timedelta(days=1)
        if local.hour >= 20 or local.hour < 8:
            morning = clock.local(later).replace(hour=8, minute=0, second=0)
            later = (morning + timedelta(minutes=matter.random.uniform(2, 90))).astimezone(at.tzinfo)
        return later

    def work_hours(self, matter: Matter, at: datetime, hours: float) -> datetime:
        """About so many working hours later."""
        if matter.arrival.fast:
            return at + timedelta(minutes=1)
        amount = round(max(0.05, hours * matter.random.lognormvariate(0, 0.5)), 2)
        return worktime.deadline(at, Limit(amount, Unit.WORK_HOUR), self._calendar).due

    # Who

    def actor(self, username: str, at: datetime) -> Actor:
        return people.actor_for(self.town.accounts[username], at)

    def _worker(self, matter: Matter) -> str:
        """The grid worker of the place, the lead where the grid is vacant, a checker where it is not located."""
        if matter.place == TOWN_CODE:
            return "gu"
        found = self.town.working.get((Role.GRID_WORKER, "-".join(matter.place.split("-")[:2])), [])
        return matter.random.choice(found) if found else self._lead(matter)

    def _lead(self, matter: Matter) -> str:
        return self.town.working[Role.GRID_LEAD, self._village(matter)][0]

    @staticmethod
    def _village(matter: Matter) -> str:
        """The code of the village, which a clerk reads from the address where the point is missing."""
        if matter.place != TOWN_CODE:
            return matter.place.split("-")[0]
        return TOWN_CODE[:9] + matter.arrival.micro.split("-")[0]

    def _clerk(self, matter: Matter, at: datetime) -> str:
        at_night = not 8 <= clock.local(at).hour < 20
        return CHIEF if at_night else matter.random.choices((*CLERKS, CHIEF), (6, 4, 1))[0]

    def _resident(self, matter: Matter, at: datetime) -> None:
        """Make the reporter known: themselves by a code to their telephone, or the clerk who takes the call."""
        number = matter.arrival.resident
        if number is None:
            return
        if number == 0:
            matter.resident_id, matter.reporter = self.town.resident, self.actor("lin", at)
            return
        if number not in self._residents:
            self._residents[number] = self._first_time(number, matter, at)
        matter.resident_id = self._residents[number]
        matter.reporter = Actor("resident", resident_id=matter.resident_id)

    def _first_time(self, number: int, matter: Matter, at: datetime) -> UUID:
        name = someone(matter.random)
        if matter.arrival.source is not Source.RESIDENT:
            clerk = self.actor(self._clerk(matter, at), at)
            return people_actions.register_resident(phone=phone(number + 1), name=name, by=clerk, at=at).id
        issued = people_actions.issue_phone_code(phone=phone(number + 1), sender=f"demo {number}", at=at)
        resident = people_actions.verify_phone_code(phone=issued.phone, code=issued.code, at=at)
        return resident.id

    def photos(self, matter: Matter, by: Actor, at: datetime, *, done: bool, session: str = "") -> list[UUID]:
        scene = matter.arrival.theme.scene
        if not scene and matter.kind.evidence == "note":
            return []
        small = self.end - at > RECENT
        variant = matter.arrival.at.second % pictures.VARIANTS  # the same street before and after
        data = pictures.picture(scene or "facility", done, variant, small)
        file = files.take_picture(data, "photo.jpg", "image/jpeg", by=by.account_id, at=at, session=session)
        self.counts["pictures"] += 1
        return [file.id]

    # The steps

    def report(self, matter: Matter, at: datetime) -> None:
        """The report comes in."""
        arrival = matter.arrival
        self._resident(matter, at)
        by, session = self._reporting(matter, at), ""
        if arrival.source is Source.RESIDENT and by.account_id is None:
            session = f"demo-{matter.id}"
        wanted = self.end - at < RECENT or matter.random.random() < 0.06
        shows = arrival.source in (Source.RESIDENT, Source.GRID, Source.PATROL) and not arrival.outside
        photos = self.photos(matter, by, at, done=False, session=session) if wanted and shows else []
        report = Report(
            id=matter.id, source=arrival.source, kind=arrival.said, text=arrival.text, lng=arrival.lng, lat=arrival.lat,
            accuracy=arrival.accuracy, address=arrival.address, photos=tuple(photos), reporter_id=matter.resident_id,
            source_number=self._source_number(matter, at),
        )  # fmt: skip
        opened = open_case(report, by=by, at=at, session=session)
        self.counts["cases"] += 1
        if opened.state is State.REPORTED:
            self.turns.twin(matter, at)
        matter.due = opened.due_at
        matter.place = self._place(matter)
        self._after_report(matter, opened.state, at)

    def _reporting(self, matter: Matter, at: datetime) -> Actor:
        source = matter.arrival.source
        if source is Source.RESIDENT:
            return matter.reporter
        if source in (Source.GRID, Source.PATROL):
            return self.actor(self._worker(matter), at)
        return self.actor(self._clerk(matter, at), at)

    def _place(self, matter: Matter) -> str:
        """The code of the unit in which the case came to lie."""
        if matter.arrival.lng is not None and not matter.arrival.outside:
            return matter.place
        unit = geography.snapshot().unit(cases.case_for(SYSTEM, matter.id).unit_id or self.town.root)
        return unit.code if unit else TOWN_CODE

    def _source_number(self, matter: Matter, at: datetime) -> str | None:
        prefix = {Source.HOTLINE: "RX", Source.POLICE: "FJ"}.get(matter.arrival.source)
        return (
            f"{prefix}{clock.local(at):%y%m%d%H%M%S}{matter.random.randrange(1000):03d}" if prefix else None
        )

    def _after_report(self, matter: Matter, state: State, at: datetime) -> None:
        by_worker = matter.arrival.source in (Source.GRID, Source.PATROL)
        if state is State.DISPATCHED:
            matter.handler = (
                self._worker(matter) if matter.kind.responsible == "grid_worker" else self._lead(matter)
            )
            if by_worker or matter.random.random() < 0.7:
                self.then(self._soon(matter, at, 12 if by_worker else 150), self.settle, matter)
            else:
                self.then(self._soon(matter, at, 90), self.sign, matter)
        elif by_worker and matter.kind.settle and not matter.arrival.fast:
            self.then(self._soon(matter, at, 15), self.settle, matter)
        else:
            wait = 15 if matter.arrival.source is Source.POLICE else 35
            self.then(self._late(matter, self._soon(matter, at, wait)), self.receive, matter)

    def _late(self, matter: Matter, at: datetime) -> datetime:
        """One in twenty lies longer than it should."""
        if matter.arrival.fast or matter.random.random() > 0.05:
            return at
        return self.work_hours(matter, at, 5)

    def settle(self, matter: Matter, at: datetime) -> None:
        """The grid worker does it on the spot."""
        if matter.arrival.source is Source.RESIDENT and self._held("sign", matter, at):
            return
        who = self.actor(matter.handler or self._worker(matter), at)
        photos = self.photos(matter, who, at, done=True)
        moves.settle(
            matter.id, by=who, at=at, result=self._said(matter.arrival.theme.results, matter), photos=photos
        )
        self._ask(matter, at)

    def _said(self, patterns: tuple[str, ...], matter: Matter) -> str:
        return matter.random.choice(patterns).format(n=matter.random.randint(2, 9))

    def receive(self, matter: Matter, at: datetime) -> None:
        """The clerk looks at it: verification first, declined, void, or accepted and registered."""
        if self._held("accept", matter, at):
            return
        name = self._clerk(matter, at)
        if self.turns.merged(matter, name, at) or self.turns.left(matter, name, at):
            return
        clerk = self.actor(name, at)
        draw = 0.0 if matter.arrival.stop == "verify" else matter.random.random()
        if matter.arrival.outside:
            moves.decline(matter.id, by=clerk, at=at, reason="elsewhere")
        elif draw < 0.1 and (not matter.arrival.stop or matter.arrival.stop == "verify"):
            moves.ask_verification(matter.id, by=clerk, at=at)
            self.then(self._soon(matter, at, 18), self.verify, matter)
        elif draw < 0.135 and not matter.arrival.stop:
            reason, note = matter.random.choice(texts.DECLINES)
            moves.decline(matter.id, by=clerk, at=at, reason=reason, note=note)
        elif draw < 0.15 and not matter.arrival.stop:
            moves.void(
                matter.id, by=clerk, at=at, reason=matter.random.choice(("duplicate", "mistake", "withdrawn"))
            )
        else:
            self.accept(matter, at)

    def verify(self, matter: Matter, at: datetime) -> None:
        """The grid worker goes and looks."""
        if self._held("verify", matter, at):
            return
        who = self.actor(self._worker(matter), at)
        if matter.random.random() < 0.12:
            moves.verify(matter.id, by=who, at=at, finding=texts.NOT_FOUND)
            self.then(self._soon(matter, at, 20), self.not_found, matter)
            return
        moves.verify(matter.id, by=who, at=at, finding=matter.random.choice(texts.FINDINGS))
        self.then(self._soon(matter, at, 20), self.accept, matter)

    def not_found(self, matter: Matter, at: datetime) -> None:
        """Nothing was there."""
        moves.decline(matter.id, by=self.actor(self._clerk(matter, at), at), at=at, reason="not_found")

    def accept(self, matter: Matter, at: datetime) -> None:
        """Accepted, under the kind that it really is."""
        clerk = self.actor(self._clerk(matter, at), at)
        kind = matter.kind.code if matter.arrival.said != matter.kind.code else ""
        moves.accept(matter.id, by=clerk, at=at, kind=kind)
        self.then(at + timedelta(minutes=matter.random.uniform(0.5, 6)), self.register, matter)

    def register(self, matter: Matter, at: datetime) -> None:
        """Registered under the kind's condition."""
        if self._held("register", matter, at):
            return
        moves.register(matter.id, by=self.actor(self._clerk(matter, at), at), at=at)
        self.then(self._late(matter, self._soon(matter, at, 20)), self.dispatch, matter)

    def dispatch(self, matter: Matter, at: datetime) -> None:
        """Given to whom the responsibility list says."""
        if self._held("dispatch", matter, at):
            return
        names = (
            (CHIEF,) if self._clerk(matter, at) == CHIEF or matter.reopened else ("lu", "lu", "dispatcher-2")
        )
        note = matter.random.choice(texts.NOTES) if matter.random.random() < 0.12 else ""
        by = self.actor(matter.random.choice(names), at)
        post = None
        if matter.place == TOWN_CODE and matter.kind.responsible.startswith("grid_"):
            post = self.town.posts[Role.GRID_LEAD, self._village(matter)][0]
        wrong = self.turns.astray(matter)
        case = charging.dispatch(matter.id, by=by, at=at, department=wrong, post=post, note=note)
        self.charge(matter, case)
        if wrong:
            self.then(self.work_hours(matter, at, 0.8), self.turns.give_back, matter)
            return
        self.then(self._late(matter, self.work_hours(matter, at, 1.2)), self.sign, matter)

    def charge(self, matter: Matter, case: cases.Case) -> None:
        """Who has it in hand now, and until when."""
        found = [code for code, id in self.town.departments.items() if id == case.department_id]
        matter.charged, matter.due = (found[0] if found else ""), case.due_at
        matter.handler = self._handler(matter, case.department_id)

    def _handler(self, matter: Matter, department: UUID | None) -> str:
        if department is not None:
            code = next(code for code, id in self.town.departments.items() if id == department)
            found = self.town.handlers[code]
            return found[0] if matter.arrival.fast else matter.random.choice(found)
        to_lead = matter.place == TOWN_CODE or matter.kind.responsible == "grid_lead"
        return self._lead(matter) if to_lead else self._worker(matter)

    def sign(self, matter: Matter, at: datetime) -> None:
        """Whoever handles it has seen it."""
        if self._held("sign", matter, at):
            return
        moves.sign(matter.id, by=self.actor(matter.handler, at), at=at)
        told = matter.resident_id and not matter.arrival.fast and matter.spice.random() < 0.6
        if told:
            self.then(at + timedelta(minutes=matter.spice.uniform(2, 9)), self.turns.contact, matter)
        else:
            self.work(matter, at)

    def work(self, matter: Matter, at: datetime) -> None:
        """Signed for: a wish, a note, or straight to the end."""
        if self.turns.wish(matter, at):
            return
        if matter.random.random() < 0.12 and not matter.arrival.fast:
            self.then(self.work_hours(matter, at, 2), self.note, matter)
        else:
            self.finish(matter, at)

    def finish(self, matter: Matter, at: datetime) -> None:
        """The work goes on until it is done; a few of those who are late get a card first."""
        done = self._finished(matter, at)
        late = matter.due is not None and done > matter.due and not matter.arrival.fast
        if late and matter.due and matter.spice.random() < 0.3:
            self.then(self.work_hours(matter, max(at, matter.due), 1.5), self.turns.card, matter)
        else:
            self.then(done, self.hand_in, matter)

    def note(self, matter: Matter, at: datetime) -> None:
        """A word on how the work goes."""
        who = self.actor(matter.handler, at)
        moves.note_progress(matter.id, by=who, at=at, text=matter.random.choice(texts.PROGRESS))
        self.finish(matter, at)

    def _finished(self, matter: Matter, at: datetime) -> datetime:
        """When the work is done: mostly well inside the limit, one in eleven after it."""
        due = matter.due or at
        late = matter.random.random() < 0.09
        if matter.arrival.fast:
            return at + timedelta(minutes=1)
        if late or due <= at:
            return self.work_hours(matter, max(due, at), 5)
        then = at + (due - at) * matter.random.triangular(0.03, 0.95, 0.3)
        return worktime.deadline(then, Limit(0.01, Unit.WORK_HOUR), self._calendar).due

    def hand_in(self, matter: Matter, at: datetime) -> None:
        """The work is done, here is the picture."""
        if self._held("hand_in", matter, at):
            return
        who = self.actor(matter.handler, at)
        photos = self.photos(matter, who, at, done=True)
        result = self._said(matter.arrival.theme.results, matter)
        moves.hand_in(matter.id, by=who, at=at, result=result, photos=photos)
        matter.late = matter.due is not None and at > matter.due
        self.then(self.work_hours(matter, at, 1.5), self.check, matter)

    def check(self, matter: Matter, at: datetime) -> None:
        """Somebody else looks: done, or to be redone."""
        if self._held("check", matter, at):
            return
        names = ["gu", "gu", "checker-2"]
        if (worker := self._worker(matter)) != matter.handler:
            names.append(worker)
        who = self.actor(matter.random.choice(names), at)
        if matter.kind.checking == "visit":
            moves.take_check(matter.id, by=who, at=at)
        if matter.random.random() < 0.06 and not matter.redone and not matter.arrival.fast:
            matter.redone = True
            moves.order_redo(matter.id, by=who, at=at, reason=matter.random.choice(texts.REDO))
            self.then(self.work_hours(matter, at, 3), self.hand_in, matter)
            return
        moves.pass_check(matter.id, by=who, at=at)
        self.then(self.work_hours(matter, at, 0.8), self.close, matter)

    def close(self, matter: Matter, at: datetime) -> None:
        """The closing standard is met."""
        if self._held("close", matter, at):
            return
        moves.close(matter.id, by=self.actor(self._clerk(matter, at), at), at=at)
        self.turns.closed(matter, at)
        self._ask(matter, at)

    def _ask(self, matter: Matter, at: datetime) -> None:
        if matter.resident_id is None:
            return
        if matter.arrival.plot and self._held("rate", matter, at):
            return
        if matter.random.random() < 0.42:
            self.then(at + timedelta(hours=matter.random.uniform(0.2, 30)), self.rate, matter)
        elif matter.random.random() < 0.2:
            self.then(self.work_hours(matter, at, 4), self.call, matter)
        else:
            self.then(self.work_hours(matter, at, 7), self.rate_by_call, matter)

    def call(self, matter: Matter, at: datetime) -> None:
        """Nobody answers yet."""
        if not self._held("rate", matter, at):
            self.turns.missed(matter, self._caller(matter), at)

    def _caller(self, matter: Matter) -> str:
        return matter.random.choice(("yao", "yao", "caller-2"))

    def rate(self, matter: Matter, at: datetime) -> None:
        """The reporter says how it was."""
        self._answer(matter, "", at)

    def rate_by_call(self, matter: Matter, at: datetime) -> None:
        """The reporter says it on the telephone."""
        self._answer(matter, self._caller(matter), at)

    def _answer(self, matter: Matter, caller: str, at: datetime) -> None:
        if self._held("rate", matter, at):
            return
        if caller and not self.turns.waits_for_call(matter, at):
            return
        answer = matter.random.choices(list(ANSWERS), list(ANSWERS.values()))[0]
        if answer is Answer.UNREACHABLE and caller:
            matter.missing = True
            self.turns.missed(matter, caller, at)
            return
        answer = Answer.SATISFIED if answer is Answer.UNREACHABLE else answer
        again = answer is Answer.UNSATISFIED and not matter.reopened and matter.random.random() < 0.6
        said = texts.REOPEN if again else texts.COMPLAINT if answer is Answer.UNSATISFIED else texts.PRAISE
        words = matter.random.choice(said)
        if caller:
            self.turns.answered(matter, caller, at, answer, words, reopen=again)
        elif again:
            moves.reopen(matter.id, by=matter.reporter, at=at, reason=words)
        else:
            moves.rate(matter.id, by=matter.reporter, at=at, answer=answer, comment=words)
        if again:
            matter.reopened = True
            self.then(self._soon(matter, at, 60), self.dispatch, matter)
        elif answer is Answer.UNSATISFIED:
            self.turns.unhappy(matter, at)
