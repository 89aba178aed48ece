"""Turns that a case may take beside the plain way: each by the town's own action, drawn for a few cases in a hundred.

They draw from numbers of their own, so that the plain way of the other cases stays what it was.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from linli.cases import queries as cases
from linli.cases.actions import charging, leaving, merging, moves, supervising, wishes
from linli.cases.words import Answer, Desk, Source, State
from linli.followup import actions as followup
from linli.followup import queries as following
from linli.followup.actions import Said
from linli.followup.words import Outcome, Solved
from linli.kernel.access import SYSTEM
from linli.kernel.ids import uuid7

from . import sayings

if TYPE_CHECKING:
    from .history import History, Matter

NEIGHBOUR = {"CG": "HW", "HW": "CG", "SZ": "LH", "LH": "SZ", "GA": "PA", "PA": "GA"}
"""To whom a dispatcher sends by mistake what is another's."""
CALLED = (Source.RESIDENT, Source.HOTLINE, Source.PHONE, Source.WALK_IN)
MISSED = (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.OFF, Outcome.LATER)


class Turns:
    """The turns of one history."""

    def __init__(self, history: History) -> None:
        self.history = history

    # Before it is dispatched

    def twin(self, matter: Matter, at: datetime) -> None:
        """Now and then a second person reports the same."""
        arrival = matter.arrival
        if arrival.fast or matter.main or arrival.source not in CALLED or matter.spice.random() > 0.03:
            return
        text = matter.spice.choice(sayings.SECOND_REPORTS).format(text=arrival.text)
        other = (arrival.resident or 1) % 400 + 7
        later = at + timedelta(minutes=matter.spice.uniform(4, 25))
        self.history.add(replace(arrival, at=later, text=text, resident=other), main=matter)

    def merged(self, matter: Matter, clerk: str, at: datetime) -> bool:
        """Whether it was merged into what the first reporter told, which is still open."""
        if matter.main is None:
            return False
        first = cases.case_for(SYSTEM, matter.main.id)
        if State(first.state) not in {
            State.REPORTED,
            State.ACCEPTED,
            State.REGISTERED,
            State.DISPATCHED,
            State.HANDLING,
        }:
            return False
        by, note = self.history.actor(clerk, at), matter.spice.choice(sayings.MERGE_NOTES)
        merging.merge(matter.id, by=by, at=at, into=first.id, note=note)
        return True

    def left(self, matter: Matter, clerk: str, at: datetime) -> bool:
        """Whether it was passed out of the town's loop."""
        if matter.arrival.stop or matter.arrival.source not in CALLED or matter.spice.random() > 0.012:
            return False
        reason, note = matter.spice.choice(sayings.TRANSFERS)
        by = self.history.actor(clerk, at)
        leaving.transfer_out(matter.id, by=by, at=at, reason=reason, note=note)
        return True

    # Who answers for it

    def astray(self, matter: Matter) -> UUID | None:
        """A department that is not the right one, for a few."""
        wrong = NEIGHBOUR.get(matter.kind.responsible, "")
        plain = wrong and not matter.arrival.stop and not matter.reopened and not matter.returned
        return self.history.town.departments[wrong] if plain and matter.spice.random() < 0.035 else None

    def give_back(self, matter: Matter, at: datetime) -> None:
        """Whoever was charged says that it is not theirs."""
        code = matter.charged
        if code not in sayings.RETURNS:
            self.history.sign(matter, at)
            return
        reason, basis = sayings.RETURNS[code]
        by = self.history.actor(matter.handler, at)
        charging.return_case(matter.id, by=by, at=at, reason=reason, basis=basis, reason_code="not_ours")
        matter.returned += 1
        hours = matter.spice.uniform(0.3, 1.2)
        step = self.rule if matter.returned > 1 else self.again
        self.history.then(self.history.work_hours(matter, at, hours), step, matter)

    def again(self, matter: Matter, at: datetime) -> None:
        """It goes to the right department, which one time in three gives it back as well."""
        note = matter.spice.choice(sayings.AGAIN_NOTES)
        case = charging.dispatch(matter.id, by=self.history.actor("lu", at), at=at, note=note)
        self.history.charge(matter, case)
        step = self.give_back if matter.spice.random() < 0.35 else self.history.sign
        self.history.then(self.history.work_hours(matter, at, 0.8), step, matter)

    def rule(self, matter: Matter, at: datetime) -> None:
        """The duty chief says who answers for it."""
        office = self.history.town.departments[matter.kind.responsible]
        by, reason = self.history.actor("qian", at), matter.spice.choice(sayings.RULINGS)
        case = charging.rule_on(matter.id, by=by, at=at, department=office, reason=reason)
        self.history.charge(matter, case)
        self.history.then(self.history.work_hours(matter, at, 0.8), self.history.sign, matter)

    # In hand

    def contact(self, matter: Matter, at: datetime) -> None:
        """The handler speaks with the reporter."""
        text = matter.spice.choice(sayings.CONTACTS)
        moves.contact(matter.id, by=self.history.actor(matter.handler, at), at=at, text=text)
        self.history.work(matter, at)

    def wish(self, matter: Matter, at: datetime) -> bool:
        """Whether the handler asked for more time or for a rest: a few, with days left."""
        if matter.arrival.stop or matter.due is None or matter.due - at < timedelta(hours=30):
            return False
        draw, by = matter.spice.random(), self.history.actor(matter.handler, at)
        limit = matter.kind.default.limit
        if draw < 0.055 and limit.amount >= 2:
            amount = int(limit.amount // 2)
            reason = matter.spice.choice(sayings.EXTENSIONS)
            wishes.ask_extension(matter.id, by=by, at=at, amount=amount, reason=reason)
            step = self.more_time
        elif draw < 0.075:
            matter.until = at + timedelta(days=matter.spice.randint(3, 9))
            reason = matter.spice.choice(sayings.SUSPENSIONS)
            wishes.ask_suspension(matter.id, by=by, at=at, until=matter.until, reason=reason)
            step = self.rest
        else:
            return False
        self.history.then(self.history.work_hours(matter, at, 1.5), step, matter)
        return True

    def more_time(self, matter: Matter, at: datetime) -> None:
        """The dispatcher decides on more time."""
        by = self.history.actor("lu", at)
        if matter.spice.random() < 0.3:
            reason = matter.spice.choice(sayings.EXTENSION_NO)
            wishes.refuse_extension(matter.id, by=by, at=at, reason=reason)
        else:
            note = matter.spice.choice(sayings.EXTENSION_YES)
            matter.due = wishes.grant_extension(matter.id, by=by, at=at, note=note).due_at
        self.history.finish(matter, at)

    def rest(self, matter: Matter, at: datetime) -> None:
        """The duty chief lets it rest; it goes on by itself when the day has come."""
        by, note = self.history.actor("qian", at), matter.spice.choice(sayings.SUSPENSION_YES)
        wishes.grant_suspension(matter.id, by=by, at=at, note=note)
        assert matter.until is not None
        self.history.then(self.history.work_hours(matter, matter.until, 4), self.history.hand_in, matter)

    def card(self, matter: Matter, at: datetime) -> None:
        """Late: a card from above."""
        matter.watcher = matter.spice.choice(("qian", "jian"))
        colour = "red" if matter.spice.random() < 0.25 else "yellow"
        by, text = self.history.actor(matter.watcher, at), matter.spice.choice(sayings.CARDS[colour])
        supervising.supervise(matter.id, by=by, at=at, card=colour, text=text)
        self.history.then(self.history.work_hours(matter, at, 2), self.reply, matter)

    def reply(self, matter: Matter, at: datetime) -> None:
        """The handler answers it and finishes."""
        by, text = self.history.actor(matter.handler, at), matter.spice.choice(sayings.REPLIES)
        supervising.reply(matter.id, by=by, at=at, text=text)
        self.history.then(self.history.work_hours(matter, at, 1), self.lift, matter)

    def lift(self, matter: Matter, at: datetime) -> None:
        """The card is taken back."""
        by, note = self.history.actor(matter.watcher, at), matter.spice.choice(sayings.LIFTED)
        supervising.lift(matter.id, by=by, at=at, note=note)
        self.history.then(self.history.work_hours(matter, at, 1), self.history.hand_in, matter)

    # After closing

    def closed(self, matter: Matter, at: datetime) -> None:
        """Whoever was late may appeal."""
        if matter.late and matter.charged and not matter.reopened and matter.spice.random() < 0.3:
            self.history.then(self.history.work_hours(matter, at, 3), self.appeal, matter)

    def _still_closed(self, matter: Matter) -> bool:
        case = cases.case_for(SYSTEM, matter.id)
        return State(case.state) in {State.CLOSED, State.FOLLOWED_UP} and not case.reopens

    def appeal(self, matter: Matter, at: datetime) -> None:
        """The department asks that being late be not counted."""
        if not self._still_closed(matter):
            return
        reason = matter.spice.choice(sayings.APPEALS)
        wishes.appeal(matter.id, by=self.history.actor(matter.handler, at), at=at, reason=reason)
        self.history.then(self.history.work_hours(matter, at, 4), self.first_voice, matter)

    def first_voice(self, matter: Matter, at: datetime) -> None:
        """The duty chief thinks so, or not."""
        if not self._still_closed(matter):
            return
        by = self.history.actor("qian", at)
        if matter.spice.random() < 0.3:
            wishes.refuse_appeal(matter.id, by=by, at=at, reason=matter.spice.choice(sayings.DISMISSED))
            return
        wishes.grant_appeal(matter.id, by=by, at=at, note=sayings.UPHELD[0])
        self.history.then(self.history.work_hours(matter, at, 6), self.second_voice, matter)

    def second_voice(self, matter: Matter, at: datetime) -> None:
        """The auditor too."""
        if self._still_closed(matter):
            by = self.history.actor("jian", at)
            wishes.grant_appeal(matter.id, by=by, at=at, note=sayings.UPHELD[1])

    def waits_for_call(self, matter: Matter, at: datetime) -> bool:
        """Whether the reporter is still to be called: they may have said before that they want no calls."""
        case = cases.case_for(SYSTEM, matter.id)
        open_ = case.state == State.CLOSED and case.desk == Desk.CALL_BACK
        return open_ and following.opted_out(case.reporter_id, at) is None

    def missed(self, matter: Matter, caller: str, at: datetime) -> None:
        """A call that reached nobody; whoever is never reached is tried again and again."""
        if not self.waits_for_call(matter, at):
            return
        by, write = self.history.actor(caller, at), uuid7(at)
        if matter.spice.random() < 0.05:
            said = Said(
                Outcome.REFUSED, words=sayings.REFUSED_CALL, no_more_calls=matter.spice.random() < 0.5
            )
            followup.log_call(matter.id, said, id=write, by=by, at=at)
            return
        said = Said(matter.spice.choice(MISSED), words=matter.spice.choice(sayings.NOT_REACHED))
        if followup.log_call(matter.id, said, id=write, by=by, at=at).answer:
            return
        if matter.missing:
            tries = following.tries(following.calls_of(cases.case_for(SYSTEM, matter.id)))
            later = following.next_try(tries, at) + timedelta(minutes=matter.spice.uniform(1, 50))
            self.history.then(later, self.history.call, matter)
        else:
            self.history.then(self.history.work_hours(matter, at, 5), self.history.rate_by_call, matter)

    def answered(self, matter: Matter, caller: str, at: datetime, answer: Answer, words: str, *, reopen: bool) -> None:  # fmt: skip
        """A call that was answered: solved or not, how content, and whether it is taken up again."""
        solved = Solved.NO if reopen else SOLVED.get(answer, Solved.YES)
        said = Said(Outcome.REACHED, solved, answer, words, reopen, words if reopen else "")
        followup.log_call(matter.id, said, id=uuid7(at), by=self.history.actor(caller, at), at=at)

    def unhappy(self, matter: Matter, at: datetime) -> None:
        """The department may ask that an unhappy answer be left out of the rates."""
        if matter.charged and matter.spice.random() < 0.4:
            self.history.then(self.history.work_hours(matter, at, 4), self.ask_exclusion, matter)

    def ask_exclusion(self, matter: Matter, at: datetime) -> None:
        """The handler asks."""
        if not self._still_closed(matter):
            return
        reason, words = matter.spice.choice(sayings.EXCLUSIONS)
        by = self.history.actor(matter.handler, at)
        matter.asked = followup.ask_exclusion(
            matter.id, reason=reason, words=words, id=uuid7(at), by=by, at=at
        ).id
        self.history.then(self.history.work_hours(matter, at, 6), self.decide_exclusion, matter)

    def decide_exclusion(self, matter: Matter, at: datetime) -> None:
        """Another decides; against a refusal the handler may appeal, and the third hears it."""
        assert matter.asked is not None
        granted, by = matter.spice.random() < 0.5, self.history.actor("jian", at)
        words = matter.spice.choice(sayings.EXCLUSION_YES if granted else sayings.EXCLUSION_NO)
        followup.decide_exclusion(matter.asked, granted=granted, words=words, by=by, at=at)
        if not granted and matter.spice.random() < 0.5:
            self.history.then(self.history.work_hours(matter, at, 3), self.appeal_exclusion, matter)

    def appeal_exclusion(self, matter: Matter, at: datetime) -> None:
        """The handler does not agree; the duty chief hears it."""
        assert matter.asked is not None
        by = self.history.actor(matter.handler, at)
        followup.appeal_exclusion(matter.asked, words=sayings.EXCLUSION_APPEAL, by=by, at=at)


SOLVED = {Answer.NEUTRAL: Solved.PARTLY, Answer.MOSTLY: Solved.YES, Answer.UNSATISFIED: Solved.NO}
